/* SPDX-License-Identifier: MIT */
/* fork() at any moment of other threads' calls: the child can use the library at once, with new
 * objects and with those it inherited, and the parent does not notice. */
#include "harness.h"
#include "stress.h"

#include <libcomm/native.h>

#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN true
#endif
#if __has_feature(thread_sanitizer)
const char *__tsan_default_options(void);
/* The child of a program with threads makes threads: that is what is tested. */
const char *__tsan_default_options(void)
{
    return "die_after_fork=0";
}
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN false
#endif

enum { THREADS = 4, FORKS = 200, CHILD_LIMIT_S = 30 };
enum { LONG_MS = 20000 }; /* a wait that must be satisfied */

struct pair {
    HANDLE end[2];
};

static bool pair_open(struct pair *p)
{
    int fd[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0)
        return false;
    for (int i = 0; i < 2; i++)
        p->end[i] = CommWrapFd(fd[i], COMM_KIND_STREAM, GENERIC_READ | GENERIC_WRITE, 0);
    return p->end[0] != INVALID_HANDLE_VALUE && p->end[1] != INVALID_HANDLE_VALUE;
}

static bool pair_close(struct pair *p)
{
    return CloseHandle(p->end[0]) && CloseHandle(p->end[1]);
}

/* ---- the parent's work ---- */

struct worker {
    pthread_t thread;
    uint64_t random;
    unsigned number;
    struct pair mine;
    _Atomic unsigned rounds;
};

static _Atomic bool stop;
static HANDLE shared_port;

/* At the moment of a fork all are at work; while the child lives only one is, in turn, so that the
 * child gets a processor. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t opened;
    int only; /* guarded by lock: who may work; -1: everybody */
} gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, -1};

static void gate_pass(int number)
{
    pthread_mutex_lock(&gate.lock);
    while (gate.only >= 0 && gate.only != number)
        pthread_cond_wait(&gate.opened, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
}

static void gate_set(int only)
{
    pthread_mutex_lock(&gate.lock);
    gate.only = only;
    pthread_cond_broadcast(&gate.opened);
    pthread_mutex_unlock(&gate.lock);
}

/* A read pends, data comes, the wait brings it: and only what this thread wrote. */
static bool round_of_transfer(struct worker *w)
{
    OVERLAPPED in = {0}, out = {0};
    char got[64] = "", sent[64];
    DWORD n = 0, len = 1 + stress_random(&w->random) % sizeof sent;
    bool fine;

    memset(sent, (int)w->number + 'a', sizeof sent);
    in.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    fine = in.hEvent != NULL && !ReadFile(w->mine.end[0], got, sizeof got, NULL, &in) &&
           GetLastError() == ERROR_IO_PENDING;
    fine = fine && WriteFile(w->mine.end[1], sent, len, &n, &out) && n == len;
    fine = fine && WaitForSingleObject(in.hEvent, LONG_MS) == WAIT_OBJECT_0 &&
           GetOverlappedResult(w->mine.end[0], &in, &n, FALSE) && n == len &&
           memcmp(got, sent, len) == 0;
    return CloseHandle(in.hEvent) && fine;
}

static bool round_of_objects(struct worker *w)
{
    char name[32];
    HANDLE h[3];
    DWORD result;

    snprintf(name, sizeof name, "fork-%u", stress_random(&w->random) % 8);
    h[0] = CreateSemaphoreA(NULL, 1, 4, NULL);
    h[1] = CreateEventA(NULL, TRUE, TRUE, stress_random(&w->random) % 2 ? name : NULL);
    h[2] = CreateMutexA(NULL, FALSE, NULL);
    result = WaitForMultipleObjects(3, h, TRUE, 0);
    return CloseHandle(h[0]) && CloseHandle(h[1]) && ReleaseMutex(h[2]) && CloseHandle(h[2]) &&
           result == WAIT_OBJECT_0;
}

static void count_up(ULONG_PTR counter)
{
    (*(unsigned *)counter)++;
}

static bool round_of_waits(struct worker *w)
{
    LARGE_INTEGER due = {.QuadPart = -(int64_t)(stress_random(&w->random) % 3000)};
    HANDLE timer = CreateWaitableTimerA(NULL, TRUE, NULL);
    unsigned ran = 0;
    bool fine = QueueUserAPC(count_up, GetCurrentThread(), (ULONG_PTR)&ran) != 0 &&
                SleepEx(LONG_MS, TRUE) == WAIT_IO_COMPLETION && ran == 1;

    fine = fine && SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE) &&
           WaitForSingleObject(timer, LONG_MS) == WAIT_OBJECT_0;
    return CloseHandle(timer) && fine;
}

static bool round_of_packets(struct worker *w)
{
    OVERLAPPED *ov;
    ULONG_PTR key;
    DWORD n;

    return PostQueuedCompletionStatus(shared_port, w->number, 7, NULL) &&
           GetQueuedCompletionStatus(shared_port, &n, &key, &ov, LONG_MS) && key == 7;
}

static void *work(void *arg)
{
    static bool (*const rounds[])(struct worker *) = {round_of_transfer, round_of_objects,
                                                      round_of_waits, round_of_packets};
    struct worker *w = arg;

    while (!atomic_load(&stop)) {
        gate_pass((int)w->number);
        if (!HOLDS(rounds[stress_random(&w->random) % ARRAY_LEN(rounds)](w)))
            break;
        atomic_fetch_add(&w->rounds, 1);
    }
    return NULL;
}

/* ---- the child ---- */

/* What the parent made before it forked, and only the child uses meanwhile. */
struct heirloom {
    struct pair plain, ported;
    HANDLE port, set_event, unset_event, mutex;
};

/* The harness belongs to the parent. */
#define CHILD(condition)                                                                 \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            fprintf(stderr, "child: line %d: %s, last error %u\n", __LINE__, #condition, \
                    (unsigned)GetLastError());                                           \
            _exit(1);                                                                    \
        }                                                                                \
    } while (0)

static void child_transfers(struct pair *p)
{
    OVERLAPPED in = {.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)}, out = {0};
    char got[8] = "";
    DWORD n = 0;

    CHILD(!ReadFile(p->end[0], got, sizeof got, NULL, &in) && GetLastError() == ERROR_IO_PENDING);
    CHILD(WaitForSingleObject(in.hEvent, 1) == WAIT_TIMEOUT);
    CHILD(WriteFile(p->end[1], "hello", 5, &n, &out) && n == 5);
    CHILD(WaitForSingleObject(in.hEvent, LONG_MS) == WAIT_OBJECT_0);
    CHILD(GetOverlappedResult(p->end[0], &in, &n, FALSE) && n == 5 && memcmp(got, "hello", 5) == 0);
    CHILD(CloseHandle(in.hEvent));
}

/* Nobody waits for this one: the child's own engine serves it. */
static void child_is_served(struct pair *p)
{
    OVERLAPPED in = {0}, out = {0};
    char got[8];
    DWORD n;

    CHILD(!ReadFile(p->end[0], got, sizeof got, NULL, &in) && GetLastError() == ERROR_IO_PENDING);
    CHILD(WriteFile(p->end[1], "x", 1, &n, &out));
    for (int64_t give_up = stress_now_ms() + LONG_MS; !HasOverlappedIoCompleted(&in);)
        CHILD(stress_now_ms() < give_up);
    CHILD(in.InternalHigh == 1);
}

static void child_takes_packets(HANDLE port, struct pair *p, ULONG_PTR expected)
{
    OVERLAPPED in = {0}, out = {0}, *ov = NULL;
    char got[8];
    ULONG_PTR key = 0;
    DWORD n = 0;

    CHILD(!ReadFile(p->end[0], got, sizeof got, NULL, &in) && GetLastError() == ERROR_IO_PENDING);
    CHILD(!GetQueuedCompletionStatus(port, &n, &key, &ov, 1) && GetLastError() == WAIT_TIMEOUT);
    CHILD(WriteFile(p->end[1], "four", 4, &n, &out));
    CHILD(GetQueuedCompletionStatus(port, &n, &key, &ov, LONG_MS));
    CHILD(ov == &in && key == expected && n == 4);
}

static DWORD WINAPI child_thread(void *event)
{
    return SetEvent(event) ? 42 : 1;
}

static void child_runs_threads(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    HANDLE both[2] = {event, CreateThread(NULL, 0, child_thread, event, 0, NULL)};
    DWORD code = 0;

    CHILD(both[1] != NULL);
    CHILD(WaitForMultipleObjects(2, both, TRUE, LONG_MS) == WAIT_OBJECT_0);
    CHILD(GetExitCodeThread(both[1], &code) && code == 42);
    CHILD(CloseHandle(both[1]) && CloseHandle(event));
}

static void child_keeps_time(void)
{
    LARGE_INTEGER due = {.QuadPart = -10000};
    HANDLE timer = CreateWaitableTimerA(NULL, TRUE, NULL);

    CHILD(SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE));
    CHILD(WaitForSingleObject(timer, LONG_MS) == WAIT_OBJECT_0 && CloseHandle(timer));
}

static void child_names_things(void)
{
    for (unsigned i = 0; i < 8; i++) {
        char name[32];
        HANDLE event;

        snprintf(name, sizeof name, "fork-%u", i); /* the parent's threads make and close these */
        event = CreateEventA(NULL, TRUE, FALSE, name);
        CHILD(event != NULL && SetEvent(event));
        CHILD(WaitForSingleObject(event, 0) == WAIT_OBJECT_0 && CloseHandle(event));
    }
}

static void child_inherits(struct heirloom *old, HANDLE parents_thread)
{
    unsigned ran = 0;

    CHILD(WaitForSingleObject(old->set_event, 0) == WAIT_OBJECT_0);
    CHILD(WaitForSingleObject(old->unset_event, 1) == WAIT_TIMEOUT);
    CHILD(SetEvent(old->unset_event));
    CHILD(WaitForSingleObject(old->unset_event, LONG_MS) == WAIT_OBJECT_0);
    CHILD(ReleaseMutex(old->mutex)); /* the forking thread owned it, and is the one that is here */
    CHILD(WaitForSingleObject(old->mutex, 0) == WAIT_OBJECT_0);
    CHILD(WaitForSingleObject(parents_thread, LONG_MS) == WAIT_OBJECT_0);
    CHILD(QueueUserAPC(count_up, GetCurrentThread(), (ULONG_PTR)&ran) != 0);
    CHILD(SleepEx(LONG_MS, TRUE) == WAIT_IO_COMPLETION && ran == 1);
    child_transfers(&old->plain);
    child_takes_packets(old->port, &old->ported, 11);
}

static _Noreturn void child(struct heirloom *old, HANDLE parents_thread)
{
    struct pair fresh, ported;
    HANDLE port;

    alarm(CHILD_LIMIT_S); /* a child that hangs dies of it, which the parent sees */
    child_inherits(old, parents_thread);
    CHILD(pair_open(&fresh));
    child_transfers(&fresh);
    child_is_served(&fresh);
    child_keeps_time();
    child_names_things();
    child_runs_threads();
    CHILD(pair_open(&ported));
    port = CreateIoCompletionPort(ported.end[0], NULL, 5, 0);
    CHILD(port != NULL);
    child_takes_packets(port, &ported, 5);
    CHILD(pair_close(&fresh) && pair_close(&ported) && CloseHandle(port));
    _exit(0);
}

/* ---- the test ---- */

static void heirloom_make(struct heirloom *old)
{
    CHECK(pair_open(&old->plain) && pair_open(&old->ported));
    old->port = CreateIoCompletionPort(old->ported.end[0], NULL, 11, 0);
    CHECK(old->port != NULL);
    old->set_event = CreateEventA(NULL, TRUE, TRUE, NULL);
    old->unset_event = CreateEventA(NULL, FALSE, FALSE, NULL);
    old->mutex = CreateMutexA(NULL, TRUE, NULL);
}

static void heirloom_close(struct heirloom *old)
{
    CHECK(WaitForSingleObject(old->unset_event, 0) == WAIT_TIMEOUT); /* the children set theirs */
    CHECK(ReleaseMutex(old->mutex));
    CHECK(!ReleaseMutex(old->mutex));
    CHECK(pair_close(&old->plain) && pair_close(&old->ported));
    CHECK(CloseHandle(old->port) && CloseHandle(old->set_event) && CloseHandle(old->unset_event) &&
          CloseHandle(old->mutex));
}

static bool fork_once(struct heirloom *old, HANDLE thread, unsigned long nth)
{
    pid_t pid;
    int status = 0;
    bool fine;

    fflush(stdout);
    pid = fork();
    if (pid == 0)
        child(old, thread);
    gate_set((int)(nth % THREADS));
    fine = HOLDS(pid > 0) && HOLDS(waitpid(pid, &status, 0) == pid) &&
           comm_check(status == 0, __FILE__, __LINE__, "a child ended with status 0x%x",
                      (unsigned)status);
    gate_set(-1);
    return fine;
}

static DWORD WINAPI wait_for_it(void *event)
{
    return WaitForSingleObject(event, INFINITE);
}

static void workers_start(struct worker *workers)
{
    uint64_t seed = stress_seed();

    atomic_store(&stop, false);
    shared_port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.number = i, .random = seed + i};
        CHECK(pair_open(&workers[i].mine));
        workers[i].thread = comm_spawn(work, &workers[i]);
    }
}

static void workers_end(struct worker *workers)
{
    atomic_store(&stop, true);
    for (unsigned i = 0; i < THREADS; i++) {
        comm_join(workers[i].thread);
        CHECK(atomic_load(&workers[i].rounds) > 0);
        CHECK(pair_close(&workers[i].mine));
    }
    CHECK(CloseHandle(shared_port));
}

struct progress {
    struct worker *workers;
    unsigned before[THREADS];
};

static bool all_went_on(void *arg)
{
    struct progress *p = arg;

    for (unsigned i = 0; i < THREADS; i++)
        if (atomic_load(&p->workers[i].rounds) == p->before[i])
            return false;
    return true;
}

/* Every one of them has finished something since, and is in the middle of something now. */
static bool all_go_on(struct worker *workers)
{
    struct progress p = {.workers = workers};

    for (unsigned i = 0; i < THREADS; i++)
        p.before[i] = atomic_load(&workers[i].rounds);
    return comm_wait_until(all_went_on, &p);
}

/* Its allocator is not made whole in the child of a process with threads: such a child hangs in the
 * sanitizer itself. */
static void skip_under_asan(void)
{
    if (UNDER_ASAN)
        comm_test_skip("the address sanitizer does not survive fork() in a program with threads");
}

static void a_child_uses_the_library_and_its_parent_does_not_notice(void)
{
    unsigned long forks = stress_setting("COMM_STRESS_FORKS", FORKS);
    struct worker workers[THREADS];
    struct heirloom old;
    struct pair pending;
    OVERLAPPED in = {0}, out = {0};
    HANDLE release, thread;
    char got[4];
    DWORD n = 0;

    skip_under_asan();
    release = CreateEventA(NULL, TRUE, FALSE, NULL);
    thread = CreateThread(NULL, 0, wait_for_it, release, 0, NULL);
    heirloom_make(&old);
    CHECK(pair_open(&pending));
    in.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    CHECK(!ReadFile(pending.end[0], got, sizeof got, NULL, &in));
    workers_start(workers);
    for (unsigned long i = 0; i < forks && all_go_on(workers) && fork_once(&old, thread, i); i++)
        continue;
    all_go_on(workers);
    workers_end(workers);

    CHECK(!HasOverlappedIoCompleted(&in)); /* no child took it for its own */
    CHECK(WriteFile(pending.end[1], "mine", 4, &n, &out));
    CHECK(GetOverlappedResult(pending.end[0], &in, &n, TRUE) && n == 4);
    CHECK(pair_close(&pending) && CloseHandle(in.hEvent));
    CHECK(SetEvent(release) && WaitForSingleObject(thread, LONG_MS) == WAIT_OBJECT_0);
    CHECK(CloseHandle(thread) && CloseHandle(release));
    heirloom_close(&old);
}

static void *fork_from_a_stranger(void *arg)
{
    pid_t pid = fork(); /* this thread has never called the library */
    int status = 0;

    (void)arg;
    if (pid == 0) {
        struct pair fresh;

        alarm(CHILD_LIMIT_S);
        CHILD(pair_open(&fresh));
        child_transfers(&fresh);
        child_runs_threads();
        _exit(0);
    }
    HOLDS(waitpid(pid, &status, 0) == pid && status == 0);
    return NULL;
}

static void a_thread_the_library_does_not_know_may_fork(void)
{
    struct worker workers[THREADS];

    skip_under_asan();
    workers_start(workers);
    for (unsigned i = 0; i < FORKS / 10; i++)
        comm_join(comm_spawn(fork_from_a_stranger, NULL));
    workers_end(workers);
}

COMM_TEST_MAIN(TEST(a_child_uses_the_library_and_its_parent_does_not_notice),
               TEST(a_thread_the_library_does_not_know_may_fork))
