/* SPDX-License-Identifier: MIT */
/* The table: chunks of slots that are never given back, so looking a handle up takes no lock.  Free
 * slots queue up at the tail, which keeps a closed value wrong for as long as possible. */
#include "libcomm/obj/handle.h"

#include <libcomm/comm.h>

#include "libcomm/obj/name.h"
#include "libcomm/obj/thread.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/hint.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"

#define CHUNK_SLOTS 4096u
#define CHUNKS 1024u /* 22 bits of index */
#define INDEX_SHIFT 2
#define GENERATION_SHIFT 24
#define GENERATIONS 128u
#define NONE 0u        /* slot 0 is never used, so no handle is 0 */
#define QUERY_STATE 1u /* every kind of object has it, under a name of its own */

struct slot {
    /* NULL: free.  Published with release after everything else; taken away first. */
    _Atomic(struct ci_obj *) obj;
    _Atomic uint32_t generation; /* changes when the slot is freed */
    _Atomic uint32_t access;
    _Atomic uint32_t flags; /* HANDLE_FLAG_* */
    uint32_t next_free;     /* guarded by the table's lock */
};

static struct {
    struct ci_lock lock;
    _Atomic(struct slot *) chunk[CHUNKS]; /* set once, with release */
    uint32_t made;                        /* guarded by lock: slots in existence */
    uint32_t first_free, last_free;       /* guarded by lock: a queue */
} table = {.lock = CI_LOCK_INIT(CI_RANK_HANDLES), .made = 0, .first_free = NONE, .last_free = NONE};

/* ---- slots ---- */

static struct slot *slot_at(uint32_t index)
{
    struct slot *chunk;

    if (index / CHUNK_SLOTS >= CHUNKS)
        return NULL;
    chunk = atomic_load_explicit(&table.chunk[index / CHUNK_SLOTS], memory_order_acquire);
    return chunk == NULL ? NULL : &chunk[index % CHUNK_SLOTS];
}

static HANDLE handle_of(uint32_t index, uint32_t generation)
{
    return (HANDLE)(uintptr_t)(generation << GENERATION_SHIFT | index << INDEX_SHIFT);
}

/* The slot a value points at, whatever is in it now; *generation is what it claims. */
static struct slot *slot_of(HANDLE handle, uint32_t *index, uint32_t *generation)
{
    uintptr_t value = (uintptr_t)handle;

    if (value == 0 || value >> 31 != 0)
        return NULL;
    *index = (uint32_t)(value & 0xFFFFFF) >> INDEX_SHIFT; /* the low two bits are the caller's */
    *generation = (uint32_t)value >> GENERATION_SHIFT;
    return slot_at(*index);
}

static bool grow_locked(void)
{
    struct slot *chunk;

    if (table.made % CHUNK_SLOTS == 0) {
        if (table.made / CHUNK_SLOTS == CHUNKS)
            return false;
        chunk = ci_sys_alloc(CHUNK_SLOTS * sizeof *chunk);
        if (chunk == NULL)
            return false;
        atomic_store_explicit(&table.chunk[table.made / CHUNK_SLOTS], chunk, memory_order_release);
    }
    return true;
}

static uint32_t slot_take_locked(void)
{
    uint32_t index = table.first_free;

    if (index != NONE) {
        table.first_free = slot_at(index)->next_free;
        if (table.first_free == NONE)
            table.last_free = NONE;
        return index;
    }
    if (!grow_locked())
        return NONE;
    if (table.made == 0)
        table.made = 1;
    return table.made++;
}

static void slot_give_locked(uint32_t index)
{
    slot_at(index)->next_free = NONE;
    if (table.last_free == NONE)
        table.first_free = index;
    else
        slot_at(table.last_free)->next_free = index;
    table.last_free = index;
}

/* ---- opening ---- */

/* The first handle of a new object, or one more of an open one; never of one that was closed. */
static bool open_count(struct ci_obj *obj, bool first)
{
    uint32_t handles = atomic_load(&obj->handles);

    do
        if (handles == 0 && !first)
            return false;
    while (!atomic_compare_exchange_weak(&obj->handles, &handles, handles + 1));
    return true;
}

static HANDLE slot_fill(uint32_t index, struct ci_obj *obj, uint32_t access, uint32_t flags)
{
    struct slot *slot = slot_at(index);

    ci_obj_get(obj);
    atomic_store_explicit(&slot->access, access, memory_order_relaxed);
    atomic_store_explicit(&slot->flags, flags, memory_order_relaxed);
    atomic_store_explicit(&slot->obj, obj, memory_order_release);
    return handle_of(index, atomic_load_explicit(&slot->generation, memory_order_relaxed));
}

static HANDLE handle_make(struct ci_obj *obj, uint32_t access, uint32_t flags, bool first)
{
    HANDLE handle = NULL;
    uint32_t index, error = 0;

    ci_lock(&table.lock);
    index = slot_take_locked();
    if (index == NONE) {
        error = ERROR_NOT_ENOUGH_MEMORY;
    } else if (!open_count(obj, first)) {
        slot_give_locked(index);
        error = ERROR_INVALID_HANDLE;
    } else {
        handle = slot_fill(index, obj, access, flags);
    }
    ci_unlock(&table.lock);
    if (error != 0)
        ci_fail(error);
    return handle;
}

HANDLE ci_handle_new(struct ci_obj *obj, uint32_t access, bool inherit)
{
    return handle_make(obj, access, inherit ? HANDLE_FLAG_INHERIT : 0, false);
}

HANDLE ci_handle_give(struct ci_obj *obj, uint32_t access, bool inherit)
{
    HANDLE handle = handle_make(obj, access, inherit ? HANDLE_FLAG_INHERIT : 0, true);

    ci_obj_put(obj);
    return handle;
}

/* ---- looking up ---- */

/* The reference is to a stranger that has the slot by now. */
CI_RARE static struct ci_obj *give_back(struct ci_obj *obj)
{
    ci_obj_put(obj);
    return NULL;
}

static inline struct ci_obj *find(HANDLE handle, uint32_t *granted)
{
    uint32_t index, generation;
    struct slot *slot = slot_of(handle, &index, &generation);
    struct ci_obj *obj;

    if (slot == NULL)
        return NULL;
    obj = atomic_load_explicit(&slot->obj, memory_order_acquire);
    if (obj == NULL || !ci_obj_try_get(obj))
        return NULL;
    *granted = atomic_load_explicit(&slot->access, memory_order_relaxed);
    /* still what the value names? */
    if (atomic_load_explicit(&slot->obj, memory_order_acquire) == obj &&
        atomic_load_explicit(&slot->generation, memory_order_acquire) == generation)
        return obj;
    return give_back(obj);
}

struct ci_obj *ci_handle_find(HANDLE handle, uint32_t *granted)
{
    return find(handle, granted);
}

CI_RARE static struct ci_obj *refuse(struct ci_obj *obj, uint32_t error)
{
    if (obj != NULL)
        ci_obj_put(obj);
    ci_fail(error);
    return NULL;
}

static inline struct ci_obj *checked(struct ci_obj *obj, uint32_t granted,
                                     const struct ci_obj_ops *ops, uint32_t access)
{
    if (obj == NULL || (ops != NULL && obj->ops != ops))
        return refuse(obj, ERROR_INVALID_HANDLE);
    if ((access & ~granted) != 0)
        return refuse(obj, ERROR_ACCESS_DENIED);
    return obj;
}

struct ci_obj *ci_handle_get(HANDLE handle, const struct ci_obj_ops *ops, uint32_t access)
{
    uint32_t granted = 0;
    struct ci_obj *obj = find(handle, &granted);

    return checked(obj, granted, ops, access);
}

static struct ci_obj *pseudo_get(HANDLE handle, const struct ci_obj_ops *ops)
{
    struct ci_obj *obj = handle == CI_CURRENT_PROCESS ? ci_process_get() : ci_thread_obj_get();

    if (obj == NULL)
        return NULL; /* the thread is new here, and there was no memory: said already */
    return checked(obj, UINT32_MAX, ops, 0);
}

struct ci_obj *ci_handle_get_pseudo(HANDLE handle, const struct ci_obj_ops *ops, uint32_t access)
{
    if (handle == CI_CURRENT_PROCESS || handle == CI_CURRENT_THREAD)
        return pseudo_get(handle, ops);
    return ci_handle_get(handle, ops, access);
}

/* ---- closing ---- */

static uint32_t slot_clear_locked(HANDLE handle, bool forced, struct ci_obj **obj)
{
    uint32_t index, generation;
    struct slot *slot = slot_of(handle, &index, &generation);

    if (slot == NULL || atomic_load(&slot->generation) != generation)
        return ERROR_INVALID_HANDLE;
    *obj = atomic_load(&slot->obj);
    if (*obj == NULL)
        return ERROR_INVALID_HANDLE;
    if (!forced && (atomic_load(&slot->flags) & HANDLE_FLAG_PROTECT_FROM_CLOSE) != 0)
        return ERROR_INVALID_HANDLE;
    atomic_store(&slot->obj, NULL);
    atomic_store(&slot->generation, (generation + 1) % GENERATIONS);
    slot_give_locked(index);
    return 0;
}

static bool handle_close(HANDLE handle)
{
    struct ci_obj *obj = NULL;
    uint32_t error;

    if (handle == CI_CURRENT_PROCESS || handle == CI_CURRENT_THREAD)
        return true;
    ci_lock(&table.lock);
    error = slot_clear_locked(handle, false, &obj);
    ci_unlock(&table.lock);
    if (error != 0) {
        if (obj == NULL)
            ci_trace_misuse("CloseHandle of 0x%zx: closed already, or never opened",
                            (size_t)(uintptr_t)handle);
        return ci_fail(error);
    }
    if (ci_name_close(obj) && obj->ops->closing != NULL)
        obj->ops->closing(obj);
    ci_obj_put(obj);
    return true;
}

BOOL CloseHandle(HANDLE handle)
{
    CI_TRACED_BOOL(handle_close(handle), "CloseHandle %s", ci_trace_handle(handle));
}

/* ---- duplicating ---- */

static bool slot_flags(HANDLE handle, uint32_t *flags)
{
    uint32_t index, generation;
    struct slot *slot = slot_of(handle, &index, &generation);

    if (slot == NULL || atomic_load(&slot->obj) == NULL ||
        atomic_load(&slot->generation) != generation)
        return false;
    *flags = atomic_load(&slot->flags);
    return true;
}

static uint32_t access_wanted(const struct ci_obj *obj, uint32_t access, uint32_t options,
                              uint32_t granted)
{
    if ((options & DUPLICATE_SAME_ACCESS) != 0)
        return granted;
    return ci_access_map(obj->ops, access);
}

/* DUPLICATE_CLOSE_SOURCE in one process: the slot keeps its value and only its rights change. */
static HANDLE reuse_source(HANDLE source, uint32_t access, bool inherit)
{
    uint32_t index, generation;
    struct slot *slot = slot_of(source, &index, &generation);

    atomic_store(&slot->access, access);
    atomic_store(&slot->flags, inherit ? HANDLE_FLAG_INHERIT : 0);
    return source;
}

/* The source goes even when there is nobody to give the copy to. */
static bool refuse_target(HANDLE source, uint32_t options)
{
    if ((options & DUPLICATE_CLOSE_SOURCE) != 0)
        (void)handle_close(source);
    return ci_fail(ERROR_ACCESS_DENIED);
}

static bool is_own_process(HANDLE handle)
{
    struct ci_obj *obj = ci_handle_get_pseudo(handle, NULL, 0);
    struct ci_obj *own = ci_process_get();
    bool is_own = obj == own;

    if (obj != NULL)
        ci_obj_put(obj);
    ci_obj_put(own);
    return is_own;
}

static bool duplicate(HANDLE source_process, HANDLE source, HANDLE target_process, HANDLE *target,
                      uint32_t access, bool inherit, uint32_t options)
{
    uint32_t granted = UINT32_MAX, flags = 0;
    struct ci_obj *obj = NULL;
    HANDLE made = NULL;
    bool pseudo = source == CI_CURRENT_PROCESS || source == CI_CURRENT_THREAD;

    if (!is_own_process(source_process))
        return ci_fail(ERROR_ACCESS_DENIED);
    if (!is_own_process(target_process))
        return refuse_target(source, options);
    obj = pseudo ? ci_handle_get_pseudo(source, NULL, 0) : ci_handle_find(source, &granted);
    if (obj == NULL || (!pseudo && !slot_flags(source, &flags))) {
        if (obj != NULL)
            ci_obj_put(obj);
        return ci_fail(ERROR_INVALID_HANDLE);
    }
    if (pseudo)
        granted = obj->ops->full_access;
    access = access_wanted(obj, access, options, granted);
    if ((options & DUPLICATE_CLOSE_SOURCE) != 0 && !pseudo &&
        (flags & HANDLE_FLAG_PROTECT_FROM_CLOSE) == 0) {
        if (target != NULL)
            made = reuse_source(source, access, inherit);
        else
            made = handle_close(source) ? source : NULL;
    } else {
        made = handle_make(obj, access, inherit ? HANDLE_FLAG_INHERIT : 0, pseudo);
    }
    if (made != NULL && target != NULL) {
        *target = made;
        if (inherit && obj->ops->inherit != NULL)
            obj->ops->inherit(obj, true);
    }
    ci_obj_put(obj);
    return made != NULL;
}

BOOL DuplicateHandle(HANDLE source_process, HANDLE source, HANDLE target_process, HANDLE *target,
                     DWORD access, BOOL inherit, DWORD options)
{
    CI_TRACED_BOOL(
        duplicate(source_process, source, target_process, target, access, inherit, options),
        "DuplicateHandle %s options %u", ci_trace_handle(source), options);
}

/* ---- flags and identity ---- */

static bool information_get(HANDLE handle, DWORD *flags)
{
    uint32_t found = 0;

    if (flags == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    if (handle != CI_CURRENT_PROCESS && handle != CI_CURRENT_THREAD && !slot_flags(handle, &found))
        return ci_fail(ERROR_INVALID_HANDLE);
    *flags = found;
    return true;
}

BOOL GetHandleInformation(HANDLE handle, DWORD *flags)
{
    CI_TRACED_BOOL(information_get(handle, flags), "GetHandleInformation %s",
                   ci_trace_handle(handle));
}

static bool information_set(HANDLE handle, uint32_t mask, uint32_t flags)
{
    uint32_t index, generation, old;
    struct slot *slot = slot_of(handle, &index, &generation);

    mask &= HANDLE_FLAG_INHERIT | HANDLE_FLAG_PROTECT_FROM_CLOSE;
    if (slot == NULL || !slot_flags(handle, &old))
        return ci_fail(ERROR_INVALID_HANDLE);
    while (!atomic_compare_exchange_weak(&slot->flags, &old, (old & ~mask) | (flags & mask)))
        ;
    if (((old ^ flags) & mask & HANDLE_FLAG_INHERIT) != 0) {
        struct ci_obj *obj = ci_handle_find(handle, &old);

        if (obj != NULL) {
            if (obj->ops->inherit != NULL)
                obj->ops->inherit(obj, (flags & HANDLE_FLAG_INHERIT) != 0);
            ci_obj_put(obj);
        }
    }
    return true;
}

BOOL SetHandleInformation(HANDLE handle, DWORD mask, DWORD flags)
{
    CI_TRACED_BOOL(information_set(handle, mask, flags), "SetHandleInformation %s mask %u flags %u",
                   ci_trace_handle(handle), mask, flags);
}

static bool same_object(HANDLE a, HANDLE b)
{
    struct ci_obj *x = ci_handle_get_pseudo(a, NULL, 0);
    struct ci_obj *y = x == NULL ? NULL : ci_handle_get_pseudo(b, NULL, 0);
    bool same = y != NULL && x == y;

    if (y != NULL)
        ci_obj_put(y);
    if (x != NULL)
        ci_obj_put(x);
    if (!same && y != NULL)
        ci_fail(1656); /* ERROR_NOT_SAME_OBJECT */
    return same;
}

BOOL CompareObjectHandles(HANDLE a, HANDLE b)
{
    CI_TRACED_BOOL(same_object(a, b), "CompareObjectHandles %s %s", ci_trace_handle(a),
                   ci_trace_handle(b));
}

__attribute__((constructor)) static void handles_setup(void)
{
    ci_fork_lock_add(&table.lock);
}

/* ---- rights ---- */

/* What the generic rights stand for on events, mutexes, semaphores, timers and ports: only
 * executing includes waiting. */
uint32_t ci_access_map(const struct ci_obj_ops *ops, uint32_t access)
{
    uint32_t granted = access & ops->full_access;

    if (ops->access_map != NULL)
        return ops->access_map(access);
    if ((access & (GENERIC_ALL | MAXIMUM_ALLOWED)) != 0)
        granted |= ops->full_access;
    if ((access & GENERIC_READ) != 0)
        granted |= READ_CONTROL | QUERY_STATE;
    if ((access & GENERIC_WRITE) != 0)
        granted |= READ_CONTROL | EVENT_MODIFY_STATE;
    if ((access & GENERIC_EXECUTE) != 0)
        granted |= READ_CONTROL | SYNCHRONIZE;
    return granted & ops->full_access;
}
