/* SPDX-License-Identifier: MIT */
/* A port and what is at its other end: the master of a pseudo-terminal, which is no call of the
 * library, or the far port of a simulated cable, which has lines and speeds as well.  A test says
 * what both can show and runs on both:
 *
 *     static void a_read_waits_for_all_it_asked_for(struct port *port)
 *     {
 *         port_open(port, FILE_FLAG_OVERLAPPED);
 *         port_send(port, "abc", 3);
 *         ...
 *     }
 *     PORT_TEST_MAIN(ON_BOTH(a_read_waits_for_all_it_asked_for))
 *
 * Each test finds the port there and closed, and leaves it to main to close what it opened.
 *
 * With two ttys in $LIBCOMM_TEST_PORTS, `/dev/ttyS6,/dev/ttyS7`, that are wired to each other, the
 * file runs on those instead: what holds on both holds there, through a driver (tests/rig/).  With
 * $LIBCOMM_TEST_LINES they are a null modem, the host has its lines in hand, and what needs those
 * runs there. */
#ifndef COMM_TESTS_SUPPORT_PORT_H
#define COMM_TESTS_SUPPORT_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libcomm/native.h>
#include <libcomm/serial.h>

#include "harness.h"
#include "pair.h" /* struct request, CHECK_FAILS() */
#include "pty.h"

/* What a time that is only a figure elsewhere may take here. */
#define SOON_MS comm_test_patience_ms()
#define READ_WRITE (GENERIC_READ | GENERIC_WRITE)

enum port_kind { PORT_PTY, PORT_CABLE, PORT_TTY };

struct port {
    enum port_kind kind;
    char name[64]; /* of the near end, as CreateFile takes it */
    HANDLE near;   /* NULL: not open */
    /* PORT_PTY */
    struct pty pty;
    /* PORT_CABLE */
    HANDLE cable;       /* NULL: hung up */
    DWORD number, peer; /* of the near end and of the far one */
    DWORD flags;        /* COMM_CABLE_ */
    /* PORT_CABLE and PORT_TTY */
    HANDLE far; /* overlapped; its type-ahead takes 1 MiB; NULL: closed */
    /* PORT_TTY */
    char far_name[64];
};

/* ---- a port's life; PORT_TEST_MAIN does the first and the last ---- */

/* The port is there and nobody has it open.  What cannot be made ends the file. */
void port_plug(struct port *port, enum port_kind kind, DWORD cable_flags);
/* CreateFile of the near end, just so. */
HANDLE port_try(const struct port *port, DWORD access, DWORD flags);
/* The near end, for reading and writing and with `flags`; ends the file if that fails. */
void port_open(struct port *port, DWORD flags);
void port_open_for(struct port *port, DWORD access, DWORD flags);
/* The near end alone; the port is there still. */
void port_shut(struct port *port);
/* What that may take, whatever holds the port up: half a second, and a busy machine.  In a guest it
 * is a very busy one, and enough to see that it is not the kernel's half a minute. */
uint64_t port_close_ms(const struct port *port);
void port_unplug(struct port *port);

/* ---- what the far end does, within 5 s; else a check has failed ---- */

void port_send(struct port *port, const void *bytes, size_t len);
/* Sends, and returns once the near end has received that, in a read or in its type-ahead. */
void port_deliver(struct port *port, const void *bytes, size_t len);
/* Receives exactly `len` bytes; false: they did not come. */
bool port_receive(struct port *port, void *bytes, size_t len);
/* Receives exactly these. */
bool port_expect(struct port *port, const void *bytes, size_t len);
/* Takes what is there. */
size_t port_take(struct port *port, void *bytes, size_t room);
/* The device is gone: the master is closed, the cable pulled out.  Not on ttys. */
void port_hang_up(struct port *port);
/* Inputs of the near end, MS_*, in `mask` are as in `levels`, the rest as the far end has them; not
 * on ptys.  Returns once the near end, which is open, says so itself. */
void port_hold_lines(const struct port *port, DWORD mask, DWORD levels);

/* ---- what the near end says of itself ---- */

/* How many bytes it has received since it was opened. */
DWORD port_received(const struct port *port);
/* The type-ahead holds this many bytes; asking forgets line errors. */
DWORD port_queued(const struct port *port);
bool port_wait_queued(const struct port *port, DWORD count);
/* Read interval, multiplier and constant; writes never time out. */
void port_read_times(const struct port *port, DWORD interval, DWORD multiplier, DWORD constant);
void port_write_times(const struct port *port, DWORD multiplier, DWORD constant);
/* SetCommState of what GetCommState gave and `change` altered. */
void port_change(const struct port *port, void (*change)(DCB *dcb));

/* ---- requests at the near end ---- */

/* What a request came to: the words of its OVERLAPPED, and what GetOverlappedResult says of it. */
void port_ends(const char *when, const struct port *port, struct request *request, DWORD status,
               DWORD count);
/* It is not over, though the near end was made to do all that can be done at this moment. */
bool port_pends(const struct port *port, struct request *request);

uint64_t steady_ms(void);

/* What is done ten thousand times elsewhere, or with a megabyte, is done less on a tty, where a
 * guest's driver moves each byte by hand. */
unsigned port_less(const struct port *port, unsigned count);

/* ---- the file's main function ---- */

struct port_test {
    const char *name;
    void (*run)(void);
    void (*with)(struct port *port);
    bool pty, cable, tty, lines;
    DWORD flags; /* COMM_CABLE_ */
};

/* And on ttys. */
#define ON_BOTH(function)                                                              \
    {                                                                                  \
        .name = #function, .with = (function), .pty = true, .cable = true, .tty = true \
    }
/* But not on ttys, where the driver has a say. */
#define ON_MADE_UP(function)                                              \
    {                                                                     \
        .name = #function, .with = (function), .pty = true, .cable = true \
    }
/* Where there are lines: on a cable and on ttys. */
#define ON_LINES(function)                                                  \
    {                                                                       \
        .name = #function, .with = (function), .cable = true, .lines = true \
    }
#define ON_PTY_AND_LINES(function)                                                       \
    {                                                                                    \
        .name = #function, .with = (function), .pty = true, .cable = true, .lines = true \
    }
/* On ttys alone: any, and those with lines. */
#define ON_TTY(function)                                   \
    {                                                      \
        .name = #function, .with = (function), .tty = true \
    }
/* In a guest of the rig, on a port of its own choice. */
#define IN_GUEST(function)                                               \
    {                                                                    \
        .name = #function, .run = (function), .tty = true, .lines = true \
    }
#define ON_TTY_LINES(function)                               \
    {                                                        \
        .name = #function, .with = (function), .lines = true \
    }
#define ON_PTY(function)                                   \
    {                                                      \
        .name = #function, .with = (function), .pty = true \
    }
#define ON_CABLE(function)                                   \
    {                                                        \
        .name = #function, .with = (function), .cable = true \
    }
/* At the speed of the ports. */
#define ON_PACED_CABLE(function)                                                        \
    {                                                                                   \
        .name = #function, .with = (function), .cable = true, .flags = COMM_CABLE_PACED \
    }

/* TEST() may stand among them.  No port is mapped, whatever the user has in his files. */
#define PORT_TEST_MAIN(...)                                                   \
    int main(int argc, char **argv)                                           \
    {                                                                         \
        static const struct port_test tests[] = {__VA_ARGS__};                \
                                                                              \
        return port_test_main(argc, argv, __FILE__, tests, ARRAY_LEN(tests)); \
    }

int port_test_main(int argc, char **argv, const char *file, const struct port_test *tests,
                   size_t count);

#endif
