/* SPDX-License-Identifier: MIT */
/* From the machine to the line: levels, breaks, bytes, and how much of them has left. */
#include <errno.h>

#include "libcomm/dev/serial/work.h"

/* ---- outputs ---- */

bool ci_serial_line_idle(const struct ci_serial *s)
{
    const struct ci_line_ops *ops = s->line->ops;

    return ops->idle != NULL ? ops->idle(s->line)
                             : ops->unsent == NULL || ops->unsent(s->line) == 0;
}

static void apply_break(struct ci_serial *s)
{
    int error;

    if (s->breaking == s->com.breaking)
        return;
    error = s->line->ops->set_break(s->line, s->com.breaking);
    if (error == -EAGAIN)
        return; /* not before everything has left */
    if (error != 0)
        ci_com_break(&s->com, s->breaking); /* it cannot after all */
    s->breaking = s->com.breaking;
    ci_serial_stir(s);
}

size_t ci_serial_line_unsent(const struct ci_serial *s)
{
    return s->line->ops->unsent == NULL ? 0 : s->line->ops->unsent(s->line);
}

/* A write waits behind the one that is being sent. */
static bool more_to_write(const struct ci_serial *s)
{
    const struct ci_list *queue = &s->file.queue[CI_LANE_WRITE];

    return !ci_list_empty(queue) && (!s->com.write.active || queue->next != queue->prev);
}

/* Something is under way, or will be at once. */
static bool line_busy(const struct ci_serial *s, bool hold)
{
    if (!ci_serial_line_idle(s))
        return true;
    return !hold &&
           (ci_serial_line_unsent(s) > 0 || (ci_com_may_write(&s->com) && more_to_write(s)));
}

/* Levels first: RTS is up before anything goes. */
void ci_serial_apply(struct ci_serial *s)
{
    const struct ci_line_ops *ops = s->line->ops;
    bool hold = (s->com.tx_hold & ~CI_HOLD_BREAK) != 0;
    unsigned changed;

    if ((s->com.set.flow & SERIAL_RTS_MASK) == SERIAL_TRANSMIT_TOGGLE &&
        (ops->toggles == NULL || !ops->toggles(s->line)))
        ci_com_toggle(&s->com, !line_busy(s, hold));
    changed = s->outputs ^ s->com.outputs;
    if (changed != 0) {
        (void)ops->set_outputs(s->line, changed, s->com.outputs);
        s->outputs = s->com.outputs;
        ci_serial_stir(s);
    }
    apply_break(s);
    if (hold != s->held && ops->hold != NULL)
        ops->hold(s->line, hold);
    s->held = hold;
}

/* ---- sending ---- */

static size_t line_room(const struct ci_serial *s)
{
    return s->line->ops->window == NULL ? SIZE_MAX : s->line->ops->window(s->line);
}

/* While the line is held, what goes now is not for the queue that is held. */
static bool goes_past(const struct ci_serial *s)
{
    const struct ci_line_ops *ops = s->line->ops;

    return s->held && ops->passes != NULL && ops->passes(s->line, s->com.imm.byte);
}

/* One piece; 0: nothing may go, or the line takes nothing. */
static ssize_t give(struct ci_serial *s)
{
    const struct ci_line_ops *ops = s->line->ops;
    bool past = goes_past(s);
    struct ci_out out;
    ssize_t n;

    if (!ci_com_next_out(&s->com, past ? 1 : line_room(s), &out))
        return 0;
    out.past = past;
    n = out.flow || past ? ops->send_flow(s->line, out.bytes[0], out.stop)
                         : ops->send(s->line, out.bytes, out.len);
    if ((out.flow || past) && n == 0)
        n = 1;
    if (n == -EAGAIN) {
        s->full = true;
        return 0;
    }
    if (n > 0) {
        ci_com_gave(&s->com, &out, (size_t)n);
        ci_serial_stir(s);
    }
    return n;
}

void ci_serial_give(struct ci_serial *s, struct ci_done *done)
{
    ssize_t n;

    s->full = false;
    do {
        ci_serial_apply(s);
        n = give(s);
    } while (n > 0);
    if (n < 0)
        ci_serial_lose(s, done);
    else
        ci_com_unsent(&s->com, ci_serial_line_unsent(s));
}

/* How much of what the line took never leaves.  Held, so that nothing leaves between the answer and
 * the deed. */
static size_t take_back(struct ci_serial *s)
{
    const struct ci_line_ops *ops = s->line->ops;
    bool hold = ops->hold != NULL && !s->held;
    size_t unsent;

    if (ops->drop_output == NULL)
        return 0;
    if (hold)
        ops->hold(s->line, true);
    unsent = ci_serial_line_unsent(s);
    if (unsent > 0 && !ops->drop_output(s->line))
        unsent = 0;
    if (hold)
        ops->hold(s->line, false);
    return unsent;
}

/* The write is over before its end.  What the line cannot take back has left. */
void ci_serial_cut_write(struct ci_serial *s, uint32_t status)
{
    ci_com_write_cut(&s->com, s->dead ? 0 : take_back(s), status);
}

void ci_serial_write_ended(struct ci_serial *s)
{
    ci_com_write_stop(&s->com);
    s->writes_ended++;
    s->wrote = true;
}

void ci_serial_push(struct ci_serial *s, uint64_t now_ns, struct ci_done *done)
{
    struct ci_com_write *write = &s->com.write;
    struct ci_op *op;

    for (;;) {
        ci_serial_give(s, done);
        if (s->dead || (write->active && !write->over))
            return;
        op = ci_serial_first(s, CI_LANE_WRITE);
        if (op == NULL)
            return;
        if (write->active) {
            ci_serial_write_ended(s);
            ci_file_finish(&s->file, op, write->status, write->done, done);
        } else {
            ci_com_write_start(&s->com, op->data, op->len, now_ns);
        }
    }
}

uint32_t ci_serial_unsent(const struct ci_serial *s)
{
    size_t bytes = s->com.imm.active ? 1 : 0, unsent = ci_serial_line_unsent(s);

    CI_LIST_EACH (link, after, &s->file.queue[CI_LANE_WRITE])
        bytes += CI_CONTAINER(link, struct ci_op, queue)->len;
    if (s->com.write.active && s->com.write.given > unsent)
        bytes -= s->com.write.given - unsent;
    return bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
}
