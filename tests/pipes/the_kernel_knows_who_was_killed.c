/* SPDX-License-Identifier: MIT */
/* A peer that is killed has no time to bring its counts in order, and one that means no good has
 * them as it likes: what it sent is read, and then the pipe is broken. */
#include "connected.h"

#include "pipes/end.h"

enum { QUOTA = 4096 };

/* The counts of what comes in at a server's end are as if `more` records and bytes had been sent
 * beyond what was. */
static void miscount(HANDLE server, int records, int bytes)
{
    struct pi_end *end = pi_end_of_handle(server, 0);

    if (!CHECK(end != NULL))
        return;
    ci_lock(&end->file.lock);
    atomic_fetch_add(&pi_end_in(end)->records_sent, (uint64_t)records);
    atomic_fetch_add(&pi_end_in(end)->bytes_sent, (uint64_t)bytes);
    ci_unlock(&end->file.lock);
    pi_end_put(end);
}

static const struct {
    const char *when;
    DWORD mode;
    int records, bytes;
    bool read_first; /* before the peer is killed */
    int blanks;      /* empty messages that may be read behind what was sent */
} counts[] = {
    {"the last message was not counted",              MESSAGES, -1,   -3,   false, 0},
    {"nor was it when it was read",                   MESSAGES, -1,   -3,   true,  0},
    {"it is read as bytes",                           JOINED,   -1,   -3,   false, 0},
    {"and that before the end",                       JOINED,   -1,   -3,   true,  0},
    {"bytes were not counted",                        BYTES,    0,    -3,   false, 0},
    {"nor when they were read",                       BYTES,    0,    -3,   true,  0},
    {"many messages are claimed",                     MESSAGES, 9999, 0,    false, 1},
    {"and the one was read before",                   MESSAGES, 9999, 0,    true,  1},
    {"many messages are claimed, to who wants bytes", JOINED,   9999, 0,    true,  1},
    {"many bytes are claimed",                        BYTES,    0,    9999, true,  0},
};

static void check_rest(size_t i, HANDLE server)
{
    struct said said = at_get(here, server, 64);

    for (int blanks = 0; blanks < counts[i].blanks && said.ok && said.count == 0; blanks++)
        said = at_get(here, server, 64);
    CHECK_SAID_WHEN(counts[i].when, said, ERROR_BROKEN_PIPE, 0);
}

static void a_killed_peer_is_gone_whatever_it_has_counted(void)
{
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        const char *name = fresh_name("");
        HANDLE server = make_pipe(here, name, counts[i].mode, QUOTA), client;
        struct place far;

        place_open_there(&far);
        client = open_pipe(&far, name);
        CHECK_SAID(at_put(&far, client, "abc", 3), 0, 3);
        if (counts[i].read_first)
            CHECK_SAID_WHEN(counts[i].when, at_get(here, server, 64), 0, 3);
        miscount(server, counts[i].records, counts[i].bytes);
        place_kill(&far);
        if (!counts[i].read_first)
            CHECK_SAID_WHEN(counts[i].when, at_get(here, server, 64), 0, 3);
        check_rest(i, server);
        CHECK_SAID(at_close(here, server), 0, 0);
    }
}

static void a_read_that_waits_ends_when_its_peer_is_killed(void)
{
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        const char *name = fresh_name("");
        HANDLE server = make_pipe(here, name, counts[i].mode, QUOTA), client;
        struct place far;
        struct said said;

        place_open_there(&far);
        client = open_pipe(&far, name);
        CHECK_SAID(at_put(&far, client, "abc", 3), 0, 3);
        CHECK_SAID_WHEN(counts[i].when, at_get(here, server, 64), 0, 3);
        miscount(server, counts[i].records, counts[i].bytes);
        CHECK_PENDS_WHEN(counts[i].when, at_read(here, 0, server, 64));
        place_kill(&far);
        said = at_await(here, 0);
        if (counts[i].blanks > 0 && said.ok && said.count == 0)
            said = at_get(here, server, 64);
        CHECK_SAID_WHEN(counts[i].when, said, ERROR_BROKEN_PIPE, 0);
        CHECK_SAID(at_close(here, server), 0, 0);
    }
}

FAR_TEST_MAIN(TEST(a_killed_peer_is_gone_whatever_it_has_counted),
              TEST(a_read_that_waits_ends_when_its_peer_is_killed))
