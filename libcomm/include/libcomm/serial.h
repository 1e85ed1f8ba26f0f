/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_SERIAL_H
#define LIBCOMM_SERIAL_H

/*
 * Serial ports.  A port is opened by CreateFile under COM1..COM9, \\.\COMn or the path of its
 * device, by one handle at a time in the whole machine, and is read, written, flushed, cancelled
 * and closed like any other file; this header has what is only for ports.  Every call here takes
 * any handle of a port, whatever access it was opened with, and an overlapped one as well: only
 * WaitCommEvent uses an OVERLAPPED.  What is no port: 1, what is no file: 6, a device that is gone:
 * 5.
 */

#include <libcomm/comm.h>

COMM_BEGIN_DECLS

/* ---- settings ---- */

#define CBR_110 110
#define CBR_300 300
#define CBR_600 600
#define CBR_1200 1200
#define CBR_2400 2400
#define CBR_4800 4800
#define CBR_9600 9600
#define CBR_14400 14400
#define CBR_19200 19200
#define CBR_38400 38400
#define CBR_56000 56000
#define CBR_57600 57600
#define CBR_115200 115200
#define CBR_128000 128000
#define CBR_256000 256000

#define NOPARITY 0
#define ODDPARITY 1
#define EVENPARITY 2
#define MARKPARITY 3
#define SPACEPARITY 4

#define ONESTOPBIT 0
#define ONE5STOPBITS 1
#define TWOSTOPBITS 2

#define DTR_CONTROL_DISABLE 0x00
#define DTR_CONTROL_ENABLE 0x01
#define DTR_CONTROL_HANDSHAKE 0x02

#define RTS_CONTROL_DISABLE 0x00
#define RTS_CONTROL_ENABLE 0x01
#define RTS_CONTROL_HANDSHAKE 0x02
#define RTS_CONTROL_TOGGLE 0x03

/* fBinary is always TRUE and fParity always FALSE when read; writing them does nothing: parity is
 * checked whenever there is any. */
typedef struct _DCB {
    DWORD DCBlength;
    DWORD BaudRate;
    DWORD fBinary : 1;
    DWORD fParity : 1;
    DWORD fOutxCtsFlow : 1;
    DWORD fOutxDsrFlow : 1;
    DWORD fDtrControl : 2;
    DWORD fDsrSensitivity : 1;
    DWORD fTXContinueOnXoff : 1;
    DWORD fOutX : 1;
    DWORD fInX : 1;
    DWORD fErrorChar : 1;
    DWORD fNull : 1;
    DWORD fRtsControl : 2;
    DWORD fAbortOnError : 1;
    DWORD fDummy2 : 17;
    WORD wReserved;
    WORD XonLim;  /* go on when so few bytes are unread */
    WORD XoffLim; /* stop when there is room for so few more */
    BYTE ByteSize;
    BYTE Parity;
    BYTE StopBits;
    char XonChar;
    char XoffChar;
    char ErrorChar;
    char EofChar;
    char EvtChar;
    WORD wReserved1;
} DCB, *LPDCB;

COMM_API BOOL WINAPI GetCommState(HANDLE hFile, LPDCB lpDCB) COMM_NAME(GetCommState);
/* All or nothing: 87 leaves the port as it was.  Takes effect at once, loses nothing that is
 * buffered and ends nothing that is pending. */
COMM_API BOOL WINAPI SetCommState(HANDLE hFile, LPDCB lpDCB) COMM_NAME(SetCommState);

/* Milliseconds; all 0: reads and writes wait for ever.  An interval of MAXDWORD alone: a read takes
 * what is there and never waits; with a multiplier of MAXDWORD as well, it waits as long as the
 * constant for one byte. */
typedef struct _COMMTIMEOUTS {
    DWORD ReadIntervalTimeout;
    DWORD ReadTotalTimeoutMultiplier;
    DWORD ReadTotalTimeoutConstant;
    DWORD WriteTotalTimeoutMultiplier;
    DWORD WriteTotalTimeoutConstant;
} COMMTIMEOUTS, *LPCOMMTIMEOUTS;

COMM_API BOOL WINAPI GetCommTimeouts(HANDLE hFile, LPCOMMTIMEOUTS lpCommTimeouts)
    COMM_NAME(GetCommTimeouts);
/* For reads and writes that are started from now on.  One whose time ran out is a success with what
 * was moved until then. */
COMM_API BOOL WINAPI SetCommTimeouts(HANDLE hFile, LPCOMMTIMEOUTS lpCommTimeouts)
    COMM_NAME(SetCommTimeouts);
/* A bigger type-ahead, which sets the limits of flow control anew; a smaller one is TRUE and
 * changes nothing.  dwOutQueue means nothing: what is unsent stays in the writers' buffers. */
COMM_API BOOL WINAPI SetupComm(HANDLE hFile, DWORD dwInQueue, DWORD dwOutQueue)
    COMM_NAME(SetupComm);

/* Change what the text names and nothing else: `baud=9600 parity=n data=8 stop=1 xon=on` or
 * `9600,n,8,1,x`, with or without `COM1:` before it.  FALSE with 87 changes nothing at all. */
COMM_API BOOL WINAPI BuildCommDCBA(LPCSTR lpDef, LPDCB lpDCB) COMM_NAME(BuildCommDCBA);
COMM_API BOOL WINAPI BuildCommDCBW(LPCWSTR lpDef, LPDCB lpDCB) COMM_NAME(BuildCommDCBW);
/* `to=on` and `to=off` set the timeouts; without either they stay. */
COMM_API BOOL WINAPI BuildCommDCBAndTimeoutsA(LPCSTR lpDef, LPDCB lpDCB,
                                              LPCOMMTIMEOUTS lpCommTimeouts)
    COMM_NAME(BuildCommDCBAndTimeoutsA);
COMM_API BOOL WINAPI BuildCommDCBAndTimeoutsW(LPCWSTR lpDef, LPDCB lpDCB,
                                              LPCOMMTIMEOUTS lpCommTimeouts)
    COMM_NAME(BuildCommDCBAndTimeoutsW);

/* ---- what a port can do ---- */

#define SP_SERIALCOMM ((DWORD)0x00000001)

#define PST_UNSPECIFIED ((DWORD)0x00000000)
#define PST_RS232 ((DWORD)0x00000001)
#define PST_PARALLELPORT ((DWORD)0x00000002)
#define PST_RS422 ((DWORD)0x00000003)
#define PST_RS423 ((DWORD)0x00000004)
#define PST_RS449 ((DWORD)0x00000005)
#define PST_MODEM ((DWORD)0x00000006)
#define PST_FAX ((DWORD)0x00000021)
#define PST_SCANNER ((DWORD)0x00000022)
#define PST_NETWORK_BRIDGE ((DWORD)0x00000100)
#define PST_LAT ((DWORD)0x00000101)
#define PST_TCPIP_TELNET ((DWORD)0x00000102)
#define PST_X25 ((DWORD)0x00000103)

#define PCF_DTRDSR ((DWORD)0x0001)
#define PCF_RTSCTS ((DWORD)0x0002)
#define PCF_RLSD ((DWORD)0x0004)
#define PCF_PARITY_CHECK ((DWORD)0x0008)
#define PCF_XONXOFF ((DWORD)0x0010)
#define PCF_SETXCHAR ((DWORD)0x0020)
#define PCF_TOTALTIMEOUTS ((DWORD)0x0040)
#define PCF_INTTIMEOUTS ((DWORD)0x0080)
#define PCF_SPECIALCHARS ((DWORD)0x0100)
#define PCF_16BITMODE ((DWORD)0x0200)

#define SP_PARITY ((DWORD)0x0001)
#define SP_BAUD ((DWORD)0x0002)
#define SP_DATABITS ((DWORD)0x0004)
#define SP_STOPBITS ((DWORD)0x0008)
#define SP_HANDSHAKING ((DWORD)0x0010)
#define SP_PARITY_CHECK ((DWORD)0x0020)
#define SP_RLSD ((DWORD)0x0040)

#define BAUD_075 ((DWORD)0x00000001)
#define BAUD_110 ((DWORD)0x00000002)
#define BAUD_134_5 ((DWORD)0x00000004)
#define BAUD_150 ((DWORD)0x00000008)
#define BAUD_300 ((DWORD)0x00000010)
#define BAUD_600 ((DWORD)0x00000020)
#define BAUD_1200 ((DWORD)0x00000040)
#define BAUD_1800 ((DWORD)0x00000080)
#define BAUD_2400 ((DWORD)0x00000100)
#define BAUD_4800 ((DWORD)0x00000200)
#define BAUD_7200 ((DWORD)0x00000400)
#define BAUD_9600 ((DWORD)0x00000800)
#define BAUD_14400 ((DWORD)0x00001000)
#define BAUD_19200 ((DWORD)0x00002000)
#define BAUD_38400 ((DWORD)0x00004000)
#define BAUD_56K ((DWORD)0x00008000)
#define BAUD_128K ((DWORD)0x00010000)
#define BAUD_115200 ((DWORD)0x00020000)
#define BAUD_57600 ((DWORD)0x00040000)
#define BAUD_USER ((DWORD)0x10000000)

#define DATABITS_5 ((WORD)0x0001)
#define DATABITS_6 ((WORD)0x0002)
#define DATABITS_7 ((WORD)0x0004)
#define DATABITS_8 ((WORD)0x0008)
#define DATABITS_16 ((WORD)0x0010)
#define DATABITS_16X ((WORD)0x0020)

#define STOPBITS_10 ((WORD)0x0001)
#define STOPBITS_15 ((WORD)0x0002)
#define STOPBITS_20 ((WORD)0x0004)
#define PARITY_NONE ((WORD)0x0100)
#define PARITY_ODD ((WORD)0x0200)
#define PARITY_EVEN ((WORD)0x0400)
#define PARITY_MARK ((WORD)0x0800)
#define PARITY_SPACE ((WORD)0x1000)

/* In dwProvSpec1 it says that wPacketLength is right; nothing depends on it here. */
#define COMMPROP_INITIALIZED ((DWORD)0xE73CF52E)

typedef struct _COMMPROP {
    WORD wPacketLength;
    WORD wPacketVersion;
    DWORD dwServiceMask;
    DWORD dwReserved1;
    DWORD dwMaxTxQueue;
    DWORD dwMaxRxQueue;
    DWORD dwMaxBaud;
    DWORD dwProvSubType;
    DWORD dwProvCapabilities;
    DWORD dwSettableParams;
    DWORD dwSettableBaud;
    WORD wSettableData;
    WORD wSettableStopParity;
    DWORD dwCurrentTxQueue;
    DWORD dwCurrentRxQueue;
    DWORD dwProvSpec1;
    DWORD dwProvSpec2;
    WCHAR wcProvChar[1];
} COMMPROP, *LPCOMMPROP;

COMM_API BOOL WINAPI GetCommProperties(HANDLE hFile, LPCOMMPROP lpCommProp)
    COMM_NAME(GetCommProperties);

/* ---- events ---- */

#define EV_RXCHAR 0x0001
#define EV_RXFLAG 0x0002 /* EvtChar was received */
#define EV_TXEMPTY 0x0004
#define EV_CTS 0x0008
#define EV_DSR 0x0010
#define EV_RLSD 0x0020
#define EV_BREAK 0x0040
#define EV_ERR 0x0080
#define EV_RING 0x0100     /* it ended */
#define EV_PERR 0x0200     /* never */
#define EV_RX80FULL 0x0400 /* 13/16, to be exact */
#define EV_EVENT1 0x0800   /* never */
#define EV_EVENT2 0x1000   /* never */

COMM_API BOOL WINAPI GetCommMask(HANDLE hFile, LPDWORD lpEvtMask) COMM_NAME(GetCommMask);
/* A wait that is pending ends: a success with an event mask of 0. */
COMM_API BOOL WINAPI SetCommMask(HANDLE hFile, DWORD dwEvtMask) COMM_NAME(SetCommMask);
/* What has happened since the last answer, once anything has: 4 bytes are "transferred".  Events
 * are edges: what was received before the mask asked for it never comes.  87 with a mask of 0 or
 * while another wait is pending. */
COMM_API BOOL WINAPI WaitCommEvent(HANDLE hFile, LPDWORD lpEvtMask, LPOVERLAPPED lpOverlapped)
    COMM_NAME(WaitCommEvent);

/* ---- status ---- */

#define CE_RXOVER 0x0001
#define CE_OVERRUN 0x0002
#define CE_RXPARITY 0x0004
#define CE_FRAME 0x0008
#define CE_BREAK 0x0010
/* never reported */
#define CE_TXFULL 0x0100
#define CE_PTO 0x0200
#define CE_IOE 0x0400
#define CE_DNS 0x0800
#define CE_OOP 0x1000
#define CE_MODE 0x8000

#define IE_BADID (-1)
#define IE_OPEN (-2)
#define IE_NOPEN (-3)
#define IE_MEMORY (-4)
#define IE_DEFAULT (-5)
#define IE_HARDWARE (-10)
#define IE_BYTESIZE (-11)
#define IE_BAUDRATE (-12)

typedef struct _COMSTAT {
    DWORD fCtsHold : 1;
    DWORD fDsrHold : 1;
    DWORD fRlsdHold : 1;
    DWORD fXoffHold : 1;
    DWORD fXoffSent : 1;
    DWORD fEof : 1;
    DWORD fTxim : 1;
    DWORD fReserved : 25;
    DWORD cbInQue;
    DWORD cbOutQue;
} COMSTAT, *LPCOMSTAT;

/* The errors since the last call, which forgets them; either pointer may be NULL.  With
 * fAbortOnError this is what lets a port go on after an error. */
COMM_API BOOL WINAPI ClearCommError(HANDLE hFile, LPDWORD lpErrors, LPCOMSTAT lpStat)
    COMM_NAME(ClearCommError);

#define MS_CTS_ON ((DWORD)0x0010)
#define MS_DSR_ON ((DWORD)0x0020)
#define MS_RING_ON ((DWORD)0x0040)
#define MS_RLSD_ON ((DWORD)0x0080)

/* The four MS_ bits and no others. */
COMM_API BOOL WINAPI GetCommModemStatus(HANDLE hFile, LPDWORD lpModemStat)
    COMM_NAME(GetCommModemStatus);

/* ---- orders ---- */

#define PURGE_TXABORT 0x0001
#define PURGE_RXABORT 0x0002
#define PURGE_TXCLEAR 0x0004
#define PURGE_RXCLEAR 0x0008

/* The ABORT flags end what is pending, reads or writes, with 995.  Never loses a byte of a write
 * that was reported as complete. */
COMM_API BOOL WINAPI PurgeComm(HANDLE hFile, DWORD dwFlags) COMM_NAME(PurgeComm);

#define SETXOFF 1
#define SETXON 2
#define SETRTS 3
#define CLRRTS 4
#define SETDTR 5
#define CLRDTR 6
#define RESETDEV 7
#define SETBREAK 8
#define CLRBREAK 9

/* 87 for RTS or DTR when the port drives that line itself. */
COMM_API BOOL WINAPI EscapeCommFunction(HANDLE hFile, DWORD dwFunc) COMM_NAME(EscapeCommFunction);
/* Writes pause meanwhile. */
COMM_API BOOL WINAPI SetCommBreak(HANDLE hFile) COMM_NAME(SetCommBreak);
COMM_API BOOL WINAPI ClearCommBreak(HANDLE hFile) COMM_NAME(ClearCommBreak);
/* Ahead of what is unsent, and waits until it is out. */
COMM_API BOOL WINAPI TransmitCommChar(HANDLE hFile, char cChar) COMM_NAME(TransmitCommChar);

/* ---- ports and their defaults ---- */

/* CreateFile of \\.\COMn; flags: 0 or FILE_FLAG_OVERLAPPED. */
COMM_API HANDLE WINAPI OpenCommPort(ULONG uPortNumber, DWORD dwDesiredAccess,
                                    DWORD dwFlagsAndAttributes) COMM_NAME(OpenCommPort);
/* Returns an error code and leaves the last error alone: 234 and how many there are when there is
 * no room for all, 2 when there are none.  Lowest first. */
COMM_API ULONG WINAPI GetCommPorts(PULONG lpPortNumbers, ULONG uPortNumbersCount,
                                   PULONG puPortNumbersFound) COMM_NAME(GetCommPorts);

typedef struct _COMMCONFIG {
    DWORD dwSize;
    WORD wVersion;
    WORD wReserved;
    DCB dcb;
    DWORD dwProviderSubType;
    DWORD dwProviderOffset;
    DWORD dwProviderSize;
    WCHAR wcProviderData[1];
} COMMCONFIG, *LPCOMMCONFIG;

/* Get and SetCommState in another dress: provider data is never there.  122 and the size it takes
 * when there is no room. */
COMM_API BOOL WINAPI GetCommConfig(HANDLE hCommDev, LPCOMMCONFIG lpCC, LPDWORD lpdwSize)
    COMM_NAME(GetCommConfig);
COMM_API BOOL WINAPI SetCommConfig(HANDLE hCommDev, LPCOMMCONFIG lpCC, DWORD dwSize)
    COMM_NAME(SetCommConfig);
/* What SetDefaultCommConfig stored for `COM1` (no colon, no prefix; 1010 for what is no port), else
 * 9600 8N1.  Nothing is opened, and no port is changed. */
COMM_API BOOL WINAPI GetDefaultCommConfigA(LPCSTR lpszName, LPCOMMCONFIG lpCC, LPDWORD lpdwSize)
    COMM_NAME(GetDefaultCommConfigA);
COMM_API BOOL WINAPI GetDefaultCommConfigW(LPCWSTR lpszName, LPCOMMCONFIG lpCC, LPDWORD lpdwSize)
    COMM_NAME(GetDefaultCommConfigW);
/* For all programs of the user, or as long as this one runs when his files cannot be written. */
COMM_API BOOL WINAPI SetDefaultCommConfigA(LPCSTR lpszName, LPCOMMCONFIG lpCC, DWORD dwSize)
    COMM_NAME(SetDefaultCommConfigA);
COMM_API BOOL WINAPI SetDefaultCommConfigW(LPCWSTR lpszName, LPCOMMCONFIG lpCC, DWORD dwSize)
    COMM_NAME(SetDefaultCommConfigW);
/* There is no dialog: 50 once the arguments were good. */
COMM_API BOOL WINAPI CommConfigDialogA(LPCSTR lpszName, HWND hWnd, LPCOMMCONFIG lpCC)
    COMM_NAME(CommConfigDialogA);
COMM_API BOOL WINAPI CommConfigDialogW(LPCWSTR lpszName, HWND hWnd, LPCOMMCONFIG lpCC)
    COMM_NAME(CommConfigDialogW);

#ifdef UNICODE
#define BuildCommDCB BuildCommDCBW
#define BuildCommDCBAndTimeouts BuildCommDCBAndTimeoutsW
#define GetDefaultCommConfig GetDefaultCommConfigW
#define SetDefaultCommConfig SetDefaultCommConfigW
#define CommConfigDialog CommConfigDialogW
#else
#define BuildCommDCB BuildCommDCBA
#define BuildCommDCBAndTimeouts BuildCommDCBAndTimeoutsA
#define GetDefaultCommConfig GetDefaultCommConfigA
#define SetDefaultCommConfig SetDefaultCommConfigA
#define CommConfigDialog CommConfigDialogA
#endif

/* ---- the driver's side, for DeviceIoControl ----
 * Buffers may be longer than the structure; shorter is 122, an unknown code 87. */

#define FILE_DEVICE_SERIAL_PORT 0x0000001B

#define COMM_SERIAL_CODE_(n) CTL_CODE(FILE_DEVICE_SERIAL_PORT, n, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_SERIAL_SET_BAUD_RATE COMM_SERIAL_CODE_(1)
#define IOCTL_SERIAL_SET_QUEUE_SIZE COMM_SERIAL_CODE_(2)
#define IOCTL_SERIAL_SET_LINE_CONTROL COMM_SERIAL_CODE_(3)
#define IOCTL_SERIAL_SET_BREAK_ON COMM_SERIAL_CODE_(4)
#define IOCTL_SERIAL_SET_BREAK_OFF COMM_SERIAL_CODE_(5)
#define IOCTL_SERIAL_IMMEDIATE_CHAR COMM_SERIAL_CODE_(6)
#define IOCTL_SERIAL_SET_TIMEOUTS COMM_SERIAL_CODE_(7)
#define IOCTL_SERIAL_GET_TIMEOUTS COMM_SERIAL_CODE_(8)
#define IOCTL_SERIAL_SET_DTR COMM_SERIAL_CODE_(9)
#define IOCTL_SERIAL_CLR_DTR COMM_SERIAL_CODE_(10)
#define IOCTL_SERIAL_RESET_DEVICE COMM_SERIAL_CODE_(11)
#define IOCTL_SERIAL_SET_RTS COMM_SERIAL_CODE_(12)
#define IOCTL_SERIAL_CLR_RTS COMM_SERIAL_CODE_(13)
#define IOCTL_SERIAL_SET_XOFF COMM_SERIAL_CODE_(14)
#define IOCTL_SERIAL_SET_XON COMM_SERIAL_CODE_(15)
#define IOCTL_SERIAL_GET_WAIT_MASK COMM_SERIAL_CODE_(16)
#define IOCTL_SERIAL_SET_WAIT_MASK COMM_SERIAL_CODE_(17)
#define IOCTL_SERIAL_WAIT_ON_MASK COMM_SERIAL_CODE_(18)
#define IOCTL_SERIAL_PURGE COMM_SERIAL_CODE_(19)
#define IOCTL_SERIAL_GET_BAUD_RATE COMM_SERIAL_CODE_(20)
#define IOCTL_SERIAL_GET_LINE_CONTROL COMM_SERIAL_CODE_(21)
#define IOCTL_SERIAL_GET_CHARS COMM_SERIAL_CODE_(22)
#define IOCTL_SERIAL_SET_CHARS COMM_SERIAL_CODE_(23)
#define IOCTL_SERIAL_GET_HANDFLOW COMM_SERIAL_CODE_(24)
#define IOCTL_SERIAL_SET_HANDFLOW COMM_SERIAL_CODE_(25)
#define IOCTL_SERIAL_GET_MODEMSTATUS COMM_SERIAL_CODE_(26)
#define IOCTL_SERIAL_GET_COMMSTATUS COMM_SERIAL_CODE_(27)
#define IOCTL_SERIAL_XOFF_COUNTER COMM_SERIAL_CODE_(28)
#define IOCTL_SERIAL_GET_PROPERTIES COMM_SERIAL_CODE_(29)
#define IOCTL_SERIAL_GET_DTRRTS COMM_SERIAL_CODE_(30)
#define IOCTL_SERIAL_LSRMST_INSERT COMM_SERIAL_CODE_(31)
#define IOCTL_SERIAL_CONFIG_SIZE COMM_SERIAL_CODE_(32)
#define IOCTL_SERIAL_GET_STATS COMM_SERIAL_CODE_(35)
#define IOCTL_SERIAL_CLEAR_STATS COMM_SERIAL_CODE_(36)
#define IOCTL_SERIAL_GET_MODEM_CONTROL COMM_SERIAL_CODE_(37)
#define IOCTL_SERIAL_SET_MODEM_CONTROL COMM_SERIAL_CODE_(38)
#define IOCTL_SERIAL_SET_FIFO_CONTROL COMM_SERIAL_CODE_(39)

typedef struct _SERIAL_BAUD_RATE {
    ULONG BaudRate;
} SERIAL_BAUD_RATE, *PSERIAL_BAUD_RATE;

#define STOP_BIT_1 0
#define STOP_BITS_1_5 1
#define STOP_BITS_2 2

#define NO_PARITY 0
#define ODD_PARITY 1
#define EVEN_PARITY 2
#define MARK_PARITY 3
#define SPACE_PARITY 4

typedef struct _SERIAL_LINE_CONTROL {
    UCHAR StopBits;
    UCHAR Parity;
    UCHAR WordLength;
} SERIAL_LINE_CONTROL, *PSERIAL_LINE_CONTROL;

typedef struct _SERIAL_TIMEOUTS {
    ULONG ReadIntervalTimeout;
    ULONG ReadTotalTimeoutMultiplier;
    ULONG ReadTotalTimeoutConstant;
    ULONG WriteTotalTimeoutMultiplier;
    ULONG WriteTotalTimeoutConstant;
} SERIAL_TIMEOUTS, *PSERIAL_TIMEOUTS;

typedef struct _SERIAL_QUEUE_SIZE {
    ULONG InSize;
    ULONG OutSize;
} SERIAL_QUEUE_SIZE, *PSERIAL_QUEUE_SIZE;

/* BreakChar is out of a DCB's reach: SetCommState makes it 0. */
typedef struct _SERIAL_CHARS {
    UCHAR EofChar;
    UCHAR ErrorChar;
    UCHAR BreakChar;
    UCHAR EventChar;
    UCHAR XonChar;
    UCHAR XoffChar;
} SERIAL_CHARS, *PSERIAL_CHARS;

/* ControlHandShake */
#define SERIAL_DTR_MASK ((ULONG)0x00000003)
#define SERIAL_DTR_CONTROL ((ULONG)0x00000001)
#define SERIAL_DTR_HANDSHAKE ((ULONG)0x00000002)
#define SERIAL_CTS_HANDSHAKE ((ULONG)0x00000008)
#define SERIAL_DSR_HANDSHAKE ((ULONG)0x00000010)
#define SERIAL_DCD_HANDSHAKE ((ULONG)0x00000020)
#define SERIAL_OUT_HANDSHAKEMASK ((ULONG)0x00000038)
#define SERIAL_DSR_SENSITIVITY ((ULONG)0x00000040)
#define SERIAL_ERROR_ABORT ((ULONG)0x80000000)
#define SERIAL_CONTROL_INVALID ((ULONG)0x7FFFFF84)
/* FlowReplace */
#define SERIAL_AUTO_TRANSMIT ((ULONG)0x00000001)
#define SERIAL_AUTO_RECEIVE ((ULONG)0x00000002)
#define SERIAL_ERROR_CHAR ((ULONG)0x00000004)
#define SERIAL_NULL_STRIPPING ((ULONG)0x00000008)
#define SERIAL_BREAK_CHAR ((ULONG)0x00000010)
#define SERIAL_RTS_MASK ((ULONG)0x000000C0)
#define SERIAL_RTS_CONTROL ((ULONG)0x00000040)
#define SERIAL_RTS_HANDSHAKE ((ULONG)0x00000080)
#define SERIAL_TRANSMIT_TOGGLE ((ULONG)0x000000C0)
#define SERIAL_XOFF_CONTINUE ((ULONG)0x80000000)
#define SERIAL_FLOW_INVALID ((ULONG)0x7FFFFF20)

typedef struct _SERIAL_HANDFLOW {
    ULONG ControlHandShake;
    ULONG FlowReplace;
    LONG XonLimit;
    LONG XoffLimit;
} SERIAL_HANDFLOW, *PSERIAL_HANDFLOW;

/* Errors: not the CE_ bits */
#define SERIAL_ERROR_BREAK ((ULONG)0x00000001)
#define SERIAL_ERROR_FRAMING ((ULONG)0x00000002)
#define SERIAL_ERROR_OVERRUN ((ULONG)0x00000004)
#define SERIAL_ERROR_QUEUEOVERRUN ((ULONG)0x00000008)
#define SERIAL_ERROR_PARITY ((ULONG)0x00000010)
/* HoldReasons */
#define SERIAL_TX_WAITING_FOR_CTS ((ULONG)0x00000001)
#define SERIAL_TX_WAITING_FOR_DSR ((ULONG)0x00000002)
#define SERIAL_TX_WAITING_FOR_DCD ((ULONG)0x00000004)
#define SERIAL_TX_WAITING_FOR_XON ((ULONG)0x00000008)
#define SERIAL_TX_WAITING_XOFF_SENT ((ULONG)0x00000010)
#define SERIAL_TX_WAITING_ON_BREAK ((ULONG)0x00000020)
#define SERIAL_RX_WAITING_FOR_DSR ((ULONG)0x00000040)

typedef struct _SERIAL_STATUS {
    ULONG Errors;
    ULONG HoldReasons;
    ULONG AmountInInQueue;
    ULONG AmountInOutQueue;
    BOOLEAN EofReceived;
    BOOLEAN WaitForImmediate;
} SERIAL_STATUS, *PSERIAL_STATUS;

typedef struct _SERIAL_XOFF_COUNTER {
    ULONG Timeout; /* milliseconds; 0: none */
    LONG Counter;
    UCHAR XoffChar;
} SERIAL_XOFF_COUNTER, *PSERIAL_XOFF_COUNTER;

typedef struct _SERIALPERF_STATS {
    ULONG ReceivedCount;
    ULONG TransmittedCount;
    ULONG FrameErrorCount;
    ULONG SerialOverrunErrorCount;
    ULONG BufferOverrunErrorCount;
    ULONG ParityErrorCount;
} SERIALPERF_STATS, *PSERIALPERF_STATS;

/* COMMPROP under its other name. */
typedef struct _SERIAL_COMMPROP {
    USHORT PacketLength;
    USHORT PacketVersion;
    ULONG ServiceMask;
    ULONG Reserved1;
    ULONG MaxTxQueue;
    ULONG MaxRxQueue;
    ULONG MaxBaud;
    ULONG ProvSubType;
    ULONG ProvCapabilities;
    ULONG SettableParams;
    ULONG SettableBaud;
    USHORT SettableData;
    USHORT SettableStopParity;
    ULONG CurrentTxQueue;
    ULONG CurrentRxQueue;
    ULONG ProvSpec1;
    ULONG ProvSpec2;
    WCHAR ProvChar[1];
} SERIAL_COMMPROP, *PSERIAL_COMMPROP;

#define SERIAL_SP_UNSPECIFIED ((ULONG)0x00000000)
#define SERIAL_SP_RS232 ((ULONG)0x00000001)
#define SERIAL_SP_PARALLEL ((ULONG)0x00000002)
#define SERIAL_SP_RS422 ((ULONG)0x00000003)
#define SERIAL_SP_RS423 ((ULONG)0x00000004)
#define SERIAL_SP_RS449 ((ULONG)0x00000005)
#define SERIAL_SP_MODEM ((ULONG)0x00000006)
#define SERIAL_SP_FAX ((ULONG)0x00000021)
#define SERIAL_SP_SCANNER ((ULONG)0x00000022)
#define SERIAL_SP_BRIDGE ((ULONG)0x00000100)
#define SERIAL_SP_LAT ((ULONG)0x00000101)
#define SERIAL_SP_TELNET ((ULONG)0x00000102)
#define SERIAL_SP_X25 ((ULONG)0x00000103)
#define SERIAL_SP_SERIALCOMM ((ULONG)0x00000001)

#define SERIAL_PCF_DTRDSR ((ULONG)0x00000001)
#define SERIAL_PCF_RTSCTS ((ULONG)0x00000002)
#define SERIAL_PCF_CD ((ULONG)0x00000004)
#define SERIAL_PCF_PARITY_CHECK ((ULONG)0x00000008)
#define SERIAL_PCF_XONXOFF ((ULONG)0x00000010)
#define SERIAL_PCF_SETXCHAR ((ULONG)0x00000020)
#define SERIAL_PCF_TOTALTIMEOUTS ((ULONG)0x00000040)
#define SERIAL_PCF_INTTIMEOUTS ((ULONG)0x00000080)
#define SERIAL_PCF_SPECIALCHARS ((ULONG)0x00000100)
#define SERIAL_PCF_16BITMODE ((ULONG)0x00000200)

#define SERIAL_SP_PARITY ((ULONG)0x00000001)
#define SERIAL_SP_BAUD ((ULONG)0x00000002)
#define SERIAL_SP_DATABITS ((ULONG)0x00000004)
#define SERIAL_SP_STOPBITS ((ULONG)0x00000008)
#define SERIAL_SP_HANDSHAKING ((ULONG)0x00000010)
#define SERIAL_SP_PARITY_CHECK ((ULONG)0x00000020)
#define SERIAL_SP_CARRIER_DETECT ((ULONG)0x00000040)

#define SERIAL_BAUD_075 ((ULONG)0x00000001)
#define SERIAL_BAUD_110 ((ULONG)0x00000002)
#define SERIAL_BAUD_134_5 ((ULONG)0x00000004)
#define SERIAL_BAUD_150 ((ULONG)0x00000008)
#define SERIAL_BAUD_300 ((ULONG)0x00000010)
#define SERIAL_BAUD_600 ((ULONG)0x00000020)
#define SERIAL_BAUD_1200 ((ULONG)0x00000040)
#define SERIAL_BAUD_1800 ((ULONG)0x00000080)
#define SERIAL_BAUD_2400 ((ULONG)0x00000100)
#define SERIAL_BAUD_4800 ((ULONG)0x00000200)
#define SERIAL_BAUD_7200 ((ULONG)0x00000400)
#define SERIAL_BAUD_9600 ((ULONG)0x00000800)
#define SERIAL_BAUD_14400 ((ULONG)0x00001000)
#define SERIAL_BAUD_19200 ((ULONG)0x00002000)
#define SERIAL_BAUD_38400 ((ULONG)0x00004000)
#define SERIAL_BAUD_56K ((ULONG)0x00008000)
#define SERIAL_BAUD_128K ((ULONG)0x00010000)
#define SERIAL_BAUD_115200 ((ULONG)0x00020000)
#define SERIAL_BAUD_57600 ((ULONG)0x00040000)
#define SERIAL_BAUD_USER ((ULONG)0x10000000)

#define SERIAL_DATABITS_5 ((USHORT)0x0001)
#define SERIAL_DATABITS_6 ((USHORT)0x0002)
#define SERIAL_DATABITS_7 ((USHORT)0x0004)
#define SERIAL_DATABITS_8 ((USHORT)0x0008)
#define SERIAL_DATABITS_16 ((USHORT)0x0010)
#define SERIAL_DATABITS_16X ((USHORT)0x0020)

#define SERIAL_STOPBITS_10 ((USHORT)0x0001)
#define SERIAL_STOPBITS_15 ((USHORT)0x0002)
#define SERIAL_STOPBITS_20 ((USHORT)0x0004)
#define SERIAL_PARITY_NONE ((USHORT)0x0100)
#define SERIAL_PARITY_ODD ((USHORT)0x0200)
#define SERIAL_PARITY_EVEN ((USHORT)0x0400)
#define SERIAL_PARITY_MARK ((USHORT)0x0800)
#define SERIAL_PARITY_SPACE ((USHORT)0x1000)

#define SERIAL_EV_RXCHAR 0x0001
#define SERIAL_EV_RXFLAG 0x0002
#define SERIAL_EV_TXEMPTY 0x0004
#define SERIAL_EV_CTS 0x0008
#define SERIAL_EV_DSR 0x0010
#define SERIAL_EV_RLSD 0x0020
#define SERIAL_EV_BREAK 0x0040
#define SERIAL_EV_ERR 0x0080
#define SERIAL_EV_RING 0x0100
#define SERIAL_EV_PERR 0x0200
#define SERIAL_EV_RX80FULL 0x0400
#define SERIAL_EV_EVENT1 0x0800
#define SERIAL_EV_EVENT2 0x1000

#define SERIAL_PURGE_TXABORT 0x00000001
#define SERIAL_PURGE_RXABORT 0x00000002
#define SERIAL_PURGE_TXCLEAR 0x00000004
#define SERIAL_PURGE_RXCLEAR 0x00000008

/* GET_DTRRTS and GET_MODEMSTATUS */
#define SERIAL_DTR_STATE ((ULONG)0x00000001)
#define SERIAL_RTS_STATE ((ULONG)0x00000002)
#define SERIAL_CTS_STATE ((ULONG)0x00000010)
#define SERIAL_DSR_STATE ((ULONG)0x00000020)
#define SERIAL_RI_STATE ((ULONG)0x00000040)
#define SERIAL_DCD_STATE ((ULONG)0x00000080)

/* GET_ and SET_MODEM_CONTROL */
#define SERIAL_IOC_MCR_DTR ((ULONG)0x00000001)
#define SERIAL_IOC_MCR_RTS ((ULONG)0x00000002)
#define SERIAL_IOC_MCR_OUT1 ((ULONG)0x00000004)
#define SERIAL_IOC_MCR_OUT2 ((ULONG)0x00000008)
#define SERIAL_IOC_MCR_LOOP ((ULONG)0x00000010)

/* SET_FIFO_CONTROL */
#define SERIAL_IOC_FCR_FIFO_ENABLE ((ULONG)0x00000001)
#define SERIAL_IOC_FCR_RCVR_RESET ((ULONG)0x00000002)
#define SERIAL_IOC_FCR_XMIT_RESET ((ULONG)0x00000004)
#define SERIAL_IOC_FCR_DMA_MODE ((ULONG)0x00000008)
#define SERIAL_IOC_FCR_RES1 ((ULONG)0x00000010)
#define SERIAL_IOC_FCR_RES2 ((ULONG)0x00000020)
#define SERIAL_IOC_FCR_RCVR_TRIGGER_LSB ((ULONG)0x00000040)
#define SERIAL_IOC_FCR_RCVR_TRIGGER_MSB ((ULONG)0x00000080)

/* LSRMST_INSERT: what follows the escape character in what is read.  The escape character itself
 * was received; line status and the byte it is of; line status alone; modem status. */
#define SERIAL_LSRMST_ESCAPE ((BYTE)0x00)
#define SERIAL_LSRMST_LSR_DATA ((BYTE)0x01)
#define SERIAL_LSRMST_LSR_NODATA ((BYTE)0x02)
#define SERIAL_LSRMST_MST ((BYTE)0x03)

COMM_END_DECLS

#endif
