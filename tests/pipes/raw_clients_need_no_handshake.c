/* SPDX-License-Identifier: MIT */
/* A program that connects to the pipe's socket is a client: its bytes, or messages, are all there
 * is on the wire.  It waits in the queue when no instance listens, and may half-close.  Here the
 * far place has the server. */
#include "raw.h"

enum { QUOTA = 512 };

struct raw {
    char name[AT_NAME];
    HANDLE server;
    int client; /* -1: closed */
};

static void raw_close(struct raw *r)
{
    if (r->client >= 0)
        close(r->client);
    r->client = -1;
}

/* Connected, and known to be so by the server. */
static void raw_open(struct raw *r, struct place *far, DWORD mode)
{
    strcpy(r->name, fresh_name(""));
    r->server = make_pipe(far, r->name, mode, QUOTA);
    CHECK_PENDS(at_connect(far, 0, r->server));
    r->client = raw_client(r->name, mode == BYTES ? SOCK_STREAM : SOCK_SEQPACKET);
    CHECK_SAID(at_await(far, 0), 0, 0);
}

static void raw_end(struct raw *r, struct place *far)
{
    raw_close(r);
    CHECK_SAID(at_close(far, r->server), 0, 0);
}

static void only_its_bytes_are_on_the_wire(struct place *far)
{
    struct raw r;
    struct said said;

    raw_open(&r, far, BYTES);
    CHECK(raw_send(r.client, "ping"));
    said = at_get(far, r.server, 64);
    CHECK_SAID(said, 0, 4);
    CHECK_DATA(said, "ping", 4);
    CHECK_SAID(at_put(far, r.server, "pong", 4), 0, 4);
    CHECK(raw_hears(r.client, "pong"));
    CHECK_EQ(at_client_pid(far, r.server).word[0], getpid());
    raw_close(&r);
    CHECK_SAID(at_get(far, r.server, 8), ERROR_BROKEN_PIPE, 0);
    CHECK_SAID(at_write(far, 0, r.server, "x", 1), ERROR_NO_DATA, 0);
    raw_end(&r, far);
}

static void the_link_in_the_temporary_directory_leads_to_the_first_instance(struct place *far)
{
    char name[AT_NAME], link[AT_NAME];
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);
    int client = raw_socket(SOCK_STREAM);
    HANDLE server[2];
    struct said said;

    strcpy(name, fresh_name(".MiXed"));
    strcpy(link, raw_link(name)); /* as the creator spelled it */
    pipe.max = 2;
    for (unsigned i = 0; i < 2; i++)
        server[i] = made(at_create(far, name, pipe));
    for (unsigned i = 2; i-- > 0;)
        CHECK_PENDS(at_connect(far, i, server[i]));
    CHECK_EQ(raw_connect(client, link_dir(), link), 0);
    CHECK_SAID(at_await(far, 0), 0, 0);
    CHECK_SAID(at_look(far, 1), ERROR_IO_INCOMPLETE, AT_ANY);
    CHECK(raw_send(client, "ping"));
    said = at_get(far, server[0], 64);
    CHECK_SAID(said, 0, 4);
    CHECK_DATA(said, "ping", 4);
    close(client);
    for (unsigned i = 0; i < 2; i++)
        CHECK_SAID(at_close(far, server[i]), 0, 0);
}

static void a_client_that_half_closes_still_gets_its_answer(struct place *far)
{
    struct raw r;

    raw_open(&r, far, BYTES);
    CHECK(raw_send(r.client, "req"));
    CHECK_EQ(shutdown(r.client, SHUT_WR), 0);
    CHECK_SAID(at_get(far, r.server, 64), 0, 3);
    CHECK_SAID(at_get(far, r.server, 64), ERROR_BROKEN_PIPE, 0);
    CHECK_SAID(at_put(far, r.server, "reply", 5), 0, 5);
    CHECK(raw_hears(r.client, "reply"));
    raw_end(&r, far);
}

static void its_records_are_messages_the_empty_ones_too(struct place *far)
{
    struct raw r;
    struct said said;

    raw_open(&r, far, MESSAGES);
    CHECK(raw_send(r.client, ""));
    CHECK_SAID(at_get(far, r.server, 64), 0, 0);
    CHECK(raw_send(r.client, "ab"));
    CHECK(raw_send(r.client, "cde"));
    said = at_get(far, r.server, 64);
    CHECK_SAID(said, 0, 2);
    CHECK_DATA(said, "ab", 2);
    CHECK_SAID(at_get(far, r.server, 2), ERROR_MORE_DATA, 2);
    CHECK_SAID(at_get(far, r.server, 64), 0, 1);
    CHECK_SAID(at_put(far, r.server, "answer", 6), 0, 6);
    CHECK_SAID(at_put(far, r.server, "!", 1), 0, 1);
    CHECK(raw_hears(r.client, "answer"));
    CHECK(raw_hears(r.client, "!"));
    raw_close(&r);
    CHECK_SAID(at_get(far, r.server, 64), ERROR_BROKEN_PIPE, 0);
    raw_end(&r, far);
}

static void a_client_of_bytes_cannot_mistake_a_pipe_of_messages(struct place *far)
{
    const char *name = fresh_name("");
    HANDLE server = make_pipe(far, name, MESSAGES, QUOTA);
    int client = raw_socket(SOCK_STREAM);

    CHECK_EQ(raw_connect(client, pipe_dir(), name_key(name)), EPROTOTYPE);
    close(client);
    CHECK_SAID(at_close(far, server), 0, 0);
}

/* Connects the next client, who may be quicker, or even gone already. */
static void let_in(struct place *far, HANDLE server)
{
    struct said said = at_connect(far, 0, server);

    if (said.error == ERROR_IO_PENDING)
        CHECK_SAID(at_await(far, 0), 0, 0);
    else
        CHECK(said.error == ERROR_PIPE_CONNECTED || said.error == ERROR_NO_DATA);
}

static void a_client_that_finds_no_instance_is_served_by_the_next(struct place *far)
{
    char name[AT_NAME];
    HANDLE server, first;
    int client;
    struct said said;

    strcpy(name, fresh_name(""));
    server = make_pipe(far, name, BYTES, QUOTA);
    first = open_pipe(here, name);
    client = raw_client(name, SOCK_STREAM);
    CHECK(raw_send(client, "early"));
    CHECK_SAID(at_put(here, first, "mine", 4), 0, 4);
    said = at_get(far, server, 64);
    CHECK_SAID(said, 0, 4);
    CHECK_DATA(said, "mine", 4);
    CHECK_SAID(at_disconnect(far, server), 0, 0);
    let_in(far, server);
    said = at_get(far, server, 64);
    CHECK_SAID(said, 0, 5);
    CHECK_DATA(said, "early", 5);
    close(client);
    CHECK_SAID(at_close(here, first), 0, 0);
    CHECK_SAID(at_close(far, server), 0, 0);
}

/* Queued, written and closed before an instance listens: connected all the same. */
static void a_client_that_has_gone_before_it_was_let_in_has_still_been_there(struct place *far)
{
    char name[AT_NAME];
    HANDLE server, first;
    int client;
    struct said said;

    strcpy(name, fresh_name(""));
    server = make_pipe(far, name, BYTES, QUOTA);
    first = open_pipe(here, name);
    client = raw_client(name, SOCK_STREAM);
    CHECK(raw_send(client, "hello"));
    close(client);
    CHECK_SAID(at_disconnect(far, server), 0, 0);
    let_in(far, server);
    said = at_get(far, server, 64);
    CHECK_SAID(said, 0, 5);
    CHECK_DATA(said, "hello", 5);
    CHECK_SAID(at_get(far, server, 64), ERROR_BROKEN_PIPE, 0);
    CHECK_SAID(at_close(here, first), 0, 0);
    CHECK_SAID(at_close(far, server), 0, 0);
}

static void a_flush_waits_for_it_to_read(struct place *far)
{
    struct raw r;

    raw_open(&r, far, BYTES);
    CHECK_SAID(at_put(far, r.server, "abc", 3), 0, 3);
    CHECK_PENDS(at_flush(far, 0, r.server));
    CHECK(raw_hears(r.client, "abc"));
    CHECK_SAID(at_await(far, 0), 0, 0);
    raw_end(&r, far);
}

static void a_disconnect_is_the_end_to_it(struct place *far)
{
    struct raw r;

    raw_open(&r, far, BYTES);
    CHECK_SAID(at_disconnect(far, r.server), 0, 0);
    CHECK(raw_hears(r.client, ""));
    CHECK_SAID(at_read(far, 0, r.server, 8), ERROR_PIPE_NOT_CONNECTED, 0);
    raw_end(&r, far);
}

FAR_TEST_MAIN(TWICE(only_its_bytes_are_on_the_wire),
              TWICE(the_link_in_the_temporary_directory_leads_to_the_first_instance),
              TWICE(a_client_that_half_closes_still_gets_its_answer),
              TWICE(its_records_are_messages_the_empty_ones_too),
              TWICE(a_client_of_bytes_cannot_mistake_a_pipe_of_messages),
              TWICE(a_client_that_finds_no_instance_is_served_by_the_next),
              TWICE(a_client_that_has_gone_before_it_was_let_in_has_still_been_there),
              TWICE(a_flush_waits_for_it_to_read), TWICE(a_disconnect_is_the_end_to_it))
