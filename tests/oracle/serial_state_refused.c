/* SPDX-License-Identifier: MIT */
/* What SetCommState refuses, and that the port then is as it was. */
#include "port.h"

static HANDLE port;

static DCB plain(void)
{
    DCB dcb;

    memset(&dcb, 0, sizeof(dcb));
    dcb.DCBlength = sizeof(dcb);
    dcb.BaudRate = 9600;
    dcb.ByteSize = 8;
    dcb.fBinary = TRUE;
    dcb.XonChar = 0x11;
    dcb.XoffChar = 0x13;
    return dcb;
}

/* The speed is different each time: a call that fails half way leaves it behind. */
static void refuse(const char *line, DCB dcb)
{
    DCB before = plain(), now;
    DWORD errors = 99;

    SetCommState(port, &before);
    if (dcb.BaudRate == before.BaudRate)
        dcb.BaudRate = 4800;
    SAY_BOOL(line, SetCommState(port, &dcb));
    memset(&now, 0, sizeof(now));
    GetCommState(port, &now);
    SAY(say_name(line, "speed"), now.BaudRate);
    ClearCommError(port, &errors, NULL);
    SAY_HEX(say_name(line, "errors"), errors);
}

#define REFUSE(line, assignment) \
    do {                         \
        DCB dcb = plain();       \
        assignment;              \
        refuse(line, dcb);       \
    } while (0)

int main(void)
{
    port = port_open(0);
    REFUSE("speed_0", dcb.BaudRate = 0);
    REFUSE("speed_huge", dcb.BaudRate = 0xFFFFFFFF);
    REFUSE("size_4", dcb.ByteSize = 4);
    REFUSE("size_9", dcb.ByteSize = 9);
    REFUSE("size_255", dcb.ByteSize = 255);
    REFUSE("parity_5", dcb.Parity = 5);
    REFUSE("stop_3", dcb.StopBits = 3);
    REFUSE("stop_8_15", dcb.StopBits = ONE5STOPBITS);
    REFUSE("stop_5_2", (dcb.ByteSize = 5, dcb.StopBits = TWOSTOPBITS));
    REFUSE("dtr_3", dcb.fDtrControl = 3);
    REFUSE("same_characters", dcb.XonChar = dcb.XoffChar = 0x11);
    REFUSE("xon_lim", dcb.XonLim = 60000);
    REFUSE("xoff_lim", dcb.XoffLim = 60000);
    SAY_BOOL("null.get", GetCommState(port, NULL));
    CloseHandle(port);
    return 0;
}
