/* SPDX-License-Identifier: MIT */
/* The status page of a connection: what the kernel's socket cannot tell.  Both ends map it, often
 * in different processes, so its layout is a protocol; and the peer may write anything into it at
 * any time, so what is read from it is copied, clamped and never used as an index.
 *
 * Direction 0 is inbound (client to server), 1 outbound. */
#ifndef PI_PAGE_H
#define PI_PAGE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define PI_PAGE_BYTES 4096u
#define PI_PAGE_MAGIC 0x3150504Eu
#define PI_PAGE_VERSION 1u
#define PI_RANGES 16u

enum pi_page_state {
    PI_PAGE_CONNECTED,
    PI_PAGE_DISCONNECTED,
    PI_PAGE_SERVER_CLOSED,
    PI_PAGE_CLIENT_CLOSED,
};

/* Of one direction.  No lost wake-up: the writer stores want_credit and then reads `consumed`; the
 * reader stores `consumed` and then reads want_credit; all of it sequentially consistent, so one of
 * them sees the other. */
struct pi_flow {
    /* The writer's.  What was handed to the kernel, stored after the send: who sees the count finds
     * the bytes in the socket. */
    _Atomic uint64_t bytes_sent, records_sent;
    _Atomic uint32_t
        largest; /* record ever sent: a reader with that much room needs no look ahead */
    _Atomic uint32_t ranges; /* cancelled ranges ever published */
    _Atomic uint32_t bigs;   /* messages that went as memory files; counted before they go */
    uint32_t reserved0;
    _Atomic uint64_t bytes_waiting; /* written, but not in the socket for want of room */
    uint32_t reserved1[6];
    /* The reader's, but for want_credit. */
    _Atomic uint64_t bytes_consumed, records_consumed;
    _Atomic uint32_t want_credit; /* the writer's: ring its bell after each consumption */
    uint32_t reserved2;
    _Atomic uint64_t read_demand; /* bytes that queued reads are waiting for */
    uint32_t reserved3[8];
};

/* A cancelled write that is in the kernel already: [start, end) of the direction's byte positions,
 * or record numbers on a message pipe.  end 0: free.  The writer fills a slot, `end` last; the
 * reader clears `end` once it has discarded the range. */
struct pi_range {
    _Atomic uint64_t start, end;
    _Atomic uint64_t bytes; /* it covers, for who only looks */
    uint64_t reserved;
};

struct pi_page {
    uint32_t magic;
    uint16_t version, type; /* type: PIPE_TYPE_* */
    uint32_t server_pid, client_pid;
    uint32_t quota[2];
    _Atomic uint32_t state; /* enum pi_page_state; leaves CONNECTED once, by whoever is first */
    uint32_t withheld;      /* the client does not allow its server to act as it; fixed */
    uint32_t reserved[8];
    struct pi_flow flow[2];
    uint8_t reserved_for_locks[320];
    struct pi_range range[2][PI_RANGES];
};

_Static_assert(offsetof(struct pi_page, state) == 24, "page layout");
_Static_assert(offsetof(struct pi_page, flow) == 64, "page layout");
_Static_assert(sizeof(struct pi_flow) == 128, "page layout");
_Static_assert(offsetof(struct pi_flow, bytes_consumed) == 64, "page layout");
_Static_assert(offsetof(struct pi_page, range) == 640, "page layout");
_Static_assert(sizeof(struct pi_page) <= PI_PAGE_BYTES, "page layout");

#endif
