/* SPDX-License-Identifier: MIT */
/* The standard handles: descriptors 0, 1 and 2 under their Windows names.  Each is wrapped once,
 * when somebody first asks; the descriptor stays the program's, flags, position and all. */
#include <libcomm/comm.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "libcomm/dev/regular.h"
#include "libcomm/dev/stream.h"
#include "libcomm/obj/handle.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/lock.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"

#define STANDARD 3

static struct {
    struct ci_lock lock;     /* outermost: a handle is made inside */
    HANDLE handle[STANDARD]; /* guarded by lock */
    bool known[STANDARD];    /* guarded by lock: wrapped, or set by the program */
} standard = {.lock = CI_LOCK_INIT(CI_RANK_NAMES)};

/* -10, -11, -12 are input, output and error; -1 for anything else. */
static int index_of(DWORD which)
{
    DWORD index = STD_INPUT_HANDLE - which;

    return index < STANDARD ? (int)index : -1;
}

static HANDLE wrap_regular(int fd, const struct stat *st)
{
    int flags = ci_sys_fcntl(fd, F_GETFL, 0);
    bool reads = flags >= 0 && (flags & O_ACCMODE) != O_WRONLY;
    bool writes = flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
    uint32_t access = ci_file_access_map((reads ? GENERIC_READ : 0) | (writes ? GENERIC_WRITE : 0));
    struct ci_regular_open how = {
        .fd = fd,
        .st = st,
        .access = access,
        .asking = 0, /* what the program was started with is never refused */
        .share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .borrowed = true,
        .readable = reads,
        .writable = writes,
    };
    struct ci_file *file;
    uint32_t error = ci_regular_new(&how, &file);

    if (error == ERROR_SUCCESS)
        return ci_handle_give(&file->obj, access, false);
    ci_fail(error);
    return INVALID_HANDLE_VALUE;
}

/* NULL: there is no such descriptor, which is no error. */
static HANDLE wrap(int fd)
{
    struct stat st;
    int error = ci_sys_fstat(fd, &st);

    if (error == -EBADF)
        return NULL;
    if (error == 0 &&
        (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode) || (S_ISCHR(st.st_mode) && !ci_sys_isatty(fd))))
        return wrap_regular(fd, &st);
    return ci_stream_wrap_std(fd);
}

static HANDLE standard_get(DWORD which)
{
    int i = index_of(which);
    HANDLE handle;

    if (i < 0) {
        ci_fail(ERROR_INVALID_HANDLE);
        return INVALID_HANDLE_VALUE;
    }
    ci_lock(&standard.lock);
    if (!standard.known[i]) {
        handle = wrap(i);
        standard.known[i] = handle != NULL && handle != INVALID_HANDLE_VALUE;
        standard.handle[i] = handle;
    }
    handle = standard.handle[i];
    ci_unlock(&standard.lock);
    return handle;
}

HANDLE GetStdHandle(DWORD which)
{
    CI_TRACED_HANDLE(standard_get(which), "GetStdHandle %d", (int)which);
}

static bool standard_set(DWORD which, HANDLE handle)
{
    int i = index_of(which);

    if (i < 0)
        return ci_fail(ERROR_INVALID_HANDLE);
    ci_lock(&standard.lock);
    standard.handle[i] = handle;
    standard.known[i] = true;
    ci_unlock(&standard.lock);
    return true;
}

BOOL SetStdHandle(DWORD which, HANDLE handle)
{
    CI_TRACED_BOOL(standard_set(which, handle), "SetStdHandle %d %s", (int)which,
                   ci_trace_handle(handle));
}

static void standard_forget(void)
{
    ci_lock_init(&standard.lock, CI_RANK_NAMES);
}

__attribute__((constructor)) static void standard_setup(void)
{
    pthread_atfork(NULL, NULL, standard_forget);
}
