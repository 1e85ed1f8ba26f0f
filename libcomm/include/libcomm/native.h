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
 * A handle over any descriptor that can be polled, with access GENERIC_READ and/or GENERIC_WRITE.
 * It takes ownership unless COMM_WRAP_DUP is given; on failure (INVALID_HANDLE_VALUE) the
 * descriptor is still the caller's.
 *
 * The handle must not block: sockets are read with MSG_DONTWAIT and stay as they are; ttys and
 * FIFOs are opened again through /proc, so that O_NONBLOCK is not shared with anyone (the
 * descriptor's number may change: ask CommGetFd).  Where that is impossible (eventfd, timerfd,
 * signalfd, a device without permission) O_NONBLOCK is set on the shared open file description and
 * taken back when the handle is closed.
 *
 * A zero-byte read completes when the descriptor is readable and takes nothing: any descriptor can
 * so be watched, through an event, a routine or a completion port.
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

/* ---- diagnosis ---- */

/* What the handle is and what is pending on it, in one line of text; the length without the NUL, as
 * snprintf counts. */
COMM_API size_t WINAPI CommDescribeHandle(HANDLE handle, char *text, size_t room)
    COMM_NAME(CommDescribeHandle);

COMM_END_DECLS

#endif
