/* SPDX-License-Identifier: MIT */
/* A program from elsewhere as the client of a pipe of bytes: what it says and hears is what the
 * server reads and writes, and it may end its half first. */
#include "programs.h"

enum { QUOTA = 512 };

static void it_says_and_hears_exactly_what_the_server_does(void)
{
    char name[AT_NAME], target[2 * AT_NAME], self[] = "socat", standard[] = "-";
    char *argv[] = {self, standard, target, NULL};
    struct program socat;
    struct said said;
    HANDLE server;

    strcpy(name, fresh_name(""));
    snprintf(target, sizeof target, "UNIX-CONNECT:%s/%s", pipe_dir(), name_key(name));
    server = make_pipe(here, name, BYTES, QUOTA);
    CHECK_PENDS(at_connect(here, 0, server));
    program_start(&socat, argv);
    CHECK_SAID(at_await(here, 0), 0, 0);
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

FAR_TEST_MAIN(TEST(it_says_and_hears_exactly_what_the_server_does))
