/* SPDX-License-Identifier: MIT */
/* A list of names under one lock.  The count of open handles of a named object reaches zero only
 * under that lock, so whoever finds a name may still open it. */
#include "libcomm/obj/name.h"

#include <string.h>

#include "libcomm/obj/handle.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/utf.h"

#define BUCKETS 64

struct ci_name {
    struct ci_list link;
    struct ci_obj *obj; /* not a reference: the name goes when the last handle does */
    char text[MAX_PATH * 3 + 1];
};

static struct {
    struct ci_lock lock;
    struct ci_list
        bucket[BUCKETS]; /* guarded by lock; a NULL next is an empty bucket not yet made */
} names = {.lock = CI_LOCK_INIT(CI_RANK_NAMES)};

static struct ci_list *bucket_of(const char *text)
{
    uint32_t hash = 2166136261u;
    struct ci_list *bucket;

    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    bucket = &names.bucket[hash % BUCKETS];
    if (bucket->next == NULL)
        ci_list_init(bucket);
    return bucket;
}

/* "Local\" and "Global\" name the same space here: there is one session. */
static const char *without_prefix(const char *name)
{
    static const char *const prefixes[] = {"Local\\", "Global\\"};

    for (size_t i = 0; i < 2; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return name + strlen(prefixes[i]);
    return name;
}

/* 0, or the error code for a name that cannot be one.  An empty name is no name. */
static uint32_t name_read(char *text, size_t room, const char *name, const WCHAR *wide)
{
    size_t length;

    text[0] = '\0';
    if (wide != NULL)
        length = ci_utf16_len(wide);
    else /* the limit counts characters of 16 bits in both forms */
        length = name != NULL ? ci_utf8_to_16(name, strlen(name), NULL, 0) : 0;
    if (length > MAX_PATH)
        return ERROR_FILENAME_EXCED_RANGE;
    if (wide != NULL) {
        text[ci_utf16_to_8(wide, length, text, room - 1)] = '\0';
        name = text;
    }
    if (name == NULL)
        return 0;
    memmove(text, without_prefix(name), strlen(without_prefix(name)) + 1);
    return strchr(text, '\\') == NULL ? 0 : ERROR_PATH_NOT_FOUND;
}

static struct ci_obj *find_locked(const char *text)
{
    struct ci_list *bucket = bucket_of(text);

    CI_LIST_EACH (link, after, bucket) {
        struct ci_name *name = CI_CONTAINER(link, struct ci_name, link);

        if (strcmp(name->text, text) == 0)
            return name->obj;
    }
    return NULL;
}

/* A handle to an object found by name.  The names' lock is held, so it cannot close meanwhile. */
static HANDLE open_locked(struct ci_obj *found, const struct ci_obj_ops *ops, uint32_t access,
                          bool inherit)
{
    if (found->ops == ops)
        return ci_handle_new(found, access, inherit);
    ci_fail(ERROR_INVALID_HANDLE);
    return NULL;
}

static HANDLE create_named(struct ci_obj *made, const char *text, uint32_t access, bool inherit)
{
    struct ci_name *name = ci_sys_alloc(sizeof *name);
    struct ci_obj *found;
    HANDLE handle = NULL;

    if (name == NULL) {
        ci_fail(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    ci_lock(&names.lock);
    found = find_locked(text);
    if (found != NULL) {
        handle = open_locked(found, made->ops, access, inherit);
    } else {
        ci_obj_get(made);
        handle = ci_handle_give(made, access, inherit);
        if (handle != NULL) {
            name->obj = made;
            memcpy(name->text, text, strlen(text) + 1);
            ci_list_append(bucket_of(text), &name->link);
            made->name = name;
            name = NULL;
        }
    }
    ci_unlock(&names.lock);
    if (handle != NULL)
        ci_set_last_error(found != NULL ? ERROR_ALREADY_EXISTS : 0);
    ci_sys_free(name);
    return handle;
}

HANDLE ci_name_create(struct ci_obj *made, const char *name, const WCHAR *wide, uint32_t access,
                      const SECURITY_ATTRIBUTES *attributes)
{
    bool inherit = attributes != NULL && attributes->bInheritHandle;
    char text[MAX_PATH * 3 + 1];
    uint32_t error;
    HANDLE handle = NULL;

    if (made == NULL) {
        ci_fail(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    access = ci_access_map(made->ops, access);
    error = name_read(text, sizeof text, name, wide);
    if (error != 0) {
        ci_fail(error);
    } else if (text[0] != '\0') {
        handle = create_named(made, text, access, inherit);
    } else {
        ci_obj_get(made);
        handle = ci_handle_give(made, access, inherit);
        if (handle != NULL)
            ci_set_last_error(0);
    }
    ci_obj_put(made);
    return handle;
}

HANDLE ci_name_open(const struct ci_obj_ops *ops, const char *name, const WCHAR *wide,
                    uint32_t access, bool inherit)
{
    char text[MAX_PATH * 3 + 1];
    struct ci_obj *found;
    HANDLE handle = NULL;
    uint32_t error;

    if (name == NULL && wide == NULL) {
        ci_fail(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    error = name_read(text, sizeof text, name, wide);
    if (error != 0) {
        ci_fail(error);
        return NULL;
    }
    ci_lock(&names.lock);
    found = find_locked(text);
    if (found != NULL)
        handle = open_locked(found, ops, ci_access_map(ops, access), inherit);
    else
        ci_fail(ERROR_FILE_NOT_FOUND);
    ci_unlock(&names.lock);
    return handle;
}

bool ci_name_close(struct ci_obj *obj)
{
    struct ci_name *name = NULL;
    bool last;

    ci_lock(&names.lock);
    last = atomic_fetch_sub(&obj->handles, 1) == 1;
    if (last && obj->name != NULL) {
        name = obj->name;
        obj->name = NULL;
        ci_list_del(&name->link);
    }
    ci_unlock(&names.lock);
    ci_sys_free(name);
    return last;
}

__attribute__((constructor)) static void names_setup(void)
{
    ci_fork_lock_add(&names.lock);
}
