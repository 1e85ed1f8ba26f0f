/* SPDX-License-Identifier: MIT */
/* What settings become on a tty, as its other end sees them, and that a port leaves the tty as it
 * found it. */
#include <asm/termbits.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "child.h"
#include "line.h"

static int set(struct tty_line *t, const struct ci_settings *wanted)
{
    return t->line->ops->configure(t->line, wanted, NULL);
}

static void any_speed_is_set_exactly(void)
{
    static const uint32_t speeds[] = {50, 110, 9600, 31250, 57600, 115200, 250000, 1843200};
    struct tty_line t;
    struct ci_settings s;

    line_open(&t, false);
    s = t.found;
    for (size_t i = 0; i < ARRAY_LEN(speeds); i++) {
        s.baud = speeds[i];
        CHECK_EQ(set(&t, &s), 0);
        CHECK_EQ(pty_speed(&t.pty), speeds[i]);
        CHECK_EQ(ci_tty_rate(t.line), speeds[i]);
    }
    line_close(&t);
}

static void a_port_is_raw_and_hears_no_control_characters(void)
{
    for (int marked = 0; marked <= 1; marked++) {
        struct tty_line t;
        struct termios2 now;

        line_open(&t, marked != 0);
        pty_termios(&t.pty, &now);
        CHECK_EQ(now.c_iflag, marked ? PARMRK | INPCK : 0);
        CHECK_EQ(now.c_oflag, 0);
        CHECK_EQ(now.c_lflag, 0);
        CHECK_EQ(now.c_cflag & (CREAD | CLOCAL | CRTSCTS), CREAD | CLOCAL);
        CHECK_EQ(now.c_cc[VMIN], 1);
        CHECK_EQ(now.c_cc[VTIME], 0);
        line_close(&t);
    }
}

static const struct {
    const char *when;
    uint32_t control, flow;
    uint32_t crtscts;
} flows[] = {
    {"both ways",    SERIAL_CTS_HANDSHAKE, SERIAL_RTS_HANDSHAKE,                        CRTSCTS},
    {"CTS only",     SERIAL_CTS_HANDSHAKE, SERIAL_RTS_CONTROL,                          CRTSCTS},
    {"RTS only",     0,                    SERIAL_RTS_HANDSHAKE,                        0      },
    {"DSR and DTR",  SERIAL_DSR_HANDSHAKE, SERIAL_DTR_HANDSHAKE,                        0      },
    {"characters",   0,                    SERIAL_AUTO_TRANSMIT | SERIAL_AUTO_RECEIVE,  0      },
    {"both at once", SERIAL_CTS_HANDSHAKE, SERIAL_AUTO_TRANSMIT | SERIAL_RTS_HANDSHAKE, CRTSCTS},
    {"none",         0,                    0,                                           0      },
};

static void the_kernel_only_watches_cts(void)
{
    struct tty_line t;
    struct ci_settings s, before;

    line_open(&t, false);
    before = s = t.found;
    for (size_t i = 0; i < ARRAY_LEN(flows); i++) {
        s.control = flows[i].control;
        s.flow = flows[i].flow;
        CHECK_EQ(t.line->ops->configure(t.line, &s, &before), 0);
        CHECK_EQ_WHEN(flows[i].when, pty_cflag(&t.pty) & CRTSCTS, flows[i].crtscts);
        CHECK_EQ_WHEN(flows[i].when, pty_iflag(&t.pty) & (IXON | IXOFF | IXANY), 0);
        before = s;
    }
    line_close(&t);
}

static void the_kernel_knows_the_flow_characters(void)
{
    struct tty_line t;
    struct ci_settings s;

    line_open(&t, false);
    CHECK_EQ(pty_character(&t.pty, VSTART), 0x11);
    CHECK_EQ(pty_character(&t.pty, VSTOP), 0x13);
    s = t.found;
    s.chars.xon = 'x';
    s.chars.xoff = 'o';
    CHECK_EQ(t.line->ops->configure(t.line, &s, &t.found), 0);
    CHECK_EQ(pty_character(&t.pty, VSTART), 'x');
    CHECK_EQ(pty_character(&t.pty, VSTOP), 'o');
    line_close(&t);
}

/* A pty has no frames; it keeps eight bits and no parity, and that is no failure. */
static void a_pty_takes_every_format(void)
{
    static const uint8_t parities[] = {NOPARITY, ODDPARITY, EVENPARITY, MARKPARITY, SPACEPARITY};
    struct tty_line t;
    struct ci_settings s;

    line_open(&t, false);
    s = t.found;
    for (uint8_t bits = 5; bits <= 8; bits++) {
        for (size_t i = 0; i < ARRAY_LEN(parities); i++) {
            s.bits = bits;
            s.parity = parities[i];
            s.stop = bits == 5 ? ONE5STOPBITS : TWOSTOPBITS;
            CHECK_EQ(set(&t, &s), 0);
            CHECK_EQ(pty_cflag(&t.pty) & (CSIZE | PARENB | CSTOPB), CS8 | CSTOPB);
        }
    }
    line_close(&t);
}

static void settings_reach_a_tty_with_input_in_it(void)
{
    struct tty_line t;
    struct ci_settings s;
    uint8_t got[4];

    line_open(&t, true);
    pty_send(&t.pty, "a\377\377b", 4);
    s = t.found;
    s.baud = 300;
    CHECK_EQ(set(&t, &s), 0);
    CHECK_EQ(line_receive(t.line, got, 4, 4), 4);
    CHECK(memcmp(got, "a\377\377b", 4) == 0);
    line_close(&t);
}

/* ---- found and left ---- */

/* As somebody may have left it. */
static void unusual(const struct pty *pty, struct termios2 *t)
{
    pty_termios(pty, t);
    t->c_iflag = IXON | ICRNL;
    t->c_lflag = ICANON | ISIG;
    t->c_oflag = OPOST;
    t->c_cflag = BOTHER | CS8 | CREAD | CSTOPB;
    t->c_ospeed = t->c_ispeed = 4800;
    t->c_cc[VMIN] = 7;
    t->c_cc[VSTOP] = 'Q';
    CHECK_EQ(ioctl(pty->master, TCSETS2, t), 0);
    pty_termios(pty, t);
}

static void a_port_begins_with_what_is_set(void)
{
    struct tty_line t = {.line = NULL};
    struct termios2 before;

    pty_open(&t.pty);
    unusual(&t.pty, &before);
    CHECK_EQ(ci_tty_open(t.pty.path, &t.line, &t.found), 0);
    CHECK_EQ(t.found.baud, 4800);
    CHECK_EQ(t.found.bits, 8);
    CHECK_EQ(t.found.parity, NOPARITY);
    CHECK_EQ(t.found.stop, TWOSTOPBITS);
    CHECK_EQ(t.found.control, SERIAL_DTR_CONTROL);
    CHECK_EQ(t.found.flow, SERIAL_RTS_CONTROL);
    CHECK_EQ(t.found.chars.xon, 0x11);
    CHECK_EQ(t.found.chars.xoff, 0x13);
    CHECK_EQ(pty_speed(&t.pty), 4800);
    line_close(&t);
}

static void what_was_received_before_is_not_there(void)
{
    struct tty_line t = {.line = NULL};
    struct ci_run run;

    pty_open(&t.pty);
    pty_send(&t.pty, "old\n", 4);
    CHECK_EQ(ci_tty_open(t.pty.path, &t.line, &t.found), 0);
    CHECK_EQ(t.line->ops->next(t.line, &run), 0);
    line_close(&t);
}

static void a_closed_port_leaves_the_tty_as_it_was(void)
{
    struct tty_line t = {.line = NULL};
    struct termios2 before, after;
    struct ci_settings s;

    pty_open(&t.pty);
    unusual(&t.pty, &before);
    CHECK_EQ(ci_tty_open(t.pty.path, &t.line, &t.found), 0);
    s = t.found;
    s.baud = 230400;
    s.control |= SERIAL_CTS_HANDSHAKE;
    CHECK_EQ(set(&t, &s), 0);
    line_shut(t.line);
    pty_termios(&t.pty, &after);
    CHECK(memcmp(&before, &after, sizeof before) == 0);
    pty_close(&t.pty);
}

static void a_peer_that_is_held_is_let_go(void)
{
    struct tty_line t;

    line_open(&t, false);
    t.line->ops->close(t.line, true, 0);
    t.line->ops->free(t.line);
    CHECK(pty_expect(&t.pty, "\x11", 1));
    pty_close(&t.pty);
}

static int close_in_child(void *arg)
{
    struct ci_line *line = arg;

    line->ops->forked(line);
    line_shut(line);
    return 0;
}

static void a_forked_child_closes_only_its_copy(void)
{
    struct tty_line t;
    struct child child;

    line_open(&t, false);
    child = child_start(close_in_child, t.line);
    CHECK_EQ(child_line(&child), 0);
    CHECK_EQ(pty_character(&t.pty, VMIN), 1);
    CHECK_EQ(pty_cflag(&t.pty) & CLOCAL, CLOCAL);
    pty_send(&t.pty, "a", 1);
    CHECK_EQ(line_receive(t.line, (uint8_t[1]){0}, 1, 1), 1);
    line_close(&t);
}

static void without_lines_the_peer_is_ready(void)
{
    struct tty_line t;
    struct ci_inputs inputs;

    line_open(&t, false);
    CHECK_EQ(t.line->ops->inputs(t.line, &inputs), 0);
    CHECK_EQ(inputs.levels, MS_CTS_ON | MS_DSR_ON | MS_RLSD_ON);
    CHECK_EQ(inputs.cts | inputs.dsr | inputs.rlsd | inputs.ring | inputs.overruns, 0);
    CHECK_EQ(t.line->ops->set_outputs(t.line, CI_OUT_DTR | CI_OUT_RTS, CI_OUT_RTS), 0);
    CHECK_EQ(t.line->ops->set_break(t.line, true), 0);
    CHECK_EQ(t.line->ops->set_break(t.line, false), 0);
    CHECK_EQ(t.line->ops->poll_ns(t.line), 0);
    CHECK(!t.line->ops->toggles(t.line));
    line_close(&t);
}

static void what_a_pty_lacks_is_said(void)
{
    struct ci_rs485 bus = {.enabled = true, .rts_on_send = true}, granted;
    struct tty_line t;

    line_open(&t, false);
    CHECK_EQ(ci_tty_rs485(t.line, &bus, &granted), -ENOTSUP);
    CHECK_EQ(ci_tty_low_latency(t.line, true), 0); /* it waits for nothing */
    CHECK_EQ(ci_tty_low_latency(t.line, false), 0);
    line_close(&t);
}

COMM_TEST_MAIN(TEST(any_speed_is_set_exactly), TEST(a_port_is_raw_and_hears_no_control_characters),
               TEST(the_kernel_only_watches_cts), TEST(the_kernel_knows_the_flow_characters),
               TEST(a_pty_takes_every_format), TEST(settings_reach_a_tty_with_input_in_it),
               TEST(a_port_begins_with_what_is_set), TEST(what_was_received_before_is_not_there),
               TEST(a_closed_port_leaves_the_tty_as_it_was), TEST(a_peer_that_is_held_is_let_go),
               TEST(a_forked_child_closes_only_its_copy), TEST(without_lines_the_peer_is_ready),
               TEST(what_a_pty_lacks_is_said))
