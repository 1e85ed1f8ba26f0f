/* SPDX-License-Identifier: MIT */
/* A thread that sleeps in TIOCMIWAIT while a port's modem lines matter.  It says only "look": what
 * has changed is in the levels and counts.  A change is heard of at once that way, and an 8250
 * counts edges only once somebody has waited for one.  Without it - the driver has no such call, or
 * no thread is to be had - the port looks every 10 ms, as it does anyway: a change between two
 * waits of the thread wakes nobody. */
#include <sched.h>
#include <stdatomic.h>

#include "libcomm/dev/serial/tty_line.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_tty.h"

#define STACK_BYTES (64u << 10)
#define PROD_EVERY_NS (CI_NS_PER_MS / 10)

/* OUT -> IN: by the thread, about to call; -> OUT: it is back.
 * IN -> PRODDED -> IN: by whoever holds the port's lock, while he sends the signal, so that the
 * thread cannot end meanwhile and leave its number to another. */
enum { OUT, IN, PRODDED };

struct ci_tty_watch {
    _Atomic unsigned refs; /* the line's and the thread's */
    _Atomic int state;
    _Atomic bool stop;
    _Atomic uint32_t tid; /* valid while IN */
    int fd;
    struct ci_file *file; /* a reference, the thread's */
};

static void watch_put(struct ci_tty_watch *watch)
{
    if (atomic_fetch_sub(&watch->refs, 1) == 1)
        ci_sys_free(watch);
}

/* ---- the thread ---- */

/* Until something has changed; false: never again. */
static bool wait_once(struct ci_tty_watch *watch)
{
    int result = 0, in = IN;

    atomic_store(&watch->state, IN); /* either this is seen by who stops us, or his stop by us */
    if (!atomic_load(&watch->stop))
        result = ci_sys_tty_wait(watch->fd);
    while (!atomic_compare_exchange_weak(&watch->state, &in, OUT)) {
        in = IN;
        sched_yield();
    }
    return !atomic_load(&watch->stop) && (result == 0 || result == -EINTR);
}

static void *watch_main(void *arg)
{
    struct ci_tty_watch *watch = arg;

    ci_sys_tty_wait_begins();
    atomic_store(&watch->tid, ci_sys_tid());
    while (wait_once(watch))
        ci_line_noticed(watch->file);
    ci_file_put(watch->file);
    watch_put(watch);
    return NULL;
}

/* ---- the line; under the port's lock, or alone ---- */

/* Out of its call, if it is in it. */
static bool prod(struct ci_tty_watch *watch)
{
    int in = IN;

    if (!atomic_compare_exchange_strong(&watch->state, &in, PRODDED))
        return false;
    ci_sys_tty_wait_ends(atomic_load(&watch->tid));
    atomic_store(&watch->state, IN);
    return true;
}

static void begin(struct ci_tty_line *tty)
{
    struct ci_tty_watch *watch = ci_sys_alloc(sizeof *watch);

    if (watch == NULL)
        return;
    watch->refs = 2;
    watch->fd = tty->line.fd;
    watch->file = tty->line.file;
    ci_obj_get(&watch->file->obj);
    if (ci_sys_thread(watch_main, watch, STACK_BYTES, true, "comm-lines") == 0) {
        tty->watch = watch;
        return;
    }
    ci_file_put(watch->file);
    ci_sys_free(watch);
}

/* A signal that comes right before the call is lost, so it is sent again until the thread is out.
 */
static void end(struct ci_tty_line *tty)
{
    struct ci_tty_watch *watch = tty->watch;

    if (watch == NULL)
        return;
    tty->watch = NULL;
    atomic_store(&watch->stop, true);
    while (prod(watch))
        ci_sys_poll(NULL, 0, PROD_EVERY_NS);
    watch_put(watch);
}

void ci_tty_watch(struct ci_line *line, bool on)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);

    if (!on)
        end(tty);
    else if (tty->watch == NULL && tty->may_watch && tty->has_lines && line->fd >= 0)
        begin(tty);
}

void ci_tty_watch_again(struct ci_tty_line *tty)
{
    if (tty->watch != NULL)
        (void)prod(tty->watch);
}

/* The thread is the parent's, and so is what it was given. */
void ci_tty_watch_forget(struct ci_tty_line *tty)
{
    tty->watch = NULL;
}
