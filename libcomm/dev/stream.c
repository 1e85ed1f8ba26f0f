/* SPDX-License-Identifier: MIT */
/* Streams: sockets, FIFOs, ttys, eventfds.  Sockets are asked not to block call by call; other
 * descriptors get an open file description of their own where that is possible, so that nobody
 * else's reads turn non-blocking. */
#include "libcomm/dev/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "libcomm/obj/handle.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/hint.h"
#include "libcomm/plat/sys.h"

enum transport {
    BY_SOCKET,  /* MSG_DONTWAIT on each call */
    BY_FD,      /* O_NONBLOCK is set */
    BY_POLLING, /* shared with others and left as it is: poll, then transfer what cannot block */
};

/* The two ends of a pair made here know each other, for as long as both are there. */
struct pair {
    struct ci_lock lock;
    struct stream *end[2]; /* guarded by lock; no references: an end leaves when it is destroyed */
};

struct stream {
    struct ci_file file;
    struct pair *pair; /* fixed before the handle exists; NULL: the other end is nobody we know */
    enum transport transport; /* fixed */
    bool restore;             /* O_NONBLOCK was set on a shared description, and goes at the end */
    bool keep;                /* a standard descriptor: never closed */
    int given;                /* the caller's, while ours only stands for it; else -1 */
    bool fifo;                /* writing may raise SIGPIPE */
    bool whole; /* eventfd and the like: transfers are records, a short write is an error */
};

static struct stream *stream_of(struct ci_file *file)
{
    return CI_CONTAINER(file, struct stream, file);
}

/* ---- bytes ---- */

static bool ready(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};

    return ci_sys_poll(&p, 1, 0) > 0;
}

static ssize_t bytes_in(struct stream *s, void *buf, size_t len)
{
    if (s->transport == BY_SOCKET)
        return ci_sys_recv(s->file.fd, buf, len, 0);
    if (s->transport == BY_POLLING && !ready(s->file.fd, POLLIN))
        return -EAGAIN;
    return ci_sys_read(s->file.fd, buf, len);
}

/* Polled for room, a blocking pipe takes at least PIPE_BUF bytes without blocking, and perhaps no
 * more. */
#define SAFE_CHUNK 4096u

static ssize_t bytes_out(struct stream *s, const void *buf, size_t len)
{
    if (s->transport == BY_SOCKET)
        return ci_sys_send(s->file.fd, buf, len, 0);
    if (s->transport == BY_POLLING) {
        if (!ready(s->file.fd, POLLOUT))
            return -EAGAIN;
        if (len > SAFE_CHUNK)
            len = SAFE_CHUNK;
    }
    return s->fifo ? ci_sys_write_quiet(s->file.fd, buf, len) : ci_sys_write(s->file.fd, buf, len);
}

/* A listening socket refuses to be read, but can be polled; one that is not connected polls as hung
 * up, and then the refusal stands. */
static ssize_t connection_there(int fd, ssize_t refusal)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    if (ci_sys_poll(&p, 1, 0) <= 0)
        return -EAGAIN;
    return (p.revents & POLLHUP) != 0 ? refusal : 1;
}

/* A zero-byte read is a question: is there something?  It takes nothing.  0 at the end, 1 data, or
 * -EAGAIN. */
CI_APART static ssize_t readable(struct stream *s)
{
    ssize_t n;
    char byte;

    if (s->transport == BY_SOCKET) {
        n = ci_sys_recv(s->file.fd, &byte, 1, MSG_PEEK);
        return n == -EINVAL || n == -ENOTCONN ? connection_there(s->file.fd, n) : n;
    }
    if (!ready(s->file.fd, POLLIN))
        return -EAGAIN;
    return ci_sys_bytes_readable(s->file.fd) == 0 ? 0 : 1;
}

/* ---- one try at an operation ---- */

static bool finish(struct ci_op *op, uint32_t status, size_t bytes)
{
    op->status = status;
    op->done = bytes;
    return true;
}

/* The end of a stream: a broken pipe for pipe rules, an empty success for a socket, a port that is
 * gone. */
CI_RARE static bool finish_end(struct stream *s, struct ci_op *op)
{
    switch (s->file.ops->domain) {
    case CI_DOM_SOCKET:
        return finish(op, STATUS_SUCCESS, 0);
    case CI_DOM_TTY:
        return finish(op, STATUS_CANCELLED, 0);
    case CI_DOM_STREAM:
    case CI_DOM_FILE:
    case CI_DOM_SYSTEM:
        break;
    }
    return finish(op, STATUS_PIPE_BROKEN, 0);
}

CI_RARE static bool finish_error(struct stream *s, struct ci_op *op, int error)
{
    enum ci_domain domain = s->file.ops->domain;

    if (domain == CI_DOM_STREAM && error == EPIPE)
        return finish(op, op->kind == CI_OP_WRITE ? STATUS_PIPE_CLOSING : STATUS_PIPE_BROKEN, 0);
    if (domain == CI_DOM_STREAM && error == ECONNRESET)
        return finish(op, op->kind == CI_OP_WRITE ? STATUS_PIPE_CLOSING : STATUS_PIPE_BROKEN, 0);
    return finish(op, ci_errno_status(domain, error), 0);
}

static bool attempt_read(struct stream *s, struct ci_op *op)
{
    ssize_t n = op->len == 0 ? readable(s) : bytes_in(s, op->buf, op->len);

    if (n == -EAGAIN)
        return false;
    if (n < 0)
        return finish_error(s, op, (int)-n);
    if (n == 0)
        return finish_end(s, op);
    return finish(op, STATUS_SUCCESS, op->len == 0 ? 0 : (size_t)n);
}

static bool attempt_write(struct stream *s, struct ci_op *op)
{
    while (op->done < op->len) {
        ssize_t n = bytes_out(s, op->data + op->done, op->len - op->done);

        if (n == -EAGAIN)
            return false;
        if (n < 0)
            return finish_error(s, op, (int)-n);
        op->done += (size_t)n;
    }
    return finish(op, STATUS_SUCCESS, op->done);
}

static bool stream_attempt(struct ci_file *file, struct ci_op *op)
{
    struct stream *s = stream_of(file);

    if (op->kind == CI_OP_READ)
        return attempt_read(s, op);
    if (op->kind == CI_OP_WRITE)
        return attempt_write(s, op);
    return finish(op, STATUS_INVALID_DEVICE_REQUEST, 0);
}

static uint32_t stream_admit(struct ci_file *file, struct ci_op *op)
{
    (void)file;
    return op->segments > 0 ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

static void stream_interest(struct ci_file *file, unsigned lanes, struct ci_want *want)
{
    uint32_t events = 0;

    if ((lanes & CI_LANE_BIT(CI_LANE_READ)) != 0)
        events |= EPOLLIN;
    if ((lanes & CI_LANE_BIT(CI_LANE_WRITE)) != 0)
        events |= EPOLLOUT;
    if (events == 0)
        return;
    want->on[want->count].source = &file->pump.source[0];
    want->on[want->count].events = events;
    want->count++;
}

/* ---- pairs ---- */

static struct stream *pair_other(struct stream *s)
{
    struct stream *other;

    ci_lock(&s->pair->lock);
    other = s->pair->end[s->pair->end[0] == s];
    if (other != NULL && !ci_obj_try_get(&other->file.obj))
        other = NULL;
    ci_unlock(&s->pair->lock);
    return other;
}

static struct ci_file *stream_peer(struct ci_file *file)
{
    struct stream *other = stream_of(file)->pair == NULL ? NULL : pair_other(stream_of(file));

    return other == NULL ? NULL : &other->file;
}

static void pair_leave(struct stream *s)
{
    struct pair *pair = s->pair;
    bool last;

    ci_lock(&pair->lock);
    pair->end[pair->end[1] == s] = NULL;
    last = pair->end[0] == NULL && pair->end[1] == NULL;
    ci_unlock(&pair->lock);
    if (last)
        ci_sys_free(pair);
}

int ci_stream_pair(struct ci_file *a, struct ci_file *b)
{
    struct pair *pair = ci_sys_alloc(sizeof *pair);

    if (pair == NULL)
        return -ENOMEM;
    ci_lock_init(&pair->lock, CI_RANK_LEAF);
    pair->end[0] = stream_of(a);
    pair->end[1] = stream_of(b);
    stream_of(a)->pair = stream_of(b)->pair = pair;
    return 0;
}

/* The end of the stream has arrived: what the other end waits for is over when CloseHandle returns.
 */
static void pair_hang_up(struct stream *s)
{
    struct stream *other = pair_other(s);

    pair_leave(s);
    if (other == NULL)
        return;
    ci_file_step(&other->file, CI_LANES_ALL, NULL);
    ci_file_put(&other->file);
}

/* ---- life ---- */

static void stream_destroy(struct ci_file *file)
{
    struct stream *s = stream_of(file);

    if (s->restore) {
        int flags = ci_sys_fcntl(file->fd, F_GETFL, 0);

        if (flags >= 0)
            ci_sys_fcntl(file->fd, F_SETFL, flags & ~O_NONBLOCK);
    }
    if (!s->keep)
        ci_sys_close(file->fd);
    if (s->pair != NULL)
        pair_hang_up(s);
}

/* The description is the parent's as well, and the parent still wants it not to block. */
static void stream_forked(struct ci_file *file)
{
    stream_of(file)->restore = false;
}

static void stream_inherit(struct ci_file *file, bool inherit)
{
    ci_sys_fcntl(file->fd, F_SETFD, inherit ? 0 : FD_CLOEXEC);
}

static uint32_t stream_flush(struct ci_file *file)
{
    (void)file; /* nothing is held back here, and what the kernel holds the peer may read at any
                   time */
    return 0;
}

#define STREAM_OPS(rules, type_code, on_close, strict)                                  \
    {                                                                                   \
        .domain = (rules), .type = (type_code), .needs_overlapped = (strict),           \
        .closing_status = (on_close), .admit = stream_admit, .attempt = stream_attempt, \
        .interest = stream_interest, .flush = stream_flush, .destroy = stream_destroy,  \
        .inherit = stream_inherit, .peer = stream_peer, .forked = stream_forked,        \
    }

static const struct ci_file_ops stream_ops[CI_STREAM_KINDS] = {
    [CI_STREAM_PIPE] = STREAM_OPS(CI_DOM_STREAM, FILE_TYPE_PIPE, STATUS_PIPE_BROKEN, false),
    [CI_STREAM_SOCKET] = STREAM_OPS(CI_DOM_SOCKET, FILE_TYPE_PIPE, STATUS_CANCELLED, false),
    [CI_STREAM_TTY] = STREAM_OPS(CI_DOM_TTY, FILE_TYPE_CHAR, STATUS_CANCELLED, true),
};

static const struct ci_obj_ops stream_obj_ops = CI_FILE_OBJ_OPS("stream", struct stream);

/* Our own description through /proc, where the kernel and the permissions allow; else the flag on
 * the shared one. */
static int own_description(int fd, bool reopen, bool *shared)
{
    int flags = ci_sys_fcntl(fd, F_GETFL, 0);
    char path[40];
    int own;

    *shared = false;
    if (flags < 0)
        return flags;
    if ((flags & O_NONBLOCK) != 0)
        return fd;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    own = reopen ? ci_sys_open(path, (flags & O_ACCMODE) | O_NONBLOCK, 0) : -ENXIO;
    if (own >= 0)
        return own;
    *shared = true;
    flags = ci_sys_fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    return flags < 0 ? flags : fd;
}

/* Most devices are another one when opened again: a pty's master has another slave then. */
static bool can_reopen(int fd, const struct stat *st)
{
    return S_ISFIFO(st->st_mode) || (ci_sys_isatty(fd) && st->st_rdev != makedev(5, 2));
}

static int transport_choose(struct stream *s, int *fd, const struct stat *st)
{
    int own;

    if (S_ISSOCK(st->st_mode)) {
        s->transport = BY_SOCKET;
        return 0;
    }
    s->transport = BY_FD;
    own = own_description(*fd, can_reopen(*fd, st), &s->restore);
    if (own < 0)
        return own;
    if (own != *fd)
        s->given = *fd; /* from here on the new one stands for it */
    *fd = own;
    return 0;
}

static int stream_make(int fd, enum ci_stream_kind kind, bool overlapped, bool standard,
                       struct ci_file **made)
{
    struct ci_obj *obj;
    struct stream *s;
    struct stat st;
    int error = ci_sys_fstat(fd, &st);

    if (error != 0)
        return error;
    obj = ci_obj_new(&stream_obj_ops);
    if (obj == NULL)
        return -ENOMEM;
    s = CI_CONTAINER(ci_file_of(obj), struct stream, file);
    s->fifo = S_ISFIFO(st.st_mode);
    s->keep = standard;
    s->given = -1;
    ci_file_init(&s->file, &stream_ops[kind], fd, overlapped);
    error = ci_pump_add_source(&s->file.pump, 0, fd);
    if (error == 0 && standard)
        s->transport = S_ISSOCK(st.st_mode) ? BY_SOCKET : BY_POLLING;
    else if (error == 0)
        error = transport_choose(s, &s->file.fd, &st);
    if (error != 0) {
        ci_pump_fini(&s->file.pump);
        ci_obj_abandon(obj);
        return error;
    }
    s->file.pump.source[0].fd = s->file.fd;
    *made = &s->file;
    return 0;
}

static void given_close(struct stream *s)
{
    if (s->given >= 0)
        ci_sys_close(s->given);
    s->given = -1;
}

int ci_stream_new(int fd, enum ci_stream_kind kind, bool overlapped, struct ci_file **made)
{
    int error = stream_make(fd, kind, overlapped, false, made);

    if (error == 0)
        given_close(stream_of(*made));
    return error;
}

/* Only with a handle is the descriptor ours; without one the caller has it back as it was. */
int ci_stream_wrap(int fd, enum ci_stream_kind kind, bool overlapped, uint32_t access,
                   HANDLE *handle)
{
    struct ci_file *file;
    int error = stream_make(fd, kind, overlapped, false, &file);

    if (error != 0)
        return error;
    ci_obj_get(&file->obj); /* it outlives a handle that is not to be had */
    *handle = ci_handle_give(&file->obj, ci_file_access_map(access), false);
    if (*handle != NULL)
        given_close(stream_of(file));
    else
        stream_of(file)->keep = stream_of(file)->given < 0;
    ci_file_put(file);
    return *handle != NULL ? 0 : -ENOMEM;
}

HANDLE ci_stream_wrap_std(int fd)
{
    enum ci_stream_kind kind = ci_sys_isatty(fd) ? CI_STREAM_TTY : CI_STREAM_PIPE;
    struct ci_file *file;
    int error = stream_make(fd, kind, false, true, &file);

    if (error != 0) {
        ci_fail(ci_errno_error(CI_DOM_STREAM, -error));
        return INVALID_HANDLE_VALUE;
    }
    return ci_handle_give(&file->obj, ci_file_access_map(GENERIC_READ | GENERIC_WRITE), false);
}
