/* SPDX-License-Identifier: MIT */
/* The life of an end: how it gets a connection, loses it, waits for the next one and is closed.
 * What its reads and writes do is said in read.c and write.c. */
#include "pipes/end.h"

#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "libcomm/obj/handle.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/drive.h"
#include "libcomm/plat/engine.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "pipes/pipe.h"

enum { DATA, BELL, DRAIN }; /* sources of an end */

/* ---- asking ---- */

static _Atomic uint32_t forks; /* so far; counted before each, so that both processes know */

static void fork_counted(void)
{
    atomic_fetch_add_explicit(&forks, 1, memory_order_relaxed);
}

bool pi_end_shared(const struct pi_end *end)
{
    return end->forks != atomic_load_explicit(&forks, memory_order_relaxed);
}

enum pi_page_state pi_end_fate(const struct pi_end *end)
{
    return end->link == NULL ? PI_PAGE_CONNECTED : pi_link_state(end->link);
}

uint32_t pi_end_gate(struct pi_end *end)
{
    switch (atomic_load_explicit(&end->state, memory_order_relaxed)) {
    case PI_LISTENING:
        return STATUS_PIPE_LISTENING;
    case PI_DISCONNECTED:
        return STATUS_PIPE_DISCONNECTED;
    case PI_CONNECTED:
        break;
    }
    return pi_end_fate(end) == PI_PAGE_DISCONNECTED ? STATUS_PIPE_DISCONNECTED : 0;
}

/* ---- one try at an operation ---- */

static bool connect_attempt(struct pi_end *end, struct ci_op *op)
{
    if (end->side == PI_CLIENT)
        return pi_finish(op, STATUS_ILLEGAL_FUNCTION, 0);
    if (end->state == PI_CONNECTED)
        return pi_finish(op,
                         pi_end_peer_closed(end) || pi_carrier_hung_up(&end->carrier)
                             ? STATUS_PIPE_CLOSING
                             : STATUS_PIPE_CONNECTED,
                         0);
    if (end->state == PI_DISCONNECTED) {
        end->state = PI_LISTENING; /* and once the operation is in its place, the name is told */
        atomic_store_explicit(&end->enlists, true, memory_order_release);
    }
    return (end->mode & PIPE_NOWAIT) != 0 && pi_finish(op, STATUS_PIPE_LISTENING, 0);
}

/* Before anything is asked of an end: a client that was sent to it has arrived. */
static void catch_up(struct pi_end *end)
{
    if (atomic_load_explicit(&end->state, memory_order_relaxed) == PI_LISTENING)
        pi_end_arrivals(end);
}

static void end_entered(struct ci_file *file)
{
    catch_up(pi_end_of(file));
}

static bool end_attempt(struct ci_file *file, struct ci_op *op)
{
    struct pi_end *end = pi_end_of(file);

    switch (op->kind) {
    case CI_OP_READ:
        return pi_read_attempt(end, op);
    case CI_OP_WRITE:
        return pi_write_attempt(end, op);
    case CI_OP_TRANSACT:
        return pi_transact_attempt(end, op);
    case CI_OP_CONNECT:
        return connect_attempt(end, op);
    case CI_OP_FLUSH:
        return pi_flush_attempt(end, op);
    default:
        return pi_finish(op, STATUS_INVALID_DEVICE_REQUEST, 0);
    }
}

static uint32_t end_admit(struct ci_file *file, struct ci_op *op)
{
    (void)file;
    return op->segments > 0 ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

/* ---- flushing towards a raw peer: an edge for each piece it reads ---- */

static int drain_watch(struct pi_end *end)
{
    int set = ci_sys_epoll_create(), error;

    if (set < 0)
        return set;
    error = ci_sys_epoll_ctl(set, EPOLL_CTL_ADD, end->carrier.fd, EPOLLOUT | EPOLLET, 0);
    if (error == 0)
        error = ci_source_open(&end->file.pump, DRAIN, set);
    if (error != 0)
        ci_sys_close(set);
    return error;
}

static void drain_unwatch(struct pi_end *end)
{
    int set = end->file.pump.source[DRAIN].fd;

    if (set < 0)
        return;
    ci_source_close(&end->file.pump, DRAIN);
    ci_sys_close(set);
}

static void drain_heard(const struct pi_end *end)
{
    struct epoll_event event;

    if (end->file.pump.source[DRAIN].fd >= 0)
        (void)ci_sys_epoll_wait(end->file.pump.source[DRAIN].fd, &event, 1, 0);
}

/* ---- queues ---- */

static uint32_t end_pend(struct ci_file *file, struct ci_op *op)
{
    struct pi_end *end = pi_end_of(file);
    int error = 0;

    if (op->lane == CI_LANE_READ)
        pi_read_demand(end, (int64_t)op->len);
    if (op->kind == CI_OP_FLUSH && end->link == NULL && end->file.pump.source[DRAIN].fd < 0)
        error = drain_watch(end);
    return error == 0 ? STATUS_SUCCESS : ci_errno_status(CI_DOM_SYSTEM, -error);
}

static void end_withdrawn(struct ci_file *file, struct ci_op *op)
{
    if (op->lane == CI_LANE_READ)
        pi_read_demand(pi_end_of(file), -(int64_t)op->len);
    else if (op->kind == CI_OP_WRITE)
        pi_write_withdrawn(pi_end_of(file), op);
}

static void watch(struct ci_want *want, struct ci_source *source, uint32_t events)
{
    for (unsigned i = 0; i < want->count; i++) {
        if (want->on[i].source == source) {
            want->on[i].events |= events;
            return;
        }
    }
    want->on[want->count].source = source;
    want->on[want->count].events = events;
    want->count++;
}

#define CONTENDED_MS 1u  /* another process is reading */
#define SAME_BELL_MS 20u /* another process may have heard the bell */

static void look_in(struct ci_want *want, uint32_t ms)
{
    uint64_t at_ns = ci_deadline_ns(ms);

    if (at_ns < want->deadline_ns)
        want->deadline_ns = at_ns;
}

/* A hang-up is reported without asking, but a source must be watched for something. */
static void end_interest(struct ci_file *file, unsigned lanes, struct ci_want *want)
{
    struct pi_end *end = pi_end_of(file);
    struct ci_source *source = file->pump.source;
    unsigned credit = lanes & (CI_LANE_BIT(CI_LANE_WRITE) | CI_LANE_BIT(CI_LANE_CONTROL));

    if (end->carrier.fd < 0)
        return;
    if ((lanes & CI_LANE_BIT(CI_LANE_READ)) != 0 && end->contended)
        look_in(want, CONTENDED_MS); /* what is there would not let anybody sleep */
    else if ((lanes & CI_LANE_BIT(CI_LANE_READ)) != 0)
        watch(want, &source[DATA], EPOLLIN);
    if ((lanes & CI_LANE_BIT(CI_LANE_WRITE)) != 0 && pi_write_unsent(end))
        watch(want, &source[DATA], EPOLLOUT);
    if (credit == 0)
        return;
    watch(want, &source[DATA], EPOLLHUP);
    if (end->link != NULL)
        watch(want, &source[BELL], EPOLLIN);
    else if (source[DRAIN].fd >= 0)
        watch(want, &source[DRAIN], EPOLLIN);
    if (pi_end_shared(end))
        look_in(want, SAME_BELL_MS);
}

static void control_step(struct pi_end *end, struct ci_done *done)
{
    struct ci_list *queue = &end->file.queue[CI_LANE_CONTROL], *link;

    while ((link = ci_list_first(queue)) != NULL) {
        struct ci_op *op = CI_CONTAINER(link, struct ci_op, queue);

        if (!end_attempt(&end->file, op))
            break;
        ci_file_finish(&end->file, op, op->status, op->done, done);
    }
    if (ci_list_empty(queue))
        drain_unwatch(end);
}

static void credit_step(struct pi_end *end, struct ci_done *done)
{
    struct pi_flow *out = pi_end_out(end);
    bool asked = out != NULL && atomic_load(&out->want_credit) != 0;

    if (asked)
        pi_link_hush(end->link, end->side); /* before looking: a later ring is heard */
    drain_heard(end);
    pi_write_step(end, done);
    control_step(end, done);
    if (asked && ci_list_empty(&end->file.queue[CI_LANE_WRITE]) &&
        ci_list_empty(&end->file.queue[CI_LANE_CONTROL]))
        atomic_store(&out->want_credit, 0);
}

static void end_step(struct ci_file *file, unsigned lanes, struct ci_done *done)
{
    struct pi_end *end = pi_end_of(file);

    if ((lanes & CI_LANE_BIT(CI_LANE_READ)) != 0)
        pi_read_step(end, done);
    if ((lanes & ~CI_LANE_BIT(CI_LANE_READ)) != 0)
        credit_step(end, done);
}

/* What stood behind a cancelled write moves up. */
static void end_withdrew(struct ci_file *file, struct ci_done *done)
{
    credit_step(pi_end_of(file), done);
}

static bool end_busy(const struct ci_file *file, enum ci_lane_id lane)
{
    return lane == CI_LANE_WRITE && !ci_list_empty(&pi_end_of(file)->overflow);
}

/* The other end in this process with a reference, or NULL. */
static struct pi_end *end_peer(struct pi_end *end)
{
    struct ci_file *file = &end->file;
    struct pi_end *peer;
    struct pi_link *link;

    if (!atomic_load_explicit(&end->inner, memory_order_relaxed))
        return NULL;
    ci_lock(&file->lock);
    link = end->link;
    if (link != NULL)
        pi_link_get(link);
    ci_unlock(&file->lock);
    if (link == NULL)
        return NULL;
    peer = pi_link_end(link, pi_end_peer_side(end));
    pi_link_put(link);
    return peer;
}

/* Both ends in one process: what one does is final at the other when the call returns, and what
 * that sets free here too. */
static void peer_step(struct pi_end *end)
{
    struct pi_end *peer = end_peer(end);

    if (peer == NULL)
        return;
    ci_file_step(&peer->file, CI_LANES_ALL, NULL);
    pi_end_put(peer);
    ci_file_step(&end->file, CI_LANES_ALL, NULL);
}

static void end_issued(struct ci_file *file)
{
    struct pi_end *end = pi_end_of(file);

    /* acquire pairs with the release of whoever made it listen: at least that one enlists it */
    if (atomic_load_explicit(&end->enlists, memory_order_acquire))
        pi_end_enlist(end);
    peer_step(end);
}

/* A client whose server has disconnected it. */
static bool end_dead(const struct ci_file *file)
{
    const struct pi_end *end = pi_end_of(file);
    struct pi_link *link = atomic_load_explicit(&end->seen_link, memory_order_acquire);

    return end->side == PI_CLIENT && link != NULL && pi_link_state(link) == PI_PAGE_DISCONNECTED;
}

/* ---- connections ---- */

static void connected(struct pi_end *end, int fd, struct pi_link *link,
                      const struct ci_peer *client)
{
    end->carrier = (struct pi_carrier){
        .fd = fd, .records = end->message, .senders = end->message && link == NULL};
    end->link = link;
    if (end->side == PI_CLIENT) /* release: who sees the link sees it whole */
        atomic_store_explicit(&end->seen_link, link, memory_order_release);
    end->file.fd = fd;
    end->client = *client;
    end->gone = end->was_read = end->contended = false;
    end->forks = atomic_load_explicit(&forks, memory_order_relaxed);
    end->cut_ranges = end->consumed_seen = 0;
    for (unsigned i = 0; i < PI_CUTS; i++)
        end->cut[i].end = 0;
    end->state = PI_CONNECTED;
    atomic_store_explicit(&end->inner, link != NULL && link->inner, memory_order_relaxed);
    if (link != NULL)
        pi_link_join(link, end->side, end);
}

static int sources_open(struct pi_end *end, int fd, const struct pi_link *link)
{
    int error = ci_source_open(&end->file.pump, DATA, fd);

    if (error != 0 || link == NULL)
        return error;
    error = ci_source_open(&end->file.pump, BELL, link->bell[end->side]);
    if (error != 0)
        ci_source_close(&end->file.pump, DATA);
    return error;
}

int pi_end_connect(struct pi_end *end, int fd, struct pi_link *link, const struct ci_peer *client,
                   struct ci_done *done)
{
    int error = -EBUSY;

    ci_lock(&end->file.lock);
    if (end->state == PI_LISTENING && !end->file.closing)
        error = sources_open(end, fd, link);
    if (error == 0) {
        struct ci_list *link_of;

        connected(end, fd, link, client);
        while ((link_of = ci_list_first(&end->file.queue[CI_LANE_CONTROL])) != NULL)
            ci_file_finish(&end->file, CI_CONTAINER(link_of, struct ci_op, queue), STATUS_SUCCESS,
                           0, done);
    }
    ci_unlock(&end->file.lock);
    return error;
}

/* What is left of a connection after the lock is released. */
struct remains {
    int fd;
    struct pi_link *link;
};

/* Takes the connection away.  The lock is held; nothing is pending that would need it. */
static struct remains detach(struct pi_end *end)
{
    struct remains r = {.fd = end->carrier.fd, .link = end->link};

    drain_unwatch(end);
    ci_source_close(&end->file.pump, BELL);
    ci_source_close(&end->file.pump, DATA);
    if (r.fd >= 0)
        pi_carrier_drain(&end->carrier); /* unread data would reach the peer as a reset */
    end->carrier.fd = -1;
    end->file.fd = -1;
    end->link = NULL;
    return r;
}

static void remains_close(struct pi_end *end, struct remains *r)
{
    struct pi_end *peer;

    if (r->fd >= 0)
        ci_sys_close(r->fd);
    if (r->link == NULL)
        return;
    pi_link_leave(r->link, end->side);
    pi_link_ring(r->link, pi_end_peer_side(end));
    peer = pi_link_end(r->link, pi_end_peer_side(end));
    if (peer != NULL) {
        ci_file_step(&peer->file, CI_LANES_ALL,
                     NULL); /* in this process: what it had pending is over now */
        pi_end_put(peer);
    }
    pi_link_put(r->link);
}

static bool match_any(struct ci_op *op, const void *unused)
{
    (void)op;
    (void)unused;
    return true;
}

static uint32_t disconnect(struct pi_end *end, struct remains *r, struct ci_done *done)
{
    if (end->state == PI_DISCONNECTED)
        return ERROR_PIPE_NOT_CONNECTED;
    if (end->link != NULL)
        pi_link_close(end->link, PI_PAGE_DISCONNECTED);
    end->state = PI_DISCONNECTED;
    end->client = (struct ci_peer){0};
    pi_overflow_drop(end);
    ci_file_withdraw(&end->file, match_any, NULL, STATUS_PIPE_DISCONNECTED, done);
    *r = detach(end);
    for (int i = 0; i < CI_LANES; i++) /* who polls the old descriptor looks again */
        ci_lane_disturb(&end->file.pump.lane[i], &done->wakes);
    return 0;
}

uint32_t pi_end_disconnect(struct pi_end *end)
{
    struct remains r = {.fd = -1, .link = NULL};
    struct ci_done done;
    uint32_t error;

    if (end->side == PI_CLIENT)
        return pi_end_fate(end) == PI_PAGE_DISCONNECTED ? ERROR_PIPE_NOT_CONNECTED
                                                        : ERROR_INVALID_FUNCTION;
    ci_done_init(&done);
    ci_lock(&end->file.lock);
    error = disconnect(end, &r, &done);
    ci_unlock(&end->file.lock);
    ci_done_settle(&done);
    if (r.fd >= 0)
        ci_sys_shutdown(r.fd); /* for all processes that have it */
    remains_close(end, &r);
    return error;
}

bool pi_end_listens(struct pi_end *end)
{
    bool listens;

    ci_lock(&end->file.lock);
    listens = end->state == PI_LISTENING && !end->file.closing;
    ci_unlock(&end->file.lock);
    return listens;
}

bool pi_end_enlists(struct pi_end *end)
{
    bool listens;

    ci_lock(&end->file.lock);
    listens = atomic_load_explicit(&end->enlists, memory_order_relaxed) &&
              end->state == PI_LISTENING && !end->file.closing;
    atomic_store_explicit(&end->enlists, false, memory_order_relaxed);
    ci_unlock(&end->file.lock);
    return listens;
}

/* ---- closing ---- */

_Atomic uint32_t pi_ends_sending; /* only counted */

/* The last handle is gone.  The peer can write no more; but what WriteFile reported as done here
 * still goes out, and only then the socket is closed. */
static void end_closed(struct ci_file *file)
{
    struct pi_end *end = pi_end_of(file);

    pi_end_unname(end);
    ci_lock(&file->lock);
    if (end->link != NULL && !pi_end_shared(end)) {
        pi_link_close(end->link,
                      end->side == PI_SERVER ? PI_PAGE_SERVER_CLOSED : PI_PAGE_CLIENT_CLOSED);
        pi_link_ring(end->link, pi_end_peer_side(end));
    }
    if (!ci_list_empty(&end->overflow)) {
        end->lingers = true;
        ci_obj_get(&file->obj);
        ci_lane_pending(&file->pump, CI_LANE_WRITE, true);
        ci_lane_refresh(&file->pump, CI_LANE_WRITE);
        ci_pump_settle(&file->pump);
    }
    ci_unlock(&file->lock);
    peer_step(end);
}

static void end_destroy(struct ci_file *file)
{
    struct pi_end *end = pi_end_of(file);
    struct remains r = {.fd = end->carrier.fd, .link = end->link};

    if (r.fd >= 0 && !pi_end_shared(end))
        pi_carrier_drain(&end->carrier); /* unread data would reach the peer as a reset */
    pi_carrier_fini(&end->carrier);
    remains_close(end, &r);
    ci_sys_free(end->key);
}

/* ---- fork and exit ---- */

/* What was to be written later, the parent writes. */
static void end_forked(struct ci_file *file)
{
    struct pi_end *end = pi_end_of(file);

    ci_list_init(&end->overflow);
    end->lingers = false;
    atomic_store(&pi_ends_sending, 0);
    atomic_store_explicit(&end->enlists, false, memory_order_relaxed);
    if (end->link != NULL)
        ci_lock_init(&end->link->lock, CI_RANK_LEAF);
}

#define EXIT_PATIENCE_MS 2000u

/* A program that ends has closed its pipes; what it was told is written goes out first. */
void pi_ends_finish(void)
{
    uint64_t deadline_ns = ci_deadline_ns(EXIT_PATIENCE_MS);

    while (atomic_load(&pi_ends_sending) > 0 && ci_now_ns() < deadline_ns)
        ci_sys_poll(NULL, 0, CI_NS_PER_MS);
}

__attribute__((constructor)) static void ends_setup(void)
{
    pthread_atfork(fork_counted, NULL, NULL);
}

/* ---- the table ---- */

static const struct ci_file_ops end_ops = {
    .domain = CI_DOM_STREAM,
    .type = FILE_TYPE_PIPE,
    .unordered = true, /* attempt() itself looks who is ahead */
    .closing_status = STATUS_PIPE_BROKEN,
    .entered = end_entered,
    .admit = end_admit,
    .attempt = end_attempt,
    .interest = end_interest,
    .step = end_step,
    .pend = end_pend,
    .withdrawn = end_withdrawn,
    .withdrew = end_withdrew,
    .busy = end_busy,
    .flush_pends = true,
    .dead = end_dead,
    .issued = end_issued,
    .closed = end_closed,
    .destroy = end_destroy,
    .forked = end_forked,
};

_Static_assert(sizeof(struct pi_end) <= CI_OBJ_MOST, "an end is an object");
static const struct ci_obj_ops end_obj_ops = CI_FILE_OBJ_OPS("pipe", struct pi_end);

struct pi_end *pi_end_new(const struct pi_end_shape *shape)
{
    struct ci_obj *obj = ci_obj_new(&end_obj_ops);
    struct pi_end *end;

    if (obj == NULL)
        return NULL;
    end = pi_end_of(ci_file_of(obj));
    ci_file_init(&end->file, &end_ops, -1, shape->overlapped);
    end->side = shape->side;
    end->message = shape->message;
    end->duplex = shape->duplex;
    end->mode = shape->mode;
    end->quota[0] = shape->quota[0];
    end->quota[1] = shape->quota[1];
    end->server_pid = shape->server_pid;
    end->state = PI_LISTENING;
    end->carrier.fd = -1;
    ci_list_init(&end->overflow);
    ci_list_init(&end->instance.in_pipe);
    ci_list_init(&end->instance.listening);
    end->instance.quota[0] = shape->quota[0];
    end->instance.quota[1] = shape->quota[1];
    end->instance.server_pid = shape->server_pid;
    if (ci_pump_add_clock(&end->file.pump, &end->clock) == 0)
        return end;
    pi_end_put(end);
    return NULL;
}

struct pi_end *pi_end_of_handle(HANDLE handle, uint32_t any_of)
{
    struct ci_file *file = ci_file_get(handle, any_of);

    if (file == NULL)
        return NULL;
    if (file->ops == &end_ops) {
        catch_up(pi_end_of(file));
        return pi_end_of(file);
    }
    ci_file_put(file);
    ci_fail(ERROR_INVALID_FUNCTION);
    return NULL;
}
