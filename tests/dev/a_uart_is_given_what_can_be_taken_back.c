/* SPDX-License-Identifier: MIT */
/* A transmitter takes its time: how much it is given, when it is done, and how a port ends.  The
 * driver is made up here; real ones have their own tests. */
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

/* ---- sending ---- */

static const struct {
    const char *when;
    uint32_t baud;
    int unsent;
    size_t room;
} windows[] = {
    {"10 ms at a time",               115200, 0,   115},
    {"half of it gone",               115200, 57,  58 },
    {"not worth a call",              115200, 58,  0  },
    {"more than we gave",             115200, 500, 0  },
    {"never less than a usual FIFO",  9600,   0,   16 },
    {"a slow one",                    300,    8,   8  },
    {"a slow one that is still busy", 300,    9,   0  },
    {"a fast one",                    460800, 0,   460},
};

static void a_line_is_given_what_it_can_send_soon(void)
{
    struct tty_line t;
    struct ci_settings s;

    uart_open(&t);
    s = t.found;
    for (size_t i = 0; i < ARRAY_LEN(windows); i++) {
        s.baud = windows[i].baud;
        CHECK_EQ(t.line->ops->configure(t.line, &s, NULL), 0);
        uart.unsent = windows[i].unsent;
        CHECK_EQ_WHEN(windows[i].when, t.line->ops->window(t.line), windows[i].room);
        CHECK_EQ_WHEN(windows[i].when, t.line->ops->unsent(t.line), windows[i].unsent);
    }
    line_close(&t);
}

static void idle_is_an_empty_queue_and_an_empty_register(void)
{
    struct tty_line t;

    uart_open(&t);
    CHECK(t.line->ops->idle(t.line));
    uart.empty = 0;
    CHECK(!t.line->ops->idle(t.line));
    uart.empty = 1;
    uart.unsent = 3; /* stopped: the register is empty indeed */
    CHECK(!t.line->ops->idle(t.line));
    t.line->ops->hold(t.line, true); /* by us: nothing of it is under way */
    CHECK(t.line->ops->idle(t.line));
    CHECK_EQ(t.line->ops->set_break(t.line, true), -EAGAIN); /* the kernel would wait for it */
    t.line->ops->hold(t.line, false);
    CHECK(!t.line->ops->idle(t.line));
    CHECK(t.line->ops->drop_output(t.line));
    CHECK(t.line->ops->idle(t.line));
    uart.unsent = 3;
    uart.keeps_output = true;
    CHECK(!t.line->ops->drop_output(t.line));
    line_close(&t);
}

static bool line_is_idle(void *arg)
{
    struct ci_line *line = arg;

    return line->ops->idle(line);
}

static void without_a_register_a_fifo_gets_its_time(void)
{
    struct tty_line t;
    uint64_t start;

    uart_reset();
    uart.empty = -ENOTTY;
    line_open(&t, false);
    comm_wait_until(line_is_idle, t.line);
    start = ci_now_ns();
    CHECK_EQ(t.line->ops->send(t.line, (const uint8_t *)"a", 1), 1);
    CHECK(!t.line->ops->idle(t.line));
    comm_wait_until(line_is_idle, t.line);
    CHECK(ci_now_ns() - start >= 18 * ci_settings_char_ns(&t.found));
    line_close(&t);
}

/* What the adapter last said may be from before the last bytes reached it. */
static void an_adapter_is_believed_once_it_can_know(void)
{
    struct tty_line t;
    uint64_t start;

    uart_reset();
    uart_has_timer("16");
    line_open(&t, false);
    CHECK(t.line->ops->idle(t.line));
    start = ci_now_ns();
    CHECK_EQ(t.line->ops->send(t.line, (const uint8_t *)"a", 1), 1);
    CHECK(!t.line->ops->idle(t.line));
    comm_wait_until(line_is_idle, t.line);
    CHECK(ci_now_ns() - start >= ci_settings_char_ns(&t.found));

    t.line->ops->send(t.line, (const uint8_t *)"abc", 3);
    uart.empty = 0;
    CHECK(!t.line->ops->idle(t.line));
    uart.empty = 1;
    CHECK(t.line->ops->idle(t.line));
    line_close(&t);
}

static void a_break_waits_for_what_is_under_way(void)
{
    struct tty_line t;

    uart_open(&t);
    uart.unsent = 1;
    CHECK_EQ(t.line->ops->set_break(t.line, true), -EAGAIN);
    CHECK(!uart.breaking);
    uart.unsent = 0;
    CHECK_EQ(t.line->ops->set_break(t.line, true), 0);
    CHECK(uart.breaking);
    uart.empty = 0;
    CHECK_EQ(t.line->ops->set_break(t.line, false), 0);
    CHECK(!uart.breaking);
    line_close(&t);
}

static void a_driver_without_breaks_is_told_from_one_that_is_gone(void)
{
    static const int refusals[] = {ENOTTY, EINVAL, EOPNOTSUPP};
    struct tty_line t;

    uart_open(&t);
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        uart.break_error = -refusals[i];
        CHECK_EQ(t.line->ops->set_break(t.line, true), -ENOTSUP);
        uart.unsent = 1; /* there is no need to wait for that */
        CHECK_EQ(t.line->ops->set_break(t.line, true), -ENOTSUP);
        uart.unsent = 0;
    }
    uart.break_error = -ENODEV;
    CHECK_EQ(t.line->ops->set_break(t.line, true), -EIO);
    line_close(&t);
}

static void flow_control_goes_ahead_of_everything(void)
{
    struct tty_line t;
    struct ci_settings s;

    uart_open(&t);
    memset(uart.log, 0, sizeof uart.log);
    t.line->ops->hold(t.line, true);
    t.line->ops->hold(t.line, true);
    CHECK_EQ(t.line->ops->send_flow(t.line, 0x13, true), 0);
    CHECK_EQ(t.line->ops->send_flow(t.line, 0x11, false), 0);
    t.line->ops->hold(t.line, false);
    CHECK(strcmp(uart.log, "oxXO") == 0);
    s = t.found;
    s.chars.xoff = 0; /* a value that the kernel cannot send by itself */
    CHECK_EQ(t.line->ops->configure(t.line, &s, &t.found), 0);
    CHECK_EQ(t.line->ops->send_flow(t.line, 0, true), 0);
    CHECK(pty_expect(&t.pty, "", 1));
    line_close(&t);
}

/* By way of the START character, of which the driver keeps one: the next must not replace it. */
static void any_character_goes_ahead_in_its_turn(void)
{
    struct tty_line t;

    uart_open(&t);
    t.line->ops->hold(t.line, true);
    memset(uart.log, 0, sizeof uart.log);
    CHECK(!t.line->ops->passes(t.line, 0));
    CHECK(t.line->ops->passes(t.line, '!'));
    uart.empty = 0;
    CHECK_EQ(t.line->ops->send_flow(t.line, '!', false), 0);
    CHECK(strcmp(uart.log, "tXt") == 0);
    CHECK_EQ(uart.termios.c_cc[VSTART], 0x11);
    CHECK_EQ(t.line->ops->send_flow(t.line, 0x13, true), -EAGAIN);
    uart.empty = 1; /* it is out */
    CHECK_EQ(t.line->ops->send_flow(t.line, 0x13, true), 0);
    uart.empty = 0;
    CHECK_EQ(t.line->ops->send_flow(t.line, 0x11, false), 0); /* the newer one counts */
    CHECK_EQ(t.line->ops->send_flow(t.line, '!', false), -EAGAIN);
    line_close(&t);
}

/* ---- closing ---- */

static void a_close_ends_silently(void)
{
    struct tty_line t;

    uart_open(&t);
    CHECK_EQ(t.line->ops->set_break(t.line, true), 0);
    t.line->ops->hold(t.line, true);
    uart.unsent = 100;
    memset(uart.log, 0, sizeof uart.log);
    t.line->ops->close(t.line, true, 100 * CI_NS_PER_MS);
    t.line->ops->free(t.line);
    CHECK(strcmp(uart.log, "bfOXflt") == 0);
    CHECK(!uart.breaking);
    CHECK_EQ(uart.lines & (TIOCM_DTR | TIOCM_RTS), 0);
    CHECK_EQ(uart.termios.c_cflag, B9600 | CS8 | CREAD | HUPCL); /* what was, but for HUPCL */
    CHECK_EQ(uart.termios.c_iflag, 0);
    pty_close(&t.pty);
}

static const struct {
    const char *when;
    unsigned keep;
    int left;
    tcflag_t hupcl;
} closes[] = {
    {"both fall",     0,                       0,                     HUPCL},
    {"DTR is kept",   CI_OUT_DTR,              TIOCM_DTR,             0    },
    {"RTS is kept",   CI_OUT_RTS,              TIOCM_RTS,             0    },
    {"both are kept", CI_OUT_DTR | CI_OUT_RTS, TIOCM_DTR | TIOCM_RTS, 0    },
};

static void a_close_keeps_the_outputs_it_is_told_to_keep(void)
{
    for (size_t i = 0; i < ARRAY_LEN(closes); i++) {
        struct tty_line t;

        uart_open(&t);
        t.line->ops->set_outputs(t.line, CI_OUT_DTR | CI_OUT_RTS, CI_OUT_DTR | CI_OUT_RTS);
        ci_tty_keep_outputs(t.line, closes[i].keep);
        t.line->ops->close(t.line, false, 100 * CI_NS_PER_MS);
        t.line->ops->free(t.line);
        CHECK_EQ_WHEN(closes[i].when, uart.lines & (TIOCM_DTR | TIOCM_RTS), closes[i].left);
        CHECK_EQ_WHEN(closes[i].when, uart.termios.c_cflag & HUPCL, closes[i].hupcl);
        pty_close(&t.pty);
    }
}

static void a_close_does_not_wait_for_ever(void)
{
    struct tty_line t;
    uint64_t start;

    uart_open(&t);
    uart.empty = 0;
    start = ci_now_ns();
    t.line->ops->close(t.line, true, 30 * CI_NS_PER_MS);
    t.line->ops->free(t.line);
    CHECK(ci_now_ns() - start >= 30 * CI_NS_PER_MS);
    CHECK_EQ(uart.lines & (TIOCM_DTR | TIOCM_RTS), 0);
    pty_close(&t.pty);
}

COMM_TEST_MAIN(TEST(a_line_is_given_what_it_can_send_soon),
               TEST(idle_is_an_empty_queue_and_an_empty_register),
               TEST(without_a_register_a_fifo_gets_its_time),
               TEST(an_adapter_is_believed_once_it_can_know),
               TEST(a_break_waits_for_what_is_under_way),
               TEST(a_driver_without_breaks_is_told_from_one_that_is_gone),
               TEST(flow_control_goes_ahead_of_everything),
               TEST(any_character_goes_ahead_in_its_turn), TEST(a_close_ends_silently),
               TEST(a_close_keeps_the_outputs_it_is_told_to_keep),
               TEST(a_close_does_not_wait_for_ever))
