/* SPDX-License-Identifier: MIT */
/* CreateNamedPipe: what it refuses, what the first instance settles for all, and what each further
 * one may choose for itself. */
#include "connected.h"

#define THROUGH (PIPE_ACCESS_DUPLEX | FILE_FLAG_WRITE_THROUGH) /* not overlapped */

enum {
    QUOTA = 512,
    DUPLEX = PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED,
    FIRST = DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE,
    NOWHERE = FILE_FLAG_OVERLAPPED, /* no direction */
    AS_MESSAGES = PIPE_READMODE_MESSAGE,
};

/* ---- parameters ---- */

static const struct {
    const char *when, *name; /* NULL: a good one */
    DWORD open_mode, pipe_mode, max, error;
} refusals[] = {
    {"no pipe path",       "not a pipe",        DUPLEX,  0,           1,   123},
    {"a path of the disk", "C:\\pipe\\x",       DUPLEX,  0,           1,   123},
    {"another computer's", "\\\\host\\pipe\\x", DUPLEX,  0,           1,   123},
    {"no name",            "\\\\.\\pipe\\",     DUPLEX,  0,           1,   123},
    {"nothing",            "",                  DUPLEX,  0,           1,   3  },
    {"messages of bytes",  NULL,                DUPLEX,  AS_MESSAGES, 1,   87 },
    {"an unknown mode",    NULL,                DUPLEX,  0x10,        1,   87 },
    {"no direction",       NULL,                NOWHERE, 0,           1,   87 },
    {"no instances",       NULL,                DUPLEX,  0,           0,   87 },
    {"256 instances",      NULL,                DUPLEX,  0,           256, 87 },
};

static void what_makes_no_sense_is_refused(void)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        const char *name = refusals[i].name != NULL ? refusals[i].name : fresh_name("");
        HANDLE pipe;

        SetLastError(0);
        pipe = CreateNamedPipeA(name, refusals[i].open_mode, refusals[i].pipe_mode, refusals[i].max,
                                QUOTA, QUOTA, 0, NULL);
        CHECK_EQ_WHEN(refusals[i].when, pipe == INVALID_HANDLE_VALUE, true);
        CHECK_EQ_WHEN(refusals[i].when, GetLastError(), refusals[i].error);
    }
}

static void no_name_at_all_is_a_path_not_found(void)
{
    SetLastError(0);
    CHECK(CreateNamedPipeA(NULL, DUPLEX, 0, 1, QUOTA, QUOTA, 0, NULL) == INVALID_HANDLE_VALUE);
    CHECK_EQ(GetLastError(), ERROR_PATH_NOT_FOUND);
    SetLastError(0);
    CHECK(CreateNamedPipeW(NULL, DUPLEX, 0, 1, QUOTA, QUOTA, 0, NULL) == INVALID_HANDLE_VALUE);
    CHECK_EQ(GetLastError(), ERROR_PATH_NOT_FOUND);
}

static void a_new_server_is_signalled_and_the_last_error_is_0(void)
{
    HANDLE server;

    SetLastError(1234);
    server = CreateNamedPipeA(fresh_name(""), DUPLEX, PIPE_REJECT_REMOTE_CLIENTS, 1, QUOTA, QUOTA,
                              0, NULL);
    CHECK(server != INVALID_HANDLE_VALUE);
    CHECK_EQ(GetLastError(), 0);
    CHECK(at_is_set(here, server));
    CHECK_SAID(at_close(here, server), 0, 0);
}

static const struct {
    const char *when;
    DWORD out, in, max;
} echoes[] = {
    {"nothing",              0,      0,      1  },
    {"one byte",             1,      1,      2  },
    {"no multiple of pages", 0xF000, 1,      254},
    {"all three",            1,      0xF000, 255},
};

static void sizes_and_limit_are_echoed_exactly(void)
{
    for (size_t i = 0; i < ARRAY_LEN(echoes); i++) {
        struct at_pipe pipe = one_pipe(BYTES, 0);
        struct said said;
        HANDLE server;

        pipe.out = echoes[i].out;
        pipe.in = echoes[i].in;
        pipe.max = echoes[i].max;
        server = made(at_create(here, fresh_name(""), pipe));
        said = at_info(here, server);
        CHECK_SAID_WHEN(echoes[i].when, said, 0, 0);
        CHECK_EQ_WHEN(echoes[i].when, said.word[0], PIPE_SERVER_END);
        CHECK_EQ_WHEN(echoes[i].when, said.word[1], echoes[i].out);
        CHECK_EQ_WHEN(echoes[i].when, said.word[2], echoes[i].in);
        CHECK_EQ_WHEN(echoes[i].when, said.word[3], echoes[i].max);
        CHECK_SAID(at_close(here, server), 0, 0);
    }
}

static void a_handle_is_inheritable_if_asked(void)
{
    for (int inheritable = 0; inheritable < 2; inheritable++) {
        struct at_pipe pipe = one_pipe(BYTES, QUOTA);
        DWORD flags = 99;
        HANDLE server;

        pipe.inheritable = inheritable;
        server = made(at_create(here, fresh_name(""), pipe));
        CHECK(GetHandleInformation(server, &flags));
        CHECK_EQ(flags, inheritable ? HANDLE_FLAG_INHERIT : 0);
        CHECK_SAID(at_close(here, server), 0, 0);
    }
}

/* ---- further instances, made by the same process or another ---- */

struct second {
    const char *when;
    DWORD first_max, open_mode, pipe_mode, max, error;
};

static const struct second seconds[] = {
    {"the limit is reached",              1, DUPLEX,              BYTES,                1, 231},
    {"the limit, and it is to be first",  1, FIRST,               BYTES,                1, 231},
    {"it is to be the first",             2, FIRST,               BYTES,                2, 5  },
    {"another direction",                 2, PIPE_ACCESS_INBOUND, BYTES,                2, 5  },
    {"messages of bytes",                 2, DUPLEX,              BYTES | AS_MESSAGES,  2, 87 },
    {"its own limit is reached",          4, DUPLEX,              BYTES,                1, 5  },
    {"another type, limit and wait mode", 4, DUPLEX,              JOINED | PIPE_NOWAIT, 3, 0  },
    {"another way of opening",            4, THROUGH,             BYTES,                4, 0  },
};

static void a_further_instance_must_agree_with_the_first(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(seconds); i++) {
        const struct second *s = &seconds[i];
        const char *name = fresh_name("");
        struct at_pipe pipe = one_pipe(BYTES, QUOTA);
        struct said said;
        HANDLE first;

        pipe.max = s->first_max;
        first = made(at_create(here, name, pipe));
        pipe = one_pipe(s->pipe_mode, 7);
        pipe.open_mode = s->open_mode;
        pipe.max = s->max;
        said = at_create(far, name, pipe);
        CHECK_SAID_WHEN(s->when, said, s->error, 0);
        if (said.ok)
            CHECK_SAID(at_close(far, said.handle), 0, 0);
        CHECK_EQ_WHEN(s->when, at_get_mode(here, first).word[1], 1);
        CHECK_SAID(at_close(here, first), 0, 0);
    }
}

static void a_further_instance_has_the_first_ones_type_and_limit(struct place *far)
{
    const char *name = fresh_name("");
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);
    HANDLE first, second;
    struct said said;

    pipe.max = 4;
    first = made(at_create(here, name, pipe));
    pipe = (struct at_pipe){DUPLEX, MESSAGES, .max = 3, .out = 100, .in = 200, .timeout_ms = 7};
    second = made(at_create(far, name, pipe));
    said = at_info(far, second);
    CHECK_SAID(said, 0, 0);
    CHECK_EQ(said.word[0], PIPE_SERVER_END | PIPE_TYPE_BYTE);
    CHECK_EQ(said.word[1], 100);
    CHECK_EQ(said.word[2], 200);
    CHECK_EQ(said.word[3], 4);
    CHECK_EQ(at_get_mode(far, second).word[0], PIPE_READMODE_BYTE);
    CHECK_EQ(at_get_mode(here, first).word[1], 2);
    CHECK_SAID(at_close(far, second), 0, 0);
    CHECK_SAID(at_close(here, first), 0, 0);
}

static struct at_pipe first_pipe(void)
{
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);

    pipe.open_mode |= FILE_FLAG_FIRST_PIPE_INSTANCE;
    return pipe;
}

static void a_name_that_was_closed_can_be_made_first_again(struct place *far)
{
    const char *name = fresh_name("");

    for (int i = 0; i < 3; i++) {
        HANDLE server = made(at_create(i % 2 == 0 ? here : far, name, first_pipe()));

        CHECK_SAID(at_close(i % 2 == 0 ? here : far, server), 0, 0);
    }
}

static void a_client_that_stays_does_not_hold_the_name(struct place *far)
{
    struct link l;
    HANDLE again;

    link_open(&l, far, BYTES, QUOTA);
    link_close_near(&l);
    again = made(at_create(here, l.name, first_pipe()));
    CHECK_SAID(at_read(far, 0, l.away, 8), ERROR_BROKEN_PIPE, 0);
    CHECK_SAID(at_close(here, again), 0, 0);
    link_close(&l);
}

/* A server's end counts until its last handle is closed, its client's end does not. */
static void an_instance_is_free_again_once_its_server_is_closed(struct place *far)
{
    const char *name = fresh_name("");
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);
    HANDLE first, second, again, client;

    pipe.max = 2;
    first = made(at_create(here, name, pipe));
    client = open_pipe(far, name);
    second = made(at_create(here, name, pipe));
    again = made(at_duplicate(here, first, 0));
    CHECK_SAID(at_close(here, first), 0, 0);
    CHECK_SAID(at_create(here, name, pipe), ERROR_PIPE_BUSY, 0);
    CHECK_SAID(at_close(here, again), 0, 0);
    first = made(at_create(here, name, pipe));
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, first), 0, 0);
    CHECK_SAID(at_close(here, second), 0, 0);
}

FAR_TEST_MAIN(TEST(what_makes_no_sense_is_refused), TEST(no_name_at_all_is_a_path_not_found),
              TEST(a_new_server_is_signalled_and_the_last_error_is_0),
              TEST(sizes_and_limit_are_echoed_exactly), TEST(a_handle_is_inheritable_if_asked),
              TWICE(a_further_instance_must_agree_with_the_first),
              TWICE(a_further_instance_has_the_first_ones_type_and_limit),
              TWICE(a_name_that_was_closed_can_be_made_first_again),
              TWICE(a_client_that_stays_does_not_hold_the_name),
              TWICE(an_instance_is_free_again_once_its_server_is_closed))
