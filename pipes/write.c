/* SPDX-License-Identifier: MIT */
/* Writing to an end: everything is handed to the kernel as soon as it takes it, and counts as done
 * when no more than the quota is unread.  These are two questions: a write may be in the kernel and
 * wait for its quota, or be within its quota and wait, as a copy, for the kernel. */
#include <errno.h>
#include <string.h>

#include "libcomm/plat/engine.h"
#include "libcomm/plat/sys.h"
#include "pipes/end.h"

/* ---- what the reader has taken ---- */

static struct pi_range *out_ranges(const struct pi_end *end)
{
    return end->link->page->range[end->side == PI_SERVER ? 1 : 0];
}

/* Frees what the reader has dealt with. */
static bool cut_counts(struct pi_end *end, struct pi_cut *cut)
{
    if (cut->end != 0 && atomic_load(&out_ranges(end)[cut->slot].end) == 0)
        cut->end = 0;
    return cut->end != 0;
}

/* The reader's count may be nonsense; it never goes back and never passes what was sent. */
static uint64_t consumed_bytes(struct pi_end *end)
{
    struct pi_flow *out = pi_end_out(end);
    uint64_t consumed = atomic_load(&out->bytes_consumed), sent = atomic_load(&out->bytes_sent);

    if (consumed < end->consumed_seen)
        consumed = end->consumed_seen;
    if (consumed > sent)
        consumed = sent;
    end->consumed_seen = consumed;
    return consumed;
}

/* Of the bytes before `upto`, as far as the quota is concerned: cancelled data that still lies
 * there is as good as consumed. */
static uint64_t settled_bytes(struct pi_end *end, uint64_t upto)
{
    uint64_t consumed = consumed_bytes(end), settled = consumed;

    for (unsigned i = 0; i < PI_CUTS; i++) {
        struct pi_cut *cut = &end->cut[i];

        if (cut_counts(end, cut) && cut->end > consumed && cut->end <= upto)
            settled += cut->end - (cut->start > consumed ? cut->start : consumed);
    }
    return settled;
}

static uint64_t unread_bytes(struct pi_end *end)
{
    uint64_t sent = atomic_load(&pi_end_out(end)->bytes_sent);

    return sent - settled_bytes(end, sent);
}

static uint64_t settled_records(struct pi_end *end)
{
    uint64_t consumed = atomic_load(&pi_end_out(end)->records_consumed), settled = consumed;

    for (unsigned i = 0; i < PI_CUTS; i++)
        if (cut_counts(end, &end->cut[i]) && end->cut[i].record >= consumed)
            settled++;
    return settled;
}

/* ---- handing over to the kernel ---- */

static void count_sent(struct pi_end *end, size_t bytes)
{
    struct pi_flow *out = pi_end_out(end);

    if (out == NULL)
        return;
    /* after the send: who sees the count finds the bytes */
    atomic_fetch_add(&out->bytes_sent, bytes);
    if (end->message)
        atomic_fetch_add(&out->records_sent, 1);
}

/* Before the send: a reader with less room than this looks before it takes. */
static void announce(struct pi_end *end, size_t len)
{
    struct pi_flow *out = pi_end_out(end);

    if (out != NULL && end->message && len > atomic_load(&out->largest))
        atomic_store(&out->largest, (uint32_t)len);
}

/* Too long for a record. */
static int hand_over_big(struct pi_end *end, const char *data, size_t len, size_t *done)
{
    struct pi_flow *out = pi_end_out(end);
    int error;

    if (out == NULL)
        return -EMSGSIZE;            /* a raw peer would not know what to do with it */
    atomic_fetch_add(&out->bigs, 1); /* before it goes: the reader looks for it then */
    error = pi_carrier_write_big(&end->carrier, data, len);
    if (error != 0)
        return error;
    *done = len;
    count_sent(end, len);
    return 0;
}

/* As much of it as the kernel takes; -EAGAIN if that is not all. */
static int hand_over(struct pi_end *end, const char *data, size_t len, size_t *done)
{
    announce(end, len);
    do {
        ssize_t n = pi_carrier_write(&end->carrier, data + *done, len - *done);

        if (n == -EMSGSIZE && end->message)
            return hand_over_big(end, data, len, done);
        if (n == -EPIPE)
            end->gone = true;
        if (n < 0)
            return *done > 0 && pi_is_shortage((int)n) ? -EAGAIN : (int)n;
        *done += (size_t)n;
        count_sent(end, (size_t)n);
    } while (*done < len);
    return 0;
}

/* Where a finished entry ends, for the quota and for cancelling it. */
static void mark(struct pi_end *end, struct ci_op *op)
{
    struct pi_flow *out = pi_end_out(end);

    if (out == NULL)
        return;
    op->offset = atomic_load(&out->bytes_sent);
    op->out = (void *)(uintptr_t)atomic_load(&out->records_sent); /* its record's number, plus 1 */
}

static bool is_sent(const struct ci_op *op)
{
    return op->done == op->len;
}

static struct pi_overflow *overflow_first(const struct pi_end *end)
{
    return ci_list_empty(&end->overflow)
               ? NULL
               : CI_CONTAINER(end->overflow.next, struct pi_overflow, link);
}

static struct ci_op *unsent_first(const struct pi_end *end)
{
    const struct ci_list *queue = &end->file.queue[CI_LANE_WRITE];

    for (struct ci_list *link = queue->next; link != queue; link = link->next) {
        struct ci_op *op = CI_CONTAINER(link, struct ci_op, queue);

        if (!is_sent(op))
            return op;
    }
    return NULL;
}

bool pi_write_unsent(const struct pi_end *end)
{
    return overflow_first(end) != NULL || unsent_first(end) != NULL;
}

/* Of what was ordered before `order`. */
static uint64_t unsent_bytes(const struct pi_end *end, uint32_t order)
{
    const struct ci_list *queue = &end->file.queue[CI_LANE_WRITE];
    uint64_t bytes = 0;

    for (struct ci_list *link = queue->next; link != queue; link = link->next) {
        const struct ci_op *op = CI_CONTAINER(link, struct ci_op, queue);

        if (op->code < order)
            bytes += op->len - op->done;
    }
    for (struct ci_list *link = end->overflow.next; link != &end->overflow; link = link->next) {
        const struct pi_overflow *o = CI_CONTAINER(link, struct pi_overflow, link);

        if (o->order < order)
            bytes += o->len - o->sent;
    }
    return bytes;
}

/* ---- copies of what the kernel has no room for ---- */

static void overflow_free(struct pi_end *end, struct pi_overflow *o)
{
    ci_list_del(&o->link);
    ci_sys_free(o);
    if (!ci_list_empty(&end->overflow))
        return;
    atomic_fetch_sub(&pi_ends_sending, 1);
    ci_engine_exit();
    ci_lane_pending(&end->file.pump, CI_LANE_WRITE,
                    !ci_list_empty(&end->file.queue[CI_LANE_WRITE]));
}

void pi_overflow_drop(struct pi_end *end)
{
    struct pi_overflow *o;

    while ((o = overflow_first(end)) != NULL)
        overflow_free(end, o);
}

static void overflow_insert(struct pi_end *end, struct pi_overflow *o)
{
    struct ci_list *at = &end->overflow;

    while (at->prev != &end->overflow &&
           CI_CONTAINER(at->prev, struct pi_overflow, link)->order > o->order)
        at = at->prev;
    ci_list_insert_before(&o->link, at);
}

/* For who peeks: bytes that are written but not in the socket; `more` will be in the queue soon. */
static void count_waiting(const struct pi_end *end, size_t more)
{
    if (pi_end_out(end) != NULL)
        atomic_store(&pi_end_out(end)->bytes_waiting, unsent_bytes(end, UINT32_MAX) + more);
}

/* The engine looks after the end until the copy is out.  Negative errno: nothing was done. */
static int overflow_add(struct pi_end *end, const void *data, size_t len, uint32_t order)
{
    bool first = ci_list_empty(&end->overflow);
    struct pi_overflow *o = ci_sys_alloc(sizeof *o + len);
    int error = o == NULL ? -ENOMEM : first ? ci_engine_enter() : 0;

    if (error != 0) {
        ci_sys_free(o);
        return error;
    }
    o->order = order;
    o->len = len;
    if (len > 0)
        memcpy(o->data, data, len);
    overflow_insert(end, o);
    count_waiting(end, 0);
    if (first) {
        atomic_fetch_add(&pi_ends_sending, 1);
        ci_lane_pending(&end->file.pump, CI_LANE_WRITE, true);
        ci_lane_refresh(&end->file.pump, CI_LANE_WRITE);
        ci_pump_settle(&end->file.pump);
    }
    return 0;
}

/* ---- one write at issue ---- */

struct room {
    uint64_t unread, demand; /* before the write */
    bool fits;
};

static struct room room_for(struct pi_end *end, size_t len)
{
    struct pi_flow *out = pi_end_out(end);
    struct room room = {.fits = true};

    if (out == NULL)
        return room; /* a raw peer: what the kernel takes */
    room.unread = unread_bytes(end) + unsent_bytes(end, UINT32_MAX);
    if (room.unread == 0)
        room.demand = atomic_load(&out->read_demand);
    room.fits = room.unread + len <= (uint64_t)pi_end_out_quota(end) + room.demand;
    return room;
}

static bool has_credit(struct pi_end *end, const struct ci_op *op)
{
    return pi_end_out(end) == NULL ||
           op->offset <= settled_bytes(end, op->offset) + pi_end_out_quota(end);
}

/* Asks the reader to ring, and looks again: it may just have read. */
static bool credit_came(struct pi_end *end, const struct ci_op *op)
{
    atomic_store(&pi_end_out(end)->want_credit, 1);
    return has_credit(end, op);
}

static uint32_t failed_status(const struct pi_end *end, int error, bool pending)
{
    if (pi_end_fate(end) == PI_PAGE_DISCONNECTED)
        return STATUS_PIPE_DISCONNECTED;
    if (error == -EPIPE)
        return pending ? STATUS_PIPE_BROKEN : STATUS_PIPE_CLOSING;
    if (error == -EMSGSIZE)
        return STATUS_INSUFFICIENT_RESOURCES;
    return ci_errno_status(CI_DOM_STREAM, -error);
}

static int hand_over_in_turn(struct pi_end *end, struct ci_op *op)
{
    int error = pi_write_unsent(end) ? -EAGAIN : hand_over(end, op->data, op->len, &op->done);

    if (error == 0)
        mark(end, op);
    return error;
}

static bool quota_has_room(struct pi_end *end, const struct ci_op *op)
{
    return unread_bytes(end) + unsent_bytes(end, op->code) + (op->len - op->done) <=
           pi_end_out_quota(end);
}

/* The kernel has no room, but the quota has: a copy of the rest waits in the program's stead. */
static bool copied(struct pi_end *end, struct ci_op *op)
{
    return overflow_add(end, op->data + op->done, op->len - op->done, op->code) == 0;
}

/* The same for a write that is to wait: the reader rings when there is room, or has just made it.
 */
static bool copied_if_fits(struct pi_end *end, struct ci_op *op)
{
    if (pi_end_out(end) == NULL)
        return false;
    if (!quota_has_room(end, op)) {
        atomic_store(&pi_end_out(end)->want_credit, 1);
        if (!quota_has_room(end, op))
            return false;
    }
    return copied(end, op);
}

static bool write_patiently(struct pi_end *end, struct ci_op *op)
{
    struct room room = room_for(end, op->len);
    int error = hand_over_in_turn(end, op);

    if (error != 0 && error != -EAGAIN)
        return pi_finish(op, failed_status(end, error, false), 0);
    op->code = ++end->order;
    if (error == 0 ? room.fits || credit_came(end, op) : copied_if_fits(end, op))
        return pi_finish(op, STATUS_SUCCESS, op->len);
    if (!is_sent(op))
        count_waiting(end, op->len - op->done);
    return false;
}

/* PIPE_NOWAIT: all of it, or what queued reads take of a stream, or nothing; a success each time.
 */
static bool write_at_once(struct pi_end *end, struct ci_op *op)
{
    struct room room = room_for(end, op->len);
    size_t asked = op->len;
    int error;

    if (!room.fits)
        op->len = end->message                      ? 0
                  : room.demand < (uint64_t)op->len ? (size_t)room.demand
                                                    : op->len;
    if (op->len == 0 && asked > 0)
        return pi_finish(op, STATUS_SUCCESS, 0);
    error = hand_over_in_turn(end, op);
    op->code = ++end->order;
    if (error == -EAGAIN && pi_end_out(end) != NULL && copied(end, op))
        error = 0;
    if (error == -EAGAIN) /* a raw peer's kernel is full */
        return pi_finish(op, STATUS_SUCCESS, op->done);
    if (error != 0)
        return pi_finish(op, failed_status(end, error, false), 0);
    return pi_finish(op, STATUS_SUCCESS, op->len);
}

uint32_t pi_write_message(struct pi_end *end, const void *data, size_t len)
{
    size_t done = 0;
    int error = pi_write_unsent(end) ? -EAGAIN : hand_over(end, data, len, &done);

    if (error == -EAGAIN)
        error = overflow_add(end, (const char *)data + done, len - done, ++end->order);
    return error == 0 ? STATUS_SUCCESS : failed_status(end, error, false);
}

/* Never pends.  In a stream it is nothing at all, but it still tells whether the peer is there. */
static bool write_nothing(struct pi_end *end, struct ci_op *op)
{
    if (end->message)
        return pi_finish(op, pi_write_message(end, "", 0), 0);
    if (pi_carrier_hung_up(&end->carrier))
        return pi_finish(op, failed_status(end, -EPIPE, false), 0);
    return pi_finish(op, STATUS_SUCCESS, 0);
}

bool pi_write_attempt(struct pi_end *end, struct ci_op *op)
{
    uint32_t status = pi_end_gate(end);

    if (status == 0 && pi_end_peer_closed(end))
        status = STATUS_PIPE_CLOSING;
    if (status != 0)
        return pi_finish(op, status, 0);
    if (op->len == 0)
        return write_nothing(end, op);
    return (end->mode & PIPE_NOWAIT) != 0 ? write_at_once(end, op) : write_patiently(end, op);
}

/* ---- the queue ---- */

/* Its writer was told that it is done, so it waits for better times. */
static int push_copy(struct pi_end *end, struct pi_overflow *o)
{
    int error = hand_over(end, o->data, o->len, &o->sent);

    if (error == 0)
        overflow_free(end, o);
    return pi_is_shortage(error) ? -EAGAIN : error;
}

/* A shortage is its own affair, and those behind it may go on. */
static int push_write(struct pi_end *end, struct ci_op *op, struct ci_done *done)
{
    int error = hand_over(end, op->data, op->len, &op->done);

    if (error == 0) {
        mark(end, op);
    } else if (pi_is_shortage(error)) {
        ci_file_finish(&end->file, op, failed_status(end, error, true), 0, done);
        error = 0;
    }
    return error;
}

/* Hands over what is waiting, oldest first, whether program's or copy. */
static int push(struct pi_end *end, struct ci_done *done)
{
    int error = 0;

    while (error == 0) {
        struct pi_overflow *o = overflow_first(end);
        struct ci_op *op = unsent_first(end);

        if (o != NULL && (op == NULL || o->order < op->code))
            error = push_copy(end, o);
        else if (op != NULL)
            error = push_write(end, op, done);
        else
            break;
    }
    return error == -EAGAIN ? 0 : error;
}

static void fail_all(struct pi_end *end, uint32_t status, struct ci_done *done)
{
    struct ci_list *link;

    pi_overflow_drop(end);
    while ((link = ci_list_first(&end->file.queue[CI_LANE_WRITE])) != NULL)
        ci_file_finish(&end->file, CI_CONTAINER(link, struct ci_op, queue), status, 0, done);
}

/* The head is done when its quota allows it, in the kernel or copied. */
static bool head_done(struct pi_end *end, struct ci_op *op)
{
    if (is_sent(op))
        return has_credit(end, op) || credit_came(end, op);
    return copied_if_fits(end, op);
}

static void linger_ends(struct pi_end *end)
{
    if (!end->lingers || !ci_list_empty(&end->overflow))
        return;
    end->lingers = false;
    pi_end_put(end); /* never the last: who steps an end holds it */
}

void pi_write_step(struct pi_end *end, struct ci_done *done)
{
    uint32_t status = pi_end_gate(end);
    struct ci_list *link;
    int error = status != 0 ? 0 : push(end, done);

    if (status == 0 && error != 0)
        status = failed_status(end, error, true);
    if (status == 0 && !ci_list_empty(&end->file.queue[CI_LANE_WRITE]))
        end->gone |= pi_carrier_hung_up(&end->carrier); /* who was killed has not said so */
    if (status == 0 && pi_end_peer_closed(end)) /* or it was sent away since the gate was asked */
        status = failed_status(end, -EPIPE, true);
    if (status != 0) {
        fail_all(end, status, done);
    } else {
        while ((link = ci_list_first(&end->file.queue[CI_LANE_WRITE])) != NULL) {
            struct ci_op *op = CI_CONTAINER(link, struct ci_op, queue);

            if (!head_done(end, op))
                break;
            ci_file_finish(&end->file, op, STATUS_SUCCESS, op->len, done);
        }
    }
    if (pi_end_out(end) != NULL && atomic_load(&pi_end_out(end)->bytes_waiting) != 0)
        count_waiting(end, 0);
    linger_ends(end);
}

/* ---- taking a write back ---- */

/* Tells the reader not to look at what is in the kernel already.  With all slots taken it stays. */
static void publish_cut(struct pi_end *end, uint64_t start, uint64_t finish, uint64_t record)
{
    struct pi_range *slots = out_ranges(end);

    for (unsigned i = 0; i < PI_CUTS; i++) {
        struct pi_cut *cut = &end->cut[i];

        if (cut_counts(end, cut) || atomic_load(&slots[i].end) != 0)
            continue;
        *cut = (struct pi_cut){.start = start, .end = finish, .record = record, .slot = i};
        atomic_store(&slots[i].start, end->message ? record : start);
        atomic_store(&slots[i].bytes, finish - start);
        atomic_store(&slots[i].end, end->message ? record + 1 : finish);
        atomic_fetch_add(&pi_end_out(end)->ranges, 1);
        return;
    }
}

void pi_write_withdrawn(struct pi_end *end, struct ci_op *op)
{
    struct pi_flow *out = pi_end_out(end);
    uint64_t finish;

    if (out == NULL)
        return; /* nobody could be told */
    finish = is_sent(op) ? op->offset : atomic_load(&out->bytes_sent);
    if (op->done > 0)
        publish_cut(end, finish - op->done, finish, (uint64_t)(uintptr_t)op->out - 1);
    op->done = op->len; /* no part of it goes out any more */
    if (atomic_load(&out->bytes_waiting) != 0)
        count_waiting(end, 0);
}

/* ---- flush ---- */

static uint64_t flush_goal(struct pi_end *end)
{
    struct pi_flow *out = pi_end_out(end);

    return end->message ? atomic_load(&out->records_sent) : atomic_load(&out->bytes_sent);
}

static bool ordered_before(const struct pi_end *end, uint32_t order)
{
    const struct pi_overflow *o = overflow_first(end);
    const struct ci_op *op = unsent_first(end);

    return (o != NULL && o->order <= order) || (op != NULL && op->code <= order);
}

static bool flushed(struct pi_end *end, struct ci_op *op)
{
    if (ordered_before(end, op->code))
        return false;
    if (pi_end_out(end) == NULL)
        return ci_sys_bytes_unsent(end->carrier.fd) <= 1; /* the last unit goes a moment later */
    if (op->offset == 0)
        op->offset = flush_goal(end) + 1;
    return (end->message ? settled_records(end) : settled_bytes(end, op->offset - 1)) + 1 >=
           op->offset;
}

/* Of a flush whose reader is gone. */
static uint32_t lost_status(const struct pi_end *end, bool waits)
{
    if (end->side == PI_CLIENT && pi_end_fate(end) == PI_PAGE_DISCONNECTED)
        return STATUS_PIPE_DISCONNECTED; /* since it was asked first */
    return waits ? STATUS_PIPE_BROKEN : STATUS_SUCCESS;
}

bool pi_flush_attempt(struct pi_end *end, struct ci_op *op)
{
    bool waits = pi_op_waits(op);

    if (end->side == PI_CLIENT && pi_end_fate(end) == PI_PAGE_DISCONNECTED)
        return pi_finish(op, STATUS_PIPE_DISCONNECTED, 0);
    if (end->state != PI_CONNECTED)
        return pi_finish(op, waits || end->side == PI_CLIENT ? STATUS_PIPE_DISCONNECTED : 0, 0);
    if (!waits) {
        op->code = end->order;
        op->offset = 0;
    }
    if (flushed(end, op))
        return pi_finish(op, STATUS_SUCCESS, 0);
    if (pi_end_peer_closed(end) || pi_carrier_hung_up(&end->carrier))
        return pi_finish(op, lost_status(end, waits), 0);
    if (pi_end_out(end) == NULL)
        return false;
    atomic_store(&pi_end_out(end)->want_credit, 1);
    return flushed(end, op) && pi_finish(op, STATUS_SUCCESS, 0);
}
