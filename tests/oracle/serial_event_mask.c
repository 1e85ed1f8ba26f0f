/* SPDX-License-Identifier: MIT */
/* Setting the mask ends a wait; which masks there are, and which waits are refused. */
#include "port.h"

static HANDLE port;
static DWORD mask;

static void say_ends(const char *line, DWORD new_mask)
{
    OVERLAPPED ov;

    SetCommMask(port, EV_RXFLAG);
    ov_init(&ov);
    mask = 0x77;
    SAY_BOOL(say_name(line, "wait"), WaitCommEvent(port, &mask, &ov));
    SAY_BOOL(say_name(line, "set"), SetCommMask(port, new_mask));
    ov_say(line, port, &ov);
    SAY_HEX(say_name(line, "mask"), mask);
    ov_fini(&ov);
}

static void say_masks(void)
{
    static const DWORD masks[] = {0, 1, 0x1FF, 0x1FFF, 0x2000, 0xFFFFFFFF};
    DWORD now = 99;
    char line[32];

    for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
        SetCommMask(port, EV_DSR);
        snprintf(line, sizeof(line), "set.%08lX", (unsigned long)masks[i]);
        SAY_BOOL(line, SetCommMask(port, masks[i]));
        SAY_BOOL(say_name(line, "get"), GetCommMask(port, &now));
        SAY_HEX(say_name(line, "now"), now);
    }
}

static void say_no_mask(void)
{
    OVERLAPPED ov;

    SetCommMask(port, 0);
    ov_init(&ov);
    SAY_BOOL("no_mask.wait", WaitCommEvent(port, &mask, &ov));
    CancelIo(port);
    WaitForSingleObject(ov.hEvent, 200);
    ov_fini(&ov);
}

int main(void)
{
    port = port_open(FILE_FLAG_OVERLAPPED);
    SAY_BOOL("fresh", GetCommMask(port, &mask));
    SAY_HEX("fresh.mask", mask);
    say_masks();
    say_ends("other_mask", EV_TXEMPTY);
    say_ends("same_mask", EV_RXFLAG);
    say_ends("zero", 0);
    say_no_mask();
    SAY_BOOL("null.get", GetCommMask(port, NULL));
    CloseHandle(port);
    return 0;
}
