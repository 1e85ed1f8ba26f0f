/* SPDX-License-Identifier: MIT */
/* The file position and the size.  A tty has neither and says 0; a pipe has neither and says so. */
#include <libcomm/comm.h>

#include "libcomm/dev/regular.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"

/* ---- seeking ---- */

struct seek {
    int64_t distance;
    uint32_t method;
    bool low_only; /* the caller has room for 32 bits of the answer */
};

/* The file's lock is held.  0 or an error code. */
static uint32_t seek_target(struct regular *r, const struct seek *seek, int64_t *target)
{
    int64_t from = 0;

    if (seek->method == FILE_CURRENT)
        from = ci_regular_position(r);
    else if (seek->method == FILE_END)
        from = ci_regular_size(r);
    if (from < 0)
        return ci_errno_error(CI_DOM_FILE, (int)-from);
    if (seek->distance > INT64_MAX - from)
        return ERROR_INVALID_PARAMETER;
    *target = from + seek->distance;
    if (*target < 0)
        return ERROR_NEGATIVE_SEEK;
    if (seek->low_only && *target > UINT32_MAX)
        return ERROR_INVALID_PARAMETER;
    return ERROR_SUCCESS;
}

static uint32_t seek_regular(struct regular *r, const struct seek *seek, int64_t *target)
{
    uint32_t error;

    ci_lock(&r->file.lock);
    error = seek_target(r, seek, target);
    if (error == ERROR_SUCCESS)
        ci_regular_seek(r, *target);
    ci_unlock(&r->file.lock);
    return error;
}

static bool seek(HANDLE handle, const struct seek *seek, int64_t *target)
{
    struct ci_file *file = ci_file_get(handle, 0);
    uint32_t error = ERROR_SUCCESS;

    if (file == NULL)
        return false;
    *target = 0;
    if (seek->method > FILE_END)
        error = ERROR_INVALID_PARAMETER;
    else if (ci_is_regular(file) && ci_regular_of(file)->seekable)
        error = seek_regular(ci_regular_of(file), seek, target);
    else if (file->ops->type != FILE_TYPE_CHAR)
        error = ERROR_INVALID_FUNCTION;
    ci_file_put(file);
    return error == ERROR_SUCCESS || ci_fail(error);
}

static uint32_t seek_short(HANDLE handle, LONG distance, LONG *high, DWORD method)
{
    struct seek how = {.distance = distance, .method = method, .low_only = high == NULL};
    int64_t target;

    if (high != NULL)
        how.distance = (int64_t)((uint64_t)(uint32_t)*high << 32 | (uint32_t)distance);
    if (!seek(handle, &how, &target))
        return INVALID_SET_FILE_POINTER;
    if (high != NULL)
        *high = (LONG)(target >> 32);
    if ((uint32_t)target == INVALID_SET_FILE_POINTER)
        ci_set_last_error(ERROR_SUCCESS); /* all ones, and no failure */
    return (uint32_t)target;
}

DWORD SetFilePointer(HANDLE handle, LONG distance, LONG *high, DWORD method)
{
    CI_TRACED_DWORD(seek_short(handle, distance, high, method), "SetFilePointer %s %d method %u",
                    ci_trace_handle(handle), distance, method);
}

static bool seek_long(HANDLE handle, int64_t distance, LARGE_INTEGER *result, DWORD method)
{
    struct seek how = {.distance = distance, .method = method};
    int64_t target;

    if (!seek(handle, &how, &target))
        return false;
    if (result != NULL)
        result->QuadPart = target;
    return true;
}

BOOL SetFilePointerEx(HANDLE handle, LARGE_INTEGER distance, LARGE_INTEGER *result, DWORD method)
{
    CI_TRACED_BOOL(seek_long(handle, distance.QuadPart, result, method),
                   "SetFilePointerEx %s %lld method %u", ci_trace_handle(handle),
                   (long long)distance.QuadPart, method);
}

/* ---- the end ---- */

static uint32_t end_set(struct regular *r)
{
    int error;

    ci_lock(&r->file.lock);
    error = ci_sys_ftruncate(r->file.fd, ci_regular_position(r));
    ci_unlock(&r->file.lock);
    return error == 0 ? ERROR_SUCCESS : ci_errno_error(CI_DOM_FILE, -error);
}

static bool end_here(HANDLE handle)
{
    struct ci_file *file = ci_file_get(handle, FILE_WRITE_DATA);
    uint32_t error = ERROR_INVALID_FUNCTION;

    if (file == NULL)
        return false;
    if (ci_is_regular(file) && ci_regular_of(file)->seekable && !ci_regular_of(file)->directory)
        error = end_set(ci_regular_of(file));
    ci_file_put(file);
    return error == ERROR_SUCCESS || ci_fail(error);
}

BOOL SetEndOfFile(HANDLE handle)
{
    CI_TRACED_BOOL(end_here(handle), "SetEndOfFile %s", ci_trace_handle(handle));
}

/* ---- the size ---- */

static bool size_get(HANDLE handle, int64_t *size)
{
    struct ci_file *file = ci_file_get(handle, 0);
    uint32_t error = ERROR_SUCCESS;

    if (file == NULL)
        return false;
    *size = 0;
    if (ci_is_regular(file) && file->ops->type == FILE_TYPE_DISK)
        *size = ci_regular_size(ci_regular_of(file));
    else if (file->ops->type != FILE_TYPE_CHAR)
        error = ERROR_INVALID_FUNCTION;
    if (*size < 0)
        error = ci_errno_error(CI_DOM_FILE, (int)-*size);
    ci_file_put(file);
    return error == ERROR_SUCCESS || ci_fail(error);
}

static uint32_t size_short(HANDLE handle, DWORD *high)
{
    int64_t size;

    if (!size_get(handle, &size))
        return INVALID_FILE_SIZE;
    if (high != NULL)
        *high = (DWORD)(size >> 32);
    if ((uint32_t)size == INVALID_FILE_SIZE)
        ci_set_last_error(ERROR_SUCCESS);
    return (uint32_t)size;
}

DWORD GetFileSize(HANDLE handle, DWORD *high)
{
    CI_TRACED_DWORD(size_short(handle, high), "GetFileSize %s", ci_trace_handle(handle));
}

static bool size_long(HANDLE handle, LARGE_INTEGER *size)
{
    int64_t bytes;

    if (size == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    if (!size_get(handle, &bytes))
        return false;
    size->QuadPart = bytes;
    return true;
}

BOOL GetFileSizeEx(HANDLE handle, LARGE_INTEGER *size)
{
    CI_TRACED_BOOL(size_long(handle, size), "GetFileSizeEx %s", ci_trace_handle(handle));
}
