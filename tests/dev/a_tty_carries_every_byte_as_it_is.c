/* SPDX-License-Identifier: MIT */
/* A tty as a line carries bytes: all of them, both ways, with marks in the input or without, and
 * says when its peer is gone. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"

#define LONG_LEN 100000u

/* Every value, runs of FF of every length up to eight, and what terminals do something with. */
static size_t all_values(uint8_t *bytes)
{
    static const uint8_t special[] = {0xFF, 0x00, 0xFF, 0x11, 0x13, 0x03, 0x04, 0x0A, 0x0D, 0x1A};
    size_t len = 0;

    for (unsigned i = 0; i < 256; i++)
        bytes[len++] = (uint8_t)i;
    for (size_t run = 1; run <= 8; run++) {
        memset(bytes + len, 0xFF, run);
        len += run;
        bytes[len++] = (uint8_t)(run % 2 == 0 ? 0 : 'A');
    }
    memcpy(bytes + len, special, sizeof special);
    return len + sizeof special;
}

static void all_values_pass_both_ways(void)
{
    uint8_t sent[512], got[512];
    size_t len = all_values(sent);

    for (int marked = 0; marked <= 1; marked++) {
        for (size_t bite = 1; bite <= 256; bite *= 16) {
            struct tty_line t;

            line_open(&t, marked != 0);
            pty_send(&t.pty, sent, len);
            CHECK_EQ_WHEN(marked ? "marked" : "not", line_receive(t.line, got, len, bite), len);
            CHECK(memcmp(sent, got, len) == 0);
            CHECK_EQ(t.line->ops->send(t.line, sent, len), len);
            CHECK(pty_expect(&t.pty, sent, len));
            line_close(&t);
        }
    }
}

struct sender {
    struct pty *pty;
    const uint8_t *bytes;
};

static void *send_long(void *arg)
{
    struct sender *sender = arg;

    pty_send(sender->pty, sender->bytes, LONG_LEN);
    return NULL;
}

static void more_than_the_kernel_holds_arrives_whole(void)
{
    uint8_t *sent = malloc(2 * LONG_LEN), *got = sent + LONG_LEN;
    unsigned seed = 57;

    for (size_t i = 0; i < LONG_LEN; i++)
        sent[i] = (uint8_t)(rand_r(&seed) % 3 == 0 ? 0xFF : rand_r(&seed));
    for (int marked = 0; marked <= 1; marked++) {
        struct tty_line t;
        struct sender sender = {&t.pty, sent};
        pthread_t thread;

        line_open(&t, marked != 0);
        thread = comm_spawn(send_long, &sender);
        CHECK_EQ(line_receive(t.line, got, LONG_LEN, LONG_LEN), LONG_LEN);
        comm_join(thread);
        CHECK(memcmp(sent, got, LONG_LEN) == 0);
        line_close(&t);
    }
    free(sent);
}

static void an_empty_line_has_nothing_and_is_not_gone(void)
{
    struct tty_line t;
    struct ci_run run;

    line_open(&t, false);
    CHECK_EQ(t.line->ops->next(t.line, &run), 0);
    CHECK(t.line->ops->idle(t.line));
    CHECK_EQ(t.line->ops->unsent(t.line), 0);
    CHECK(t.line->ops->window(t.line) == SIZE_MAX);
    line_close(&t);
}

static void a_line_takes_until_it_is_full(void)
{
    static uint8_t bytes[1000];
    struct tty_line t;
    size_t taken = 0;
    ssize_t n;

    line_open(&t, false);
    while ((n = t.line->ops->send(t.line, bytes, sizeof bytes)) > 0)
        taken += (size_t)n;
    CHECK_EQ(n, -EAGAIN);
    CHECK(!t.line->ops->drop_output(t.line)); /* some of it may have arrived */
    while (taken > 0) {
        size_t part = taken < sizeof bytes ? taken : sizeof bytes;

        pty_receive(&t.pty, bytes, part);
        taken -= part;
    }
    CHECK(t.line->ops->send(t.line, bytes, 1) == 1);
    line_close(&t);
}

static bool input_is_there(void *fd)
{
    struct pollfd one = {.fd = *(int *)fd, .events = POLLIN};

    return poll(&one, 1, 0) == 1;
}

static void dropped_input_never_comes(void)
{
    struct tty_line t;
    struct ci_run run;
    uint8_t got[4];

    for (int marked = 0; marked <= 1; marked++) {
        int fd;

        line_open(&t, marked != 0);
        fd = t.line->fd;
        pty_send(&t.pty, "ab\377\377", 4);
        CHECK_EQ(line_receive(t.line, got, 1, 1), 1);
        t.line->ops->drop_input(t.line);
        pty_send(&t.pty, "b", 1);
        comm_wait_until(input_is_there, &fd);
        CHECK_EQ(t.line->ops->next(t.line, &run), 1);
        t.line->ops->drop_input(t.line);
        CHECK_EQ(t.line->ops->next(t.line, &run), 0);
        pty_send(&t.pty, "cd", 2);
        comm_wait_until(input_is_there, &fd);
        t.line->ops->drop_input(t.line);
        pty_send(&t.pty, "efgh", 4);
        CHECK_EQ(line_receive(t.line, got, 4, 4), 4);
        CHECK(memcmp(got, "efgh", 4) == 0);
        line_close(&t);
    }
}

static void flow_characters_pass_while_output_is_held(void)
{
    struct tty_line t;

    line_open(&t, false);
    CHECK_EQ(t.line->ops->send_flow(t.line, 0x13, true), 0);
    CHECK(pty_expect(&t.pty, "\x13", 1));
    t.line->ops->hold(t.line, true);
    CHECK_EQ(t.line->ops->send_flow(t.line, 0x11, false), 0);
    CHECK(pty_expect(&t.pty, "\x11", 1));
    t.line->ops->hold(t.line, false);
    CHECK_EQ(t.line->ops->send(t.line, (const uint8_t *)"a", 1), 1);
    CHECK(pty_expect(&t.pty, "a", 1));
    line_close(&t);
}

static void a_full_line_does_not_lose_flow_characters(void)
{
    static uint8_t bytes[1000];
    struct tty_line t;

    line_open(&t, false);
    while (t.line->ops->send(t.line, bytes, sizeof bytes) > 0)
        ;
    CHECK_EQ(t.line->ops->send_flow(t.line, 0x13, true), -EAGAIN);
    line_close(&t);
}

static void a_hang_up_is_the_end_of_everything(void)
{
    struct tty_line t;
    struct ci_run run;
    struct ci_inputs inputs;
    struct ci_settings other;

    for (int lost = 0; lost <= 1; lost++) {
        line_open(&t, false);
        pty_send(&t.pty, "gone", 4);
        pty_hang_up(&t.pty);
        if (lost) {
            t.line->ops->lost(t.line);
            CHECK_EQ(t.line->fd, -1);
        }
        CHECK_EQ(t.line->ops->next(t.line, &run), -EIO);
        CHECK_EQ(t.line->ops->send(t.line, (const uint8_t *)"a", 1), -EIO);
        CHECK_EQ(t.line->ops->send_flow(t.line, 0x13, true), -EIO);
        CHECK_EQ(t.line->ops->set_outputs(t.line, CI_OUT_DTR, 0), -EIO);
        CHECK_EQ(t.line->ops->set_break(t.line, true), -EIO);
        CHECK_EQ(t.line->ops->inputs(t.line, &inputs), -EIO);
        other = t.found;
        other.baud = 1200;
        CHECK_EQ(t.line->ops->configure(t.line, &other, &t.found), -EIO);
        t.line->ops->hold(t.line, true);
        t.line->ops->drop_input(t.line);
        CHECK(t.line->ops->idle(t.line));
        line_close(&t);
    }
}

/* More than the kernel hands on by itself before somebody reads. */
static void what_one_user_has_sent_arrives_although_the_next_one_has_begun(void)
{
    static const uint8_t sent[8000];
    struct tty_line t;
    size_t len = 0;
    ssize_t n = 1;

    line_open(&t, false);
    for (; len < sizeof(sent) && n > 0; len += n > 0 ? (size_t)n : 0)
        n = t.line->ops->send(t.line, sent + len, sizeof(sent) - len);
    CHECK_EQ(len, sizeof(sent));
    line_shut(t.line);
    CHECK_EQ(ci_tty_open(t.pty.path, &t.line, &t.found), 0);
    CHECK(pty_expect(&t.pty, sent, sizeof(sent)));
    line_close(&t);
}

COMM_TEST_MAIN(TEST(all_values_pass_both_ways), TEST(more_than_the_kernel_holds_arrives_whole),
               TEST(an_empty_line_has_nothing_and_is_not_gone), TEST(a_line_takes_until_it_is_full),
               TEST(what_one_user_has_sent_arrives_although_the_next_one_has_begun),
               TEST(dropped_input_never_comes), TEST(flow_characters_pass_while_output_is_held),
               TEST(a_full_line_does_not_lose_flow_characters),
               TEST(a_hang_up_is_the_end_of_everything))
