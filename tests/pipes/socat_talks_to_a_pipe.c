/* SPDX-License-Identifier: MIT */
/* A program from elsewhere as the client of a pipe, of bytes or of messages: what it says and hears
 * is what the server reads and writes, and it may end its half first, or go. */
#include "programs.h"

#include <signal.h>

enum { QUOTA = 512 };

/* The server's end, its client connected. */
static HANDLE socat_connect(struct program *socat, DWORD mode)
{
    char name[AT_NAME], target[2 * AT_NAME], self[] = "socat", standard[] = "-";
    char *argv[] = {self, standard, target, NULL};
    HANDLE server;

    strcpy(name, fresh_name(""));
    snprintf(target, sizeof target, "UNIX-CONNECT:%s/%s%s", pipe_dir(), name_key(name),
             mode == BYTES ? "" : ",type=5");
    server = make_pipe(here, name, mode, QUOTA);
    CHECK_PENDS(at_connect(here, 0, server));
    program_start(socat, argv);
    CHECK_SAID(at_await(here, 0), 0, 0);
    return server;
}

static void it_says_and_hears_exactly_what_the_server_does(void)
{
    struct program socat;
    HANDLE server = socat_connect(&socat, BYTES);
    struct said said;

    CHECK(raw_send(socat.talk, "req"));
    said = at_get(here, server, 64);
    CHECK_SAID(said, 0, 3);
    CHECK_DATA(said, "req", 3);
    CHECK_EQ(shutdown(socat.talk, SHUT_WR), 0); /* and so does socat */
    CHECK_SAID(at_get(here, server, 64), ERROR_BROKEN_PIPE, 0);
    CHECK_SAID(at_put(here, server, "reply", 5), 0, 5);
    CHECK_SAID(at_close(here, server), 0, 0);
    CHECK(raw_hears(socat.talk, "reply"));
    CHECK(raw_hears(socat.talk, ""));
    CHECK_EQ(program_end(&socat), 0);
}

/* Each read of its standard input is one. */
static void its_records_are_messages(void)
{
    struct program socat;
    HANDLE server = socat_connect(&socat, MESSAGES);
    struct said said;

    CHECK(raw_send(socat.talk, "request"));
    CHECK_SAID(at_get(here, server, 3), ERROR_MORE_DATA, 3);
    said = at_get(here, server, 64);
    CHECK_SAID(said, 0, 4);
    CHECK_DATA(said, "uest", 4);
    CHECK_SAID(at_put(here, server, "one", 3), 0, 3);
    CHECK(raw_hears(socat.talk, "one"));
    CHECK_EQ(shutdown(socat.talk, SHUT_WR), 0);
    CHECK_SAID(at_get(here, server, 64), ERROR_BROKEN_PIPE, 0);
    CHECK_SAID(at_put(here, server, "two", 3), 0, 3);
    CHECK(raw_hears(socat.talk, "two"));
    CHECK_SAID(at_close(here, server), 0, 0);
    CHECK(raw_hears(socat.talk, ""));
    CHECK_EQ(program_end(&socat), 0);
}

/* Killed in the middle of it, with something unread. */
static void it_may_die_with_something_unread(void)
{
    static const DWORD modes[] = {BYTES, MESSAGES};

    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        struct program socat;
        HANDLE server = socat_connect(&socat, modes[i]);
        struct said said;

        CHECK(raw_send(socat.talk, "last words"));
        CHECK_SAID(at_get(here, server, 4), i == 0 ? 0 : ERROR_MORE_DATA, 4);
        if (modes[i] == BYTES) /* a message goes whole or not at all */
            CHECK_PENDS(at_write(here, 1, server, NULL, 1 << 20));
        CHECK_EQ(kill(socat.pid, SIGKILL), 0);
        CHECK_EQ(program_end(&socat), -1);
        if (modes[i] == BYTES)
            CHECK_SAID(at_await(here, 1), ERROR_BROKEN_PIPE, AT_ANY);
        said = at_get(here, server, 64);
        CHECK_SAID(said, 0, 6);
        CHECK_DATA(said, " words", 6);
        CHECK_SAID(at_get(here, server, 64), ERROR_BROKEN_PIPE, 0);
        CHECK_SAID(at_close(here, server), 0, 0);
    }
}

FAR_TEST_MAIN(TEST(it_says_and_hears_exactly_what_the_server_does), TEST(its_records_are_messages),
              TEST(it_may_die_with_something_unread))
