/* SPDX-License-Identifier: MIT */
/* A wrapped descriptor may be shared with the shell, a parent or a child: they must not find it
 * non-blocking, and the program must not find a SIGPIPE it never asked for. */
#include "pair.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static bool blocks(int fd)
{
    return (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
}

/* ---- COMM_WRAP_DUP ---- */

static void a_wrapped_duplicate_leaves_the_descriptor_with_its_owner(void)
{
    int fd[2];
    HANDLE file;
    char byte = 0;

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
    file = wrapped(fd[0], COMM_KIND_DEFAULT, COMM_WRAP_DUP);
    CHECK(CommGetFd(file) != fd[0]);
    CHECK(CloseHandle(file));
    CHECK_EQ(write(fd[1], "x", 1), 1);
    CHECK_EQ(read(fd[0], &byte, 1), 1);
    CHECK_EQ(byte, 'x');
    CHECK_EQ(close(fd[0]), 0);
    CHECK_EQ(close(fd[1]), 0);
}

static void a_wrapped_descriptor_belongs_to_the_handle(void)
{
    int fd[2], behind;
    HANDLE file;

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
    file = wrapped(fd[0], COMM_KIND_DEFAULT, 0);
    behind = CommGetFd(file);
    CHECK(fcntl(behind, F_GETFD) >= 0);
    CHECK(CloseHandle(file));
    CHECK_EQ(fcntl(behind, F_GETFD), -1);
    CHECK_EQ(CommGetFd(file), -1);
    close(fd[1]);
}

/* ---- O_NONBLOCK ---- */

enum thing { A_SOCKET, PIPE_IN, PIPE_OUT, A_TTY };

/* A descriptor of its kind, and what must stay open for it. */
static int thing_open(enum thing thing, int *other)
{
    int fd[2];

    if (thing == A_TTY) {
        *other = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        CHECK(grantpt(*other) == 0 && unlockpt(*other) == 0);
        return open(ptsname(*other), O_RDWR | O_NOCTTY | O_CLOEXEC);
    }
    if (thing == A_SOCKET)
        CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
    else
        CHECK_EQ(pipe2(fd, O_CLOEXEC), 0);
    *other = fd[thing == PIPE_OUT ? 0 : 1];
    return fd[thing == PIPE_OUT ? 1 : 0];
}

static const struct {
    const char *when;
    enum thing thing;
    DWORD access;
} things[] = {
    {"a socket",                  A_SOCKET, GENERIC_READ | GENERIC_WRITE},
    {"the reading end of a pipe", PIPE_IN,  GENERIC_READ                },
    {"the writing end of a pipe", PIPE_OUT, GENERIC_WRITE               },
    {"a tty",                     A_TTY,    GENERIC_READ | GENERIC_WRITE},
};

static void whoever_shares_the_descriptor_never_finds_it_non_blocking(void)
{
    for (size_t i = 0; i < ARRAY_LEN(things); i++) {
        int other, fd = thing_open(things[i].thing, &other);
        struct request r;
        HANDLE file = CommWrapFd(fd, COMM_KIND_DEFAULT, things[i].access, COMM_WRAP_DUP);

        CHECK(file != INVALID_HANDLE_VALUE);
        request_open(&r, true);
        CHECK_EQ_WHEN(things[i].when, blocks(fd), true);
        if (things[i].thing == PIPE_OUT)
            CHECK_EQ(WriteFile(file, "x", 1, NULL, &r.ov), TRUE);
        else
            CHECK(request_pends(&r, file, 1));
        CHECK_EQ_WHEN(things[i].when, blocks(fd), true);
        CHECK(CloseHandle(file));
        CHECK_EQ_WHEN(things[i].when, blocks(fd), true);
        request_close(&r);
        close(fd);
        close(other);
    }
}

/* An eventfd cannot be opened again: the flag is on what is shared, for as long as the handle is.
 */
static void where_the_flag_must_be_shared_it_is_taken_back_at_the_end(void)
{
    int fd = eventfd(0, EFD_CLOEXEC);
    HANDLE file = wrapped(fd, COMM_KIND_DEFAULT, COMM_WRAP_DUP);

    CHECK(CloseHandle(file));
    CHECK(blocks(fd));
    close(fd);
}

static void a_descriptor_that_was_non_blocking_stays_so(void)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    HANDLE file = wrapped(fd, COMM_KIND_DEFAULT, COMM_WRAP_DUP);

    CHECK(CloseHandle(file));
    CHECK(!blocks(fd));
    close(fd);
}

/* ---- SIGPIPE ---- */

static void write_to_a_gone_reader(int flags)
{
    OVERLAPPED ov = {.hEvent = NULL};
    HANDLE out;
    int fd[2];

    CHECK_EQ(pipe2(fd, O_CLOEXEC), 0);
    out = CommWrapFd(fd[1], COMM_KIND_DEFAULT, GENERIC_WRITE, (DWORD)flags);
    close(fd[0]);
    CHECK_FAILS(WriteFile(out, "x", 1, NULL, &ov), ERROR_NO_DATA);
    CHECK(CloseHandle(out));
}

static volatile sig_atomic_t pipe_signals;

static void count_signal(int signal)
{
    (void)signal;
    pipe_signals++;
}

static void a_gone_reader_raises_no_sigpipe(void)
{
    struct sigaction counting = {.sa_handler = count_signal}, before;

    pipe_signals = 0;
    sigaction(SIGPIPE, &counting, &before);
    write_to_a_gone_reader(0);
    write_to_a_gone_reader(COMM_WRAP_SYNC);
    CHECK_EQ(pipe_signals, 0);
    sigaction(SIGPIPE, &before, NULL);
}

static void a_gone_reader_leaves_no_sigpipe_pending(void)
{
    sigset_t set, before, pending;

    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    write_to_a_gone_reader(0);
    sigpending(&pending);
    CHECK(!sigismember(&pending, SIGPIPE));
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void a_sigpipe_the_program_had_pending_stays_pending(void)
{
    sigset_t set, before, pending;
    struct timespec now = {0, 0};

    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    pthread_kill(pthread_self(), SIGPIPE);
    write_to_a_gone_reader(0);
    sigpending(&pending);
    CHECK(sigismember(&pending, SIGPIPE));
    CHECK_EQ(sigtimedwait(&set, NULL, &now), SIGPIPE);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void a_socket_whose_peer_is_gone_raises_no_sigpipe(void)
{
    struct sigaction counting = {.sa_handler = count_signal}, before;
    OVERLAPPED ov = {.hEvent = NULL};
    struct pair p;

    pipe_signals = 0;
    sigaction(SIGPIPE, &counting, &before);
    pair_open(&p, 0);
    pair_hang_up(&p);
    CHECK_FAILS(WriteFile(p.near, "x", 1, NULL, &ov), ERROR_NO_DATA);
    pair_close(&p);
    CHECK_EQ(pipe_signals, 0);
    sigaction(SIGPIPE, &before, NULL);
}

COMM_TEST_MAIN(TEST(a_wrapped_duplicate_leaves_the_descriptor_with_its_owner),
               TEST(a_wrapped_descriptor_belongs_to_the_handle),
               TEST(whoever_shares_the_descriptor_never_finds_it_non_blocking),
               TEST(where_the_flag_must_be_shared_it_is_taken_back_at_the_end),
               TEST(a_descriptor_that_was_non_blocking_stays_so),
               TEST(a_gone_reader_raises_no_sigpipe), TEST(a_gone_reader_leaves_no_sigpipe_pending),
               TEST(a_sigpipe_the_program_had_pending_stays_pending),
               TEST(a_socket_whose_peer_is_gone_raises_no_sigpipe))
