/* SPDX-License-Identifier: MIT */
/* A cancel meets the completion of the same request, ten thousand times: the request ends in one of
 * the two ways, once, and what it did not take the next one finds. */
#include "waits.h"

#include <sched.h>
#include <stdatomic.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ROUNDS 2000u
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define ROUNDS 2000u
#endif
#endif
#ifndef ROUNDS
#define ROUNDS 10000u
#endif

struct race {
    struct port *port;
    unsigned rounds;
    struct request request; /* an auto-reset event: a second signal would show */
    DWORD events;
    _Atomic unsigned go, gone, tried;
    unsigned ended[2]; /* by themselves, by the cancel */
};

static void await(const _Atomic unsigned *counter, unsigned value)
{
    for (unsigned spins = 1; atomic_load(counter) < value; spins++)
        if (spins % 64 == 0)
            sched_yield();
}

/* By up to `most` turns of a loop; how long one takes depends on the machine, so the range is wide.
 */
static void be_late(unsigned i, unsigned salt, unsigned most)
{
    unsigned turns = ((i + salt) * 2654435761u >> 8) % most >> i % 6;

    for (volatile unsigned late = 0; late < turns; late++)
        ;
}

static void *cancel(void *arg)
{
    struct race *race = arg;

    for (unsigned i = 1; i <= race->rounds; i++) {
        await(&race->go, i);
        atomic_store(&race->gone, i);
        be_late(i, 7, 65536);
        if (!CancelIoEx(race->port->near, &race->request.ov))
            CHECK_EQ(GetLastError(), ERROR_NOT_FOUND);
        atomic_store(&race->tried, i);
    }
    return NULL;
}

/* The other thread is off, and this one begins at about the same time; every other time it does not
 * wait for that, for on a busy machine one of two threads is always late. */
static void let_go(struct race *race, unsigned i)
{
    atomic_store(&race->go, i);
    if (i / 2 % 2 == 0)
        await(&race->gone, i);
    be_late(i, 0, 16384);
}

static void race_open(struct race *race, struct port *port)
{
    memset(race, 0, sizeof *race);
    race->port = port;
    race->rounds = port_less(port, ROUNDS);
    port_open(port, FILE_FLAG_OVERLAPPED);
    race->request.ov.hEvent = CreateEventA(NULL, FALSE, FALSE, NULL);
    CHECK(race->request.ov.hEvent != NULL);
}

static void race_close(struct race *race, pthread_t thread)
{
    comm_join(thread);
    request_close(&race->request);
    printf("      %u completed, %u were cancelled\n", race->ended[0], race->ended[1]);
}

/* Signalled once, with a status and a count that belong together.  Whether it completed. */
static bool ends_once(struct race *race, DWORD whole)
{
    struct request *request = &race->request;
    bool done;

    CHECK_EQ(WaitForSingleObject(request->ov.hEvent, SOON_MS), WAIT_OBJECT_0);
    done = request_status(request) == STATUS_SUCCESS;
    request_ends("raced", request, done ? STATUS_SUCCESS : STATUS_CANCELLED, done ? whole : 0);
    race->ended[!done]++;
    return done;
}

/* Still the same after the other thread is through with it. */
static bool stays(struct race *race, bool done, DWORD whole)
{
    request_ends("afterwards", &race->request, done ? STATUS_SUCCESS : STATUS_CANCELLED,
                 done ? whole : 0);
    return CHECK_EQ(WaitForSingleObject(race->request.ov.hEvent, 0), WAIT_TIMEOUT);
}

static bool started(BOOL ok)
{
    return CHECK(ok || GetLastError() == ERROR_IO_PENDING);
}

static void a_read_is_cancelled_or_has_its_byte(struct port *port)
{
    struct race race;
    pthread_t thread;
    unsigned char sent = 0, expected = 0;
    bool fine = true;

    race_open(&race, port);
    thread = comm_spawn(cancel, &race);
    for (unsigned i = 1; i <= race.rounds; i++) {
        bool done;

        fine = fine && started(ReadFile(port->near, race.request.buf, 1, NULL, &race.request.ov));
        let_go(&race, i);
        if (fine && sent == expected)
            port_send(port, &sent, 1), sent++;
        done = fine && ends_once(&race, 1);
        await(&race.tried, i);
        fine = fine && stays(&race, done, 1);
        if (done)
            fine = CHECK_EQ((unsigned char)race.request.buf[0], expected++);
    }
    CHECK_EQ(race.ended[0] + race.ended[1], race.rounds);
    CHECK(port_wait_queued(port, (unsigned char)(sent - expected)));
    race_close(&race, thread);
}

/* What a cancelled wait did not report is reported to the next one. */
static void a_wait_is_cancelled_or_reports_its_event(struct port *port)
{
    struct race race;
    pthread_t thread;
    bool fine, told = true;

    race_open(&race, port);
    fine = CHECK(SetCommMask(port->near, EV_RXCHAR));
    thread = comm_spawn(cancel, &race);
    for (unsigned i = 1; i <= race.rounds; i++) {
        bool done;

        race.events = UNSEEN;
        fine = fine && started(WaitCommEvent(port->near, &race.events, &race.request.ov));
        let_go(&race, i);
        if (fine && told)
            port_send(port, "x", 1), told = false;
        done = fine && ends_once(&race, sizeof(DWORD));
        await(&race.tried, i);
        fine = fine && stays(&race, done, sizeof(DWORD)) &&
               CHECK_EQ(race.events, done ? EV_RXCHAR : UNSEEN);
        told = told || done;
    }
    CHECK_EQ(race.ended[0] + race.ended[1], race.rounds);
    race_close(&race, thread);
}

/* Held until then: released and cancelled at the same moment.  What it says left has left. */
static void a_write_is_cancelled_or_has_left(struct port *port)
{
    struct race race;
    pthread_t thread;
    unsigned char byte = 0, got;
    bool fine = true;

    race_open(&race, port);
    thread = comm_spawn(cancel, &race);
    for (unsigned i = 1; i <= race.rounds; i++, byte++) {
        bool done;

        fine = fine && CHECK(EscapeCommFunction(port->near, SETXOFF)) &&
               started(WriteFile(port->near, &byte, 1, NULL, &race.request.ov));
        let_go(&race, i);
        fine = fine && CHECK(EscapeCommFunction(port->near, SETXON));
        done = fine && ends_once(&race, 1);
        await(&race.tried, i);
        fine = fine && stays(&race, done, 1);
        if (done)
            fine = port_receive(port, &got, 1) && CHECK_EQ(got, byte);
    }
    CHECK_EQ(port_take(port, &got, 1), 0);
    CHECK_EQ(race.ended[0] + race.ended[1], race.rounds);
    race_close(&race, thread);
}

PORT_TEST_MAIN(ON_BOTH(a_read_is_cancelled_or_has_its_byte),
               ON_BOTH(a_wait_is_cancelled_or_reports_its_event),
               ON_BOTH(a_write_is_cancelled_or_has_left))
