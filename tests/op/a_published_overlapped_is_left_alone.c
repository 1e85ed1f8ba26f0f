/* SPDX-License-Identifier: MIT */
/* Who sees a final status owns the OVERLAPPED: it may be freed or filled with something else at
 * that instant, while the completing thread is still on its way to the event, the routine or the
 * port. */
#include "pair.h"

#include <stdatomic.h>
#include <string.h>

#define ROUNDS 300

enum told_by { TOLD_BY_EVENT, TOLD_BY_HANDLE, TOLD_BY_PORT };

/* One thread waits and so completes; the other watches Internal and takes the memory back. */
struct scene {
    enum told_by by;
    struct pair pair;
    HANDLE event, port;
    struct request request;
    pthread_barrier_t round;
};

static void completer_waits(struct scene *s)
{
    DWORD n;
    ULONG_PTR key;
    OVERLAPPED *ov;

    if (s->by == TOLD_BY_PORT) {
        CHECK_EQ(GetQueuedCompletionStatus(s->port, &n, &key, &ov, PATIENCE_MS), TRUE);
        CHECK(ov == &s->request.ov);
    } else {
        HANDLE told = s->by == TOLD_BY_EVENT ? s->event : s->pair.near;

        CHECK_EQ(WaitForSingleObject(told, PATIENCE_MS), WAIT_OBJECT_0);
    }
}

static void *complete(void *arg)
{
    struct scene *s = arg;

    for (int i = 0; i < ROUNDS; i++) {
        pthread_barrier_wait(&s->round);
        completer_waits(s);
        pthread_barrier_wait(&s->round);
    }
    return NULL;
}

static bool all_are(const void *memory, size_t len, unsigned char value)
{
    const unsigned char *byte = memory;

    for (size_t i = 0; i < len; i++)
        if (byte[i] != value)
            return false;
    return true;
}

static void one_round(struct scene *s)
{
    request_open(&s->request, false);
    s->request.ov.hEvent = s->event;
    request_pends(&s->request, s->pair.near, 1);
    pthread_barrier_wait(&s->round);
    pair_send(&s->pair, "x", 1);
    while (!request_is_final(&s->request))
        ;
    memset(&s->request.ov, 0xEE, sizeof s->request.ov);
    pthread_barrier_wait(&s->round); /* the completer is back */
    CHECK(all_are(&s->request.ov, sizeof s->request.ov, 0xEE));
}

static void scene_play(enum told_by by)
{
    struct scene s = {.by = by};
    pthread_t completer;

    pair_open(&s.pair, 0);
    if (by == TOLD_BY_EVENT)
        s.event = CreateEvent(NULL, TRUE, FALSE, NULL);
    if (by == TOLD_BY_PORT)
        s.port = CreateIoCompletionPort(s.pair.near, NULL, 0, 0);
    pthread_barrier_init(&s.round, NULL, 2);
    completer = comm_spawn(complete, &s);
    for (int i = 0; i < ROUNDS; i++)
        one_round(&s);
    comm_join(completer);
    pthread_barrier_destroy(&s.round);
    if (s.event != NULL)
        CHECK(CloseHandle(s.event));
    if (s.port != NULL)
        CHECK(CloseHandle(s.port));
    pair_close(&s.pair);
}

static void after_publication_nobody_touches_it_with_an_event(void)
{
    scene_play(TOLD_BY_EVENT);
}

static void after_publication_nobody_touches_it_without_one(void)
{
    scene_play(TOLD_BY_HANDLE);
}

static void after_publication_nobody_touches_it_with_a_port(void)
{
    scene_play(TOLD_BY_PORT);
}

COMM_TEST_MAIN(TEST(after_publication_nobody_touches_it_with_an_event),
               TEST(after_publication_nobody_touches_it_without_one),
               TEST(after_publication_nobody_touches_it_with_a_port))
