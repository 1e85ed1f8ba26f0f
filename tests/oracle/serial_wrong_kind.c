/* SPDX-License-Identifier: MIT */
/* What the calls for ports say of handles that lead to no port. */
#include "port.h"

static void say_of(const char *who, HANDLE h)
{
    COMMTIMEOUTS limits = {0};
    COMMCONFIG config;
    COMMPROP prop;
    COMSTAT stat;
    DCB dcb = {0};
    DWORD n, size = sizeof(config);

    memset(&config, 0, sizeof(config));
    memset(&prop, 0, sizeof(prop));
    dcb.DCBlength = sizeof(dcb);
    dcb.BaudRate = 9600;
    dcb.ByteSize = 8;
    SAY_BOOL(say_name(who, "get_state"), GetCommState(h, &dcb));
    SAY_BOOL(say_name(who, "set_state"), SetCommState(h, &dcb));
    SAY_BOOL(say_name(who, "get_timeouts"), GetCommTimeouts(h, &limits));
    SAY_BOOL(say_name(who, "set_timeouts"), SetCommTimeouts(h, &limits));
    SAY_BOOL(say_name(who, "get_mask"), GetCommMask(h, &n));
    SAY_BOOL(say_name(who, "set_mask"), SetCommMask(h, 0));
    SAY_BOOL(say_name(who, "clear_error"), ClearCommError(h, &n, &stat));
    SAY_BOOL(say_name(who, "purge"), PurgeComm(h, PURGE_RXCLEAR));
    SAY_BOOL(say_name(who, "setup"), SetupComm(h, 4096, 4096));
    SAY_BOOL(say_name(who, "properties"), GetCommProperties(h, &prop));
    SAY_BOOL(say_name(who, "modem"), GetCommModemStatus(h, &n));
    SAY_BOOL(say_name(who, "escape"), EscapeCommFunction(h, SETDTR));
    SAY_BOOL(say_name(who, "break"), SetCommBreak(h));
    SAY_BOOL(say_name(who, "clear_break"), ClearCommBreak(h));
    SAY_BOOL(say_name(who, "char"), TransmitCommChar(h, 'x'));
    SAY_BOOL(say_name(who, "config"), GetCommConfig(h, &config, &size));
}

int main(void)
{
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL), file;

    say_of("null", NULL);
    say_of("invalid", INVALID_HANDLE_VALUE);
    say_of("stale", stale_handle());
    say_of("event", event);
    file = CreateFileA("file", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    say_of("file", file);
    CloseHandle(file);
    CloseHandle(event);
    return 0;
}
