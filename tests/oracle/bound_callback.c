/* SPDX-License-Identifier: MIT */
/* BindIoCompletionCallback: a file whose completions call a function on a pool thread.  Binding is
 * an association with a port, so it works once per file and for overlapped files only. */
#include <windows.h>
#include "say.h"

static HANDLE called;
static DWORD last_error, last_bytes, caller;
static LPOVERLAPPED last_overlapped;
static char buf[16] = "abcdefghij";

static VOID CALLBACK note(DWORD error, DWORD bytes, LPOVERLAPPED ov)
{
    last_error = error;
    last_bytes = bytes;
    last_overlapped = ov;
    caller = GetCurrentThreadId();
    SetEvent(called);
}

static void say_called(const char *name, const OVERLAPPED *ov)
{
    SAY_WAIT(say_name(name, "called"), WaitForSingleObject(called, INFINITE));
    SAY(say_name(name, "failed"), last_error != 0);
    SAY(say_name(name, "bytes"), last_bytes);
    SAY(say_name(name, "overlapped"), last_overlapped == ov);
    SAY(say_name(name, "on_another_thread"), caller != GetCurrentThreadId());
}

static void say_transfers(HANDLE f)
{
    OVERLAPPED ov = {0};
    OVERLAPPED past_end = {0};
    OVERLAPPED refused = {0};

    SAY_BOOL("write", WriteFile(f, buf, 10, NULL, &ov));
    say_called("write", &ov);
    SAY_BOOL("read", ReadFile(f, buf, 4, NULL, &ov));
    say_called("read", &ov);
    past_end.Offset = 100;
    SAY_BOOL("read_past_end", ReadFile(f, buf, 4, NULL, &past_end));
    say_called("read_past_end", &past_end);
    SAY_HEX("read_past_end.internal", past_end.Internal);
    refused.OffsetHigh = 0x80000000;
    SAY_BOOL("refused", ReadFile(f, buf, 4, NULL, &refused));
}

static void say_binding(HANDLE f)
{
    HANDLE synchronous = open_file("bound", GENERIC_READ, OPEN_EXISTING, 0);
    HANDLE ported = open_file("bound", GENERIC_READ, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    HANDLE port;

    SAY_BOOL("bind_again", BindIoCompletionCallback(f, note, 0));
    SAY_HANDLE("associate_bound", port, CreateIoCompletionPort(f, NULL, 0, 0));
    port = CreateIoCompletionPort(ported, NULL, 0, 0);
    SAY_BOOL("bind_associated", BindIoCompletionCallback(ported, note, 0));
    SAY_BOOL("bind_synchronous", BindIoCompletionCallback(synchronous, note, 0));
    SAY_BOOL("bind_stale", BindIoCompletionCallback(stale_handle(), note, 0));
    SAY_BOOL("bind_minus_one", BindIoCompletionCallback(INVALID_HANDLE_VALUE, note, 0));
    CloseHandle(synchronous);
    CloseHandle(ported);
    CloseHandle(port);
}

int main(void)
{
    HANDLE f;

    called = CreateEvent(NULL, FALSE, FALSE, NULL);
    f = open_file("bound", GENERIC_READ | GENERIC_WRITE, CREATE_ALWAYS, FILE_FLAG_OVERLAPPED);
    SAY_BOOL("bind", BindIoCompletionCallback(f, note, 0));
    say_transfers(f);
    say_binding(f);
    CloseHandle(f);
    return 0;
}
