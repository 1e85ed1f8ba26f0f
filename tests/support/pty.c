/* SPDX-License-Identifier: MIT */
/* Pseudo-terminals for tests.  The slave is made raw with nobody at it, so that what the master
 * sends early is not echoed. */
#include "pty.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness.h"

#define PATIENCE_MS 20000

static void make_raw(int master)
{
    struct termios2 t;

    CHECK_EQ(ioctl(master, TCGETS2, &t), 0);
    t.c_iflag = 0;
    t.c_oflag = 0;
    t.c_lflag = 0;
    t.c_cflag = B9600 | CS8 | CREAD;
    CHECK_EQ(ioctl(master, TCSETS2, &t), 0);
}

void pty_open(struct pty *pty)
{
    pty->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (pty->master < 0 || grantpt(pty->master) != 0 || unlockpt(pty->master) != 0 ||
        ptsname_r(pty->master, pty->path, sizeof pty->path) != 0)
        comm_test_skip("there are no pseudo-terminals here");
    make_raw(pty->master);
}

void pty_hang_up(struct pty *pty)
{
    if (pty->master >= 0)
        close(pty->master);
    pty->master = -1;
}

void pty_close(struct pty *pty)
{
    pty_hang_up(pty);
}

static bool ready(const struct pty *pty, short events)
{
    struct pollfd one = {.fd = pty->master, .events = events};

    return poll(&one, 1, PATIENCE_MS) == 1;
}

void pty_send(struct pty *pty, const void *bytes, size_t len)
{
    const char *from = bytes;

    while (len > 0) {
        ssize_t n = write(pty->master, from, len);

        if (n < 0 && !CHECK(errno == EAGAIN && ready(pty, POLLOUT)))
            return;
        if (n > 0) {
            from += n;
            len -= (size_t)n;
        }
    }
}

void pty_receive(struct pty *pty, void *bytes, size_t len)
{
    char *to = bytes;

    while (len > 0) {
        ssize_t n = read(pty->master, to, len);

        if (n <= 0 && !CHECK(n < 0 && errno == EAGAIN && ready(pty, POLLIN)))
            return;
        if (n > 0) {
            to += n;
            len -= (size_t)n;
        }
    }
}

bool pty_expect(struct pty *pty, const void *bytes, size_t len)
{
    char got[512];
    const char *expected = bytes;

    for (size_t done = 0; done < len;) {
        size_t now = len - done < sizeof got ? len - done : sizeof got;

        memset(got, ~expected[done], sizeof got);
        pty_receive(pty, got, now);
        if (!CHECK(memcmp(got, expected + done, now) == 0))
            return false;
        done += now;
    }
    return true;
}

size_t pty_take(struct pty *pty, void *bytes, size_t room)
{
    ssize_t n = read(pty->master, bytes, room);

    return n > 0 ? (size_t)n : 0;
}

/* A master answers for its slave. */
void pty_termios(const struct pty *pty, struct termios2 *termios)
{
    memset(termios, 0, sizeof *termios);
    CHECK_EQ(ioctl(pty->master, TCGETS2, termios), 0);
}

uint32_t pty_speed(const struct pty *pty)
{
    struct termios2 t;

    pty_termios(pty, &t);
    return t.c_ospeed;
}

uint32_t pty_cflag(const struct pty *pty)
{
    struct termios2 t;

    pty_termios(pty, &t);
    return t.c_cflag;
}

uint32_t pty_iflag(const struct pty *pty)
{
    struct termios2 t;

    pty_termios(pty, &t);
    return t.c_iflag;
}

uint8_t pty_character(const struct pty *pty, unsigned which)
{
    struct termios2 t;

    pty_termios(pty, &t);
    return t.c_cc[which];
}
