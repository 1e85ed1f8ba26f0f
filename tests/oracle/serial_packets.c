/* SPDX-License-Identifier: MIT */
/* What a completion port hears of a serial port's reads, writes and waits. */
#include "port.h"

static HANDLE port, packets;

static void say_packet(const char *line, OVERLAPPED *expected)
{
    ULONG_PTR key = 0;
    OVERLAPPED *ov = NULL;
    DWORD n = 99;

    SAY_BOOL(say_name(line, "packet"), GetQueuedCompletionStatus(packets, &n, &key, &ov, 1000));
    SAY(say_name(line, "bytes"), n);
    SAY(say_name(line, "key"), key);
    SAY(say_name(line, "same"), ov == expected);
}

int main(void)
{
    OVERLAPPED reading = {0}, writing = {0}, waiting = {0};
    DWORD mask = 0x77, n = 99;
    ULONG_PTR key;
    OVERLAPPED *none;
    char buf[8] = "";

    port = port_open(FILE_FLAG_OVERLAPPED);
    port_limits(port, 0, 0, 0);
    packets = CreateIoCompletionPort(port, NULL, 7, 1);
    SAY("write", WriteFile(port, "abc", 3, NULL, &writing) || GetLastError() == ERROR_IO_PENDING);
    say_packet("write", &writing);
    say_peer("peer", peer("receive 3"));
    SAY_BOOL("read", ReadFile(port, buf, 3, NULL, &reading));
    peer_send("xyz");
    say_packet("read", &reading);
    say_bytes("data", buf, 3);
    SAY_BOOL("cancelled", ReadFile(port, buf, 3, NULL, &reading));
    SAY_BOOL("cancel", CancelIoEx(port, &reading));
    say_packet("cancelled", &reading);
    port_limits(port, 0, 0, 50);
    SAY_BOOL("late", ReadFile(port, buf, 3, NULL, &reading));
    say_packet("late", &reading);
    SetCommMask(port, EV_RXCHAR);
    SAY_BOOL("wait", WaitCommEvent(port, &mask, &waiting));
    peer_send("w");
    say_packet("wait", &waiting);
    SAY_HEX("mask", mask);
    SAY_BOOL("no_more", GetQueuedCompletionStatus(packets, &n, &key, &none, 0));
    CloseHandle(port);
    CloseHandle(packets);
    return 0;
}
