/* SPDX-License-Identifier: MIT */
/* Named pipes in numbers: what an idle instance costs beside busy ones, and how long a thousand
 * clients wait that come at once. */
#include <libcomm/pipes.h>

#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ours.h"

#define IDLE 10000
#define ACTIVE 100
#define PER_INSTANCE 3 /* descriptors at each end: the socket and two bells */
#define SPARE 300      /* descriptors for everything else */
#define QUOTA 4096u

#define CROWD 1000
#define CROWD_PROCESSES 10
#define CROWD_THREADS (CROWD / CROWD_PROCESSES)
#define CROWD_SMOKE 10 /* threads */

struct instance {
    HANDLE pipe;
    OVERLAPPED ov;
    char message[BENCH_BYTES];
};

static unsigned idle_wanted(void)
{
    size_t room = bench_descriptors((IDLE + ACTIVE) * PER_INSTANCE + SPARE);
    size_t most = (room - SPARE) / PER_INSTANCE - ACTIVE;

    if (bench_smoke())
        return IDLE / 100;
    return most < IDLE ? (unsigned)most : IDLE;
}

static const char *pipe_name(pid_t owner)
{
    static char name[64];

    snprintf(name, sizeof name, "\\\\.\\pipe\\scale%d", (int)owner);
    return name;
}

static struct instance *instances_new(unsigned count)
{
    struct instance *instance = calloc(count, sizeof *instance);

    bench_need(instance != NULL, "calloc");
    memset(instance, 0, count * sizeof *instance); /* touched before anybody measures */
    return instance;
}

static void instance_open(struct instance *instance, HANDLE port, ULONG_PTR key)
{
    instance->pipe = CreateNamedPipe(pipe_name(getpid()), PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED,
                                     PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE,
                                     PIPE_UNLIMITED_INSTANCES, QUOTA, QUOTA, 0, NULL);
    bench_check(instance->pipe != INVALID_HANDLE_VALUE, "CreateNamedPipe");
    bench_check(CreateIoCompletionPort(instance->pipe, port, key, 0) == port,
                "CreateIoCompletionPort");
}

static HANDLE client_open(const char *name)
{
    HANDLE pipe = CreateFile(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);

    bench_check(pipe != INVALID_HANDLE_VALUE, "CreateFile");
    return pipe;
}

/* ---- idle instances ---- */

/* The clients' process: opens as many as it is told, each time, and echoes what comes to the first
 * ones. */
struct order {
    unsigned count;
    bool echo;
};

static void clients_serve(int fd)
{
    static HANDLE active[ACTIVE];
    const char *name = pipe_name(getppid());
    struct order order = {.echo = false};

    while (!order.echo && read(fd, &order, sizeof order) == sizeof order) {
        for (unsigned i = 0; i < order.count; i++) {
            HANDLE pipe = client_open(name);

            if (order.echo)
                active[i] = pipe;
        }
        bench_need(write(fd, "!", 1) == 1, "write");
    }
    for (;;) {
        for (unsigned i = 0; i < ACTIVE; i++) {
            char message[BENCH_BYTES];
            DWORD n;

            bench_check(ReadFile(active[i], message, BENCH_BYTES, &n, NULL), "ReadFile");
            bench_check(WriteFile(active[i], message, n, &n, NULL), "WriteFile");
        }
    }
}

static void clients_come(int fd, unsigned count, bool echo)
{
    struct order order = {count, echo};
    char byte;

    bench_need(write(fd, &order, sizeof order) == sizeof order, "write");
    bench_need(read(fd, &byte, 1) == 1, "read");
}

/* A message to each; `quiet` is an event that keeps the port out of it. */
static void ask(struct instance *active, HANDLE quiet)
{
    for (unsigned i = 0; i < ACTIVE; i++) {
        OVERLAPPED ov = {.hEvent = (HANDLE)((uintptr_t)quiet | 1)};
        char message[BENCH_BYTES] = "request";
        BOOL done = WriteFile(active[i].pipe, message, BENCH_BYTES, NULL, &ov);
        DWORD n;

        bench_check(done || GetLastError() == ERROR_IO_PENDING, "WriteFile");
        bench_check(GetOverlappedResult(active[i].pipe, &ov, &n, TRUE), "WriteFile");
    }
}

/* Takes the answers from the port, and reads for the next. */
static void hear(HANDLE port)
{
    for (unsigned i = 0; i < ACTIVE; i++) {
        OVERLAPPED *ov = NULL;
        ULONG_PTR key = 0;
        DWORD count = 0;
        struct instance *which;

        bench_check(GetQueuedCompletionStatus(port, &count, &key, &ov, INFINITE) &&
                        count == BENCH_BYTES && key == 1,
                    "GetQueuedCompletionStatus");
        which = (struct instance *)(void *)((char *)ov - offsetof(struct instance, ov));
        bench_pend(which->pipe, which->message, &which->ov);
    }
}

/* Instances with clients, and a read pending at each. */
static void connect_many(struct instance *instance, unsigned count, HANDLE port, int clients,
                         bool echo)
{
    for (unsigned i = 0; i < count; i++)
        instance_open(&instance[i], port, echo ? 1 : 2);
    clients_come(clients, count, echo);
    for (unsigned i = 0; i < count; i++)
        bench_pend(instance[i].pipe, instance[i].message, &instance[i].ov);
}

/* The memory of an idle one, after one that brought the library's own along. */
static double connect_idle(struct instance *still, unsigned idle, HANDLE port, int clients)
{
    double before, after;

    bench_private_bytes(); /* stdio's own buffer */
    connect_many(&still[IDLE], 1, port, clients, false);
    before = bench_private_bytes();
    if (idle == 0)
        return 0;
    connect_many(still, idle, port, clients, false);
    after = bench_private_bytes();
    return (after - before) / idle;
}

/* ns and cpu_ns are of a completion, extra is the memory of an idle instance. */
static struct bench_sample part_port(unsigned count, unsigned idle)
{
    struct instance *active = instances_new(ACTIVE), *still = instances_new(IDLE + 1);
    unsigned laps_wanted = count / ACTIVE + 2;
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0), quiet;
    struct bench_sample sample;
    struct bench_laps laps;
    double memory;
    int fd[2];

    bench_check(port != NULL, "CreateIoCompletionPort");
    bench_stream_pair(fd);
    bench_peer_start(clients_serve, fd[1]);
    close(fd[1]);
    memory = connect_idle(still, idle, port, fd[0]);
    connect_many(active, ACTIVE, port, fd[0], true);
    quiet = bench_event(TRUE);
    ask(active, quiet);
    hear(port);
    laps = bench_laps_new(laps_wanted);
    for (unsigned i = 0; i < laps_wanted; i++) {
        bench_lap_begin(&laps);
        ask(active, quiet);
        hear(port);
        bench_lap_end(&laps);
    }
    sample = bench_laps_done(&laps, ACTIVE);
    sample.extra = memory;
    return sample;
}

static struct bench_sample part_alone(unsigned count)
{
    return part_port(count, 0);
}

static struct bench_sample part_beside(unsigned count)
{
    return part_port(count, idle_wanted());
}

static void figures_of_idle(void)
{
    static bench_part *const part[] = {part_alone, part_beside};
    struct bench_table t = bench_rounds(part, 2, 10000, BENCH_PINNED);
    unsigned idle = idle_wanted();

    bench_figure("pipe.idle.memory", bench_median(&t, 1, BENCH_EXTRA),
                 "and %d descriptors and a page that both ends share; %u instances", PER_INSTANCE,
                 idle);
    bench_figure("pipe.idle.port", bench_ratio(&t, 1, 0, BENCH_NS),
                 "per completion %.2f us beside %u idle instances; without %.2f us",
                 bench_median(&t, 1, BENCH_NS) / 1e3, idle, bench_median(&t, 0, BENCH_NS) / 1e3);
}

/* ---- a thousand at once ---- */

/* In memory that all processes of the part share. */
static struct crowd {
    _Atomic unsigned ready, served;
    _Atomic uint32_t gate; /* a futex: 1 when the race is on */
    char name[64];
} * crowd;

static void *crowd_client(void *arg)
{
    char message[BENCH_BYTES] = "request", answer[BENCH_BYTES];
    HANDLE pipe;
    DWORD n;

    atomic_fetch_add(&crowd->ready, 1);
    while (atomic_load(&crowd->gate) == 0)
        syscall(SYS_futex, &crowd->gate, FUTEX_WAIT, 0, NULL, NULL, 0);
    pipe = client_open(crowd->name);
    bench_check(WriteFile(pipe, message, BENCH_BYTES, &n, NULL), "WriteFile");
    bench_check(ReadFile(pipe, answer, BENCH_BYTES, &n, NULL) && n == BENCH_BYTES, "ReadFile");
    CloseHandle(pipe);
    atomic_fetch_add(&crowd->served, 1);
    return arg;
}

static unsigned crowd_threads(void)
{
    return bench_smoke() ? CROWD_SMOKE : CROWD_THREADS;
}

static unsigned crowd_size(void)
{
    return crowd_threads() * CROWD_PROCESSES;
}

static void crowd_process(int fd)
{
    pthread_t thread[CROWD_THREADS];
    pthread_attr_t small;

    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 128 * 1024);
    for (unsigned i = 0; i < crowd_threads(); i++)
        bench_need(pthread_create(&thread[i], &small, crowd_client, NULL) == 0, "pthread_create");
    for (unsigned i = 0; i < crowd_threads(); i++)
        pthread_join(thread[i], NULL);
    bench_need(write(fd, "!", 1) == 1, "write");
}

/* Echoes one message of each of the clients; how it went is seen by those. */
static void crowd_serve(HANDLE port)
{
    for (unsigned left = crowd_size(); left > 0;) {
        OVERLAPPED *ov = NULL;
        ULONG_PTR key = 0;
        DWORD count = 0;
        struct instance *which;
        BOOL well = GetQueuedCompletionStatus(port, &count, &key, &ov, INFINITE);

        bench_check(ov != NULL, "GetQueuedCompletionStatus");
        which = (struct instance *)(void *)((char *)ov - offsetof(struct instance, ov));
        if (!well) { /* it has got its answer and is gone */
            left--;
        } else if (count == 0) {
            bench_check(ReadFile(which->pipe, which->message, BENCH_BYTES, NULL, &which->ov) ||
                            GetLastError() == ERROR_IO_PENDING,
                        "ReadFile");
        } else {
            OVERLAPPED out = {.hEvent = (HANDLE)((uintptr_t)bench_event(TRUE) | 1)};
            DWORD n;

            (void)WriteFile(which->pipe, which->message, count, NULL, &out);
            bench_check(GetOverlappedResult(which->pipe, &out, &n, TRUE), "WriteFile");
            CloseHandle((HANDLE)((uintptr_t)out.hEvent - 1));
            if (!ReadFile(which->pipe, which->message, BENCH_BYTES, NULL, &which->ov) &&
                GetLastError() != ERROR_IO_PENDING)
                left--;
        }
    }
}

/* ns is from the start until the last client has its answer. */
static struct bench_sample part_crowd(unsigned unused)
{
    struct instance *instance = instances_new(crowd_size());
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    double began_ns;
    int fd[2];
    char byte;

    (void)unused;
    bench_need((bench_descriptors(CROWD * PER_INSTANCE * 2 + SPARE)) > CROWD * PER_INSTANCE + SPARE,
               "setrlimit");
    snprintf(crowd->name, sizeof crowd->name, "%s", pipe_name(getpid()));
    atomic_store(&crowd->ready, 0);
    atomic_store(&crowd->served, 0);
    atomic_store(&crowd->gate, 0);
    bench_stream_pair(fd);
    for (unsigned i = 0; i < CROWD_PROCESSES; i++)
        bench_peer_start(crowd_process, fd[1]);
    close(fd[1]);
    for (unsigned i = 0; i < crowd_size(); i++) {
        instance_open(&instance[i], port, 1);
        bench_check(!ConnectNamedPipe(instance[i].pipe, &instance[i].ov) &&
                        GetLastError() == ERROR_IO_PENDING,
                    "ConnectNamedPipe");
    }
    while (atomic_load(&crowd->ready) < crowd_size())
        usleep(1000);
    began_ns = bench_now_ns();
    atomic_store(&crowd->gate, 1);
    syscall(SYS_futex, &crowd->gate, FUTEX_WAKE, CROWD, NULL, NULL, 0);
    crowd_serve(port);
    began_ns = bench_now_ns() - began_ns;
    for (unsigned i = 0; i < CROWD_PROCESSES; i++)
        bench_need(read(fd[0], &byte, 1) == 1, "a process of clients");
    bench_need(atomic_load(&crowd->served) == crowd_size(), "a client was not served");
    return (struct bench_sample){.ns = began_ns};
}

static void figure_of_crowd(void)
{
    static bench_part *const part[] = {part_crowd};
    struct bench_table t;

    crowd = mmap(NULL, sizeof *crowd, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bench_need(crowd != MAP_FAILED, "mmap");
    t = bench_rounds(part, 1, 1, BENCH_ANYWHERE);
    bench_figure("pipe.crowd", bench_median(&t, 0, BENCH_NS) / 1e6,
                 "%u clients in %d processes open, ask, hear and close; worst of %u: %.0f ms",
                 crowd_size(), CROWD_PROCESSES, t.rounds, bench_worst(&t, 0, BENCH_NS) / 1e6);
}

int main(int argc, char **argv)
{
    bench_begin(argc, argv);
    setenv("LIBCOMM_PIPE_DIR", bench_directory(), 1);
    figures_of_idle();
    figure_of_crowd();
    return bench_end();
}
