/* SPDX-License-Identifier: MIT */
/* One thread issues a read while another closes the handle, a hundred thousand times.  The
 * descriptor's number is reused at once for a bait: a read that came too late would eat it. */
#include "pair.h"

#include <sched.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ROUNDS 10000u
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define ROUNDS 10000u
#endif
#endif
#ifndef ROUNDS
#define ROUNDS 100000u
#endif

/* Both threads go round together.  They spin: a barrier's futex would line them up too neatly. */
struct race {
    struct pair pair;
    HANDLE port;
    struct request request;
    BOOL done; /* the reader's call */
    DWORD error;
    _Atomic unsigned go, issued;
};

static void await(const _Atomic unsigned *counter, unsigned value)
{
    for (unsigned spins = 1; atomic_load(counter) < value; spins++)
        if (spins % 64 == 0)
            sched_yield();
}

static void *issue(void *arg)
{
    struct race *race = arg;

    for (unsigned i = 1; i <= ROUNDS; i++) {
        await(&race->go, i);
        race->done = ReadFile(race->pair.near, race->request.buf, 1, NULL, &race->request.ov);
        race->error = race->done ? 0 : GetLastError();
        atomic_store(&race->issued, i);
    }
    return NULL;
}

/* What takes the closed descriptor's place, with one byte to be had. */
struct bait {
    int fd[2];
};

static void bait_lay(struct bait *bait)
{
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, bait->fd), 0);
    CHECK_EQ(write(bait->fd[1], "!", 1), 1);
}

static void bait_is_untouched(struct bait *bait)
{
    char byte = 0;

    CHECK_EQ(recv(bait->fd[0], &byte, 1, MSG_DONTWAIT), 1);
    close(bait->fd[0]);
    close(bait->fd[1]);
}

/* A call that said 997 has one completion, whoever came first; any other has none. */
static bool outcome_is_right(struct race *race)
{
    OVERLAPPED *ov = NULL;
    ULONG_PTR key;
    DWORD n;

    if (!CHECK_EQ(race->done, FALSE))
        return false;
    (void)GetQueuedCompletionStatus(race->port, &n, &key, &ov, 0);
    if (race->error != ERROR_IO_PENDING)
        return CHECK_EQ(race->error, ERROR_INVALID_HANDLE) && CHECK(ov == NULL) &&
               CHECK_EQ(request_status(&race->request), STATUS_PENDING);
    if (!CHECK(ov == &race->request.ov) ||
        !CHECK_EQ(request_status(&race->request), STATUS_PIPE_BROKEN))
        return false;
    (void)GetQueuedCompletionStatus(race->port, &n, &key, &ov, 0);
    return CHECK(ov == NULL);
}

/* Before the read, after it, or at any moment of it. */
static bool close_now_or_then(struct race *race, unsigned i)
{
    bool closed = i % 8 == 0 && CHECK(CloseHandle(race->pair.near));

    atomic_store(&race->go, i);
    if (i % 8 == 1)
        await(&race->issued, i);
    for (volatile unsigned late = 0; late < i % 512; late++)
        ;
    return closed || CHECK(CloseHandle(race->pair.near));
}

static bool one_round(struct race *race, unsigned i)
{
    struct bait bait;
    bool right;

    pair_open(&race->pair, 0);
    request_open(&race->request, false);
    CHECK(CreateIoCompletionPort(race->pair.near, race->port, 0, 0) == race->port);
    right = close_now_or_then(race, i);
    bait_lay(&bait);
    await(&race->issued, i);
    right = right && outcome_is_right(race);
    bait_is_untouched(&bait);
    race->pair.near = NULL;
    pair_close(&race->pair);
    return right;
}

static void a_read_that_races_with_the_close_completes_once_or_was_never_issued(void)
{
    struct race race = {.go = 0};
    unsigned pended = 0;
    pthread_t issuer;
    bool right = true;

    race.port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    issuer = comm_spawn(issue, &race);
    for (unsigned i = 1; i <= ROUNDS; i++) {
        if (right)
            right = one_round(&race, i);
        else
            atomic_store(&race.go, i); /* the issuer counts on */
        pended += race.error == ERROR_IO_PENDING;
    }
    comm_join(issuer);
    CHECK(pended >= ROUNDS / 8); /* as often as the read came first on purpose */
    CHECK(pended <= ROUNDS - ROUNDS / 8);
    CHECK(CloseHandle(race.port));
}

COMM_TEST_MAIN(TEST(a_read_that_races_with_the_close_completes_once_or_was_never_issued))
