/* SPDX-License-Identifier: MIT */
/* What a DCB means to a driver, and what a driver takes.  Which speeds a device can really do, only
 * the device knows: here any is good that a driver could be asked for. */
#include "libcomm/dev/serial/settings.h"

#include <string.h>

#define XON_USUAL 0x11  /* Ctrl-Q */
#define XOFF_USUAL 0x13 /* Ctrl-S */
#define RTS_SHIFT 6     /* of RTS_CONTROL_* in FlowReplace */
#define NS_PER_S 1000000000u

void ci_settings_default(struct ci_settings *settings, uint32_t rx_size)
{
    *settings = (struct ci_settings){
        .baud = CBR_9600,
        .bits = 8,
        .parity = NOPARITY,
        .stop = ONESTOPBIT,
        .chars = {.xon = XON_USUAL, .xoff = XOFF_USUAL},
        .control = SERIAL_DTR_CONTROL,
        .flow = SERIAL_RTS_CONTROL,
        .xon_limit = (int32_t)(rx_size / 2),
        .xoff_limit = (int32_t)(rx_size / 8),
    };
}

/* ---- DCBs ---- */

static uint32_t bit_if(unsigned flag, uint32_t bit)
{
    return flag != 0 ? bit : 0;
}

static uint32_t control_of(const DCB *dcb)
{
    return dcb->fDtrControl | bit_if(dcb->fOutxCtsFlow, SERIAL_CTS_HANDSHAKE) |
           bit_if(dcb->fOutxDsrFlow, SERIAL_DSR_HANDSHAKE) |
           bit_if(dcb->fDsrSensitivity, SERIAL_DSR_SENSITIVITY) |
           bit_if(dcb->fAbortOnError, SERIAL_ERROR_ABORT);
}

static uint32_t flow_of(const DCB *dcb)
{
    return ((uint32_t)dcb->fRtsControl << RTS_SHIFT) | bit_if(dcb->fOutX, SERIAL_AUTO_TRANSMIT) |
           bit_if(dcb->fInX, SERIAL_AUTO_RECEIVE) | bit_if(dcb->fErrorChar, SERIAL_ERROR_CHAR) |
           bit_if(dcb->fNull, SERIAL_NULL_STRIPPING) |
           bit_if(dcb->fTXContinueOnXoff, SERIAL_XOFF_CONTINUE);
}

void ci_settings_from_dcb(struct ci_settings *settings, const DCB *dcb)
{
    *settings = (struct ci_settings){
        .baud = dcb->BaudRate,
        .bits = dcb->ByteSize,
        .parity = dcb->Parity,
        .stop = dcb->StopBits,
        .chars = {.eof = (uint8_t)dcb->EofChar,
                  .error = (uint8_t)dcb->ErrorChar,
                  .event = (uint8_t)dcb->EvtChar,
                  .xon = (uint8_t)dcb->XonChar,
                  .xoff = (uint8_t)dcb->XoffChar},
        .control = control_of(dcb),
        .flow = flow_of(dcb),
        .xon_limit = dcb->XonLim,
        .xoff_limit = dcb->XoffLim,
    };
}

static void say_handflow(DCB *dcb, uint32_t control, uint32_t flow)
{
    dcb->fDtrControl = control & SERIAL_DTR_MASK;
    dcb->fOutxCtsFlow = (control & SERIAL_CTS_HANDSHAKE) != 0;
    dcb->fOutxDsrFlow = (control & SERIAL_DSR_HANDSHAKE) != 0;
    dcb->fDsrSensitivity = (control & SERIAL_DSR_SENSITIVITY) != 0;
    dcb->fAbortOnError = (control & SERIAL_ERROR_ABORT) != 0;
    dcb->fRtsControl = (flow >> RTS_SHIFT) & 3u;
    dcb->fOutX = (flow & SERIAL_AUTO_TRANSMIT) != 0;
    dcb->fInX = (flow & SERIAL_AUTO_RECEIVE) != 0;
    dcb->fErrorChar = (flow & SERIAL_ERROR_CHAR) != 0;
    dcb->fNull = (flow & SERIAL_NULL_STRIPPING) != 0;
    dcb->fTXContinueOnXoff = (flow & SERIAL_XOFF_CONTINUE) != 0;
}

void ci_settings_to_dcb(const struct ci_settings *settings, DCB *dcb)
{
    memset(dcb, 0, sizeof *dcb);
    dcb->DCBlength = sizeof *dcb;
    dcb->BaudRate = settings->baud;
    dcb->fBinary = 1;
    say_handflow(dcb, settings->control, settings->flow);
    dcb->XonLim = (WORD)settings->xon_limit; /* a driver's have 32 bits */
    dcb->XoffLim = (WORD)settings->xoff_limit;
    dcb->ByteSize = settings->bits;
    dcb->Parity = settings->parity;
    dcb->StopBits = settings->stop;
    dcb->XonChar = (char)settings->chars.xon;
    dcb->XoffChar = (char)settings->chars.xoff;
    dcb->ErrorChar = (char)settings->chars.error;
    dcb->EofChar = (char)settings->chars.eof;
    dcb->EvtChar = (char)settings->chars.event;
}

/* ---- what a driver takes ---- */

/* A UART counts sixteen times the rate, in 32 bits. */
bool ci_baud_valid(uint32_t baud)
{
    return baud > 0 && baud <= UINT32_MAX / 16;
}

/* A second stop bit lasts half as long when there are 5 data bits, and as long as any otherwise. */
bool ci_format_valid(uint8_t bits, uint8_t parity, uint8_t stop)
{
    if (bits < 5 || bits > 8 || parity > SPACEPARITY || stop > TWOSTOPBITS)
        return false;
    return stop != (bits == 5 ? TWOSTOPBITS : ONE5STOPBITS);
}

bool ci_chars_valid(const struct ci_chars *chars, uint8_t escape)
{
    if (chars->xon == chars->xoff)
        return false;
    return escape == 0 || (chars->xon != escape && chars->xoff != escape);
}

static bool limit_valid(int32_t limit, uint32_t rx_size)
{
    return limit >= 0 && (uint32_t)limit <= rx_size;
}

bool ci_handflow_valid(uint32_t control, uint32_t flow, int32_t xon_limit, int32_t xoff_limit,
                       uint32_t rx_size, uint8_t escape)
{
    if ((control & SERIAL_CONTROL_INVALID) != 0 || (flow & SERIAL_FLOW_INVALID) != 0)
        return false;
    if ((control & SERIAL_DTR_MASK) == SERIAL_DTR_MASK) /* enabled and handshaking */
        return false;
    if (escape != 0 && (flow & SERIAL_ERROR_CHAR) != 0) /* the escape says what the error was */
        return false;
    return limit_valid(xon_limit, rx_size) && limit_valid(xoff_limit, rx_size);
}

bool ci_settings_valid(const struct ci_settings *settings, uint32_t rx_size, uint8_t escape)
{
    return ci_baud_valid(settings->baud) &&
           ci_format_valid(settings->bits, settings->parity, settings->stop) &&
           ci_chars_valid(&settings->chars, escape) &&
           ci_handflow_valid(settings->control, settings->flow, settings->xon_limit,
                             settings->xoff_limit, rx_size, escape);
}

/* ---- time ---- */

uint64_t ci_settings_char_ns(const struct ci_settings *settings)
{
    static const uint8_t stop_halves[] = {[ONESTOPBIT] = 2, [ONE5STOPBITS] = 3, [TWOSTOPBITS] = 4};
    uint64_t halves = 2u + 2u * settings->bits + stop_halves[settings->stop]; /* of a bit's time */
    uint64_t baud = settings->baud > 0 ? settings->baud : 1; /* a tty may be hung up */

    if (settings->parity != NOPARITY)
        halves += 2;
    return (halves * (NS_PER_S / 2) + baud - 1) / baud; /* never less than it takes */
}
