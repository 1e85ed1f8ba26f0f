/* SPDX-License-Identifier: MIT */
/* A few lines of Python as the client of a pipe of messages, through nothing but its socket
 * module. */
#include "programs.h"

enum { QUOTA = 512 };

static const char script[] = "import socket, sys\n"
                             "s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n"
                             "s.connect(sys.argv[1])\n"
                             "s.send(b'')\n"
                             "s.send(b'ab')\n"
                             "sys.stdout.write(s.recv(100).decode())\n"
                             "s.close()\n";

static void its_sends_are_messages_and_its_close_the_end(void)
{
    char name[AT_NAME], path[2 * AT_NAME], text[sizeof script];
    char self[] = "python3", run[] = "-c";
    char *argv[] = {self, run, text, path, NULL};
    struct program python;
    struct said said;
    HANDLE server;

    strcpy(text, script);
    strcpy(name, fresh_name(""));
    snprintf(path, sizeof path, "%s/%s", pipe_dir(), name_key(name));
    server = make_pipe(here, name, MESSAGES, QUOTA);
    CHECK_PENDS(at_connect(here, 0, server));
    program_start(&python, argv);
    CHECK_SAID(at_await(here, 0), 0, 0);
    CHECK_SAID(at_get(here, server, 64), 0, 0);
    said = at_get(here, server, 64);
    CHECK_SAID(said, 0, 2);
    CHECK_DATA(said, "ab", 2);
    CHECK_SAID(at_put(here, server, "answer", 6), 0, 6);
    CHECK(raw_hears(python.talk, "answer"));
    CHECK_SAID(at_get(here, server, 64), ERROR_BROKEN_PIPE, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
    CHECK_EQ(program_end(&python), 0);
}

FAR_TEST_MAIN(TEST(its_sends_are_messages_and_its_close_the_end))
