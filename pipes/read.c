/* SPDX-License-Identifier: MIT */
/* Reading from an end: what is there, in the right portions; what to say when nothing is; and
 * telling the writer, who waits for its quota, what was consumed. */
#include <errno.h>

#include "libcomm/plat/error.h"
#include "libcomm/plat/sys_socket.h"
#include "pipes/end.h"

/* ---- telling the writer ---- */

static void consumed(struct pi_end *end, const struct pi_taken *taken)
{
    struct pi_flow *in = pi_end_in(end);

    if (in == NULL || (taken->bytes == 0 && taken->records == 0))
        return;
    /* seq_cst, and want_credit after it: see page.h */
    atomic_fetch_add(&in->bytes_consumed, taken->bytes);
    atomic_fetch_add(&in->records_consumed, taken->records);
    if (atomic_load(&in->want_credit) != 0)
        pi_link_ring(end->link, pi_end_peer_side(end));
}

/* Several processes may have the end, so the page's sum is what counts. */
void pi_read_demand(struct pi_end *end, int64_t change)
{
    struct pi_flow *in = pi_end_in(end);

    if (in != NULL && change != 0)
        atomic_fetch_add(&in->read_demand, (uint64_t)change);
}

/* ---- what was cancelled ---- */

static struct pi_range *in_ranges(const struct pi_end *end)
{
    return end->link->page->range[end->side == PI_SERVER ? 0 : 1];
}

/* The range that begins at or contains `at`, else the next one behind; `slots` is the peer's. */
static struct pi_range *range_near(struct pi_range *slots, uint64_t at, uint64_t *start,
                                   uint64_t *finish)
{
    struct pi_range *best = NULL;

    for (unsigned i = 0; i < PI_RANGES; i++) {
        uint64_t s = atomic_load(&slots[i].start), e = atomic_load(&slots[i].end);

        if (e == 0)
            continue;
        if (e <= at || e <= s) { /* behind us, or nonsense */
            atomic_store(&slots[i].end, 0);
            continue;
        }
        if (best == NULL || s < *start) {
            best = &slots[i];
            *start = s;
            *finish = e;
        }
    }
    return best;
}

uint64_t pi_read_cut_ahead(const struct pi_end *end)
{
    struct pi_flow *in = pi_end_in(end);
    uint64_t bytes = 0;

    if (in == NULL || atomic_load(&in->ranges) == end->cut_ranges)
        return 0;
    for (unsigned i = 0; i < PI_RANGES; i++) {
        const struct pi_range *r = &in_ranges(end)[i];

        if (atomic_load(&r->end) != 0)
            bytes += atomic_load(&r->bytes);
    }
    return bytes;
}

uint64_t pi_read_waiting(const struct pi_end *end)
{
    struct pi_flow *in = pi_end_in(end);

    return in == NULL ? 0 : atomic_load(&in->bytes_waiting);
}

/* How far the next cancelled range is, after those at the head are gone. */
static int cut_away(struct pi_end *end, struct pi_flow *in, uint64_t *room)
{
    struct pi_range *slots = in_ranges(end);
    _Atomic uint64_t *position = end->message ? &in->records_consumed : &in->bytes_consumed;

    for (;;) {
        uint64_t at = atomic_load(position), start = 0, finish = 0;
        struct pi_range *range = range_near(slots, at, &start, &finish);
        struct pi_taken taken;
        int error;

        *room = range == NULL ? UINT64_MAX : start > at ? start - at : 0;
        if (*room > 0)
            return 0;
        error = pi_carrier_discard(&end->carrier, (size_t)(finish - at), &taken);
        if (error != 0)
            return error;
        if (atomic_load(position) + (end->message ? taken.records : taken.bytes) >= finish)
            atomic_store(&range->end, 0); /* before the writer hears of it: it may use the slot */
        consumed(end, &taken);
    }
}

/* The kernel's lock on the socket is the process's own, and goes with it if it is killed. */
int pi_read_enter(struct pi_end *end)
{
    if (!pi_end_shared(end))
        return 0;
    end->contended = ci_sys_record_lock(end->carrier.fd) != 0;
    return end->contended ? -EAGAIN : 0;
}

void pi_read_leave(struct pi_end *end)
{
    if (pi_end_shared(end))
        ci_sys_record_unlock(end->carrier.fd);
}

/* A writer that was killed before it could count what it had sent owes nothing. */
static uint64_t owed_records(struct pi_flow *in)
{
    uint64_t sent = atomic_load(&in->records_sent), consumed = atomic_load(&in->records_consumed);

    return sent > consumed ? sent - consumed : 0;
}

int pi_read_skip_cut(struct pi_end *end, size_t *room)
{
    struct pi_flow *in = pi_end_in(end);
    uint64_t far = UINT64_MAX, published;
    int error;

    *room = SIZE_MAX;
    if (end->message && pi_end_shared(end))
        pi_carrier_ask(&end->carrier);
    if (in == NULL)
        return 0;
    end->carrier.bigs = atomic_load(&in->bigs) != 0;
    end->carrier.owed = owed_records(in);
    published = atomic_load(&in->ranges);
    if (published == end->cut_ranges)
        return 0;
    error = cut_away(end, in, &far);
    if (far == UINT64_MAX && error == 0)
        end->cut_ranges = published; /* none left; a later one is counted again */
    if (!end->message && far < *room)
        *room = (size_t)far;
    return error;
}

/* ---- one read ---- */

/* The page says that there is nothing, which saves asking the kernel.  The peer counts before its
 * WriteFile returns, so whatever was written is seen.  Not for a port: its set tells of data once,
 * perhaps before the peer has counted it. */
static bool known_empty(const struct pi_end *end, const struct pi_flow *in)
{
    return in != NULL && end->file.port == NULL && !end->gone &&
           atomic_load(&in->bytes_sent) == atomic_load(&in->bytes_consumed) &&
           atomic_load(&in->records_sent) == atomic_load(&in->records_consumed) &&
           end->carrier.taken == 0 && pi_end_fate(end) == PI_PAGE_CONNECTED;
}

static int take_piece_alone(struct pi_end *end, char *buf, size_t len, bool *cut,
                            struct pi_taken *taken)
{
    struct pi_flow *in = pi_end_in(end);
    bool whole = end->message && (end->mode & PIPE_READMODE_MESSAGE) != 0;
    size_t room;
    int error = pi_read_skip_cut(end, &room);

    if (error != 0)
        return error;
    *cut = room < len;
    error = pi_carrier_read(&end->carrier, buf, *cut ? room : len, whole,
                            in != NULL && len >= atomic_load(&in->largest), taken);
    if (error == 0)
        consumed(end, taken);
    return error;
}

/* One piece: as far as the next cancelled range. */
static int take_piece(struct pi_end *end, char *buf, size_t len, bool *cut, struct pi_taken *taken)
{
    int error = pi_read_enter(end);

    if (error != 0)
        return error;
    error = take_piece_alone(end, buf, len, cut, taken);
    pi_read_leave(end);
    return error;
}

static int take(struct pi_end *end, struct ci_op *op, struct pi_taken *taken)
{
    bool cut;
    int error;

    if (!pi_op_waits(op) && known_empty(end, pi_end_in(end)))
        return -EAGAIN;
    error = take_piece(end, op->buf, op->len, &cut, taken);
    if (error != 0)
        return error;
    end->was_read = true;
    while (cut && taken->bytes > 0 && taken->bytes < op->len) { /* a stream has no seam there */
        struct pi_taken next;

        if (take_piece(end, op->buf + taken->bytes, op->len - taken->bytes, &cut, &next) != 0)
            break;
        taken->bytes += next.bytes;
    }
    return 0;
}

/* The peer has closed its end and everything it wrote is consumed: this is the end, even if the
 * kernel has not closed the socket yet. */
bool pi_read_ended(const struct pi_end *end)
{
    const struct pi_flow *in = pi_end_in(end);

    return in != NULL && pi_end_peer_closed(end) && atomic_load(&in->bytes_waiting) == 0 &&
           atomic_load(&in->bytes_sent) == atomic_load(&in->bytes_consumed) &&
           atomic_load(&in->records_sent) == atomic_load(&in->records_consumed);
}

static uint32_t end_status(struct pi_end *end, int error)
{
    if (pi_end_fate(end) == PI_PAGE_DISCONNECTED)
        return STATUS_PIPE_DISCONNECTED;
    if (error == -EPIPE) /* a raw peer may have closed its half only */
        end->gone = end->link != NULL || pi_carrier_hung_up(&end->carrier);
    return error == -EPIPE ? STATUS_PIPE_BROKEN : ci_errno_status(CI_DOM_STREAM, -error);
}

static bool read_now(struct pi_end *end, struct ci_op *op, bool patient)
{
    struct pi_taken taken;
    int error = take(end, op, &taken);

    if (error == -EAGAIN && pi_read_ended(end))
        error = -EPIPE;
    if (error == -EAGAIN)
        return patient ? false : pi_finish(op, STATUS_PIPE_EMPTY, 0);
    if (error != 0)
        return pi_finish(op, end_status(end, error), 0);
    return pi_finish(op, taken.more ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS, taken.bytes);
}

bool pi_read_attempt(struct pi_end *end, struct ci_op *op)
{
    bool patient = pi_op_waits(op) || (end->mode & PIPE_NOWAIT) == 0;
    uint32_t status = pi_end_gate(end);

    if (status != 0)
        return pi_finish(op, status, 0);
    if (!pi_op_waits(op) && !ci_list_empty(&end->file.queue[CI_LANE_READ]))
        return patient ? false : pi_finish(op, STATUS_PIPE_EMPTY, 0); /* others are ahead */
    return read_now(end, op, patient);
}

/* ---- a message out, one back ---- */

/* Whether the caller has something unread, or reads pending that would take the answer. */
static bool answer_in_the_way(struct pi_end *end)
{
    size_t got, total, message, room;
    char byte;
    bool is;

    if (!ci_list_empty(&end->file.queue[CI_LANE_READ]) || pi_read_enter(end) != 0)
        return true;
    is = pi_read_skip_cut(end, &room) == 0 &&
         pi_carrier_peek(&end->carrier, &byte, 0, &got, &total, &message) == 0;
    pi_read_leave(end);
    return is;
}

static uint32_t transact_gate(struct pi_end *end)
{
    if (pi_end_fate(end) == PI_PAGE_DISCONNECTED && end->side == PI_CLIENT)
        return STATUS_PIPE_DISCONNECTED;
    if (end->state != PI_CONNECTED || pi_end_peer_closed(end))
        return STATUS_INVALID_PIPE_STATE;
    if (!end->duplex || (end->mode & PIPE_READMODE_MESSAGE) == 0)
        return STATUS_INVALID_PIPE_STATE;
    return answer_in_the_way(end) ? STATUS_PIPE_BUSY : 0;
}

/* Before anything is asked, the answer can be waited for. */
static uint32_t transact_ask(struct pi_end *end, struct ci_op *op)
{
    int error = ci_lane_engage(&end->file.pump.lane[CI_LANE_READ]);

    return error != 0 ? ci_errno_status(CI_DOM_SYSTEM, -error)
                      : pi_write_message(end, op->out, op->out_len);
}

static bool transact_begin(struct pi_end *end, struct ci_op *op)
{
    uint32_t status = transact_gate(end);

    if (status != 0)
        return pi_finish(op, status, 0);
    status = transact_ask(end, op);
    if (status == 0 && !read_now(end, op, true))
        return false;
    ci_lane_disengage(&end->file.pump.lane[CI_LANE_READ]);
    return status == 0 || pi_finish(op, status, 0);
}

/* The request lies in op->out until it is written; from then on the operation is a read. */
bool pi_transact_attempt(struct pi_end *end, struct ci_op *op)
{
    uint32_t status;

    if (!pi_op_waits(op))
        return transact_begin(end, op);
    status = pi_end_gate(end);
    return status != 0 ? pi_finish(op, status, 0) : read_now(end, op, true);
}

/* ---- the queue ---- */

void pi_read_step(struct pi_end *end, struct ci_done *done)
{
    struct ci_list *queue = &end->file.queue[CI_LANE_READ], *link;

    while ((link = ci_list_first(queue)) != NULL) {
        struct ci_op *op = CI_CONTAINER(link, struct ci_op, queue);
        bool over =
            op->kind == CI_OP_TRANSACT ? pi_transact_attempt(end, op) : pi_read_attempt(end, op);

        if (!over)
            return; /* stays QUEUED: whoever drives the lane comes back here */
        pi_read_demand(end, -(int64_t)op->len);
        ci_file_finish(&end->file, op, op->status, op->done, done);
    }
}
