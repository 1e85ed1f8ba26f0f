/* SPDX-License-Identifier: MIT */
/* An event is one bit and one rule: does a satisfied wait take the bit back?  A descriptor exists
 * only for an event that somebody exported. */
#include "libcomm/obj/event.h"

#include <libcomm/comm.h>

#include "libcomm/obj/handle.h"
#include "libcomm/obj/name.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/park.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"

struct event {
    struct ci_obj obj;
    bool manual; /* fixed at creation */
    _Atomic bool
        set; /* changed under obj.lock; read without it as a hint, acquiring what the setter did */
    int poll_fd; /* guarded by obj.lock; -1: not exported */
};

static struct event *event_of(struct ci_obj *obj)
{
    return CI_CONTAINER(obj, struct event, obj);
}

static bool event_signaled(const struct ci_obj *obj, const struct ci_thread *taker)
{
    (void)taker;
    return atomic_load_explicit(&CI_CONTAINER(obj, struct event, obj)->set, memory_order_relaxed);
}

static bool event_peek(const struct ci_obj *obj)
{
    return atomic_load_explicit(&CI_CONTAINER(obj, struct event, obj)->set, memory_order_acquire);
}

/* The descriptor follows the bit, under the lock that guards both. */
static void bit_store(struct event *event, bool set)
{
    bool was = atomic_load_explicit(&event->set, memory_order_relaxed);

    atomic_store_explicit(&event->set, set, memory_order_release);
    if (event->poll_fd < 0 || was == set)
        return;
    if (set)
        ci_kick_ring(event->poll_fd);
    else
        ci_kick_clear(event->poll_fd);
}

void ci_event_lower(struct ci_obj *obj)
{
    bit_store(event_of(obj), false);
}

static void event_consume(struct ci_obj *obj, struct ci_thread *taker)
{
    (void)taker;
    if (!event_of(obj)->manual) /* auto-reset: the wait takes the bit */
        ci_event_lower(obj);
}

uint32_t ci_event_raise(struct ci_obj *obj, void *unused)
{
    (void)unused;
    bit_store(event_of(obj), true);
    return 0;
}

static void event_destroy(struct ci_obj *obj)
{
    if (event_of(obj)->poll_fd >= 0)
        ci_sys_close(event_of(obj)->poll_fd);
}

/* In a child the descriptor is shared with the parent's event, which is another one now. */
static void event_forked(struct ci_obj *obj)
{
    if (atomic_load(&obj->handles) == 0)
        return; /* half made: its descriptor may still read 0, and nobody can reach it */
    if (event_of(obj)->poll_fd >= 0)
        ci_sys_close(event_of(obj)->poll_fd);
    event_of(obj)->poll_fd = -1;
}

const struct ci_obj_ops ci_event_ops = {
    .name = "event",
    .size = sizeof(struct event),
    .full_access = EVENT_ALL_ACCESS,
    .signaled = event_signaled,
    .peek = event_peek,
    .consume = event_consume,
    .destroy = event_destroy,
    .forked = event_forked,
};

void ci_event_reset(struct ci_obj *obj)
{
    bool all = ci_obj_lock(obj);

    ci_event_lower(obj);
    ci_obj_unlock(obj, all);
}

bool ci_event_stays_set(struct ci_obj *obj)
{
    return event_of(obj)->manual && event_peek(obj);
}

bool ci_event_manual(const struct ci_obj *obj)
{
    return CI_CONTAINER(obj, const struct event, obj)->manual;
}

int ci_event_export(struct ci_obj *obj)
{
    struct event *event = event_of(obj);
    int fd;

    ci_lock(&obj->lock);
    if (event->poll_fd < 0) {
        event->poll_fd = ci_sys_eventfd();
        if (event->poll_fd >= 0 && event_signaled(obj, NULL))
            ci_kick_ring(event->poll_fd);
    }
    fd = event->poll_fd;
    if (fd < 0)
        event->poll_fd = -1;
    ci_unlock(&obj->lock);
    return fd;
}

/* ---- the public calls ---- */

static HANDLE event_create(const SECURITY_ATTRIBUTES *attributes, bool manual, bool set,
                           const char *name, const WCHAR *wide, uint32_t access)
{
    struct ci_obj *obj = ci_obj_new(&ci_event_ops);

    if (obj != NULL) {
        event_of(obj)->manual = manual;
        event_of(obj)->poll_fd = -1;
        bit_store(event_of(obj), set);
    }
    return ci_name_create(obj, name, wide, access, attributes);
}

HANDLE CreateEventA(LPSECURITY_ATTRIBUTES attributes, BOOL manual, BOOL set, LPCSTR name)
{
    CI_TRACED_HANDLE(event_create(attributes, manual != 0, set != 0, name, NULL, EVENT_ALL_ACCESS),
                     "CreateEvent %s%s", manual ? "manual" : "auto", set ? " set" : "");
}

HANDLE CreateEventW(LPSECURITY_ATTRIBUTES attributes, BOOL manual, BOOL set, LPCWSTR name)
{
    CI_TRACED_HANDLE(event_create(attributes, manual != 0, set != 0, NULL, name, EVENT_ALL_ACCESS),
                     "CreateEvent %s%s", manual ? "manual" : "auto", set ? " set" : "");
}

HANDLE CreateEventExA(LPSECURITY_ATTRIBUTES attributes, LPCSTR name, DWORD flags, DWORD access)
{
    CI_TRACED_HANDLE(event_create(attributes, (flags & CREATE_EVENT_MANUAL_RESET) != 0,
                                  (flags & CREATE_EVENT_INITIAL_SET) != 0, name, NULL, access),
                     "CreateEventEx flags %u", flags);
}

HANDLE CreateEventExW(LPSECURITY_ATTRIBUTES attributes, LPCWSTR name, DWORD flags, DWORD access)
{
    CI_TRACED_HANDLE(event_create(attributes, (flags & CREATE_EVENT_MANUAL_RESET) != 0,
                                  (flags & CREATE_EVENT_INITIAL_SET) != 0, NULL, name, access),
                     "CreateEventEx flags %u", flags);
}

HANDLE OpenEventA(DWORD access, BOOL inherit, LPCSTR name)
{
    CI_TRACED_HANDLE(ci_name_open(&ci_event_ops, name, NULL, access, inherit != 0), "OpenEvent %s",
                     name);
}

HANDLE OpenEventW(DWORD access, BOOL inherit, LPCWSTR name)
{
    CI_TRACED_HANDLE(ci_name_open(&ci_event_ops, NULL, name, access, inherit != 0), "OpenEvent");
}

static bool event_set(HANDLE handle)
{
    struct ci_obj *obj = ci_handle_get(handle, &ci_event_ops, EVENT_MODIFY_STATE);

    if (obj == NULL)
        return false;
    ci_signal(obj, ci_event_raise, NULL);
    ci_obj_put(obj);
    return true;
}

static bool event_unset(HANDLE handle)
{
    struct ci_obj *obj = ci_handle_get(handle, &ci_event_ops, EVENT_MODIFY_STATE);

    if (obj == NULL)
        return false;
    ci_event_reset(obj);
    ci_obj_put(obj);
    return true;
}

static bool event_pulse(HANDLE handle)
{
    struct ci_obj *obj = ci_handle_get(handle, &ci_event_ops, EVENT_MODIFY_STATE);

    if (obj == NULL)
        return false;
    ci_pulse(obj, ci_event_raise, ci_event_lower);
    ci_obj_put(obj);
    return true;
}

BOOL SetEvent(HANDLE handle)
{
    CI_TRACED_BOOL(event_set(handle), "SetEvent %s", ci_trace_handle(handle));
}

BOOL ResetEvent(HANDLE handle)
{
    CI_TRACED_BOOL(event_unset(handle), "ResetEvent %s", ci_trace_handle(handle));
}

BOOL PulseEvent(HANDLE handle)
{
    CI_TRACED_BOOL(event_pulse(handle), "PulseEvent %s", ci_trace_handle(handle));
}
