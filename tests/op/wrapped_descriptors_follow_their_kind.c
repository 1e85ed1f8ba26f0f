/* SPDX-License-Identifier: MIT */
/* What a wrapped descriptor says at its end, when its peer goes and when it is closed, by kind:
 * pipe rules, Winsock rules, tty rules.  Anything that can be polled can be watched. */
#include "pair.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

static void reads(HANDLE file, char *buf, DWORD room, DWORD expected)
{
    OVERLAPPED ov = {.hEvent = NULL};
    DWORD n = 0;

    if (!ReadFile(file, buf, room, NULL, &ov))
        CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    CHECK_EQ(GetOverlappedResult(file, &ov, &n, TRUE), TRUE);
    CHECK_EQ(n, expected);
}

/* ---- pipe(2) ---- */

static void pipe_open(HANDLE *in, HANDLE *out)
{
    int fd[2];

    CHECK_EQ(pipe2(fd, O_CLOEXEC), 0);
    *in = CommWrapFd(fd[0], COMM_KIND_DEFAULT, GENERIC_READ, 0);
    *out = CommWrapFd(fd[1], COMM_KIND_DEFAULT, GENERIC_WRITE, 0);
    CHECK(*in != INVALID_HANDLE_VALUE && *out != INVALID_HANDLE_VALUE);
}

static void the_ends_of_a_pipe_read_and_write_what_their_access_allows(void)
{
    HANDLE in, out;
    struct request r;

    pipe_open(&in, &out);
    request_open(&r, true);
    CHECK(request_pends(&r, in, sizeof r.buf));
    CHECK_EQ(WriteFile(out, "pipe", 4, &r.count, &(OVERLAPPED){.hEvent = NULL}), TRUE);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("pipe", &r, STATUS_SUCCESS, 4);
    CHECK_FAILS(WriteFile(in, "x", 1, NULL, &r.ov), ERROR_ACCESS_DENIED);
    CHECK_FAILS(ReadFile(out, r.buf, 1, NULL, &r.ov), ERROR_ACCESS_DENIED);
    CHECK(CloseHandle(in) && CloseHandle(out));
    request_close(&r);
}

static void a_pipe_ends_with_109_and_a_write_to_a_gone_reader_with_232(void)
{
    HANDLE in, out;
    struct request r;

    pipe_open(&in, &out);
    request_open(&r, true);
    CHECK(request_pends(&r, in, 1));
    CHECK(CloseHandle(out));
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("the writer closed", &r, STATUS_PIPE_BROKEN, 0);
    CHECK_FAILS(ReadFile(in, r.buf, 1, NULL, &r.ov), ERROR_BROKEN_PIPE);
    CHECK_FAILS(ReadFile(in, r.buf, 0, NULL, &r.ov), ERROR_BROKEN_PIPE);
    CHECK(CloseHandle(in));
    pipe_open(&in, &out);
    CHECK(CloseHandle(in));
    CHECK_FAILS(WriteFile(out, "x", 1, NULL, &r.ov), ERROR_NO_DATA);
    CHECK(CloseHandle(out));
    request_close(&r);
}

static void a_full_pipe_pends_its_writes_and_a_gone_reader_ends_them_with_232(void)
{
    HANDLE in, out;
    struct request w;
    char *flood = calloc(1, FLOOD_BYTES);

    pipe_open(&in, &out);
    request_open(&w, true);
    CHECK_FAILS(WriteFile(out, flood, FLOOD_BYTES, NULL, &w.ov), ERROR_IO_PENDING);
    CHECK(CloseHandle(in));
    CHECK_EQ(WaitForSingleObject(w.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("the reader closed", &w, STATUS_PIPE_CLOSING, 0);
    CHECK(CloseHandle(out));
    request_close(&w);
    free(flood);
}

/* ---- things that are only polled ---- */

static void an_eventfd_is_watched_by_a_zero_byte_read_and_read_by_eight_bytes(void)
{
    int fd = eventfd(0, EFD_CLOEXEC), mine = dup(fd);
    HANDLE file = wrapped(fd, COMM_KIND_DEFAULT, 0);
    uint64_t value = 5, got = 0;
    struct request r;

    request_open(&r, true);
    CHECK(request_pends(&r, file, 0));
    CHECK_EQ(write(mine, &value, sizeof value), sizeof value);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("readable", &r, STATUS_SUCCESS, 0);
    reads(file, (char *)&got, sizeof got, sizeof got);
    CHECK_EQ(got, 5);
    CHECK(request_pends(&r, file, 0)); /* it was emptied */
    CHECK(CloseHandle(file));
    request_ends("pipe rules", &r, STATUS_PIPE_BROKEN, 0);
    request_close(&r);
    close(mine);
}

static void a_timerfd_is_watched_through_a_port(void)
{
    struct itimerspec soon = {.it_value = {.tv_nsec = 1000000}};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    HANDLE file = wrapped(fd, COMM_KIND_DEFAULT, 0);
    HANDLE port = CreateIoCompletionPort(file, NULL, 9, 0);
    struct request r;
    ULONG_PTR key = 0;
    OVERLAPPED *ov = NULL;
    DWORD n = 99;

    request_open(&r, false);
    CHECK(request_pends(&r, file, 0));
    CHECK_EQ(timerfd_settime(CommGetFd(file), 0, &soon, NULL), 0);
    CHECK_EQ(GetQueuedCompletionStatus(port, &n, &key, &ov, PATIENCE_MS), TRUE);
    CHECK_EQ(key, 9);
    CHECK_EQ(n, 0);
    CHECK(CloseHandle(file) && CloseHandle(port));
}

static void a_signalfd_is_watched_and_read(void)
{
    struct signalfd_siginfo info;
    struct request r;
    sigset_t set, before;
    HANDLE file;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    file = wrapped(signalfd(-1, &set, SFD_CLOEXEC), COMM_KIND_DEFAULT, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, file, 0));
    kill(getpid(), SIGUSR2); /* blocked in every thread: this one's mask, and the engine's own */
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("readable", &r, STATUS_SUCCESS, 0);
    reads(file, (char *)&info, sizeof info, sizeof info);
    CHECK_EQ(info.ssi_signo, SIGUSR2);
    CHECK(CloseHandle(file));
    request_close(&r);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void listen_at(int fd, struct sockaddr_un *at)
{
    *at = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(at->sun_path, sizeof at->sun_path, "%s/door", comm_test_dir());
    unlink(at->sun_path);
    CHECK_EQ(bind(fd, (struct sockaddr *)at, sizeof *at), 0);
    CHECK_EQ(listen(fd, 4), 0);
}

static void a_zero_byte_read_of_a_listening_socket_waits_for_a_connection(void)
{
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), server;
    struct sockaddr_un at;
    struct request r;
    HANDLE file;

    listen_at(listener, &at);
    file = wrapped(listener, COMM_KIND_DEFAULT, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, file, 0));
    CHECK_EQ(connect(client, (struct sockaddr *)&at, sizeof at), 0);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("a connection is there", &r, STATUS_SUCCESS, 0);
    server = accept(CommGetFd(file), NULL, NULL);
    CHECK(server >= 0);
    CHECK(request_pends(&r, file, 0));
    CHECK(CloseHandle(file));
    request_close(&r);
    close(server);
    close(client);
}

/* ---- ttys ---- */

static int pty_open(int *slave)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios raw;

    CHECK(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    *slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK_EQ(tcgetattr(*slave, &raw), 0);
    cfmakeraw(&raw);
    CHECK_EQ(tcsetattr(*slave, TCSANOW, &raw), 0);
    return master;
}

static void a_tty_reads_what_the_line_says_and_hangs_up_with_995(void)
{
    int slave, master = pty_open(&slave);
    HANDLE tty = wrapped(slave, COMM_KIND_DEFAULT, 0);
    struct request r;

    request_open(&r, true);
    CHECK(request_pends(&r, tty, sizeof r.buf));
    CHECK_EQ(write(master, "tty", 3), 3);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("data", &r, STATUS_SUCCESS, 3);
    CHECK(request_pends(&r, tty, sizeof r.buf));
    close(master);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("hung up", &r, STATUS_CANCELLED, 0);
    CHECK(CloseHandle(tty));
    request_close(&r);
}

/* Opening a master again makes another one, with nobody at its other end. */
static void a_wrapped_master_stays_connected_to_its_slave(void)
{
    int slave, master = pty_open(&slave);
    HANDLE line = wrapped(master, COMM_KIND_DEFAULT, 0);
    struct request r;
    char got[4] = "";

    request_open(&r, true);
    CHECK(request_pends(&r, line, sizeof r.buf));
    CHECK_EQ(write(slave, "up", 2), 2);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("from the slave", &r, STATUS_SUCCESS, 2);
    CHECK_EQ(WriteFile(line, "down", 4, NULL, &r.ov), TRUE);
    CHECK_EQ(read(slave, got, 4), 4);
    CHECK_EQ(memcmp(got, "down", 4), 0);
    CHECK(CloseHandle(line));
    request_close(&r);
    close(slave);
}

/* ---- inet sockets ---- */

static void inet_pair(int fd[2])
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    fd[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_EQ(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    CHECK_EQ(listen(listener, 1), 0);
    CHECK_EQ(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    CHECK_EQ(connect(fd[0], (struct sockaddr *)&at, sizeof at), 0);
    fd[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    close(listener);
}

static void an_inet_socket_ends_with_success_and_no_bytes(void)
{
    struct request r;
    HANDLE file;
    int fd[2];

    inet_pair(fd);
    file = wrapped(fd[0], COMM_KIND_DEFAULT, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, file, 1));
    close(fd[1]);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("end of stream", &r, STATUS_SUCCESS, 0);
    CHECK_EQ(ReadFile(file, r.buf, 1, &r.count, &r.ov), TRUE);
    CHECK_EQ(r.count, 0);
    CHECK(CloseHandle(file));
    request_close(&r);
}

static void a_reset_connection_ends_with_64(void)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    struct request r;
    HANDLE file;
    DWORD n;
    int fd[2];

    inet_pair(fd);
    file = wrapped(fd[0], COMM_KIND_DEFAULT, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, file, 1));
    CHECK_EQ(setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    close(fd[1]);
    CHECK_FAILS(GetOverlappedResult(file, &r.ov, &n, TRUE), ERROR_NETNAME_DELETED);
    CHECK_EQ(request_status(&r), STATUS_CONNECTION_RESET);
    CHECK(CloseHandle(file));
    request_close(&r);
}

static void the_kind_given_decides_whose_rules_hold(void)
{
    struct request r;
    HANDLE file;
    int fd[2];

    inet_pair(fd);
    file = wrapped(fd[0], COMM_KIND_STREAM, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, file, 1));
    close(fd[1]);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("an inet socket as a pipe", &r, STATUS_PIPE_BROKEN, 0);
    CHECK(CloseHandle(file));
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
    file = wrapped(fd[0], COMM_KIND_SOCKET, 0);
    CHECK(request_pends(&r, file, 1));
    close(fd[1]);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("a unix socket as a socket", &r, STATUS_SUCCESS, 0);
    CHECK(CloseHandle(file));
    request_close(&r);
}

/* ---- files ---- */

static void reads_at(HANDLE file, uint64_t at, char *buf, DWORD room, DWORD expected)
{
    OVERLAPPED ov = {.Offset = (DWORD)at};
    DWORD n = 0;

    if (!ReadFile(file, buf, room, NULL, &ov))
        CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    CHECK_EQ(GetOverlappedResult(file, &ov, &n, TRUE), TRUE);
    CHECK_EQ(n, expected);
}

static int file_with(const char *text)
{
    char name[512];
    int fd;

    snprintf(name, sizeof name, "%s/wrapped", comm_test_dir());
    fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    unlink(name); /* it needs no name */
    return fd;
}

static void a_regular_file_is_read_and_written_at_the_offset_given(void)
{
    int fd = file_with("0123456789");
    HANDLE file = wrapped(fd, COMM_KIND_DEFAULT, COMM_WRAP_DUP);
    OVERLAPPED ov = {.Offset = 4};
    char buf[8] = "";
    DWORD n = 0;

    reads_at(file, 7, buf, 8, 3);
    CHECK_EQ(memcmp(buf, "789", 3), 0);
    if (!WriteFile(file, "xy", 2, NULL, &ov))
        CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    CHECK_EQ(GetOverlappedResult(file, &ov, &n, TRUE), TRUE);
    ov.Offset = 10;
    CHECK(!ReadFile(file, buf, 8, NULL, &ov));
    CHECK_FAILS(GetOverlappedResult(file, &ov, &n, TRUE), ERROR_HANDLE_EOF);
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 10); /* where the writer left it */
    CHECK(CloseHandle(file));
    CHECK_EQ(pread(fd, buf, 8, 2), 8);
    CHECK_EQ(memcmp(buf, "23xy6789", 8), 0);
    close(fd);
}

static void a_synchronous_file_begins_where_the_descriptor_is(void)
{
    int fd = file_with("0123456789");
    HANDLE file;
    char buf[8];
    DWORD n = 0;

    CHECK_EQ(lseek(fd, 6, SEEK_SET), 6);
    file = wrapped(fd, COMM_KIND_DEFAULT, COMM_WRAP_SYNC);
    CHECK_EQ(ReadFile(file, buf, 8, &n, NULL), TRUE);
    CHECK_EQ(n, 4);
    CHECK_EQ(memcmp(buf, "6789", 4), 0);
    CHECK(CloseHandle(file));
    CHECK_EQ(fcntl(fd, F_GETFD), -1); /* it was the handle's */
}

static void a_regular_file_has_no_other_kind(void)
{
    int fd = file_with("");

    CHECK(CommWrapFd(fd, COMM_KIND_STREAM, GENERIC_READ, 0) == INVALID_HANDLE_VALUE);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK_EQ(close(fd), 0);
}

/* ---- refused ---- */

static void what_cannot_be_wrapped_stays_the_callers(void)
{
    int directory = open(comm_test_dir(), O_RDONLY | O_CLOEXEC);
    int end[2];

    CHECK_EQ(pipe2(end, O_CLOEXEC), 0);
    SetLastError(0);
    CHECK(CommWrapFd(directory, COMM_KIND_DEFAULT, GENERIC_READ, 0) == INVALID_HANDLE_VALUE);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(CommWrapFd(end[0], COMM_KIND_SOCKET, GENERIC_READ, 0) == INVALID_HANDLE_VALUE);
    CHECK(CommWrapFd(end[0], 77, GENERIC_READ, 0) == INVALID_HANDLE_VALUE);
    CHECK(CommWrapFd(-1, COMM_KIND_DEFAULT, GENERIC_READ, 0) == INVALID_HANDLE_VALUE);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    CHECK_EQ(close(directory), 0);
    CHECK_EQ(close(end[0]), 0);
    close(end[1]);
}

COMM_TEST_MAIN(TEST(the_ends_of_a_pipe_read_and_write_what_their_access_allows),
               TEST(a_pipe_ends_with_109_and_a_write_to_a_gone_reader_with_232),
               TEST(a_full_pipe_pends_its_writes_and_a_gone_reader_ends_them_with_232),
               TEST(an_eventfd_is_watched_by_a_zero_byte_read_and_read_by_eight_bytes),
               TEST(a_timerfd_is_watched_through_a_port), TEST(a_signalfd_is_watched_and_read),
               TEST(a_zero_byte_read_of_a_listening_socket_waits_for_a_connection),
               TEST(a_tty_reads_what_the_line_says_and_hangs_up_with_995),
               TEST(a_wrapped_master_stays_connected_to_its_slave),
               TEST(an_inet_socket_ends_with_success_and_no_bytes),
               TEST(a_reset_connection_ends_with_64), TEST(the_kind_given_decides_whose_rules_hold),
               TEST(a_regular_file_is_read_and_written_at_the_offset_given),
               TEST(a_synchronous_file_begins_where_the_descriptor_is),
               TEST(a_regular_file_has_no_other_kind),
               TEST(what_cannot_be_wrapped_stays_the_callers))
