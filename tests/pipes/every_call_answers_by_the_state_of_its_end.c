/* SPDX-License-Identifier: MIT */
/* The whole table: what each call says in each state of a server's end and of a client's. */
#include "connected.h"

#include "pipes/end.h"

#include <stdio.h>

enum { QUOTA = 512 };

enum state {
    SERVER_LISTENING,
    SERVER_CONNECTED,
    SERVER_CLOSING_DATA,
    SERVER_CLOSING_EMPTY,
    SERVER_DISCONNECTED,
    CLIENT_CONNECTED,
    CLIENT_CLOSING_DATA,
    CLIENT_CLOSING_EMPTY,
    CLIENT_DISCONNECTED,
    STATE_COUNT
};

static const char *const state_names[] = {
    "server, listening",
    "server, connected",
    "server, client gone and data left",
    "server, client gone",
    "server, disconnected",
    "client, connected",
    "client, server gone and data left",
    "client, server gone",
    "client, disconnected",
};

enum call {
    READ,
    WRITE,
    WRITE_NOTHING,
    PEEK,
    TRANSACT,
    FLUSH,
    CONNECT,
    CONNECT_NOWAIT,
    DISCONNECT,
    GET_MODE,
    SET_MODE,
    INFO,
    CLIENT_PID,
    SERVER_PID,
};

/* 0 is TRUE, 997 pends. */
static const struct {
    const char *when;
    enum call call;
    DWORD error[STATE_COUNT];
} calls[] = {
    {"read",             READ,           {536, 997, 0, 109, 233, 997, 0, 109, 233}    },
    {"write",            WRITE,          {536, 0, 232, 232, 233, 0, 232, 232, 233}    },
    {"write of nothing", WRITE_NOTHING,  {536, 0, 232, 232, 233, 0, 232, 232, 233}    },
    {"peek",             PEEK,           {230, 0, 0, 109, 230, 0, 0, 109, 233}        },
    {"transact",         TRANSACT,       {230, 997, 230, 230, 230, 997, 230, 230, 233}},
    {"flush",            FLUSH,          {0, 0, 0, 0, 0, 0, 0, 0, 233}                },
    {"connect",          CONNECT,        {997, 535, 232, 232, 997, 1, 1, 1, 1}        },
    {"connect, no wait", CONNECT_NOWAIT, {536, 535, 232, 232, 536, 1, 1, 1, 1}        },
    {"disconnect",       DISCONNECT,     {0, 0, 0, 0, 233, 1, 1, 1, 233}              },
    {"get the mode",     GET_MODE,       {0, 0, 0, 0, 0, 0, 0, 0, 233}                },
    {"set the mode",     SET_MODE,       {0, 0, 0, 0, 0, 0, 0, 0, 233}                },
    {"info",             INFO,           {0, 0, 0, 0, 0, 0, 0, 0, 233}                },
    {"client process",   CLIENT_PID,     {1168, 0, 0, 0, 1168, 0, 0, 0, 233}          },
    {"server process",   SERVER_PID,     {0, 0, 0, 0, 0, 0, 0, 0, 233}                },
};

static bool is_closing(enum state state)
{
    return state == SERVER_CLOSING_DATA || state == SERVER_CLOSING_EMPTY ||
           state == CLIENT_CLOSING_DATA || state == CLIENT_CLOSING_EMPTY;
}

/* near and far are connected, and what is to be left is written. */
static void state_begin(struct link *l, struct place *far, enum state state)
{
    bool serves = far->serves;

    far->serves = state >= CLIENT_CONNECTED;
    link_open(l, far, MESSAGES, QUOTA);
    far->serves = serves;
    if (state == SERVER_CLOSING_DATA || state == CLIENT_CLOSING_DATA)
        CHECK_SAID(at_put(far, l->away, "left", 4), 0, 4);
}

/* near is in the state, far has the other end. */
static void state_enter(struct link *l, struct place *far, enum state state)
{
    l->away = NULL;
    if (state == SERVER_LISTENING) {
        l->far = far;
        l->near = make_pipe(here, fresh_name(""), MESSAGES, QUOTA);
        return;
    }
    state_begin(l, far, state);
    if (state == SERVER_DISCONNECTED)
        CHECK_SAID(at_disconnect(here, l->near), 0, 0);
    else if (state == CLIENT_DISCONNECTED)
        CHECK_SAID(at_disconnect(far, l->away), 0, 0);
    else if (is_closing(state))
        link_close_away(l);
}

static struct said call_in_state(enum call call, HANDLE end)
{
    switch (call) {
    case READ:
        return at_read(here, 0, end, 64);
    case WRITE:
        return at_write(here, 0, end, "abc", 3);
    case WRITE_NOTHING:
        return at_write(here, 0, end, "", 0);
    case PEEK:
        return at_peek(here, end, 0);
    case TRANSACT:
        return at_transact(here, 0, end, "abc", 3, 64);
    case FLUSH:
        return at_flushed(here, end);
    case CONNECT_NOWAIT:
        (void)at_set_mode(here, end, PIPE_READMODE_MESSAGE | PIPE_NOWAIT);
        return at_connect(here, 0, end);
    case CONNECT:
        return at_connect(here, 0, end);
    case DISCONNECT:
        return at_disconnect(here, end);
    case GET_MODE:
        return at_get_mode(here, end);
    case SET_MODE:
        return at_set_mode(here, end, PIPE_READMODE_MESSAGE);
    case INFO:
        return at_info(here, end);
    case CLIENT_PID:
        return at_client_pid(here, end);
    case SERVER_PID:
        return at_server_pid(here, end);
    }
    return (struct said){.ok = FALSE};
}

static void check_call(size_t c, enum state state, HANDLE end)
{
    char when[128];

    snprintf(when, sizeof when, "%s; %s", calls[c].when, state_names[state]);
    CHECK_SAID_WHEN(when, call_in_state(calls[c].call, end), calls[c].error[state], AT_ANY);
}

static void every_call_answers_by_the_table(struct place *far)
{
    for (size_t c = 0; c < ARRAY_LEN(calls); c++) {
        for (enum state s = 0; s < STATE_COUNT; s++) {
            struct link l;

            state_enter(&l, far, s);
            check_call(c, s, l.near);
            link_close(&l);
        }
    }
}

/* Its socket is open for that long. */
static void a_closed_end_is_gone_while_a_thread_still_holds_it(void)
{
    for (size_t c = 0; c < ARRAY_LEN(calls); c++) {
        for (enum state s = 0; s < STATE_COUNT; s++) {
            struct pi_end *held;
            struct link l;

            if (!is_closing(s))
                continue;
            state_begin(&l, here, s);
            held = pi_end_of_handle(l.away, 0);
            link_close_away(&l);
            check_call(c, s, l.near);
            link_close(&l);
            pi_end_put(held);
        }
    }
}

FAR_TEST_MAIN(TWICE(every_call_answers_by_the_table),
              TEST(a_closed_end_is_gone_while_a_thread_still_holds_it))
