/* SPDX-License-Identifier: MIT */
/* Packets posted by hand: they come back in order and unchanged, whatever they claim to be.  What a
 * timeout and a bad handle do to the outputs is said as well, since only the pointer tells a packet
 * from none. */
#include <windows.h>
#include "say.h"

static HANDLE port;

static void say_dequeue(const char *name, HANDLE h, DWORD ms, const OVERLAPPED *expected)
{
    OVERLAPPED mark;
    OVERLAPPED *ov = &mark;
    ULONG_PTR key = 77;
    DWORD n = 77;

    SAY_BOOL_ERROR(name, GetQueuedCompletionStatus(h, &n, &key, &ov, ms));
    SAY(say_name(name, "bytes"), n);
    SAY(say_name(name, "key"), key);
    say_line(say_name(name, "overlapped"),
             ov == NULL       ? "NULL"
             : ov == expected ? "posted"
                              : "other",
             "-");
}

static void say_in_order(void)
{
    OVERLAPPED ov[2] = {{0}, {0}};

    SAY_BOOL_ERROR("post.first", PostQueuedCompletionStatus(port, 11, 111, &ov[0]));
    SAY_BOOL("post.second", PostQueuedCompletionStatus(port, 0xFFFFFFFF, 0, NULL));
    SAY_BOOL("post.third", PostQueuedCompletionStatus(port, 0, (ULONG_PTR)-1, &ov[1]));
    say_dequeue("first", port, 0, &ov[0]);
    say_dequeue("second", port, INFINITE, NULL);
    say_dequeue("third", port, 5, &ov[1]);
    say_dequeue("empty", port, 0, NULL);
    say_dequeue("empty_waited", port, 20, NULL);
}

/* A post says nothing about the OVERLAPPED it carries: its status is not looked at. */
static void say_not_looked_at(void)
{
    OVERLAPPED ov = {0};

    ov.Internal = 0xC0000120;
    ov.InternalHigh = 5;
    PostQueuedCompletionStatus(port, 3, 4, &ov);
    say_dequeue("failed_status", port, 0, &ov);
    ov.Internal = 0x103;
    PostQueuedCompletionStatus(port, 3, 4, &ov);
    say_dequeue("pending_status", port, 0, &ov);
    PostQueuedCompletionStatus(port, 3, 4, (OVERLAPPED *)(ULONG_PTR)0x1234);
    say_dequeue("no_pointer_at_all", port, 0, (OVERLAPPED *)(ULONG_PTR)0x1234);
}

static DWORD WINAPI dequeue_one(LPVOID unused)
{
    OVERLAPPED *ov = NULL;
    ULONG_PTR key = 0;
    DWORD n = 0;

    (void)unused;
    return GetQueuedCompletionStatus(port, &n, &key, &ov, INFINITE) ? n : 0;
}

static void say_waiter(void)
{
    HANDLE thread = CreateThread(NULL, 0, dequeue_one, NULL, 0, NULL);
    DWORD code = 0;

    SAY_WAIT("waiter.waits", WaitForSingleObject(thread, 20));
    PostQueuedCompletionStatus(port, 123, 0, NULL);
    SAY_WAIT("waiter.ended", WaitForSingleObject(thread, INFINITE));
    GetExitCodeThread(thread, &code);
    SAY("waiter.bytes", code);
    CloseHandle(thread);
}

static void say_many(void)
{
    OVERLAPPED *ov;
    ULONG_PTR key;
    DWORD n, i, in_order = 0;

    for (i = 0; i < 1000; i++)
        PostQueuedCompletionStatus(port, i, i, NULL);
    for (i = 0; i < 1000; i++)
        in_order += GetQueuedCompletionStatus(port, &n, &key, &ov, 0) && n == i && key == i;
    SAY("many.in_order", in_order);
}

int main(void)
{
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    say_in_order();
    say_not_looked_at();
    say_waiter();
    say_many();
    say_dequeue("null", NULL, 0, NULL);
    say_dequeue("stale", stale_handle(), 0, NULL);
    CloseHandle(port);
    return 0;
}
