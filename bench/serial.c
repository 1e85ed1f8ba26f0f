/* SPDX-License-Identifier: MIT */
/* Serial ports: an exchange of bytes, an event, an edge of a modem line, a stream, a fast trickle,
 * and time limits; each beside bare system calls that do the same work on the same kind of device.
 */
#include <libcomm/serial.h>

#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "ours.h"

#define TRIPS 3000
#define WARM_UP 100
#define BLOCK (64u << 10)
#define BLOCKS 400

/* ---- a pty ---- */

struct tty {
    int master;
    char path[64];
};

static void make_raw(int fd)
{
    struct termios t;

    bench_need(tcgetattr(fd, &t) == 0, "tcgetattr");
    cfmakeraw(&t);
    t.c_cflag |= CLOCAL | CREAD;
    bench_need(tcsetattr(fd, TCSANOW, &t) == 0, "tcsetattr");
}

static struct tty tty_make(void)
{
    struct tty tty = {.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};

    bench_need(tty.master >= 0 && grantpt(tty.master) == 0 && unlockpt(tty.master) == 0, "pty");
    bench_need(ptsname_r(tty.master, tty.path, sizeof tty.path) == 0, "ptsname");
    make_raw(tty.master);
    return tty;
}

static int raw_open(const struct tty *tty, int flags)
{
    int fd = open(tty->path, O_RDWR | O_NOCTTY | O_CLOEXEC | flags);

    bench_need(fd >= 0, "open");
    make_raw(fd);
    return fd;
}

static HANDLE port_open(const struct tty *tty)
{
    HANDLE port = CreateFile(tty->path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                             FILE_FLAG_OVERLAPPED, NULL);
    DCB dcb;

    bench_check(port != INVALID_HANDLE_VALUE && GetCommState(port, &dcb), "CreateFile");
    dcb.BaudRate = 12000000;
    dcb.ByteSize = 8;
    dcb.Parity = NOPARITY;
    bench_check(SetCommState(port, &dcb), "SetCommState");
    return port;
}

/* ---- the other process ---- */

static bool read_whole(int fd, char *buf, size_t len)
{
    for (size_t got = 0; got < len;) {
        ssize_t n = read(fd, buf + got, len - got);

        if (n <= 0)
            return false;
        got += (size_t)n;
    }
    return true;
}

static void echo(int master)
{
    char message[BENCH_BYTES];

    while (read_whole(master, message, sizeof message))
        bench_need(write(master, message, sizeof message) == (ssize_t)sizeof message, "write");
}

/* ---- an exchange ---- */

static struct bench_sample part_raw_echo(unsigned count)
{
    struct tty tty = tty_make();
    int fd = raw_open(&tty, O_NONBLOCK);
    pid_t peer = bench_peer_start(echo, tty.master);
    struct bench_laps laps = bench_laps_new(count);
    char message[BENCH_BYTES] = {0};

    for (unsigned i = 0; i < count + WARM_UP; i++) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        size_t got = 0;

        bench_lap_begin(&laps);
        bench_need(write(fd, message, sizeof message) == (ssize_t)sizeof message, "write");
        while (got < sizeof message && poll(&p, 1, -1) == 1) {
            ssize_t n = read(fd, message + got, sizeof message - got);

            bench_need(n > 0, "read");
            got += (size_t)n;
        }
        if (i >= WARM_UP)
            bench_lap_end(&laps);
    }
    bench_peer_end(peer);
    return bench_laps_done(&laps, 1);
}

/* As a program with overlapped I/O does it: the read is there before the answer. */
static void exchange(HANDLE port, char *message, OVERLAPPED *in, OVERLAPPED *out)
{
    DWORD n;

    bench_pend(port, message, in);
    bench_check(
        WriteFile(port, message, BENCH_BYTES, &n, out) ||
            (GetLastError() == ERROR_IO_PENDING && GetOverlappedResult(port, out, &n, TRUE)),
        "WriteFile");
    WaitForSingleObject(in->hEvent, INFINITE);
    bench_check(GetOverlappedResult(port, in, &n, FALSE) && n == BENCH_BYTES, "ReadFile");
}

static struct bench_sample part_echo(unsigned count)
{
    struct tty tty = tty_make();
    pid_t peer = bench_peer_start(echo, tty.master);
    HANDLE port = port_open(&tty);
    OVERLAPPED in = {.hEvent = bench_event(TRUE)}, out = {.hEvent = bench_event(TRUE)};
    struct bench_laps laps = bench_laps_new(count);
    char message[BENCH_BYTES] = {0};

    for (unsigned i = 0; i < count + WARM_UP; i++) {
        bench_lap_begin(&laps);
        exchange(port, message, &in, &out);
        if (i >= WARM_UP)
            bench_lap_end(&laps);
    }
    bench_peer_end(peer);
    return bench_laps_done(&laps, 1);
}

/* The same with WaitCommEvent; the read then finds everything there. */
static void exchange_by_event(HANDLE port, char *message, OVERLAPPED *wait, OVERLAPPED *io)
{
    DWORD events = 0, n, got = 0;

    bench_check(WriteFile(port, message, BENCH_BYTES, &n, io), "WriteFile");
    while (got < BENCH_BYTES) {
        if (!WaitCommEvent(port, &events, wait)) {
            bench_check(GetLastError() == ERROR_IO_PENDING, "WaitCommEvent");
            WaitForSingleObject(wait->hEvent, INFINITE);
        }
        bench_check(ReadFile(port, message + got, BENCH_BYTES - got, &n, io), "ReadFile");
        got += n;
    }
}

static struct bench_sample part_event(unsigned count)
{
    struct tty tty = tty_make();
    pid_t peer = bench_peer_start(echo, tty.master);
    HANDLE port = port_open(&tty);
    COMMTIMEOUTS at_once = {.ReadIntervalTimeout = MAXDWORD};
    OVERLAPPED wait = {.hEvent = bench_event(TRUE)}, io = {.hEvent = bench_event(TRUE)};
    struct bench_laps laps = bench_laps_new(count);
    char message[BENCH_BYTES] = {0};

    bench_check(SetCommTimeouts(port, &at_once) && SetCommMask(port, EV_RXCHAR), "setup");
    for (unsigned i = 0; i < count + WARM_UP; i++) {
        bench_lap_begin(&laps);
        exchange_by_event(port, message, &wait, &io);
        if (i >= WARM_UP)
            bench_lap_end(&laps);
    }
    bench_peer_end(peer);
    return bench_laps_done(&laps, 1);
}

/* ---- an edge of a line ---- */

static _Atomic uint32_t ball;
static unsigned edges;

static void word_wait(uint32_t was)
{
    while (atomic_load(&ball) == was)
        syscall(SYS_futex, &ball, FUTEX_WAIT_PRIVATE, was, NULL, NULL, 0);
}

static void word_pass(void)
{
    atomic_fetch_add(&ball, 1);
    syscall(SYS_futex, &ball, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *futex_peer(void *unused)
{
    for (unsigned i = 0; i < edges; i++) {
        word_wait(2 * i);
        word_pass();
    }
    return unused;
}

static struct bench_sample part_futex(unsigned count)
{
    struct bench_laps laps;
    pthread_t thread;

    edges = count + WARM_UP;
    atomic_store(&ball, 0);
    bench_need(pthread_create(&thread, NULL, futex_peer, NULL) == 0, "thread");
    laps = bench_laps_new(count);
    for (unsigned i = 0; i < edges; i++) {
        bench_lap_begin(&laps);
        word_pass();
        word_wait(2 * i + 1);
        if (i >= WARM_UP)
            bench_lap_end(&laps);
    }
    pthread_join(thread, NULL);
    return bench_laps_done(&laps, 1);
}

static void edge_wait(HANDLE port, OVERLAPPED *ov)
{
    DWORD events;

    if (WaitCommEvent(port, &events, ov))
        return;
    bench_check(GetLastError() == ERROR_IO_PENDING, "WaitCommEvent");
    WaitForSingleObject(ov->hEvent, INFINITE);
}

static void edge_make(HANDLE port, unsigned i)
{
    bench_check(EscapeCommFunction(port, i % 2 == 0 ? CLRRTS : SETRTS), "EscapeCommFunction");
}

static void *edge_peer(void *port)
{
    OVERLAPPED ov = {.hEvent = bench_event(TRUE)};

    for (unsigned i = 0; i < edges; i++) {
        edge_wait(port, &ov);
        edge_make(port, i);
    }
    return NULL;
}

static HANDLE end_open(DWORD number)
{
    HANDLE port = OpenCommPort(number, GENERIC_READ | GENERIC_WRITE, FILE_FLAG_OVERLAPPED);

    bench_check(port != INVALID_HANDLE_VALUE, "OpenCommPort");
    return port;
}

static struct bench_sample part_edge(unsigned count)
{
    HANDLE cable = CommCreateNullModem(0, 0, 0), near, far;
    OVERLAPPED ov = {.hEvent = bench_event(TRUE)};
    struct bench_laps laps;
    DWORD first, second;
    pthread_t thread;

    bench_check(cable != NULL && CommGetNullModemPorts(cable, &first, &second), "cable");
    near = end_open(first);
    far = end_open(second);
    bench_check(SetCommMask(near, EV_CTS) && SetCommMask(far, EV_CTS), "SetCommMask");
    edges = count + WARM_UP;
    bench_need(pthread_create(&thread, NULL, edge_peer, far) == 0, "thread");
    laps = bench_laps_new(count);
    for (unsigned i = 0; i < edges; i++) {
        bench_lap_begin(&laps);
        edge_make(near, i);
        edge_wait(near, &ov);
        if (i >= WARM_UP)
            bench_lap_end(&laps);
    }
    pthread_join(thread, NULL);
    CloseHandle(near);
    CloseHandle(far);
    CloseHandle(cable);
    return bench_laps_done(&laps, 1);
}

/* ---- a stream ---- */

static char block[BLOCK];

static void pour(int master)
{
    while (write(master, block, BLOCK) > 0)
        ;
}

/* `count` blocks in one lap: some of ours come out of the type-ahead, and take no time. */
static struct bench_sample part_raw_stream(unsigned count)
{
    struct tty tty = tty_make();
    int fd = raw_open(&tty, O_NONBLOCK);
    pid_t peer = bench_peer_start(pour, tty.master);
    struct bench_laps laps = bench_laps_new(1);

    bench_lap_begin(&laps);
    for (unsigned i = 0; i < count; i++) {
        struct pollfd p = {.fd = fd, .events = POLLIN};

        for (size_t got = 0; got < BLOCK;) {
            ssize_t n = read(fd, block + got, BLOCK - got);

            if (n > 0)
                got += (size_t)n;
            else
                poll(&p, 1, -1);
        }
    }
    bench_lap_end(&laps);
    bench_peer_end(peer);
    return bench_laps_done(&laps, count);
}

static struct bench_sample part_stream(unsigned count)
{
    struct tty tty = tty_make();
    HANDLE port = port_open(&tty);
    pid_t peer;
    OVERLAPPED ov = {.hEvent = bench_event(TRUE)};
    struct bench_laps laps;
    DWORD n;

    bench_check(SetupComm(port, 1u << 20, 0), "SetupComm");
    bench_check(!ReadFile(port, block, BLOCK, NULL, &ov), "ReadFile"); /* before the flood */
    peer = bench_peer_start(pour, tty.master);
    laps = bench_laps_new(1);
    bench_lap_begin(&laps);
    for (unsigned i = 0; i < count; i++) {
        bench_check(GetOverlappedResult(port, &ov, &n, TRUE) && n == BLOCK, "ReadFile");
        if (!ReadFile(port, block, BLOCK, NULL, &ov))
            bench_check(GetLastError() == ERROR_IO_PENDING, "ReadFile");
    }
    bench_lap_end(&laps);
    bench_peer_end(peer);
    return bench_laps_done(&laps, count);
}

/* ---- a fast trickle: 1.2 MB/s in bursts ---- */

#define TRICKLE 1200000u /* bytes a second: 12 Mbaud */

static unsigned burst;

static void nap_until(struct timespec *at, long ns)
{
    at->tv_nsec += ns;
    while (at->tv_nsec >= 1000000000) {
        at->tv_nsec -= 1000000000;
        at->tv_sec++;
    }
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, at, NULL);
}

static void trickle(int master)
{
    long every = (long)(1e9 * burst / TRICKLE);
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    while (write(master, block, burst) > 0)
        nap_until(&at, every);
}

/* `count` thousands of bytes; a lap is one thousand. */
static struct bench_sample part_raw_trickle(unsigned count)
{
    struct tty tty = tty_make();
    int fd = raw_open(&tty, O_NONBLOCK);
    pid_t peer = bench_peer_start(trickle, tty.master);
    struct bench_laps laps = bench_laps_new(1);
    struct pollfd p = {.fd = fd, .events = POLLIN};

    bench_lap_begin(&laps);
    for (size_t got = 0; got < count * 1000ull;) {
        ssize_t n = poll(&p, 1, -1) == 1 ? read(fd, block, BLOCK) : 0;

        got += n > 0 ? (size_t)n : 0;
    }
    bench_lap_end(&laps);
    bench_peer_end(peer);
    return bench_laps_done(&laps, count);
}

static struct bench_sample part_trickle(unsigned count)
{
    struct tty tty = tty_make();
    HANDLE port = port_open(&tty);
    pid_t peer = bench_peer_start(trickle, tty.master);
    COMMTIMEOUTS what_is_there = {MAXDWORD, 0, 10000, 0, 0}; /* one wait, then all there is */
    OVERLAPPED ov = {.hEvent = bench_event(TRUE)};
    DWORD events, n;
    struct bench_laps laps = bench_laps_new(1);

    what_is_there.ReadTotalTimeoutConstant = 0;
    bench_check(SetCommTimeouts(port, &what_is_there) && SetCommMask(port, EV_RXCHAR), "setup");
    bench_lap_begin(&laps);
    for (size_t got = 0; got < count * 1000ull;) {
        if (!WaitCommEvent(port, &events, &ov))
            WaitForSingleObject(ov.hEvent, INFINITE);
        bench_check(ReadFile(port, block, BLOCK, &n, &ov), "ReadFile");
        got += n;
    }
    bench_lap_end(&laps);
    bench_peer_end(peer);
    return bench_laps_done(&laps, count);
}

/* ---- time limits ---- */

#define LIMIT_MS 2

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void figures_of_limits(void)
{
    unsigned count = bench_smoke() ? 20 : 10000, early = 0;
    struct tty tty = tty_make();
    HANDLE port = port_open(&tty);
    COMMTIMEOUTS limits = {.ReadTotalTimeoutConstant = LIMIT_MS};
    OVERLAPPED ov = {.hEvent = bench_event(TRUE)};
    double *late = calloc(count, sizeof *late);
    char byte;
    DWORD n;

    bench_need(late != NULL, "calloc");
    bench_check(SetCommTimeouts(port, &limits), "SetCommTimeouts");
    for (unsigned i = 0; i < count; i++) {
        double began = bench_now_ns();

        bench_check(!ReadFile(port, &byte, 1, NULL, &ov), "ReadFile");
        bench_check(GetOverlappedResult(port, &ov, &n, TRUE) && n == 0, "timeout");
        late[i] = (bench_now_ns() - began) / 1e6 - LIMIT_MS;
        early += late[i] < 0;
    }
    qsort(late, count, sizeof *late, by_value);
    bench_figure("serial.limit.early", early, "of %u reads of %u ms", count, LIMIT_MS);
    bench_figure("serial.limit.median", late[count / 2], "ms late");
    bench_figure("serial.limit.p99", late[count * 99 / 100], "ms late");
    free(late);
    CloseHandle(port);
}

/* ---- figures ---- */

static void show(const struct bench_table *t, const char *name, unsigned part, unsigned floor,
                 enum bench_field field)
{
    bench_figure(name, bench_ratio(t, part, floor, field), "%.2f us; bare %.2f us",
                 bench_median(t, part, field) / 1e3, bench_median(t, floor, field) / 1e3);
}

static void figures_of_exchanges(void)
{
    static bench_part *const part[] = {part_raw_echo, part_echo, part_event};
    struct bench_table t = bench_rounds(part, 3, TRIPS, BENCH_PINNED);

    show(&t, "serial.echo", 1, 0, BENCH_NS);
    show(&t, "serial.event", 2, 0, BENCH_NS);
}

static void figures_of_edges(void)
{
    static bench_part *const part[] = {part_futex, part_edge};
    struct bench_table t = bench_rounds(part, 2, TRIPS, BENCH_PINNED);

    show(&t, "serial.edge", 1, 0, BENCH_NS);
}

static void figures_of_streams(void)
{
    static bench_part *const part[] = {part_raw_stream, part_stream};
    struct bench_table t = bench_rounds(part, 2, BLOCKS, BENCH_ANYWHERE);

    show(&t, "serial.stream", 1, 0, BENCH_NS);
}

static void figures_of_trickles(void)
{
    static bench_part *const part[] = {part_raw_trickle, part_trickle};
    static const unsigned bursts[] = {1200, 512, 128, 64};

    for (unsigned i = 0; i < sizeof bursts / sizeof bursts[0]; i++) {
        struct bench_table t;
        char name[40];

        burst = bursts[i];
        t = bench_rounds(part, 2, 600, BENCH_ANYWHERE);
        snprintf(name, sizeof name, "serial.trickle.%u", burst);
        show(&t, name, 1, 0, BENCH_CPU);
        if (burst == 1200) /* a thousand bytes take 833 us */
            bench_figure("serial.trickle.core", bench_median(&t, 1, BENCH_CPU) / 833e3,
                         "of one core; bare %.3f", bench_median(&t, 0, BENCH_CPU) / 833e3);
    }
}

int main(int argc, char **argv)
{
    bench_begin(argc, argv);
    figures_of_exchanges();
    figures_of_edges();
    figures_of_streams();
    figures_of_trickles();
    figures_of_limits();
    return bench_end();
}
