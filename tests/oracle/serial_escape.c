/* SPDX-License-Identifier: MIT */
/* The codes of EscapeCommFunction, which of them a handshake takes away, and that the settings do
 * not change by them.  A pty has no lines, so what they do is told elsewhere. */
#include "port.h"

static HANDLE port;

static void escape(const char *when, DWORD code)
{
    char line[48];

    snprintf(line, sizeof(line), "%s.%lu", when, (unsigned long)code);
    SAY_BOOL(line, EscapeCommFunction(port, code));
}

static void say_set(const char *line, DWORD dtr, DWORD rts)
{
    DCB dcb = {0};

    dcb.DCBlength = sizeof(dcb);
    GetCommState(port, &dcb);
    dcb.fDtrControl = dtr & 3;
    dcb.fRtsControl = rts & 3;
    SAY_BOOL(line, SetCommState(port, &dcb));
}

static void say_lines(const char *when)
{
    DCB dcb = {0};

    escape(when, SETRTS);
    escape(when, CLRRTS);
    escape(when, SETDTR);
    escape(when, CLRDTR);
    dcb.DCBlength = sizeof(dcb);
    GetCommState(port, &dcb);
    SAY(say_name(when, "dtr"), dcb.fDtrControl);
    SAY(say_name(when, "rts"), dcb.fRtsControl);
}

static void say_held(void)
{
    DWORD n = 99;
    COMSTAT stat = {0};

    escape("held", SETXOFF);
    SAY_BOOL("held.status", ClearCommError(port, NULL, &stat));
    SAY("held.xoff", stat.fXoffHold);
    escape("held", SETXON);
    SAY_BOOL("held.write", WriteFile(port, "abc", 3, &n, NULL));
    say_peer("held.peer", peer("receive 3"));
    SAY_BOOL("break.on", SetCommBreak(port));
    SAY_BOOL("break.off", ClearCommBreak(port));
    SAY_BOOL("break.off_again", ClearCommBreak(port));
    SAY_BOOL("break.write", WriteFile(port, "def", 3, &n, NULL));
    say_peer("break.peer", peer("receive 3"));
}

int main(void)
{
    static const DWORD codes[] = {0, RESETDEV, SETBREAK, CLRBREAK, 10, 11, 255, 0xFFFFFFFF};

    port = port_open(0);
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        escape("code", codes[i]);
    say_set("enable", DTR_CONTROL_ENABLE, RTS_CONTROL_ENABLE);
    say_lines("enabled");
    say_set("handshake", DTR_CONTROL_HANDSHAKE, RTS_CONTROL_HANDSHAKE);
    say_lines("handshaken");
    say_set("disable", DTR_CONTROL_DISABLE, RTS_CONTROL_DISABLE);
    say_lines("disabled");
    say_held();
    CloseHandle(port);
    return 0;
}
