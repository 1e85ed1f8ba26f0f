/* SPDX-License-Identifier: MIT */
/* Modem lines, breaks and lost bytes of a 16550 as events, while nobody looks: a wait is ended by
 * the driver's own notice, or, where that is not to be had, because the port asks now and then. */
#include "tests/serial/waits.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ask.h"
#include "libcomm/dev/serial/serial.h"

#define ALL_LINES (MS_CTS_ON | MS_DSR_ON | MS_RING_ON | MS_RLSD_ON)
#define PULSE_MS 40 /* QEMU looks at its lines every 10 ms */

static const struct {
    const char *when;
    DWORD line, rises, falls;
} lines[] = {
    {"CTS",  MS_CTS_ON,  EV_CTS,  EV_CTS },
    {"DSR",  MS_DSR_ON,  EV_DSR,  EV_DSR },
    {"RLSD", MS_RLSD_ON, EV_RLSD, EV_RLSD},
    {"RI",   MS_RING_ON, 0,       EV_RING},
};

/* The near end is not asked. */
static void set_lines(DWORD levels)
{
    rig_ask("lines hold A %x %x", ALL_LINES, levels);
}

static void wait_ends_unasked(const char *when, const struct port *port, struct wait *wait,
                              DWORD events)
{
    CHECK_EQ_WHEN(when, WaitForSingleObject(wait->request.ov.hEvent, SOON_MS), WAIT_OBJECT_0);
    wait_ends(when, port, wait, events);
}

static DWORD levels_of(const struct port *port)
{
    DWORD levels = UNSEEN;

    CHECK(GetCommModemStatus(port->near, &levels));
    return levels;
}

static void check_edge(const char *when, const struct port *port, DWORD levels, DWORD event)
{
    struct wait wait;

    wait_pends(port, &wait);
    set_lines(levels);
    wait_ends_unasked(when, port, &wait, event);
    CHECK_EQ_WHEN(when, levels_of(port), levels);
}

static void check_edges(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_hold_lines(port, ALL_LINES, 0);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        CHECK(SetCommMask(port->near, lines[i].falls));
        if (lines[i].rises != 0)
            check_edge(lines[i].when, port, lines[i].line, lines[i].rises);
        else
            port_hold_lines(port, ALL_LINES, lines[i].line);
        check_edge(lines[i].when, port, 0, lines[i].falls);
        CHECK_EQ_WHEN(lines[i].when, latched(port), 0);
    }
}

static void each_edge_ends_a_wait(struct port *port)
{
    check_edges(port);
}

static void each_edge_ends_a_wait_by_asking_alone(struct port *port)
{
    CHECK_EQ(setenv("LIBCOMM_TTY_MIWAIT", "0", 1), 0);
    check_edges(port);
    CHECK_EQ(unsetenv("LIBCOMM_TTY_MIWAIT"), 0);
}

static void slower(DCB *dcb)
{
    dcb->BaudRate = CBR_19200;
}

static void faster(DCB *dcb)
{
    dcb->BaudRate = CBR_115200;
}

/* ---- the thread that waits for them ---- */

/* What /proc says of a thread of ours, cut to `room`. */
static bool read_of_task(const char *tid, const char *file, char *text, size_t room)
{
    char path[300];
    ssize_t len;
    int fd;

    snprintf(path, sizeof path, "/proc/self/task/%s/%s", tid, file);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    len = fd < 0 ? -1 : read(fd, text, room - 1);
    text[len > 0 ? len : 0] = '\0';
    if (fd >= 0)
        close(fd);
    return len > 0;
}

/* How many there are, and the name of one of them. */
static unsigned watchers(char tid[32])
{
    DIR *tasks = opendir("/proc/self/task");
    unsigned count = 0;

    for (struct dirent *e; tasks != NULL && (e = readdir(tasks)) != NULL;) {
        char name[32];

        if (!read_of_task(e->d_name, "comm", name, sizeof name) ||
            strcmp(name, "comm-lines\n") != 0)
            continue;
        snprintf(tid, 32, "%.31s", e->d_name);
        count++;
    }
    if (tasks != NULL)
        closedir(tasks);
    return count;
}

/* How often it has gone to sleep; 0: it does not sleep in an ioctl now. */
static unsigned long sleeps_of_watcher(void)
{
    static const char label[] = "\nvoluntary_ctxt_switches:";
    char tid[32], call[64], status[4096];
    const char *found;

    if (watchers(tid) != 1 || !read_of_task(tid, "status", status, sizeof status) ||
        !read_of_task(tid, "syscall", call, sizeof call) || strncmp(call, "16 ", 3) != 0)
        return 0;
    found = strstr(status, label);
    return found == NULL ? 0 : strtoul(found + strlen(label), NULL, 10);
}

static bool has_slept_since(void *sleeps)
{
    return sleeps_of_watcher() > *(unsigned long *)sleeps;
}

/* New settings make it wait anew, and only then does the driver count again. */
static void change_and_wait(const struct port *port, void (*change)(DCB *dcb))
{
    unsigned long sleeps = 0;

    comm_wait_until(has_slept_since, &sleeps);
    sleeps = sleeps_of_watcher();
    port_change(port, change);
    comm_wait_until(has_slept_since, &sleeps);
}

/* ---- counts ---- */

/* Edges that the driver has counted, as the port has last seen them. */
static uint32_t edges_of(const struct port *port)
{
    struct ci_serial *s = ci_serial_get(port->near);
    uint32_t edges;

    ci_lock(&s->file.lock);
    edges = s->com.inputs.cts + s->com.inputs.dsr + s->com.inputs.rlsd + s->com.inputs.ring;
    ci_unlock(&s->file.lock);
    ci_file_put(&s->file);
    return edges;
}

/* A pulse, and what the driver has counted of it. */
static uint32_t pulse(const struct port *port, DWORD line)
{
    DWORD levels = levels_of(port);
    uint32_t before = edges_of(port);

    rig_ask("lines pulse A %x %d", line, PULSE_MS);
    CHECK_EQ(levels_of(port), levels);
    return edges_of(port) - before;
}

/* An 8250 counts nothing with CLOCAL set unless somebody has waited since its settings were last
 * changed; the mask is enough to make the port do that. */
static void a_pulse_before_the_wait_is_told(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        CHECK(SetCommMask(port->near, lines[i].falls));
        change_and_wait(port, i % 2 == 0 ? slower : faster);
        CHECK_EQ_WHEN(lines[i].when, pulse(port, lines[i].line), lines[i].rises != 0 ? 2 : 1);
        CHECK_EQ_WHEN(lines[i].when, latched(port), lines[i].falls);
    }
}

/* By asking alone the port sees a level in passing, or does not. */
static void a_driver_counts_nothing_for_nobody(struct port *port)
{
    CHECK_EQ(setenv("LIBCOMM_TTY_MIWAIT", "0", 1), 0);
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_CTS));
    CHECK_EQ(pulse(port, MS_CTS_ON), 0);
    CHECK_EQ(unsetenv("LIBCOMM_TTY_MIWAIT"), 0);
}

/* The mask is what asks for them: without it the port does not even watch. */
static void lines_that_no_mask_asks_for_are_nobodys(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RXCHAR));
    port_hold_lines(port, ALL_LINES, 0);
    CHECK_EQ(latched(port), 0);
    CHECK(SetCommMask(port->near, EV_CTS | EV_DSR | EV_RLSD | EV_RING));
    CHECK_EQ(latched(port), 0);
}

/* ---- when there is such a thread ---- */

static bool are_as_many(void *count)
{
    char tid[32];

    return watchers(tid) == *(unsigned *)count;
}

static void wait_watchers(unsigned count)
{
    comm_wait_until(are_as_many, &count);
}

static void a_thread_waits_only_while_the_mask_asks_for_lines(struct port *port)
{
    for (int i = 0; i < 20; i++) {
        port_open(port, FILE_FLAG_OVERLAPPED);
        wait_watchers(0);
        CHECK(SetCommMask(port->near, EV_RXCHAR | EV_BREAK));
        wait_watchers(0);
        CHECK(SetCommMask(port->near, EV_RXCHAR | EV_DSR));
        wait_watchers(1);
        CHECK(SetCommMask(port->near, EV_CTS | EV_RING));
        wait_watchers(1);
        CHECK(SetCommMask(port->near, EV_RXCHAR));
        wait_watchers(0);
        CHECK(
            SetCommMask(port->near, EV_RLSD)); /* and goes with the port, at whatever point it is */
        if (i % 2 == 0)
            wait_watchers(1);
        port_shut(port);
        wait_watchers(0);
    }
}

/* ---- breaks ---- */

static void a_break_of_the_peer_ends_a_wait(struct port *port)
{
    struct wait wait;
    DWORD errors = 0;
    COMSTAT stat;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_BREAK));
    wait_pends(port, &wait);
    rig_ask("break wa");
    wait_ends_unasked("from the host", port, &wait, EV_BREAK);
    CHECK(ClearCommError(port->near, &errors, &stat));
    CHECK_EQ(errors, CE_BREAK);
    CHECK_EQ(stat.cbInQue, 1);
    CHECK_EQ(errors_of(port), 0);
    expect_queued("it is read as a null", port, "", 1);
}

static void a_break_that_is_sent_is_seen(struct port *port)
{
    struct port back = {.kind = port->kind, .near = port->far};
    struct wait wait;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->far, EV_BREAK));
    wait_pends(&back, &wait);
    CHECK(SetCommBreak(port->near));
    wait_ends_unasked("from the near end", &back, &wait, EV_BREAK);
    CHECK(ClearCommBreak(port->near));
    CHECK_EQ(errors_of(&back), CE_BREAK);
    write_all(port, "and on it goes", 14);
    CHECK(port_receive(port, (char[1]){0}, 1)); /* the break */
    CHECK(port_expect(port, "and on it goes", 14));
}

/* ---- lost bytes ---- */

enum { THR = 0, IER = 1, MCR = 4 };
#define MCR_LOOP 0x10
#define FIFO 16

/* More than the chip has room for, by way of its own loop, while the driver does not listen. */
static bool overrun(const char *name)
{
    int fd = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    struct serial_struct serial = {0};
    unsigned short base;
    unsigned char ier, mcr;

    if (!CHECK(fd >= 0 && ioctl(fd, TIOCGSERIAL, &serial) == 0))
        return false;
    close(fd);
    base = (unsigned short)serial.port;
    if (!CHECK(iopl(3) == 0))
        return false;
    ier = inb(base + IER);
    mcr = inb(base + MCR);
    outb(0, base + IER);
    outb(mcr | MCR_LOOP, base + MCR);
    for (int i = 0; i < FIFO + 4; i++)
        outb((unsigned char)('a' + i), base + THR);
    outb(mcr, base + MCR);
    outb(ier, base + IER);
    return true;
}

static void bytes_that_the_chip_lost_end_a_wait(struct port *port)
{
    struct wait wait;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_ERR));
    wait_pends(port, &wait);
    if (!overrun(port->name))
        comm_test_skip("this kernel lets nobody at the ports of the machine");
    wait_ends_unasked("an overrun", port, &wait, EV_ERR);
    CHECK_EQ(errors_of(port), CE_OVERRUN);
    CHECK(port_wait_queued(port, FIFO));
    expect_queued("the oldest are there", port, "abcdefghijklmnop", FIFO);
}

PORT_TEST_MAIN(ON_TTY_LINES(each_edge_ends_a_wait),
               ON_TTY_LINES(each_edge_ends_a_wait_by_asking_alone),
               ON_TTY_LINES(a_pulse_before_the_wait_is_told),
               ON_TTY_LINES(a_driver_counts_nothing_for_nobody),
               ON_TTY_LINES(lines_that_no_mask_asks_for_are_nobodys),
               ON_TTY_LINES(a_thread_waits_only_while_the_mask_asks_for_lines),
               ON_TTY_LINES(a_break_of_the_peer_ends_a_wait),
               ON_TTY_LINES(a_break_that_is_sent_is_seen),
               ON_TTY_LINES(bytes_that_the_chip_lost_end_a_wait))
