/* SPDX-License-Identifier: MIT */
/* A few lines of Python as the client of a pipe, of messages or of bytes, through nothing but its
 * socket module; and where other runtimes' clients look for one. */
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

static const char byte_script[] = "import socket, sys\n"
                                  "s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)\n"
                                  "s.connect(sys.argv[1])\n"
                                  "s.sendall(b'x' * 5000)\n"
                                  "s.shutdown(socket.SHUT_WR)\n"
                                  "f = s.makefile('rb')\n"
                                  "sys.stdout.write(f.read().decode())\n";

/* More than the quota, half closed, answered, to the end. */
static void talk_by_stream(const char *name, char *path)
{
    char text[sizeof byte_script], self[] = "python3", run[] = "-c";
    char *argv[] = {self, run, text, path, NULL};
    HANDLE server = make_pipe(here, name, BYTES, QUOTA);
    struct program python;
    struct said said;
    DWORD total = 0;

    strcpy(text, byte_script);
    CHECK_PENDS(at_connect(here, 0, server));
    program_start(&python, argv);
    CHECK_SAID(at_await(here, 0), 0, 0);
    for (;;) {
        said = at_get(here, server, AT_DATA);
        if (!said.ok)
            break;
        total += said.count;
    }
    CHECK_SAID(said, ERROR_BROKEN_PIPE, 0);
    CHECK_EQ(total, 5000);
    CHECK_SAID(at_put(here, server, "thanks", 6), 0, 6);
    CHECK_SAID(at_close(here, server), 0, 0);
    CHECK(raw_hears(python.talk, "thanks"));
    CHECK_EQ(program_end(&python), 0);
}

static void its_bytes_are_bytes_at_the_door_and_through_the_link(void)
{
    char name[AT_NAME], path[2 * AT_NAME];

    strcpy(name, fresh_name(""));
    snprintf(path, sizeof path, "%s/%s", pipe_dir(), name_key(name));
    talk_by_stream(name, path);
    snprintf(path, sizeof path, "%s/%s", link_dir(), raw_link(name));
    talk_by_stream(name, path);
}

FAR_TEST_MAIN(TEST(its_sends_are_messages_and_its_close_the_end),
              TEST(its_bytes_are_bytes_at_the_door_and_through_the_link))
