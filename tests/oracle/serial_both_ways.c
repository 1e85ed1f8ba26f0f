/* SPDX-License-Identifier: MIT */
/* A read that waits keeps no write, no wait and no question from being answered. */
#include "port.h"

int main(void)
{
    HANDLE port = port_open(FILE_FLAG_OVERLAPPED);
    OVERLAPPED reading, writing;
    DWORD errors = 99, mask = 99;
    COMSTAT stat;
    char buf[8] = "";

    port_limits(port, 0, 0, 0);
    ov_init(&reading);
    ov_init(&writing);
    SAY_BOOL("read", ReadFile(port, buf, 4, NULL, &reading));
    SAY("write", WriteFile(port, "hello", 5, NULL, &writing) || GetLastError() == ERROR_IO_PENDING);
    ov_say("write", port, &writing);
    say_peer("peer", peer("receive 5"));
    SAY_BOOL("status", ClearCommError(port, &errors, &stat));
    SAY_HEX("status.errors", errors);
    SAY("status.in", stat.cbInQue);
    SAY("status.out", stat.cbOutQue);
    SAY_BOOL("set_mask", SetCommMask(port, EV_RXFLAG));
    SAY_BOOL("get_mask", GetCommMask(port, &mask));
    SAY_HEX("mask", mask);
    SAY_BOOL("flush", FlushFileBuffers(port));
    SAY_WAIT("read.waits", WaitForSingleObject(reading.hEvent, 0));
    peer_send("abcdef");
    ov_say("read", port, &reading);
    say_bytes("read.data", buf, 4);
    SAY("left", port_holds(port, 2));
    SAY("rest", ReadFile(port, buf, 2, NULL, &reading) || GetLastError() == ERROR_IO_PENDING);
    WaitForSingleObject(reading.hEvent, PATIENCE_MS);
    say_bytes("rest.data", buf, 2);
    ov_fini(&reading);
    ov_fini(&writing);
    CloseHandle(port);
    return 0;
}
