/* SPDX-License-Identifier: MIT */
/* A write that nobody takes ends when its time is over, successfully, with what was sent. */
#include "port.h"

#define LONG 60000 /* more than a pty holds */
#define SHORT_MS 60

static char many[LONG];

static void limit(HANDLE port, DWORD multiplier, DWORD constant)
{
    COMMTIMEOUTS t = {0, 0, 0, multiplier, constant};

    SetCommTimeouts(port, &t);
}

static void say_short(const char *line, DWORD n)
{
    SAY(say_name(line, "short"), n < LONG);
    say_peer(say_name(line, "peer_got_them"),
             atol(peer("swallow %lu", (unsigned long)n)) == (long)n ? "yes" : "no");
}

static void say_synchronous(void)
{
    HANDLE port = port_open(0);
    DWORD n = 99, begun = GetTickCount();

    limit(port, 0, SHORT_MS);
    SAY_BOOL("synchronous.few", WriteFile(port, "abc", 3, &n, NULL));
    SAY("synchronous.few.bytes", n);
    say_peer("synchronous.few.peer", peer("receive 3"));
    SAY_BOOL_ERROR("synchronous.many", WriteFile(port, many, LONG, &n, NULL));
    SAY("synchronous.early", GetTickCount() - begun + 20 < SHORT_MS);
    say_short("synchronous", n);
    CloseHandle(port);
}

static void say_overlapped(void)
{
    HANDLE port = port_open(FILE_FLAG_OVERLAPPED);
    OVERLAPPED ov;
    DWORD n = 99;

    limit(port, 0, SHORT_MS);
    ov_init(&ov);
    SAY_BOOL("overlapped.many", WriteFile(port, many, LONG, NULL, &ov));
    SAY_WAIT("overlapped.event", WaitForSingleObject(ov.hEvent, PATIENCE_MS));
    SAY_BOOL("overlapped.result", GetOverlappedResult(port, &ov, &n, FALSE));
    SAY_HEX("overlapped.internal", ov.Internal);
    say_short("overlapped", n);
    ov_fini(&ov);
    CloseHandle(port);
}

int main(void)
{
    say_synchronous();
    say_overlapped();
    return 0;
}
