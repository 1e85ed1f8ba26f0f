/* SPDX-License-Identifier: MIT */
/* Read mode and wait mode are an end's, through whichever of its handles they are set; type, sizes
 * and the number of instances are the pipe's, the same at both ends. */
#include "connected.h"

enum { QUOTA = 512 };

static const struct {
    const char *when;
    DWORD type, mode, error;
} settings[] = {
    {"messages on bytes",    BYTES,  PIPE_READMODE_MESSAGE,               ERROR_INVALID_PARAMETER},
    {"bytes on bytes",       BYTES,  PIPE_READMODE_BYTE,                  0                      },
    {"no waiting on bytes",  BYTES,  PIPE_NOWAIT,                         0                      },
    {"messages on messages", JOINED, PIPE_READMODE_MESSAGE,               0                      },
    {"both on messages",     JOINED, PIPE_READMODE_MESSAGE | PIPE_NOWAIT, 0                      },
    {"bytes on messages",    JOINED, PIPE_READMODE_BYTE,                  0                      },
    {"the type's bit",       JOINED, PIPE_TYPE_MESSAGE,                   ERROR_INVALID_PARAMETER},
    {"an unknown bit",       JOINED, 0x10,                                ERROR_INVALID_PARAMETER},
};

static void a_mode_is_taken_whole_or_refused_whole(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
        struct link l;

        link_open(&l, far, settings[i].type, QUOTA);
        CHECK_SAID_WHEN(settings[i].when, at_set_mode(here, l.near, settings[i].mode),
                        settings[i].error, 0);
        CHECK_EQ_WHEN(settings[i].when, at_get_mode(here, l.near).word[0],
                      settings[i].error == 0 ? settings[i].mode : 0);
        CHECK_EQ_WHEN(settings[i].when, at_get_mode(far, l.away).word[0], 0);
        link_close(&l);
    }
}

static void both_bits_are_set_each_time(struct place *far)
{
    struct link l;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_SAID(at_set_mode(here, l.near, PIPE_READMODE_MESSAGE | PIPE_NOWAIT), 0, 0);
    CHECK_SAID(at_read(here, 0, l.near, 8), ERROR_NO_DATA, 0);
    CHECK_SAID(at_set_mode(here, l.near, PIPE_READMODE_MESSAGE), 0, 0);
    CHECK_EQ(at_get_mode(here, l.near).word[0], PIPE_READMODE_MESSAGE);
    CHECK_PENDS(at_read(here, 0, l.near, 8));
    link_close(&l);
}

static void all_handles_of_an_end_share_its_mode(struct place *far)
{
    struct link l;
    HANDLE second;

    link_open(&l, far, MESSAGES, QUOTA);
    second = made(at_duplicate(here, l.near, 0));
    CHECK_SAID(at_set_mode(here, second, PIPE_READMODE_BYTE | PIPE_NOWAIT), 0, 0);
    CHECK_EQ(at_get_mode(here, l.near).word[0], PIPE_NOWAIT);
    CHECK_SAID(at_read(here, 0, l.near, 8), ERROR_NO_DATA, 0);
    CHECK_SAID(at_close(here, second), 0, 0);
    link_close(&l);
}

static void a_mode_may_be_left_alone(struct place *far)
{
    struct link l;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK(SetNamedPipeHandleState(l.near, NULL, NULL, NULL));
    CHECK(GetNamedPipeHandleStateA(l.near, NULL, NULL, NULL, NULL, NULL, 0));
    CHECK_EQ(at_get_mode(here, l.near).word[0], PIPE_READMODE_MESSAGE);
    link_close(&l);
}

static void only_remote_pipes_collect(struct place *far)
{
    struct link l;
    DWORD count = 1, timeout_ms = 1;
    DWORD *pairs[][2] = {
        {&count, NULL       },
        {NULL,   &timeout_ms},
        {&count, &timeout_ms},
    };

    link_open(&l, far, MESSAGES, QUOTA);
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        SetLastError(0);
        CHECK_EQ(GetNamedPipeHandleStateA(l.near, NULL, NULL, pairs[i][0], pairs[i][1], NULL, 0),
                 FALSE);
        CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
        SetLastError(0);
        CHECK_EQ(SetNamedPipeHandleState(l.near, NULL, pairs[i][0], pairs[i][1]), FALSE);
        CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    }
    link_close(&l);
}

/* A server's end that only reads has no right to change anything. */
static void an_inbound_server_may_not_set_its_mode(void)
{
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);
    HANDLE server;

    pipe.open_mode = PIPE_ACCESS_INBOUND | FILE_FLAG_OVERLAPPED;
    server = made(at_create(here, fresh_name(""), pipe));
    CHECK_SAID(at_set_mode(here, server, PIPE_NOWAIT), ERROR_ACCESS_DENIED, 0);
    CHECK_SAID(at_get_mode(here, server), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

/* ---- the pipe's ---- */

static void instances_are_servers_that_are_open(struct place *far)
{
    const char *name = fresh_name("");
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);
    HANDLE first, second, again, client;

    pipe.max = 3;
    first = made(at_create(here, name, pipe));
    second = made(at_create(here, name, pipe));
    again = made(at_duplicate(here, second, 0));
    client = open_pipe(far, name); /* of the first */
    CHECK_EQ(at_get_mode(here, first).word[1], 2);
    CHECK_EQ(at_get_mode(far, client).word[1], 2);
    CHECK_SAID(at_close(here, second), 0, 0);
    CHECK_EQ(at_get_mode(here, first).word[1], 2); /* open through its duplicate */
    CHECK_SAID(at_close(here, again), 0, 0);
    CHECK_EQ(at_get_mode(here, first).word[1], 1);
    CHECK_EQ(at_get_mode(far, client).word[1], 1);
    CHECK_SAID(at_close(here, first), 0, 0);
    CHECK_SAID(at_get_mode(far, client), 0, 0);
    CHECK_EQ(at_get_mode(far, client).word[1], 0);
    CHECK_SAID(at_close(far, client), 0, 0);
}

static void both_ends_report_the_sizes_the_same_way_round(struct place *far)
{
    static const DWORD modes[] = {BYTES, MESSAGES};

    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        const struct link_kind kind = {.mode = modes[i], .out = 200, .in = 100};
        DWORD type = modes[i] == MESSAGES ? PIPE_TYPE_MESSAGE : 0;
        struct link l;
        struct said near, away;

        link_open_kind(&l, far, kind);
        near = at_info(here, l.near);
        away = at_info(far, l.away);
        CHECK_SAID(near, 0, 0);
        CHECK_SAID(away, 0, 0);
        CHECK_EQ(near.word[0], type | (far->serves ? PIPE_CLIENT_END : PIPE_SERVER_END));
        CHECK_EQ(away.word[0], type | (far->serves ? PIPE_SERVER_END : PIPE_CLIENT_END));
        CHECK_EQ(near.word[1], 200);
        CHECK_EQ(near.word[2], 100);
        CHECK_EQ(away.word[1], 200);
        CHECK_EQ(away.word[2], 100);
        CHECK_EQ(away.word[3], 1);
        link_close(&l);
    }
}

/* The quotas that count are those of the direction. */
static void each_direction_has_its_own_quota(struct place *far)
{
    const struct link_kind kind = {.mode = BYTES, .out = 200, .in = 100};
    DWORD near_writes = far->serves ? 100 : 200, away_writes = 300 - near_writes;
    struct link l;

    link_open_kind(&l, far, kind);
    CHECK_SAID(at_write(here, 0, l.near, NULL, near_writes), 0, near_writes);
    CHECK_SAID(at_write(far, 0, l.away, NULL, away_writes), 0, away_writes);
    CHECK_PENDS(at_write(here, 0, l.near, "x", 1));
    CHECK_PENDS(at_write(far, 0, l.away, "x", 1));
    link_close(&l);
}

FAR_TEST_MAIN(FOUR_WAYS(a_mode_is_taken_whole_or_refused_whole),
              FOUR_WAYS(both_bits_are_set_each_time),
              FOUR_WAYS(all_handles_of_an_end_share_its_mode), FOUR_WAYS(a_mode_may_be_left_alone),
              FOUR_WAYS(only_remote_pipes_collect), TEST(an_inbound_server_may_not_set_its_mode),
              TWICE(instances_are_servers_that_are_open),
              FOUR_WAYS(both_ends_report_the_sizes_the_same_way_round),
              FOUR_WAYS(each_direction_has_its_own_quota))
