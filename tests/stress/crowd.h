/* SPDX-License-Identifier: MIT */
/* A crowd of processes around two pipe names, and the books they keep in shared memory: a client
 * notes what it was told is written, a server what arrived, and both sides are compared for each
 * connection (*session*).  A client may be killed or stopped at any moment; the books survive it.
 *
 * Data is frames: a header, and bytes that follow from it, so that who reads one knows whether it
 * is whole, in its place, and not another's. */
#ifndef COMM_TESTS_STRESS_CROWD_H
#define COMM_TESTS_STRESS_CROWD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libcomm/pipes.h>

#include "stress.h"

enum { CROWD_SERVERS = 4, CROWD_CLIENTS = 64, CROWD_SESSIONS = 4 };

/* The data of one frame at most: more than one record holds. */
#define CROWD_MOST (640u * 1024)

enum crowd_kind { CROWD_MESSAGES, CROWD_BYTES, CROWD_KINDS };

/* ---- the books ---- */

#define CROWD_LIFE_SHIFT 32 /* of a session's number: in which life it began */

struct crowd_session {
    _Atomic uint64_t id; /* 0: nobody's */
    uint32_t life;       /* of the client's process */
    enum crowd_kind kind;
    _Atomic bool closed; /* what was begun and told is final: it closes now */
    /* Frames: WriteFile was called; has said that it is done; and of those, the ones that were in
     * the kernel at a later moment, so that not even a kill can lose them. */
    _Atomic uint32_t begun, told, safe;
    /* The server's. */
    _Atomic uint32_t arrived;
    _Atomic bool met, sent_away, settled;
};

struct crowd_client {
    _Atomic uint32_t life; /* which process it is */
    /* Lives up to this one were killed, or are about to be, or end with a handle open: what was
     * told is written may be lost unless it is safe. */
    _Atomic uint32_t doomed;
    _Atomic uint32_t doing; /* for who looks why nothing moves on: a line of its source */
    uint32_t sessions;      /* begun so far; its own */
    struct crowd_session session[CROWD_SESSIONS];
};

struct crowd {
    uint64_t seed;
    int owner; /* pid that names the pipes */
    _Atomic uint32_t failed;
    _Atomic bool stop, servers_stop;
    _Atomic uint32_t servers_ready;
    _Atomic uint64_t settled, frames, bytes, killed, sent_away, busy; /* for the report */
    struct crowd_client client[CROWD_CLIENTS];
    unsigned char pattern[CROWD_MOST + 65536];
};

extern struct crowd *crowd;

void crowd_make(uint64_t seed);
void crowd_unmake(void);
const char *crowd_name(enum crowd_kind kind);

/* Says what does not hold and notes it in the books.  The process stays as it is until it is
 * killed. */
#define CROWD_NEED(condition, ...) \
    ((condition) ? (void)0 : crowd_fail(__FILE__, __LINE__, #condition, __VA_ARGS__))
_Noreturn void crowd_fail(const char *file, int line, const char *what, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Whether nothing will be noted in a session's place any more, so that another may have it. */
bool crowd_over(const struct crowd_client *client, const struct crowd_session *session);

/* ---- frames ---- */

#define CROWD_NO_ANSWER UINT32_MAX

struct crowd_head {
    uint32_t magic, client;
    uint64_t session;
    uint32_t number; /* of its direction, from 0 */
    uint32_t len;    /* of the data behind it */
    uint32_t answer; /* so much data is wanted in answer */
    uint32_t blanks; /* empty messages since the last frame */
};

/* Puts a frame into `to`; its length. */
size_t crowd_frame(unsigned char *to, const struct crowd_head *head);

/* What has come in of one direction of one session. */
struct crowd_sieve {
    bool known; /* client and session are */
    uint32_t client, number, blanks;
    uint64_t session;
    struct crowd_head head;
    size_t got; /* of the frame */
};

/* Takes up to `len` bytes; *used of them belong to the frame.  True when it is complete, and then
 * `head` is its.  Anything that should not be there ends the process. */
bool crowd_sift(struct crowd_sieve *sieve, const unsigned char *data, size_t len, size_t *used);

/* ---- the processes ---- */

_Noreturn void crowd_serve(unsigned number);
_Noreturn void crowd_visit(unsigned number);

#endif
