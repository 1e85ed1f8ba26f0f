/* SPDX-License-Identifier: MIT */
/* The life of a disk file as an object: made over a descriptor, agreed on with whoever has the same
 * file open, and closed when the last of its handles and of its transfers is gone. */
#include "libcomm/dev/regular.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"

/* ---- facts ---- */

int64_t ci_regular_size(const struct regular *r)
{
    struct stat st;
    int error = ci_sys_fstat(r->file.fd, &st);

    if (error != 0)
        return error;
    if (S_ISREG(st.st_mode))
        return st.st_size;
    return S_ISBLK(st.st_mode) ? ci_sys_lseek(r->file.fd, 0, SEEK_END) : 0;
}

int64_t ci_regular_position(struct regular *r)
{
    int64_t at = r->borrowed ? ci_sys_lseek(r->file.fd, 0, SEEK_CUR) : r->position;

    return at < 0 ? 0 : at;
}

void ci_regular_seek(struct regular *r, int64_t position)
{
    if (r->borrowed)
        ci_sys_lseek(r->file.fd, position, SEEK_SET);
    else
        r->position = position;
}

/* ---- operations; the file's lock is held ---- */

static uint32_t regular_admit(struct ci_file *file, struct ci_op *op)
{
    struct regular *r = ci_regular_of(file);

    if (op->kind == CI_OP_IOCTL)
        return STATUS_SUCCESS; /* refused as an attempt: a disk file knows no codes */
    return op->kind == CI_OP_LOCK ? ci_lock_admit(r, op) : ci_transfer_admit(r, op);
}

static bool regular_attempt(struct ci_file *file, struct ci_op *op)
{
    struct regular *r = ci_regular_of(file);

    return op->kind == CI_OP_LOCK ? ci_lock_attempt(r, op) : ci_transfer_attempt(r, op);
}

/* Transfers that are queued are the workers' business; only locks are tried again. */
static void regular_step(struct ci_file *file, unsigned lanes, struct ci_done *done)
{
    if ((lanes & CI_LANE_BIT(CI_LANE_CONTROL)) != 0)
        ci_lock_step(ci_regular_of(file), done);
}

static void regular_withdrawn(struct ci_file *file, struct ci_op *op)
{
    if (op->kind == CI_OP_LOCK)
        ci_lock_withdrawn(ci_regular_of(file));
}

static uint32_t regular_flush(struct ci_file *file)
{
    int error = ci_sys_fsync(file->fd);

    if (error == -EINVAL || error == -EROFS)
        error = 0; /* the null device and the like hold nothing back */
    return error == 0 ? 0 : ci_errno_error(CI_DOM_FILE, -error);
}

/* ---- life ---- */

static void regular_closed(struct ci_file *file)
{
    ci_transfer_wait(file, NULL);
    ci_inode_leave(&ci_regular_of(file)->share);
}

static void regular_destroy(struct ci_file *file)
{
    struct regular *r = ci_regular_of(file);

    ci_inode_leave(&r->share); /* a file that never got a handle was never closed */
    ci_timer_fini(&r->retry);
    if (!r->borrowed)
        ci_sys_close(file->fd);
}

static void regular_inherit(struct ci_file *file, bool inherit)
{
    ci_sys_fcntl(file->fd, F_SETFD, inherit ? 0 : FD_CLOEXEC);
}

static void regular_forked(struct ci_file *file)
{
    struct regular *r = ci_regular_of(file);

    r->moving = false;
    r->retry_ns = 0;
    ci_list_init(&r->work.link);
    ci_workers_forget();
    ci_inode_forked(&r->share);
}

#define REGULAR_OPS(type_code)                                                                    \
    {                                                                                             \
        .domain = CI_DOM_FILE, .type = (type_code), .needs_overlapped = true,                     \
        .always_pends = true, .unordered = true, .closing_status = STATUS_CANCELLED,              \
        .admit = regular_admit, .attempt = regular_attempt, .step = regular_step,                 \
        .withdrawn = regular_withdrawn, .flush = regular_flush, .wait_running = ci_transfer_wait, \
        .closed = regular_closed, .destroy = regular_destroy, .inherit = regular_inherit,         \
        .forked = regular_forked,                                                                 \
    }

static const struct ci_file_ops disk_ops = REGULAR_OPS(FILE_TYPE_DISK);
static const struct ci_file_ops char_ops = REGULAR_OPS(FILE_TYPE_CHAR);
static const struct ci_file_ops pipe_ops = REGULAR_OPS(FILE_TYPE_PIPE); /* asked for facts only */

static const struct ci_obj_ops regular_obj_ops = CI_FILE_OBJ_OPS("file", struct regular);

bool ci_is_regular(const struct ci_file *file)
{
    return file->obj.ops == &regular_obj_ops;
}

static const struct ci_file_ops *ops_for(mode_t mode)
{
    if (S_ISCHR(mode))
        return &char_ops;
    return S_ISFIFO(mode) || S_ISSOCK(mode) ? &pipe_ops : &disk_ops;
}

/* File systems on which a read may take as long as somebody else likes. */
static bool is_slow(int fd)
{
    static const uint32_t types[] = {
        0x6969,     /* NFS */
        0x517B,     /* SMB */
        0xFF534D42, /* CIFS */
        0xFE534D42, /* SMB 2 */
        0x65735546, /* FUSE */
        0x01021997, /* 9P */
        0x00C36400, /* Ceph */
        0x5346414F, /* AFS */
    };
    uint32_t type = (uint32_t)ci_sys_fs_type(fd);

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i] == type)
            return true;
    return false;
}

static void regular_fill(struct regular *r, const struct ci_regular_open *how)
{
    mode_t mode = how->st->st_mode;

    ci_file_init(&r->file, ops_for(mode), how->fd, how->overlapped);
    ci_work_init(&r->work, &r->file.obj, ci_transfer_work);
    r->directory = S_ISDIR(mode);
    r->seekable = S_ISREG(mode) || S_ISBLK(mode) || S_ISDIR(mode);
    r->appends = (how->access & FILE_APPEND_DATA) != 0 && (how->access & FILE_WRITE_DATA) == 0;
    r->unbuffered = how->unbuffered && r->seekable;
    r->slow = S_ISREG(mode) && (how->readable || how->writable) && is_slow(how->fd);
    r->borrowed = how->borrowed;
    r->share.file = &r->file;
    r->share.access = how->access;
    r->share.share = how->share;
    r->share.readable = how->readable;
    r->share.writable = how->writable;
}

static uint32_t regular_join(struct regular *r, const struct ci_regular_open *how)
{
    uint32_t error;

    if (!r->seekable)
        return ERROR_SUCCESS; /* devices are everybody's */
    if (how->deletes) {
        r->share.deletes = ci_sys_alloc(CI_INODE_NAME_ROOM);
        if (r->share.deletes == NULL)
            return ERROR_NOT_ENOUGH_MEMORY;
    }
    error = ci_inode_join(&r->share, how->st, how->asking);
    if (error != 0)
        ci_sys_free(r->share.deletes);
    return error;
}

uint32_t ci_regular_new(const struct ci_regular_open *how, struct ci_file **made)
{
    struct ci_obj *obj = ci_obj_new(&regular_obj_ops);
    struct regular *r;
    uint32_t error;

    if (obj == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    r = ci_regular_of(ci_file_of(obj));
    regular_fill(r, how);
    error = ci_timer_init(&r->retry, ci_lock_hold, ci_lock_retry) != 0 ? ERROR_NOT_ENOUGH_MEMORY
                                                                       : ERROR_SUCCESS;
    if (error == ERROR_SUCCESS) {
        error = regular_join(r, how);
        if (error != ERROR_SUCCESS)
            ci_timer_fini(&r->retry);
    }
    if (error != ERROR_SUCCESS) {
        ci_pump_fini(&r->file.pump);
        ci_obj_abandon(obj);
        return error;
    }
    *made = &r->file;
    return ERROR_SUCCESS;
}
