/* SPDX-License-Identifier: MIT */
/* What stands at the other end of a serial program's line: holds a pty, lets the port's name lead
 * to it, runs the program, and does what the program asks it for.  A line of the program's that
 * begins with "?" is an order and gets one line as an answer; every other line is passed on.
 *
 *   peer LINK COMMAND...   LINK becomes a symbolic link to the pty, but only when the program says
 *                          that it is about to open it: by then Wine has arranged its own links.
 *
 *   ?port            the link is made and looked at                      -> ok
 *   ?send HEX        these bytes are what the port receives              -> ok
 *   ?receive N       what the port has sent, N bytes at most             -> HEX
 *   ?swallow N       the same, but how many is all that is said of them  -> how many
 *   ?settings        how the tty is set                                  -> speed cs8 ...
 *   ?hang_up         the other end goes away                             -> ok */
#define _GNU_SOURCE
#include <asm/termbits.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 5000
#define MOST 65536 /* bytes one order may name */

static const char *link_path;
static char slave_path[64];
static int master = -1, slave = -1; /* both stay open: a pty's number is reused as soon as it can */
static FILE *to_program;

static void die(const char *what)
{
    perror(what);
    exit(2);
}

static void make_raw(int fd)
{
    struct termios2 t;

    if (ioctl(fd, TCGETS2, &t) != 0)
        die("peer: TCGETS2");
    t.c_iflag = 0;
    t.c_oflag = 0;
    t.c_lflag = 0;
    t.c_cflag = CS8 | CREAD | CLOCAL | B9600;
    t.c_cc[VMIN] = 1;
    t.c_cc[VTIME] = 0;
    if (ioctl(fd, TCSETS2, &t) != 0)
        die("peer: TCSETS2");
}

static void make_pty(void)
{
    int number, unlocked = 0;

    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (master < 0 || ioctl(master, TIOCSPTLCK, &unlocked) != 0 ||
        ioctl(master, TIOCGPTN, &number) != 0)
        die("peer: /dev/ptmx");
    snprintf(slave_path, sizeof(slave_path), "/dev/pts/%d", number);
    slave = open(slave_path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (slave < 0)
        die(slave_path);
    make_raw(slave);
}

/* The port's name leads to our pty and to nothing else, or the program never opens it. */
static const char *give_port(void)
{
    char found[64] = "";

    unlink(link_path);
    if (symlink(slave_path, link_path) != 0)
        die(link_path);
    if (readlink(link_path, found, sizeof(found) - 1) < 0 || strcmp(found, slave_path) != 0)
        die("peer: the port leads elsewhere");
    return "ok";
}

static bool ready(short events)
{
    struct pollfd p = {.fd = master, .events = events};

    return poll(&p, 1, PATIENCE_MS) == 1 && (p.revents & events) != 0;
}

static const char *send_bytes(const char *hex)
{
    unsigned byte;

    for (; sscanf(hex, "%2x", &byte) == 1; hex += 2) {
        unsigned char c = (unsigned char)byte;

        while (write(master, &c, 1) != 1) {
            if (!ready(POLLOUT))
                return "stuck";
        }
    }
    return "ok";
}

static size_t take(unsigned char *bytes, size_t len)
{
    size_t have = 0;

    while (have < len && ready(POLLIN)) {
        ssize_t n = read(master, bytes + have, len - have);

        if (n > 0)
            have += (size_t)n;
    }
    return have;
}

static const char *receive(size_t len, bool in_hex)
{
    static unsigned char bytes[MOST];
    static char text[2 * MOST + 1];
    size_t have = take(bytes, len < MOST ? len : MOST);

    snprintf(text, sizeof(text), "%zu", have);
    for (size_t i = 0; in_hex && i < have; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    return in_hex && have == 0 ? "nothing" : text;
}

/* A pty always has eight bits and no parity, whatever it was asked for. */
static const char *settings(void)
{
    static char text[128];
    struct termios2 t;

    if (ioctl(master, TCGETS2, &t) != 0)
        return "unknown";
    snprintf(text, sizeof(text), "%u%s%s%s%s xon %02x xoff %02x", t.c_ospeed,
             t.c_cflag & CSTOPB ? " two" : "", t.c_cflag & CRTSCTS ? " rtscts" : "",
             t.c_iflag & IXON ? " ixon" : "", t.c_lflag & (ICANON | ECHO | ISIG) ? " cooked" : "",
             t.c_cc[VSTART], t.c_cc[VSTOP]);
    return text;
}

static const char *hang_up(void)
{
    close(slave);
    close(master);
    master = slave = -1;
    return "ok";
}

static const char *obey(const char *order)
{
    if (strcmp(order, "port") == 0)
        return give_port();
    if (strncmp(order, "send ", 5) == 0)
        return send_bytes(order + 5);
    if (strncmp(order, "receive ", 8) == 0)
        return receive(strtoul(order + 8, NULL, 10), true);
    if (strncmp(order, "swallow ", 8) == 0)
        return receive(strtoul(order + 8, NULL, 10), false);
    if (strcmp(order, "settings") == 0)
        return settings();
    if (strcmp(order, "hang_up") == 0)
        return hang_up();
    return "what?";
}

static void hear(char *line)
{
    line[strcspn(line, "\r\n")] = '\0';
    if (line[0] != '?') {
        puts(line);
        fflush(stdout);
        return;
    }
    fprintf(to_program, "%s\n", obey(line + 1));
    fflush(to_program);
}

/* Whole lines; the rest stays for the next time.  False: no more will come. */
static bool listen_to(int fd)
{
    static char text[4 * MOST];
    static size_t have;
    ssize_t n = read(fd, text + have, sizeof(text) - 1 - have);
    char *end;

    if (n <= 0)
        return false;
    have += (size_t)n;
    text[have] = '\0';
    while ((end = strchr(text, '\n')) != NULL) {
        size_t len = (size_t)(end + 1 - text);

        *end = '\0';
        hear(text);
        memmove(text, end + 1, have + 1 - len);
        have -= len;
    }
    return have < sizeof(text) - 1;
}

static pid_t start(char *command[], int *from)
{
    int out[2], in[2];
    pid_t pid;

    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(in, O_CLOEXEC) != 0)
        die("peer: pipe");
    pid = fork();
    if (pid < 0)
        die("peer: fork");
    if (pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        execvp(command[0], command);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    to_program = fdopen(in[1], "w");
    *from = out[0];
    return pid;
}

/* Until the program is over: others that it started (Wine's services) may hold its output open. */
static void serve(pid_t pid, int from)
{
    struct pollfd p[2] = {
        {.fd = from, .events = POLLIN},
        {.events = POLLIN         }
    };

    p[1].fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (p[1].fd < 0)
        die("peer: pidfd_open");
    while (poll(p, 2, -1) > 0) {
        if (p[0].revents != 0 && !listen_to(from))
            return;
        if (p[0].revents == 0 && p[1].revents != 0)
            return;
    }
}

int main(int argc, char *argv[])
{
    int from, status;
    pid_t pid;

    if (argc < 3) {
        fprintf(stderr, "usage: peer LINK COMMAND...\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    link_path = argv[1];
    make_pty();
    pid = start(argv + 2, &from);
    serve(pid, from);
    waitpid(pid, &status, 0);
    unlink(link_path);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
