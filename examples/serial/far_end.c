/* SPDX-License-Identifier: MIT */
/* What the other programs talk to when there is no hardware: ptys, whose paths it prints, and
 * behind each an instrument that answers lines; or two ptys and a cable between them. Usage:
 * far_end instruments N | far_end cable.  It ends with its standard input. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PTYS_MAX 8

struct pty {
    int master, slave; /* the slave stays open, or the master would hang up between two users */
    char line[128];    /* what was received of a line */
    size_t len;
    unsigned measured;
};

static struct pty ptys[PTYS_MAX];

static void open_pty(struct pty *p)
{
    struct termios raw;
    const char *path;

    p->master = posix_openpt(O_RDWR | O_NOCTTY);
    if (p->master < 0 || grantpt(p->master) != 0 || unlockpt(p->master) != 0 ||
        (path = ptsname(p->master)) == NULL || (p->slave = open(path, O_RDWR | O_NOCTTY)) < 0 ||
        tcgetattr(p->slave, &raw) != 0) {
        perror("far_end");
        exit(1);
    }
    cfmakeraw(&raw);
    tcsetattr(p->slave, TCSANOW, &raw);
    puts(path);
}

static void send_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);

        if (n <= 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

static void answer(struct pty *p)
{
    char text[160];

    if (strcmp(p->line, "*IDN?") == 0)
        snprintf(text, sizeof(text), "Example,Thermometer,%d,1.0\n", (int)(p - ptys) + 1);
    else if (strcmp(p->line, "MEAS?") == 0)
        snprintf(text, sizeof(text), "%.1f\n", 20.0 + 0.5 * p->measured++);
    else if (strcmp(p->line, "WAIT") == 0)
        return; /* an instrument that does not answer */
    else
        snprintf(text, sizeof(text), "ERROR %s\n", p->line);
    send_all(p->master, text, strlen(text));
}

static void be_instrument(struct pty *p)
{
    char bytes[256];
    ssize_t n = read(p->master, bytes, sizeof(bytes));

    for (ssize_t i = 0; i < n; i++) {
        if (bytes[i] == '\n') {
            p->line[p->len] = '\0';
            p->len = 0;
            answer(p);
        } else if (bytes[i] != '\r' && p->len < sizeof(p->line) - 1) {
            p->line[p->len++] = bytes[i];
        }
    }
}

static void be_cable(const struct pty *from, const struct pty *to)
{
    char bytes[4096];
    ssize_t n = read(from->master, bytes, sizeof(bytes));

    if (n > 0)
        send_all(to->master, bytes, (size_t)n);
}

int main(int argc, char *argv[])
{
    int cable = argc == 2 && strcmp(argv[1], "cable") == 0;
    int count = cable ? 2 : argc == 3 ? atoi(argv[2]) : 0;
    struct pollfd polled[PTYS_MAX + 1];

    if (count < 1 || count > PTYS_MAX || (!cable && strcmp(argv[1], "instruments") != 0)) {
        fprintf(stderr, "usage: %s instruments N | cable\n", argv[0]);
        return 2;
    }
    for (int i = 0; i < count; i++) {
        open_pty(&ptys[i]);
        polled[i] = (struct pollfd){.fd = ptys[i].master, .events = POLLIN};
    }
    fflush(stdout);
    polled[count] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    while (poll(polled, (nfds_t)count + 1, -1) > 0 && polled[count].revents == 0) {
        for (int i = 0; i < count; i++) {
            if (polled[i].revents == 0)
                continue;
            if (cable)
                be_cable(&ptys[i], &ptys[1 - i]);
            else
                be_instrument(&ptys[i]);
        }
    }
    return 0;
}
