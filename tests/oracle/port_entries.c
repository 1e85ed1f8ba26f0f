/* SPDX-License-Identifier: MIT */
/* GetQueuedCompletionStatusEx takes several packets at once, tells each one's raw status, and may
 * be alertable.  A packet comes before a queued procedure. */
#include <windows.h>
#include <string.h>
#include "say.h"

static HANDLE port;
static DWORD calls;

static VOID CALLBACK count(ULONG_PTR step)
{
    calls += (DWORD)step;
}

static void say_entries(const char *name, ULONG want, DWORD ms, BOOL alertable)
{
    OVERLAPPED_ENTRY entries[4];
    ULONG removed = 99, i;
    char entry[64];

    memset(entries, 0xEE, sizeof(entries));
    calls = 0;
    SAY_BOOL(name, GetQueuedCompletionStatusEx(port, entries, want, &removed, ms, alertable));
    SAY(say_name(name, "removed"), removed);
    SAY(say_name(name, "calls"), calls);
    for (i = 0; i < removed && removed <= want && (DWORD)entries[i].lpCompletionKey != 0xEEEEEEEE;
         i++) {
        snprintf(entry, sizeof(entry), "%s.%u", name, (unsigned)i);
        SAY(say_name(entry, "key"), entries[i].lpCompletionKey);
        SAY(say_name(entry, "bytes"), entries[i].dwNumberOfBytesTransferred);
        SAY_HEX(say_name(entry, "status"), entries[i].Internal);
        SAY(say_name(entry, "overlapped"), entries[i].lpOverlapped != NULL);
    }
}

static void say_posted(void)
{
    OVERLAPPED ov = {0};
    DWORD i;

    for (i = 1; i <= 5; i++)
        PostQueuedCompletionStatus(port, i * 10, i, i & 1 ? &ov : NULL);
    say_entries("two_of_five", 2, 0, FALSE);
    say_entries("rest", 4, INFINITE, FALSE);
    say_entries("none", 4, 0, FALSE);
    say_entries("none_waited", 4, 20, FALSE);
}

static void say_alertable(void)
{
    QueueUserAPC(count, GetCurrentThread(), 1);
    say_entries("procedure_not_alertable", 4, 0, FALSE);
    PostQueuedCompletionStatus(port, 1, 1, NULL);
    say_entries("packet_and_procedure", 4, INFINITE, TRUE);
    say_entries("procedure_ms_0", 4, 0, TRUE);
    QueueUserAPC(count, GetCurrentThread(), 1);
    say_entries("procedure_infinite", 4, INFINITE, TRUE);
    say_entries("nothing_alertable", 4, 0, TRUE);
}

/* Two operations that end well and one that does not: the call succeeds all the same. */
static void say_files(void)
{
    OVERLAPPED ov[3] = {{0}, {0}, {0}};
    char buf[8];
    HANDLE f;

    make_file("entries", "0123456789");
    f = open_file("entries", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    CreateIoCompletionPort(f, port, 5, 0);
    ov[1].Offset = 100;
    SAY_BOOL("files.read", ReadFile(f, buf, 4, NULL, &ov[0]));
    SAY_BOOL("files.read_past_end", ReadFile(f, buf, 4, NULL, &ov[1]));
    SAY_BOOL("files.write", WriteFile(f, buf, 3, NULL, &ov[2]));
    say_entries("files.entries", 4, INFINITE, FALSE);
    CloseHandle(f);
}

int main(void)
{
    OVERLAPPED_ENTRY entry;
    ULONG removed = 99;

    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    say_posted();
    say_alertable();
    say_files();
    SAY_BOOL("stale", GetQueuedCompletionStatusEx(stale_handle(), &entry, 1, &removed, 0, FALSE));
    SAY_BOOL("count_0", GetQueuedCompletionStatusEx(port, &entry, 0, &removed, 0, FALSE));
    CloseHandle(port);
    return 0;
}
