/* SPDX-License-Identifier: MIT */
/* A good handle in the wrong hands: an event where a mutex, a file, a port or a thread belongs.
 * Every call must refuse it with 6 and leave both its outputs and the event alone. */
#include "say.h"
#include <windows.h>

static VOID CALLBACK never(ULONG_PTR arg)
{
    SAY("never.called", arg);
}

static void say_objects(HANDLE event, HANDLE mutex)
{
    LARGE_INTEGER due;
    LONG previous = 99;
    DWORD code = 99;

    due.QuadPart = -1;
    SAY_BOOL("set_event.mutex", SetEvent(mutex));
    SAY_BOOL("reset_event.mutex", ResetEvent(mutex));
    SAY_BOOL("pulse_event.mutex", PulseEvent(mutex));
    SAY_BOOL("release_mutex.event", ReleaseMutex(event));
    SAY_BOOL("release_semaphore.event", ReleaseSemaphore(event, 1, &previous));
    SAY("release_semaphore.event.previous", previous);
    SAY_BOOL("set_timer.event", SetWaitableTimer(event, &due, 0, NULL, NULL, FALSE));
    SAY_BOOL("cancel_timer.event", CancelWaitableTimer(event));
    SAY_BOOL("exit_code.event", GetExitCodeThread(event, &code));
    SAY("exit_code.event.code", code);
}

static void say_apc(HANDLE event)
{
    SAY_BOOL("queue_apc.null", QueueUserAPC(never, NULL, 1) != 0);
    SAY_BOOL("queue_apc.event", QueueUserAPC(never, event, 2) != 0);
    SAY_BOOL("queue_apc.stale", QueueUserAPC(never, stale_handle(), 3) != 0);
    SAY_WAIT("queue_apc.none_came", SleepEx(0, TRUE));
}

static void say_port(HANDLE event)
{
    DWORD n = 77;
    ULONG_PTR key = 77;
    OVERLAPPED mark;
    OVERLAPPED *ov = &mark;
    HANDLE port;

    SAY_BOOL("dequeue.event", GetQueuedCompletionStatus(event, &n, &key, &ov, 0));
    SAY("dequeue.event.bytes", n);
    SAY("dequeue.event.key", key);
    SAY("dequeue.event.overlapped_is_null", ov == NULL);
    SAY_BOOL("post.event", PostQueuedCompletionStatus(event, 0, 0, NULL));
    SAY_BOOL("post.null", PostQueuedCompletionStatus(NULL, 0, 0, NULL));
    SAY_HANDLE("associate.event", port, CreateIoCompletionPort(event, NULL, 0, 0));
}

static void say_file(HANDLE event)
{
    char buf[4] = "abc";
    DWORD n = 99;

    SAY_BOOL("read.event", ReadFile(event, buf, 3, &n, NULL));
    SAY("read.event.bytes", n);
    n = 99;
    SAY_BOOL("write.event", WriteFile(event, buf, 3, &n, NULL));
    SAY("write.event.bytes", n);
    SAY_BOOL("type.event", GetFileType(event) != FILE_TYPE_UNKNOWN);
    SAY_BOOL("size.event", GetFileSize(event, NULL) != INVALID_FILE_SIZE);
    SAY_BOOL("seek.event", SetFilePointer(event, 0, NULL, FILE_BEGIN) != INVALID_SET_FILE_POINTER);
    SAY_BOOL("set_end.event", SetEndOfFile(event));
    SAY_BOOL("flush.event", FlushFileBuffers(event));
    SAY_BOOL("modes.event",
             SetFileCompletionNotificationModes(event, FILE_SKIP_SET_EVENT_ON_HANDLE));
    SAY_BOOL("cancel_io.event", CancelIo(event));
    SAY_BOOL("cancel_io_ex.event", CancelIoEx(event, NULL));
    SAY_BOOL("cancel_io.stale", CancelIo(stale_handle()));
    SAY_BOOL("cancel_io_ex.stale", CancelIoEx(stale_handle(), NULL));
    SAY_BOOL("cancel_io_ex.null", CancelIoEx(NULL, NULL));
}

int main(void)
{
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);
    HANDLE mutex = CreateMutex(NULL, FALSE, NULL);
    HANDLE h;

    say_objects(event, mutex);
    say_apc(event);
    say_port(event);
    say_file(event);
    SAY_WAIT("event.unharmed", WaitForSingleObject(event, 0));
    SAY_HANDLE("std_handle.unknown", h, GetStdHandle((DWORD)5));
    CloseHandle(event);
    CloseHandle(mutex);
    return 0;
}
