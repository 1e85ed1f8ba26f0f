/* SPDX-License-Identifier: MIT */
/* An operation as it begins, as it is taken back, and as its device is lost under it. */
#include "libcomm/dev/serial/work.h"
#include "libcomm/plat/clock.h"

/* ---- one try at an operation ---- */

/* A read asks the line for what the type-ahead lacks; but not again right after the last time, if
 * it has something to return or will wait. */
static bool must_ask(const struct ci_serial *s, const struct ci_op *op, uint64_t now_ns)
{
    if (s->com.rx.count >= op->len)
        return false;
    if (!ci_serial_fresh(s, now_ns))
        return true;
    return s->com.rx.count == 0 && ci_read_rule(&s->com.timeouts, op->len).at_once;
}

static bool read_attempt(struct ci_serial *s, struct ci_op *op, uint64_t now_ns)
{
    struct ci_com_read *read = &s->com.read;

    if (op->len == 0)
        return ci_serial_ends(op, STATUS_SUCCESS, 0);
    if (!ci_list_empty(&s->file.queue[CI_LANE_READ]))
        return false;
    if (must_ask(s, op, now_ns))
        ci_serial_receive(s, now_ns, s->file.done);
    if (s->dead)
        return false;
    ci_com_read_start(&s->com, op->buf, op->len, now_ns);
    if (!read->over)
        return false;
    ci_com_read_stop(&s->com);
    ci_serial_stamp(s, op);
    return ci_serial_ends(op, read->status, read->got);
}

/* There may be room again, and the peer must hear of it. */
static bool read_and_answer(struct ci_serial *s, struct ci_op *op, uint64_t now_ns)
{
    bool over = read_attempt(s, op, now_ns);

    if (!s->dead && ci_com_sending(&s->com))
        ci_serial_push(s, now_ns, s->file.done);
    return over;
}

static bool write_attempt(struct ci_serial *s, struct ci_op *op, uint64_t now_ns)
{
    struct ci_com_write *write = &s->com.write;

    if (op->len == 0)
        return ci_serial_ends(op, STATUS_SUCCESS, 0);
    s->writes_begun++;
    if (!ci_list_empty(&s->file.queue[CI_LANE_WRITE]))
        return false;
    ci_com_write_start(&s->com, op->data, op->len, now_ns);
    ci_serial_give(s, s->file.done);
    if (s->dead || !write->over)
        return false;
    ci_serial_write_ended(s);
    return ci_serial_ends(op, write->status, write->done);
}

static bool flush_attempt(struct ci_serial *s, struct ci_op *op)
{
    op->offset = s->writes_begun;
    s->flushing = !ci_serial_flushed(s, op); /* then the line is to be asked again */
    return !s->flushing && ci_serial_ends(op, STATUS_SUCCESS, 0);
}

/* What it found on the line has stopped everything: it is as if it had been there before. */
static bool stopped(struct ci_serial *s, struct ci_op *op)
{
    if (!s->com.aborted || op->kind == CI_OP_FLUSH)
        return false;
    if (op->kind == CI_OP_READ) {
        ci_com_read_stop(&s->com);
    } else {
        ci_serial_cut_write(s, STATUS_CANCELLED);
        ci_serial_write_ended(s);
    }
    return ci_serial_ends(op, STATUS_CANCELLED, 0);
}

/* The device went while the operation was in no queue, where the loss would have found it. */
bool ci_serial_gone(const struct ci_serial *s, struct ci_op *op)
{
    return s->dead && ci_serial_ends(op, STATUS_CANCELLED, 0);
}

/* A program that asks again and again needs nobody who asks in between. */
static void tended(struct ci_file *file)
{
    for (unsigned i = 0; i < CI_LANES; i++)
        if (!ci_list_empty(&file->queue[i]))
            return;
    ci_lane_tended(&file->pump, CI_LANE_READ);
}

bool ci_serial_attempt(struct ci_file *file, struct ci_op *op)
{
    struct ci_serial *s = ci_serial_of(file);
    uint64_t now_ns = ci_now_ns();
    bool over = true;

    s->working = true;
    tended(file);
    if (op->kind == CI_OP_READ)
        over = read_and_answer(s, op, now_ns);
    else if (op->kind == CI_OP_WRITE)
        over = write_attempt(s, op, now_ns);
    else if (op->kind == CI_OP_FLUSH)
        over = flush_attempt(s, op);
    else
        ci_serial_ends(op, STATUS_INVALID_DEVICE_REQUEST, 0);
    if (!s->dead)
        ci_serial_round_end(s, now_ns, file->done);
    s->flushing = false;
    s->working = false;
    if (!s->dead)
        ci_serial_tell_watchers(s, file->done);
    return over || stopped(s, op) || ci_serial_gone(s, op);
}

/* ---- taken back, and gone ---- */

/* With nothing in the queue it is the one that was just tried and cannot wait. */
static bool is_first(struct ci_serial *s, enum ci_lane_id lane, const struct ci_op *op)
{
    const struct ci_op *first = ci_serial_first(s, lane);

    return first == op || first == NULL;
}

static void control_withdrawn(struct ci_serial *s, const struct ci_op *op)
{
    if (op->kind == CI_OP_FLUSH)
        return;
    if (op->code == IOCTL_SERIAL_WAIT_ON_MASK) {
        ci_com_wait_stop(&s->com);
    } else {
        ci_com_char_stop(&s->com);
        s->wrote = true;
    }
}

void ci_serial_withdrawn(struct ci_file *file, struct ci_op *op)
{
    struct ci_serial *s = ci_serial_of(file);

    if (op->kind == CI_OP_READ) {
        if (is_first(s, CI_LANE_READ, op))
            ci_com_read_stop(&s->com);
    } else if (op->kind == CI_OP_WRITE) {
        if (is_first(s, CI_LANE_WRITE, op) && s->com.write.active) {
            ci_serial_cut_write(s, STATUS_CANCELLED);
            ci_com_write_stop(&s->com);
        }
        s->writes_ended++;
        s->wrote = true;
    } else {
        control_withdrawn(s, op);
    }
}

/* What stood behind it begins, unless a round is under way that will see to it. */
void ci_serial_withdrew(struct ci_file *file, struct ci_done *done)
{
    ci_serial_work(ci_serial_of(file), done);
}

static bool match_any(struct ci_op *op, const void *unused)
{
    (void)op;
    (void)unused;
    return true;
}

void ci_serial_lose(struct ci_serial *s, struct ci_done *done)
{
    struct ci_file *file = &s->file;
    bool working = s->working;

    if (s->dead)
        return;
    s->dead = s->working = true;
    ci_file_withdraw(file, match_any, NULL, STATUS_CANCELLED, done);
    s->working = working;
    ci_com_purge(&s->com);
    for (int i = 0; i < CI_LANES; i++) {
        ci_lane_disturb(&file->pump.lane[i], &done->wakes); /* who polls its descriptor */
        ci_lane_pending(&file->pump, (enum ci_lane_id)i, false);
    }
    ci_source_close(&file->pump, 0);
    file->fd = -1;
    s->line->ops->lost(s->line);
}
