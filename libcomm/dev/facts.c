/* SPDX-License-Identifier: MIT */
/* What a file is, by handle and by name, and how it goes.  Linux keeps other attributes than
 * Windows: a file nobody may write is read-only, and every other plain file wants to be archived,
 * as new files on Windows do. */
#include <libcomm/comm.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "libcomm/dev/inode.h"
#include "libcomm/dev/path.h"
#include "libcomm/dev/regular.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"

/* ---- by handle ---- */

static uint32_t type_of(HANDLE handle)
{
    struct ci_file *file = ci_file_get(handle, 0);
    uint32_t type;

    if (file == NULL)
        return FILE_TYPE_UNKNOWN;
    type = file->ops->type;
    ci_file_put(file);
    return type;
}

DWORD GetFileType(HANDLE handle)
{
    CI_TRACED_DWORD(type_of(handle), "GetFileType %s", ci_trace_handle(handle));
}

static uint32_t attributes_of(const struct stat *st)
{
    uint32_t attributes = 0;

    if (S_ISDIR(st->st_mode))
        attributes |= FILE_ATTRIBUTE_DIRECTORY;
    else if (S_ISREG(st->st_mode))
        attributes |= FILE_ATTRIBUTE_ARCHIVE;
    else
        attributes |= FILE_ATTRIBUTE_DEVICE;
    if (S_ISREG(st->st_mode) && (st->st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0)
        attributes |= FILE_ATTRIBUTE_READONLY;
    return attributes;
}

#define UNIX_EPOCH 116444736000000000ULL /* 1970 in units of 100 ns since 1601 */
#define UNITS_PER_S 10000000

static FILETIME filetime_of(const struct timespec *ts)
{
    uint64_t units =
        UNIX_EPOCH + (uint64_t)((int64_t)ts->tv_sec * UNITS_PER_S) + (uint64_t)ts->tv_nsec / 100;

    return (FILETIME){.dwLowDateTime = (DWORD)units, .dwHighDateTime = (DWORD)(units >> 32)};
}

static bool earlier(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

static void information_fill(BY_HANDLE_FILE_INFORMATION *info, const struct stat *st)
{
    uint64_t size = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0;
    uint64_t device = (uint64_t)st->st_dev, number = (uint64_t)st->st_ino;

    memset(info, 0, sizeof *info);
    info->dwFileAttributes = attributes_of(st);
    /* not every file system knows when a file was made: no later than this, at least */
    info->ftCreationTime =
        filetime_of(earlier(&st->st_ctim, &st->st_mtim) ? &st->st_ctim : &st->st_mtim);
    info->ftLastAccessTime = filetime_of(&st->st_atim);
    info->ftLastWriteTime = filetime_of(&st->st_mtim);
    info->dwVolumeSerialNumber = (DWORD)(device ^ device >> 32);
    info->nFileSizeHigh = (DWORD)(size >> 32);
    info->nFileSizeLow = (DWORD)size;
    info->nNumberOfLinks = (DWORD)st->st_nlink;
    info->nFileIndexHigh = (DWORD)(number >> 32);
    info->nFileIndexLow = (DWORD)number;
}

static bool information_get(HANDLE handle, BY_HANDLE_FILE_INFORMATION *info)
{
    struct ci_file *file = ci_file_get(handle, 0);
    uint32_t error = ERROR_SUCCESS;
    struct stat st;
    int failed;

    if (file == NULL)
        return false;
    failed = ci_sys_fstat(file->fd, &st);
    if (info == NULL)
        error = ERROR_INVALID_PARAMETER;
    else if (file->ops->type != FILE_TYPE_DISK)
        error = ERROR_INVALID_FUNCTION;
    else if (failed != 0)
        error = ci_errno_error(CI_DOM_FILE, -failed);
    ci_file_put(file);
    if (error != ERROR_SUCCESS)
        return ci_fail(error);
    information_fill(info, &st);
    return true;
}

BOOL GetFileInformationByHandle(HANDLE handle, BY_HANDLE_FILE_INFORMATION *info)
{
    CI_TRACED_BOOL(information_get(handle, info), "GetFileInformationByHandle %s",
                   ci_trace_handle(handle));
}

#define WRITE_RIGHTS (FILE_WRITE_DATA | FILE_APPEND_DATA)

static bool flush(HANDLE handle)
{
    struct ci_request request = {
        .handle = handle, .access = WRITE_RIGHTS, .kind = CI_OP_FLUSH, .lane = CI_LANE_CONTROL};
    struct ci_file *file = ci_file_get(handle, WRITE_RIGHTS);
    uint32_t error = ERROR_INVALID_FUNCTION;

    if (file == NULL)
        return false;
    if (file->ops->flush_pends) {
        ci_file_put(file);
        return ci_issue(&request);
    }
    if (file->ops->flush != NULL)
        error = file->ops->flush(file);
    ci_file_put(file);
    return error == ERROR_SUCCESS || ci_fail(error);
}

BOOL FlushFileBuffers(HANDLE handle)
{
    CI_TRACED_BOOL(flush(handle), "FlushFileBuffers %s", ci_trace_handle(handle));
}

/* ---- by name ---- */

/* Runs `use` on the path that a name means; 0 or an error code, which becomes the last error. */
static bool with_path(const char *name, uint32_t (*use)(const char *path, void *arg), void *arg)
{
    uint32_t error;
    char *path = ci_path_of(name, false, &error);

    if (path != NULL) {
        error = use(path, arg);
        ci_sys_free(path);
    }
    return error == ERROR_SUCCESS || ci_fail(error);
}

static bool with_wide_path(const WCHAR *name, uint32_t (*use)(const char *path, void *arg),
                           void *arg)
{
    char *narrow = name == NULL ? NULL : ci_path_narrow(name);
    bool ok;

    if (name != NULL && narrow == NULL)
        return ci_fail(ERROR_NOT_ENOUGH_MEMORY);
    ok = with_path(narrow, use, arg);
    ci_sys_free(narrow);
    return ok;
}

static uint32_t path_attributes(const char *path, void *arg)
{
    uint32_t *attributes = arg;
    struct stat st;
    int error = ci_sys_stat(path, &st);

    if (error != 0)
        return ci_path_error(path, -error);
    *attributes = attributes_of(&st);
    return ERROR_SUCCESS;
}

DWORD GetFileAttributesA(const char *name)
{
    uint32_t attributes = INVALID_FILE_ATTRIBUTES;

    with_path(name, path_attributes, &attributes);
    return attributes;
}

DWORD GetFileAttributesW(const WCHAR *name)
{
    uint32_t attributes = INVALID_FILE_ATTRIBUTES;

    with_wide_path(name, path_attributes, &attributes);
    return attributes;
}

/* A link goes itself, and not what it leads to; what counts as open is what it leads to. */
static uint32_t path_delete(const char *path, void *unused)
{
    struct stat st;
    int error = ci_sys_stat(path, &st);
    uint32_t refused = ERROR_SUCCESS;

    (void)unused;
    if (error == 0)
        refused = S_ISDIR(st.st_mode) ? ERROR_ACCESS_DENIED : ci_inode_may_delete(&st);
    if (refused != ERROR_SUCCESS)
        return refused;
    error = ci_sys_unlink(path);
    return error == 0 ? ERROR_SUCCESS : ci_path_error(path, -error);
}

BOOL DeleteFileA(const char *name)
{
    CI_TRACED_BOOL(with_path(name, path_delete, NULL), "DeleteFile %s",
                   name == NULL ? "(null)" : name);
}

BOOL DeleteFileW(const WCHAR *name)
{
    return with_wide_path(name, path_delete, NULL);
}
