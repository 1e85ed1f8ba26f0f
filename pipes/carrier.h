/* SPDX-License-Identifier: MIT */
/* Bytes and records on a socket: how much of the head record a read takes, where a partly read
 * record goes on, and how an empty record differs from the end.
 *
 * The rest of a partly read record stays in the kernel, behind SO_PEEK_OFF, so that whoever reads
 * next - another thread, another process with this end - goes on there.  The option is -1 at all
 * other times: at 0 or more it hides empty records and runs on into the next one. */
#ifndef PI_CARRIER_H
#define PI_CARRIER_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libcomm/plat/sys_socket.h"
#include "pipes/big.h"

struct pi_carrier {
    int fd;                /* -1: none */
    bool records;          /* SOCK_SEQPACKET */
    uint64_t owed;         /* records that the peer says are there: then nothing is an empty one */
    bool senders;          /* each record brings its sender, and so tells itself from the end */
    bool wary;             /* the peer is gone, and its count of records not to be trusted */
    bool bigs;             /* the peer has sent messages that are no records */
    struct pi_big big;     /* the head, if it is such a message; else: */
    uint32_t taken;        /* of the head record, if it is partly read */
    struct ci_peer sender; /* of the last record read, if `senders` */
};

struct pi_taken {
    size_t bytes;     /* delivered */
    uint64_t records; /* finished, so that they are gone */
    bool more;        /* the message has more than there was room for */
};

/* One read of up to `len` bytes.  `whole`: at most one message.  `fits`: no record can be longer
 * than len, so it may be taken without a look.  0 with *taken filled in, -EAGAIN when there is
 * nothing, -EPIPE at the end, or another negative errno. */
int pi_carrier_read(struct pi_carrier *c, void *buf, size_t len, bool whole, bool fits,
                    struct pi_taken *taken);
/* Looks without taking: up to `len` bytes, of the head record only unless the carrier has none.
 * *total is all that is there, *message the rest of the head record.  Like read otherwise. */
int pi_carrier_peek(struct pi_carrier *c, void *buf, size_t len, size_t *got, size_t *total,
                    size_t *message);
/* Throws away up to `len` bytes, or the (rest of the) head record. */
int pi_carrier_discard(struct pi_carrier *c, size_t len, struct pi_taken *taken);
/* A message of any size, between ends of which each knows that the other does. */
int pi_carrier_write_big(struct pi_carrier *c, const void *buf, size_t len);
/* Everything that is there. */
void pi_carrier_drain(struct pi_carrier *c);
/* What it holds itself; not the descriptor. */
void pi_carrier_fini(struct pi_carrier *c);
/* A record goes whole or not at all; a stream takes what it can.  -EPIPE when the peer is gone. */
ssize_t pi_carrier_write(struct pi_carrier *c, const void *buf, size_t len);
/* Of something that will be had again; nothing was written, and the peer is there. */
static inline bool pi_is_shortage(int error)
{
    return error == -ENOMEM || error == -ENOBUFS || error == -EMFILE || error == -ENFILE ||
           error == -ENOSPC || error == -ETOOMANYREFS;
}
/* Another process may have read a part of the head record: the socket knows. */
void pi_carrier_ask(struct pi_carrier *c);
/* Whether the other side has hung up, even if there is data left. */
bool pi_carrier_hung_up(const struct pi_carrier *c);

#endif
