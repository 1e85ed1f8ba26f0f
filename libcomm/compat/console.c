/* SPDX-License-Identifier: MIT */
/* Console control handlers.  While there are any, four signals set bits of one word, and a thread
 * that sleeps on that word runs the handlers, so that a handler may do whatever a thread may do. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include <libcomm/compat.h>

#include "libcomm/compat/locks.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_compat.h"

#define HANDLERS 64
#define BIT_LOOK 31 /* rung by us: the list has changed */

static const struct {
    int signum;
    DWORD event;
    bool last; /* the process ends whatever the handlers say */
} events[] = {
    {SIGINT,  CTRL_C_EVENT,        false},
    {SIGQUIT, CTRL_BREAK_EVENT,    false},
    {SIGHUP,  CTRL_CLOSE_EVENT,    true },
    {SIGTERM, CTRL_SHUTDOWN_EVENT, true },
};
#define EVENTS (sizeof(events) / sizeof(events[0]))

static struct {
    PHANDLER_ROUTINE handlers[HANDLERS]; /* guarded by CI_LOCK_CONSOLE: oldest first */
    unsigned count;                      /* guarded by CI_LOCK_CONSOLE */
    bool running;          /* guarded by CI_LOCK_CONSOLE: there is a thread, and it will look */
    bool watching_forks;   /* guarded by CI_LOCK_CONSOLE */
    _Atomic uint32_t rung; /* bits of `events`; the futex word.  Nothing else is ordered by it */
} console;

/* ---- the thread ---- */

static void handlers_run(unsigned index)
{
    PHANDLER_ROUTINE chain[HANDLERS];
    unsigned count;
    bool handled = false;

    ci_compat_lock(CI_LOCK_CONSOLE);
    count = console.count;
    memcpy(chain, console.handlers, sizeof(chain[0]) * count);
    ci_compat_unlock(CI_LOCK_CONSOLE);
    if (count == 0)
        return; /* the last one went while the event was on its way */
    while (!handled && count > 0)
        handled = chain[--count](events[index].event) != FALSE;
    if (!handled || events[index].last)
        ExitProcess(STATUS_CONTROL_C_EXIT);
}

/* Whether the thread may end; from then on the next handler starts another one. */
static bool thread_is_done(void)
{
    bool done;

    ci_compat_lock(CI_LOCK_CONSOLE);
    done = console.count == 0;
    if (done)
        console.running = false;
    ci_compat_unlock(CI_LOCK_CONSOLE);
    return done;
}

static void *thread_run(void *unused)
{
    (void)unused;
    while (!thread_is_done()) {
        uint32_t rung = atomic_exchange(&console.rung, 0);

        if (rung == 0)
            ci_sys_futex_wait(&console.rung, 0, CI_NEVER);
        for (unsigned i = 0; i < EVENTS; i++) {
            if ((rung & (1u << i)) != 0)
                handlers_run(i);
        }
    }
    return NULL;
}

/* ---- listening ---- */

static void deaf_locked(void)
{
    for (size_t i = 0; i < EVENTS; i++)
        ci_sys_signal_deaf(events[i].signum);
    atomic_fetch_or(&console.rung, 1u << BIT_LOOK);
    ci_sys_futex_wake(&console.rung, 1);
}

/* A child has none of its parent's threads, so it cannot have its handlers. */
static void forget(void)
{
    ci_sys_signals_forget();
    console.count = 0;
    console.running = false;
    atomic_store(&console.rung, 0);
}

static uint32_t listen_locked(void)
{
    int err;

    if (!console.watching_forks && pthread_atfork(NULL, NULL, forget) != 0)
        return ERROR_NOT_ENOUGH_MEMORY;
    console.watching_forks = true;
    if (!console.running) {
        err = ci_sys_thread(thread_run, NULL, 0, true, "comm-console");
        if (err != 0)
            return ci_errno_error(CI_DOM_SYSTEM, -err);
        console.running = true;
    }
    for (unsigned i = 0; i < EVENTS; i++)
        ci_sys_signal_listen(events[i].signum, &console.rung, i);
    return 0;
}

/* ---- the list ---- */

static uint32_t add_locked(PHANDLER_ROUTINE handler)
{
    uint32_t error = 0;

    if (console.count == HANDLERS)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (console.count == 0)
        error = listen_locked();
    if (error == 0)
        console.handlers[console.count++] = handler;
    return error;
}

static uint32_t remove_locked(PHANDLER_ROUTINE handler)
{
    unsigned at = console.count;

    while (at > 0 && console.handlers[at - 1] != handler)
        at--;
    if (at == 0)
        return ERROR_INVALID_PARAMETER;
    for (; at < console.count; at++)
        console.handlers[at - 1] = console.handlers[at];
    if (--console.count == 0)
        deaf_locked();
    return 0;
}

BOOL WINAPI SetConsoleCtrlHandler(PHANDLER_ROUTINE HandlerRoutine, BOOL Add)
{
    uint32_t error = 0;

    ci_compat_lock(CI_LOCK_CONSOLE);
    if (HandlerRoutine == NULL)
        ci_sys_signal_ignore(SIGINT, Add != FALSE);
    else
        error = Add ? add_locked(HandlerRoutine) : remove_locked(HandlerRoutine);
    ci_compat_unlock(CI_LOCK_CONSOLE);
    return error == 0 || ci_fail(error);
}
