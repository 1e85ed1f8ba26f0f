/* SPDX-License-Identifier: MIT */
/* DisconnectNamedPipe: what neither end has read is gone, what either end has pending ends with
 * 233, and the client's handle is dead for ever, whoever the server talks to next. */
#include "connected.h"

enum { QUOTA = 512 };

static const DWORD both_modes[] = {BYTES, MESSAGES};

/* Everything a dead client's handle may be asked. */
static void check_dead(struct place *place, HANDLE client, DWORD mode)
{
    CHECK_SAID(at_read(place, 0, client, 8), ERROR_PIPE_NOT_CONNECTED, 0);
    CHECK_SAID(at_read(place, 0, client, 0), ERROR_PIPE_NOT_CONNECTED, 0);
    CHECK_SAID(at_write(place, 0, client, "x", 1), ERROR_PIPE_NOT_CONNECTED, 0);
    CHECK_SAID(at_write(place, 0, client, "", 0), ERROR_PIPE_NOT_CONNECTED, 0);
    if (mode == MESSAGES)
        CHECK_SAID(at_transact(place, 0, client, "x", 1, 8), ERROR_PIPE_NOT_CONNECTED, AT_ANY);
    CHECK_SAID(at_peek(place, client, 8), ERROR_PIPE_NOT_CONNECTED, 0);
    CHECK_SAID(at_flushed(place, client), ERROR_PIPE_NOT_CONNECTED, 0);
    CHECK_SAID(at_get_mode(place, client), ERROR_PIPE_NOT_CONNECTED, 0);
    CHECK_SAID(at_set_mode(place, client, PIPE_READMODE_BYTE), ERROR_PIPE_NOT_CONNECTED, 0);
    CHECK_SAID(at_info(place, client), ERROR_PIPE_NOT_CONNECTED, 0);
}

static void what_is_unread_is_gone_and_both_ends_say_233(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(both_modes); i++) {
        struct link l;

        link_open(&l, far, both_modes[i], QUOTA);
        CHECK_SAID(at_put(here, l.near, "to the client", 13), 0, 13);
        CHECK_SAID(at_put(far, l.away, "to the server", 13), 0, 13);
        CHECK_SAID(at_disconnect(here, l.near), 0, 0);
        check_dead(far, l.away, both_modes[i]);
        CHECK_SAID(at_read(here, 0, l.near, 8), ERROR_PIPE_NOT_CONNECTED, 0);
        CHECK_SAID(at_write(here, 0, l.near, "x", 1), ERROR_PIPE_NOT_CONNECTED, 0);
        CHECK_SAID(at_write(here, 0, l.near, "", 0), ERROR_PIPE_NOT_CONNECTED, 0);
        link_close(&l);
    }
}

static void only_what_has_a_client_or_listens_can_be_disconnected(struct place *far)
{
    struct link l;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_SAID(at_disconnect(far, l.away), ERROR_INVALID_FUNCTION, 0);
    CHECK_SAID(at_disconnect(here, l.near), 0, 0);
    CHECK_SAID(at_disconnect(here, l.near), ERROR_PIPE_NOT_CONNECTED, 0);
    link_close(&l);
}

/* A client that has closed leaves an end that can still be disconnected. */
static void a_disconnect_drops_what_a_closed_client_left(struct place *far)
{
    struct link l;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_SAID(at_put(far, l.away, "unread", 6), 0, 6);
    link_close_away(&l);
    CHECK_SAID(at_disconnect(here, l.near), 0, 0);
    CHECK_SAID(at_read(here, 0, l.near, 8), ERROR_PIPE_NOT_CONNECTED, 0);
    CHECK_PENDS(at_connect(here, 0, l.near));
    l.away = open_pipe(far, l.name);
    CHECK_SAID(at_await(here, 0), 0, 0);
    CHECK_PENDS(at_read(here, 0, l.near, 8));
    link_close(&l);
}

struct handle_at {
    struct place *place;
    HANDLE handle;
};

static bool is_unset(void *arg)
{
    struct handle_at *h = arg;

    return !at_is_set(h->place, h->handle);
}

static void a_disconnected_clients_handle_is_unsignalled(struct place *far)
{
    struct link l;
    struct handle_at client;

    link_open(&l, far, BYTES, QUOTA);
    client = (struct handle_at){far, l.away};
    CHECK_SAID(at_put(far, l.away, "x", 1), 0, 1);
    CHECK_SAID(at_disconnect(here, l.near), 0, 0);
    comm_wait_until(is_unset, &client);
    link_close(&l);
}

static void a_dead_client_stays_dead(struct place *far)
{
    struct link l;
    HANDLE second;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_SAID(at_disconnect(here, l.near), 0, 0);
    CHECK_PENDS(at_connect(here, 0, l.near));
    second = open_pipe(far, l.name);
    CHECK_SAID(at_await(here, 0), 0, 0);
    CHECK_SAID(at_put(here, l.near, "for the second", 14), 0, 14);
    check_dead(far, l.away, BYTES);
    CHECK_SAID(at_get(far, second, 64), 0, 14);
    link_close_near(&l);
    check_dead(far, l.away, BYTES);
    CHECK_SAID(at_read(far, 0, second, 8), ERROR_BROKEN_PIPE, 0);
    CHECK_SAID(at_close(far, second), 0, 0);
    link_close(&l);
}

static void check_ended(struct said said)
{
    CHECK_SAID(said, ERROR_PIPE_NOT_CONNECTED, 0);
    CHECK_EQ(said.status, STATUS_PIPE_DISCONNECTED);
    CHECK(said.set);
}

static void what_pends_on_either_end_ends_with_233(struct place *far)
{
    struct link l;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_PENDS(at_read(far, 0, l.away, 8));
    CHECK_PENDS(at_read(far, BLOCKING | 1, l.away, 8));
    CHECK_PENDS(at_read(here, 0, l.near, 8));
    CHECK_SAID(at_disconnect(here, l.near), 0, 0);
    check_ended(at_await(far, 0));
    CHECK_SAID(at_await(far, 1), ERROR_PIPE_NOT_CONNECTED, 0);
    check_ended(at_await(here, 0));
    link_close(&l);

    link_open(&l, far, BYTES, QUOTA);
    CHECK_PENDS(at_read(far, 0, l.away, 8));
    CHECK_PENDS(at_write(here, 0, l.near, NULL, 2 * QUOTA));
    CHECK_SAID(at_await(far, 0), 0, 8);
    CHECK_PENDS(at_write(far, 0, l.away, NULL, 2 * QUOTA));
    CHECK_SAID(at_disconnect(here, l.near), 0, 0);
    check_ended(at_await(far, 0));
    check_ended(at_await(here, 0));
    link_close(&l);
}

static void pending_transactions_end_with_233(struct place *far)
{
    struct link l;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_PENDS(at_transact(here, 0, l.near, "request", 7, 8));
    CHECK_SAID(at_disconnect(here, l.near), 0, 0);
    check_ended(at_await(here, 0));
    link_close(&l);

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_PENDS(at_transact(far, 0, l.away, "request", 7, 8));
    CHECK_SAID(at_disconnect(here, l.near), 0, 0);
    check_ended(at_await(far, 0));
    link_close(&l);
}

static void a_listening_instance_is_disconnected_with_its_connects(void)
{
    const char *name = fresh_name("");
    HANDLE server = make_pipe(here, name, BYTES, QUOTA);
    struct said said;

    CHECK_PENDS(at_connect(here, 0, server));
    CHECK_SAID(at_disconnect(here, server), 0, 0);
    said = at_await(here, 0);
    CHECK_SAID(said, ERROR_PIPE_NOT_CONNECTED, 0);
    CHECK(said.set);
    CHECK_SAID(at_open(here, name, BOTH_WAYS, 0), ERROR_PIPE_BUSY, 0);
    CHECK_SAID(at_disconnect(here, server), ERROR_PIPE_NOT_CONNECTED, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

/* The server's modes outlive its clients. */
static void the_next_client_finds_the_servers_modes_as_they_were(struct place *far)
{
    struct link l;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_SAID(at_set_mode(here, l.near, PIPE_READMODE_MESSAGE | PIPE_NOWAIT), 0, 0);
    CHECK_SAID(at_disconnect(here, l.near), 0, 0);
    link_close_away(&l);
    CHECK_SAID(at_connect(here, 0, l.near), ERROR_PIPE_LISTENING, 0);
    l.away = open_pipe(far, l.name);
    CHECK_EQ(at_get_mode(here, l.near).word[0], PIPE_READMODE_MESSAGE | PIPE_NOWAIT);
    CHECK_EQ(at_get_mode(far, l.away).word[0], 0);
    link_close(&l);
}

FAR_TEST_MAIN(TWICE(what_is_unread_is_gone_and_both_ends_say_233),
              TWICE(only_what_has_a_client_or_listens_can_be_disconnected),
              TWICE(a_disconnect_drops_what_a_closed_client_left),
              TWICE(a_disconnected_clients_handle_is_unsignalled), TWICE(a_dead_client_stays_dead),
              TWICE(what_pends_on_either_end_ends_with_233),
              TWICE(pending_transactions_end_with_233),
              TEST(a_listening_instance_is_disconnected_with_its_connects),
              TWICE(the_next_client_finds_the_servers_modes_as_they_were))
