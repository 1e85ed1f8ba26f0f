/* SPDX-License-Identifier: MIT */
/* CreateFile on paths.  The file is opened first and without harm, then sharing is agreed on, and
 * only then is anything cut off: a refused call leaves the file as it was. */
#include "libcomm/dev/open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "libcomm/dev/path.h"
#include "libcomm/dev/regular.h"
#include "libcomm/dev/stream.h"
#include "libcomm/obj/handle.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"

/* One call in progress. */
struct opening {
    const struct ci_open *request;
    const char *path;
    uint32_t granted; /* specific rights */
    int fd;
    struct stat st;
    bool existed;
    bool readable, writable; /* the descriptor */
};

#define CREATION_TRIES 8  /* against somebody who creates and deletes the file all the time */
#define MEMORY_DEVICES 1u /* the major number of null, zero, full and random */

static bool has(const struct opening *o, uint32_t flag)
{
    return (o->request->flags & flag) != 0;
}

/* ---- the descriptor ---- */

static int access_flags(struct opening *o)
{
    o->readable = (o->granted & FILE_READ_DATA) != 0;
    o->writable = (o->granted & (FILE_WRITE_DATA | FILE_APPEND_DATA)) != 0;
    if (o->readable && o->writable)
        return O_RDWR;
    if (o->writable)
        return O_WRONLY;
    return o->readable ? O_RDONLY : O_PATH; /* to ask for facts needs no right to the content */
}

/* O_NONBLOCK: neither a FIFO without a peer nor a modem without carrier keeps the caller waiting.
 */
static int open_flags(struct opening *o)
{
    int flags = access_flags(o) | O_NONBLOCK;

    if (o->writable && (o->granted & FILE_WRITE_DATA) == 0)
        flags |= O_APPEND;
    if (has(o, FILE_FLAG_WRITE_THROUGH))
        flags |= O_DSYNC;
    if (has(o, FILE_FLAG_OPEN_REPARSE_POINT))
        flags |= O_NOFOLLOW;
    return flags;
}

/* Not every file system takes O_DIRECT; where it does not, NO_BUFFERING is only a rule about sizes.
 */
static int open_buffered_or_not(struct opening *o, int flags, unsigned mode)
{
    int fd;

    if (!has(o, FILE_FLAG_NO_BUFFERING) || (flags & O_PATH) != 0)
        return ci_sys_open(o->path, flags, mode);
    fd = ci_sys_open(o->path, flags | O_DIRECT, mode);
    return fd == -EINVAL ? ci_sys_open(o->path, flags, mode) : fd;
}

static int open_existing(struct opening *o)
{
    int fd = open_buffered_or_not(o, open_flags(o), 0);

    if (fd != -EISDIR || !has(o, FILE_FLAG_BACKUP_SEMANTICS))
        return fd;
    o->writable = false; /* a directory is written to by making files */
    return ci_sys_open(o->path, O_RDONLY | O_DIRECTORY, 0);
}

static int open_new(struct opening *o, int exclusive)
{
    unsigned mode = has(o, FILE_ATTRIBUTE_READONLY) ? 0444 : 0666;
    int flags = open_flags(o);

    if ((flags & O_PATH) != 0) {
        flags &= ~O_PATH; /* would not create */
        o->readable = true;
    }
    return open_buffered_or_not(o, flags | O_CREAT | exclusive, mode);
}

/* CREATE_ALWAYS and OPEN_ALWAYS must know which of the two it was. */
static int open_or_new(struct opening *o)
{
    int fd = -ENOENT;

    for (int i = 0; i < CREATION_TRIES; i++) {
        o->existed = true;
        fd = open_existing(o);
        if (fd != -ENOENT)
            return fd;
        o->existed = false;
        fd = open_new(o, O_EXCL);
        if (fd != -EEXIST)
            return fd;
    }
    return open_new(o, 0); /* a link to nowhere: there and not there */
}

static int open_by_disposition(struct opening *o)
{
    o->existed = true;
    switch (o->request->disposition) {
    case CREATE_NEW:
        o->existed = false;
        return open_new(o, O_EXCL);
    case CREATE_ALWAYS:
    case OPEN_ALWAYS:
        return open_or_new(o);
    default:
        return open_existing(o);
    }
}

static uint32_t open_error(const struct opening *o, int error)
{
    switch (error) {
    case EEXIST:
        return ERROR_FILE_EXISTS;
    case EAGAIN: /* somebody has a lease on it */
    case ETXTBSY:
        return ERROR_SHARING_VIOLATION;
    case ENXIO: /* a FIFO without a reader, a socket, a device without a driver */
        return ERROR_NOT_READY;
    default:
        return ci_path_error(o->path, error);
    }
}

/* ---- the content ---- */

static bool cuts(const struct opening *o)
{
    return o->existed && (o->request->disposition == CREATE_ALWAYS ||
                          o->request->disposition == TRUNCATE_EXISTING);
}

/* A handle that may only read can still have asked for an empty file. */
static int cut(const struct opening *o)
{
    char path[32];
    int fd, error;

    if (o->writable)
        return ci_sys_ftruncate(o->fd, 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", o->fd);
    fd = ci_sys_open(path, O_WRONLY, 0);
    if (fd < 0)
        return fd;
    error = ci_sys_ftruncate(fd, 0);
    ci_sys_close(fd);
    return error;
}

static void advise(const struct opening *o)
{
    if (has(o, FILE_FLAG_SEQUENTIAL_SCAN))
        ci_sys_fadvise(o->fd, POSIX_FADV_SEQUENTIAL);
    else if (has(o, FILE_FLAG_RANDOM_ACCESS))
        ci_sys_fadvise(o->fd, POSIX_FADV_RANDOM);
}

/* ---- the object ---- */

static uint32_t make_regular(struct opening *o, struct ci_file **made)
{
    struct ci_regular_open how = {
        .fd = o->fd,
        .st = &o->st,
        .access = o->granted,
        .asking = cuts(o) ? o->granted | FILE_WRITE_DATA : o->granted,
        .share = o->request->share,
        .overlapped = has(o, FILE_FLAG_OVERLAPPED),
        .unbuffered = has(o, FILE_FLAG_NO_BUFFERING),
        .deletes = has(o, FILE_FLAG_DELETE_ON_CLOSE),
        .readable = o->readable,
        .writable = o->writable,
    };
    int flags = ci_sys_fcntl(o->fd, F_GETFL, 0);

    if (flags >= 0)
        ci_sys_fcntl(o->fd, F_SETFL, flags & ~O_NONBLOCK); /* it was for opening only */
    return ci_regular_new(&how, made);
}

static uint32_t make_stream(struct opening *o, struct ci_file **made)
{
    enum ci_stream_kind kind = ci_sys_isatty(o->fd) ? CI_STREAM_TTY : CI_STREAM_PIPE;
    int error = ci_stream_new(o->fd, kind, has(o, FILE_FLAG_OVERLAPPED), made);

    return error == 0 ? ERROR_SUCCESS : ci_errno_error(CI_DOM_SYSTEM, -error);
}

/* What others may put bytes into at any time is a stream. */
static bool is_stream(const struct opening *o)
{
    if (!o->readable && !o->writable)
        return false; /* nothing but its facts is asked for */
    if (S_ISCHR(o->st.st_mode))
        return major(o->st.st_rdev) != MEMORY_DEVICES;
    return S_ISFIFO(o->st.st_mode) || S_ISSOCK(o->st.st_mode);
}

static uint32_t make(struct opening *o, struct ci_file **made)
{
    int error = ci_sys_fstat(o->fd, &o->st);

    if (error != 0)
        return ci_errno_error(CI_DOM_FILE, -error);
    if (S_ISDIR(o->st.st_mode) && (!has(o, FILE_FLAG_BACKUP_SEMANTICS) || cuts(o)))
        return ERROR_ACCESS_DENIED;
    return is_stream(o) ? make_stream(o, made) : make_regular(o, made);
}

/* From here on the file owns the descriptor. */
static HANDLE finish(struct opening *o, struct ci_file *file)
{
    bool inherits = ci_open_inherits(o->request);
    HANDLE handle;
    int error = cuts(o) && S_ISREG(o->st.st_mode) ? cut(o) : 0;

    if (error != 0) {
        ci_file_put(file);
        ci_fail(ci_errno_error(CI_DOM_FILE, -error));
        return INVALID_HANDLE_VALUE;
    }
    advise(o);
    if (inherits && file->ops->inherit != NULL)
        file->ops->inherit(file, true);
    handle = ci_handle_give(&file->obj, o->granted, inherits);
    return handle != NULL ? handle : INVALID_HANDLE_VALUE;
}

static HANDLE refuse(uint32_t error)
{
    ci_fail(error);
    return INVALID_HANDLE_VALUE;
}

/* Two dispositions tell even on success whether the file was there. */
static void tell(const struct opening *o)
{
    bool tells = o->request->disposition == CREATE_ALWAYS || o->request->disposition == OPEN_ALWAYS;

    ci_set_last_error(tells && o->existed ? ERROR_ALREADY_EXISTS : ERROR_SUCCESS);
}

static HANDLE open_path(struct opening *o)
{
    struct ci_file *file;
    HANDLE handle;
    uint32_t error;

    o->fd = open_by_disposition(o);
    if (o->fd < 0)
        return refuse(open_error(o, -o->fd));
    error = make(o, &file);
    if (error != ERROR_SUCCESS) {
        ci_sys_close(o->fd);
        return refuse(error);
    }
    handle = finish(o, file);
    if (handle != INVALID_HANDLE_VALUE)
        tell(o);
    return handle;
}

static uint32_t rights(const struct ci_open *request)
{
    uint32_t granted = ci_file_access_map(request->access) | FILE_READ_ATTRIBUTES | SYNCHRONIZE;

    granted |= request->access & DELETE;
    if ((request->flags & FILE_FLAG_DELETE_ON_CLOSE) != 0)
        granted |= DELETE;
    return granted;
}

HANDLE ci_disk_open(const struct ci_open *request)
{
    struct opening o = {.request = request, .granted = rights(request)};
    uint32_t error;
    char *path = ci_path_of(request->name, true, &error);
    HANDLE handle;

    if (path == NULL)
        return refuse(error);
    o.path = path;
    handle = open_path(&o);
    ci_sys_free(path);
    return handle;
}
