/* SPDX-License-Identifier: MIT */
/* The door to the kernel and to malloc: nothing else in the library calls either.  Every wrapper
 * gives a count or a negative errno, retries EINTR where a retry is harmless, and may be made to
 * fail by a test. */
#ifndef CI_PLAT_SYS_H
#define CI_PLAT_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct epoll_event;
struct iovec;
struct itimerspec;
struct pollfd;
struct stat;
struct flock;

/* Memory.  Zeroed, or NULL. */
void *ci_sys_alloc(size_t size);
void ci_sys_free(void *memory);

/* Transfers on descriptors that do not block, or whose blocking is wanted (regular files). */
ssize_t ci_sys_read(int fd, void *buf, size_t len);
ssize_t ci_sys_write(int fd, const void *buf, size_t len);
ssize_t ci_sys_recv(int fd, void *buf, size_t len, int flags);
ssize_t ci_sys_send(int fd, const void *buf, size_t len, int flags);
ssize_t ci_sys_preadv(int fd, const struct iovec *iov, int count, int64_t offset);
/* offset -1 with `append`: at the end, atomically. */
ssize_t ci_sys_pwritev(int fd, const struct iovec *iov, int count, int64_t offset, bool append);
/* write(2) to something that may raise SIGPIPE: the signal is never seen by the program. */
ssize_t ci_sys_write_quiet(int fd, const void *buf, size_t len);

/* Descriptors. */
int ci_sys_open(const char *path, int flags, unsigned mode);
int ci_sys_close(int fd);
int ci_sys_dup(int fd);
int ci_sys_fcntl(int fd, int command, long argument);
int ci_sys_fstat(int fd, struct stat *st);
int ci_sys_stat(const char *path, struct stat *st);
int ci_sys_access(const char *path, int mode);
int ci_sys_fchmod(int fd, unsigned mode);
int ci_sys_unlink(const char *path);
int ci_sys_ftruncate(int fd, int64_t size);
int64_t ci_sys_lseek(int fd, int64_t offset, int whence);
int ci_sys_fsync(int fd);
int ci_sys_fadvise(int fd, int advice);
int ci_sys_ofd_lock(int fd, int command, struct flock *lock);
/* f_type of the file system, or 0. */
long ci_sys_fs_type(int fd);
int ci_sys_socket_domain(int fd);
int ci_sys_socketpair(int fd[2]); /* unix stream, close-on-exec */
int ci_sys_isatty(int fd);
int ci_sys_bytes_readable(int fd);

/* Waiting. */
int ci_sys_eventfd(void); /* non-blocking, close-on-exec */
int ci_sys_timerfd(void); /* monotonic, non-blocking, close-on-exec */
int ci_sys_timerfd_set(int fd, uint64_t deadline_ns);
int ci_sys_epoll_create(void);
int ci_sys_epoll_ctl(int epfd, int op, int fd, uint32_t events, uint64_t data);
/* timeout_ns: UINT64_MAX waits for ever.  An interrupted wait gives 0 events: the caller looks at
 * the clock. */
int ci_sys_epoll_wait(int epfd, struct epoll_event *events, int room, uint64_t timeout_ns);
int ci_sys_poll(struct pollfd *fds, size_t count, uint64_t timeout_ns);
void ci_sys_futex_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t deadline_ns);
void ci_sys_futex_wake(_Atomic uint32_t *word, int count);

/* Waits are no cancellation points.  The hot calls go to the kernel directly and are none anyway,
 * so there is something to do only where a sanitizer needs the C library's wrappers. */
int ci_sys_cancel_off(void);
void ci_sys_cancel_restore(int state);

/* Threads.  All signals are blocked in a thread made here with `quiet`. */
int ci_sys_thread(void *(*run)(void *), void *arg, size_t stack, bool quiet, const char *name);
uint32_t ci_sys_tid(void);
uint32_t ci_sys_pid(void);
int ci_sys_ncpu(void);
void ci_sys_yield(void);

#endif
