/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <string.h>

#define SOME_TIME_NS 604800000000003ULL /* a week of uptime, and not a round number */

void machine_open(struct machine *m, uint32_t rx_size)
{
    struct ci_settings set;

    memset(m, 0, sizeof *m);
    m->now_ns = SOME_TIME_NS;
    m->com.inputs.levels = MS_CTS_ON | MS_DSR_ON | MS_RLSD_ON;
    ci_settings_default(&set, rx_size);
    CHECK_EQ(ci_com_init(&m->com, &set, rx_size), 0);
}

void machine_close(struct machine *m)
{
    ci_com_fini(&m->com);
}

void machine_flow(struct machine *m, uint32_t control, uint32_t flow)
{
    struct ci_settings set = m->com.set;

    set.control = control;
    set.flow = flow;
    CHECK(ci_settings_valid(&set, m->com.rx.size, m->com.escape));
    ci_com_set(&m->com, &set);
}

void machine_levels(struct machine *m, uint32_t levels)
{
    struct ci_inputs inputs = m->com.inputs;

    inputs.levels = levels;
    ci_com_see_inputs(&m->com, &inputs, m->now_ns);
}

/* ---- receiving ---- */

static void read_settle(struct machine *m)
{
    struct ci_com_read *read = &m->com.read;

    if (!read->active || !read->over)
        return;
    m->over = true;
    m->status = read->status;
    m->got = read->got;
    m->over_at_ns = m->now_ns;
    ci_com_read_stop(&m->com);
}

void machine_hear(struct machine *m, const void *bytes, size_t len)
{
    struct ci_run run = {.bytes = bytes, .len = len};

    while (run.len > 0) {
        size_t taken = ci_com_receive(&m->com, &run, m->now_ns);

        read_settle(m);
        if (!CHECK(taken > 0 && taken <= run.len))
            return;
        run.bytes += taken;
        run.len -= taken;
    }
}

void machine_say(struct machine *m, const char *text)
{
    machine_hear(m, text, strlen(text));
}

void machine_come(struct machine *m, size_t len)
{
    uint8_t bytes[MACHINE_ROOM];

    for (size_t i = 0; i < len; i++)
        bytes[i] = machine_letter(m->next++);
    machine_hear(m, bytes, len);
}

void machine_damage(struct machine *m, uint8_t byte, unsigned bad)
{
    struct ci_run run = {.bytes = &byte, .len = 1, .bad = bad};

    CHECK_EQ(ci_com_receive(&m->com, &run, m->now_ns), 1);
    read_settle(m);
}

void machine_read(struct machine *m, size_t len)
{
    m->over = false;
    ci_com_read_start(&m->com, m->buf, len, m->now_ns);
    read_settle(m);
}

size_t machine_take(struct machine *m, size_t len)
{
    struct ci_timeouts before = m->com.timeouts;

    m->com.timeouts = (struct ci_timeouts){.read_interval = MOST};
    machine_read(m, len);
    m->com.timeouts = before;
    return m->got;
}

bool machine_holds(struct machine *m, const void *bytes, size_t len)
{
    size_t got = machine_take(m, sizeof m->buf);

    return got == len && memcmp(m->buf, bytes, len) == 0;
}

/* ---- the clock ---- */

static unsigned overs(const struct machine *m)
{
    return (m->over ? 1u : 0u) | (m->com.write.over ? 2u : 0u) | (m->com.imm.over ? 4u : 0u);
}

static void tick(struct machine *m, uint64_t at_ns)
{
    unsigned before = overs(m);

    m->now_ns = at_ns;
    if (ci_com_tick(&m->com, at_ns))
        ci_com_write_cut(&m->com, m->unsent, STATUS_TIMEOUT);
    read_settle(m);
    if ((overs(m) & ~before & ~1u) != 0)
        m->sent_at_ns = at_ns;
}

void machine_run(struct machine *m, uint64_t until_ns)
{
    uint64_t at;

    while ((at = ci_com_deadline_ns(&m->com)) < until_ns) {
        unsigned before = overs(m);

        CHECK(at >= m->now_ns);
        if (at > m->now_ns) {
            tick(m, at - 1);
            CHECK_EQ_WHEN("a nanosecond too early", overs(m), before);
        }
        tick(m, at);
        if (!CHECK(ci_com_deadline_ns(&m->com) > at)) /* something has come of it */
            return;
    }
    tick(m, until_ns);
}

/* ---- sending ---- */

void machine_send(struct machine *m, size_t room)
{
    struct ci_out out;

    while (ci_com_next_out(&m->com, room, &out)) {
        if (!CHECK(out.len <= room && m->sent_len + out.len <= sizeof m->sent))
            return;
        memcpy(m->sent + m->sent_len, out.bytes, out.len);
        m->sent_len += out.len;
        ci_com_gave(&m->com, &out, out.len);
    }
}

bool machine_sent(const struct machine *m, const void *bytes, size_t len)
{
    return m->sent_len == len && memcmp(m->sent, bytes, len) == 0;
}

/* ---- events ---- */

uint32_t machine_events(struct machine *m)
{
    uint32_t events = 0;

    if (!ci_com_wait(&m->com, &events))
        ci_com_wait_stop(&m->com);
    return events;
}
