/* SPDX-License-Identifier: MIT */
/* A transmitter is simulated in arrears: nothing moves until somebody looks, and then everything
 * moves as if it had at its time.  So a wire needs no thread, and no byte is ever early. */
#include "libcomm/dev/serial/wire.h"

#include <errno.h>
#include <string.h>

#include "libcomm/plat/clock.h"
#include "libcomm/plat/sys.h"

#define FIFO_LEAST 16u              /* what a UART has */
#define FIFO_NS (10 * CI_NS_PER_MS) /* and a driver may have under way in all */
#define TOGETHER_NS CI_NS_PER_MS    /* arrivals so close are told together */
#define DEFAULT_CHAR_NS 1041667u    /* 9600 8N1, until somebody sets it */
#define BAUD_SLACK 25u              /* receivers follow a speed that is 1/25 off */

static uint32_t depth_of(uint64_t char_ns)
{
    uint64_t fits = FIFO_NS / char_ns;

    if (fits < FIFO_LEAST)
        return FIFO_LEAST;
    return fits < CI_WIRE_FIFO ? (uint32_t)fits : CI_WIRE_FIFO;
}

int ci_wire_init(struct ci_wire *wire, bool paced, bool strict)
{
    wire->paced = paced;
    wire->strict = strict;
    wire->char_ns = DEFAULT_CHAR_NS;
    wire->depth = depth_of(wire->char_ns);
    wire->ring.byte = ci_sys_alloc(2 * CI_WIRE_RING + CI_WIRE_FIFO);
    if (wire->ring.byte == NULL)
        return -ENOMEM;
    wire->ring.bad = wire->ring.byte + CI_WIRE_RING;
    wire->fifo = wire->ring.bad + CI_WIRE_RING;
    return 0;
}

void ci_wire_fini(struct ci_wire *wire)
{
    ci_sys_free(wire->ring.byte);
    wire->ring.byte = NULL;
}

/* ---- what arrived ---- */

static uint32_t ring_room(const struct ci_wire_ring *ring)
{
    return CI_WIRE_RING - ring->count;
}

/* There is room for it. */
static void ring_put(struct ci_wire_ring *ring, const uint8_t *bytes, size_t len)
{
    uint32_t tail = (ring->head + ring->count) % CI_WIRE_RING;
    size_t first = CI_WIRE_RING - tail < len ? CI_WIRE_RING - tail : len;

    memcpy(ring->byte + tail, bytes, first);
    memcpy(ring->byte, bytes + first, len - first);
    ring->count += (uint32_t)len;
}

static void ring_put_bad(struct ci_wire_ring *ring, uint8_t byte, unsigned bad)
{
    uint32_t tail = (ring->head + ring->count) % CI_WIRE_RING;

    ring->byte[tail] = byte;
    ring->bad[tail] = (uint8_t)bad;
    ring->marked += bad != 0;
    ring->count++;
}

static void ring_take(struct ci_wire_ring *ring, uint32_t len)
{
    for (uint32_t i = 0; i < len && ring->marked > 0; i++) {
        uint32_t at = (ring->head + i) % CI_WIRE_RING;

        ring->marked -= ring->bad[at] != 0;
        ring->bad[at] = 0;
    }
    ring->head = (ring->head + len) % CI_WIRE_RING;
    ring->count -= len;
}

static void ring_front(const struct ci_wire_ring *ring, struct ci_run *run)
{
    const uint8_t *bad = ring->bad + ring->head;
    uint32_t most = CI_WIRE_RING - ring->head;
    uint32_t len = 0;

    if (most > ring->count)
        most = ring->count;
    run->bytes = ring->byte + ring->head;
    run->bad = *bad;
    if (ring->marked == 0)
        len = most;
    while (len < most && bad[len] == 0)
        len++;
    run->len = run->bad != 0 ? 1 : len;
}

static void arrive(struct ci_wire *wire, uint8_t byte, unsigned bad)
{
    if (!wire->open)
        return;
    wire->receiver_news = true;
    if (ring_room(&wire->ring) > 0)
        ring_put_bad(&wire->ring, byte, bad);
    else
        wire->lost++;
}

/* ---- what the two sides make of each other ---- */

static bool parity_bit(uint8_t parity, uint8_t byte)
{
    bool odd = __builtin_parity(byte) != 0;

    if (parity == EVENPARITY)
        return odd;
    return parity == ODDPARITY ? !odd : parity == MARKPARITY;
}

static bool same_speed(uint32_t a, uint32_t b)
{
    uint32_t off = a > b ? a - b : b - a;

    return off <= (a > b ? a : b) / BAUD_SLACK;
}

/* Stop bits are not compared: receivers look at the first one only. */
static unsigned damage(const struct ci_wire *wire, uint8_t byte)
{
    const struct ci_wire_mode *from = &wire->from, *to = &wire->to;

    if (!wire->strict || from->bits == 0 || to->bits == 0)
        return 0;
    if (!same_speed(from->baud, to->baud) || from->bits != to->bits ||
        (from->parity == NOPARITY) != (to->parity == NOPARITY))
        return CI_BAD_FRAME;
    if (from->parity == NOPARITY)
        return 0;
    return parity_bit(from->parity, byte) == parity_bit(to->parity, byte) ? 0 : CI_BAD_PARITY;
}

/* No byte of the sender's comes out as another, or marked. */
static bool transparent(const struct ci_wire *wire)
{
    const struct ci_wire_mode *from = &wire->from, *to = &wire->to;

    if (from->bits != 0 && from->bits < 8)
        return false;
    return !wire->strict || (from->parity == to->parity && damage(wire, 0) == 0);
}

static uint8_t on_wire(const struct ci_wire *wire, uint8_t byte)
{
    uint8_t bits = wire->from.bits;
    unsigned mask = bits == 0 || bits >= 8 ? 0xFFu : (1u << bits) - 1;

    return (uint8_t)(byte & mask);
}

static void leave(struct ci_wire *wire, uint8_t byte)
{
    wire->sent++;
    arrive(wire, byte, damage(wire, byte));
}

/* ---- time ---- */

static bool shift_start(struct ci_wire *wire, uint64_t at_ns)
{
    if (wire->breaking)
        return false;
    if (wire->flow_due) {
        wire->shift = on_wire(wire, wire->flow);
        wire->flow_due = false;
    } else if (!wire->held && wire->count > 0) {
        wire->shift = on_wire(wire, wire->fifo[wire->head]);
        wire->head = (wire->head + 1) % CI_WIRE_FIFO;
        wire->count--;
        wire->sender_news |= wire->count == 0 || wire->count == wire->depth / 2;
    } else {
        return false;
    }
    wire->shifting = true;
    wire->shift_end = ci_add_ns(at_ns, wire->char_ns);
    return true;
}

static void shift_finish(struct ci_wire *wire)
{
    wire->shifting = false;
    wire->sender_news |= wire->count == 0;
    leave(wire, wire->shift);
}

void ci_wire_run(struct ci_wire *wire, uint64_t now_ns)
{
    uint64_t at_ns = now_ns;

    do {
        if (wire->shifting) {
            if (wire->shift_end > now_ns)
                return;
            at_ns = wire->shift_end;
            shift_finish(wire);
        }
        if (wire->break_due) {
            wire->break_due = false;
            arrive(wire, 0, CI_BAD_BREAK);
        }
    } while (shift_start(wire, at_ns));
}

/* ---- the sender ---- */

static struct ci_wire_mode mode_of(const struct ci_settings *settings)
{
    return (struct ci_wire_mode){
        .baud = settings->baud, .bits = settings->bits, .parity = settings->parity};
}

void ci_wire_set_sender(struct ci_wire *wire, const struct ci_settings *settings)
{
    uint64_t char_ns = ci_settings_char_ns(settings);

    wire->from = mode_of(settings);
    wire->char_ns = char_ns > 0 ? char_ns : 1;
    wire->depth = depth_of(wire->char_ns);
}

static size_t fifo_put(struct ci_wire *wire, const uint8_t *bytes, size_t len)
{
    size_t most = ci_wire_window(wire);

    if (len > most)
        len = most;
    for (size_t i = 0; i < len; i++)
        wire->fifo[(wire->head + wire->count + i) % CI_WIRE_FIFO] = bytes[i];
    wire->count += (uint32_t)len;
    return len;
}

/* Straight to the receiver. */
static size_t pass(struct ci_wire *wire, const uint8_t *bytes, size_t len)
{
    if (wire->open && len > ring_room(&wire->ring))
        len = ring_room(&wire->ring);
    if (!wire->open) {
        wire->sent += len;
    } else if (transparent(wire)) {
        ring_put(&wire->ring, bytes, len);
        wire->sent += len;
    } else {
        for (size_t i = 0; i < len; i++)
            leave(wire, on_wire(wire, bytes[i]));
    }
    return len;
}

ssize_t ci_wire_send(struct ci_wire *wire, const uint8_t *bytes, size_t len, uint64_t now_ns)
{
    size_t taken = wire->paced ? fifo_put(wire, bytes, len) : pass(wire, bytes, len);

    if (taken == 0 && len > 0)
        return -EAGAIN;
    ci_wire_run(wire, now_ns);
    return (ssize_t)taken;
}

int ci_wire_send_flow(struct ci_wire *wire, uint8_t character, uint64_t now_ns)
{
    if (!wire->paced)
        return pass(wire, &character, 1) == 1 ? 0 : -EAGAIN;
    if (wire->flow_due)
        return -EAGAIN;
    wire->flow = character;
    wire->flow_due = true;
    ci_wire_run(wire, now_ns);
    return 0;
}

void ci_wire_hold(struct ci_wire *wire, bool held, uint64_t now_ns)
{
    wire->held = held;
    ci_wire_run(wire, now_ns);
}

void ci_wire_break(struct ci_wire *wire, bool on, uint64_t now_ns)
{
    wire->break_due |= on && !wire->breaking;
    wire->breaking = on;
    ci_wire_run(wire, now_ns);
}

size_t ci_wire_unsent(const struct ci_wire *wire)
{
    return wire->count;
}

size_t ci_wire_window(const struct ci_wire *wire)
{
    if (!wire->paced)
        return SIZE_MAX;
    return wire->depth > wire->count ? wire->depth - wire->count : 0;
}

bool ci_wire_idle(const struct ci_wire *wire)
{
    return wire->count == 0 && !wire->shifting && !wire->flow_due;
}

bool ci_wire_resting(const struct ci_wire *wire)
{
    return (wire->held || wire->count == 0) && !wire->shifting && !wire->flow_due;
}

void ci_wire_drop_unsent(struct ci_wire *wire)
{
    wire->count = 0;
}

bool ci_wire_held(const struct ci_wire *wire)
{
    return wire->held;
}

void ci_wire_stop(struct ci_wire *wire)
{
    wire->count = 0;
    wire->flow_due = wire->held = wire->breaking = wire->break_due = false;
    wire->from.bits = 0;
}

uint64_t ci_wire_sender_due(const struct ci_wire *wire)
{
    uint32_t half = wire->depth / 2;
    uint32_t steps = wire->count > half ? wire->count - half : wire->count;

    if (!wire->paced)
        return CI_NEVER;
    if (wire->sender_news)
        return 0;
    if (!wire->shifting)
        return CI_NEVER;
    if (steps == 0 || wire->held || wire->breaking || wire->flow_due)
        return wire->shift_end;
    return ci_add_ns(wire->shift_end, (steps - 1) * wire->char_ns);
}

void ci_wire_seen_by_sender(struct ci_wire *wire)
{
    wire->sender_news = false;
}

/* ---- the receiver ---- */

void ci_wire_open(struct ci_wire *wire, bool open)
{
    wire->open = open;
    wire->lost = 0;
    wire->to.bits = 0;
    ci_wire_drop_arrived(wire);
}

void ci_wire_set_receiver(struct ci_wire *wire, const struct ci_settings *settings)
{
    wire->to = mode_of(settings);
}

int ci_wire_next(struct ci_wire *wire, struct ci_run *run, uint64_t now_ns)
{
    wire->receiver_news = false;
    wire->looked_at = now_ns;
    if (wire->ring.count == 0)
        return 0;
    ring_front(&wire->ring, run);
    return 1;
}

void ci_wire_took(struct ci_wire *wire, size_t len)
{
    ring_take(&wire->ring, (uint32_t)len);
}

void ci_wire_drop_arrived(struct ci_wire *wire)
{
    ring_take(&wire->ring, wire->ring.count);
    wire->receiver_news = false;
}

uint64_t ci_wire_receiver_due(const struct ci_wire *wire)
{
    uint64_t behind = wire->held || wire->breaking ? 0 : wire->count;
    uint64_t soon, last;

    if (!wire->paced)
        return CI_NEVER;
    if (wire->receiver_news)
        return 0;
    if (!wire->shifting)
        return CI_NEVER;
    last = ci_add_ns(wire->shift_end, (behind + wire->flow_due) * wire->char_ns);
    soon = ci_add_ns(wire->looked_at, TOGETHER_NS);
    if (soon < wire->shift_end)
        soon = wire->shift_end;
    return soon < last ? soon : last;
}

/* ---- from outside ---- */

int ci_wire_inject(struct ci_wire *wire, const uint8_t *bytes, size_t len, unsigned bad)
{
    if (!wire->open)
        return 0;
    if (len > ring_room(&wire->ring))
        return -ENOSPC;
    for (size_t i = 0; i < len; i++)
        arrive(wire, bytes[i], bad);
    return 0;
}
