/* SPDX-License-Identifier: MIT */
/* The same program for three implementations of the same calls, each built against its own headers:
 * ours, WinPR (-DWITH_WINPR) and Wine (mingw-w64).  Two processes exchange 64 bytes:
 *
 *     exchange serve KIND NAME         says `ready`, and ends when it is told to by a client
 *     exchange ask KIND NAME COUNT     prints the median time of one exchange in ns
 *
 * KIND: `message` (overlapped, message mode), `plain` (blocking, bytes), `open` (plain, and a
 * connection for each), `call` (CallNamedPipe).  WinPR has `plain` and `open` only. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef WITH_WINPR
#include <winpr/error.h>
#include <winpr/file.h>
#include <winpr/handle.h>
#include <winpr/pipe.h>
#include <winpr/synch.h>
#include <winpr/thread.h>
#else
#include <windows.h>
#endif
#ifndef _WIN32
#include <time.h>
#endif

enum { LEN = 64, QUOTA = 65536, WARM_UP = 200 };

static int messages, overlapped;

static void die(const char *what)
{
    fprintf(stderr, "exchange: %s: error %u\n", what, (unsigned)GetLastError());
    exit(3);
}

static double now_ns(void)
{
#ifdef _WIN32
    LARGE_INTEGER at, frequency;

    QueryPerformanceCounter(&at);
    QueryPerformanceFrequency(&frequency);
    return (double)at.QuadPart * 1e9 / (double)frequency.QuadPart;
#else
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
#endif
}

/* ---- one transfer ---- */

static BOOL finish(HANDLE pipe, OVERLAPPED *ov, BOOL done, DWORD *count)
{
#ifndef WITH_WINPR
    if (overlapped) {
        if (!done && GetLastError() != ERROR_IO_PENDING)
            return FALSE;
        WaitForSingleObject(ov->hEvent, INFINITE);
        return GetOverlappedResult(pipe, ov, count, FALSE);
    }
#endif
    (void)pipe;
    (void)ov;
    (void)count;
    return done;
}

static BOOL get(HANDLE pipe, OVERLAPPED *ov, char *bytes)
{
    DWORD count = 0;

    return finish(pipe, ov, ReadFile(pipe, bytes, LEN, overlapped ? NULL : &count, ov), &count) &&
           count == LEN;
}

static BOOL put(HANDLE pipe, OVERLAPPED *ov, const char *bytes)
{
    DWORD count = 0;

    return finish(pipe, ov, WriteFile(pipe, bytes, LEN, overlapped ? NULL : &count, ov), &count) &&
           count == LEN;
}

static OVERLAPPED *ov_new(void)
{
    OVERLAPPED *ov = NULL;

    if (overlapped) {
        ov = calloc(1, sizeof *ov);
        if (ov == NULL || (ov->hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)) == NULL)
            die("CreateEvent");
    }
    return ov;
}

/* ---- the server ---- */

static HANDLE instance_make(const char *name)
{
    HANDLE pipe =
        CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX | (overlapped ? FILE_FLAG_OVERLAPPED : 0),
                         messages ? PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE : PIPE_TYPE_BYTE,
                         PIPE_UNLIMITED_INSTANCES, QUOTA, QUOTA, 0, NULL);

    if (pipe == INVALID_HANDLE_VALUE)
        die("CreateNamedPipe");
    return pipe;
}

static DWORD WINAPI instance_serve(LPVOID pipe)
{
    OVERLAPPED *ov = ov_new();
    char bytes[LEN];
    DWORD unused;

    for (;;) {
        finish(pipe, ov, ConnectNamedPipe(pipe, ov), &unused);
        while (get(pipe, ov, bytes)) {
            if (bytes[0] == 'q')
                exit(0);
            if (!put(pipe, ov, bytes))
                break;
        }
        DisconnectNamedPipe(pipe);
    }
    return 0;
}

/* Two instances: one listens while the other lets go of its client. */
static void serve(const char *name)
{
    HANDLE first = instance_make(name), second = instance_make(name);

    if (CreateThread(NULL, 0, instance_serve, second, 0, NULL) == NULL)
        die("CreateThread");
    printf("ready\n");
    fflush(stdout);
    instance_serve(first);
}

/* ---- the client ---- */

static HANDLE client_open(const char *name)
{
    HANDLE pipe;

    for (;;) {
        pipe = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                           overlapped ? FILE_FLAG_OVERLAPPED : 0, NULL);
        if (pipe != INVALID_HANDLE_VALUE)
            break;
        if (GetLastError() != ERROR_PIPE_BUSY)
            die("CreateFile");
        WaitNamedPipeA(name, 1000);
    }
#ifndef WITH_WINPR
    if (messages) {
        DWORD mode = PIPE_READMODE_MESSAGE;

        if (!SetNamedPipeHandleState(pipe, &mode, NULL, NULL))
            die("SetNamedPipeHandleState");
    }
#endif
    return pipe;
}

static void exchange(HANDLE pipe, OVERLAPPED *ov)
{
    char bytes[LEN] = "request";

    if (!put(pipe, ov, bytes) || !get(pipe, ov, bytes))
        die("exchange");
}

static void call(const char *name)
{
#ifdef WITH_WINPR
    (void)name;
    die("CallNamedPipe is not there");
#else
    char out[LEN] = "request", in[LEN];
    DWORD count;

    if (!CallNamedPipeA(name, out, LEN, in, LEN, &count, 1000) || count != LEN)
        die("CallNamedPipe");
#endif
}

static void one(const char *kind, const char *name, HANDLE pipe, OVERLAPPED *ov)
{
    if (strcmp(kind, "call") == 0) {
        call(name);
    } else if (strcmp(kind, "open") == 0) {
        HANDLE own = client_open(name);

        exchange(own, ov);
        CloseHandle(own);
    } else {
        exchange(pipe, ov);
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void ask(const char *kind, const char *name, unsigned count)
{
    int keeps = strcmp(kind, "call") != 0 && strcmp(kind, "open") != 0;
    double *ns = calloc(count, sizeof *ns);
    HANDLE pipe = keeps ? client_open(name) : NULL;
    OVERLAPPED *ov = ov_new();
    char quit[LEN] = "q";

    if (ns == NULL)
        die("calloc");
    for (unsigned i = 0; i < WARM_UP; i++)
        one(kind, name, pipe, ov);
    for (unsigned i = 0; i < count; i++) {
        double began = now_ns();

        one(kind, name, pipe, ov);
        ns[i] = now_ns() - began;
    }
    qsort(ns, count, sizeof *ns, compare);
    printf("%.0f\n", ns[count / 2]);
    put(keeps ? pipe : client_open(name), ov, quit);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    messages = strcmp(argv[2], "message") == 0 || strcmp(argv[2], "call") == 0;
    overlapped = strcmp(argv[2], "message") == 0;
    if (strcmp(argv[1], "serve") == 0)
        serve(argv[3]);
    else
        ask(argv[2], argv[3], argc > 4 ? (unsigned)atoi(argv[4]) : 1000);
    return 0;
}
