/* SPDX-License-Identifier: MIT */
/* A property: whatever is set, heard, read, purged, masked and waited for, in whatever pieces, the
 * machine with its tables and runs is at each step in the state of one that goes byte by byte. */
#include "machine.h"
#include "plain_port.h"

#include <string.h>

#define LIVES 200u
#define STEPS 500u /* of a life: 100,000 in all */

struct pair {
    struct ci_com real;
    struct plain_port plain;
    uint8_t buf[PLAIN_MOST]; /* of the machine's read */
    uint32_t seed;
    const char *wrong;
};

/* ---- chance ---- */

static uint32_t below(struct pair *pair, uint32_t end)
{
    uint32_t x = pair->seed;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    pair->seed = x;
    return (uint32_t)((uint64_t)x * end >> 32);
}

static bool one_in(struct pair *pair, uint32_t n)
{
    return below(pair, n) == 0;
}

/* Few different ones, so that whatever can meet does. */
static uint8_t some_byte(struct pair *pair)
{
    static const uint8_t often[] = {0, 0x11, 0x13, '$', '?', '!', 0xAA, 0x2A, 0x80, 0x91, 'a'};

    return one_in(pair, 3) ? often[below(pair, ARRAY_LEN(often))] : (uint8_t)below(pair, 256);
}

static uint32_t some_of(struct pair *pair, uint32_t bits)
{
    return bits & (below(pair, UINT32_MAX) | (one_in(pair, 3) ? UINT32_MAX : 0)) &
           (one_in(pair, 3) ? 0 : UINT32_MAX);
}

static uint32_t some_timeout(struct pair *pair)
{
    static const uint32_t often[] = {0, 0, 1, 5, 20, MOST - 1, MOST, MOST};

    return often[below(pair, ARRAY_LEN(often))];
}

#define CONTROL (SERIAL_OUT_HANDSHAKEMASK | SERIAL_DSR_SENSITIVITY | SERIAL_ERROR_ABORT)
#define FLOW                                                                                  \
    (SERIAL_AUTO_TRANSMIT | SERIAL_AUTO_RECEIVE | SERIAL_ERROR_CHAR | SERIAL_NULL_STRIPPING | \
     SERIAL_BREAK_CHAR | SERIAL_RTS_MASK)

static struct ci_settings some_settings(struct pair *pair)
{
    uint32_t size = (uint32_t)pair->plain.size;
    struct ci_settings set;

    do {
        ci_settings_default(&set, size);
        set.bits = (uint8_t)(one_in(pair, 2) ? 8 : 5 + below(pair, 4));
        set.stop = ONESTOPBIT;
        set.chars = (struct ci_chars){.error = some_byte(pair),
                                      .brk = some_byte(pair),
                                      .event = some_byte(pair),
                                      .xon = some_byte(pair),
                                      .xoff = some_byte(pair)};
        set.control = some_of(pair, CONTROL) | below(pair, 3);
        set.flow = some_of(pair, FLOW);
        set.xon_limit = (int32_t)below(pair, size + 1);
        set.xoff_limit = (int32_t)below(pair, size + 1);
    } while (!ci_settings_valid(&set, size, pair->plain.escape));
    return set;
}

/* ---- the same state ---- */

static bool same_bytes(const struct ci_typeahead *rx, const struct plain_port *p)
{
    for (size_t i = 0; i < p->count; i++)
        if (rx->byte[(rx->head + i) % rx->size] != p->rx[i])
            return false;
    return true;
}

static const char *other_read(const struct ci_com *real, const uint8_t *buf,
                              const struct plain_port *p)
{
    const struct ci_com_read *read = &real->read;

    if (read->active != p->reading)
        return "whether a read is active";
    if (ci_com_deadline_ns(real) != plain_deadline_ns(p))
        return "the deadline";
    if (!read->active)
        return NULL;
    if (read->over != p->over || read->got != p->got || read->len != p->len)
        return "the read";
    if (read->first_ns != p->first_ns && real->rx.stamps < CI_STAMPS)
        return "when the first byte of the read came";
    if (read->over && read->status != p->status)
        return "the status of the read";
    return memcmp(buf, p->buf, p->got) != 0 ? "what was read" : NULL;
}

static const char *other_flow(const struct ci_com *real, const struct plain_port *p)
{
    if (real->tx_hold != p->tx_hold)
        return "what holds us";
    if (real->outputs != ((p->dtr ? CI_OUT_DTR : 0u) | (p->rts ? CI_OUT_RTS : 0u)))
        return "DTR and RTS";
    if (real->xon_due != p->xon_due || real->xoff_due != p->xoff_due ||
        real->xoff_sent != p->xoff_sent)
        return "XON and XOFF";
    return NULL;
}

static const char *other_news(const struct ci_com *real, const struct plain_port *p)
{
    if (real->history != p->history || real->mask != p->mask)
        return "what is latched";
    if (real->waiting != p->waiting || real->told != p->told ||
        (real->told && real->news != p->news))
        return "what the wait was told";
    if (real->errors != p->errors || real->aborted != p->aborted || real->abort != p->abort)
        return "the errors";
    if (memcmp(&real->stats, &p->stats, sizeof p->stats) != 0)
        return "the statistics";
    return NULL;
}

static void compare(struct pair *pair)
{
    const struct ci_com *real = &pair->real;
    const struct plain_port *p = &pair->plain;

    if (pair->wrong == NULL && (real->rx.size != p->size || real->rx.count != p->count))
        pair->wrong = "how much there is";
    if (pair->wrong == NULL && !same_bytes(&real->rx, p))
        pair->wrong = "what there is";
    if (pair->wrong == NULL)
        pair->wrong = other_read(real, pair->buf, p);
    if (pair->wrong == NULL)
        pair->wrong = other_flow(real, p);
    if (pair->wrong == NULL)
        pair->wrong = other_news(real, p);
}

/* ---- steps ---- */

static void do_stop(struct pair *pair)
{
    ci_com_read_stop(&pair->real);
    pair->plain.reading = pair->plain.over = false;
}

/* A read that is over stops the run behind the byte that ended it. */
static void hear(struct pair *pair, const struct ci_run *run)
{
    struct plain_port *p = &pair->plain;
    bool was_over = p->over;
    size_t taken = ci_com_receive(&pair->real, run, p->now_ns);

    if (taken == 0 || taken > run->len)
        pair->wrong = "how much was taken";
    for (size_t i = 0; i < taken && pair->wrong == NULL; i++) {
        if (p->over && !was_over)
            pair->wrong = "that it went on behind a read's end";
        plain_hear(p, run->bytes[i], run->bad);
    }
    if (taken < run->len && !p->over)
        pair->wrong = "that it stopped before a read's end";
    compare(pair);
    if (p->over && !one_in(pair, 8))
        do_stop(pair);
}

static void do_hear(struct pair *pair)
{
    uint8_t bytes[300];
    size_t len = 1 + below(pair, one_in(pair, 8) ? sizeof bytes : 20), at = 0;

    for (size_t i = 0; i < len; i++)
        bytes[i] = some_byte(pair);
    while (at < len && pair->wrong == NULL) {
        size_t most = one_in(pair, 2) ? len - at : 1 + below(pair, (uint32_t)(len - at));
        struct ci_run run = {.bytes = bytes + at, .len = most};
        uint32_t before = pair->real.stats.received;

        hear(pair, &run);
        at += pair->real.stats.received - before;
    }
}

static void do_damage(struct pair *pair)
{
    uint8_t byte = some_byte(pair);
    struct ci_run run = {.bytes = &byte, .len = 1, .bad = 1 + below(pair, 15)};

    hear(pair, &run);
}

static void do_read(struct pair *pair)
{
    size_t len = 1 + below(pair, one_in(pair, 6) ? PLAIN_MOST : 24);

    if (pair->plain.reading)
        return;
    ci_com_read_start(&pair->real, pair->buf, len, pair->plain.now_ns);
    plain_read(&pair->plain, len);
}

static void do_timeouts(struct pair *pair)
{
    struct ci_timeouts timeouts = {.read_interval = some_timeout(pair),
                                   .read_multiplier = some_timeout(pair),
                                   .read_constant = some_timeout(pair)};

    if (ci_timeouts_valid(&timeouts))
        pair->real.timeouts = pair->plain.timeouts = timeouts;
}

static void do_time(struct pair *pair)
{
    uint64_t at = ci_com_deadline_ns(&pair->real), now = pair->plain.now_ns;

    if (at != CI_NEVER && at > now && at < now + YEAR_NS && one_in(pair, 2))
        now = at - below(pair, 2);
    else
        now += below(pair, 30) * CI_NS_PER_MS;
    pair->plain.now_ns = now;
    ci_com_tick(&pair->real, now);
    plain_tick(&pair->plain);
    compare(pair);
    if (pair->plain.over && !one_in(pair, 8))
        do_stop(pair);
}

static void do_purge(struct pair *pair)
{
    if (pair->plain.reading)
        return; /* who uses it does not, either */
    ci_com_purge(&pair->real);
    plain_purge(&pair->plain);
}

static void do_mask(struct pair *pair)
{
    uint32_t mask = some_of(pair, 0x1FFF);

    ci_com_mask(&pair->real, mask);
    plain_mask(&pair->plain, mask);
}

static void do_wait(struct pair *pair)
{
    struct plain_port *p = &pair->plain;
    uint32_t events = 0, expected = 0;

    if (p->told) {
        pair->real.told = p->told = false; /* it was reported */
    } else if (p->waiting) {
        ci_com_wait_stop(&pair->real);
        p->waiting = false;
    } else if (p->mask != 0) {
        if (ci_com_wait(&pair->real, &events) != plain_wait(p, &expected) || events != expected)
            pair->wrong = "what a wait finds";
    }
}

static void do_tell(struct pair *pair)
{
    ci_com_tell(&pair->real);
    plain_tell(&pair->plain);
}

static void do_set(struct pair *pair)
{
    struct ci_settings set = some_settings(pair);

    ci_com_set(&pair->real, &set);
    plain_set(&pair->plain, &set);
}

static void do_escape(struct pair *pair)
{
    uint8_t escape = one_in(pair, 2) ? 0 : some_byte(pair);

    if (!ci_settings_valid(&pair->plain.set, (uint32_t)pair->plain.size, escape))
        return;
    ci_com_escape(&pair->real, escape);
    pair->plain.escape = escape;
}

static void do_inputs(struct pair *pair)
{
    struct ci_inputs inputs = pair->plain.inputs;
    uint32_t *counts[] = {&inputs.cts,  &inputs.dsr,      &inputs.rlsd,
                          &inputs.ring, &inputs.overruns, &inputs.buffer_overruns};

    inputs.levels ^= some_of(pair, 0xF0);
    if (one_in(pair, 2))
        *counts[below(pair, ARRAY_LEN(counts))] += below(pair, 3);
    ci_com_see_inputs(&pair->real, &inputs, pair->plain.now_ns);
    plain_see(&pair->plain, &inputs);
    compare(pair);
    if (pair->plain.over)
        do_stop(pair);
}

static void do_errors(struct pair *pair)
{
    if (ci_com_errors(&pair->real) != plain_ask_errors(&pair->plain))
        pair->wrong = "the errors asked for";
    pair->real.abort = pair->plain.abort = false;
}

static void do_grow(struct pair *pair)
{
    size_t size = below(pair, PLAIN_MOST + 1);

    if (size > pair->plain.size && !one_in(pair, 10))
        return; /* rarely: most of it happens in small ones */
    if (ci_com_grow(&pair->real, (uint32_t)size) != 0)
        pair->wrong = "its memory";
    plain_grow(&pair->plain, size);
}

static void do_send(struct pair *pair)
{
    struct ci_out out;
    int expected = plain_send_flow(&pair->plain);
    int got = ci_com_next_out(&pair->real, 0, &out) ? out.bytes[0] : -1;

    if (got != expected)
        pair->wrong = "which flow control character goes";
    else if (got >= 0)
        ci_com_gave(&pair->real, &out, out.len);
}

static void do_hold(struct pair *pair)
{
    bool held = one_in(pair, 3);

    ci_com_hold(&pair->real, held);
    pair->plain.tx_hold =
        held ? pair->plain.tx_hold | CI_HOLD_XOFF : pair->plain.tx_hold & ~CI_HOLD_XOFF;
}

static const struct step {
    const char *name;
    void (*run)(struct pair *pair);
    uint32_t weight;
} steps[] = {
    {"hear",     do_hear,     20},
    {"damage",   do_damage,   4 },
    {"read",     do_read,     16},
    {"stop",     do_stop,     1 },
    {"timeouts", do_timeouts, 3 },
    {"time",     do_time,     6 },
    {"purge",    do_purge,    1 },
    {"mask",     do_mask,     2 },
    {"wait",     do_wait,     6 },
    {"tell",     do_tell,     4 },
    {"set",      do_set,      4 },
    {"escape",   do_escape,   1 },
    {"inputs",   do_inputs,   4 },
    {"errors",   do_errors,   2 },
    {"grow",     do_grow,     1 },
    {"send",     do_send,     8 },
    {"hold",     do_hold,     1 },
};

static const struct step *some_step(struct pair *pair)
{
    uint32_t all = 0, at;
    size_t i = 0;

    for (size_t j = 0; j < ARRAY_LEN(steps); j++)
        all += steps[j].weight;
    for (at = below(pair, all); at >= steps[i].weight; at -= steps[i++].weight)
        ;
    return &steps[i];
}

/* ---- lives ---- */

static bool open_both(struct pair *pair, uint32_t life)
{
    static const uint32_t sizes[] = {1, 2, 3, 4, 16, 37, 64, 256};
    uint32_t size = sizes[life % ARRAY_LEN(sizes)];
    struct ci_settings set;

    memset(pair, 0, sizeof *pair);
    pair->seed = 0x9E3779B9u * (life + 1);
    ci_settings_default(&set, size);
    plain_open(&pair->plain, &set, size);
    pair->plain.now_ns = 1000000007;
    return CHECK_EQ(ci_com_init(&pair->real, &set, size), 0);
}

static bool live(struct pair *pair, uint32_t life)
{
    const struct step *step = NULL;
    uint32_t n = 0;

    while (n++ < STEPS && pair->wrong == NULL) {
        step = some_step(pair);
        step->run(pair);
        compare(pair);
    }
    return comm_check(pair->wrong == NULL, __FILE__, __LINE__, "life %u, step %u (%s): not %s",
                      life, n, step->name, pair->wrong);
}

static void both_are_in_the_same_state_after_each_step(void)
{
    static struct pair pair;

    for (uint32_t life = 0; life < LIVES; life++) {
        bool fine = open_both(&pair, life) && live(&pair, life);

        ci_com_fini(&pair.real);
        if (!fine)
            return;
    }
}

COMM_TEST_MAIN(TEST(both_are_in_the_same_state_after_each_step))
