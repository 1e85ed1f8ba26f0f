/* SPDX-License-Identifier: MIT */
/* One direction of a simulated cable, on a clock that the test moves: a byte leaves when its time
 * has come, in order, and is always somewhere: in the FIFO, on the wire, arrived, taken, or known
 * to be lost. */
#include "harness.h"

#include <errno.h>
#include <string.h>

#include "libcomm/dev/serial/wire.h"
#include "libcomm/plat/clock.h"

#define CHAR_NS 1000000u /* 10,000 8N1 */

static struct ci_settings set_at(uint32_t baud)
{
    return (struct ci_settings){.baud = baud, .bits = 8, .parity = NOPARITY, .stop = ONESTOPBIT};
}

static void wire_open(struct ci_wire *wire, bool paced)
{
    struct ci_settings set = set_at(10000);

    memset(wire, 0, sizeof *wire);
    CHECK_EQ(ci_wire_init(wire, paced, false), 0);
    ci_wire_set_sender(wire, &set);
    ci_wire_set_receiver(wire, &set);
    ci_wire_open(wire, true);
    CHECK_EQ(wire->char_ns, CHAR_NS);
}

/* How much has arrived by then. */
static uint32_t arrived(struct ci_wire *wire, uint64_t now_ns)
{
    ci_wire_run(wire, now_ns);
    return wire->ring.count;
}

/* ---- pace ---- */

static void a_byte_arrives_one_character_time_after_it_began(void)
{
    struct ci_wire wire;

    wire_open(&wire, true);
    CHECK_EQ(ci_wire_receiver_due(&wire), CI_NEVER);
    CHECK_EQ(ci_wire_send(&wire, (const uint8_t *)"abc", 3, 500), 3);
    CHECK_EQ(ci_wire_unsent(&wire), 2); /* one is in the shift register */
    CHECK_EQ(arrived(&wire, 500 + CHAR_NS - 1), 0);
    CHECK_EQ(arrived(&wire, 500 + CHAR_NS), 1);
    CHECK_EQ(arrived(&wire, 500 + 3 * CHAR_NS - 1), 2);
    CHECK(!ci_wire_idle(&wire));
    CHECK_EQ(ci_wire_unsent(&wire), 0);
    CHECK_EQ(arrived(&wire, 500 + 3 * CHAR_NS), 3);
    CHECK(ci_wire_idle(&wire));
    CHECK_EQ(wire.sent, 3);
    ci_wire_fini(&wire);
}

static void looking_rarely_changes_nothing(void)
{
    struct ci_wire wire;

    wire_open(&wire, true);
    ci_wire_send(&wire, (const uint8_t *)"0123456789abcdef", 16, 0);
    CHECK_EQ(arrived(&wire, 10 * CHAR_NS + CHAR_NS / 2), 10);
    CHECK_EQ(wire.shift_end, 11 * CHAR_NS); /* in step with the first, not with the look */
    ci_wire_send(&wire, (const uint8_t *)"ghi", 3, 10 * CHAR_NS + CHAR_NS / 2);
    CHECK_EQ(arrived(&wire, 19 * CHAR_NS - 1), 18);
    CHECK_EQ(arrived(&wire, 19 * CHAR_NS), 19);
    ci_wire_run(&wire, 100 * CHAR_NS);
    ci_wire_send(&wire, (const uint8_t *)"j", 1, 100 * CHAR_NS); /* an idle one starts anew */
    CHECK_EQ(arrived(&wire, 101 * CHAR_NS - 1), 19);
    CHECK_EQ(arrived(&wire, 101 * CHAR_NS), 20);
    ci_wire_fini(&wire);
}

static const struct {
    const char *when;
    uint32_t baud;
    size_t depth;
} depths[] = {
    {"a FIFO's worth at low speeds", 300,      16          },
    {"and a FIFO's worth at 9600",   9600,     16          },
    {"10 ms at 115200",              115200,   115         },
    {"10 ms at 1 MBd",               1000000,  1000        },
    {"no more than there is room",   12000000, CI_WIRE_FIFO},
};

static void little_is_under_way_at_a_time(void)
{
    static uint8_t block[2 * CI_WIRE_FIFO];
    struct ci_wire wire;

    for (size_t i = 0; i < ARRAY_LEN(depths); i++) {
        struct ci_settings set = set_at(depths[i].baud);

        wire_open(&wire, true);
        ci_wire_set_sender(&wire, &set);
        CHECK_EQ_WHEN(depths[i].when, ci_wire_window(&wire), depths[i].depth);
        CHECK_EQ_WHEN(depths[i].when, ci_wire_send(&wire, block, sizeof block, 0), depths[i].depth);
        CHECK_EQ_WHEN(depths[i].when, ci_wire_window(&wire), 1); /* the shift register took one */
        CHECK_EQ_WHEN(depths[i].when, ci_wire_send(&wire, block, 9, 0), 1);
        CHECK_EQ_WHEN(depths[i].when, ci_wire_send(&wire, block, 9, 0), -EAGAIN);
        ci_wire_fini(&wire);
    }
}

static void a_new_speed_holds_from_the_next_byte_on(void)
{
    struct ci_settings fast = set_at(20000);
    struct ci_wire wire;

    wire_open(&wire, true);
    ci_wire_send(&wire, (const uint8_t *)"abc", 3, 0);
    ci_wire_set_sender(&wire, &fast);
    CHECK_EQ(arrived(&wire, CHAR_NS - 1), 0);
    CHECK_EQ(arrived(&wire, CHAR_NS), 1);
    CHECK_EQ(arrived(&wire, CHAR_NS + CHAR_NS / 2), 2);
    CHECK_EQ(arrived(&wire, 2 * CHAR_NS), 3);
    ci_wire_fini(&wire);
}

/* ---- holding, dropping, breaking ---- */

static void a_held_transmitter_stops_at_the_next_byte(void)
{
    struct ci_wire wire;

    wire_open(&wire, true);
    ci_wire_send(&wire, (const uint8_t *)"abc", 3, 0);
    ci_wire_hold(&wire, true, 0);
    CHECK_EQ(arrived(&wire, 50 * CHAR_NS), 1);
    CHECK_EQ(ci_wire_unsent(&wire), 2);
    CHECK(!ci_wire_idle(&wire));
    ci_wire_seen_by_sender(&wire);
    CHECK_EQ(ci_wire_sender_due(&wire), CI_NEVER);
    CHECK_EQ(ci_wire_send_flow(&wire, 0x13, 50 * CHAR_NS), 0); /* goes all the same */
    CHECK_EQ(arrived(&wire, 51 * CHAR_NS), 2);
    ci_wire_hold(&wire, false, 51 * CHAR_NS);
    CHECK_EQ(arrived(&wire, 53 * CHAR_NS - 1), 3);
    CHECK_EQ(arrived(&wire, 53 * CHAR_NS), 4);
    CHECK(memcmp(wire.ring.byte,
                 "a\x13"
                 "bc",
                 4) == 0);
    ci_wire_fini(&wire);
}

static void flow_control_overtakes_the_fifo(void)
{
    struct ci_wire wire;

    wire_open(&wire, true);
    ci_wire_send(&wire, (const uint8_t *)"abc", 3, 0);
    CHECK_EQ(ci_wire_send_flow(&wire, 0x13, 0), 0);
    CHECK_EQ(ci_wire_send_flow(&wire, 0x11, 0), -EAGAIN);
    CHECK_EQ(ci_wire_unsent(&wire), 2); /* of what was sent */
    CHECK_EQ(arrived(&wire, 4 * CHAR_NS), 4);
    CHECK(memcmp(wire.ring.byte,
                 "a\x13"
                 "bc",
                 4) == 0);
    ci_wire_fini(&wire);
}

static void what_is_in_the_shift_register_cannot_be_taken_back(void)
{
    struct ci_wire wire;

    wire_open(&wire, true);
    ci_wire_send(&wire, (const uint8_t *)"abcde", 5, 0);
    ci_wire_run(&wire, CHAR_NS);
    CHECK_EQ(ci_wire_unsent(&wire), 3);
    ci_wire_drop_unsent(&wire);
    CHECK_EQ(ci_wire_unsent(&wire), 0);
    CHECK_EQ(arrived(&wire, 50 * CHAR_NS), 2);
    CHECK_EQ(wire.sent, 2);
    ci_wire_fini(&wire);
}

static void a_break_follows_the_byte_under_way_and_keeps_the_rest(void)
{
    struct ci_wire wire;

    wire_open(&wire, true);
    ci_wire_send(&wire, (const uint8_t *)"ab", 2, 0);
    ci_wire_break(&wire, true, 0);
    CHECK_EQ(arrived(&wire, CHAR_NS - 1), 0);
    CHECK_EQ(arrived(&wire, 50 * CHAR_NS), 2);
    CHECK_EQ(wire.ring.byte[0], 'a');
    CHECK_EQ(wire.ring.bad[0], 0);
    CHECK_EQ(wire.ring.bad[1], CI_BAD_BREAK);
    ci_wire_break(&wire, false, 50 * CHAR_NS);
    CHECK_EQ(arrived(&wire, 51 * CHAR_NS), 3);
    CHECK_EQ(wire.ring.byte[2], 'b');
    ci_wire_fini(&wire);
}

static void a_break_shorter_than_a_byte_is_one_too(void)
{
    struct ci_wire wire;

    wire_open(&wire, true);
    ci_wire_send(&wire, (const uint8_t *)"ab", 2, 0);
    ci_wire_break(&wire, true, 10);
    ci_wire_break(&wire, false, 20);
    CHECK_EQ(arrived(&wire, 2 * CHAR_NS), 3);
    CHECK_EQ(wire.ring.bad[1], CI_BAD_BREAK);
    CHECK_EQ(wire.ring.byte[2], 'b');
    ci_wire_fini(&wire);
}

static void what_finds_no_room_is_lost_and_counted(void)
{
    static uint8_t block[CI_WIRE_RING];
    struct ci_wire wire;

    wire_open(&wire, true);
    CHECK_EQ(ci_wire_inject(&wire, block, CI_WIRE_RING, 0), 0);
    ci_wire_send(&wire, (const uint8_t *)"abc", 3, 0);
    ci_wire_run(&wire, 3 * CHAR_NS);
    CHECK_EQ(wire.lost, 3);
    ci_wire_open(&wire, false);
    ci_wire_open(&wire, true);
    CHECK_EQ(wire.lost, 0); /* since it was opened */
    ci_wire_fini(&wire);
}

/* ---- who must look when ---- */

static void the_sender_looks_at_half_a_fifo_an_empty_one_and_an_idle_one(void)
{
    struct ci_wire wire;

    wire_open(&wire, true);
    CHECK_EQ(ci_wire_sender_due(&wire), CI_NEVER);
    ci_wire_send(&wire, (const uint8_t *)"0123456789abcdef", 16, 0);
    CHECK_EQ(ci_wire_sender_due(&wire), 7 * CHAR_NS); /* 15 -> 8 */
    ci_wire_run(&wire, 7 * CHAR_NS);
    CHECK_EQ(ci_wire_sender_due(&wire), 0); /* until it looks */
    ci_wire_seen_by_sender(&wire);
    CHECK_EQ(ci_wire_unsent(&wire), 8);
    CHECK_EQ(ci_wire_sender_due(&wire), 15 * CHAR_NS);
    ci_wire_run(&wire, 15 * CHAR_NS);
    ci_wire_seen_by_sender(&wire);
    CHECK_EQ(ci_wire_unsent(&wire), 0);
    CHECK_EQ(ci_wire_sender_due(&wire), 16 * CHAR_NS);
    ci_wire_run(&wire, 16 * CHAR_NS);
    CHECK_EQ(ci_wire_sender_due(&wire), 0);
    ci_wire_seen_by_sender(&wire);
    CHECK_EQ(ci_wire_sender_due(&wire), CI_NEVER);
    ci_wire_fini(&wire);
}

static void the_receiver_looks_when_a_byte_is_there(void)
{
    struct ci_wire wire;
    struct ci_run run;

    wire_open(&wire, true);
    ci_wire_send(&wire, (const uint8_t *)"abc", 3, 5);
    CHECK_EQ(ci_wire_receiver_due(&wire), 5 + CHAR_NS);
    ci_wire_run(&wire, 5 + CHAR_NS);
    CHECK_EQ(ci_wire_receiver_due(&wire), 0); /* until it looks */
    CHECK_EQ(ci_wire_next(&wire, &run, 5 + CHAR_NS), 1);
    CHECK_EQ(ci_wire_receiver_due(&wire), 5 + 2 * CHAR_NS); /* whether or not it took it */
    ci_wire_fini(&wire);
}

static void bytes_that_come_fast_are_told_together(void)
{
    struct ci_settings fast = set_at(1000000);
    struct ci_wire wire;
    struct ci_run run;

    wire_open(&wire, true);
    ci_wire_set_sender(&wire, &fast); /* 10 us each */
    ci_wire_send(&wire, (const uint8_t *)"0123456789", 10, 0);
    ci_wire_next(&wire, &run, 0);
    CHECK_EQ(ci_wire_receiver_due(&wire), 100000); /* the last of them */
    for (int i = 0; i < 50; i++)
        ci_wire_send(&wire, (const uint8_t *)"0123456789", 10, 0);
    CHECK_EQ(ci_wire_receiver_due(&wire), CI_NS_PER_MS);
    ci_wire_fini(&wire);
}

/* ---- whatever happens ---- */

struct ledger {
    struct ci_wire wire;
    uint64_t now_ns;
    uint64_t given, dropped; /* by the sender */
    uint64_t vanished, lost; /* on the way: nobody there, no room */
    uint64_t taken, thrown;  /* by the receiver; breaks not counted */
    uint64_t breaks;
    uint8_t last; /* byte taken: what follows is later in the count */
    uint64_t random;
};

static uint32_t pick(struct ledger *l, uint32_t below)
{
    l->random = l->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(l->random >> 33) % below;
}

static uint32_t breaks_in(const struct ci_wire_ring *ring)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < ring->count; i++)
        count += ring->bad[(ring->head + i) % CI_WIRE_RING] != 0;
    CHECK_EQ(count, ring->marked);
    return count;
}

static void ledger_run(struct ledger *l)
{
    uint64_t sent = l->wire.sent;

    l->now_ns += pick(l, 3 * CHAR_NS);
    ci_wire_run(&l->wire, l->now_ns);
    if (!l->wire.open)
        l->vanished += l->wire.sent - sent;
}

static void ledger_send(struct ledger *l)
{
    uint8_t bytes[40];
    uint32_t len = 1 + pick(l, sizeof bytes);
    uint64_t sent = l->wire.sent;
    ssize_t took;

    for (uint32_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(l->given + i);
    took = ci_wire_send(&l->wire, bytes, len, l->now_ns);
    CHECK(took == -EAGAIN || (took > 0 && (uint32_t)took <= len));
    l->given += took > 0 ? (uint64_t)took : 0;
    if (!l->wire.open)
        l->vanished += l->wire.sent - sent;
}

static void ledger_take(struct ledger *l)
{
    struct ci_run run;
    size_t len;

    if (ci_wire_next(&l->wire, &run, l->now_ns) != 1)
        return;
    len = 1 + pick(l, (uint32_t)run.len);
    if (run.bad != 0) {
        CHECK_EQ(run.bad, CI_BAD_BREAK);
        len = 0;
    }
    for (size_t i = 0; i < len; i++) {
        /* some in between may be lost, fewer than would make the count come round */
        CHECK(l->taken + i == 0 || (uint8_t)(run.bytes[i] - l->last) != 0);
        CHECK(i == 0 || (uint8_t)(run.bytes[i] - run.bytes[i - 1]) < 128);
        l->last = run.bytes[i];
    }
    l->taken += len;
    ci_wire_took(&l->wire, run.bad != 0 ? 1 : len);
}

static void ledger_throw(struct ledger *l)
{
    l->thrown += l->wire.ring.count - breaks_in(&l->wire.ring);
    ci_wire_drop_arrived(&l->wire);
}

static void ledger_step(struct ledger *l)
{
    switch (pick(l, 40)) {
    case 0:
        l->dropped += ci_wire_unsent(&l->wire);
        ci_wire_drop_unsent(&l->wire);
        break;
    case 1:
        ledger_throw(l);
        break;
    case 2:
        l->lost += l->wire.lost;
        ledger_throw(l);
        ci_wire_open(&l->wire, !l->wire.open);
        break;
    case 3:
        ci_wire_hold(&l->wire, pick(l, 2) != 0, l->now_ns);
        break;
    case 4:
        ci_wire_break(&l->wire, pick(l, 2) != 0, l->now_ns);
        break;
    default:
        (pick(l, 2) != 0 ? ledger_send : ledger_take)(l);
        ledger_run(l);
        break;
    }
}

static bool ledger_balanced(const struct ledger *l)
{
    const struct ci_wire *wire = &l->wire;
    uint64_t arrived_now = wire->ring.count - breaks_in(&wire->ring);
    bool all_given = l->given == wire->sent + l->dropped + wire->count + wire->shifting;
    bool all_sent =
        wire->sent == l->vanished + l->lost + wire->lost + l->taken + l->thrown + arrived_now;

    return CHECK(all_given) && CHECK(all_sent);
}

static void every_byte_is_somewhere(void)
{
    for (unsigned seed = 0; seed < 20; seed++) {
        struct ledger l = {.random = seed};
        uint32_t steps = 5000;

        wire_open(&l.wire, seed % 4 != 0);
        while (steps-- > 0 && ledger_balanced(&l))
            ledger_step(&l);
        CHECK(l.taken > 100);
        ci_wire_fini(&l.wire);
    }
}

COMM_TEST_MAIN(TEST(a_byte_arrives_one_character_time_after_it_began),
               TEST(looking_rarely_changes_nothing), TEST(little_is_under_way_at_a_time),
               TEST(a_new_speed_holds_from_the_next_byte_on),
               TEST(a_held_transmitter_stops_at_the_next_byte),
               TEST(flow_control_overtakes_the_fifo),
               TEST(what_is_in_the_shift_register_cannot_be_taken_back),
               TEST(a_break_follows_the_byte_under_way_and_keeps_the_rest),
               TEST(a_break_shorter_than_a_byte_is_one_too),
               TEST(what_finds_no_room_is_lost_and_counted),
               TEST(the_sender_looks_at_half_a_fifo_an_empty_one_and_an_idle_one),
               TEST(the_receiver_looks_when_a_byte_is_there),
               TEST(bytes_that_come_fast_are_told_together), TEST(every_byte_is_somewhere))
