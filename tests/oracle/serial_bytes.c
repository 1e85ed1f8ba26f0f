/* SPDX-License-Identifier: MIT */
/* All 256 bytes go through as they are, both ways, and long pieces stay whole. */
#include "port.h"

#define LONG 30000

static HANDLE port;

static void say_all_bytes(void)
{
    char hex[513], got[513];
    unsigned char all[256];
    DWORD n = 99;

    for (int i = 0; i < 256; i++) {
        all[i] = (unsigned char)i;
        snprintf(hex + 2 * i, 3, "%02x", i);
    }
    SAY_BOOL("sent", WriteFile(port, all, sizeof(all), &n, NULL));
    SAY("sent.same", strcmp(peer("receive 256"), hex) == 0);
    peer("send %s", hex);
    SAY_BOOL("received", ReadFile(port, all, sizeof(all), &n, NULL));
    SAY("received.bytes", n);
    for (int i = 0; i < 256; i++)
        snprintf(got + 2 * i, 3, "%02x", all[i]);
    SAY("received.same", strcmp(got, hex) == 0);
}

static DWORD WINAPI writer(void *arg)
{
    static char many[LONG];
    DWORD n = 99;

    (void)arg;
    return WriteFile(port, many, LONG, &n, NULL) ? n : 0;
}

static void say_long(void)
{
    HANDLE thread = CreateThread(NULL, 0, writer, NULL, 0, NULL);
    DWORD written = 99;

    say_peer("long.peer", peer("swallow %d", LONG));
    SAY_WAIT("long.thread", WaitForSingleObject(thread, PATIENCE_MS));
    GetExitCodeThread(thread, &written);
    SAY("long.written", written);
    CloseHandle(thread);
}

int main(void)
{
    DCB dcb = {0};

    port = port_open(0);
    port_limits(port, 0, 0, 0);
    dcb.DCBlength = sizeof(dcb);
    GetCommState(port, &dcb);
    SAY_BOOL("text", BuildCommDCBA("115200,n,8,1", &dcb));
    SAY_BOOL("set_state", SetCommState(port, &dcb));
    say_all_bytes();
    say_long();
    CloseHandle(port);
    return 0;
}
