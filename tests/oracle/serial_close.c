/* SPDX-License-Identifier: MIT */
/* Closing a port ends what is pending on it. */
#include "port.h"

static char many[60000]; /* more than a pty holds */

static void say_ended(const char *line, OVERLAPPED *ov)
{
    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov->hEvent, PATIENCE_MS));
    SAY_HEX(say_name(line, "internal"), ov->Internal);
    SAY(say_name(line, "no_bytes"), ov->InternalHigh == 0);
    ov_fini(ov);
}

int main(void)
{
    HANDLE port = port_open(FILE_FLAG_OVERLAPPED);
    OVERLAPPED first, second, writing, waiting;
    DWORD mask = 0x77;
    char buf[2][4];

    port_limits(port, 0, 0, 0);
    ov_init(&first);
    ov_init(&second);
    ov_init(&writing);
    ov_init(&waiting);
    SAY_BOOL("first", ReadFile(port, buf[0], 4, NULL, &first));
    SAY_BOOL("second", ReadFile(port, buf[1], 4, NULL, &second));
    SAY_BOOL("writing", WriteFile(port, many, sizeof(many), NULL, &writing));
    SetCommMask(port, EV_RXFLAG);
    SAY_BOOL("waiting", WaitCommEvent(port, &mask, &waiting));
    SAY_BOOL("close", CloseHandle(port));
    say_ended("first", &first);
    say_ended("second", &second);
    say_ended("writing", &writing);
    say_ended("waiting", &waiting);
    SAY_HEX("mask", mask);
    SAY_BOOL("close_again", CloseHandle(port));
    port = port_open(0);
    SAY_BOOL("mask_of_next", GetCommMask(port, &mask));
    SAY_HEX("next.mask", mask);
    SAY_BOOL("next.close", CloseHandle(port));
    return 0;
}
