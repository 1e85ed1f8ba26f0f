/* SPDX-License-Identifier: MIT */
/* System calls of local sockets.  A part of the door in sys.c, apart only because nothing below the
 * pipes needs it. */
#include "libcomm/plat/sys_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "libcomm/plat/testing.h"

#define RETRY(result, call) \
    do                      \
        (result) = (call);  \
    while ((result) < 0 && errno == EINTR)

static int errno_or(int result)
{
    return result < 0 ? -errno : result;
}

/* ---- sockets ---- */

int ci_sys_unix_pair(int type, int fd[2])
{
    if (ci_fault(CI_FAULT_DESCRIPTOR))
        return -EMFILE;
    return errno_or(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fd));
}

int ci_sys_unix_socket(int type)
{
    if (ci_fault(CI_FAULT_DESCRIPTOR))
        return -EMFILE;
    return errno_or(socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

static int address_of(struct sockaddr_un *address, const char *path)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address->sun_path)
        return -ENAMETOOLONG;
    strcpy(address->sun_path, path);
    return 0;
}

int ci_sys_unix_bind(int fd, const char *path)
{
    struct sockaddr_un address;
    int error = address_of(&address, path);

    if (error != 0)
        return error;
    if (ci_fault(CI_FAULT_ROOM))
        return -ENOSPC;
    return errno_or(bind(fd, (struct sockaddr *)&address, sizeof address));
}

int ci_sys_unix_listen(int fd, int backlog)
{
    return errno_or(listen(fd, backlog));
}

int ci_sys_unix_accept(int fd)
{
    int got;

    if (ci_fault(CI_FAULT_DESCRIPTOR))
        return -EMFILE;
    RETRY(got, accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
    return errno_or(got);
}

int ci_sys_unix_connect(int fd, const char *path)
{
    struct sockaddr_un address;
    int error = address_of(&address, path), r;

    if (error != 0)
        return error;
    RETRY(r, connect(fd, (struct sockaddr *)&address, sizeof address));
    return errno_or(r);
}

int ci_sys_shutdown(int fd)
{
    return errno_or(shutdown(fd, SHUT_RDWR));
}

int ci_sys_shutdown_write(int fd)
{
    return errno_or(shutdown(fd, SHUT_WR));
}

int ci_sys_socket_set(int fd, int option, int value)
{
    return errno_or(setsockopt(fd, SOL_SOCKET, option, &value, sizeof value));
}

int ci_sys_socket_get(int fd, int option)
{
    int value = 0;
    socklen_t len = sizeof value;

    return getsockopt(fd, SOL_SOCKET, option, &value, &len) < 0 ? -errno : value;
}

/* Not bytes but what they cost the kernel; 0 when everything was read, or 1 for a moment. */
int ci_sys_bytes_unsent(int fd)
{
    int n = 0;

    return ioctl(fd, SIOCOUTQ, &n) < 0 ? -errno : n;
}

int ci_sys_peer(int fd, struct ci_peer *peer)
{
    struct ucred cred;
    socklen_t len = sizeof cred;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
        return -errno;
    *peer = (struct ci_peer){(uint32_t)cred.pid, cred.uid, cred.gid};
    return 0;
}

/* ---- records ---- */

union control {
    char room[CMSG_SPACE(CI_FDS_MOST * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
    struct cmsghdr align;
};

ssize_t ci_sys_record_send(int fd, const struct ci_record *record)
{
    struct iovec iov = {record->data, record->len};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    union control control;
    ssize_t n;

    if (record->fds > 0 && ci_fault(CI_FAULT_ROOM))
        return -ETOOMANYREFS;
    if (record->fds > 0) {
        struct cmsghdr *head;

        memset(&control, 0, sizeof control);
        msg.msg_control = control.room;
        msg.msg_controllen = CMSG_SPACE(record->fds * sizeof(int));
        head = CMSG_FIRSTHDR(&msg);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(record->fds * sizeof(int));
        memcpy(CMSG_DATA(head), record->fd, record->fds * sizeof(int));
    }
    RETRY(n, sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL));
    return n < 0 ? -errno : n;
}

/* Descriptors past the room are closed, not leaked. */
static void take_fds(struct ci_record *record, const struct cmsghdr *head)
{
    size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);

    for (size_t i = 0; i < count; i++) {
        int fd;

        memcpy(&fd, CMSG_DATA(head) + i * sizeof fd, sizeof fd);
        if (record->fds < CI_FDS_MOST)
            record->fd[record->fds++] = fd;
        else
            close(fd);
    }
}

static void take_sender(struct ci_record *record, const struct cmsghdr *head)
{
    struct ucred cred;

    memcpy(&cred, CMSG_DATA(head), sizeof cred);
    record->sender = (struct ci_peer){(uint32_t)cred.pid, cred.uid, cred.gid};
    record->has_sender = true;
}

/* The kernel gives as many as the process has room for. */
static bool fds_are_lost(struct ci_record *record, const struct msghdr *msg)
{
    if (record->fds > 0 && ci_fault(CI_FAULT_DESCRIPTOR)) {
        while (record->fds > 0)
            close(record->fd[--record->fds]);
        return true;
    }
    return (msg->msg_flags & MSG_CTRUNC) != 0 && record->fds < CI_FDS_MOST;
}

ssize_t ci_sys_record_recv(int fd, struct ci_record *record, int flags)
{
    struct iovec iov = {record->data, record->len};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    union control control;
    ssize_t n;

    msg.msg_control = control.room;
    msg.msg_controllen = sizeof control.room;
    record->fds = 0;
    record->has_sender = record->cut = record->fds_lost = false;
    RETRY(n, recvmsg(fd, &msg, flags | MSG_DONTWAIT | MSG_CMSG_CLOEXEC));
    if (n < 0)
        return -errno;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(&msg); head != NULL; head = CMSG_NXTHDR(&msg, head)) {
        if (head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
            take_fds(record, head);
        else if (head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_CREDENTIALS)
            take_sender(record, head);
    }
    record->cut = (msg.msg_flags & MSG_TRUNC) != 0;
    record->fds_lost = fds_are_lost(record, &msg);
    return n;
}

/* ---- shared memory ---- */

int ci_sys_memfd(size_t len)
{
    int fd;

    if (ci_fault(CI_FAULT_DESCRIPTOR))
        return -EMFILE;
    fd = memfd_create("libcomm-pipe", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -errno;
    if (ci_fault(CI_FAULT_ROOM) || ftruncate(fd, (off_t)len) < 0) {
        int error = ci_faulted() ? -ENOSPC : -errno;

        close(fd);
        return error;
    }
    return fd;
}

int ci_sys_memfd_seal(int fd, bool writable)
{
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | (writable ? 0 : F_SEAL_WRITE);

    return errno_or(fcntl(fd, F_ADD_SEALS, seals));
}

bool ci_sys_memfd_sealed(int fd, bool writable, size_t *len)
{
    int need = F_SEAL_SHRINK | F_SEAL_GROW | (writable ? 0 : F_SEAL_WRITE);
    int seals = fcntl(fd, F_GET_SEALS);
    struct stat st;

    if (seals < 0 || (seals & need) != need || fstat(fd, &st) < 0 || st.st_size < 0)
        return false;
    *len = (size_t)st.st_size;
    return true;
}

void *ci_sys_share_map(int fd, size_t len, bool writable)
{
    void *memory;

    if (ci_fault(CI_FAULT_MEMORY))
        return NULL;
    memory = mmap(NULL, len, PROT_READ | (writable ? PROT_WRITE : 0),
                  MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void ci_sys_share_unmap(void *memory, size_t len)
{
    munmap(memory, len);
}

/* ---- names ---- */

int ci_sys_open_at(int dir, const char *name, int flags, unsigned mode)
{
    int fd;

    if (ci_fault(CI_FAULT_DESCRIPTOR))
        return -EMFILE;
    if ((flags & O_CREAT) != 0 && ci_fault(CI_FAULT_ROOM))
        return -ENOSPC;
    RETRY(fd, openat(dir, name, flags | O_CLOEXEC | O_NOCTTY, mode));
    return errno_or(fd);
}

int ci_sys_mkdir(const char *path, unsigned mode)
{
    if (ci_fault(CI_FAULT_ROOM))
        return -ENOSPC;
    return errno_or(mkdir(path, (mode_t)mode));
}

int ci_sys_rename_at(int dir, const char *from, const char *to)
{
    if (ci_fault(CI_FAULT_ROOM))
        return -ENOSPC;
    return errno_or(renameat(dir, from, dir, to));
}

int ci_sys_chmod_at(int dir, const char *name, unsigned mode)
{
    return errno_or(fchmodat(dir, name, (mode_t)mode, 0));
}

int ci_sys_unlink_at(int dir, const char *name)
{
    return errno_or(unlinkat(dir, name, 0));
}

int ci_sys_symlink(const char *target, const char *path)
{
    if (ci_fault(CI_FAULT_ROOM))
        return -ENOSPC;
    return errno_or(symlink(target, path));
}

int ci_sys_lstat(const char *path, struct stat *st)
{
    return errno_or(lstat(path, st));
}

int ci_sys_stat_at(int dir, const char *name, struct stat *st)
{
    return errno_or(fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW));
}

int ci_sys_record_lock(int fd)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int r;

    RETRY(r, fcntl(fd, F_SETLK, &lock));
    return r < 0 ? (errno == EACCES ? -EAGAIN : -errno) : 0;
}

void ci_sys_record_unlock(int fd)
{
    struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET};

    (void)fcntl(fd, F_SETLK, &lock);
}

bool ci_sys_record_locked(int fd)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

uint32_t ci_sys_uid(void)
{
    return geteuid();
}

uint32_t ci_sys_gid(void)
{
    return getegid();
}

/* ---- acting as somebody else ---- */

/* What a thread was before; the C library's own calls would change every thread. */
static __thread struct {
    bool changed;
    uint32_t uid, gid;
    gid_t groups[64];
    int group_count;
} self_before;

static int thread_ids(uint32_t uid, uint32_t gid, const gid_t *groups, int count)
{
    if (syscall(SYS_setgroups, count, groups) < 0 || syscall(SYS_setresgid, -1, gid, -1) < 0 ||
        syscall(SYS_setresuid, -1, uid, -1) < 0)
        return -errno;
    return 0;
}

/* Back: the user first, since only he may set the rest. */
int ci_sys_thread_revert(void)
{
    if (!self_before.changed)
        return 0;
    if (syscall(SYS_setresuid, -1, self_before.uid, -1) < 0 ||
        syscall(SYS_setresgid, -1, self_before.gid, -1) < 0 ||
        syscall(SYS_setgroups, self_before.group_count, self_before.groups) < 0)
        return -errno;
    self_before.changed = false;
    return 0;
}

int ci_sys_thread_become(uint32_t uid, uint32_t gid)
{
    gid_t group = gid;
    int error = ci_sys_thread_revert();

    if (error != 0)
        return error;
    self_before.group_count = getgroups(64, self_before.groups);
    if (self_before.group_count < 0)
        return -errno;
    self_before.uid = geteuid();
    self_before.gid = getegid();
    self_before.changed = true;
    error = thread_ids(uid, gid, &group, 1);
    if (error != 0)
        (void)ci_sys_thread_revert();
    return error;
}
