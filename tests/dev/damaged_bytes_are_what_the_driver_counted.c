/* SPDX-License-Identifier: MIT */
/* A mark in the input says that a byte is damaged, the driver's counts say how; and lines are what
 * it reports and counts.  The driver is made up here; real ones have their own tests. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "libcomm/plat/clock.h"
#include "line.h"
#include "uart.h"

static void uart_open(struct tty_line *t)
{
    uart_reset();
    line_open(t, false);
}

static bool run_is_there(void *arg)
{
    struct ci_line *line = arg;
    struct ci_run run;

    return line->ops->next(line, &run) == 1;
}

/* ---- damaged bytes ---- */

static const struct {
    const char *when;
    unsigned brk, frame, parity; /* what the driver counts before they come */
    uint8_t byte[2];             /* both damaged */
    unsigned bad[2];
} marks[] = {
    {"a break and a parity error", 1, 0, 1, {0, 'a'},   {CI_BAD_BREAK, CI_BAD_PARITY} },
    {"two breaks",                 2, 0, 0, {0, 0},     {CI_BAD_BREAK, CI_BAD_BREAK}  },
    {"a zero is no break",         0, 1, 0, {0, 'a'},   {CI_BAD_FRAME, CI_BAD_FRAME}  },
    {"frame before parity",        0, 1, 1, {'a', 'b'}, {CI_BAD_FRAME, CI_BAD_PARITY} },
    {"frame errors",               0, 2, 0, {'a', 0},   {CI_BAD_FRAME, CI_BAD_FRAME}  },
    {"parity errors, of zeros",    0, 0, 2, {0, 0xFF},  {CI_BAD_PARITY, CI_BAD_PARITY}},
    {"a driver that counts none",  0, 0, 0, {0, 'a'},   {CI_BAD_BREAK, CI_BAD_FRAME}  },
};

static void expect_bad(const char *when, struct tty_line *t, uint8_t byte, unsigned bad)
{
    struct ci_run run = {.len = 0};

    if (!comm_wait_until(run_is_there, t->line))
        return;
    t->line->ops->next(t->line, &run); /* looking again changes nothing */
    CHECK_EQ_WHEN(when, run.len, 1);
    CHECK_EQ_WHEN(when, run.bytes[0], byte);
    CHECK_EQ_WHEN(when, run.bad, bad);
    t->line->ops->took(t->line, 1);
}

static void send_damaged(struct tty_line *t, uint8_t byte)
{
    uint8_t raw[] = {0xFF, 0x00, byte};

    pty_send(&t->pty, raw, sizeof raw);
}

static void a_mark_is_what_was_counted(void)
{
    struct tty_line t;

    uart_open(&t);
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        uart.counts.brk += (int)marks[i].brk;
        uart.counts.frame += (int)marks[i].frame;
        uart.counts.parity += (int)marks[i].parity;
        send_damaged(&t, marks[i].byte[0]);
        send_damaged(&t, marks[i].byte[1]);
        expect_bad(marks[i].when, &t, marks[i].byte[0], marks[i].bad[0]);
        expect_bad(marks[i].when, &t, marks[i].byte[1], marks[i].bad[1]);
    }
    line_close(&t);
}

static void without_counts_settings_decide(void)
{
    struct tty_line t;
    struct ci_settings s;

    uart_reset();
    uart.counts_error = -ENOTTY;
    line_open(&t, false);
    send_damaged(&t, 'a');
    expect_bad("no parity", &t, 'a', CI_BAD_FRAME);
    s = t.found;
    s.bits = 7;
    s.parity = EVENPARITY;
    CHECK_EQ(t.line->ops->configure(t.line, &s, &t.found), 0);
    send_damaged(&t, 'a');
    expect_bad("parity", &t, 'a', CI_BAD_PARITY);
    send_damaged(&t, 0);
    expect_bad("zero", &t, 0, CI_BAD_BREAK);
    line_close(&t);
}

static void lost_marks_accuse_no_later_ones(void)
{
    struct tty_line t;

    uart_open(&t);
    uart.counts.parity += 5; /* of which one arrives */
    uart.counts.buf_overrun += 4;
    send_damaged(&t, 'a');
    expect_bad("the one", &t, 'a', CI_BAD_PARITY);
    uart.counts.brk++;
    send_damaged(&t, 0);
    expect_bad("a break", &t, 0, CI_BAD_BREAK);
    uart.counts.parity += 3;
    t.line->ops->drop_input(t.line);
    send_damaged(&t, 'a');
    expect_bad("dropped", &t, 'a', CI_BAD_FRAME);
    line_close(&t);
}

/* ---- lines ---- */

static void inputs_are_counted_from_the_open_on(void)
{
    struct tty_line t;
    struct ci_inputs in;

    uart_reset();
    uart.counts.cts = uart.counts.dsr = uart.counts.dcd = uart.counts.overrun = 7;
    line_open(&t, false);
    CHECK_EQ(t.line->ops->inputs(t.line, &in), 0);
    CHECK_EQ(in.levels, MS_CTS_ON | MS_DSR_ON | MS_RLSD_ON);
    CHECK_EQ(in.cts | in.dsr | in.rlsd | in.ring | in.overruns | in.buffer_overruns, 0);
    uart.lines = TIOCM_RNG;
    uart.counts.cts += 1;
    uart.counts.dsr += 2;
    uart.counts.dcd += 3;
    uart.counts.overrun += 4;
    uart.counts.buf_overrun += 5;
    CHECK_EQ(t.line->ops->inputs(t.line, &in), 0);
    CHECK_EQ(in.levels, MS_RING_ON);
    CHECK(in.cts == 1 && in.dsr == 2 && in.rlsd == 3);
    CHECK(in.overruns == 4 && in.buffer_overruns == 5);
    line_close(&t);
}

/* 16550s count the end of a ring, FTDI's both edges. */
static void a_ring_is_one_however_it_is_counted(void)
{
    for (int counted = 0; counted <= 2; counted++) {
        struct tty_line t;
        struct ci_inputs in;

        uart_reset();
        uart.counts_error = counted == 0 ? -ENOTTY : 0;
        line_open(&t, false);
        uart.lines |= TIOCM_RNG;
        uart.counts.rng += counted == 2;
        CHECK_EQ(t.line->ops->inputs(t.line, &in), 0);
        CHECK_EQ(in.ring, 0);
        uart.lines &= ~TIOCM_RNG;
        uart.counts.rng++;
        CHECK_EQ(t.line->ops->inputs(t.line, &in), 0);
        CHECK_EQ(in.ring, 1);
        CHECK_EQ(t.line->ops->inputs(t.line, &in), 0);
        CHECK_EQ(in.ring, 1);
        line_close(&t);
    }
}

static void a_driver_that_cannot_say_now_changes_nothing(void)
{
    struct tty_line t;
    struct ci_inputs in;

    uart_open(&t);
    uart.counts.cts = 3;
    CHECK_EQ(t.line->ops->inputs(t.line, &in), 0);
    uart.lines = -ETIMEDOUT;
    uart.counts_error = -ETIMEDOUT;
    CHECK_EQ(t.line->ops->inputs(t.line, &in), 0);
    CHECK_EQ(in.levels, MS_CTS_ON | MS_DSR_ON | MS_RLSD_ON);
    CHECK_EQ(in.cts, 3);
    uart.lines = -ENODEV;
    CHECK_EQ(t.line->ops->inputs(t.line, &in), -EIO);
    uart.lines = 0;
    line_close(&t);
}

static void outputs_are_set_alone_and_together(void)
{
    struct tty_line t;

    uart_open(&t);
    CHECK_EQ(t.line->ops->set_outputs(t.line, CI_OUT_RTS, 0), 0);
    CHECK_EQ(uart.lines & (TIOCM_DTR | TIOCM_RTS), TIOCM_DTR);
    CHECK_EQ(t.line->ops->set_outputs(t.line, CI_OUT_DTR | CI_OUT_RTS, CI_OUT_RTS), 0);
    CHECK_EQ(uart.lines & (TIOCM_DTR | TIOCM_RTS), TIOCM_RTS);
    CHECK_EQ(t.line->ops->set_outputs(t.line, CI_OUT_DTR, CI_OUT_DTR | CI_OUT_RTS), 0);
    CHECK_EQ(uart.lines & (TIOCM_DTR | TIOCM_RTS), TIOCM_DTR | TIOCM_RTS);
    line_close(&t);
}

static void lines_are_asked_more_often_when_they_stop_output(void)
{
    struct tty_line t;
    struct ci_settings s;

    uart_open(&t);
    CHECK_EQ(t.line->ops->poll_ns(t.line), 10 * CI_NS_PER_MS);
    s = t.found;
    s.control |= SERIAL_DSR_HANDSHAKE;
    CHECK_EQ(t.line->ops->configure(t.line, &s, &t.found), 0);
    CHECK_EQ(t.line->ops->poll_ns(t.line), 2 * CI_NS_PER_MS);
    line_close(&t);
}

COMM_TEST_MAIN(TEST(a_mark_is_what_was_counted), TEST(without_counts_settings_decide),
               TEST(lost_marks_accuse_no_later_ones), TEST(inputs_are_counted_from_the_open_on),
               TEST(a_ring_is_one_however_it_is_counted),
               TEST(a_driver_that_cannot_say_now_changes_nothing),
               TEST(outputs_are_set_alone_and_together),
               TEST(lines_are_asked_more_often_when_they_stop_output))
