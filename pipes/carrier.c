/* SPDX-License-Identifier: MIT */
/* Reads and writes on the data socket of an end.  The caller holds the end's lock: the option
 * SO_PEEK_OFF and what is read under it belong together. */
#include "pipes/carrier.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "libcomm/plat/sys.h"

/* A peer that closed with something unread leaves a reset in front of what it had sent: it says
 * nothing about the data behind it, and is reported once. */
static ssize_t receive(struct pi_carrier *c, void *buf, size_t len, int flags)
{
    ssize_t n = ci_sys_recv(c->fd, buf, len, flags);

    return n == -ECONNRESET ? ci_sys_recv(c->fd, buf, len, flags) : n;
}

/* A record with its sender.  -EPIPE at the end, which has none. */
static ssize_t receive_record(struct pi_carrier *c, void *buf, size_t len, int flags)
{
    struct ci_record record = {.data = buf, .len = len};
    ssize_t n = ci_sys_record_recv(c->fd, &record, flags);

    if (n == -ECONNRESET)
        n = ci_sys_record_recv(c->fd, &record, flags);
    for (unsigned i = 0; i < record.fds; i++)
        ci_sys_close(record.fd[i]); /* nobody asked for them */
    if (n < 0)
        return n;
    if (!record.has_sender)
        return -EPIPE;
    c->sender = record.sender;
    return n;
}

bool pi_carrier_hung_up(const struct pi_carrier *c)
{
    struct pollfd p = {.fd = c->fd, .events = 0};

    return ci_sys_poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)) != 0;
}

/* The next record.  Without senders an empty one looks like the end; but the end owes nothing and
 * has hung up.  A peer that has hung up and claims to owe something is believed once: from then on
 * the kernel tells. */
static ssize_t record(struct pi_carrier *c, void *buf, size_t len, int flags)
{
    ssize_t n;

    if (c->senders || c->wary)
        return receive_record(c, buf, len, flags);
    n = receive(c, buf, len, flags);
    if (n != 0 || !pi_carrier_hung_up(c))
        return n;
    if (c->owed == 0)
        return -EPIPE;
    ci_sys_socket_set(c->fd, SO_PASSCRED, 1);
    c->wary = true;
    return 0;
}

/* ---- streams ---- */

static int stream_read(struct pi_carrier *c, void *buf, size_t len, struct pi_taken *taken)
{
    char byte;
    ssize_t n = len > 0 ? receive(c, buf, len, 0) : receive(c, &byte, 1, MSG_PEEK);

    if (n < 0)
        return (int)n;
    if (n == 0)
        return -EPIPE;
    taken->bytes = len > 0 ? (size_t)n : 0;
    return 0;
}

/* ---- records ---- */

static void peek_from(struct pi_carrier *c, int offset)
{
    ci_sys_socket_set(c->fd, SO_PEEK_OFF, offset);
}

void pi_carrier_ask(struct pi_carrier *c)
{
    int offset = ci_sys_socket_get(c->fd, SO_PEEK_OFF);

    c->taken = offset > 0 ? (uint32_t)offset : 0;
}

static void head_gone(struct pi_carrier *c, struct pi_taken *taken)
{
    if (c->owed > 0)
        c->owed--;
    taken->records++;
}

static void head_drop(struct pi_carrier *c, struct pi_taken *taken)
{
    char byte;

    (void)receive(c, &byte, 0, MSG_TRUNC);
    if (c->taken > 0)
        peek_from(c, -1);
    c->taken = 0;
    head_gone(c, taken);
}

/* 1, 0, or a negative errno. */
static int head_is_big(struct pi_carrier *c)
{
    if (c->big.data != NULL)
        return 1;
    return c->bigs && c->taken == 0 ? pi_big_take(c->fd, &c->big) : 0;
}

static void big_read(struct pi_carrier *c, char *buf, size_t len, struct pi_taken *taken)
{
    size_t n = pi_big_look(&c->big, buf, len);

    taken->bytes += n;
    if (pi_big_skip(&c->big, n))
        head_gone(c, taken);
    else
        taken->more = true;
}

/* The head record, or what is left of it, as far as there is room. */
static int head_read(struct pi_carrier *c, char *buf, size_t len, struct pi_taken *taken)
{
    ssize_t n;
    int big = head_is_big(c);

    if (big < 0)
        return big;
    if (big > 0) {
        big_read(c, buf, len, taken);
        return 0;
    }
    n = record(c, buf, len, MSG_PEEK | MSG_TRUNC); /* its length, whatever the room */
    if (n < 0)
        return (int)n;
    if ((size_t)n <= len) {
        taken->bytes += (size_t)n;
        head_drop(c, taken);
        return 0;
    }
    taken->bytes += len;
    taken->more = true;
    if (len > 0 && c->taken == 0)
        peek_from(c, (int)len); /* from now on looking moves it */
    c->taken += (uint32_t)len;
    return 0;
}

/* Records as a stream: boundaries mean nothing, and empty records in between are passed over. */
static int records_join(struct pi_carrier *c, char *buf, size_t len, struct pi_taken *taken)
{
    int error = head_read(c, buf, len, taken);

    while (error == 0 && taken->bytes < len && taken->bytes > 0 && !taken->more) {
        struct pi_taken next = {0};

        if (head_read(c, buf + taken->bytes, len - taken->bytes, &next) != 0)
            break; /* what there is already is the answer */
        taken->bytes += next.bytes;
        taken->records += next.records;
        if (next.more)
            break;
    }
    taken->more = false;
    return error;
}

int pi_carrier_read(struct pi_carrier *c, void *buf, size_t len, bool whole, bool fits,
                    struct pi_taken *taken)
{
    ssize_t n;

    *taken = (struct pi_taken){0};
    if (!c->records)
        return stream_read(c, buf, len, taken);
    if (!whole)
        return records_join(c, buf, len, taken);
    if (!fits || c->bigs || c->taken > 0)
        return head_read(c, buf, len, taken);
    n = record(c, buf, len, 0);
    if (n < 0)
        return (int)n;
    taken->bytes = (size_t)n;
    head_gone(c, taken);
    return 0;
}

/* ---- looking ---- */

int pi_carrier_peek(struct pi_carrier *c, void *buf, size_t len, size_t *got, size_t *total,
                    size_t *message)
{
    char byte;
    ssize_t n;
    int there, big = c->records ? head_is_big(c) : 0;

    if (big < 0)
        return big;
    if (big > 0) {
        *got = pi_big_look(&c->big, buf, len);
        *message = c->big.len - c->big.at;
        there = ci_sys_bytes_readable(c->fd);
        *total = *message + (there > 0 ? (size_t)there : 0);
        return 0;
    }
    if (!c->records) {
        n = len > 0 ? receive(c, buf, len, MSG_PEEK) : receive(c, &byte, 1, MSG_PEEK);
        if (n == 0)
            return -EPIPE;
    } else {
        n = record(c, buf, len, MSG_PEEK | MSG_TRUNC);
        if (c->taken > 0)
            peek_from(c, (int)c->taken);
    }
    if (n < 0)
        return (int)n;
    there = ci_sys_bytes_readable(c->fd);
    *got = (size_t)n < len ? (size_t)n : len;
    *message = c->records ? (size_t)n : 0;
    *total = there < 0 ? *got : (size_t)there - c->taken;
    return 0;
}

/* ---- throwing away ---- */

int pi_carrier_discard(struct pi_carrier *c, size_t len, struct pi_taken *taken)
{
    char scratch[4096];
    ssize_t n;
    int big;

    *taken = (struct pi_taken){0};
    if (!c->records)
        return stream_read(c, scratch, len < sizeof scratch ? len : sizeof scratch, taken);
    big = head_is_big(c);
    if (big < 0)
        return big;
    if (big > 0) {
        taken->bytes = c->big.len - c->big.at;
        (void)pi_big_skip(&c->big, taken->bytes);
        head_gone(c, taken);
        return 0;
    }
    n = record(c, scratch, 0, MSG_PEEK | MSG_TRUNC);
    if (n < 0)
        return (int)n;
    taken->bytes = (size_t)n;
    head_drop(c, taken);
    return 0;
}

void pi_carrier_fini(struct pi_carrier *c)
{
    if (c->big.data != NULL)
        (void)pi_big_skip(&c->big, c->big.len - c->big.at);
}

#define DRAIN_MOST 4096 /* pieces: more than a socket holds, but a peer could go on for ever */

void pi_carrier_drain(struct pi_carrier *c)
{
    char scratch[4096];

    pi_carrier_fini(c);
    for (int left = DRAIN_MOST; left > 0; left--)
        if (receive(c, scratch, sizeof scratch, MSG_TRUNC) <= 0 &&
            ci_sys_bytes_readable(c->fd) <= 0)
            return;
}

/* ---- writing ---- */

ssize_t pi_carrier_write(struct pi_carrier *c, const void *buf, size_t len)
{
    ssize_t n = ci_sys_send(c->fd, buf, len, 0);

    if (n == -ECONNRESET)
        n = ci_sys_send(c->fd, buf, len, 0);
    return n == -ECONNRESET || n == -ENOTCONN || n == -ESHUTDOWN ? -EPIPE : n;
}

int pi_carrier_write_big(struct pi_carrier *c, const void *buf, size_t len)
{
    int error = pi_big_send(c->fd, buf, len);

    return error == -ECONNRESET || error == -ENOTCONN ? -EPIPE : error;
}
