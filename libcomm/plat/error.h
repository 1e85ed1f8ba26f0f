/* SPDX-License-Identifier: MIT */
#ifndef CI_PLAT_ERROR_H
#define CI_PLAT_ERROR_H

/*
 * Three vocabularies for failure meet here: errno (Linux), NTSTATUS (what an operation ended with)
 * and Win32 error codes (what GetLastError returns).  Nothing here blocks, allocates or locks.
 */

#include <stdbool.h>
#include <stdint.h>

#include <libcomm/types.h>

/* What an errno was said about: the same number means different things on a pipe and on a socket.
 */
enum ci_domain {
    CI_DOM_FILE,
    CI_DOM_STREAM, /* pipe rules: FIFO, unix socket, eventfd */
    CI_DOM_SOCKET,
    CI_DOM_TTY,
    CI_DOM_SYSTEM, /* objects, threads, memory */
};

/* The calling thread's last error. */
uint32_t ci_last_error(void);
void ci_set_last_error(uint32_t win32_error);

/* Sets the last error and returns false, so that an entry point can fail on one line. */
bool ci_fail(uint32_t win32_error);

/*
 * The error code of a finished operation's status.  Success and informational statuses (TIMEOUT and
 * PENDING among them) are 0.  A status in the customer range (bit 29, which Microsoft never sets)
 * is its own error code; 0xC001nnnn and 0x8007nnnn carry a Win32 code in their low word; any other
 * unknown status is ERROR_MR_MID_NOT_FOUND, as on Windows.
 */
uint32_t ci_status_error(uint32_t ntstatus);

/*
 * The status of a failed system call; errnum is positive.  EINTR is the caller's to retry and
 * EAGAIN mostly the caller's to queue.  An errno without a row is carried, not flattened: it
 * becomes the customer status CI_STATUS_ERRNO | errnum, and ci_errno_of finds it again.
 *
 * CI_DOM_STREAM answers EPIPE as a writer and ECONNRESET as a reader: a call knows its direction.
 * CI_DOM_TTY answers EIO, ENODEV and ENXIO with CANCELLED, the end of what was pending on a port
 * that is gone; the port itself remembers that it is gone and refuses later calls.
 */
#define CI_STATUS_ERRNO 0xE0000000u
uint32_t ci_errno_status(enum ci_domain domain, int errnum);

/* The two steps above in one, for calls that are no operation. */
uint32_t ci_errno_error(enum ci_domain domain, int errnum);

/* The errno inside a carried status or error, or 0. */
int ci_errno_of(uint32_t status_or_error);

/* "ERROR_IO_PENDING", or NULL for a code types.h does not name.  The string is static. */
const char *ci_error_name(uint32_t error);

/* One English sentence for every code of types.h and for a carried errno that the system knows;
 * else NULL.  The string is static. */
const char *ci_error_text(uint32_t error);

#endif
