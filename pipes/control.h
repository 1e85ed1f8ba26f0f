/* SPDX-License-Identifier: MIT */
/* What goes through a control door: records of one size, little-endian, with descriptors where the
 * operation says so.  Whoever sends anything else is not listened to any further. */
#ifndef PI_CONTROL_H
#define PI_CONTROL_H

#include <stdint.h>

#define PI_CTL_MAGIC 0x3143504Eu
#define PI_CTL_VERSION 1u
#define PI_CTL_REPLY 0x8000u

enum pi_ctl_op {
    PI_CTL_OPEN = 1, /* reply: data socket, page, bell to the server, bell to the client */
    PI_CTL_WAIT,
    PI_CTL_CREATE,
    PI_CTL_QUERY,
    PI_CTL_LISTEN,
    PI_CTL_DISCONNECT,
    PI_CTL_CLOSE_INSTANCE,
    PI_CTL_ASSIGN,
};

struct pi_ctl {
    uint32_t magic;
    uint16_t version, op;
    uint32_t id;     /* of the request; the reply has the same */
    uint32_t status; /* replies: an error code, 0 for success */
    uint32_t access; /* rights asked for; direction of the pipe */
    uint32_t pipe_mode;
    uint32_t flags;
    uint32_t timeout_ms; /* 0: the default */
    uint32_t max_instances, instances;
    uint32_t quota[2]; /* inbound, outbound */
    uint32_t instance;
    uint32_t server_pid, client_pid, client_uid;
    uint32_t client_gid;
    uint32_t reserved[7];
};

_Static_assert(sizeof(struct pi_ctl) == 96, "control record");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "control records are little-endian");

#define PI_CTL_FDS 4

/* Flags. */
#define PI_CTL_RAW 1u       /* ASSIGN: a raw client, with its socket only */
#define PI_CTL_FIRST 2u     /* CREATE: it is to be the first instance */
#define PI_CTL_AGAIN 4u     /* CREATE: the instance exists, its old owner is gone */
#define PI_CTL_LISTENS 8u   /* CREATE again: and it listens */
#define PI_CTL_WITHHELD 16u /* OPEN: the server may not act as this client */

/* Fills in magic and version.  Negative errno, or 0. */
int pi_ctl_send(int fd, struct pi_ctl *record, const int *fds, unsigned count);
/* One record with exactly `count` descriptors (one if it says RAW), or none if its status says
 * failure.  -EAGAIN: none yet; -EPIPE: the other side is gone; -EPROTO: it does not keep to the
 * rules. */
int pi_ctl_recv(int fd, struct pi_ctl *record, int *fds, unsigned count);

#endif
