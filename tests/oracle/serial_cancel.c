/* SPDX-License-Identifier: MIT */
/* What is cancelled ends with 995 and no bytes, and what is not goes on. */
#include "port.h"

static HANDLE port;
static char buf[3][8], many[60000]; /* more than a pty holds */

static void start(const char *line, int slot, OVERLAPPED *ov)
{
    ov_init(ov);
    SAY_BOOL(line, ReadFile(port, buf[slot], 3, NULL, ov));
}

static void say_one(void)
{
    OVERLAPPED first, second, stranger;

    ov_init(&stranger);
    start("one.first", 0, &first);
    start("one.second", 1, &second);
    SAY_BOOL("one.stranger", CancelIoEx(port, &stranger));
    SAY_BOOL("one.cancel", CancelIoEx(port, &first));
    ov_say("one.first", port, &first);
    SAY_WAIT("one.second.waits", WaitForSingleObject(second.hEvent, 0));
    peer_send("abc");
    ov_say("one.second", port, &second);
    say_bytes("one.second.data", buf[1], 3);
    SAY_BOOL("one.again", CancelIoEx(port, &second));
    ov_fini(&first);
    ov_fini(&second);
    ov_fini(&stranger);
}

static void say_all(void)
{
    OVERLAPPED first, second, writing;

    start("all.first", 0, &first);
    start("all.second", 1, &second);
    ov_init(&writing);
    SAY_BOOL("all.writing", WriteFile(port, many, sizeof(many), NULL, &writing));
    SAY_BOOL("all.cancel", CancelIo(port));
    ov_say("all.first", port, &first);
    ov_say("all.second", port, &second);
    SAY_WAIT("all.writing.event", WaitForSingleObject(writing.hEvent, PATIENCE_MS));
    SAY_HEX("all.writing.internal", writing.Internal);
    SAY_BOOL("all.nothing_left", CancelIoEx(port, NULL));
    ov_fini(&first);
    ov_fini(&second);
    ov_fini(&writing);
}

static void say_event(void)
{
    OVERLAPPED ov;
    DWORD mask = 0x77;

    SetCommMask(port, EV_RXFLAG);
    ov_init(&ov);
    SAY_BOOL("wait", WaitCommEvent(port, &mask, &ov));
    SAY_BOOL("wait.cancel", CancelIoEx(port, &ov));
    ov_say("wait", port, &ov);
    SAY_HEX("wait.mask", mask);
    ov_fini(&ov);
}

int main(void)
{
    port = port_open(FILE_FLAG_OVERLAPPED);
    port_limits(port, 0, 0, 0);
    say_one();
    say_all();
    say_event();
    CloseHandle(port);
    return 0;
}
