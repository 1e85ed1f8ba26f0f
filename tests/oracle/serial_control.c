/* SPDX-License-Identifier: MIT */
/* The driver's own codes, and what their buffers must be. */
#include "port.h"
#include <winioctl.h>

#define SERIAL(n) (((DWORD)0x1B << 16) | ((DWORD)(n) << 2))

static HANDLE port;
static unsigned char out[64];

static void control(const char *line, DWORD code, const void *in, DWORD in_len, DWORD room)
{
    DWORD n = 99;

    memset(out, 0xEE, sizeof(out));
    SAY_BOOL(line, DeviceIoControl(port, code, (void *)(size_t)in, in_len, room ? out : NULL, room,
                                   &n, NULL));
    if (room != 0)
        SAY(say_name(line, "bytes"), n);
}

static DWORD word(size_t at)
{
    DWORD value;

    memcpy(&value, out + at, sizeof(value));
    return value;
}

int main(void)
{
    static const unsigned char format[3] = {0, 0, 8};
    static const DWORD limits[5] = {1, 2, 3, 4, 5};
    DWORD value = 19200;

    port = port_open(0);
    control("set_baud", SERIAL(1), &value, 4, 0);
    control("get_baud", SERIAL(20), NULL, 0, 4);
    SAY("get_baud.value", word(0));
    control("set_baud.short", SERIAL(1), &value, 3, 0);
    control("get_baud.short", SERIAL(20), NULL, 0, 3);
    control("set_line", SERIAL(3), format, 3, 0);
    control("get_line", SERIAL(21), NULL, 0, 3);
    SAY("get_line.size", out[2]);
    control("set_timeouts", SERIAL(7), limits, 20, 0);
    control("get_timeouts", SERIAL(8), NULL, 0, 20);
    SAY("get_timeouts.last", word(16));
    control("get_timeouts.short", SERIAL(8), NULL, 0, 19);
    value = 1;
    control("set_mask", SERIAL(17), &value, 4, 0);
    control("get_mask", SERIAL(16), NULL, 0, 4);
    SAY_HEX("get_mask.value", word(0));
    value = 8;
    control("purge", SERIAL(19), &value, 4, 0);
    control("reset", SERIAL(11), NULL, 0, 0);
    control("set_xoff", SERIAL(14), NULL, 0, 0);
    control("set_xon", SERIAL(15), NULL, 0, 0);
    control("get_handflow", SERIAL(24), NULL, 0, 16);
    control("get_chars", SERIAL(22), NULL, 0, 6);
    SAY_HEX("get_chars.xon", out[4]);
    control("status", SERIAL(27), NULL, 0, 20);
    SAY("status.errors", word(0));
    control("unknown", SERIAL(99), NULL, 0, 0);
    CloseHandle(port);
    return 0;
}
