/* SPDX-License-Identifier: MIT */
/* A handle to read from when ports come and go.  A read is an operation like any other: it waits
 * with an event, a routine or a completion port, and can be cancelled.
 *
 * Looking for ports takes a while and must not happen under a file's lock.  So it happens ahead of
 * each step of the file and of each new read; the operations only take what was found. */
#include <libcomm/native.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "libcomm/dev/serial/hotplug.h"
#include "libcomm/dev/serial/names.h"
#include "libcomm/obj/handle.h"
#include "libcomm/op/file.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"

/* A port as the reader knows it, or news of one. */
struct item {
    struct ci_list link;
    bool gone, changed; /* heard, and not looked at yet */
    COMM_PORT_NOTICE notice;
};

struct notices {
    struct ci_file file;
    struct ci_pump_ops ops; /* the file's own, with a look ahead of each step */
    const struct ci_pump_ops *file_ops;
    struct ci_lock lock;       /* rank NAMES: one look at a time */
    struct ci_hotplug hotplug; /* guarded by lock */
    struct ci_list known;      /* guarded by lock: the ports the reader knows of, or is about to */
    bool look;                 /* guarded by lock: something happened that was not looked at */
    struct ci_list news;       /* guarded by file.lock: to be read, oldest first */
    bool short_of_memory;      /* guarded by file.lock */
    bool forked;               /* the descriptors are the parent's; set while there is one thread */
};

static struct notices *notices_of(struct ci_file *file)
{
    return CI_CONTAINER(file, struct notices, file);
}

#define PATH_ROOM ((int)sizeof(((COMM_PORT_NOTICE *)NULL)->path) - 1)

static struct item *item_new(uint32_t what, uint32_t number, const char *path)
{
    struct item *item = ci_sys_alloc(sizeof *item);

    if (item == NULL)
        return NULL;
    ci_list_init(&item->link);
    item->notice.what = what;
    item->notice.number = number;
    snprintf(item->notice.path, sizeof item->notice.path, "%.*s", PATH_ROOM, path);
    return item;
}

static void items_free(struct ci_list *items)
{
    struct ci_list *link;

    while ((link = ci_list_pop(items)) != NULL)
        ci_sys_free(CI_CONTAINER(link, struct item, link));
}

/* ---- looking ---- */

static bool is_item(const struct item *item, const struct ci_listed *port)
{
    return item->notice.number == port->number &&
           strncmp(item->notice.path, port->tty.node, PATH_ROOM) == 0;
}

static const struct ci_listed *port_of(const struct ci_list *ports, const struct item *item)
{
    for (const struct ci_list *link = ports->next; link != ports; link = link->next) {
        const struct ci_listed *port = CI_CONTAINER(link, const struct ci_listed, link);

        if (port->cable == NULL && is_item(item, port))
            return port;
    }
    return NULL;
}

static bool is_known(const struct ci_list *known, const struct ci_listed *port)
{
    for (const struct ci_list *link = known->next; link != known; link = link->next)
        if (is_item(CI_CONTAINER(link, const struct item, link), port))
            return true;
    return false;
}

static void note_gone(struct notices *n, const struct ci_list *ports, struct ci_list *news)
{
    CI_LIST_EACH (link, after, &n->known) {
        struct item *item = CI_CONTAINER(link, struct item, link);

        if (!item->gone && port_of(ports, item) != NULL)
            continue;
        ci_list_del(link);
        item->notice.what = COMM_PORT_GONE;
        ci_list_append(news, link);
    }
}

static int note_changed(struct notices *n, struct ci_list *news)
{
    CI_LIST_EACH (link, after, &n->known) {
        struct item *item = CI_CONTAINER(link, struct item, link), *told;

        if (!item->changed)
            continue;
        told = item_new(COMM_PORT_CHANGED, item->notice.number, item->notice.path);
        if (told == NULL)
            return -ENOMEM;
        ci_list_append(news, &told->link);
        item->changed = false;
    }
    return 0;
}

/* news NULL: they are known without having been told. */
static int note_arrived(struct notices *n, const struct ci_list *ports, struct ci_list *news)
{
    for (const struct ci_list *link = ports->next; link != ports; link = link->next) {
        const struct ci_listed *port = CI_CONTAINER(link, const struct ci_listed, link);
        struct item *item, *told;

        if (port->cable != NULL || is_known(&n->known, port))
            continue;
        item = item_new(COMM_PORT_ARRIVED, port->number, port->tty.node);
        told = news == NULL ? NULL : item_new(COMM_PORT_ARRIVED, port->number, port->tty.node);
        if (item == NULL || (news != NULL && told == NULL)) {
            ci_sys_free(item);
            ci_sys_free(told);
            return -ENOMEM;
        }
        ci_list_append(&n->known, &item->link);
        if (told != NULL)
            ci_list_append(news, &told->link);
    }
    return 0;
}

static void note_heard(enum ci_hotplug_news news, const char *path, void *arg)
{
    struct notices *n = arg;

    CI_LIST_EACH (link, after, &n->known) {
        struct item *item = CI_CONTAINER(link, struct item, link);

        if (news != CI_HOTPLUG_LOOK && strcmp(item->notice.path, path) == 0) {
            item->gone |= news == CI_HOTPLUG_GONE;
            item->changed |= news == CI_HOTPLUG_MODE;
        }
    }
}

/* Watches first: what comes after the look is heard. */
static int list_and_watch_locked(struct notices *n, struct ci_list *ports)
{
    int error = ci_names_list(ports) == ERROR_SUCCESS ? 0 : -ENOMEM;

    if (error == 0)
        error = ci_hotplug_watch(&n->hotplug, ports);
    if (error != 0)
        return error;
    ci_names_list_free(ports);
    return ci_names_list(ports) == ERROR_SUCCESS ? 0 : -ENOMEM;
}

static int look_locked(struct notices *n, struct ci_list *ports, struct ci_list *news)
{
    int error = list_and_watch_locked(n, ports);

    if (error != 0)
        return error;
    note_gone(n, ports, news);
    error = note_changed(n, news);
    if (error == 0)
        error = note_arrived(n, ports, news);
    n->look = error != 0;
    return error;
}

/* Whether a read may go on now.  Called without locks. */
static bool look(struct notices *n)
{
    struct ci_list ports, news;
    bool found;
    int error = 0;

    ci_list_init(&ports);
    ci_list_init(&news);
    ci_lock(&n->lock);
    n->look |= ci_hotplug_drain(&n->hotplug, note_heard, n);
    if (n->look)
        error = look_locked(n, &ports, &news);
    found = error != 0 || !ci_list_empty(&news);
    ci_lock(&n->file.lock); /* inside the other: news stay in their order */
    ci_list_splice(&n->news, &news);
    n->short_of_memory = error != 0;
    ci_unlock(&n->file.lock);
    ci_unlock(&n->lock);
    ci_names_list_free(&ports); /* a cable may end here */
    return found;
}

/* ---- the file ---- */

static void notices_step(struct ci_pump *pump, unsigned lanes, struct ci_seat *seat)
{
    struct notices *n = notices_of(CI_CONTAINER(pump, struct ci_file, pump));

    (void)look(n);
    n->file_ops->step(pump, lanes, seat);
}

/* News that this call takes off the descriptors may be what an older read waits for. */
static void notices_entered(struct ci_file *file)
{
    struct notices *n = notices_of(file);

    if (!n->forked && look(n))
        ci_file_step(file, CI_LANES_ALL, NULL);
}

static void notices_interest(struct ci_file *file, unsigned lanes, struct ci_want *want)
{
    if ((lanes & CI_LANE_BIT(CI_LANE_READ)) == 0)
        return;
    for (unsigned i = 0; i < 2; i++)
        if (file->pump.source[i].fd >= 0) {
            want->on[want->count].source = &file->pump.source[i];
            want->on[want->count].events = EPOLLIN;
            want->count++;
        }
}

static bool finish(struct ci_op *op, uint32_t status, size_t bytes)
{
    op->status = status;
    op->done = bytes;
    return true;
}

static size_t news_take(struct notices *n, char *to, size_t room)
{
    size_t len = 0;

    while (room - len >= sizeof(COMM_PORT_NOTICE) && !ci_list_empty(&n->news)) {
        struct item *item = CI_CONTAINER(ci_list_pop(&n->news), struct item, link);

        memcpy(to + len, &item->notice, sizeof item->notice);
        len += sizeof item->notice;
        ci_sys_free(item);
    }
    return len;
}

/* A read of nothing asks whether there is something. */
static bool notices_attempt(struct ci_file *file, struct ci_op *op)
{
    struct notices *n = notices_of(file);

    if (op->kind != CI_OP_READ)
        return finish(op, STATUS_INVALID_DEVICE_REQUEST, 0);
    if (n->forked)
        return finish(op, STATUS_NOT_SUPPORTED, 0);
    if (n->short_of_memory) {
        n->short_of_memory = false;
        return finish(op, STATUS_NO_MEMORY, 0);
    }
    if (op->len > 0 && op->len < sizeof(COMM_PORT_NOTICE))
        return finish(op, STATUS_BUFFER_TOO_SMALL, 0);
    if (ci_list_empty(&n->news))
        return false;
    return finish(op, STATUS_SUCCESS, news_take(n, op->buf, op->len));
}

static uint32_t notices_admit(struct ci_file *file, struct ci_op *op)
{
    (void)file;
    return op->segments > 0 ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

static void notices_destroy(struct ci_file *file)
{
    struct notices *n = notices_of(file);

    items_free(&n->known);
    items_free(&n->news);
    ci_hotplug_fini(&n->hotplug);
}

/* A copy of the descriptors would take the parent's news away.  The lists may be half changed. */
static void notices_forked(struct ci_file *file)
{
    struct notices *n = notices_of(file);

    n->forked = true;
    ci_lock_init(&n->lock, CI_RANK_NAMES);
    ci_list_init(&n->known);
    ci_list_init(&n->news);
    ci_list_init(&n->hotplug.places);
}

static const struct ci_file_ops notices_ops = {
    .domain = CI_DOM_FILE,
    .type = FILE_TYPE_PIPE,
    .closing_status = STATUS_CANCELLED,
    .entered = notices_entered,
    .admit = notices_admit,
    .attempt = notices_attempt,
    .interest = notices_interest,
    .destroy = notices_destroy,
    .forked = notices_forked,
};

static const struct ci_obj_ops notices_obj_ops = CI_FILE_OBJ_OPS("port notices", struct notices);

/* ---- making ---- */

static int sources_add(struct notices *n)
{
    int error = ci_pump_add_source(&n->file.pump, 0, ci_hotplug_fd(&n->hotplug, 0));

    if (error == 0 && ci_hotplug_fd(&n->hotplug, 1) >= 0)
        error = ci_pump_add_source(&n->file.pump, 1, ci_hotplug_fd(&n->hotplug, 1));
    return error;
}

/* What is there at first is news only for who asked for it. */
static int first_look(struct notices *n, bool tell)
{
    struct ci_list ports;
    int error;

    ci_list_init(&ports);
    error = list_and_watch_locked(n, &ports);
    if (error == 0)
        error = note_arrived(n, &ports, tell ? &n->news : NULL);
    ci_names_list_free(&ports);
    return error;
}

static void pump_wrap(struct notices *n)
{
    n->file_ops = n->file.pump.ops;
    n->ops = *n->file_ops;
    n->ops.step = notices_step;
    n->file.pump.ops = &n->ops;
}

static int notices_make(struct notices *n, uint32_t flags)
{
    int error = ci_hotplug_init(&n->hotplug);

    ci_list_init(&n->known);
    ci_list_init(&n->news);
    ci_lock_init(&n->lock, CI_RANK_NAMES);
    ci_file_init(&n->file, &notices_ops, n->hotplug.inotify, (flags & COMM_NOTICES_SYNC) == 0);
    pump_wrap(n);
    if (error == 0)
        error = first_look(n, (flags & COMM_NOTICES_PRESENT) != 0);
    if (error == 0)
        error = sources_add(n);
    return error;
}

static HANDLE notices_open(uint32_t flags)
{
    uint32_t access = ci_file_access_map(GENERIC_READ);
    struct ci_obj *obj;
    HANDLE handle;
    int error;

    if ((flags & ~(DWORD)(COMM_NOTICES_SYNC | COMM_NOTICES_PRESENT)) != 0) {
        ci_fail(ERROR_INVALID_PARAMETER);
        return INVALID_HANDLE_VALUE;
    }
    obj = ci_obj_new(&notices_obj_ops);
    error = obj == NULL ? -ENOMEM : notices_make(notices_of(ci_file_of(obj)), flags);
    if (error == 0) {
        handle = ci_handle_give(obj, access, false);
        return handle != NULL ? handle : INVALID_HANDLE_VALUE;
    }
    if (obj != NULL)
        ci_obj_put(obj);
    ci_fail(ci_errno_error(CI_DOM_SYSTEM, -error));
    return INVALID_HANDLE_VALUE;
}

HANDLE CommOpenPortNotices(DWORD flags)
{
    CI_TRACED_HANDLE(notices_open(flags), "CommOpenPortNotices flags %u", (unsigned)flags);
}
