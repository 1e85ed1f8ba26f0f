/* SPDX-License-Identifier: MIT */
/* The part of the door to the kernel that local sockets need: unix sockets, descriptors sent
 * through them, shared pages, and the directory in which they have names.  Like sys.h: a count or a
 * negative errno, EINTR retried, may be made to fail by a test. */
#ifndef CI_PLAT_SYS_SOCKET_H
#define CI_PLAT_SYS_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct stat;

/* Close-on-exec, and non-blocking where it says so.  `type` is SOCK_STREAM or SOCK_SEQPACKET. */
int ci_sys_unix_pair(int type, int fd[2]);
int ci_sys_unix_socket(int type);
int ci_sys_unix_bind(int fd, const char *path);
int ci_sys_unix_listen(int fd, int backlog);
int ci_sys_unix_accept(int fd); /* never blocks */
/* Never blocks: -EAGAIN when the listener's queue is full. */
int ci_sys_unix_connect(int fd, const char *path);
int ci_sys_shutdown(int fd);
int ci_sys_shutdown_write(int fd);
int ci_sys_socket_set(int fd, int option, int value); /* of SOL_SOCKET */
int ci_sys_socket_get(int fd, int option);            /* the value, or negative */

int ci_sys_bytes_unsent(int fd); /* what the peer has not read, in a way */

struct ci_peer {
    uint32_t pid, uid, gid;
};
int ci_sys_peer(int fd, struct ci_peer *peer); /* who connected, or who listens */

/* One record, with descriptors or with its sender. */
#define CI_FDS_MOST 8
struct ci_record {
    void *data;
    size_t len;          /* in: room or length */
    int fd[CI_FDS_MOST]; /* received ones are close-on-exec and the caller's */
    unsigned fds;
    struct ci_peer sender;
    bool has_sender; /* received with SO_PASSCRED: false only at the end of the stream */
    bool cut;        /* the record was longer than the room */
    bool fds_lost;   /* descriptors came with it that this process has no room for */
};
ssize_t ci_sys_record_send(int fd, const struct ci_record *record);
/* flags: MSG_PEEK, MSG_TRUNC (then the count is the record's whole length). */
ssize_t ci_sys_record_recv(int fd, struct ci_record *record, int flags);

/* A sealed memory file of one length, and its mapping. */
int ci_sys_memfd(size_t len);
int ci_sys_memfd_seal(int fd, bool writable);
bool ci_sys_memfd_sealed(int fd, bool writable, size_t *len);
/* fd -1: memory that is shared with forked children only.  NULL: no. */
void *ci_sys_share_map(int fd, size_t len, bool writable);
void ci_sys_share_unmap(void *memory, size_t len);

/* Names below an open directory (AT_FDCWD: anywhere). */
int ci_sys_open_at(int dir, const char *name, int flags, unsigned mode);
int ci_sys_mkdir(const char *path, unsigned mode);
int ci_sys_rename_at(int dir, const char *from, const char *to);
int ci_sys_chmod_at(int dir, const char *name, unsigned mode);
int ci_sys_unlink_at(int dir, const char *name);
int ci_sys_symlink(const char *target, const char *path);
int ci_sys_lstat(const char *path, struct stat *st);
int ci_sys_stat_at(int dir, const char *name, struct stat *st);
/* A write lock on the whole file that dies with the process: -EAGAIN when another one has it. */
int ci_sys_record_lock(int fd);
void ci_sys_record_unlock(int fd);
/* Whether another process has it. */
bool ci_sys_record_locked(int fd);
uint32_t ci_sys_uid(void); /* effective */
uint32_t ci_sys_gid(void);
/* The calling thread alone acts as somebody else, and as itself again.  Needs capabilities. */
int ci_sys_thread_become(uint32_t uid, uint32_t gid);
int ci_sys_thread_revert(void);

#endif
