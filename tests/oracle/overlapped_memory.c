/* SPDX-License-Identifier: MIT */
/* GetOverlappedResult on an OVERLAPPED made by hand: what it reads, what it waits for, and what it
 * believes.  An event that somebody else sets makes it report success too early, and that is what
 * Windows does. */
#include <windows.h>
#include "say.h"

#define PENDING 0x103

static DWORD calls;

static VOID CALLBACK count(ULONG_PTR step)
{
    calls += (DWORD)step;
}

static OVERLAPPED pending(HANDLE event)
{
    OVERLAPPED ov = {0};

    ov.Internal = PENDING;
    ov.InternalHigh = 5;
    ov.hEvent = event;
    return ov;
}

static void say_has_completed(void)
{
    static const struct {
        const char *when;
        ULONG_PTR internal;
    } rows[] = {
        {"zero",                  0                             },
        {"pending",               PENDING                       },
        {"timeout",               0x102                         },
        {"next",                  0x104                         },
        {"cancelled",             0xC0000120                    },
        {"high_half_only",        (ULONG_PTR)1 << 32            },
        {"all",                   (DWORD)-1                     },
        {"pending_and_high_half", ((ULONG_PTR)1 << 32) | PENDING},
    };
    OVERLAPPED ov = {0};
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ov.Internal = rows[i].internal;
        SAY(say_name("completed", rows[i].when), HasOverlappedIoCompleted(&ov) ? 1 : 0);
    }
}

static void say_result(const char *name, HANDLE h, OVERLAPPED *ov, DWORD ms, BOOL alertable)
{
    DWORD n = 99;

    calls = 0;
    SAY_BOOL(name, GetOverlappedResultEx(h, ov, &n, ms, alertable));
    SAY(say_name(name, "bytes"), n);
    SAY(say_name(name, "calls"), calls);
}

static void say_timeouts(HANDLE event)
{
    OVERLAPPED ov = pending(event);

    QueueUserAPC(count, GetCurrentThread(), 1);
    say_result("ms_0", NULL, &ov, 0, FALSE);
    say_result("ms_0_alertable", NULL, &ov, 0, TRUE);
    say_result("ms_10", NULL, &ov, 10, FALSE);
    say_result("ms_10_alertable", NULL, &ov, 10, TRUE);
    say_result("ms_10_alertable_nothing_queued", NULL, &ov, 10, TRUE);
    QueueUserAPC(count, GetCurrentThread(), 1);
    SetEvent(event);
    say_result("set_alertable", NULL, &ov, INFINITE, TRUE);
    SAY_HEX("set_alertable.internal", ov.Internal);
    SAY_WAIT("set_alertable.queue", SleepEx(0, TRUE));
}

static void say_premature(HANDLE manual, HANDLE automatic)
{
    OVERLAPPED ov = pending(manual);
    DWORD n = 99;

    SetEvent(manual);
    SAY_BOOL("premature.poll", GetOverlappedResult(NULL, &ov, &n, FALSE));
    SAY("premature.poll.bytes", n);
    SAY_BOOL("premature.wait", GetOverlappedResult(NULL, &ov, &n, TRUE));
    SAY("premature.wait.bytes", n);
    ov.hEvent = (HANDLE)((ULONG_PTR)manual | 1);
    SAY_BOOL("tagged.wait", GetOverlappedResult(NULL, &ov, &n, TRUE));
    SetEvent(automatic);
    ov.hEvent = automatic;
    SAY_BOOL("auto.wait", GetOverlappedResult(NULL, &ov, &n, TRUE));
    SAY_WAIT("auto.taken", WaitForSingleObject(automatic, 0));
    SetEvent(automatic);
    ov.Internal = 0;
    SAY_BOOL("finished.wait", GetOverlappedResult(NULL, &ov, &n, TRUE));
    SAY_WAIT("finished.event_not_asked", WaitForSingleObject(automatic, 0));
}

static void say_handles(void)
{
    OVERLAPPED ov = pending(NULL);
    HANDLE f;

    make_file("idle", "x");
    f = open_file("idle", GENERIC_READ, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    say_result("idle_file", f, &ov, INFINITE, FALSE);
    CloseHandle(f);
    say_result("null_handle", NULL, &ov, INFINITE, FALSE);
    say_result("stale_handle", stale_handle(), &ov, INFINITE, FALSE);
    ov.hEvent = stale_handle();
    say_result("stale_event", NULL, &ov, INFINITE, FALSE);
}

int main(void)
{
    HANDLE manual = CreateEvent(NULL, TRUE, FALSE, NULL);
    HANDLE automatic = CreateEvent(NULL, FALSE, FALSE, NULL);

    say_has_completed();
    say_timeouts(manual);
    say_premature(manual, automatic);
    say_handles();
    CloseHandle(manual);
    CloseHandle(automatic);
    return 0;
}
