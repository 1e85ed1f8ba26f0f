/* SPDX-License-Identifier: MIT */
/* The Linux side of the public interface: descriptors in and out, and the engine inside somebody
 * else's loop. */
#include <libcomm/native.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcomm/dev/regular.h"
#include "libcomm/dev/stream.h"
#include "libcomm/obj/event.h"
#include "libcomm/obj/handle.h"
#include "libcomm/plat/engine.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"

/* ---- wrapping ---- */

/* Negative errno for what can be neither polled nor read at a position. */
static int kind_of(int fd, const struct stat *st, uint32_t wish, enum ci_stream_kind *kind)
{
    if (S_ISDIR(st->st_mode) || S_ISBLK(st->st_mode))
        return -EINVAL;
    if (S_ISREG(st->st_mode) && wish != COMM_KIND_DEFAULT)
        return -EINVAL;
    *kind = CI_STREAM_PIPE;
    if (wish == COMM_KIND_SOCKET || wish == COMM_KIND_TTY)
        *kind = wish == COMM_KIND_SOCKET ? CI_STREAM_SOCKET : CI_STREAM_TTY;
    else if (wish == COMM_KIND_DEFAULT && ci_sys_isatty(fd))
        *kind = CI_STREAM_TTY;
    else if (wish == COMM_KIND_DEFAULT && S_ISSOCK(st->st_mode) &&
             ci_sys_socket_domain(fd) != AF_UNIX)
        *kind = CI_STREAM_SOCKET;
    return wish == COMM_KIND_SOCKET && !S_ISSOCK(st->st_mode) ? -ENOTSOCK : 0;
}

/* A regular file has offsets, so it is what CreateFile would have made of it; but nobody is asked
 * whether he shares it, since it is open already. */
static uint32_t disk_new(int fd, const struct stat *st, bool overlapped, uint32_t access,
                         struct ci_file **file)
{
    int flags = ci_sys_fcntl(fd, F_GETFL, 0);
    bool reads = flags >= 0 && (flags & O_ACCMODE) != O_WRONLY;
    bool writes = flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
    struct ci_regular_open how = {
        .fd = fd,
        .st = st,
        .access = access,
        .share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .overlapped = overlapped,
        .readable = reads,
        .writable = writes,
    };

    return ci_regular_new(&how, file);
}

static int disk_wrap(int fd, const struct stat *st, bool overlapped, uint32_t access,
                     HANDLE *handle)
{
    uint32_t granted = ci_file_access_map(access);
    int64_t at = ci_sys_lseek(fd, 0, SEEK_CUR);
    struct ci_file *file;

    if (disk_new(fd, st, overlapped, granted, &file) != ERROR_SUCCESS)
        return -ENOMEM;
    ci_lock(&file->lock);
    ci_regular_seek(ci_regular_of(file), at < 0 ? 0 : at);
    ci_unlock(&file->lock);
    ci_obj_get(&file->obj); /* it outlives a handle that is not to be had */
    *handle = ci_handle_give(&file->obj, granted, false);
    if (*handle == NULL)
        ci_regular_of(file)->borrowed = true; /* and leaves the descriptor to the caller */
    ci_file_put(file);
    return *handle != NULL ? 0 : -ENOMEM;
}

static HANDLE wrap_failed(int error)
{
    ci_fail(error == -EBADF ? ERROR_INVALID_HANDLE : ci_errno_error(CI_DOM_SYSTEM, -error));
    return INVALID_HANDLE_VALUE;
}

static HANDLE fd_wrap(int fd, uint32_t kind, uint32_t access, uint32_t flags)
{
    bool overlapped = (flags & COMM_WRAP_SYNC) == 0;
    enum ci_stream_kind as;
    struct stat st;
    HANDLE handle;
    int mine = fd, error;

    if (kind > COMM_KIND_TTY || (flags & ~(DWORD)(COMM_WRAP_DUP | COMM_WRAP_SYNC)) != 0)
        return wrap_failed(-EINVAL);
    error = ci_sys_fstat(fd, &st);
    if (error == 0)
        error = kind_of(fd, &st, kind, &as);
    if (error == 0 && (flags & COMM_WRAP_DUP) != 0) {
        mine = ci_sys_dup(fd);
        error = mine < 0 ? mine : 0;
    }
    if (error != 0)
        return wrap_failed(error);
    error = S_ISREG(st.st_mode) ? disk_wrap(mine, &st, overlapped, access, &handle)
                                : ci_stream_wrap(mine, as, overlapped, access, &handle);
    if (error == 0)
        return handle;
    if (mine != fd)
        ci_sys_close(mine);
    return wrap_failed(error);
}

HANDLE CommWrapFd(int fd, DWORD kind, DWORD access, DWORD flags)
{
    CI_TRACED_HANDLE(fd_wrap(fd, kind, access, flags), "CommWrapFd %d kind %u", fd, kind);
}

static int pair_make(bool overlapped, struct ci_file *end[2])
{
    int fd[2], error = ci_sys_socketpair(fd);

    if (error != 0)
        return error;
    end[0] = end[1] = NULL;
    error = ci_stream_new(fd[0], CI_STREAM_PIPE, overlapped, &end[0]);
    if (error == 0)
        error = ci_stream_new(fd[1], CI_STREAM_PIPE, overlapped, &end[1]);
    if (error == 0)
        error = ci_stream_pair(end[0], end[1]);
    for (int i = 0; error != 0 && i < 2; i++) {
        if (end[i] != NULL)
            ci_file_put(end[i]);
        else
            ci_sys_close(fd[i]);
    }
    return error;
}

static bool pair_create(HANDLE *first, HANDLE *second, uint32_t flags)
{
    uint32_t access = ci_file_access_map(GENERIC_READ | GENERIC_WRITE);
    struct ci_file *end[2];
    HANDLE a, b;
    int error;

    if (first == NULL || second == NULL || (flags & ~(DWORD)COMM_WRAP_SYNC) != 0)
        return ci_fail(ERROR_INVALID_PARAMETER);
    error = pair_make((flags & COMM_WRAP_SYNC) == 0, end);
    if (error != 0)
        return ci_fail(ci_errno_error(CI_DOM_SYSTEM, -error));
    a = ci_handle_give(&end[0]->obj, access, false);
    b = ci_handle_give(&end[1]->obj, access, false);
    if (a == NULL || b == NULL) {
        if (a != NULL)
            CloseHandle(a);
        if (b != NULL)
            CloseHandle(b);
        return ci_fail(ERROR_NOT_ENOUGH_MEMORY);
    }
    *first = a;
    *second = b;
    return true;
}

BOOL CommCreateStreamPair(HANDLE *first, HANDLE *second, DWORD flags)
{
    CI_TRACED_BOOL(pair_create(first, second, flags), "CommCreateStreamPair flags %u", flags);
}

int CommGetFd(HANDLE handle)
{
    struct ci_file *file = ci_file_get(handle, 0);
    int fd;

    if (file == NULL)
        return -1;
    fd = file->fd;
    ci_file_put(file);
    return fd;
}

/* ---- foreign loops ---- */

int CommGetEventPollFd(HANDLE handle)
{
    struct ci_obj *obj = ci_handle_get(handle, &ci_event_ops, 0);
    int fd;

    if (obj == NULL)
        return -1;
    fd = ci_event_export(obj);
    ci_obj_put(obj);
    if (fd >= 0)
        return fd;
    ci_fail(ci_errno_error(CI_DOM_SYSTEM, -fd));
    return -1;
}

int CommEngineFd(void)
{
    int fd = ci_engine_export();

    if (fd >= 0)
        return fd;
    ci_fail(ci_errno_error(CI_DOM_SYSTEM, -fd));
    return -1;
}

VOID CommEngineDispatch(void)
{
    ci_engine_dispatch();
}

/* ---- words ---- */

static void drained(struct ci_file *file, unsigned count[CI_LANES])
{
    ci_lock(&file->lock);
    for (int i = 0; i < CI_LANES; i++) {
        count[i] = 0;
        CI_LIST_EACH (link, after, &file->queue[i])
            count[i]++;
    }
    ci_unlock(&file->lock);
}

static int describe_file(struct ci_obj *obj, char *text, size_t room)
{
    struct ci_file *file = ci_file_of(obj);
    unsigned pending[CI_LANES];

    drained(file, pending);
    return snprintf(text, room, "%s fd %d%s, pending %u read %u write %u control%s", obj->ops->name,
                    file->fd, file->overlapped ? " overlapped" : "", pending[CI_LANE_READ],
                    pending[CI_LANE_WRITE], pending[CI_LANE_CONTROL],
                    file->port != NULL ? ", on a port" : "");
}

static int describe_other(struct ci_obj *obj, char *text, size_t room)
{
    bool set;

    ci_lock(&obj->lock);
    set = ci_obj_signaled(obj, NULL);
    ci_unlock(&obj->lock);
    return snprintf(text, room, "%s%s, %u handles", obj->ops->name, set ? " signalled" : "",
                    (unsigned)atomic_load(&obj->handles));
}

size_t CommDescribeHandle(HANDLE handle, char *text, size_t room)
{
    struct ci_obj *obj = ci_handle_get_pseudo(handle, NULL, 0);
    int n;

    if (obj == NULL)
        return 0;
    n = ci_is_file(obj) ? describe_file(obj, text, room) : describe_other(obj, text, room);
    ci_obj_put(obj);
    return n > 0 ? (size_t)n : 0;
}

static void describe_for_trace(HANDLE handle, char *text, size_t room)
{
    uint32_t granted, error = ci_last_error();
    struct ci_obj *obj = ci_handle_find(handle, &granted);

    if (obj != NULL) {
        snprintf(text, room, "%s 0x%zx", obj->ops->name, (size_t)(uintptr_t)handle);
        ci_obj_put(obj);
    }
    ci_set_last_error(error);
}

__attribute__((constructor)) static void describe_setup(void)
{
    ci_trace_describe = describe_for_trace;
}
