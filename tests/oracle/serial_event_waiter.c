/* SPDX-License-Identifier: MIT */
/* A thread that waits for events on a synchronous handle, and another that ends its wait. */
#include "port.h"

static HANDLE port;
static DWORD mask = 0x77;
static BOOL waited;

static DWORD WINAPI waiter(void *arg)
{
    (void)arg;
    waited = WaitCommEvent(port, &mask, NULL);
    return waited ? 0 : GetLastError();
}

/* A byte that came since the mask was set ends the wait at once. */
static void say_one(const char *line, BOOL by_byte)
{
    DWORD code = 99;
    HANDLE thread;

    mask = 0x77;
    SetCommMask(port, EV_RXCHAR);
    if (by_byte) {
        peer_send("x");
        SAY(say_name(line, "holds"), port_holds(port, 1));
    }
    thread = CreateThread(NULL, 0, waiter, NULL, 0, NULL);
    if (!by_byte)
        while (WaitForSingleObject(thread, 1) == WAIT_TIMEOUT)
            SetCommMask(port, EV_RXCHAR); /* it may not have begun to wait yet */
    SAY_WAIT(say_name(line, "thread"), WaitForSingleObject(thread, PATIENCE_MS));
    GetExitCodeThread(thread, &code);
    SAY(say_name(line, "error"), code);
    SAY_HEX(say_name(line, "mask"), mask);
    CloseHandle(thread);
}

int main(void)
{
    port = port_open(0);
    say_one("byte", TRUE);
    PurgeComm(port, PURGE_RXCLEAR);
    say_one("set_mask", FALSE);
    CloseHandle(port);
    return 0;
}
