/* SPDX-License-Identifier: MIT */
/* A fork in the middle of other threads' everyday calls: the child can make the same calls, and
 * waits for nobody who is not there. */
#include "harness.h"

#include <libcomm/compat.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static HANDLE heap;
static char value[1 << 20];
static _Atomic bool stop;

static bool everyday_calls_work(void)
{
    char *block = HeapAlloc(heap, 0, 100);
    char *pages = VirtualAlloc(NULL, 4096, MEM_COMMIT, PAGE_READWRITE);
    char small[8];
    bool fine = block != NULL && pages != NULL;

    fine &= SetEnvironmentVariableA("COMM_TEST_FORK", "x");
    fine &= GetEnvironmentVariableA("COMM_TEST_FORK", small, 8) == 1;
    fine &= HeapFree(heap, 0, block) != FALSE;
    fine &= VirtualFree(pages, 0, MEM_RELEASE) != FALSE;
    return fine && *GetCommandLineA() != '\0';
}

/* A long value, so that the lock is held for a good part of the time. */
static void *make_calls(void *arg)
{
    while (!stop) {
        SetEnvironmentVariableA(arg, value);
        everyday_calls_work();
    }
    SetEnvironmentVariableA(arg, NULL);
    return arg;
}

static void the_locks_of_others_are_free_in_it(void)
{
    static char names[2][16] = {"COMM_TEST_ONE", "COMM_TEST_OTHER"};
    pthread_t busy[2];

#ifdef __SANITIZE_ADDRESS__
    comm_test_skip("the address sanitizer's own allocator does not survive a fork of busy threads");
#endif
    heap = HeapCreate(0, 0, 0);
    memset(value, 'v', sizeof(value) - 1);
    stop = false;
    for (size_t i = 0; i < ARRAY_LEN(busy); i++)
        busy[i] = comm_spawn(make_calls, names[i]);
    for (int round = 0; round < 100; round++) {
        int status = -1;
        pid_t child = fork();

        if (child == 0) {
            alarm(20); /* a child that waits for a lock would wait for ever */
            _exit(everyday_calls_work() ? 0 : 1);
        }
        if (!CHECK(waitpid(child, &status, 0) == child) || !CHECK_EQ(status, 0))
            break;
    }
    stop = true;
    for (size_t i = 0; i < ARRAY_LEN(busy); i++)
        comm_join(busy[i]);
    CHECK(HeapDestroy(heap));
    SetEnvironmentVariableA("COMM_TEST_FORK", NULL);
}

COMM_TEST_MAIN(TEST(the_locks_of_others_are_free_in_it))
