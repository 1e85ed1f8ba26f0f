/* SPDX-License-Identifier: MIT */
/* The port to the host is opened for each request, so that no test is found to leak it. */
#include "ask.h"

#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "harness.h"

#define HOST "/dev/ttyS1"
#define PATIENCE_MS 20000
#define LINE_ROOM 4096

static int host_open(void)
{
    int fd = open(HOST, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    struct termios raw;

    if (!CHECK(fd >= 0 && tcgetattr(fd, &raw) == 0))
        return fd;
    cfmakeraw(&raw);
    cfsetspeed(&raw, B115200);
    raw.c_cflag |= CLOCAL;
    CHECK(tcsetattr(fd, TCSAFLUSH, &raw) == 0);
    return fd;
}

static bool ready(int fd, short events)
{
    struct pollfd one = {.fd = fd, .events = events};

    return poll(&one, 1, PATIENCE_MS) == 1;
}

static bool put(int fd, const char *from, size_t len)
{
    while (len > 0 && ready(fd, POLLOUT)) {
        ssize_t n = write(fd, from, len);

        if (n > 0) {
            from += n;
            len -= (size_t)n;
        }
    }
    return len == 0;
}

static bool take_line(int fd, char *to, size_t room)
{
    size_t len = 0;

    while (len + 1 < room && ready(fd, POLLIN) && read(fd, to + len, 1) == 1) {
        if (to[len++] == '\n') {
            to[len - 1] = '\0';
            return true;
        }
    }
    to[len] = '\0';
    return false;
}

__attribute__((format(printf, 3, 0))) static bool ask(char *answer, size_t room, const char *format,
                                                      va_list arguments)
{
    char request[LINE_ROOM], line[LINE_ROOM] = "no answer";
    int fd = host_open();
    int len = vsnprintf(request, sizeof request - 1, format, arguments);
    bool done = false;

    request[len] = '\n';
    if (put(fd, request, (size_t)len + 1) && take_line(fd, line, sizeof line))
        done = strncmp(line, "OK", 2) == 0;
    request[len] = '\0';
    comm_check(done, __FILE__, __LINE__, "the host was asked \"%s\" and said \"%s\"", request,
               line);
    snprintf(answer, room, "%s", done && line[2] == ' ' ? line + 3 : "");
    if (fd >= 0)
        close(fd);
    return done;
}

bool rig_ask(const char *format, ...)
{
    char answer[LINE_ROOM];
    va_list arguments;
    bool done;

    va_start(arguments, format);
    done = ask(answer, sizeof answer, format, arguments);
    va_end(arguments);
    return done;
}

bool rig_ask_for(char *answer, size_t room, const char *format, ...)
{
    va_list arguments;
    bool done;

    va_start(arguments, format);
    done = ask(answer, room, format, arguments);
    va_end(arguments);
    return done;
}
