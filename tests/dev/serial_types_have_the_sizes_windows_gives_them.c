/* SPDX-License-Identifier: MIT */
/* Structures, bit-fields and codes of serial ports: Windows' layouts, written once more. */
#include <string.h>

#include <libcomm/serial.h>

#include "harness.h"

#define IS(condition) _Static_assert(condition, #condition)
#define SIZE(type, bytes) IS(sizeof(type) == (bytes))
#define PLACE(type, member, bytes) IS(offsetof(type, member) == (bytes))

SIZE(DCB, 28);
PLACE(DCB, DCBlength, 0);
PLACE(DCB, BaudRate, 4);
PLACE(DCB, wReserved, 12);
PLACE(DCB, XonLim, 14);
PLACE(DCB, XoffLim, 16);
PLACE(DCB, ByteSize, 18);
PLACE(DCB, Parity, 19);
PLACE(DCB, StopBits, 20);
PLACE(DCB, XonChar, 21);
PLACE(DCB, XoffChar, 22);
PLACE(DCB, ErrorChar, 23);
PLACE(DCB, EofChar, 24);
PLACE(DCB, EvtChar, 25);
PLACE(DCB, wReserved1, 26);

SIZE(COMMTIMEOUTS, 20);
PLACE(COMMTIMEOUTS, ReadIntervalTimeout, 0);
PLACE(COMMTIMEOUTS, ReadTotalTimeoutMultiplier, 4);
PLACE(COMMTIMEOUTS, ReadTotalTimeoutConstant, 8);
PLACE(COMMTIMEOUTS, WriteTotalTimeoutMultiplier, 12);
PLACE(COMMTIMEOUTS, WriteTotalTimeoutConstant, 16);

SIZE(COMSTAT, 12);
PLACE(COMSTAT, cbInQue, 4);
PLACE(COMSTAT, cbOutQue, 8);

SIZE(COMMPROP, 64);
PLACE(COMMPROP, wPacketLength, 0);
PLACE(COMMPROP, wPacketVersion, 2);
PLACE(COMMPROP, dwServiceMask, 4);
PLACE(COMMPROP, dwReserved1, 8);
PLACE(COMMPROP, dwMaxTxQueue, 12);
PLACE(COMMPROP, dwMaxRxQueue, 16);
PLACE(COMMPROP, dwMaxBaud, 20);
PLACE(COMMPROP, dwProvSubType, 24);
PLACE(COMMPROP, dwProvCapabilities, 28);
PLACE(COMMPROP, dwSettableParams, 32);
PLACE(COMMPROP, dwSettableBaud, 36);
PLACE(COMMPROP, wSettableData, 40);
PLACE(COMMPROP, wSettableStopParity, 42);
PLACE(COMMPROP, dwCurrentTxQueue, 44);
PLACE(COMMPROP, dwCurrentRxQueue, 48);
PLACE(COMMPROP, dwProvSpec1, 52);
PLACE(COMMPROP, dwProvSpec2, 56);
PLACE(COMMPROP, wcProvChar, 60);

SIZE(COMMCONFIG, 52);
PLACE(COMMCONFIG, dwSize, 0);
PLACE(COMMCONFIG, wVersion, 4);
PLACE(COMMCONFIG, wReserved, 6);
PLACE(COMMCONFIG, dcb, 8);
PLACE(COMMCONFIG, dwProviderSubType, 36);
PLACE(COMMCONFIG, dwProviderOffset, 40);
PLACE(COMMCONFIG, dwProviderSize, 44);
PLACE(COMMCONFIG, wcProviderData, 48);

SIZE(SERIAL_BAUD_RATE, 4);
SIZE(SERIAL_LINE_CONTROL, 3);
PLACE(SERIAL_LINE_CONTROL, StopBits, 0);
PLACE(SERIAL_LINE_CONTROL, Parity, 1);
PLACE(SERIAL_LINE_CONTROL, WordLength, 2);
SIZE(SERIAL_TIMEOUTS, 20);
SIZE(SERIAL_QUEUE_SIZE, 8);
SIZE(SERIAL_CHARS, 6);
PLACE(SERIAL_CHARS, EofChar, 0);
PLACE(SERIAL_CHARS, ErrorChar, 1);
PLACE(SERIAL_CHARS, BreakChar, 2);
PLACE(SERIAL_CHARS, EventChar, 3);
PLACE(SERIAL_CHARS, XonChar, 4);
PLACE(SERIAL_CHARS, XoffChar, 5);
SIZE(SERIAL_HANDFLOW, 16);
PLACE(SERIAL_HANDFLOW, FlowReplace, 4);
PLACE(SERIAL_HANDFLOW, XonLimit, 8);
PLACE(SERIAL_HANDFLOW, XoffLimit, 12);
SIZE(SERIAL_STATUS, 20);
PLACE(SERIAL_STATUS, HoldReasons, 4);
PLACE(SERIAL_STATUS, AmountInInQueue, 8);
PLACE(SERIAL_STATUS, AmountInOutQueue, 12);
PLACE(SERIAL_STATUS, EofReceived, 16);
PLACE(SERIAL_STATUS, WaitForImmediate, 17);
SIZE(SERIAL_XOFF_COUNTER, 12);
PLACE(SERIAL_XOFF_COUNTER, Counter, 4);
PLACE(SERIAL_XOFF_COUNTER, XoffChar, 8);
SIZE(SERIALPERF_STATS, 24);
SIZE(SERIAL_COMMPROP, 64);
PLACE(SERIAL_COMMPROP, SettableData, 40);
PLACE(SERIAL_COMMPROP, ProvChar, 60);

IS(IOCTL_SERIAL_SET_BAUD_RATE == 0x1B0004);
IS(IOCTL_SERIAL_SET_QUEUE_SIZE == 0x1B0008);
IS(IOCTL_SERIAL_SET_LINE_CONTROL == 0x1B000C);
IS(IOCTL_SERIAL_SET_BREAK_ON == 0x1B0010);
IS(IOCTL_SERIAL_SET_BREAK_OFF == 0x1B0014);
IS(IOCTL_SERIAL_IMMEDIATE_CHAR == 0x1B0018);
IS(IOCTL_SERIAL_SET_TIMEOUTS == 0x1B001C);
IS(IOCTL_SERIAL_GET_TIMEOUTS == 0x1B0020);
IS(IOCTL_SERIAL_SET_DTR == 0x1B0024);
IS(IOCTL_SERIAL_CLR_DTR == 0x1B0028);
IS(IOCTL_SERIAL_RESET_DEVICE == 0x1B002C);
IS(IOCTL_SERIAL_SET_RTS == 0x1B0030);
IS(IOCTL_SERIAL_CLR_RTS == 0x1B0034);
IS(IOCTL_SERIAL_SET_XOFF == 0x1B0038);
IS(IOCTL_SERIAL_SET_XON == 0x1B003C);
IS(IOCTL_SERIAL_GET_WAIT_MASK == 0x1B0040);
IS(IOCTL_SERIAL_SET_WAIT_MASK == 0x1B0044);
IS(IOCTL_SERIAL_WAIT_ON_MASK == 0x1B0048);
IS(IOCTL_SERIAL_PURGE == 0x1B004C);
IS(IOCTL_SERIAL_GET_BAUD_RATE == 0x1B0050);
IS(IOCTL_SERIAL_GET_LINE_CONTROL == 0x1B0054);
IS(IOCTL_SERIAL_GET_CHARS == 0x1B0058);
IS(IOCTL_SERIAL_SET_CHARS == 0x1B005C);
IS(IOCTL_SERIAL_GET_HANDFLOW == 0x1B0060);
IS(IOCTL_SERIAL_SET_HANDFLOW == 0x1B0064);
IS(IOCTL_SERIAL_GET_MODEMSTATUS == 0x1B0068);
IS(IOCTL_SERIAL_GET_COMMSTATUS == 0x1B006C);
IS(IOCTL_SERIAL_XOFF_COUNTER == 0x1B0070);
IS(IOCTL_SERIAL_GET_PROPERTIES == 0x1B0074);
IS(IOCTL_SERIAL_GET_DTRRTS == 0x1B0078);
IS(IOCTL_SERIAL_LSRMST_INSERT == 0x1B007C);
IS(IOCTL_SERIAL_CONFIG_SIZE == 0x1B0080);
IS(IOCTL_SERIAL_GET_STATS == 0x1B008C);
IS(IOCTL_SERIAL_CLEAR_STATS == 0x1B0090);
IS(IOCTL_SERIAL_GET_MODEM_CONTROL == 0x1B0094);
IS(IOCTL_SERIAL_SET_MODEM_CONTROL == 0x1B0098);
IS(IOCTL_SERIAL_SET_FIFO_CONTROL == 0x1B009C);

/* ---- bit-fields have no place that a compiler would tell ---- */

static DWORD word_of(const void *structure, size_t offset)
{
    DWORD word;

    memcpy(&word, (const char *)structure + offset, sizeof word);
    return word;
}

static void the_bits_of_a_dcb_are_where_windows_has_them(void)
{
    static const struct {
        const char *when;
        DCB dcb;
        DWORD bits;
    } rows[] = {
        {"fBinary",           {.fBinary = 1},           0x00000001},
        {"fParity",           {.fParity = 1},           0x00000002},
        {"fOutxCtsFlow",      {.fOutxCtsFlow = 1},      0x00000004},
        {"fOutxDsrFlow",      {.fOutxDsrFlow = 1},      0x00000008},
        {"fDtrControl",       {.fDtrControl = 3},       0x00000030},
        {"fDsrSensitivity",   {.fDsrSensitivity = 1},   0x00000040},
        {"fTXContinueOnXoff", {.fTXContinueOnXoff = 1}, 0x00000080},
        {"fOutX",             {.fOutX = 1},             0x00000100},
        {"fInX",              {.fInX = 1},              0x00000200},
        {"fErrorChar",        {.fErrorChar = 1},        0x00000400},
        {"fNull",             {.fNull = 1},             0x00000800},
        {"fRtsControl",       {.fRtsControl = 3},       0x00003000},
        {"fAbortOnError",     {.fAbortOnError = 1},     0x00004000},
        {"fDummy2",           {.fDummy2 = 0x1FFFF},     0xFFFF8000},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK_EQ_WHEN(rows[i].when, word_of(&rows[i].dcb, 8), rows[i].bits);
}

static void the_bits_of_a_comstat_are_where_windows_has_them(void)
{
    static const struct {
        const char *when;
        COMSTAT stat;
        DWORD bits;
    } rows[] = {
        {"fCtsHold",  {.fCtsHold = 1},          0x01      },
        {"fDsrHold",  {.fDsrHold = 1},          0x02      },
        {"fRlsdHold", {.fRlsdHold = 1},         0x04      },
        {"fXoffHold", {.fXoffHold = 1},         0x08      },
        {"fXoffSent", {.fXoffSent = 1},         0x10      },
        {"fEof",      {.fEof = 1},              0x20      },
        {"fTxim",     {.fTxim = 1},             0x40      },
        {"fReserved", {.fReserved = 0x1FFFFFF}, 0xFFFFFF80},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK_EQ_WHEN(rows[i].when, word_of(&rows[i].stat, 0), rows[i].bits);
}

/* The assertions above are the test: a file that compiled has passed it. */
static void structures_have_their_windows_layout(void)
{
    CHECK_EQ(sizeof(DCB), 28);
    CHECK_EQ(sizeof(COMMTIMEOUTS), 20);
    CHECK_EQ(sizeof(COMSTAT), 12);
    CHECK_EQ(sizeof(COMMPROP), 64);
    CHECK_EQ(sizeof(COMMCONFIG), 52);
}

static void control_codes_have_their_windows_numbers(void)
{
    CHECK_EQ(IOCTL_SERIAL_SET_BAUD_RATE, 0x1B0004);
    CHECK_EQ(IOCTL_SERIAL_SET_TIMEOUTS, 0x1B001C);
    CHECK_EQ(IOCTL_SERIAL_WAIT_ON_MASK, 0x1B0048);
    CHECK_EQ(IOCTL_SERIAL_PURGE, 0x1B004C);
    CHECK_EQ(IOCTL_SERIAL_GET_COMMSTATUS, 0x1B006C);
    CHECK_EQ(IOCTL_SERIAL_SET_FIFO_CONTROL, 0x1B009C);
}

static void handflow_bits_leave_only_the_illegal_ones(void)
{
    CHECK_EQ(
        ~(SERIAL_DTR_MASK | SERIAL_OUT_HANDSHAKEMASK | SERIAL_DSR_SENSITIVITY | SERIAL_ERROR_ABORT),
        SERIAL_CONTROL_INVALID);
    CHECK_EQ(~(SERIAL_AUTO_TRANSMIT | SERIAL_AUTO_RECEIVE | SERIAL_ERROR_CHAR |
               SERIAL_NULL_STRIPPING | SERIAL_BREAK_CHAR | SERIAL_RTS_MASK | SERIAL_XOFF_CONTINUE),
             SERIAL_FLOW_INVALID);
}

COMM_TEST_MAIN(TEST(structures_have_their_windows_layout),
               TEST(the_bits_of_a_dcb_are_where_windows_has_them),
               TEST(the_bits_of_a_comstat_are_where_windows_has_them),
               TEST(control_codes_have_their_windows_numbers),
               TEST(handflow_bits_leave_only_the_illegal_ones))
