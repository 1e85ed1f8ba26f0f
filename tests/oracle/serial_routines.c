/* SPDX-License-Identifier: MIT */
/* ReadFileEx and WriteFileEx on a port: their routines hear the count and no error. */
#include "port.h"

static HANDLE port;
static DWORD calls, error, bytes;

static VOID CALLBACK routine(DWORD e, DWORD n, OVERLAPPED *ov)
{
    (void)ov;
    calls++;
    error = e;
    bytes = n;
}

static void say_routine(const char *line)
{
    calls = 0;
    SAY_WAIT(say_name(line, "sleep"), SleepEx(PATIENCE_MS, TRUE));
    SAY(say_name(line, "calls"), calls);
    SAY(say_name(line, "error"), error);
    SAY(say_name(line, "bytes"), bytes);
}

int main(void)
{
    OVERLAPPED ov = {0};
    char buf[8] = "";

    port = port_open(FILE_FLAG_OVERLAPPED);
    port_limits(port, 0, 0, 0);
    SAY_BOOL("write", WriteFileEx(port, "abc", 3, &ov, routine));
    say_routine("write");
    say_peer("peer", peer("receive 3"));
    SAY_BOOL("read", ReadFileEx(port, buf, 3, &ov, routine));
    peer_send("xyz");
    say_routine("read");
    say_bytes("data", buf, 3);
    SAY_BOOL("cancelled", ReadFileEx(port, buf, 3, &ov, routine));
    SAY_BOOL("cancel", CancelIo(port));
    say_routine("cancelled");
    port_limits(port, 0, 0, 50);
    SAY_BOOL("late", ReadFileEx(port, buf, 3, &ov, routine));
    say_routine("late");
    SAY_BOOL("empty", ReadFileEx(port, buf, 0, &ov, routine));
    say_routine("empty");
    SAY_BOOL("null_overlapped", ReadFileEx(port, buf, 3, NULL, routine));
    CloseHandle(port);
    return 0;
}
