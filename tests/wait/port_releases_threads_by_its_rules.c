/* SPDX-License-Identifier: MIT */
/* Who of several waiting threads runs: the one that began to wait last, no more at a time than the
 * port allows, and all of them when the port is closed. */
#include "asleep.h"
#include "pair.h"

#include <stdatomic.h>

enum { THREADS = 4 };

/* A thread that takes one packet. */
struct taker {
    HANDLE port;
    struct sleeper sleeper;
    BOOL taken;
    DWORD error;
    ULONG_PTR key;
    OVERLAPPED *ov;
    DWORD n;
    _Atomic bool back;
    pthread_t thread;
};

static void taker_takes(struct taker *t, DWORD timeout_ms)
{
    t->n = 77;
    t->key = 77;
    t->ov = (OVERLAPPED *)(void *)t;
    t->taken = GetQueuedCompletionStatus(t->port, &t->n, &t->key, &t->ov, timeout_ms);
    t->error = t->taken ? 0 : GetLastError();
    atomic_store(&t->back, true);
}

static void *take_one(void *arg)
{
    struct taker *t = arg;

    sleeper_announce(&t->sleeper);
    taker_takes(t, INFINITE);
    return NULL;
}

static bool is_back(void *taker)
{
    return atomic_load(&((struct taker *)taker)->back);
}

/* Each begins to wait only when the one before really sleeps. */
static void takers_start(struct taker *t, size_t count, HANDLE port)
{
    for (size_t i = 0; i < count; i++) {
        t[i] = (struct taker){.port = port};
        t[i].thread = comm_spawn(take_one, &t[i]);
        wait_until_asleep(&t[i].sleeper);
    }
}

static void posts_release_the_most_recent_first(HANDLE port)
{
    struct taker t[THREADS];

    takers_start(t, THREADS, port);
    for (size_t i = THREADS; i-- > 0;) {
        CHECK_EQ(PostQueuedCompletionStatus(port, 0, i, NULL), TRUE);
        if (!comm_wait_until(is_back, &t[i]))
            break;
        CHECK_EQ(t[i].key, i);
    }
    CHECK(CloseHandle(port)); /* sends home who is left, if something went wrong */
    for (size_t i = 0; i < THREADS; i++)
        comm_join(t[i].thread);
}

static void the_thread_that_began_to_wait_last_is_released_first(void)
{
    posts_release_the_most_recent_first(
        CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 2 * THREADS));
}

static void that_holds_for_a_port_with_files_too(void)
{
    struct pair p;
    struct request r;
    HANDLE port;

    pair_open(&p, 0);
    port = CreateIoCompletionPort(p.near, NULL, 0, 2 * THREADS);
    request_open(&r, false);
    CHECK(request_pends(&r, p.near, 1));
    posts_release_the_most_recent_first(port);
    pair_close(&p);
}

static struct taker *one_that_is_back(struct taker *t)
{
    for (int i = 0; i < 3; i++)
        if (is_back(&t[i]))
            return &t[i];
    return NULL;
}

static bool is_any_back(void *three)
{
    return one_that_is_back(three) != NULL;
}

/* One completion sends the thread that polled the files away; of those left the one that began to
 * wait last must still come first. */
static void that_holds_after_a_completion_released_one(void)
{
    struct taker t[3];
    struct taker *first = NULL;
    struct pair p;
    struct request r;
    HANDLE port;

    pair_open(&p, 0);
    port = CreateIoCompletionPort(p.near, NULL, 99, 2 * THREADS);
    request_open(&r, false);
    CHECK(request_pends(&r, p.near, 1));
    takers_start(t, 3, port);
    pair_send(&p, "x", 1);
    first = comm_wait_until(is_any_back, t) ? one_that_is_back(t) : &t[0];
    CHECK_EQ(first->key, 99);
    for (int i = 3; i-- > 0;) {
        if (&t[i] == first)
            continue;
        for (int j = 0; j < 3; j++)
            if (!is_back(&t[j]))
                wait_until_asleep(&t[j].sleeper);
        CHECK_EQ(PostQueuedCompletionStatus(port, 0, (ULONG_PTR)i, NULL), TRUE);
        if (!comm_wait_until(is_back, &t[i]))
            break;
        CHECK_EQ(t[i].key, i);
    }
    CHECK(CloseHandle(port));
    for (int i = 0; i < 3; i++)
        comm_join(t[i].thread);
    pair_close(&p);
}

/* ---- closing ---- */

static void closing_sends_home(HANDLE port)
{
    struct taker t[THREADS];

    takers_start(t, THREADS, port);
    CHECK(CloseHandle(port));
    for (size_t i = 0; i < THREADS; i++) {
        comm_join(t[i].thread);
        CHECK_EQ(t[i].taken, FALSE);
        CHECK_EQ(t[i].error, ERROR_ABANDONED_WAIT_0);
        CHECK(t[i].ov == NULL);
        CHECK_EQ(t[i].n, 77);
        CHECK_EQ(t[i].key, 77);
    }
}

static void closing_the_port_wakes_its_waiters_with_735(void)
{
    closing_sends_home(CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0));
}

static void closing_a_port_with_files_does_too_and_their_requests_go_on(void)
{
    struct pair p;
    struct request r;
    HANDLE port;

    pair_open(&p, 0);
    port = CreateIoCompletionPort(p.near, NULL, 0, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, p.near, 1));
    closing_sends_home(port);
    CHECK_EQ(request_status(&r), STATUS_PENDING);
    pair_send(&p, "x", 1);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("its packet was dropped", &r, STATUS_SUCCESS, 1);
    CHECK(request_pends(&r, p.near, 1));
    pair_send(&p, "x", 1);
    request_finishes(&r); /* nobody waits for it */
    pair_close(&p);
    request_close(&r);
}

static void closing_one_of_two_handles_wakes_nobody(void)
{
    struct taker t;
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0), second;

    CHECK(DuplicateHandle(GetCurrentProcess(), port, GetCurrentProcess(), &second, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    takers_start(&t, 1, port);
    CHECK(CloseHandle(port));
    CHECK(is_asleep(&t.sleeper));
    CHECK_EQ(PostQueuedCompletionStatus(second, 0, 3, NULL), TRUE);
    comm_join(t.thread);
    CHECK_EQ(t.key, 3);
    CHECK(CloseHandle(second));
}

/* ---- concurrency ---- */

/* What a thread does after it has taken its first packet, one step each time it is told to. */
enum step { COMPUTE, WAIT_FOR_EVENT, TAKE_AGAIN, TAKE_ELSEWHERE, LEAVE };

struct worker {
    struct taker taker; /* first */
    HANDLE event, other_port;
    _Atomic int step;
};

static bool was_told(void *arg)
{
    return atomic_load(&((struct worker *)arg)->step) != COMPUTE;
}

static void *work(void *arg)
{
    struct worker *w = arg;

    sleeper_announce(&w->taker.sleeper);
    taker_takes(&w->taker, INFINITE);
    comm_wait_until(was_told, w); /* it computes: no call of the library */
    if (atomic_load(&w->step) == WAIT_FOR_EVENT)
        CHECK_EQ(WaitForSingleObject(w->event, PATIENCE_MS), WAIT_OBJECT_0);
    if (atomic_load(&w->step) == TAKE_ELSEWHERE)
        w->taker.port = w->other_port;
    if (atomic_load(&w->step) == TAKE_AGAIN || atomic_load(&w->step) == TAKE_ELSEWHERE) {
        atomic_store(&w->taker.back, false);
        taker_takes(&w->taker, PATIENCE_MS);
    }
    return NULL;
}

/* Two workers on a port of concurrency 1; the second one to wait has taken a packet, and another
 * packet is there. */
struct shift {
    HANDLE port;
    struct worker first, busy;
};

static void shift_open(struct shift *s, HANDLE file)
{
    s->port = CreateIoCompletionPort(file, NULL, 0, 1);
    s->first = (struct worker){.taker = {.port = s->port}};
    s->busy = (struct worker){.taker = {.port = s->port}};
    s->first.taker.thread = comm_spawn(work, &s->first);
    wait_until_asleep(&s->first.taker.sleeper);
    s->busy.taker.thread = comm_spawn(work, &s->busy);
    wait_until_asleep(&s->busy.taker.sleeper);
    CHECK_EQ(PostQueuedCompletionStatus(s->port, 0, 1, NULL), TRUE);
    comm_wait_until(is_back, &s->busy.taker);
    CHECK_EQ(PostQueuedCompletionStatus(s->port, 0, 2, NULL), TRUE);
    CHECK(is_asleep(&s->first.taker.sleeper)); /* the port allows one, and that one computes */
}

static void shift_close(struct shift *s)
{
    CHECK(CloseHandle(s->port));
    atomic_store(&s->first.step, LEAVE);
    comm_join(s->first.taker.thread);
    comm_join(s->busy.taker.thread);
}

static void the_second_packet_waits_until_the_first_thread_blocks(void)
{
    struct shift s;

    shift_open(&s, INVALID_HANDLE_VALUE);
    s.busy.event = CreateEvent(NULL, TRUE, FALSE, NULL);
    atomic_store(&s.busy.step, WAIT_FOR_EVENT);
    CHECK(comm_wait_until(is_back, &s.first.taker));
    CHECK_EQ(s.first.taker.key, 2);
    SetEvent(s.busy.event);
    shift_close(&s);
    CHECK(CloseHandle(s.busy.event));
}

static void that_holds_when_the_held_back_thread_polls_the_files(void)
{
    struct pair p;
    struct shift s;

    pair_open(&p, 0);
    shift_open(&s, p.near);
    s.busy.event = CreateEvent(NULL, TRUE, FALSE, NULL);
    atomic_store(&s.busy.step, WAIT_FOR_EVENT);
    CHECK(comm_wait_until(is_back, &s.first.taker));
    CHECK_EQ(s.first.taker.key, 2);
    SetEvent(s.busy.event);
    shift_close(&s);
    CHECK(CloseHandle(s.busy.event));
    pair_close(&p);
}

static void the_first_thread_gets_the_second_packet_when_it_asks_again(void)
{
    struct shift s;

    shift_open(&s, INVALID_HANDLE_VALUE);
    atomic_store(&s.busy.step, TAKE_AGAIN);
    comm_join(s.busy.taker.thread);
    CHECK_EQ(s.busy.taker.key, 2);
    CHECK(is_asleep(&s.first.taker.sleeper));
    CHECK(CloseHandle(s.port));
    atomic_store(&s.first.step, LEAVE);
    comm_join(s.first.taker.thread);
    CHECK_EQ(s.first.taker.error, ERROR_ABANDONED_WAIT_0);
}

static void the_second_thread_is_released_when_the_first_one_ends(void)
{
    struct shift s;

    shift_open(&s, INVALID_HANDLE_VALUE);
    atomic_store(&s.busy.step, LEAVE);
    CHECK(comm_wait_until(is_back, &s.first.taker));
    CHECK_EQ(s.first.taker.key, 2);
    shift_close(&s);
}

/* A thread belongs to the port it asks; the one it left must not go on counting it. */
static void the_second_thread_is_released_when_the_first_one_turns_to_another_port(void)
{
    struct shift s;

    shift_open(&s, INVALID_HANDLE_VALUE);
    s.busy.other_port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    atomic_store(&s.busy.step, TAKE_ELSEWHERE);
    CHECK(comm_wait_until(is_back, &s.first.taker));
    CHECK_EQ(s.first.taker.key, 2);
    CHECK_EQ(PostQueuedCompletionStatus(s.busy.other_port, 0, 4, NULL), TRUE);
    shift_close(&s);
    CHECK_EQ(s.busy.taker.key, 4);
    CHECK(CloseHandle(s.busy.other_port));
}

/* ---- many threads ---- */

enum { CROWD = 6, PACKETS = 20000 };

struct counter {
    HANDLE port, file;
    _Atomic unsigned *left;
    unsigned seen[2]; /* posted, read */
};

static void *take_many(void *arg)
{
    struct counter *c = arg;
    ULONG_PTR key;
    OVERLAPPED *ov;
    DWORD n;

    while (GetQueuedCompletionStatus(c->port, &n, &key, &ov, INFINITE)) {
        c->seen[key]++;
        atomic_fetch_sub(c->left, 1);
        if (key == 1) /* the request begins with its OVERLAPPED */
            (void)ReadFile(c->file, ((struct request *)(void *)ov)->buf, 1, NULL, ov);
    }
    /* it waited when the port was closed, or asked after that */
    CHECK(GetLastError() == ERROR_ABANDONED_WAIT_0 || GetLastError() == ERROR_INVALID_HANDLE);
    return NULL;
}

static bool none_left(void *left)
{
    return atomic_load((_Atomic unsigned *)left) == 0;
}

static void no_packet_is_lost_or_given_twice_to_a_crowd_of_threads(void)
{
    static _Atomic unsigned left = 2 * PACKETS;
    struct counter counter[CROWD] = {0};
    pthread_t thread[CROWD];
    unsigned posted = 0, read = 0;
    struct request r;
    struct pair p;
    HANDLE port;

    pair_open(&p, 0);
    port = CreateIoCompletionPort(p.near, NULL, 1, 2);
    request_open(&r, false);
    CHECK(request_pends(&r, p.near, 1));
    for (int i = 0; i < CROWD; i++) {
        counter[i] = (struct counter){.port = port, .file = p.near, .left = &left};
        thread[i] = comm_spawn(take_many, &counter[i]);
    }
    for (int i = 0; i < PACKETS; i++) {
        CHECK_EQ(PostQueuedCompletionStatus(port, 0, 0, NULL), TRUE);
        pair_send(&p, "x", 1);
    }
    CHECK(comm_wait_until(none_left, &left));
    CHECK(CloseHandle(port));
    for (int i = 0; i < CROWD; i++) {
        comm_join(thread[i]);
        posted += counter[i].seen[0];
        read += counter[i].seen[1];
    }
    CHECK_EQ(posted, PACKETS);
    CHECK_EQ(read, PACKETS);
    pair_close(&p);
}

COMM_TEST_MAIN(TEST(the_thread_that_began_to_wait_last_is_released_first),
               TEST(that_holds_for_a_port_with_files_too),
               TEST(that_holds_after_a_completion_released_one),
               TEST(closing_the_port_wakes_its_waiters_with_735),
               TEST(closing_a_port_with_files_does_too_and_their_requests_go_on),
               TEST(closing_one_of_two_handles_wakes_nobody),
               TEST(the_second_packet_waits_until_the_first_thread_blocks),
               TEST(that_holds_when_the_held_back_thread_polls_the_files),
               TEST(the_first_thread_gets_the_second_packet_when_it_asks_again),
               TEST(the_second_thread_is_released_when_the_first_one_ends),
               TEST(the_second_thread_is_released_when_the_first_one_turns_to_another_port),
               TEST(no_packet_is_lost_or_given_twice_to_a_crowd_of_threads))
