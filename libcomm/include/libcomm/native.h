/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_NATIVE_H
#define LIBCOMM_NATIVE_H

/*
 * What a Linux program needs beyond Win32: descriptors as handles and back, events and the engine
 * in a foreign event loop, a handle's state in words.  Failures set the last error like every other
 * call.
 */

#include <stddef.h>

#include <libcomm/comm.h>

COMM_BEGIN_DECLS

/* ---- descriptors as handles ---- */

/* Whose rules the errors follow. */
#define COMM_KIND_DEFAULT \
    0 /* by what the descriptor is: FIFO, unix socket, eventfd: stream; other sockets; ttys */
#define COMM_KIND_STREAM \
    1 /* pipe rules: end of file 109, write to a gone peer 232, own close 109 */
#define COMM_KIND_SOCKET 2 /* Winsock rules: end of stream is success with 0 bytes */
#define COMM_KIND_TTY 3    /* a character device: hang-up 995, an OVERLAPPED is required */

#define COMM_WRAP_DUP 1  /* work on a duplicate; the descriptor stays the caller's */
#define COMM_WRAP_SYNC 2 /* a synchronous handle; else it is overlapped */

/*
 * A handle over any descriptor that can be polled, or of a regular file, with access GENERIC_READ
 * and/or GENERIC_WRITE. It takes ownership unless COMM_WRAP_DUP is given; on failure
 * (INVALID_HANDLE_VALUE) the descriptor is still the caller's.
 *
 * The handle must not block: sockets are read with MSG_DONTWAIT and stay as they are; ttys and
 * FIFOs are opened again through /proc, so that O_NONBLOCK is not shared with anyone (the
 * descriptor's number may change: ask CommGetFd).  Where that is impossible (eventfd, timerfd,
 * signalfd, a device without permission) O_NONBLOCK is set on the shared open file description and
 * taken back when the handle is closed.
 *
 * A zero-byte read completes when the descriptor is readable and takes nothing: any descriptor can
 * so be watched, through an event, a routine or a completion port.
 *
 * A regular file, which has no kind but the default one, becomes what CreateFile would make of it:
 * an overlapped handle works at the Offset it is given, and a synchronous one begins at the
 * descriptor's position, which neither of them moves.
 */
COMM_API HANDLE WINAPI CommWrapFd(int fd, DWORD kind, DWORD access, DWORD flags)
    COMM_NAME(CommWrapFd);
/*
 * Two connected handles, both GENERIC_READ | GENERIC_WRITE, of kind stream: a nameless duplex pipe
 * inside the process. What one end has pending is final when the call on the other end that
 * satisfied it returns.  Flags: COMM_WRAP_SYNC.
 */
COMM_API BOOL WINAPI CommCreateStreamPair(HANDLE *first, HANDLE *second, DWORD flags)
    COMM_NAME(CommCreateStreamPair);
/* The descriptor behind a handle, which goes on owning it; -1 when there is none. */
COMM_API int WINAPI CommGetFd(HANDLE handle) COMM_NAME(CommGetFd);

/* ---- foreign event loops ---- */

/* A descriptor that polls readable while the event is set.  It belongs to the event: never read or
 * close it.  After an auto-reset event polled readable, WaitForSingleObject(event, 0) decides who
 * got it. */
COMM_API int WINAPI CommGetEventPollFd(HANDLE event) COMM_NAME(CommGetEventPollFd);

/*
 * One descriptor for all pending operations and timers: from the first call on, a foreign loop
 * polls it and calls CommEngineDispatch when it is readable, and the library's own thread is not
 * used any more.  Waits of the library still make progress by themselves.
 */
COMM_API int WINAPI CommEngineFd(void) COMM_NAME(CommEngineFd);
/* Does what is due and returns; never blocks. */
COMM_API VOID WINAPI CommEngineDispatch(void) COMM_NAME(CommEngineDispatch);

/* The one call for a signal handler.  Call it once with NULL before (which prepares it and can
 * fail); then, in a handler, with a handle of an event: the event is set shortly after.  Touches
 * neither errno nor the last error. */
COMM_API BOOL WINAPI CommSetEventFromSignal(HANDLE event) COMM_NAME(CommSetEventFromSignal);

/* ---- serial ports ---- */

/*
 * Gives COMn a device for this process: a path, `usb:serial=..,vid=..,pid=..,if=..` (as many of
 * these as single one port out; vid and pid in hex) or `topology:1-2.3:1.0`; NULL takes that back.
 * It goes before map files (LIBCOMM_PORTS; else the user's libcomm/ports in $XDG_CONFIG_HOME or
 * ~/.config, and /etc/libcomm/ports), whose lines read `COM3 = /dev/serial/by-id/...`.  The device
 * need not be there now.  A port that is open stays what it is.  Errors: 87; 2: it was not mapped.
 */
COMM_API BOOL WINAPI CommMapPort(DWORD number, const char *device) COMM_NAME(CommMapPort);

#define COMM_PORT_NATIVE 1    /* a serial controller of the machine */
#define COMM_PORT_USB 2       /* an adapter, or a device that is its own */
#define COMM_PORT_BLUETOOTH 3 /* rfcomm */
#define COMM_PORT_VIRTUAL 4   /* a pty, a simulated cable: no hardware */

/* What is not known or does not apply is "" or 0. */
typedef struct COMM_PORT_INFO {
    DWORD number;
    DWORD transport;       /* COMM_PORT_* */
    char path[256];        /* of the device; "" for a simulated cable */
    char by_id[256];       /* /dev/serial/by-id/...: stays the same wherever it is plugged in */
    char by_path[256];     /* /dev/serial/by-path/...: whatever is plugged in here */
    char topology[64];     /* "1-2.3:1.0": bus, hubs, interface; see CommMapPort */
    char description[256]; /* for people */
    WORD usb_vid, usb_pid;
    LONG usb_interface; /* -1: not USB */
    char usb_manufacturer[256], usb_product[256], usb_serial[256];
} COMM_PORT_INFO;

/* The ports GetCommPorts counts, in the same way: an error code; 234 and how many there are when
 * there is no room for all, 2 when there are none.  Lowest first.  No port is opened to be listed.
 */
COMM_API DWORD WINAPI CommListPorts(COMM_PORT_INFO *ports, DWORD count, DWORD *found)
    COMM_NAME(CommListPorts);

/*
 * Why CreateFile failed with `error` for the name of a port (as it was given: `COM3`, a path), in
 * one sentence: which program has it, which group is missing, what it is mapped to, which ports are
 * there.  It looks now, so it may find that things have changed.  The length without the NUL, as
 * snprintf counts.
 */
COMM_API size_t WINAPI CommDescribePortError(const char *name, DWORD error, char *text, size_t room)
    COMM_NAME(CommDescribePortError);

/* The speed the device really has; SetCommState takes any that it comes within 3 % of (1 % from
 * 9600 on). */
COMM_API BOOL WINAPI CommGetPortRate(HANDLE port, DWORD *rate) COMM_NAME(CommGetPortRate);

typedef struct COMM_RS485 {
    BOOL enabled;
    BOOL rts_on_send;    /* the level of RTS while something is sent */
    BOOL rts_after_send; /* and else */
    BOOL receive_own;    /* what is sent is received too */
    BOOL terminate;      /* the bus ends here */
    DWORD before_ms, after_ms;
} COMM_RS485;
/* RTS switches an RS-485 transmitter, by the driver, to the microsecond.  *settings becomes what
 * the driver made of it.  It ends when the port is closed.  ERROR_NOT_SUPPORTED: not with this
 * driver; RTS_CONTROL_TOGGLE then does the same by itself, less exactly. */
COMM_API BOOL WINAPI CommSetPortRs485(HANDLE port, COMM_RS485 *settings)
    COMM_NAME(CommSetPortRs485);

/* Received bytes are handed on at once instead of when an adapter finds it worth while (FTDI: 1 ms
 * instead of 16), until the port is closed.  Where there is such a timer, read time limits below 32
 * ms do the same.  ERROR_NOT_SUPPORTED; 5: not without more rights. */
COMM_API BOOL WINAPI CommSetPortLowLatency(HANDLE port, BOOL on) COMM_NAME(CommSetPortLowLatency);

#define COMM_OUTPUT_DTR 1
#define COMM_OUTPUT_RTS 2
#define COMM_OUTPUT_BREAK 4
#define COMM_OUTPUT_OPEN 8 /* somebody has the port open */
/* Of DTR and RTS, those in `outputs` stay as they are when the port is closed, instead of falling;
 * 0 takes that back.  A program that is killed keeps nothing.  ERROR_NOT_SUPPORTED: a simulated
 * cable, whose ports drive nothing while they are closed. */
COMM_API BOOL WINAPI CommKeepPortOutputs(HANDLE port, DWORD outputs) COMM_NAME(CommKeepPortOutputs);

/* Each read that ends from now on leaves in Offset and OffsetHigh of its OVERLAPPED when its first
 * byte was received: nanoseconds of CLOCK_MONOTONIC, 0 for a read without bytes. */
COMM_API BOOL WINAPI CommSetReadStamps(HANDLE port, BOOL on) COMM_NAME(CommSetReadStamps);
/* The same of the last read that ended with bytes, for those without an OVERLAPPED. */
COMM_API BOOL WINAPI CommGetReadStamp(HANDLE port, ULONGLONG *ns) COMM_NAME(CommGetReadStamp);

#define COMM_PORT_ARRIVED 1
#define COMM_PORT_GONE 2
#define COMM_PORT_CHANGED 3 /* its owner or mode: who was denied access may try again */

typedef struct COMM_PORT_NOTICE {
    DWORD what; /* COMM_PORT_* */
    DWORD number;
    char path[248]; /* of the device, as in COMM_PORT_INFO */
} COMM_PORT_NOTICE;

#define COMM_NOTICES_SYNC 1    /* a synchronous handle; else it is overlapped */
#define COMM_NOTICES_PRESENT 2 /* the first notices are of ports that are there already */

/*
 * A handle from which ReadFile reads COMM_PORT_NOTICEs, as many as there are and fit; it waits
 * until there is one.  It is read like any file: with an event, a routine or a completion port.  A
 * read of no bytes waits and takes nothing; one of less than a notice fails with 122.
 *
 * They tell how the list of CommListPorts changes from this call on (so open first, and list then),
 * simulated cables excepted, which the program makes itself.  A port that went and came back
 * between two reads is told as both.  Where udev runs and libcomm was built with libudev, a port
 * arrives when its owner, mode and links are as they will be; elsewhere COMM_PORT_CHANGED may
 * follow.  A device that is mapped by path is heard of wherever it lies, if its directory exists
 * when something else is heard.  What a program maps while it reads is told with the next device.
 * In a forked child reads fail with 50.
 */
COMM_API HANDLE WINAPI CommOpenPortNotices(DWORD flags) COMM_NAME(CommOpenPortNotices);

/* ---- simulated serial ports ---- */

#define COMM_CABLE_PACED 1 /* bytes take the time they take at the speed of the port that sends */
#define COMM_CABLE_STRICT \
    2 /* between ports that are set differently, bytes arrive with framing or parity errors */

/*
 * A null-modem cable inside the process: COMfirst and COMsecond are there until its handle is
 * closed, and each is the other's peer: what one sends the other receives, RTS goes to CTS, DTR to
 * DSR and RLSD, a break to a break.  A port that nobody has open drives nothing, and what is sent
 * to it is lost.  Closing the handle unplugs ports that are still open.  A number that is 0 becomes
 * the lowest one above 32 that is free.  NULL with ERROR_ALREADY_EXISTS when there is a port of
 * that number, or ERROR_INVALID_PARAMETER.
 *
 * The cable is this process's alone: in a forked child its ports are gone.
 */
COMM_API HANDLE WINAPI CommCreateNullModem(DWORD first, DWORD second, DWORD flags)
    COMM_NAME(CommCreateNullModem);
COMM_API BOOL WINAPI CommGetNullModemPorts(HANDLE cable, DWORD *first, DWORD *second)
    COMM_NAME(CommGetNullModemPorts);

/* What a port receives: bytes, with any of these marks on each. */
#define COMM_INJECT_BYTES 0x00
#define COMM_INJECT_PARITY 0x01  /* with a parity error */
#define COMM_INJECT_FRAME 0x02   /* with a framing error */
#define COMM_INJECT_OVERRUN 0x04 /* and one before it was lost in the UART */
#define COMM_INJECT_BREAK 0x08   /* a break; without data, `len` bytes of 0 */
/* Or `len` times each of these, without data. */
#define COMM_INJECT_PULSE_CTS 0x10 /* the level changes and changes back before anybody looks */
#define COMM_INJECT_PULSE_DSR 0x20
#define COMM_INJECT_PULSE_RING 0x40
#define COMM_INJECT_PULSE_RLSD 0x80
#define COMM_INJECT_MISSED 0x100 /* the UART lost bytes */
#define COMM_INJECT_LOST 0x200   /* the system's buffer did */
/*
 * Makes `port`, one of the cable's two, receive something at once and besides what its peer sends;
 * what the port makes of it has happened when the call returns.  At a port that nobody has open it
 * is lost.  ERROR_INSUFFICIENT_BUFFER when so many bytes do not fit, and then none arrives.
 */
COMM_API BOOL WINAPI CommInjectNullModem(HANDLE cable, DWORD port, DWORD what, const void *data,
                                         DWORD len) COMM_NAME(CommInjectNullModem);
/* The inputs MS_* of `port` in `mask` are as in `levels`, whatever its peer does, and RI, which no
 * peer drives; the rest is as the cable has it.  So mask 0 gives them all back. */
COMM_API BOOL WINAPI CommSetNullModemLines(HANDLE cable, DWORD port, DWORD mask, DWORD levels)
    COMM_NAME(CommSetNullModemLines);

/* What `port` does at the moment: COMM_OUTPUT_*. */
COMM_API BOOL WINAPI CommGetNullModemOutputs(HANDLE cable, DWORD port, DWORD *outputs)
    COMM_NAME(CommGetNullModemOutputs);
/* How many bytes have left `port` since the cable was made. */
COMM_API BOOL WINAPI CommGetNullModemSent(HANDLE cable, DWORD port, ULONGLONG *sent)
    COMM_NAME(CommGetNullModemSent);

/* ---- diagnosis ---- */

/* What the handle is and what is pending on it, in one line of text; the length without the NUL, as
 * snprintf counts. */
COMM_API size_t WINAPI CommDescribeHandle(HANDLE handle, char *text, size_t room)
    COMM_NAME(CommDescribeHandle);

COMM_END_DECLS

#endif
