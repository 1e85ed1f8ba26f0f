/* SPDX-License-Identifier: MIT */
/* The only place that makes system calls and takes memory.  In the testing build every call that
 * can run out of something first asks ci_fault(), which is how the fail-the-nth runs reach each
 * error path. */
#include "libcomm/plat/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "libcomm/plat/testing.h"

#define NS_PER_S 1000000000ULL

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

/* ---- memory ---- */

void *ci_sys_alloc(size_t size)
{
    return ci_fault(CI_FAULT_MEMORY) ? NULL : calloc(1, size);
}

void ci_sys_free(void *memory)
{
    free(memory);
}

/* ---- transfers ---- */

/* The hot calls go to the kernel directly: the C library's wrappers are cancellation points, which
 * costs each call two atomic operations, and a wait of ours must not be one.  Sanitizers need the
 * wrappers to see the transfers. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef SANITIZED
#define raw_read read
#define raw_write write
#define raw_recv recv
#define raw_send send
#define raw_ppoll(fds, count, ts) ppoll(fds, count, ts, NULL)
#define raw_epoll_wait(epfd, events, room, ms) epoll_wait(epfd, events, room, ms)
#define raw_epoll_pwait2(epfd, events, room, ts) epoll_pwait2(epfd, events, room, ts, NULL)

int ci_sys_cancel_off(void)
{
    int state;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    return state;
}

void ci_sys_cancel_restore(int state)
{
    pthread_setcancelstate(state, NULL);
}
#else
static int raw_epoll_wait(int epfd, struct epoll_event *events, int room, int ms)
{
    return (int)syscall(SYS_epoll_pwait, epfd, events, room, ms, NULL, (size_t)8);
}

static int raw_epoll_pwait2(int epfd, struct epoll_event *events, int room, struct timespec *ts)
{
    return (int)syscall(SYS_epoll_pwait2, epfd, events, room, ts, NULL, (size_t)8);
}

int ci_sys_cancel_off(void)
{
    return 0;
}

void ci_sys_cancel_restore(int state)
{
    (void)state;
}

static ssize_t raw_read(int fd, void *buf, size_t len)
{
    return syscall(SYS_read, fd, buf, len);
}

static ssize_t raw_write(int fd, const void *buf, size_t len)
{
    return syscall(SYS_write, fd, buf, len);
}

static ssize_t raw_recv(int fd, void *buf, size_t len, int flags)
{
    return syscall(SYS_recvfrom, fd, buf, len, flags, NULL, NULL);
}

static ssize_t raw_send(int fd, const void *buf, size_t len, int flags)
{
    return syscall(SYS_sendto, fd, buf, len, flags, NULL, 0);
}

/* The kernel writes the time left back; ours is a copy. */
static int raw_ppoll(struct pollfd *fds, size_t count, struct timespec *ts)
{
    return (int)syscall(SYS_ppoll, fds, count, ts, NULL, (size_t)8);
}
#endif

#define RETRY(result, call) \
    do                      \
        (result) = (call);  \
    while ((result) < 0 && errno == EINTR)

ssize_t ci_sys_read(int fd, void *buf, size_t len)
{
    ssize_t n;

    RETRY(n, raw_read(fd, buf, len));
    return n < 0 ? -errno : n;
}

ssize_t ci_sys_write(int fd, const void *buf, size_t len)
{
    ssize_t n;

    RETRY(n, raw_write(fd, buf, len));
    return n < 0 ? -errno : n;
}

ssize_t ci_sys_recv(int fd, void *buf, size_t len, int flags)
{
    ssize_t n;

    RETRY(n, raw_recv(fd, buf, len, flags | MSG_DONTWAIT));
    return n < 0 ? -errno : n;
}

ssize_t ci_sys_send(int fd, const void *buf, size_t len, int flags)
{
    ssize_t n;

    RETRY(n, raw_send(fd, buf, len, flags | MSG_DONTWAIT | MSG_NOSIGNAL));
    return n < 0 ? -errno : n;
}

ssize_t ci_sys_preadv(int fd, const struct iovec *iov, int count, int64_t offset)
{
    ssize_t n;

    RETRY(n, preadv(fd, iov, count, offset));
    return n < 0 ? -errno : n;
}

ssize_t ci_sys_pwritev(int fd, const struct iovec *iov, int count, int64_t offset, bool append)
{
    ssize_t n;

    RETRY(n, pwritev2(fd, iov, count, append ? 0 : offset, append ? RWF_APPEND : 0));
    return n < 0 ? -errno : n;
}

/* A FIFO write to a gone reader raises SIGPIPE in this thread.  It is blocked for the call and
 * taken back afterwards, unless the program had one pending itself. */
ssize_t ci_sys_write_quiet(int fd, const void *buf, size_t len)
{
    sigset_t pipe_set, before, pending;
    ssize_t n;

    sigemptyset(&pipe_set);
    sigaddset(&pipe_set, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe_set, &before);
    n = ci_sys_write(fd, buf, len);
    if (n == -EPIPE && !sigismember(&pending, SIGPIPE)) {
        struct timespec now = {0, 0};

        while (sigtimedwait(&pipe_set, NULL, &now) < 0 && errno == EINTR)
            ;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return n;
}

/* ---- descriptors ---- */

int ci_sys_open(const char *path, int flags, unsigned mode)
{
    int fd;

    if (ci_fault(CI_FAULT_DESCRIPTOR))
        return -EMFILE;
    RETRY(fd, open(path, flags | O_CLOEXEC | O_NOCTTY, mode));
    return fd < 0 ? -errno : fd;
}

int ci_sys_close(int fd)
{
    return close(fd) < 0 ? -errno : 0; /* never retried: the number is free either way */
}

int ci_sys_dup(int fd)
{
    int copy;

    if (ci_fault(CI_FAULT_DESCRIPTOR))
        return -EMFILE;
    copy = fcntl(fd, F_DUPFD_CLOEXEC, 3); /* never a standard descriptor */
    return copy < 0 ? -errno : copy;
}

int ci_sys_fcntl(int fd, int command, long argument)
{
    int r = fcntl(fd, command, argument);

    return r < 0 ? -errno : r;
}

int ci_sys_fstat(int fd, struct stat *st)
{
    return fstat(fd, st) < 0 ? -errno : 0;
}

int ci_sys_stat(const char *path, struct stat *st)
{
    return stat(path, st) < 0 ? -errno : 0;
}

int ci_sys_access(const char *path, int mode)
{
    return access(path, mode) < 0 ? -errno : 0;
}

int ci_sys_fchmod(int fd, unsigned mode)
{
    return fchmod(fd, (mode_t)mode) < 0 ? -errno : 0;
}

int ci_sys_unlink(const char *path)
{
    return unlink(path) < 0 ? -errno : 0;
}

int ci_sys_ftruncate(int fd, int64_t size)
{
    int r;

    RETRY(r, ftruncate(fd, size));
    return r < 0 ? -errno : 0;
}

int64_t ci_sys_lseek(int fd, int64_t offset, int whence)
{
    off_t at = lseek(fd, offset, whence);

    return at < 0 ? -errno : at;
}

int ci_sys_fsync(int fd)
{
    int r;

    RETRY(r, fsync(fd));
    return r < 0 ? -errno : 0;
}

int ci_sys_fadvise(int fd, int advice)
{
    return -posix_fadvise(fd, 0, 0, advice);
}

int ci_sys_ofd_lock(int fd, int command, struct flock *lock)
{
    return fcntl(fd, command, lock) < 0 ? -errno : 0;
}

long ci_sys_fs_type(int fd)
{
    struct statfs fs;

    return fstatfs(fd, &fs) < 0 ? 0 : (long)fs.f_type;
}

int ci_sys_socket_domain(int fd)
{
    int domain = 0;
    socklen_t len = sizeof domain;

    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0 ? -errno : domain;
}

int ci_sys_socketpair(int fd[2])
{
    if (ci_fault(CI_FAULT_DESCRIPTOR))
        return -EMFILE;
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0 ? -errno : 0;
}

int ci_sys_isatty(int fd)
{
    return isatty(fd);
}

int ci_sys_bytes_readable(int fd)
{
    int n = 0;

    return ioctl(fd, FIONREAD, &n) < 0 ? -errno : n;
}

/* ---- waiting ---- */

int ci_sys_eventfd(void)
{
    int fd = ci_fault(CI_FAULT_DESCRIPTOR) ? -1 : eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    return fd < 0 ? -(ci_faulted() ? EMFILE : errno) : fd;
}

int ci_sys_timerfd(void)
{
    int fd = ci_fault(CI_FAULT_DESCRIPTOR)
                 ? -1
                 : timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

    return fd < 0 ? -(ci_faulted() ? EMFILE : errno) : fd;
}

int ci_sys_timerfd_set(int fd, uint64_t deadline_ns)
{
    struct itimerspec when = {
        .it_value = {0, 0}
    };

    if (deadline_ns != UINT64_MAX)
        when.it_value = timespec_of(deadline_ns > 0 ? deadline_ns : 1); /* 0 would disarm */
    return timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL) < 0 ? -errno : 0;
}

int ci_sys_epoll_create(void)
{
    int fd = ci_fault(CI_FAULT_DESCRIPTOR) ? -1 : epoll_create1(EPOLL_CLOEXEC);

    return fd < 0 ? -(ci_faulted() ? EMFILE : errno) : fd;
}

int ci_sys_epoll_ctl(int epfd, int op, int fd, uint32_t events, uint64_t data)
{
    struct epoll_event ev = {.events = events, .data = {.u64 = data}};

    if (op == EPOLL_CTL_ADD && ci_fault(CI_FAULT_WATCH))
        return -ENOSPC;
    return epoll_ctl(epfd, op, fd, &ev) < 0 ? -errno : 0;
}

/* epoll_pwait2 is younger than the oldest kernel we serve; without it the timeout is rounded up to
 * a ms. */
int ci_sys_epoll_wait(int epfd, struct epoll_event *events, int room, uint64_t timeout_ns)
{
    static _Atomic bool too_old; /* set once, read by all; either answer is correct */
    int n = -1;

    if (timeout_ns == 0 || timeout_ns == UINT64_MAX) {
        n = raw_epoll_wait(epfd, events, room, timeout_ns == 0 ? 0 : -1);
    } else {
        struct timespec ts = timespec_of(timeout_ns);

        errno = ENOSYS;
        if (!too_old)
            n = raw_epoll_pwait2(epfd, events, room, &ts);
        if (n < 0 && (errno == ENOSYS || errno == EPERM)) {
            uint64_t ms = (timeout_ns + 999999) / 1000000;

            too_old = true;
            n = raw_epoll_wait(epfd, events, room, ms > 3600000 ? 3600000 : (int)ms);
        }
    }
    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    return n;
}

int ci_sys_poll(struct pollfd *fds, size_t count, uint64_t timeout_ns)
{
    struct timespec ts;
    int n;

    if (timeout_ns != UINT64_MAX)
        ts = timespec_of(timeout_ns);
    n = raw_ppoll(fds, count, timeout_ns == UINT64_MAX ? NULL : &ts);
    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    return n;
}

void ci_sys_futex_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t deadline_ns)
{
    struct timespec ts = {0, 0};
    struct timespec *until = NULL;

    if (deadline_ns != UINT64_MAX) {
        ts = timespec_of(deadline_ns);
        until = &ts;
    }
    /* BITSET takes an absolute monotonic time, so an interrupted sleep needs no arithmetic */
    syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected, until, NULL,
            FUTEX_BITSET_MATCH_ANY);
}

void ci_sys_futex_wake(_Atomic uint32_t *word, int count)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

/* ---- threads ---- */

int ci_sys_thread(void *(*run)(void *), void *arg, size_t stack, bool quiet, const char *name)
{
    pthread_attr_t attr;
    sigset_t all, before;
    pthread_t thread;
    int error;

    if (ci_fault(CI_FAULT_THREAD))
        return -EAGAIN;
    error = pthread_attr_init(&attr);
    if (error != 0)
        return -error;
    if (stack > 0)
        pthread_attr_setstacksize(&attr, stack);
    if (quiet) {
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
    }
    error = pthread_create(&thread, &attr, run, arg);
    if (error == 0 && name != NULL)
        pthread_setname_np(thread, name);
    if (error == 0)
        pthread_detach(thread); /* only now: a thread that has ended cannot be named */
    if (quiet)
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return -error;
}

uint32_t ci_sys_tid(void)
{
    return (uint32_t)syscall(SYS_gettid);
}

uint32_t ci_sys_pid(void)
{
    return (uint32_t)getpid();
}

int ci_sys_ncpu(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

void ci_sys_yield(void)
{
    sched_yield();
}
