/* SPDX-License-Identifier: MIT */
/* What a handle was opened for limits reading and writing, and no call that is about the port. */
#include "port.h"

static void say_of(const char *who, DWORD access)
{
    HANDLE h = CreateFileA(port_name(), access, 0, NULL, OPEN_EXISTING, 0, NULL);
    COMMTIMEOUTS limits = {0};
    DCB dcb = {0};
    char byte = 'x';
    DWORD n = 99;

    dcb.DCBlength = sizeof(dcb);
    SAY_BOOL(say_name(who, "get_timeouts"), GetCommTimeouts(h, &limits));
    limits.ReadIntervalTimeout = MAXDWORD;
    SAY_BOOL(say_name(who, "set_timeouts"), SetCommTimeouts(h, &limits));
    SAY_BOOL(say_name(who, "get_state"), GetCommState(h, &dcb));
    SAY_BOOL(say_name(who, "set_state"), SetCommState(h, &dcb));
    SAY_BOOL(say_name(who, "set_mask"), SetCommMask(h, EV_RXCHAR));
    SAY_BOOL(say_name(who, "get_mask"), GetCommMask(h, &n));
    SAY_BOOL(say_name(who, "clear_error"), ClearCommError(h, NULL, NULL));
    SAY_BOOL(say_name(who, "purge"), PurgeComm(h, PURGE_RXCLEAR));
    SAY_BOOL(say_name(who, "setup"), SetupComm(h, 4096, 4096));
    SAY_BOOL(say_name(who, "read"), ReadFile(h, &byte, 1, &n, NULL));
    SAY_BOOL(say_name(who, "write"), WriteFile(h, "x", 1, &n, NULL));
    SAY_BOOL(say_name(who, "flush"), FlushFileBuffers(h));
    CloseHandle(h);
}

int main(void)
{
    say_of("both", GENERIC_READ | GENERIC_WRITE);
    peer("receive 1");
    say_of("reader", GENERIC_READ);
    say_of("writer", GENERIC_WRITE);
    peer("receive 1");
    say_of("query", 0);
    return 0;
}
