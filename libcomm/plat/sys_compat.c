/* SPDX-License-Identifier: MIT */
/* System calls of the everyday layer: pages, paths, and signals that a program wants to hear of.
 * Only a program that asks for a console handler ever gets a signal handler from here. */
#include "libcomm/plat/sys_compat.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libcomm/plat/sys.h"
#include "libcomm/plat/testing.h"

/* ---- memory ---- */

size_t ci_sys_alloc_room(void *memory)
{
    return malloc_usable_size(memory);
}

int ci_sys_map(void **base, void *at, size_t size, int protection)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *got;

    if (ci_fault(CI_FAULT_MEMORY))
        return -ENOMEM;
    got = mmap(at, size, protection, at != NULL ? flags | MAP_FIXED_NOREPLACE : flags, -1, 0);
    if (got == MAP_FAILED)
        return -errno;
    if (at != NULL && got != at) { /* a kernel that takes the flag for a hint */
        munmap(got, size);
        return -EEXIST;
    }
    *base = got;
    return 0;
}

int ci_sys_unmap(void *base, size_t size)
{
    return munmap(base, size) < 0 ? -errno : 0;
}

int ci_sys_protect(void *base, size_t size, int protection)
{
    return mprotect(base, size, protection) < 0 ? -errno : 0;
}

int ci_sys_discard(void *base, size_t size)
{
    return madvise(base, size, MADV_DONTNEED) < 0 ? -errno : 0;
}

size_t ci_sys_page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* ---- threads ---- */

static __thread uint32_t own_tid __attribute__((tls_model("initial-exec")));

static void own_tid_forget(void)
{
    own_tid = 0; /* the forking thread is another one in the child */
}

__attribute__((constructor)) static void own_tid_watch_forks(void)
{
    pthread_atfork(NULL, NULL, own_tid_forget);
}

uint32_t ci_sys_own_tid(void)
{
    if (own_tid == 0)
        own_tid = ci_sys_tid();
    return own_tid;
}

/* ---- paths and names ---- */

ssize_t ci_sys_readlink(const char *path, char *to, size_t room)
{
    ssize_t n = readlink(path, to, room);

    return n < 0 ? -errno : n;
}

int ci_sys_getcwd(char *to, size_t room)
{
    return getcwd(to, room) == NULL ? -errno : 0;
}

int ci_sys_chdir(const char *path)
{
    return chdir(path) < 0 ? -errno : 0;
}

int ci_sys_hostname(char *to, size_t room)
{
    if (gethostname(to, room) < 0)
        return -errno;
    to[room - 1] = '\0'; /* a name that just fits comes without */
    return 0;
}

/* ---- signals ---- */

#define SIGNALS 65

/* Written while the signal is not ours, or by the one caller at a time that its lock allows. */
static struct {
    _Atomic(_Atomic uint32_t *) word; /* what the handler rings; NULL: nothing */
    _Atomic uint32_t bits;
    bool listening, ignoring;
    struct sigaction before_listening, before_ignoring;
} heard[SIGNALS];

static _Atomic pid_t listener; /* a child between fork and its forgetting must not ring */

static void ring(int signum)
{
    int kept = errno;
    _Atomic uint32_t *word = atomic_load(&heard[signum].word);

    if (word != NULL && atomic_load(&listener) == getpid()) {
        atomic_fetch_or(word, atomic_load(&heard[signum].bits));
        ci_sys_futex_wake(word, 1);
    }
    errno = kept;
}

int ci_sys_signal_listen(int signum, _Atomic uint32_t *word, unsigned bit)
{
    struct sigaction now, action = {.sa_handler = ring, .sa_flags = SA_RESTART};

    if (heard[signum].listening)
        return 1;
    if (sigaction(signum, NULL, &now) < 0)
        return -errno;
    if (now.sa_handler == SIG_IGN && !heard[signum].ignoring)
        return 0;
    atomic_store(&listener, getpid());
    atomic_store(&heard[signum].bits, 1u << bit);
    atomic_store(&heard[signum].word, word);
    sigemptyset(&action.sa_mask);
    if (heard[signum].ignoring) { /* it will be heard when ignoring ends */
        heard[signum].before_listening = heard[signum].before_ignoring;
        heard[signum].before_ignoring = action;
    } else if (sigaction(signum, &action, &heard[signum].before_listening) < 0) {
        return -errno;
    }
    heard[signum].listening = true;
    return 1;
}

void ci_sys_signal_deaf(int signum)
{
    struct sigaction now;

    if (!heard[signum].listening)
        return;
    heard[signum].listening = false;
    if (heard[signum].ignoring)
        heard[signum].before_ignoring = heard[signum].before_listening;
    else if (sigaction(signum, NULL, &now) == 0 && now.sa_handler == ring)
        sigaction(signum, &heard[signum].before_listening, NULL);
    atomic_store(&heard[signum].word, NULL);
}

void ci_sys_signal_ignore(int signum, bool ignore)
{
    struct sigaction now, action = {.sa_handler = SIG_IGN};

    if (heard[signum].ignoring == ignore)
        return;
    heard[signum].ignoring = ignore;
    sigemptyset(&action.sa_mask);
    if (ignore)
        sigaction(signum, &action, &heard[signum].before_ignoring);
    else if (sigaction(signum, NULL, &now) == 0 && now.sa_handler == SIG_IGN)
        sigaction(signum, &heard[signum].before_ignoring, NULL);
}

void ci_sys_signals_forget(void)
{
    for (int i = 1; i < SIGNALS; i++)
        ci_sys_signal_deaf(i);
}
