/* SPDX-License-Identifier: MIT */
/* Which object an operation signals: its event, or the port itself when it has none; and when. */
#include "port.h"

int main(void)
{
    HANDLE port = port_open(FILE_FLAG_OVERLAPPED);
    OVERLAPPED ov = {0}, with;
    DWORD n = 99;
    char buf[8] = "";

    port_limits(port, 0, 0, 0);
    SAY("write", WriteFile(port, "abc", 3, NULL, &ov) || GetLastError() == ERROR_IO_PENDING);
    SAY_WAIT("write.port", WaitForSingleObject(port, PATIENCE_MS));
    SAY_BOOL("write.result", GetOverlappedResult(port, &ov, &n, FALSE));
    SAY("write.bytes", n);
    peer("receive 3");
    SAY_BOOL("read", ReadFile(port, buf, 3, &n, &ov));
    SAY("read.bytes", n);
    SAY_WAIT("read.port_waits", WaitForSingleObject(port, 0));
    SAY_BOOL("read.incomplete", GetOverlappedResult(port, &ov, &n, FALSE));
    SAY_HEX("read.internal", ov.Internal);
    peer_send("xyz");
    SAY_BOOL("read.result", GetOverlappedResult(port, &ov, &n, TRUE));
    SAY("read.count", n);
    SAY_WAIT("read.port", WaitForSingleObject(port, 0));
    ov_init(&with);
    SetEvent(with.hEvent);
    SAY_BOOL("event.read", ReadFile(port, buf, 3, NULL, &with));
    SAY_WAIT("event.was_reset", WaitForSingleObject(with.hEvent, 0));
    peer_send("uvw");
    ov_say("event", port, &with);
    peer_send("rst");
    port_holds(port, 3);
    SetEvent(with.hEvent);
    SAY("ready.read", ReadFile(port, buf, 3, NULL, &with) || GetLastError() == ERROR_IO_PENDING);
    ov_say("ready", port, &with);
    say_bytes("ready.data", buf, 3);
    ov_fini(&with);
    CloseHandle(port);
    return 0;
}
