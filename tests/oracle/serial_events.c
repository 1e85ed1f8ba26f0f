/* SPDX-License-Identifier: MIT */
/* EV_RXCHAR is an edge: bytes that come end a wait, bytes that lie there do not. */
#include "port.h"

static HANDLE port;
static DWORD mask;

static void wait_event(const char *line, OVERLAPPED *ov)
{
    ov_init(ov);
    mask = 0x77;
    SAY_BOOL(line, WaitCommEvent(port, &mask, ov));
}

static void say_arrival(void)
{
    OVERLAPPED ov;

    wait_event("arrival.wait", &ov);
    SAY_WAIT("arrival.before", WaitForSingleObject(ov.hEvent, 200));
    peer_send("a");
    ov_say("arrival", port, &ov);
    SAY_HEX("arrival.mask", mask);
    ov_fini(&ov);
}

static void say_no_second(void)
{
    OVERLAPPED ov;

    wait_event("no_second.wait", &ov);
    SAY_WAIT("no_second.event", WaitForSingleObject(ov.hEvent, 200));
    peer_send("b");
    ov_say("second", port, &ov);
    SAY_HEX("second.mask", mask);
    ov_fini(&ov);
}

/* What happens between two waits is kept for the next. */
static void say_between(void)
{
    OVERLAPPED ov;

    PurgeComm(port, PURGE_RXCLEAR);
    peer_send("cd");
    SAY("between.holds", port_holds(port, 2));
    ov_init(&ov);
    mask = 0x77;
    SAY("between.wait", WaitCommEvent(port, &mask, &ov) || GetLastError() == ERROR_IO_PENDING);
    ov_say("between", port, &ov);
    SAY_HEX("between.mask", mask);
    ov_fini(&ov);
}

static void say_late_mask(void)
{
    OVERLAPPED ov;

    SetCommMask(port, 0);
    PurgeComm(port, PURGE_RXCLEAR);
    peer_send("e");
    port_holds(port, 1);
    SetCommMask(port, EV_RXCHAR);
    wait_event("late_mask.wait", &ov);
    SAY_WAIT("late_mask.event", WaitForSingleObject(ov.hEvent, 200));
    SetCommMask(port, 0);
    WaitForSingleObject(ov.hEvent, PATIENCE_MS);
    ov_fini(&ov);
}

int main(void)
{
    port = port_open(FILE_FLAG_OVERLAPPED);
    SAY_BOOL("set_mask", SetCommMask(port, EV_RXCHAR));
    say_arrival();
    say_no_second();
    say_between();
    say_late_mask();
    CloseHandle(port);
    return 0;
}
