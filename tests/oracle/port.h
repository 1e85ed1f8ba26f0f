/* SPDX-License-Identifier: MIT */
/* What an oracle program with a serial port needs besides say.h: the port, and the peer at the
 * other end of its line (helpers/peer.c), which does what is asked of it and answers.
 *
 * COM42 is a pty in both worlds.  Wine links low numbers to the machine's own ports, which nobody
 * may open; the peer makes the link, and looks where it leads, when the program is about to open
 * it. */
#ifndef ORACLE_PORT_H
#define ORACLE_PORT_H

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include "say.h"

#define PORT "\\\\.\\COM42"
#define PATIENCE_MS 5000

/* The peer's answer; it has done then what it was asked for. */
static inline const char *peer(const char *order, ...)
{
    static char answer[4096];
    va_list args;

    va_start(args, order);
    printf("?");
    vprintf(order, args);
    printf("\n");
    va_end(args);
    fflush(stdout);
    if (fgets(answer, sizeof(answer), stdin) == NULL)
        exit(3);
    answer[strcspn(answer, "\r\n")] = '\0';
    return answer;
}

static inline void peer_send(const char *text)
{
    char hex[512] = "";
    size_t i;

    for (i = 0; text[i] != '\0' && i < 255; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned char)text[i]);
    peer("send %s", hex);
}

static inline void say_peer(const char *name, const char *answer)
{
    say_line(name, answer, "-");
}

/* The one of this process; it opens it as often as it likes. */
static inline const char *port_name(void)
{
    peer("port");
    return PORT;
}

static inline HANDLE port_open(DWORD flags)
{
    HANDLE h =
        CreateFileA(port_name(), GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, flags, NULL);

    if (h == INVALID_HANDLE_VALUE) {
        say_handle("open", h, GetLastError(), 0);
        exit(0);
    }
    return h;
}

static inline void port_limits(HANDLE h, DWORD interval, DWORD multiplier, DWORD constant)
{
    COMMTIMEOUTS limits = {0};

    limits.ReadIntervalTimeout = interval;
    limits.ReadTotalTimeoutMultiplier = multiplier;
    limits.ReadTotalTimeoutConstant = constant;
    SetCommTimeouts(h, &limits);
}

/* Waits until so many bytes are there to be read: a pty takes a moment. */
static inline BOOL port_holds(HANDLE h, DWORD bytes)
{
    DWORD begun = GetTickCount(), errors;
    COMSTAT stat = {0};

    do {
        if (!ClearCommError(h, &errors, &stat))
            return FALSE;
        if (stat.cbInQue >= bytes)
            return TRUE;
        SwitchToThread();
    } while (GetTickCount() - begun < PATIENCE_MS);
    return FALSE;
}

static inline void ov_init(OVERLAPPED *ov)
{
    OVERLAPPED fresh = {0};

    *ov = fresh;
    ov->hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    ov->InternalHigh = 0x77;
}

/* How an operation ended, or "event 258" while it has not. */
static inline void ov_say(const char *name, HANDLE h, OVERLAPPED *ov)
{
    DWORD n = 99;

    SAY_WAIT(say_name(name, "event"), WaitForSingleObject(ov->hEvent, PATIENCE_MS));
    SAY_BOOL(say_name(name, "result"), GetOverlappedResult(h, ov, &n, FALSE));
    SAY(say_name(name, "bytes"), n);
    SAY_HEX(say_name(name, "internal"), ov->Internal);
}

static inline void ov_fini(OVERLAPPED *ov)
{
    CloseHandle(ov->hEvent);
}

/* Bytes as text; what is no letter is a dot. */
static inline void say_bytes(const char *name, const void *bytes, size_t len)
{
    const unsigned char *from = bytes;
    char text[128];
    size_t i;

    for (i = 0; i < len && i < sizeof(text) - 1; i++)
        text[i] = (char)(from[i] > ' ' && from[i] < 127 ? from[i] : '.');
    text[i] = '\0';
    say_line(name, text, "-");
}

#endif
