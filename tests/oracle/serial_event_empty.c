/* SPDX-License-Identifier: MIT */
/* EV_TXEMPTY follows a write and is not the state of having nothing to send. */
#include "port.h"

static HANDLE port;
static DWORD mask;

static void write_abc(const char *line)
{
    OVERLAPPED ov;

    ov_init(&ov);
    SAY(line, WriteFile(port, "abc", 3, NULL, &ov) || GetLastError() == ERROR_IO_PENDING);
    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov.hEvent, PATIENCE_MS));
    ov_fini(&ov);
    say_peer(say_name(line, "peer"), peer("receive 3"));
}

int main(void)
{
    OVERLAPPED ov;

    port = port_open(FILE_FLAG_OVERLAPPED);
    SAY_BOOL("set_mask", SetCommMask(port, EV_TXEMPTY));
    ov_init(&ov);
    SAY_BOOL("idle.wait", WaitCommEvent(port, &mask, &ov));
    SAY_WAIT("idle.event", WaitForSingleObject(ov.hEvent, 200));
    write_abc("write");
    SAY_WAIT("written.event", WaitForSingleObject(ov.hEvent, PATIENCE_MS));
    SAY_HEX("written.mask", mask);
    ov_fini(&ov);
    write_abc("between");
    ov_init(&ov);
    mask = 0x77;
    SAY("latched.wait", WaitCommEvent(port, &mask, &ov) || GetLastError() == ERROR_IO_PENDING);
    SAY_WAIT("latched.event", WaitForSingleObject(ov.hEvent, PATIENCE_MS));
    SAY_HEX("latched.mask", mask);
    SetCommMask(port, 0);
    ov_fini(&ov);
    CloseHandle(port);
    return 0;
}
