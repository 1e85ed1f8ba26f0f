/* SPDX-License-Identifier: MIT */
/* The names this process owns.  Everything that decides who gets which instance happens here, under
 * one lock, so that being busy, first come and the instance limit are exact. */
#include "pipes/pipe.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "libcomm/obj/thread.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_socket.h"
#include "pipes/door.h"
#include "pipes/line.h"

static struct ci_lock names = CI_LOCK_INIT(CI_RANK_NAMES);
static struct ci_list table = {&table, &table}; /* guarded by names */

/* A forked child owns no name and unlinks nothing; the ends it has are good for bytes only. */
static void names_forget(void)
{
    struct ci_list *link;

    while ((link = ci_list_pop(&table)) != NULL) {
        struct pi_pipe *pipe = CI_CONTAINER(link, struct pi_pipe, link);

        CI_LIST_EACH (in_pipe, after, &pipe->instances) {
            struct pi_instance *instance = CI_CONTAINER(in_pipe, struct pi_instance, in_pipe);

            instance->pipe = NULL;
            ci_list_init(&instance->in_pipe);
            ci_list_init(&instance->listening);
        }
        pi_doors_forget(pipe->doors);
        ci_sys_free(pipe);
    }
}

/* A program that ends without closing has closed all the same, as on Windows: what it wrote goes
 * out, and its files go.  (Who is killed leaves files that mean nothing, until the next owner.) */
static void names_end(void)
{
    pi_ends_finish();
    ci_lock(&names);
    CI_LIST_EACH (link, after, &table)
        pi_doors_close(CI_CONTAINER(link, struct pi_pipe, link)->doors);
    ci_unlock(&names);
}

__attribute__((constructor)) static void names_setup(void)
{
    atexit(names_end);
    ci_fork_lock_add(&names);
    pthread_atfork(NULL, NULL, names_forget);
}

static struct pi_pipe *find_locked(const char *key)
{
    CI_LIST_EACH (link, after, &table) {
        struct pi_pipe *pipe = CI_CONTAINER(link, struct pi_pipe, link);

        if (strcmp(pipe->name.key, key) == 0)
            return pipe;
    }
    return NULL;
}

/* ---- who waits ---- */

static void tell_all_locked(struct pi_pipe *pipe, uint32_t error, struct ci_wakes *wakes)
{
    struct ci_list *link;

    while ((link = ci_list_pop(&pipe->waiters)) != NULL) {
        struct pi_waiter *waiter = CI_CONTAINER(link, struct pi_waiter, link);

        waiter->tell(waiter, error, wakes);
    }
}

uint32_t pi_pipe_wait(const struct pi_name *name, struct pi_waiter *waiter, uint32_t *default_ms)
{
    struct pi_pipe *pipe;
    uint32_t error = ERROR_FILE_NOT_FOUND;

    ci_list_init(&waiter->link);
    ci_lock(&names);
    pipe = find_locked(name->key);
    if (pipe != NULL) {
        *default_ms = pipe->default_timeout_ms;
        error = ci_list_empty(&pipe->listening) ? ERROR_PIPE_BUSY : 0;
        if (error != 0)
            ci_list_append(&pipe->waiters, &waiter->link);
    }
    ci_unlock(&names);
    return error;
}

bool pi_waiter_leave(struct pi_waiter *waiter)
{
    bool waited;

    ci_lock(&names);
    waited = ci_list_linked(&waiter->link);
    ci_list_del(&waiter->link);
    ci_unlock(&names);
    return waited;
}

/* ---- instances ---- */

static struct pi_end *end_of_instance(struct pi_instance *instance)
{
    return CI_CONTAINER(instance, struct pi_end, instance);
}

static int assign_here(struct pi_instance *instance, int fd, struct pi_link *link,
                       const struct ci_peer *client, struct ci_done *done)
{
    return pi_end_connect(end_of_instance(instance), fd, link, client, done);
}

static void enlist_locked(struct pi_instance *instance, struct ci_wakes *wakes)
{
    struct pi_pipe *pipe = instance->pipe;

    ci_list_del(&instance->listening);
    ci_list_append(&pipe->listening, &instance->listening);
    pi_doors_open(pipe->doors, true);
    tell_all_locked(pipe, 0, wakes);
}

static void unlist_locked(struct pi_instance *instance)
{
    struct pi_pipe *pipe = instance->pipe;

    ci_list_del(&instance->listening);
    if (pipe != NULL && ci_list_empty(&pipe->listening))
        pi_doors_open(pipe->doors, false);
}

static void join_locked(struct pi_pipe *pipe, struct pi_instance *instance)
{
    instance->pipe = pipe;
    ci_list_append(&pipe->instances, &instance->in_pipe);
    pipe->count++;
    if (instance->far)
        pi_doors_note(pipe->doors, ++pipe->elsewhere);
}

/* Whether that was the last one; then the pipe is out of the table and the caller's to free. */
static struct pi_pipe *leave_locked(struct pi_instance *instance, struct ci_wakes *wakes)
{
    struct pi_pipe *pipe = instance->pipe;

    unlist_locked(instance);
    ci_list_del(&instance->in_pipe);
    instance->pipe = NULL;
    if (pipe != NULL && instance->far)
        pi_doors_note(pipe->doors, --pipe->elsewhere);
    if (pipe == NULL || --pipe->count > 0)
        return NULL;
    ci_list_del(&pipe->link);
    tell_all_locked(pipe, ERROR_FILE_NOT_FOUND, wakes);
    pi_doors_close(pipe->doors); /* under the lock: a new owner must not meet its files */
    return pipe;
}

static void pipe_free(struct pi_pipe *pipe)
{
    if (pipe->doors != NULL) {
        pi_doors_close(pipe->doors);
        pi_doors_put(pipe->doors);
    }
    ci_sys_free(pipe);
}

void pi_instance_enlist(struct pi_instance *instance)
{
    struct ci_wakes wakes;

    ci_wakes_init(&wakes);
    ci_lock(&names);
    if (instance->pipe != NULL)
        enlist_locked(instance, &wakes);
    ci_unlock(&names);
    ci_wakes_deliver(&wakes);
}

void pi_instance_unlist(struct pi_instance *instance)
{
    ci_lock(&names);
    unlist_locked(instance);
    ci_unlock(&names);
}

void pi_instance_leave(struct pi_instance *instance)
{
    struct pi_pipe *unused;
    struct ci_wakes wakes;

    ci_wakes_init(&wakes);
    ci_lock(&names);
    unused = leave_locked(instance, &wakes);
    ci_unlock(&names);
    ci_wakes_deliver(&wakes);
    if (unused != NULL)
        pipe_free(unused);
}

/* ---- ends and their names ---- */

void pi_end_enlist(struct pi_end *end)
{
    struct ci_wakes wakes;

    ci_wakes_init(&wakes);
    ci_lock(&names);
    if (pi_end_enlists(end)) {
        if (end->instance.pipe != NULL)
            enlist_locked(&end->instance, &wakes);
        else if (end->line != NULL)
            pi_line_enlist(end->line);
    }
    ci_unlock(&names);
    ci_wakes_deliver(&wakes);
}

void pi_end_unlist(struct pi_end *end)
{
    ci_lock(&names);
    unlist_locked(&end->instance);
    if (end->line != NULL)
        pi_line_unlist(end->line);
    ci_unlock(&names);
}

int pi_end_arrival(struct pi_end *end, struct pi_line *line)
{
    struct ci_done done;
    int error;

    ci_done_init(&done);
    ci_lock(&names);
    error = pi_line_take(line, end, &done);
    ci_unlock(&names);
    ci_done_settle(&done);
    return error;
}

void pi_end_arrivals(struct pi_end *end)
{
    struct ci_done done;

    ci_done_init(&done);
    ci_lock(&names);
    while (end->line != NULL && pi_line_take(end->line, end, &done) == 0)
        continue;
    ci_unlock(&names);
    ci_done_settle(&done);
}

void pi_end_unname(struct pi_end *end)
{
    struct pi_line *line;

    ci_lock(&names);
    line = end->line;
    end->line = NULL;
    ci_unlock(&names);
    if (line != NULL)
        pi_line_end(line);
    pi_instance_leave(&end->instance);
}

/* ---- making ---- */

static uint32_t joins_locked(const struct pi_pipe *pipe, const struct pi_create *ask)
{
    if (pipe->count >= pipe->max_instances && pipe->max_instances != PIPE_UNLIMITED_INSTANCES)
        return ERROR_PIPE_BUSY;
    if ((ask->open_mode & FILE_FLAG_FIRST_PIPE_INSTANCE) != 0)
        return ERROR_ACCESS_DENIED;
    if (ask->direction != pipe->direction)
        return ERROR_ACCESS_DENIED;
    if (ask->max_instances != PIPE_UNLIMITED_INSTANCES && pipe->count >= ask->max_instances)
        return ERROR_ACCESS_DENIED; /* its own limit binds the caller */
    return 0;
}

struct pi_end *pi_instance_new(const struct pi_create *ask, bool message)
{
    struct pi_end_shape shape = {
        .side = PI_SERVER,
        .message = message,
        .overlapped = (ask->open_mode & FILE_FLAG_OVERLAPPED) != 0,
        .duplex = ask->direction == PIPE_ACCESS_DUPLEX,
        .mode = ask->pipe_mode & (PIPE_NOWAIT | PIPE_READMODE_MESSAGE),
        .quota = {ask->quota[0], ask->quota[1]},
        .server_pid = ci_sys_pid(),
    };
    struct pi_end *end;

    if (!message)
        shape.mode &= ~(uint32_t)PIPE_READMODE_MESSAGE; /* the first instance decided the type */
    end = pi_end_new(&shape);
    if (end != NULL)
        end->instance.assign = assign_here;
    return end;
}

static struct pi_pipe *pipe_new(const struct pi_name *name, const struct pi_create *ask)
{
    struct pi_pipe *pipe = ci_sys_alloc(sizeof *pipe);

    if (pipe == NULL)
        return NULL;
    pipe->name = *name;
    pipe->message = (ask->pipe_mode & PIPE_TYPE_MESSAGE) != 0;
    pipe->direction = ask->direction;
    pipe->max_instances = ask->max_instances;
    pipe->default_timeout_ms = ask->timeout_ms;
    ci_list_init(&pipe->link);
    ci_list_init(&pipe->instances);
    ci_list_init(&pipe->listening);
    ci_list_init(&pipe->waiters);
    return pipe;
}

/* Becomes the name's owner, for all processes. */
static uint32_t own_locked(const struct pi_name *name, const struct pi_create *ask,
                           struct pi_pipe **made)
{
    struct pi_pipe *pipe = pipe_new(name, ask);
    uint32_t error = pipe == NULL ? ERROR_NOT_ENOUGH_MEMORY
                                  : pi_doors_new(name, pipe->message, ask, &pipe->doors);

    if (error == 0) {
        ci_list_append(&table, &pipe->link);
        *made = pipe;
    } else if (pipe != NULL) {
        pipe_free(pipe);
    }
    return error;
}

/* Another process owns the name, and this is no error yet. */
#define OWNED_ELSEWHERE UINT32_MAX

static uint32_t create_locked(const struct pi_name *name, const struct pi_create *ask,
                              struct pi_end **made, struct ci_wakes *wakes,
                              struct pi_pipe **unwanted)
{
    struct pi_pipe *pipe = find_locked(name->key);
    uint32_t error = 0;

    if (pipe != NULL) {
        error = joins_locked(pipe, ask);
    } else {
        error = own_locked(name, ask, &pipe);
        if (error == ERROR_PIPE_BUSY)
            error = OWNED_ELSEWHERE;
    }
    if (error != 0)
        return error;
    *made = pi_instance_new(ask, pipe->message);
    if (*made == NULL) {
        if (pipe->count == 0) {
            ci_list_del(&pipe->link);
            pi_doors_close(pipe->doors); /* under the lock: a new owner must not meet its files */
            *unwanted = pipe;
        }
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    join_locked(pipe, &(*made)->instance);
    enlist_locked(&(*made)->instance, wakes);
    return 0;
}

static uint32_t create_here(const struct pi_name *name, const struct pi_create *ask,
                            struct pi_end **made)
{
    struct pi_pipe *unwanted = NULL;
    struct ci_wakes wakes;
    uint32_t error;

    ci_wakes_init(&wakes);
    ci_lock(&names);
    error = create_locked(name, ask, made, &wakes, &unwanted);
    ci_unlock(&names);
    ci_wakes_deliver(&wakes);
    if (unwanted != NULL)
        pipe_free(unwanted);
    return error;
}

#define CHANGE_MS 250u /* an owner may just be coming or going */

uint32_t pi_pipe_create(const struct pi_name *name, const struct pi_create *ask,
                        struct pi_end **made)
{
    uint64_t deadline_ns = ci_deadline_ns(CHANGE_MS);
    uint32_t error;

    for (;;) {
        error = create_here(name, ask, made);
        if (error != OWNED_ELSEWHERE)
            return error;
        error = pi_line_create(name, ask, made);
        if (error != ERROR_FILE_NOT_FOUND)
            return error;
        if (ci_now_ns() >= deadline_ns)
            return ERROR_PIPE_BUSY;
        ci_sys_poll(NULL, 0, CI_NS_PER_MS);
    }
}

uint32_t pi_instance_join(struct pi_instance *instance, const struct pi_name *name,
                          const struct pi_create *ask, bool again, bool listens,
                          void (*joined)(struct pi_instance *instance, const struct pi_pipe *pipe))
{
    struct pi_pipe *pipe;
    struct ci_wakes wakes;
    uint32_t error;

    ci_wakes_init(&wakes);
    ci_lock(&names);
    pipe = find_locked(name->key);
    error = pipe == NULL ? ERROR_FILE_NOT_FOUND : again ? 0 : joins_locked(pipe, ask);
    if (error == 0) {
        join_locked(pipe, instance);
        joined(instance, pipe);
        if (listens)
            enlist_locked(instance, &wakes);
    }
    ci_unlock(&names);
    ci_wakes_deliver(&wakes);
    return error;
}

bool pi_end_set_line(struct pi_end *end, struct pi_line *was, struct pi_line *line, bool told)
{
    bool set;

    ci_lock(&names);
    set = end->line == was;
    if (set) {
        end->line = line;
        if (pi_end_listens(end) != told) {
            if (told)
                pi_line_unlist(line);
            else
                pi_line_enlist(line);
        }
    }
    ci_unlock(&names);
    return set;
}

uint32_t pi_end_inherit_name(struct pi_end *end, struct pi_line *line, const struct pi_name *name,
                             const struct pi_create *ask)
{
    struct pi_pipe *pipe;
    struct ci_wakes wakes;
    uint32_t error = 0;

    ci_wakes_init(&wakes);
    ci_lock(&names);
    pipe = find_locked(name->key);
    if (end->line != line)
        error = ERROR_INVALID_HANDLE;
    else if (pipe == NULL)
        error = own_locked(name, ask, &pipe);
    if (error == 0) {
        end->line = NULL;
        join_locked(pipe, &end->instance);
        if (pi_end_listens(end))
            enlist_locked(&end->instance, &wakes);
    }
    ci_unlock(&names);
    ci_wakes_deliver(&wakes);
    return error;
}

void pi_instance_counts(struct pi_end *end, uint32_t *count, uint32_t *most)
{
    ci_lock(&names);
    *count = end->instance.pipe == NULL ? 1 : end->instance.pipe->count;
    *most = end->instance.pipe == NULL ? 1 : end->instance.pipe->max_instances;
    ci_unlock(&names);
}

uint32_t pi_pipe_counts(const char *key, uint32_t *count, uint32_t *most)
{
    struct pi_pipe *pipe;

    ci_lock(&names);
    pipe = find_locked(key);
    if (pipe != NULL) {
        *count = pipe->count;
        *most = pipe->max_instances;
    }
    ci_unlock(&names);
    return pipe == NULL ? ERROR_FILE_NOT_FOUND : 0;
}

/* ---- clients ---- */

bool pi_pipe_returns(const struct pi_name *name)
{
    bool may;

    ci_lock(&names); /* so that no thread of this process takes the lock that is looked at */
    may = find_locked(name->key) != NULL || pi_doors_return(PI_DIR_OWN, name->key) ||
          pi_doors_return(PI_DIR_MACHINE, name->key);
    ci_unlock(&names);
    return may;
}

/* A client reads what goes out and writes what comes in. */
static uint32_t rights_error(const struct pi_pipe *pipe, uint32_t access)
{
    if ((access & FILE_READ_DATA) != 0 && (pipe->direction & PIPE_ACCESS_OUTBOUND) == 0)
        return ERROR_ACCESS_DENIED;
    if ((access & (FILE_WRITE_DATA | FILE_APPEND_DATA)) != 0 &&
        (pipe->direction & PIPE_ACCESS_INBOUND) == 0)
        return ERROR_ACCESS_DENIED;
    return 0;
}

#define SMALLEST_RECORD 768u /* what one more record costs the kernel at least */

/* Twice the quota and some small records; the kernel doubles what it is told, and has a limit. */
static void room_set(int fd, uint32_t quota)
{
    uint64_t wanted = 2ull * quota + 64 * SMALLEST_RECORD;

    ci_sys_socket_set(fd, SO_SNDBUF,
                      (int)(wanted < 16384      ? 16384
                            : wanted > 1u << 30 ? 1u << 30
                                                : wanted));
}

static int channel_make(const struct pi_pipe *pipe, const struct pi_instance *to,
                        const struct pi_caller *caller, int fd[2], struct pi_link **link)
{
    struct pi_link_facts facts = {
        .type = pipe->message ? PIPE_TYPE_MESSAGE : PIPE_TYPE_BYTE,
        .quota = {to->quota[0], to->quota[1]},
        .server_pid = to->server_pid,
        .client_pid = caller->who.pid,
        .withheld = caller->withheld,
    };
    int error = ci_sys_unix_pair(pipe->message ? SOCK_SEQPACKET : SOCK_STREAM, fd);

    if (error != 0)
        return error;
    room_set(fd[PI_SERVER], to->quota[1]);
    room_set(fd[PI_CLIENT], to->quota[0]);
    error = pi_link_new(&facts, caller->outward || to->far, link);
    if (error != 0) {
        ci_sys_close(fd[0]);
        ci_sys_close(fd[1]);
    }
    return error;
}

static uint32_t connect_locked(struct pi_pipe *pipe, struct pi_instance *to,
                               const struct pi_caller *caller, struct pi_opened *opened,
                               struct ci_done *done)
{
    struct pi_link *link;
    int fd[2], error = channel_make(pipe, to, caller, fd, &link);

    if (error != 0)
        return ci_errno_error(CI_DOM_SYSTEM, -error);
    pi_link_get(link);
    error = to->assign(to, fd[PI_SERVER], link, &caller->who, done);
    if (error != 0) {
        pi_link_put(link);
        pi_link_put(link);
        ci_sys_close(fd[0]);
        ci_sys_close(fd[1]);
        return error == -EBUSY ? ERROR_PIPE_BUSY : ci_errno_error(CI_DOM_SYSTEM, -error);
    }
    unlist_locked(to);
    if (!caller->outward)
        pi_link_sent(link);
    *opened = (struct pi_opened){
        .fd = fd[PI_CLIENT],
        .link = link,
        .message = pipe->message,
        .duplex = pipe->direction == PIPE_ACCESS_DUPLEX,
        .quota = {to->quota[0], to->quota[1]},
        .server_pid = to->server_pid
    };
    return 0;
}

static struct pi_instance *first_listening(struct pi_pipe *pipe)
{
    struct ci_list *first = ci_list_first(&pipe->listening);

    return first == NULL ? NULL : CI_CONTAINER(first, struct pi_instance, listening);
}

/* One that is just going away is passed over. */
static uint32_t connect_first_locked(struct pi_pipe *pipe, const struct pi_caller *caller,
                                     struct pi_opened *opened, struct ci_done *done)
{
    struct pi_instance *first;
    uint32_t error = ERROR_PIPE_BUSY;

    while (error == ERROR_PIPE_BUSY && (first = first_listening(pipe)) != NULL) {
        error = connect_locked(pipe, first, caller, opened, done);
        if (error == ERROR_PIPE_BUSY)
            unlist_locked(first);
    }
    return error;
}

uint32_t pi_pipe_open(const struct pi_name *name, const struct pi_caller *caller,
                      struct pi_opened *opened)
{
    struct pi_pipe *pipe;
    struct ci_done done;
    uint32_t error;

    ci_done_init(&done);
    ci_lock(&names);
    pipe = find_locked(name->key);
    error = pipe == NULL ? ERROR_FILE_NOT_FOUND : rights_error(pipe, caller->access);
    if (error == 0)
        error = connect_first_locked(pipe, caller, opened, &done);
    ci_unlock(&names);
    ci_done_settle(&done);
    return error;
}

/* ---- programs without this library ---- */

static int accept_raw(const struct pi_pipe *pipe, const struct pi_instance *to, int listener)
{
    int fd = ci_sys_unix_accept(listener);

    if (fd < 0)
        return fd;
    room_set(fd, to->quota[1]);
    if (pipe->message) /* tells an empty message from the end */
        ci_sys_socket_set(fd, SO_PASSCRED, 1);
    return fd;
}

static int admit_locked(struct pi_pipe *pipe, int listener, struct ci_done *done)
{
    struct pi_instance *to = first_listening(pipe);
    struct ci_peer peer = {0};
    int fd, error;

    if (to == NULL)
        return -EAGAIN;
    fd = accept_raw(pipe, to, listener);
    if (fd < 0)
        return fd;
    (void)ci_sys_peer(fd, &peer);
    error = to->assign(to, fd, NULL, &peer, done);
    if (error != 0)
        ci_sys_close(fd);
    if (error == 0 || error == -EBUSY)
        unlist_locked(to);
    return error;
}

int pi_pipe_admit(const struct pi_name *name, int listener)
{
    struct pi_pipe *pipe;
    struct ci_done done;
    int error;

    ci_done_init(&done);
    ci_lock(&names);
    pipe = find_locked(name->key);
    error = pipe == NULL ? -EAGAIN : admit_locked(pipe, listener, &done);
    ci_unlock(&names);
    ci_done_settle(&done);
    return error;
}
