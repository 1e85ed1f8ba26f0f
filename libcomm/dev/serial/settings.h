/* SPDX-License-Identifier: MIT */
/* How a port is set, in the words of the driver: speed, format, characters, and the two words of
 * handshaking that a DCB is taken apart into.  Pure values: no device, no locks. */
#ifndef CI_DEV_SERIAL_SETTINGS_H
#define CI_DEV_SERIAL_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include <libcomm/serial.h>

struct ci_chars {
    uint8_t eof, error, brk, event, xon, xoff;
};

struct ci_settings {
    uint32_t baud;
    uint8_t bits;   /* 5..8 */
    uint8_t parity; /* NOPARITY.. */
    uint8_t stop;   /* ONESTOPBIT.. */
    struct ci_chars chars;
    uint32_t control; /* SERIAL_HANDFLOW.ControlHandShake */
    uint32_t flow;    /* SERIAL_HANDFLOW.FlowReplace */
    int32_t xon_limit, xoff_limit;
};

/* What a port has that nobody has set yet: 9600 8N1, DTR and RTS on, XON and XOFF their usual
 * selves, limits for a type-ahead of rx_size bytes. */
void ci_settings_default(struct ci_settings *settings, uint32_t rx_size);
/* What SetCommState makes of a DCB (fParity and fBinary are not kept), and what GetCommState says.
 * Neither checks anything. */
void ci_settings_from_dcb(struct ci_settings *settings, const DCB *dcb);
void ci_settings_to_dcb(const struct ci_settings *settings, DCB *dcb);
/* Whether a driver would take all of it, by itself and with a type-ahead of rx_size bytes; escape:
 * of LSRMST insertion, or 0. */
bool ci_settings_valid(const struct ci_settings *settings, uint32_t rx_size, uint8_t escape);
/* Parts of it, for DeviceIoControl. */
bool ci_baud_valid(uint32_t baud);
bool ci_format_valid(uint8_t bits, uint8_t parity, uint8_t stop);
bool ci_chars_valid(const struct ci_chars *chars, uint8_t escape);
bool ci_handflow_valid(uint32_t control, uint32_t flow, int32_t xon_limit, int32_t xoff_limit,
                       uint32_t rx_size, uint8_t escape);
/* How long one character takes on the wire, start, parity and stop bits included. */
uint64_t ci_settings_char_ns(const struct ci_settings *settings);

#endif
