/* SPDX-License-Identifier: MIT */
/* One FT232R as its driver sees it: what requests set, two FIFOs, a transmitter that takes its
 * time, and packets with the state of the line in their first two bytes.  It knows neither USB/IP
 * nor what it is wired to: time is what the caller says it is. */
#ifndef COMM_RIG_VFTDI_CHIP_H
#define COMM_RIG_VFTDI_CHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CHIP_RX 256u
#define CHIP_TX 128u
#define CHIP_PACKET 64u
#define CHIP_NEVER UINT64_MAX

/* First byte of a packet: the inputs.  Bit 0 is always set. */
#define CHIP_CTS 0x10u
#define CHIP_DSR 0x20u
#define CHIP_RI 0x40u
#define CHIP_DCD 0x80u
#define CHIP_INPUTS 0xF0u
/* Second byte: what became of the bytes behind it, and of the transmitter. */
#define CHIP_OVERRUN 0x02u
#define CHIP_PARITY 0x04u
#define CHIP_FRAME 0x08u
#define CHIP_BREAK 0x10u
#define CHIP_ERRORS 0x1Eu
#define CHIP_HOLDING_EMPTY 0x20u
#define CHIP_EMPTY 0x40u

/* Flow control of the chip's own. */
enum chip_flow { FLOW_NONE = 0, FLOW_RTS_CTS = 1, FLOW_DTR_DSR = 2, FLOW_XON_XOFF = 4 };
enum chip_parity { PARITY_NONE, PARITY_ODD, PARITY_EVEN, PARITY_MARK, PARITY_SPACE };
enum chip_stop { STOP_1, STOP_1_5, STOP_2 };

struct chip {
    char serial[32];
    /* what the driver set */
    unsigned eighths; /* divisor of 3 MHz */
    unsigned bits;
    enum chip_parity parity;
    enum chip_stop stop;
    bool dtr, rts, breaking;
    unsigned flow;
    uint8_t xon, xoff;
    unsigned latency_ms;
    /* what the cable says: CHIP_INPUTS */
    uint8_t inputs;
    /* receiver */
    struct {
        uint8_t byte, errors;
    } rx[CHIP_RX];
    size_t rx_len;
    uint64_t rx_since_ns; /* the oldest byte */
    bool full;            /* the peer is told to stop */
    /* transmitter */
    uint8_t tx[CHIP_TX];
    size_t tx_len;
    bool more;              /* the host has more for it than it could take */
    int urgent;             /* XON or XOFF, before all others; -1: none */
    bool shifting, stopped; /* a byte is on its way; XOFF was received */
    uint8_t byte;           /* that byte */
    uint64_t done_ns;       /* when it is out */
    uint64_t next_ns;       /* the one behind it begins here; 0: whenever it is there */
    unsigned long sent;     /* bytes, since it was plugged in */
    /* what the last packet said, and when */
    uint8_t told;
    uint64_t told_ns;
};

/* As after power-on. */
void chip_reset(struct chip *chip, const char *serial);

/* A request to endpoint 0: how many bytes of answer, or -EPIPE for one it does not know. */
ssize_t chip_control(struct chip *chip, const uint8_t setup[8], uint8_t *answer, size_t room);

/* ---- towards the wire ---- */

/* Bits per second, rounded. */
unsigned chip_baud(const struct chip *chip);
uint64_t chip_bit_ps(const struct chip *chip); /* picoseconds */
uint64_t chip_byte_ns(const struct chip *chip);
/* From the host: how many bytes there was room for. */
size_t chip_accept(struct chip *chip, const uint8_t *bytes, size_t len);
/* Begins to send what may be sent; whether a byte has left by now. */
bool chip_has_sent(struct chip *chip, uint64_t now_ns);
/* That byte; the next may begin. */
uint8_t chip_take(struct chip *chip);
bool chip_is_empty(const struct chip *chip);

/* ---- from the wire ---- */

bool chip_has_room(const struct chip *chip);
void chip_receive(struct chip *chip, uint8_t byte, uint8_t errors, uint64_t now_ns);
/* What it drives its RTS with. */
bool chip_rts(const struct chip *chip);

/* ---- towards the host ---- */

/* The next packet, if it is time for one: its length, 0 if not. */
size_t chip_packet(struct chip *chip, uint64_t now_ns, uint8_t packet[CHIP_PACKET]);
/* When something is due: a packet, if the host wants one, or a byte that is out. */
uint64_t chip_due_ns(const struct chip *chip, bool wants_packet);

#endif
