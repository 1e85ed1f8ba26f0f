/* SPDX-License-Identifier: MIT */
/* What BuildCommDCBAndTimeouts makes of the time limits. */
#include "port.h"

static void build(const char *line, const char *text)
{
    COMMTIMEOUTS t;
    char value[96];
    DCB dcb;

    memset(&dcb, 0, sizeof(dcb));
    memset(&t, 0x11, sizeof(t));
    SAY_BOOL(line, BuildCommDCBAndTimeoutsA(text, &dcb, &t));
    snprintf(value, sizeof(value), "%lx %lx %lx %lx %lx", (unsigned long)t.ReadIntervalTimeout,
             (unsigned long)t.ReadTotalTimeoutMultiplier, (unsigned long)t.ReadTotalTimeoutConstant,
             (unsigned long)t.WriteTotalTimeoutMultiplier,
             (unsigned long)t.WriteTotalTimeoutConstant);
    say_line(say_name(line, "limits"), value, "-");
    SAY(say_name(line, "speed"), dcb.BaudRate);
}

int main(void)
{
    build("on", "baud=300 to=on");
    build("off", "baud=300 to=off");
    build("both", "to=on baud=300 to=off");
    build("unsaid", "baud=300");
    build("old", "300,n,8,1");
    build("old_mixed", "300,n,8,1 to=on");
    build("refused", "to=on baud=x");
    build("bad", "to=foobar");
    return 0;
}
