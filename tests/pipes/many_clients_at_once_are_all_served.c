/* SPDX-License-Identifier: MIT */
/* Clients of several processes that all come at the same moment: with an instance for each nobody
 * is turned away, and with too few each hears that the pipe is busy, waits and is served. */
#include "connected.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "child.h"

enum { PROCESSES = 4, THREADS = 15, CLIENTS = PROCESSES * THREADS, FEW = 8, QUOTA = 512 };

/* In memory that all processes share. */
static struct {
    char name[AT_NAME];
    _Atomic unsigned ready, served, busy;
    _Atomic DWORD error; /* of the first call that failed in another way than it may */
} * crowd;

static int gate[2]; /* a pipe whose end lets everybody in */

static void *failed(DWORD error)
{
    DWORD none = 0;

    (void)atomic_compare_exchange_strong(&crowd->error, &none, error);
    return NULL;
}

static HANDLE client_open(void)
{
    for (;;) {
        HANDLE pipe = CreateFileA(crowd->name, BOTH_WAYS, 0, NULL, OPEN_EXISTING, 0, NULL);

        if (pipe != INVALID_HANDLE_VALUE || GetLastError() != ERROR_PIPE_BUSY)
            return pipe;
        atomic_fetch_add(&crowd->busy, 1);
        if (!WaitNamedPipeA(crowd->name, NMPWAIT_WAIT_FOREVER))
            return INVALID_HANDLE_VALUE;
    }
}

static void *client_live(void *arg)
{
    char said[8] = "request", heard[8] = "";
    DWORD count = 0;
    HANDLE pipe;

    atomic_fetch_add(&crowd->ready, 1);
    if (read(gate[0], heard, 1) != 0) /* until it is closed */
        return failed(ERROR_INVALID_DATA);
    pipe = client_open();
    if (pipe == INVALID_HANDLE_VALUE || !WriteFile(pipe, said, sizeof said, &count, NULL) ||
        !ReadFile(pipe, heard, sizeof heard, &count, NULL) || !CloseHandle(pipe))
        return failed(GetLastError());
    if (count == sizeof said && memcmp(said, heard, sizeof said) == 0)
        atomic_fetch_add(&crowd->served, 1);
    return arg;
}

static int child_brings_clients(void *unused)
{
    pthread_t thread[THREADS];

    (void)unused;
    close(gate[1]);
    for (unsigned i = 0; i < THREADS; i++)
        thread[i] = comm_spawn(client_live, NULL);
    for (unsigned i = 0; i < THREADS; i++)
        comm_join(thread[i]);
    return 0;
}

/* ---- the server ---- */

struct instance {
    OVERLAPPED ov; /* first: a packet leads here */
    HANDLE pipe;
    bool connected;
    char bytes[8];
};

static void instance_connect(struct instance *i)
{
    i->connected = false;
    memset(&i->ov, 0, sizeof i->ov);
    if (ConnectNamedPipe(i->pipe, &i->ov) || GetLastError() == ERROR_IO_PENDING)
        return;
    CHECK_EQ(GetLastError(), ERROR_PIPE_CONNECTED); /* and no packet tells of it */
    i->connected = true;
    CHECK(ReadFile(i->pipe, i->bytes, sizeof i->bytes, NULL, &i->ov) ||
          GetLastError() == ERROR_IO_PENDING);
}

static void instance_answer(struct instance *i)
{
    OVERLAPPED ov = {.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
    HANDLE event = ov.hEvent;
    DWORD count = 0;

    ov.hEvent = (HANDLE)((uintptr_t)event | 1); /* no packet */
    (void)WriteFile(i->pipe, i->bytes, sizeof i->bytes, NULL, &ov);
    CHECK(GetOverlappedResult(i->pipe, &ov, &count, TRUE));
    CHECK(CloseHandle(event));
}

/* True: it has served its client, and that has gone. */
static bool instance_step(struct instance *i, bool well)
{
    if (i->connected && !well) {
        CHECK(DisconnectNamedPipe(i->pipe));
        instance_connect(i);
        return true;
    }
    if (i->connected)
        instance_answer(i);
    i->connected = true;
    if (ReadFile(i->pipe, i->bytes, sizeof i->bytes, NULL, &i->ov) ||
        GetLastError() == ERROR_IO_PENDING)
        return false;
    CHECK_EQ(GetLastError(), ERROR_BROKEN_PIPE);
    return instance_step(i, false);
}

static void serve_all(HANDLE port)
{
    for (unsigned left = CLIENTS; left > 0 && atomic_load(&crowd->error) == 0;) {
        OVERLAPPED *ov = NULL;
        ULONG_PTR key;
        DWORD count;
        BOOL well = GetQueuedCompletionStatus(port, &count, &key, &ov, PATIENCE_MS * 6);

        if (!CHECK(ov != NULL))
            return;
        left -= instance_step((struct instance *)(void *)ov, well);
    }
}

static void come(unsigned instances)
{
    struct instance *instance = calloc(instances, sizeof *instance);
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    struct at_pipe shape = one_pipe(MESSAGES, QUOTA);

    shape.max = PIPE_UNLIMITED_INSTANCES;
    for (unsigned i = 0; i < instances; i++) {
        instance[i].pipe = made(at_create(here, crowd->name, shape));
        CHECK(CreateIoCompletionPort(instance[i].pipe, port, 1, 0) == port);
        instance_connect(&instance[i]);
    }
    close(gate[1]);
    serve_all(port);
    for (unsigned i = 0; i < instances; i++)
        CHECK(CloseHandle(instance[i].pipe));
    CHECK(CloseHandle(port));
    free(instance);
}

static bool all_are_ready(void *unused)
{
    (void)unused;
    return atomic_load(&crowd->ready) == CLIENTS;
}

/* The processes are there before this one has made any call. */
static void check_crowd(unsigned instances)
{
    struct child child[PROCESSES];

    crowd = mmap(NULL, sizeof *crowd, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(crowd != MAP_FAILED);
    strcpy(crowd->name, fresh_name(""));
    CHECK_EQ(pipe2(gate, O_CLOEXEC), 0);
    for (unsigned i = 0; i < PROCESSES; i++)
        child[i] = child_start(child_brings_clients, NULL);
    comm_wait_until(all_are_ready, NULL);
    come(instances);
    for (unsigned i = 0; i < PROCESSES; i++)
        CHECK_EQ(child_line(&child[i]), 0);
    CHECK_EQ(atomic_load(&crowd->error), 0);
    CHECK_EQ(atomic_load(&crowd->served), CLIENTS);
    if (instances >= CLIENTS)
        CHECK_EQ(atomic_load(&crowd->busy), 0);
    close(gate[0]);
    munmap(crowd, sizeof *crowd);
}

static void with_an_instance_each_nobody_is_turned_away(void)
{
    check_crowd(CLIENTS);
}

static void with_few_instances_each_waits_for_its_turn(void)
{
    check_crowd(FEW);
}

FAR_TEST_MAIN(TEST(with_an_instance_each_nobody_is_turned_away),
              TEST(with_few_instances_each_waits_for_its_turn))
