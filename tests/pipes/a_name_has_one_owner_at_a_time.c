/* SPDX-License-Identifier: MIT */
/* Several processes and one name: one of them owns it, all may serve it, and what a dead one leaves
 * behind is in nobody's way. */
#include "connected.h"

#include "child.h"

#include <pthread.h>

enum { QUOTA = 512 };

static struct at_pipe first_pipe(void)
{
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);

    pipe.open_mode |= FILE_FLAG_FIRST_PIPE_INSTANCE;
    return pipe;
}

static void the_name_of_a_killed_process_is_free_at_once(void)
{
    const char *name = fresh_name("");
    struct place far;
    HANDLE server;

    place_open_there(&far);
    (void)make_pipe(&far, name, BYTES, QUOTA);
    CHECK_SAID(at_create(here, name, first_pipe()), ERROR_PIPE_BUSY, 0);
    place_kill(&far);
    server = made(at_create(here, name, first_pipe()));
    CHECK_SAID(at_close(here, server), 0, 0);
    place_close(&far);
}

/* ---- racing for a name ---- */

enum { RACERS = 4, RACES = 20 };

struct racer {
    struct place place;
    pthread_barrier_t *start;
    const char *name;
    struct said said;
};

static void *race_for_the_name(void *arg)
{
    struct racer *racer = arg;
    struct at_pipe pipe = first_pipe();

    pipe.max = PIPE_UNLIMITED_INSTANCES;
    pthread_barrier_wait(racer->start);
    racer->said = at_create(&racer->place, racer->name, pipe);
    return NULL;
}

static void race_once(struct racer *racers)
{
    const char *name = fresh_name("");
    pthread_t threads[RACERS];
    unsigned winners = 0;

    for (int i = 0; i < RACERS; i++) {
        racers[i].name = name;
        threads[i] = comm_spawn(race_for_the_name, &racers[i]);
    }
    for (int i = 0; i < RACERS; i++) {
        comm_join(threads[i]);
        winners += racers[i].said.ok ? 1 : 0;
        if (!racers[i].said.ok)
            CHECK(racers[i].said.error == ERROR_ACCESS_DENIED ||
                  racers[i].said.error == ERROR_PIPE_BUSY);
    }
    CHECK_EQ(winners, 1);
    for (int i = 0; i < RACERS; i++) {
        if (racers[i].said.ok)
            CHECK_SAID(at_close(&racers[i].place, racers[i].said.handle), 0, 0);
    }
}

static void of_four_who_want_to_be_first_one_is(void)
{
    struct racer racers[RACERS];
    pthread_barrier_t start;

    pthread_barrier_init(&start, NULL, RACERS);
    for (int i = 0; i < RACERS; i++) {
        racers[i].start = &start;
        place_open_there(&racers[i].place);
    }
    for (int i = 0; i < RACES; i++)
        race_once(racers);
    for (int i = 0; i < RACERS; i++)
        place_close(&racers[i].place);
    pthread_barrier_destroy(&start);
}

/* ---- two servers of one name ---- */

struct attempt {
    const char *name;
    struct said said;
};

static bool opens(void *arg)
{
    struct attempt *attempt = arg;

    attempt->said = at_open(here, attempt->name, BOTH_WAYS, FILE_FLAG_OVERLAPPED);
    return attempt->said.ok;
}

/* What the client writes arrives at this server. */
static void check_meets(struct place *place, HANDLE server, HANDLE client)
{
    struct said said;

    CHECK_SAID(at_put(here, client, "who is there", 12), 0, 12);
    said = at_get(place, server, 64);
    CHECK_SAID(said, 0, 12);
    CHECK_DATA(said, "who is there", 12);
    CHECK_EQ(at_server_pid(here, client).word[0], place->pid);
}

static void two_processes_serve_one_name_and_one_outlives_the_other(void)
{
    const char *name = fresh_name("");
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);
    struct attempt attempt = {.name = name};
    struct place owner, other;
    HANDLE first, second, to_first, to_second;

    pipe.max = 2;
    place_open_there(&owner);
    place_open_there(&other);
    first = made(at_create(&owner, name, pipe));
    second = made(at_create(&other, name, pipe));
    to_first = open_pipe(here, name);
    to_second = open_pipe(here, name);
    check_meets(&owner, first, to_first);
    check_meets(&other, second, to_second);
    CHECK_SAID(at_open(here, name, BOTH_WAYS, 0), ERROR_PIPE_BUSY, 0);

    place_kill(&owner);
    CHECK_SAID(at_get(here, to_first, 8), ERROR_BROKEN_PIPE, 0);
    check_meets(&other, second, to_second); /* the connection is none of the owner's */
    CHECK_SAID(at_close(here, to_second), 0, 0);
    CHECK_SAID(at_disconnect(&other, second), 0, 0);
    CHECK_PENDS(at_connect(&other, 0, second));
    comm_wait_until(opens, &attempt);
    CHECK_SAID(at_await(&other, 0), 0, 0);
    check_meets(&other, second, attempt.said.handle);
    CHECK_SAID(at_close(here, attempt.said.handle), 0, 0);
    CHECK_SAID(at_close(here, to_first), 0, 0);
    CHECK_SAID(at_close(&other, second), 0, 0);
    place_close(&other);
    place_close(&owner);
}

/* An instance that was listening when the owner died is found by the next client. */
static void an_instance_of_another_process_listens_on_when_the_owner_dies(void)
{
    const char *name = fresh_name("");
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);
    struct attempt attempt = {.name = name};
    struct place owner, other;
    HANDLE second;

    pipe.max = 2;
    place_open_there(&owner);
    place_open_there(&other);
    (void)made(at_create(&owner, name, pipe));
    second = made(at_create(&other, name, pipe));
    CHECK_PENDS(at_connect(&other, 0, second));
    place_kill(&owner);
    comm_wait_until(opens, &attempt);
    CHECK_SAID(at_await(&other, 0), 0, 0);
    check_meets(&other, second, attempt.said.handle);
    CHECK_SAID(at_close(here, attempt.said.handle), 0, 0);
    CHECK_SAID(at_close(&other, second), 0, 0);
    place_close(&other);
    place_close(&owner);
}

/* However early it comes, and by whichever call. */
static void a_client_that_comes_as_the_owner_dies_is_served_by_the_next(void)
{
    enum { ROUNDS = 10 };

    for (int i = 0; i < ROUNDS; i++) {
        const char *name = fresh_name("");
        struct at_pipe pipe = one_pipe(BYTES, QUOTA);
        struct place owner, other;
        HANDLE second, client;

        pipe.max = 2;
        place_open_there(&owner);
        place_open_there(&other);
        (void)made(at_create(&owner, name, pipe));
        second = made(at_create(&other, name, pipe));
        place_kill(&owner);
        if (i % 2 == 0) {
            struct said said = at_wait(here, 0, name, SOON_MS);

            CHECK(said.error == ERROR_IO_PENDING ? at_await(here, 0).ok : said.ok);
        }
        client = open_pipe(here, name);
        check_meets(&other, second, client);
        CHECK_SAID(at_close(here, client), 0, 0);
        CHECK_SAID(at_close(&other, second), 0, 0);
        place_close(&other);
        place_close(&owner);
    }
}

static void nobody_is_waited_for_when_all_servers_died(void)
{
    const char *name = fresh_name("");
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);
    struct place owner, other;

    pipe.max = 2;
    place_open_there(&owner);
    place_open_there(&other);
    (void)made(at_create(&owner, name, pipe));
    (void)made(at_create(&other, name, pipe));
    place_stop(&other); /* it does not become the owner */
    place_kill(&owner);
    place_kill(&other);
    CHECK_SAID(at_open(here, name, BOTH_WAYS, 0), ERROR_FILE_NOT_FOUND, 0);
    CHECK_SAID(at_close(here, make_pipe(here, name, BYTES, QUOTA)), 0, 0);
}

/* ---- death and children ---- */

static void a_killed_server_leaves_what_it_wrote_and_then_a_broken_pipe(void)
{
    const char *name = fresh_name("");
    struct place far;
    HANDLE server, client;

    place_open_there(&far);
    server = make_pipe(&far, name, BYTES, QUOTA);
    client = open_pipe(here, name);
    CHECK_SAID(at_put(&far, server, "last words", 10), 0, 10);
    CHECK_PENDS(at_write(here, 1, client, NULL, QUOTA + 1));
    place_kill(&far);
    CHECK_SAID(at_await(here, 1), ERROR_BROKEN_PIPE, 0);
    CHECK_SAID(at_get(here, client, 64), 0, 10);
    CHECK_SAID(at_get(here, client, 64), ERROR_BROKEN_PIPE, 0);
    CHECK_SAID(at_write(here, 0, client, "x", 1), ERROR_NO_DATA, 0);
    CHECK_SAID(at_open(here, name, BOTH_WAYS, 0), ERROR_FILE_NOT_FOUND, 0);
    CHECK_SAID(at_close(here, client), 0, 0);
    place_close(&far);
    name_sweep(name);
}

static int child_does_nothing(void *arg)
{
    (void)arg;
    return 0;
}

static void a_child_that_ends_takes_no_name_with_it(struct place *far)
{
    struct link l;
    struct child child;

    link_open(&l, far, BYTES, QUOTA);
    child = child_start(child_does_nothing, NULL);
    CHECK_EQ(child_line(&child), 0);
    CHECK_SAID(at_put(far, l.away, "abc", 3), 0, 3);
    CHECK_SAID(at_get(here, l.near, 8), 0, 3);
    CHECK_SAID(at_disconnect(here, l.near), 0, 0);
    link_close_away(&l);
    CHECK_PENDS(at_connect(here, 0, l.near));
    l.away = open_pipe(far, l.name);
    CHECK_SAID(at_await(here, 0), 0, 0);
    link_close(&l);
}

FAR_TEST_MAIN(TEST(the_name_of_a_killed_process_is_free_at_once),
              TEST(of_four_who_want_to_be_first_one_is),
              TEST(two_processes_serve_one_name_and_one_outlives_the_other),
              TEST(an_instance_of_another_process_listens_on_when_the_owner_dies),
              TEST(a_client_that_comes_as_the_owner_dies_is_served_by_the_next),
              TEST(nobody_is_waited_for_when_all_servers_died),
              TEST(a_killed_server_leaves_what_it_wrote_and_then_a_broken_pipe),
              TWICE(a_child_that_ends_takes_no_name_with_it))
