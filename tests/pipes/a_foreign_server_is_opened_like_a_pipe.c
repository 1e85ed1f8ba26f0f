/* SPDX-License-Identifier: MIT */
/* A listening socket under a pipe's name that no library has made: CreateFile connects to it, bytes
 * or messages flow, and its end is a broken pipe.  The client is at the far place. */
#include "raw.h"

struct foreign {
    char name[AT_NAME], path[2 * AT_NAME];
    int door;
};

/* In the temporary directory, where other programs' pipes are. */
static void foreign_open(struct foreign *f, int type, int backlog)
{
    strcpy(f->name, fresh_name(""));
    snprintf(f->path, sizeof f->path, "%s/%s", link_dir(), raw_link(f->name));
    f->door = raw_listen(link_dir(), raw_link(f->name), type, backlog);
}

static void foreign_close(struct foreign *f)
{
    close(f->door);
    CHECK_EQ(unlink(f->path), 0);
}

static int foreign_accept(const struct foreign *f)
{
    int fd = accept4(f->door, NULL, NULL, SOCK_CLOEXEC);

    CHECK(fd >= 0);
    return fd;
}

static void bytes_flow_both_ways_until_it_closes(struct place *far)
{
    struct foreign f;
    struct said said;
    HANDLE client;
    int server;

    foreign_open(&f, SOCK_STREAM, 4);
    client = open_pipe(far, f.name);
    server = foreign_accept(&f);
    CHECK_SAID(at_put(far, client, "ping", 4), 0, 4);
    CHECK(raw_hears(server, "ping"));
    CHECK_PENDS(at_read(far, 0, client, 64));
    CHECK(raw_send(server, "pong"));
    said = at_await(far, 0);
    CHECK_SAID(said, 0, 4);
    CHECK_DATA(said, "pong", 4);
    CHECK(raw_send(server, "last"));
    close(server);
    CHECK_SAID(at_get(far, client, 64), 0, 4);
    CHECK_SAID(at_get(far, client, 64), ERROR_BROKEN_PIPE, 0);
    CHECK_SAID(at_write(far, 0, client, "x", 1), ERROR_NO_DATA, 0);
    CHECK_SAID(at_close(far, client), 0, 0);
    foreign_close(&f);
}

static void records_are_messages(struct place *far)
{
    struct foreign f;
    struct said said;
    HANDLE client;
    int server;

    foreign_open(&f, SOCK_SEQPACKET, 4);
    client = open_pipe(far, f.name);
    server = foreign_accept(&f);
    CHECK_SAID(at_set_mode(far, client, PIPE_READMODE_MESSAGE), 0, 0);
    CHECK(raw_send(server, "ab"));
    CHECK(raw_send(server, "cd"));
    said = at_get(far, client, 64);
    CHECK_SAID(said, 0, 2);
    CHECK_DATA(said, "ab", 2);
    CHECK_SAID(at_get(far, client, 64), 0, 2);
    CHECK_SAID(at_put(far, client, "ping", 4), 0, 4);
    CHECK(raw_hears(server, "ping"));
    close(server);
    CHECK_SAID(at_get(far, client, 64), ERROR_BROKEN_PIPE, 0);
    CHECK_SAID(at_close(far, client), 0, 0);
    foreign_close(&f);
}

static void a_full_queue_is_a_busy_pipe(struct place *far)
{
    struct foreign f;
    HANDLE client;

    foreign_open(&f, SOCK_STREAM, 0); /* of one */
    client = open_pipe(far, f.name);
    CHECK_SAID(at_open(far, f.name, BOTH_WAYS, 0), ERROR_PIPE_BUSY, 0);
    CHECK_SAID(at_close(far, client), 0, 0);
    foreign_close(&f);
}

static void a_path_that_nobody_serves_is_no_pipe(struct place *far)
{
    struct foreign f;

    foreign_open(&f, SOCK_STREAM, 4);
    close(f.door);
    CHECK_SAID(at_open(far, f.name, BOTH_WAYS, 0), ERROR_FILE_NOT_FOUND, 0);
    CHECK_EQ(unlink(f.path), 0);
    CHECK_SAID(at_open(far, f.name, BOTH_WAYS, 0), ERROR_FILE_NOT_FOUND, 0);
}

/* A pipe of that name made here goes first, and leaves the stranger's socket where it is. */
static void a_pipe_of_the_library_goes_before_it(struct place *far)
{
    struct foreign f;
    HANDLE server, client;

    foreign_open(&f, SOCK_STREAM, 4);
    server = make_pipe(here, f.name, BYTES, 512);
    client = open_pipe(far, f.name);
    CHECK_SAID(at_put(far, client, "ping", 4), 0, 4);
    CHECK_SAID(at_get(here, server, 8), 0, 4);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
    foreign_close(&f); /* still there */
}

/* An owner just coming, or gone: the door is not for those who know how to open a pipe. */
static void the_raw_door_of_a_pipe_is_no_foreign_server(struct place *far)
{
    char path[2 * AT_NAME], lock[3 * AT_NAME], link[2 * AT_NAME];
    const char *name = fresh_name("");
    int door = raw_listen(pipe_dir(), name_key(name), SOCK_STREAM, 4), fd;

    snprintf(path, sizeof path, "%s/%s", pipe_dir(), name_key(name));
    snprintf(lock, sizeof lock, "%s:lock", path);
    snprintf(link, sizeof link, "%s/%s", link_dir(), raw_link(name));
    CHECK_EQ(symlink(path, link), 0);
    fd = open(lock, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    CHECK_SAID(at_open(far, name, BOTH_WAYS, 0), ERROR_FILE_NOT_FOUND, 0);
    CHECK_EQ(unlink(lock), 0);
    CHECK_EQ(fcntl(door, F_SETFL, O_NONBLOCK), 0);
    CHECK(accept(door, NULL, NULL) < 0 && errno == EAGAIN); /* nobody has knocked */
    CHECK_SAID(at_close(far, open_pipe(far, name)), 0, 0);
    CHECK_EQ(unlink(path), 0);
    CHECK_EQ(unlink(link), 0);
    close(fd);
    close(door);
}

FAR_TEST_MAIN(TWICE(bytes_flow_both_ways_until_it_closes), TWICE(records_are_messages),
              TWICE(a_full_queue_is_a_busy_pipe), TWICE(a_path_that_nobody_serves_is_no_pipe),
              TWICE(a_pipe_of_the_library_goes_before_it),
              TWICE(the_raw_door_of_a_pipe_is_no_foreign_server))
