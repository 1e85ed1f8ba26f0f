/* SPDX-License-Identifier: MIT */
/* SetEvent and a wait that finds it set stay in user space: a child process does them under a
 * filter that kills it for any system call but its own exit. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "objects.h"

enum { ROUNDS = 1000 };

/* 0, or why the kernel does not let us. */
static int allow_only_exit(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = {.len = ARRAY_LEN(code), .filter = code};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return errno;
    return 0;
}

/* _exit() would first run what a sanitizer has to say. */
static _Noreturn void leave(int status)
{
    for (;;)
        syscall(SYS_exit_group, status);
}

enum { EXIT_NO_FILTER = 77 };

/* A thread's first call makes it known to the library, which costs something; so the work is done
 * once before. */
static _Noreturn void be_the_child(int (*work)(HANDLE *on), HANDLE *on)
{
    if (work(on) != 0)
        leave(1);
    leave(allow_only_exit() != 0 ? EXIT_NO_FILTER : work(on));
}

/* Does the work under the filter; the child's wait status, or a skip. */
static int status_of(int (*work)(HANDLE *on), HANDLE *on)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0)
        be_the_child(work, on);
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NO_FILTER)
        comm_test_skip("no seccomp filters here");
    return status;
}

static int set_and_wait(HANDLE *on)
{
    for (int i = 0; i < ROUNDS; i++) {
        if (!SetEvent(on[0]) || WaitForSingleObject(on[0], INFINITE) != WAIT_OBJECT_0)
            return 1;
        if (!SetEvent(on[1]) || WaitForSingleObject(on[1], 0) != WAIT_OBJECT_0 ||
            !ResetEvent(on[1]))
            return 2;
        if (WaitForSingleObject(on[0], 0) != WAIT_TIMEOUT)
            return 3;
    }
    return 0;
}

static int set_and_wait_for_two(HANDLE *on)
{
    for (int i = 0; i < ROUNDS; i++) {
        if (!SetEvent(on[1]) || WaitForMultipleObjects(2, on, FALSE, INFINITE) != WAIT_OBJECT_0 + 1)
            return 1;
        if (!SetEvent(on[0]) || WaitForMultipleObjects(2, on, TRUE, INFINITE) != WAIT_OBJECT_0)
            return 2;
        if (!ResetEvent(on[1]))
            return 3;
    }
    return 0;
}

static int ask_for_the_process(HANDLE *on)
{
    (void)on;
    return syscall(SYS_getppid) < 0;
}

static void check_no_call(int (*work)(HANDLE *on))
{
    HANDLE on[2] = {auto_event(FALSE), manual_event(FALSE)};
    int status = status_of(work, on);

    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), 0);
    CHECK(CloseHandle(on[0]) && CloseHandle(on[1]));
}

static void setting_and_a_satisfied_wait_make_no_system_call(void)
{
    check_no_call(set_and_wait);
}

static void nor_do_satisfied_waits_for_several(void)
{
    check_no_call(set_and_wait_for_two);
}

static void any_other_call_would_have_been_noticed(void)
{
    int status = status_of(ask_for_the_process, NULL);

    CHECK(WIFSIGNALED(status));
}

COMM_TEST_MAIN(TEST(setting_and_a_satisfied_wait_make_no_system_call),
               TEST(nor_do_satisfied_waits_for_several),
               TEST(any_other_call_would_have_been_noticed))
