/* SPDX-License-Identifier: MIT */
/* Reads and writes of nothing end at once, and wait for nobody. */
#include "port.h"

static void say_synchronous(void)
{
    HANDLE port = port_open(0);
    char buf[4];
    DWORD n = 99;

    SAY_BOOL("synchronous.read", ReadFile(port, buf, 0, &n, NULL));
    SAY("synchronous.read.bytes", n);
    n = 99;
    SAY_BOOL("synchronous.write", WriteFile(port, buf, 0, &n, NULL));
    SAY("synchronous.write.bytes", n);
    SAY_BOOL("synchronous.read_null", ReadFile(port, NULL, 0, &n, NULL));
    SAY_BOOL("synchronous.write_null", WriteFile(port, NULL, 0, &n, NULL));
    CloseHandle(port);
}

static void say_overlapped(void)
{
    HANDLE port = port_open(FILE_FLAG_OVERLAPPED);
    OVERLAPPED ov, waiting;
    char buf[4], other[4];

    ov_init(&ov);
    SAY_BOOL("overlapped.read", ReadFile(port, buf, 0, NULL, &ov));
    ov_say("overlapped.read", port, &ov);
    SAY_BOOL("overlapped.write", WriteFile(port, buf, 0, NULL, &ov));
    ov_say("overlapped.write", port, &ov);
    ov_init(&waiting);
    SAY_BOOL("behind.first", ReadFile(port, other, 4, NULL, &waiting));
    SAY_BOOL("behind.read", ReadFile(port, buf, 0, NULL, &ov));
    SAY_WAIT("behind.first.waits", WaitForSingleObject(waiting.hEvent, 0));
    peer_send("wxyz");
    ov_say("behind.first", port, &waiting);
    say_bytes("behind.first.data", other, 4);
    ov_fini(&ov);
    ov_fini(&waiting);
    CloseHandle(port);
}

int main(void)
{
    say_synchronous();
    say_overlapped();
    return 0;
}
