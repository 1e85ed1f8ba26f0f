/* SPDX-License-Identifier: MIT */
/* One request of another process: to open the pipe, to wait for an instance, to know its numbers.
 * A visitor says one thing, hears the answer and leaves; one that waits may be told later. */
#include "pipes/visitor.h"

#include <errno.h>

#include "libcomm/plat/clock.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_socket.h"
#include "libcomm/plat/timer.h"
#include "pipes/control.h"
#include "pipes/pipe.h"
#include "pipes/watch.h"

#define SILENCE_MS 5000u /* who comes in and says nothing is sent away */

struct visitor {
    struct pi_watch watch; /* first */
    struct pi_waiter waiter;
    struct ci_timer timer; /* the end of its patience */
    bool waits;            /* it has said WAIT; only the engine's thread looks */
    bool left;             /* it is not watched any more; the same */
    bool provides;         /* it has said CREATE, and `instance` is its; the same */
    struct pi_instance instance;
    uint32_t round; /* guarded by the names' lock: of its LISTEN that stands */
    uint32_t id;
    struct pi_name name;
};

static struct visitor *visitor_of(struct pi_watch *watch)
{
    return CI_CONTAINER(watch, struct visitor, watch);
}

static void visitor_destroy(struct pi_watch *watch)
{
    ci_timer_fini(&visitor_of(watch)->timer);
    ci_sys_free(visitor_of(watch));
}

/* It is not watched any more; with that its first reference goes. */
static void visitor_leave(struct visitor *v)
{
    v->left = true;
    (void)pi_waiter_leave(&v->waiter);
    if (v->provides)
        pi_instance_leave(&v->instance);
    ci_timer_disarm(&v->timer);
    (void)pi_watch_want(&v->watch, false);
    pi_watch_put(&v->watch);
}

static void answer(struct visitor *v, uint16_t op, uint32_t status)
{
    struct pi_ctl reply = {.op = op | PI_CTL_REPLY, .id = v->id, .status = status};

    (void)pi_ctl_send(v->watch.fd, &reply, NULL, 0);
}

/* ---- opening ---- */

static void open_answer(struct visitor *v, const struct pi_opened *opened)
{
    struct pi_ctl reply = {
        .op = PI_CTL_OPEN | PI_CTL_REPLY,
        .id = v->id,
        .access = opened->duplex,
        .pipe_mode = opened->message ? PIPE_TYPE_MESSAGE : PIPE_TYPE_BYTE,
        .quota = {opened->quota[0], opened->quota[1]},
        .server_pid = opened->server_pid,
    };
    int fds[PI_CTL_FDS] = {opened->fd, opened->link->page_fd, opened->link->bell[PI_SERVER],
                           opened->link->bell[PI_CLIENT]};
    int error = pi_ctl_send(v->watch.fd, &reply, fds, PI_CTL_FDS);

    if (error != 0) /* too many descriptors are on their way, perhaps */
        answer(v, PI_CTL_OPEN, ci_errno_error(CI_DOM_SYSTEM, -error));
}

/* Our copies go in any case: if the answer did not reach the client, the instance has lost it. */
static void open_for(struct visitor *v, const struct pi_ctl *request)
{
    struct pi_caller caller = {.access = request->access,
                               .outward = true,
                               .withheld = (request->flags & PI_CTL_WITHHELD) != 0};
    struct pi_opened opened;
    uint32_t error;

    if (ci_sys_peer(v->watch.fd, &caller.who) != 0)
        return;
    error = pi_pipe_open(&v->name, &caller, &opened);
    if (error != 0) {
        answer(v, PI_CTL_OPEN, error);
        return;
    }
    open_answer(v, &opened);
    ci_sys_close(opened.fd);
    pi_link_sent(opened.link);
    pi_link_put(opened.link);
}

/* ---- waiting ---- */

static void tell(struct pi_waiter *waiter, uint32_t error, struct ci_wakes *wakes)
{
    struct visitor *v = CI_CONTAINER(waiter, struct visitor, waiter);

    (void)wakes;
    answer(v, PI_CTL_WAIT, error);
    ci_sys_shutdown(v->watch.fd); /* the end of it is heard, and the visitor leaves */
}

static bool timer_hold(struct ci_timer *timer)
{
    struct visitor *v = CI_CONTAINER(timer, struct visitor, timer);

    return v->watch.pump.ops->hold(&v->watch.pump);
}

static void timer_fire(struct ci_timer *timer)
{
    struct visitor *v = CI_CONTAINER(timer, struct visitor, timer);

    if (pi_waiter_leave(&v->waiter))
        tell(&v->waiter, ERROR_SEM_TIMEOUT, NULL);
    else
        ci_sys_shutdown(v->watch.fd); /* it has said nothing at all: it hears the end, and leaves */
    pi_watch_put(&v->watch);
}

/* True: it stays. */
static bool wait_for(struct visitor *v, const struct pi_ctl *request)
{
    uint32_t timeout_ms = request->timeout_ms, default_ms = 0;
    uint32_t error = pi_pipe_wait(&v->name, &v->waiter, &default_ms);

    if (error != ERROR_PIPE_BUSY) {
        answer(v, PI_CTL_WAIT, error);
        return false;
    }
    v->waits = true;
    if (timeout_ms == NMPWAIT_USE_DEFAULT_WAIT)
        timeout_ms = default_ms;
    if (timeout_ms == NMPWAIT_WAIT_FOREVER ||
        ci_timer_arm(&v->timer, ci_deadline_ns(timeout_ms)) == 0)
        return true;
    if (pi_waiter_leave(&v->waiter))
        answer(v, PI_CTL_WAIT, ERROR_NOT_ENOUGH_MEMORY);
    return false;
}

/* ---- instances of other processes ---- */

/* Our copies go when they are sent. */
static int assign(struct pi_instance *instance, int fd, struct pi_link *link,
                  const struct ci_peer *client, struct ci_done *done)
{
    struct visitor *v = CI_CONTAINER(instance, struct visitor, instance);
    struct pi_ctl record = {
        .op = PI_CTL_ASSIGN,
        .id = v->round,
        .flags = link == NULL ? PI_CTL_RAW : 0,
        .client_pid = client->pid,
        .client_uid = client->uid,
        .client_gid = client->gid,
    };
    int fds[PI_CTL_FDS] = {fd}, error;

    (void)done; /* its ConnectNamedPipe ends over there */
    if (link != NULL) {
        fds[1] = link->page_fd;
        fds[2] = link->bell[PI_SERVER];
        fds[3] = link->bell[PI_CLIENT];
    }
    error = pi_ctl_send(v->watch.fd, &record, fds, link == NULL ? 1 : PI_CTL_FDS);
    if (error != 0)
        return pi_is_shortage(error) ? error : -EBUSY; /* which says nothing of the instance */
    ci_sys_close(fd);
    if (link != NULL)
        pi_link_put(link);
    return 0;
}

static void joined(struct pi_instance *instance, const struct pi_pipe *pipe)
{
    struct visitor *v = CI_CONTAINER(instance, struct visitor, instance);
    struct pi_ctl reply = {
        .op = PI_CTL_CREATE | PI_CTL_REPLY,
        .id = v->id,
        .access = pipe->direction,
        .pipe_mode = pipe->message ? PIPE_TYPE_MESSAGE : PIPE_TYPE_BYTE,
        .timeout_ms = pipe->default_timeout_ms,
        .max_instances = pipe->max_instances,
        .instances = pipe->count,
    };

    (void)pi_ctl_send(v->watch.fd, &reply, NULL, 0);
}

/* Only the owner's user, and root, may serve his pipe. */
static uint32_t create_for(struct visitor *v, const struct pi_ctl *request)
{
    struct pi_create ask = {
        .direction = request->access,
        .open_mode = (request->flags & PI_CTL_FIRST) != 0 ? FILE_FLAG_FIRST_PIPE_INSTANCE : 0,
        .pipe_mode = request->pipe_mode,
        .max_instances = request->max_instances,
        .quota = {request->quota[0], request->quota[1]},
    };
    bool again = (request->flags & PI_CTL_AGAIN) != 0;
    struct ci_peer peer;

    if (ci_sys_peer(v->watch.fd, &peer) != 0 || (peer.uid != ci_sys_uid() && peer.uid != 0))
        return ERROR_ACCESS_DENIED;
    v->instance.assign = assign;
    v->instance.far = true;
    v->instance.quota[0] = request->quota[0];
    v->instance.quota[1] = request->quota[1];
    v->instance.server_pid = peer.pid;
    v->round = request->id;
    return pi_instance_join(&v->instance, &v->name, &ask, again,
                            !again || (request->flags & PI_CTL_LISTENS) != 0, joined);
}

/* True: it stays. */
static bool create_instance(struct visitor *v, const struct pi_ctl *request)
{
    uint32_t error = create_for(v, request);

    v->provides = error == 0;
    if (error != 0)
        answer(v, PI_CTL_CREATE, error);
    return v->provides;
}

/* True: it stays. */
static bool provider_says(struct visitor *v, const struct pi_ctl *record)
{
    switch (record->op) {
    case PI_CTL_LISTEN:
        pi_instance_unlist(&v->instance); /* no client is on its way while the round changes */
        v->round = record->id;
        pi_instance_enlist(&v->instance);
        return true;
    case PI_CTL_DISCONNECT:
        pi_instance_unlist(&v->instance);
        return true;
    default:
        return false;
    }
}

/* ---- the request ---- */

static void count_for(struct visitor *v)
{
    struct pi_ctl reply = {.op = PI_CTL_QUERY | PI_CTL_REPLY, .id = v->id};

    reply.status = pi_pipe_counts(v->name.key, &reply.instances, &reply.max_instances);
    (void)pi_ctl_send(v->watch.fd, &reply, NULL, 0);
}

static bool serve(struct visitor *v, const struct pi_ctl *request)
{
    if (v->provides)
        return provider_says(v, request);
    ci_timer_disarm(&v->timer);
    v->id = request->id;
    switch (request->op) {
    case PI_CTL_OPEN:
        open_for(v, request);
        return false;
    case PI_CTL_WAIT:
        return wait_for(v, request);
    case PI_CTL_CREATE:
        return create_instance(v, request);
    case PI_CTL_QUERY:
        count_for(v);
        return false;
    default:
        answer(v, request->op, ERROR_INVALID_PARAMETER);
        return false;
    }
}

/* Anything that comes after WAIT, the end above all, ends it. */
static void visitor_ready(struct pi_watch *watch)
{
    struct visitor *v = visitor_of(watch);
    struct pi_ctl request;
    int error = pi_ctl_recv(watch->fd, &request, NULL, 0);

    if (error == -EAGAIN)
        return;
    if (error == -EPROTO)
        answer(v, PI_CTL_REPLY, ERROR_INVALID_PARAMETER);
    if (error != 0 || v->waits || !serve(v, &request))
        visitor_leave(v);
}

/* Whatever it has asked or will ask. */
static void refuse(int fd, int error)
{
    struct pi_ctl reply = {.op = PI_CTL_REPLY, .status = ci_errno_error(CI_DOM_SYSTEM, -error)};

    (void)pi_ctl_send(fd, &reply, NULL, 0);
}

static int visitor_watch(struct visitor *v)
{
    int error = 0;

    if (!v->waits && !v->provides)
        error = ci_timer_arm(&v->timer, ci_deadline_ns(SILENCE_MS));
    return error == 0 ? pi_watch_want(&v->watch, true) : error;
}

/* Most have said what they want by now, and are served before anything is set up to wait for it. */
static void visitor_begin(struct visitor *v)
{
    int error;

    (void)v->watch.pump.ops->hold(&v->watch.pump); /* for the case that it leaves at once */
    visitor_ready(&v->watch);
    error = v->left ? 0 : visitor_watch(v);
    if (error != 0) {
        if (!v->waits || pi_waiter_leave(&v->waiter)) /* else it has its answer */
            refuse(v->watch.fd, error);
        visitor_leave(v);
    }
    pi_watch_put(&v->watch);
}

void pi_visitor_new(int fd, const struct pi_name *name)
{
    struct visitor *v = ci_sys_alloc(sizeof *v);
    int error = v == NULL ? -ENOMEM : ci_timer_init(&v->timer, timer_hold, timer_fire);

    if (error == 0) {
        error = pi_watch_init(&v->watch, fd, visitor_ready, visitor_destroy);
        if (error != 0)
            ci_timer_fini(&v->timer);
    }
    if (error != 0) {
        refuse(fd, error);
        ci_sys_close(fd);
        ci_sys_free(v);
        return;
    }
    v->name = *name;
    v->waiter.tell = tell;
    ci_list_init(&v->waiter.link);
    ci_list_init(&v->instance.in_pipe);
    ci_list_init(&v->instance.listening);
    visitor_begin(v);
}
