/* SPDX-License-Identifier: MIT */
/* What a host asks of the chip on endpoint 0: who it is, as every USB device is asked, and the
 * requests of FTDI's own that ftdi_sio makes. */
#include <errno.h>
#include <string.h>

#include "chip.h"

/* ---- who it is ---- */

static const uint8_t device[] = {
    18,   1,    0x00, 0x02, 0, 0, 0, 8, /* USB 2.0, 8 bytes at endpoint 0 */
    0x03, 0x04, 0x01, 0x60,             /* 0403:6001 */
    0x00, 0x06,                         /* FT232R */
    1,    2,    3,    1,                /* strings; one configuration */
};

static const uint8_t configuration[] = {
    9, 2, 32,   0, 1,  1,   0,   0xA0, 45, /* one interface, powered by the bus */
    9, 4, 0,    0, 2,  255, 255, 255,  2,  /* vendor's own */
    7, 5, 0x81, 2, 64, 0,   0,             /* bulk in */
    7, 5, 0x02, 2, 64, 0,   0,             /* bulk out */
};

enum { DEVICE = 1, CONFIGURATION = 2, STRING = 3 };

static ssize_t copy(uint8_t *answer, size_t room, const void *bytes, size_t len)
{
    len = len < room ? len : room;
    memcpy(answer, bytes, len);
    return (ssize_t)len;
}

/* UTF-16 behind two bytes of header. */
static ssize_t string_put(const struct chip *chip, unsigned index, uint8_t *answer, size_t room)
{
    const char *const texts[] = {NULL, "Rig", "Virtual FT232R", chip->serial};
    uint8_t string[2 + 2 * sizeof chip->serial] = {4, STRING, 0x09, 0x04}; /* 0: English */

    if (index >= sizeof texts / sizeof texts[0])
        return -EPIPE;
    if (index > 0) {
        size_t len = strlen(texts[index]);

        string[0] = (uint8_t)(2 + 2 * len);
        for (size_t i = 0; i < len; i++) {
            string[2 + 2 * i] = (uint8_t)texts[index][i];
            string[3 + 2 * i] = 0;
        }
    }
    return copy(answer, room, string, string[0]);
}

static ssize_t standard(const struct chip *chip, const uint8_t setup[8], uint8_t *answer,
                        size_t room)
{
    enum { GET_STATUS = 0, GET_DESCRIPTOR = 6, GET_CONFIGURATION = 8 };

    switch (setup[1]) {
    case GET_STATUS:
        return copy(answer, room, "\0\0", 2);
    case GET_CONFIGURATION:
        return copy(answer, room, "\1", 1);
    case GET_DESCRIPTOR:
        break;
    default:
        return 0;
    }
    switch (setup[3]) {
    case DEVICE:
        return copy(answer, room, device, sizeof device);
    case CONFIGURATION:
        return copy(answer, room, configuration, sizeof configuration);
    case STRING:
        return string_put(chip, setup[2], answer, room);
    default:
        return -EPIPE;
    }
}

/* ---- what is set ---- */

/* The eighths of a divisor are coded, and two small divisors mean something else. */
static void set_baud(struct chip *chip, unsigned value, unsigned index)
{
    static const unsigned eighths[] = {0, 4, 2, 1, 3, 5, 6, 7};
    unsigned divisor = value & 0x3FFF, part = eighths[value >> 14 | (index & 1) << 2];

    if (divisor == 0 && part == 0)
        chip->eighths = 8; /* 3 MBd */
    else if (divisor == 1 && part == 0)
        chip->eighths = 12; /* 2 MBd */
    else
        chip->eighths = 8 * divisor + part;
}

static void set_frame(struct chip *chip, unsigned value)
{
    chip->bits = value & 0xFF;
    if (chip->bits != 7)
        chip->bits = 8; /* it has no others */
    chip->parity = (enum chip_parity)(value >> 8 & 7);
    chip->stop = (enum chip_stop)(value >> 11 & 3);
    chip->breaking = (value & 0x4000) != 0;
}

static void set_lines(struct chip *chip, unsigned value)
{
    if ((value & 0x100) != 0)
        chip->dtr = (value & 1) != 0;
    if ((value & 0x200) != 0)
        chip->rts = (value & 2) != 0;
}

static void set_flow(struct chip *chip, unsigned value, unsigned index)
{
    chip->flow = index >> 8;
    chip->stopped = false;
    if (chip->flow == FLOW_XON_XOFF) {
        chip->xon = (uint8_t)value;
        chip->xoff = (uint8_t)(value >> 8);
    }
}

static void purge(struct chip *chip, unsigned what)
{
    enum { ALL = 0, RX = 1, TX = 2 };

    if (what == ALL || what == RX) {
        chip->rx_len = 0;
        chip->full = false;
    }
    if (what == ALL || what == TX)
        chip->tx_len = 0;
}

static ssize_t get_status(const struct chip *chip, uint8_t *answer, size_t room)
{
    uint8_t status[] = {chip->inputs | 1, CHIP_HOLDING_EMPTY};

    if (chip->tx_len > 0)
        status[1] = 0;
    if (chip_is_empty(chip))
        status[1] |= CHIP_EMPTY;
    return copy(answer, room, status, sizeof status);
}

static ssize_t vendor(struct chip *chip, const uint8_t setup[8], uint8_t *answer, size_t room)
{
    enum {
        RESET = 0,
        LINES = 1,
        FLOW = 2,
        BAUD = 3,
        FRAME = 4,
        STATUS = 5,
        SET_LATENCY = 9,
        GET_LATENCY = 10,
        READ_EEPROM = 0x90,
    };
    unsigned value = setup[2] | (unsigned)setup[3] << 8, index = setup[4] | (unsigned)setup[5] << 8;
    uint8_t latency = (uint8_t)chip->latency_ms;

    switch (setup[1]) {
    case RESET:
        purge(chip, value);
        return 0;
    case LINES:
        set_lines(chip, value);
        return 0;
    case FLOW:
        set_flow(chip, value, index);
        return 0;
    case BAUD:
        set_baud(chip, value, index);
        return 0;
    case FRAME:
        set_frame(chip, value);
        return 0;
    case STATUS:
        return get_status(chip, answer, room);
    case SET_LATENCY:
        chip->latency_ms = value & 0xFF;
        return 0;
    case GET_LATENCY:
        return copy(answer, room, &latency, 1);
    case READ_EEPROM:
        return copy(answer, room, "\0\0", 2); /* no pins for other purposes */
    default:
        return 0;
    }
}

ssize_t chip_control(struct chip *chip, const uint8_t setup[8], uint8_t *answer, size_t room)
{
    enum { KIND = 0x60, STANDARD = 0 };

    return (setup[0] & KIND) == STANDARD ? standard(chip, setup, answer, room)
                                         : vendor(chip, setup, answer, room);
}
