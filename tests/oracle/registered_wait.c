/* SPDX-License-Identifier: MIT */
/* RegisterWaitForSingleObject: a callback on some other thread when the object is signalled or the
 * time is up, again and again unless once was asked for.  Unregistering can wait until no callback
 * runs any more. */
#include <windows.h>
#include "say.h"

struct seen {
    HANDLE called;  /* set by every callback */
    HANDLE started; /* set on entry, if there is a gate */
    HANDLE gate;    /* and then the callback waits here */
    DWORD thread;   /* who ran the last one */
    LONG signalled; /* callbacks that came because of the object */
    LONG timed_out; /* and because of the time */
};

static VOID CALLBACK note(PVOID context, BOOLEAN timed_out)
{
    struct seen *seen = context;

    if (seen->gate != NULL)
        SignalObjectAndWait(seen->started, seen->gate, INFINITE, FALSE);
    seen->thread = GetCurrentThreadId();
    if (timed_out)
        seen->timed_out++;
    else
        seen->signalled++;
    SetEvent(seen->called);
}

static struct seen fresh(void)
{
    struct seen seen = {0};

    seen.called = CreateEvent(NULL, FALSE, FALSE, NULL);
    return seen;
}

static void say_once(void)
{
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);
    struct seen seen = fresh();
    HANDLE wait = NULL;

    SAY_BOOL("once",
             RegisterWaitForSingleObject(&wait, event, note, &seen, INFINITE, WT_EXECUTEONLYONCE));
    SAY("once.handle", wait != NULL);
    SAY_WAIT("once.not_yet", WaitForSingleObject(seen.called, 20));
    SetEvent(event);
    SAY_WAIT("once.called", WaitForSingleObject(seen.called, INFINITE));
    SAY_BOOL("once.unregister", UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
    SAY("once.signalled", seen.signalled);
    SAY("once.timed_out", seen.timed_out);
    SAY("once.on_another_thread", seen.thread != GetCurrentThreadId());
    CloseHandle(seen.called);
    CloseHandle(event);
}

static void say_again(const char *name, ULONG flags)
{
    HANDLE event = CreateEvent(NULL, FALSE, FALSE, NULL);
    struct seen seen = fresh();
    HANDLE wait = NULL;

    SAY_BOOL(name, RegisterWaitForSingleObject(&wait, event, note, &seen, INFINITE, flags));
    SetEvent(event);
    SAY_WAIT(say_name(name, "first"), WaitForSingleObject(seen.called, INFINITE));
    SetEvent(event);
    SAY_WAIT(say_name(name, "second"), WaitForSingleObject(seen.called, INFINITE));
    SAY_BOOL(say_name(name, "unregister"), UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
    SAY(say_name(name, "signalled"), seen.signalled);
    SetEvent(event);
    SAY_WAIT(say_name(name, "nobody_takes_it_now"), WaitForSingleObject(event, 0));
    CloseHandle(seen.called);
    CloseHandle(event);
}

static void say_timeout(void)
{
    HANDLE event = CreateEvent(NULL, FALSE, FALSE, NULL);
    struct seen seen = fresh();
    HANDLE wait = NULL;

    SAY_BOOL("timeout",
             RegisterWaitForSingleObject(&wait, event, note, &seen, 20, WT_EXECUTEONLYONCE));
    SAY_WAIT("timeout.called", WaitForSingleObject(seen.called, INFINITE));
    SAY_BOOL("timeout.unregister", UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
    SAY("timeout.signalled", seen.signalled);
    SAY("timeout.timed_out", seen.timed_out);
    CloseHandle(seen.called);
    CloseHandle(event);
}

/* Unregistering while the callback stands at its gate does not wait for it, and says so. */
static void say_running(const char *name, HANDLE done)
{
    HANDLE event = CreateEvent(NULL, FALSE, TRUE, NULL);
    struct seen seen = fresh();
    HANDLE wait = NULL;

    seen.started = CreateEvent(NULL, FALSE, FALSE, NULL);
    seen.gate = CreateEvent(NULL, FALSE, FALSE, NULL);
    RegisterWaitForSingleObject(&wait, event, note, &seen, INFINITE, WT_EXECUTEDEFAULT);
    WaitForSingleObject(seen.started, INFINITE);
    SAY_BOOL(name, done == NULL ? UnregisterWait(wait) : UnregisterWaitEx(wait, done));
    if (done != NULL)
        SAY_WAIT(say_name(name, "not_done"), WaitForSingleObject(done, 0));
    SetEvent(seen.gate);
    SAY_WAIT(say_name(name, "called"), WaitForSingleObject(seen.called, INFINITE));
    if (done != NULL)
        SAY_WAIT(say_name(name, "done"), WaitForSingleObject(done, INFINITE));
    CloseHandle(seen.started);
    CloseHandle(seen.gate);
    CloseHandle(seen.called);
    CloseHandle(event);
}

int main(void)
{
    HANDLE done = CreateEvent(NULL, FALSE, FALSE, NULL);

    say_once();
    say_again("again", WT_EXECUTEDEFAULT);
    say_again("wait_thread", WT_EXECUTEINWAITTHREAD);
    say_timeout();
    say_running("running.unregister", NULL);
    say_running("running.unregister_ex", done);
    SAY_BOOL("null.unregister", UnregisterWait(NULL));
    CloseHandle(done);
    return 0;
}
