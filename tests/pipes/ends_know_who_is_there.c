/* SPDX-License-Identifier: MIT */
/* Who is at the other end: the numbers of the two processes, which outlive them but not a
 * disconnect, and whose rights a server may take on. */
#include "connected.h"

enum { QUOTA = 512 };

static void both_ends_know_both_processes(struct place *far)
{
    struct place *server = far->serves ? far : here, *client = far->serves ? here : far;
    struct link l;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_EQ(at_client_pid(here, l.near).word[0], client->pid);
    CHECK_EQ(at_server_pid(here, l.near).word[0], server->pid);
    CHECK_EQ(at_client_pid(far, l.away).word[0], client->pid);
    CHECK_EQ(at_server_pid(far, l.away).word[0], server->pid);
    link_close_away(&l);
    CHECK_EQ(at_client_pid(here, l.near).word[0], client->pid);
    CHECK_EQ(at_server_pid(here, l.near).word[0], server->pid);
    link_close(&l);
}

static void a_disconnect_makes_the_client_unknown(struct place *far)
{
    struct link l;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_SAID(at_disconnect(here, l.near), 0, 0);
    CHECK_SAID(at_client_pid(here, l.near), ERROR_NOT_FOUND, 0);
    CHECK_SAID(at_server_pid(here, l.near), 0, 0);
    CHECK_EQ(at_server_pid(here, l.near).word[0], here->pid);
    CHECK_SAID(at_client_pid(far, l.away), ERROR_PIPE_NOT_CONNECTED, 0);
    CHECK_SAID(at_server_pid(far, l.away), ERROR_PIPE_NOT_CONNECTED, 0);
    link_close(&l);
}

static void a_listening_instance_has_a_server_only(void)
{
    HANDLE server = make_pipe(here, fresh_name(""), BYTES, QUOTA);

    CHECK_SAID(at_client_pid(here, server), ERROR_NOT_FOUND, 0);
    CHECK_EQ(at_server_pid(here, server).word[0], here->pid);
    CHECK_SAID(at_close(here, server), 0, 0);
}

static void nowhere_to_put_the_number_is_122(struct place *far)
{
    BOOL(*const ask[])
    (HANDLE, PULONG) = {GetNamedPipeClientProcessId, GetNamedPipeServerProcessId};
    struct link l;

    link_open(&l, far, BYTES, QUOTA);
    for (size_t i = 0; i < ARRAY_LEN(ask); i++) {
        SetLastError(0);
        CHECK_EQ(ask[i](l.near, NULL), FALSE);
        CHECK_EQ(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    }
    link_close(&l);
}

static void both_ends_know_the_sessions(struct place *far)
{
    struct link l;
    ULONG client = AT_LEFT, server = AT_LEFT;

    link_open(&l, far, BYTES, QUOTA);
    CHECK(GetNamedPipeClientSessionId(l.near, &client));
    CHECK(GetNamedPipeServerSessionId(l.near, &server));
    CHECK(client != AT_LEFT);
    CHECK_EQ(client, server); /* one user, one login */
    link_close(&l);
}

static void a_local_client_has_no_computer_name(struct place *far)
{
    const char *name = fresh_name("");
    HANDLE server = make_pipe(here, name, BYTES, QUOTA), client;
    char text[64];

    SetLastError(0);
    CHECK_EQ(GetNamedPipeClientComputerNameA(server, text, sizeof text), FALSE);
    CHECK_EQ(GetLastError(), ERROR_NOT_FOUND);
    client = open_pipe(far, name);
    SetLastError(0);
    CHECK_EQ(GetNamedPipeClientComputerNameA(server, text, sizeof text), FALSE);
    CHECK_EQ(GetLastError(), ERROR_PIPE_LOCAL);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

/* ---- impersonation of the same user ---- */

static void a_client_is_impersonated_once_something_of_it_was_read(struct place *far)
{
    static const DWORD modes[] = {BYTES, MESSAGES};

    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        struct link l;

        link_open(&l, far, modes[i], QUOTA);
        CHECK_SAID(at_put(far, l.away, "x", 1), 0, 1);
        CHECK_SAID(at_impersonate(here, l.near), ERROR_CANNOT_IMPERSONATE, 0);
        CHECK_SAID(at_get(here, l.near, 8), 0, 1);
        CHECK_SAID(at_impersonate(here, l.near), 0, 0);
        CHECK_EQ(at_impersonate(far, l.away).ok, FALSE);
        link_close_away(&l);
        CHECK_SAID(at_impersonate(here, l.near), 0, 0);
        link_close(&l);
    }
}

static void the_next_client_must_be_read_first_too(struct place *far)
{
    struct link l;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_SAID(at_put(far, l.away, "x", 1), 0, 1);
    CHECK_SAID(at_get(here, l.near, 8), 0, 1);
    CHECK_SAID(at_disconnect(here, l.near), 0, 0);
    CHECK_SAID(at_impersonate(here, l.near), ERROR_CANNOT_IMPERSONATE, 0);
    link_close_away(&l);
    CHECK_PENDS(at_connect(here, 0, l.near));
    l.away = open_pipe(far, l.name);
    CHECK_SAID(at_await(here, 0), 0, 0);
    CHECK_SAID(at_impersonate(here, l.near), ERROR_CANNOT_IMPERSONATE, 0);
    link_close(&l);
}

FAR_TEST_MAIN(FOUR_WAYS(both_ends_know_both_processes),
              TWICE(a_disconnect_makes_the_client_unknown),
              TEST(a_listening_instance_has_a_server_only),
              FOUR_WAYS(nowhere_to_put_the_number_is_122), FOUR_WAYS(both_ends_know_the_sessions),
              TWICE(a_local_client_has_no_computer_name),
              TWICE(a_client_is_impersonated_once_something_of_it_was_read),
              TWICE(the_next_client_must_be_read_first_too))
