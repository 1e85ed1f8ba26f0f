/* SPDX-License-Identifier: MIT */
/* The latency timer of an FTDI adapter: what it costs, who may ask for less, and that it is put
 * back. */
#include <stdio.h>
#include <stdlib.h>

#include "ftdi.h"

#define LONG_MS 255 /* the longest there is; no answer of a test's is as late as that by chance */
#define SHORT_MS 200u

static bool timer_is(long ms)
{
    return CHECK_EQ(adapter_tells('A', "latency"), ms);
}

/* The attribute, as an administrator sets it. */
static void set_timer(const struct port *port, int ms)
{
    char node[256], command[512];

    CHECK(realpath(port->name, node) != NULL);
    snprintf(command, sizeof command, "echo %d >/sys/class/tty/%s/device/latency_timer", ms,
             strrchr(node, '/') + 1);
    CHECK_EQ(system(command), 0);
    timer_is(ms);
}

/* How long one byte is on its way. */
static uint64_t delay_ms(const struct port *port)
{
    struct request read;
    uint64_t began = steady_ms();

    if (!read_pends(port, &read, 1))
        return 0;
    CHECK(adapters_do("inject A none 41"));
    read_ends("one byte", port, &read, "A");
    return steady_ms() - began;
}

static void a_byte_waits_for_the_timer(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    set_timer(port, LONG_MS);
    CHECK(delay_ms(port) >= LONG_MS - 5);
    port_shut(port);
    set_timer(port, 16);
}

static void a_port_that_hurries_does_not_wait(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    set_timer(port, LONG_MS);
    CHECK(CommSetPortLowLatency(port->near, TRUE));
    timer_is(1);
    CHECK(delay_ms(port) < SHORT_MS);
    CHECK(CommSetPortLowLatency(port->near, FALSE));
    timer_is(LONG_MS);
    CHECK(CommSetPortLowLatency(port->near, TRUE));
    port_shut(port);
    timer_is(LONG_MS);
    set_timer(port, 16);
}

static const struct {
    const char *when;
    DWORD interval, multiplier, constant;
    long timer_ms;
} limits[] = {
    {"none",                                 0,        0,        0,    16},
    {"an interval that the timer would cut", 10,       0,        0,    1 },
    {"a long interval",                      100,      0,        0,    16},
    {"a short total",                        0,        0,        20,   1 },
    {"a long total",                         0,        0,        1000, 16},
    {"so many ms a byte",                    0,        1,        0,    1 },
    {"what is there",                        MAXDWORD, 0,        0,    16},
    {"the first byte, soon",                 MAXDWORD, MAXDWORD, 5,    1 },
    {"the first byte, whenever",             MAXDWORD, MAXDWORD, 5000, 16},
};

static void short_time_limits_make_it_hurry(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        port_read_times(port, limits[i].interval, limits[i].multiplier, limits[i].constant);
        CHECK_EQ_WHEN(limits[i].when, adapter_tells('A', "latency"), limits[i].timer_ms);
    }
    port_read_times(port, 10, 0, 0);
    CHECK(CommSetPortLowLatency(port->near, TRUE));
    port_read_times(port, 0, 0, 0); /* the program wants it all the same */
    timer_is(1);
    port_shut(port);
    timer_is(16);
}

PORT_TEST_MAIN(ON_TTY(a_byte_waits_for_the_timer), ON_TTY(a_port_that_hurries_does_not_wait),
               ON_TTY(short_time_limits_make_it_hurry))
