/* SPDX-License-Identifier: MIT */
/* One thread blocked in a read of a synchronous port, which others feed, or set free by a cancel.
 */
#include "port.h"

#define ENOUGH_MS 2000 /* who is not cancelled by then never is */

static HANDLE port;
static char buf[16];
static DWORD bytes, error;

static DWORD WINAPI reader(void *arg)
{
    bytes = 99;
    SetLastError(0);
    error = ReadFile(port, buf, (DWORD)(size_t)arg, &bytes, NULL) ? 0 : GetLastError();
    return 0;
}

static void say_reader(const char *line, DWORD len, const char *first, const char *rest)
{
    HANDLE thread = CreateThread(NULL, 0, reader, (void *)(size_t)len, 0, NULL);

    peer_send(first);
    if (rest != NULL) {
        SAY_WAIT(say_name(line, "goes_on"), WaitForSingleObject(thread, 100));
        peer_send(rest);
    }
    SAY_WAIT(say_name(line, "thread"), WaitForSingleObject(thread, PATIENCE_MS));
    SAY(say_name(line, "error"), error);
    SAY(say_name(line, "bytes"), bytes);
    say_bytes(say_name(line, "data"), buf, bytes < sizeof(buf) ? bytes : 0);
    CloseHandle(thread);
}

static void say_cancelled(void)
{
    HANDLE thread = CreateThread(NULL, 0, reader, (void *)4, 0, NULL);
    DWORD begun = GetTickCount();

    while (WaitForSingleObject(thread, 1) == WAIT_TIMEOUT && GetTickCount() - begun < ENOUGH_MS)
        CancelSynchronousIo(thread); /* it may not have begun to read yet */
    peer_send("wxyz");
    WaitForSingleObject(thread, PATIENCE_MS);
    SAY("cancelled.error", error);
    SAY("cancelled.bytes", bytes);
    CloseHandle(thread);
}

int main(void)
{
    DWORD n = 99;

    port = port_open(0);
    port_limits(port, 0, 0, 0);
    say_reader("one", 1, "a", NULL);
    say_reader("pieces", 6, "abc", "def");
    say_cancelled();
    SAY_BOOL("write", WriteFile(port, "still", 5, &n, NULL));
    say_peer("peer", peer("receive 5"));
    CloseHandle(port);
    return 0;
}
