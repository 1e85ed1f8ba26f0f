/* SPDX-License-Identifier: MIT */
/* Time limits are returned as they were set; one combination is refused. */
#include "port.h"

static HANDLE port;

static void set(const char *line, DWORD interval, DWORD multiplier, DWORD constant, DWORD write_m,
                DWORD write_c)
{
    COMMTIMEOUTS t = {interval, multiplier, constant, write_m, write_c}, now;
    char text[96];

    SAY_BOOL(line, SetCommTimeouts(port, &t));
    memset(&now, 0xEE, sizeof(now));
    SAY_BOOL(say_name(line, "get"), GetCommTimeouts(port, &now));
    snprintf(text, sizeof(text), "%lx %lx %lx %lx %lx", (unsigned long)now.ReadIntervalTimeout,
             (unsigned long)now.ReadTotalTimeoutMultiplier,
             (unsigned long)now.ReadTotalTimeoutConstant,
             (unsigned long)now.WriteTotalTimeoutMultiplier,
             (unsigned long)now.WriteTotalTimeoutConstant);
    say_line(say_name(line, "now"), text, "-");
}

int main(void)
{
    port = port_open(0);
    set("none", 0, 0, 0, 0, 0);
    set("all", 1, 2, 3, 4, 5);
    set("at_once", MAXDWORD, 0, 0, 0, 0);
    set("one_byte", MAXDWORD, MAXDWORD, 100, 0, 0);
    set("not_all_three", MAXDWORD, 5, MAXDWORD, 0, 0);
    set("refused", MAXDWORD, MAXDWORD, MAXDWORD, 7, 7);
    set("writes", 0, 0, 0, MAXDWORD, MAXDWORD);
    SAY_BOOL("null.set", SetCommTimeouts(port, NULL));
    SAY_BOOL("null.get", GetCommTimeouts(port, NULL));
    CloseHandle(port);
    return 0;
}
