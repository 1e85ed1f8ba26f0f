/* SPDX-License-Identifier: MIT */
/* Where the members of the serial structures lie, bits included, and what the numbers are. */
#include <stddef.h>
#include "port.h"

#define AT(type, member) SAY(#type "." #member, offsetof(type, member))

static void say_members(void)
{
    SAY("DCB", sizeof(DCB));
    AT(DCB, BaudRate);
    AT(DCB, wReserved);
    AT(DCB, XonLim);
    AT(DCB, XoffLim);
    AT(DCB, ByteSize);
    AT(DCB, Parity);
    AT(DCB, StopBits);
    AT(DCB, XonChar);
    AT(DCB, XoffChar);
    AT(DCB, ErrorChar);
    AT(DCB, EofChar);
    AT(DCB, EvtChar);
    AT(DCB, wReserved1);
    SAY("COMMTIMEOUTS", sizeof(COMMTIMEOUTS));
    AT(COMMTIMEOUTS, WriteTotalTimeoutConstant);
    SAY("COMSTAT", sizeof(COMSTAT));
    AT(COMSTAT, cbInQue);
    AT(COMSTAT, cbOutQue);
    SAY("COMMPROP", sizeof(COMMPROP));
    AT(COMMPROP, dwSettableBaud);
    AT(COMMPROP, wSettableStopParity);
    AT(COMMPROP, dwProvSpec1);
    AT(COMMPROP, wcProvChar);
    SAY("COMMCONFIG", sizeof(COMMCONFIG));
    AT(COMMCONFIG, wVersion);
    AT(COMMCONFIG, dcb);
    AT(COMMCONFIG, dwProviderSubType);
    AT(COMMCONFIG, dwProviderSize);
    AT(COMMCONFIG, wcProviderData);
}

#define BITS(field)                               \
    do {                                          \
        DCB dcb;                                  \
        DWORD word;                               \
        memset(&dcb, 0, sizeof(dcb));             \
        dcb.field = ~0u;                          \
        memcpy(&word, (const char *)&dcb + 8, 4); \
        SAY_HEX("bits." #field, word);            \
    } while (0)

#ifdef __GNUC__
#pragma GCC diagnostic ignored "-Woverflow"
#endif

static void say_bits(void)
{
    BITS(fBinary);
    BITS(fParity);
    BITS(fOutxCtsFlow);
    BITS(fOutxDsrFlow);
    BITS(fDtrControl);
    BITS(fDsrSensitivity);
    BITS(fTXContinueOnXoff);
    BITS(fOutX);
    BITS(fInX);
    BITS(fErrorChar);
    BITS(fNull);
    BITS(fRtsControl);
    BITS(fAbortOnError);
}

static void say_stat_bits(void)
{
    COMSTAT stat;
    DWORD word;

    memset(&stat, 0, sizeof(stat));
    stat.fXoffHold = 1;
    stat.fTxim = 1;
    memcpy(&word, &stat, 4);
    SAY_HEX("stat.xoff_hold_and_txim", word);
}

#define NUMBER(name) SAY_HEX(#name, name)

static void say_numbers(void)
{
    NUMBER(CBR_256000);
    NUMBER(MARKPARITY);
    NUMBER(TWOSTOPBITS);
    NUMBER(RTS_CONTROL_TOGGLE);
    NUMBER(DTR_CONTROL_HANDSHAKE);
    NUMBER(EV_RXCHAR | EV_TXEMPTY | EV_DSR | EV_BREAK | EV_RING | EV_RX80FULL | EV_EVENT2);
    NUMBER(EV_RXFLAG | EV_CTS | EV_RLSD | EV_ERR | EV_PERR | EV_EVENT1);
    NUMBER(CE_RXOVER | CE_RXPARITY | CE_BREAK | CE_PTO | CE_DNS | CE_MODE);
    NUMBER(CE_OVERRUN | CE_FRAME | CE_TXFULL | CE_IOE | CE_OOP);
    NUMBER(PURGE_TXABORT | PURGE_RXCLEAR);
    NUMBER(PURGE_RXABORT);
    NUMBER(MS_CTS_ON | MS_RLSD_ON);
    NUMBER(MS_DSR_ON);
    NUMBER(SETXOFF);
    NUMBER(CLRDTR);
    NUMBER(CLRBREAK);
    NUMBER(BAUD_USER | BAUD_57600 | BAUD_075);
    NUMBER(DATABITS_16X | STOPBITS_20 | PARITY_SPACE);
    NUMBER(PCF_16BITMODE | PCF_INTTIMEOUTS | SP_RLSD);
    NUMBER(PST_X25);
    NUMBER(PST_FAX);
}

int main(void)
{
    say_members();
    say_bits();
    say_stat_bits();
    say_numbers();
    return 0;
}
