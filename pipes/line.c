/* SPDX-License-Identifier: MIT */
/* What comes through a line are clients; what goes out is whether one is wanted.  When the owner is
 * gone, the instances it knew look for a new one: the first to get the lock is it, the others
 * register there again. */
#include "pipes/line.h"

#include <errno.h>
#include <poll.h>

#include "libcomm/plat/clock.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/timer.h"
#include "pipes/control.h"
#include "pipes/remote.h"
#include "pipes/watch.h"

#define OWNER_PATIENCE_MS 30000u
#define RETRY_PATIENCE_MS 100u /* the engine waits; it has others to serve */
#define FAREWELL_MS 250u       /* with an owner that does not answer */
#define RETRY_MS 5u            /* the new owner needs a moment to open its doors */

struct pi_line {
    struct pi_watch watch; /* first */
    struct ci_timer timer; /* looks for an owner again */
    struct ci_lock lock;   /* rank LEAF */
    struct pi_end *end;    /* guarded by lock; no reference; NULL: closed */
    /* How often it began to listen: a client that was sent for an earlier time comes too late.
     * Changed under the names' lock. */
    _Atomic uint32_t round;
    struct pi_name name;  /* fixed */
    struct pi_create ask; /* what the pipe is like; fixed */
};

static struct pi_line *line_of(struct pi_watch *watch)
{
    return CI_CONTAINER(watch, struct pi_line, watch);
}

static struct pi_end *line_end(struct pi_line *line)
{
    struct pi_end *end;

    ci_lock(&line->lock);
    end = line->end;
    if (end != NULL && !ci_obj_try_get(&end->file.obj))
        end = NULL;
    ci_unlock(&line->lock);
    return end;
}

static void line_destroy(struct pi_watch *watch)
{
    ci_timer_fini(&line_of(watch)->timer);
    ci_sys_free(line_of(watch));
}

static void line_close(struct pi_line *line)
{
    ci_lock(&line->lock);
    line->end = NULL;
    ci_unlock(&line->lock);
    ci_timer_disarm(&line->timer);
    (void)pi_watch_want(&line->watch, false);
    ci_sys_shutdown(line->watch.fd); /* the owner hears it, even if a step holds the line */
    pi_watch_put(&line->watch);
}

void pi_line_end(struct pi_line *line)
{
    struct pollfd hung_up = {.fd = line->watch.fd, .events = 0};

    ci_sys_shutdown_write(line->watch.fd);
    (void)ci_sys_poll(&hung_up, 1, FAREWELL_MS * CI_NS_PER_MS);
    line_close(line);
}

/* ---- what goes out ---- */

static void say(struct pi_line *line, uint16_t op)
{
    struct pi_ctl record = {.op = op, .id = atomic_load(&line->round)};

    (void)pi_ctl_send(line->watch.fd, &record, NULL,
                      0); /* an owner that is gone is noticed anyway */
}

void pi_line_enlist(struct pi_line *line)
{
    atomic_fetch_add(&line->round, 1);
    say(line, PI_CTL_LISTEN);
}

void pi_line_unlist(struct pi_line *line)
{
    say(line, PI_CTL_DISCONNECT);
}

/* ---- what comes in ---- */

/* A client that came too late: the instance was disconnected or closed meanwhile. */
static void refuse(int fd, struct pi_link *link)
{
    if (link != NULL) {
        pi_link_close(link, PI_PAGE_DISCONNECTED);
        pi_link_ring(link, PI_CLIENT);
        pi_link_put(link);
    }
    ci_sys_close(fd);
}

static void assign(struct pi_line *line, struct pi_end *end, const struct pi_ctl *record,
                   const int *fds, struct ci_done *done)
{
    struct ci_peer client = {record->client_pid, record->client_uid, record->client_gid};
    struct pi_link *link = NULL;
    int error = 0;

    if ((record->flags & PI_CTL_RAW) == 0)
        error = pi_link_adopt(fds[1], &fds[2], &link);
    if (error == 0)
        error = end == NULL || record->id != atomic_load(&line->round)
                    ? -EBUSY
                    : pi_end_connect(end, fds[0], link, &client, done);
    if (error != 0)
        refuse(fds[0], link);
}

int pi_line_take(struct pi_line *line, struct pi_end *end, struct ci_done *done)
{
    struct pi_ctl record;
    int fds[PI_CTL_FDS] = {-1, -1, -1, -1};
    int error = pi_ctl_recv(line->watch.fd, &record, fds, PI_CTL_FDS);

    if (error == 0 && (record.op != PI_CTL_ASSIGN || record.status != 0)) {
        for (unsigned i = 0; i < PI_CTL_FDS; i++)
            if (fds[i] >= 0)
                ci_sys_close(fds[i]);
        error = -EPROTO;
    }
    if (error == 0)
        assign(line, end, &record, fds, done);
    else if (error == -EPROTO)
        ci_sys_shutdown(line->watch.fd); /* for the engine's thread: what it said is read by now */
    return error;
}

static void owner_lost(struct pi_line *line);

static void line_ready(struct pi_watch *watch)
{
    struct pi_line *line = line_of(watch);
    struct pi_end *end = line_end(line);
    int error = pi_end_arrival(end, line);

    if (end != NULL)
        pi_end_put(end);
    if (error != 0 && error != -EAGAIN)
        owner_lost(line);
}

/* ---- making ---- */

static bool timer_hold(struct ci_timer *timer)
{
    struct pi_line *line = CI_CONTAINER(timer, struct pi_line, timer);

    return line->watch.pump.ops->hold(&line->watch.pump);
}

static void timer_fire(struct ci_timer *timer)
{
    struct pi_line *line = CI_CONTAINER(timer, struct pi_line, timer);

    owner_lost(line);
    pi_watch_put(&line->watch);
}

/* fd is the line's on success. */
static int line_new(int fd, const struct pi_name *name, const struct pi_create *ask,
                    struct pi_end *end, struct pi_line **made)
{
    struct pi_line *line = ci_sys_alloc(sizeof *line);
    int error = line == NULL ? -ENOMEM : ci_timer_init(&line->timer, timer_hold, timer_fire);

    if (error == 0) {
        error = pi_watch_init(&line->watch, fd, line_ready, line_destroy);
        if (error != 0)
            ci_timer_fini(&line->timer);
    }
    if (error != 0) {
        ci_sys_free(line);
        return error;
    }
    ci_lock_init(&line->lock, CI_RANK_LEAF);
    line->end = end;
    atomic_init(&line->round, 1);
    line->name = *name;
    line->ask = *ask;
    *made = line;
    return 0;
}

static struct pi_ctl create_record(const struct pi_create *ask, uint32_t flags)
{
    return (struct pi_ctl){
        .op = PI_CTL_CREATE,
        .id = 1,
        .access = ask->direction,
        .pipe_mode = ask->pipe_mode,
        .flags = flags,
        .timeout_ms = ask->timeout_ms,
        .max_instances = ask->max_instances,
        .quota = {ask->quota[0], ask->quota[1]},
    };
}

/* The pipe as its owner has it, for the case that this process must own it one day. */
static struct pi_create learned(const struct pi_create *ask, const struct pi_ctl *reply)
{
    struct pi_create pipe = *ask;

    pipe.pipe_mode = (ask->pipe_mode & ~(uint32_t)PIPE_TYPE_MESSAGE) | reply->pipe_mode;
    pipe.max_instances = reply->max_instances;
    pipe.timeout_ms = reply->timeout_ms;
    return pipe;
}

/* fd is used up in any case. */
static int line_attach(struct pi_end *end, int fd, const struct pi_name *name,
                       const struct pi_create *pipe)
{
    int error;

    end->key = pi_name_key(name);
    error = end->key == NULL ? -ENOMEM : line_new(fd, name, pipe, end, &end->line);
    if (error != 0) {
        ci_sys_close(fd);
        return error;
    }
    error = pi_watch_want(&end->line->watch, true);
    if (error != 0)
        pi_end_unname(end);
    return error;
}

uint32_t pi_line_create(const struct pi_name *name, const struct pi_create *ask,
                        struct pi_end **made)
{
    bool first = (ask->open_mode & FILE_FLAG_FIRST_PIPE_INSTANCE) != 0;
    struct pi_ctl record = create_record(ask, first ? PI_CTL_FIRST : 0);
    struct pi_create pipe;
    struct pi_end *end;
    int fd, failed;
    uint32_t error = pi_remote_ask(ask->where, name->key, &record, OWNER_PATIENCE_MS, &fd);

    if (error != 0)
        return error;
    pipe = learned(ask, &record);
    end = pi_instance_new(ask, record.pipe_mode == PIPE_TYPE_MESSAGE);
    if (end == NULL) {
        ci_sys_close(fd);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    failed = line_attach(end, fd, name, &pipe);
    if (failed != 0) {
        pi_end_put(end);
        return ci_errno_error(CI_DOM_SYSTEM, -failed);
    }
    *made = end;
    return 0;
}

/* ---- without an owner ---- */

static void try_again_later(struct pi_line *line)
{
    (void)ci_timer_arm(&line->timer, ci_deadline_ns(RETRY_MS));
}

/* Another process was faster: a new line to it takes the place of this one. */
static bool registered_again(struct pi_line *line, struct pi_end *end)
{
    bool listens = pi_end_listens(end);
    struct pi_ctl record = create_record(&line->ask, PI_CTL_AGAIN | (listens ? PI_CTL_LISTENS : 0));
    struct pi_line *next;
    int fd;

    if (pi_remote_ask(line->ask.where, line->name.key, &record, RETRY_PATIENCE_MS, &fd) != 0)
        return false;
    if (line_new(fd, &line->name, &line->ask, end, &next) != 0) {
        ci_sys_close(fd);
        return false;
    }
    if (!pi_end_set_line(end, line, next, listens)) { /* the end was closed, and with it the line */
        line_close(next);
        return false;
    }
    (void)pi_watch_want(&next->watch, true);
    return true;
}

/* By the engine's thread. */
static void owner_lost(struct pi_line *line)
{
    struct pi_end *end = line_end(line);
    uint32_t error;

    (void)pi_watch_want(&line->watch, false);
    if (end == NULL)
        return;
    error = pi_end_inherit_name(end, line, &line->name, &line->ask);
    if (error == ERROR_PIPE_BUSY && registered_again(line, end))
        error = 0;
    if (error == 0)
        line_close(line);
    else if (error != ERROR_INVALID_HANDLE) /* else the end was closed, and with it the line */
        try_again_later(line);
    pi_end_put(end);
}
