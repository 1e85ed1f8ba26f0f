/* SPDX-License-Identifier: MIT */
/* The second half of the door to the kernel: what only the everyday calls of ported sources need.
 * The rules are those of sys.h: a count or a negative errno. */
#ifndef CI_PLAT_SYS_COMPAT_H
#define CI_PLAT_SYS_COMPAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Bytes that may be used of what ci_sys_alloc() gave; at least what was asked for. */
size_t ci_sys_alloc_room(void *memory);

/* Pages.  `at` NULL: anywhere.  Else exactly there, or -EEXIST.  They cost nothing until used. */
int ci_sys_map(void **base, void *at, size_t size, int protection);
int ci_sys_unmap(void *base, size_t size);
int ci_sys_protect(void *base, size_t size, int protection);
/* The content is gone: the next look finds zeros. */
int ci_sys_discard(void *base, size_t size);
size_t ci_sys_page_size(void);

/* The calling thread's id without a system call; right in a forked child too. */
uint32_t ci_sys_own_tid(void);

/* No terminating NUL; never more than room. */
ssize_t ci_sys_readlink(const char *path, char *to, size_t room);
/* 0, with a terminated path. */
int ci_sys_getcwd(char *to, size_t room);
int ci_sys_chdir(const char *path);
int ci_sys_hostname(char *to, size_t room);

/*
 * Signals, for one purpose: to hear of them while a program has asked for that.  Listening puts a
 * handler in place that sets bit `bit` of `word` and wakes a futex wait on it, and keeps what was
 * there; deaf puts that back, unless somebody replaced the handler meanwhile.  A signal that is
 * ignored stays ignored: 0 from listen, 1 when it is heard from now on.
 *
 * A handler, and not a thread in sigwait: sigwait needs the signal blocked in every thread, those
 * started before included, and a blocked signal stays blocked in programs run from here.  A handler
 * is gone after exec and can be taken back.
 */
int ci_sys_signal_listen(int signum, _Atomic uint32_t *word, unsigned bit);
void ci_sys_signal_deaf(int signum);
/* Whether the process ignores it from now on; what ignoring replaced comes back with false. */
void ci_sys_signal_ignore(int signum, bool ignore);
/* In a child after fork: everything is put back. */
void ci_sys_signals_forget(void);

#endif
