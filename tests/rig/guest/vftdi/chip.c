/* SPDX-License-Identifier: MIT */
/* FIFOs, pacing and packets.  See chip_control.c for what the driver can ask of it. */
#include "chip.h"

#include <stdio.h>
#include <string.h>

#define NS_PER_MS UINT64_C(1000000)
#define PS_PER_EIGHTH UINT64_C(41666) /* of a bit at 3 MHz: 1 / 24 MHz, and a little */
#define STATUS_NS (16 * NS_PER_MS)
#define LATE_BYTES 64u
#define FULL_AT (CHIP_RX - 32u)
#define ROOM_AT (CHIP_RX / 2u)
#define RUN_MOST (CHIP_PACKET - 2u)

void chip_reset(struct chip *chip, const char *serial)
{
    memset(chip, 0, sizeof *chip);
    snprintf(chip->serial, sizeof chip->serial, "%s", serial);
    chip->eighths = 2500; /* 9600 */
    chip->bits = 8;
    chip->latency_ms = 16;
    chip->xon = 0x11;
    chip->xoff = 0x13;
    chip->urgent = -1;
}

/* ---- times ---- */

unsigned chip_baud(const struct chip *chip)
{
    return (24000000u + chip->eighths / 2) / chip->eighths;
}

uint64_t chip_bit_ps(const struct chip *chip)
{
    return chip->eighths * PS_PER_EIGHTH;
}

uint64_t chip_byte_ns(const struct chip *chip)
{
    static const unsigned stop_halves[] = {[STOP_1] = 2, [STOP_1_5] = 3, [STOP_2] = 4};
    unsigned halves = 2 * (1 + chip->bits + (chip->parity != PARITY_NONE ? 1u : 0u));

    halves += stop_halves[chip->stop];
    return (halves * chip_bit_ps(chip) / 2 + 999) / 1000;
}

/* ---- sending ---- */

size_t chip_accept(struct chip *chip, const uint8_t *bytes, size_t len)
{
    size_t room = CHIP_TX - chip->tx_len;

    if (len > room)
        len = room;
    memcpy(chip->tx + chip->tx_len, bytes, len);
    chip->tx_len += len;
    return len;
}

static bool is_held(const struct chip *chip)
{
    switch (chip->flow) {
    case FLOW_RTS_CTS:
        return (chip->inputs & CHIP_CTS) == 0;
    case FLOW_DTR_DSR:
        return (chip->inputs & CHIP_DSR) == 0;
    case FLOW_XON_XOFF:
        return chip->stopped;
    default:
        return false;
    }
}

static bool fetch(struct chip *chip)
{
    if (chip->breaking)
        return false;
    if (chip->urgent >= 0) {
        chip->byte = (uint8_t)chip->urgent;
        chip->urgent = -1;
        return true;
    }
    if (chip->tx_len == 0 || is_held(chip))
        return false;
    chip->byte = chip->tx[0];
    memmove(chip->tx, chip->tx + 1, --chip->tx_len);
    return true;
}

/* Bytes follow each other without a gap, however seldom somebody looks; but who has not looked for
 * long does not find a flood. */
bool chip_has_sent(struct chip *chip, uint64_t now_ns)
{
    uint64_t late = LATE_BYTES * chip_byte_ns(chip), begun = now_ns;

    if (!chip->shifting) {
        if (!fetch(chip)) {
            chip->next_ns = 0;
            return false;
        }
        if (chip->next_ns != 0)
            begun = chip->next_ns + late < now_ns ? now_ns - late : chip->next_ns;
        chip->shifting = true;
        chip->done_ns = begun + chip_byte_ns(chip);
    }
    return chip->done_ns <= now_ns;
}

uint8_t chip_take(struct chip *chip)
{
    chip->shifting = false;
    chip->next_ns = chip->done_ns;
    chip->sent++;
    return chip->byte;
}

bool chip_is_empty(const struct chip *chip)
{
    return chip->tx_len == 0 && !chip->shifting && !chip->more;
}

/* ---- receiving ---- */

bool chip_has_room(const struct chip *chip)
{
    return chip->rx_len < CHIP_RX;
}

bool chip_rts(const struct chip *chip)
{
    return chip->rts && !(chip->flow == FLOW_RTS_CTS && chip->full);
}

static void mind_the_room(struct chip *chip)
{
    bool full = chip->full ? chip->rx_len > ROOM_AT : chip->rx_len >= FULL_AT;

    if (full != chip->full && chip->flow == FLOW_XON_XOFF)
        chip->urgent = full ? chip->xoff : chip->xon;
    chip->full = full;
}

static bool is_flow_character(struct chip *chip, uint8_t byte)
{
    if (chip->flow != FLOW_XON_XOFF || (byte != chip->xon && byte != chip->xoff))
        return false;
    chip->stopped = byte == chip->xoff;
    return true;
}

void chip_receive(struct chip *chip, uint8_t byte, uint8_t errors, uint64_t now_ns)
{
    if ((errors == 0 && is_flow_character(chip, byte)) || !chip_has_room(chip))
        return;
    if (chip->rx_len == 0)
        chip->rx_since_ns = now_ns;
    chip->rx[chip->rx_len].byte = byte;
    chip->rx[chip->rx_len++].errors = errors;
    mind_the_room(chip);
}

/* ---- packets ---- */

/* How many bytes go in one packet: the driver takes errors for those of all of it, so that a
 * damaged byte has one of its own. */
static size_t run_length(const struct chip *chip)
{
    size_t len = 0;

    while (len < chip->rx_len && len < RUN_MOST && chip->rx[len].errors == 0)
        len++;
    return len > 0 || chip->rx_len == 0 ? len : 1;
}

/* A run that something else follows, a full packet, or one that has waited for the latency timer.
 */
static bool run_is_due(const struct chip *chip, uint64_t now_ns)
{
    return chip->rx_len >= RUN_MOST || (chip->rx_len > 0 && chip->rx[0].errors != 0) ||
           run_length(chip) < chip->rx_len ||
           (chip->rx_len > 0 && now_ns - chip->rx_since_ns >= chip->latency_ms * NS_PER_MS);
}

static void run_drop(struct chip *chip, size_t len, uint64_t now_ns)
{
    chip->rx_len -= len;
    memmove(chip->rx, chip->rx + len, chip->rx_len * sizeof chip->rx[0]);
    chip->rx_since_ns = now_ns;
    mind_the_room(chip);
}

static uint8_t transmitter_state(const struct chip *chip)
{
    return (uint8_t)((chip->tx_len == 0 ? CHIP_HOLDING_EMPTY : 0) |
                     (chip_is_empty(chip) ? CHIP_EMPTY : 0));
}

/* Inputs are told at once, that the transmitter has become empty with whatever is told next: as on
 * the real one, a driver's idea of it may be a status period old. */
size_t chip_packet(struct chip *chip, uint64_t now_ns, uint8_t packet[CHIP_PACKET])
{
    size_t len = run_is_due(chip, now_ns) ? run_length(chip) : 0;

    if (len == 0 && chip->inputs == chip->told && now_ns - chip->told_ns < STATUS_NS)
        return 0;
    packet[0] = chip->inputs | 1;
    packet[1] = transmitter_state(chip) | (len > 0 ? chip->rx[0].errors : 0);
    for (size_t i = 0; i < len; i++)
        packet[2 + i] = chip->rx[i].byte;
    if (len > 0)
        run_drop(chip, len, now_ns);
    chip->told = chip->inputs;
    chip->told_ns = now_ns;
    return 2 + len;
}

uint64_t chip_due_ns(const struct chip *chip, bool wants_packet)
{
    uint64_t due = chip->shifting ? chip->done_ns : CHIP_NEVER;

    if (!wants_packet)
        return due;
    if (due > chip->told_ns + STATUS_NS)
        due = chip->told_ns + STATUS_NS;
    if (chip->rx_len > 0 && due > chip->rx_since_ns + chip->latency_ms * NS_PER_MS)
        due = chip->rx_since_ns + chip->latency_ms * NS_PER_MS;
    return due;
}
