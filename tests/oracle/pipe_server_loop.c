/* SPDX-License-Identifier: MIT */
/* The usual server: a thread for each of three instances serves one client after the other, and
 * clients that find none free wait.  Every request is answered once, and by its own answer. */
#include <windows.h>
#include "say.h"

#define INSTANCES 3
#define CLIENTS 5
#define CALLS 8

static char name[64];
static volatile LONG served;

/* Ends when it is asked for nothing. */
static DWORD WINAPI serve(LPVOID handle)
{
    HANDLE pipe = (HANDLE)handle;
    DWORD value, n = 1;

    while (n != 0) {
        ConnectNamedPipe(pipe, NULL);
        if (!ReadFile(pipe, &value, sizeof(value), &n, NULL))
            n = 99;
        if (n == sizeof(value)) {
            value = value * 3 + 1;
            WriteFile(pipe, &value, sizeof(value), &n, NULL);
            FlushFileBuffers(pipe);
            InterlockedIncrement(&served);
        }
        DisconnectNamedPipe(pipe);
    }
    return 0;
}

/* An instance may be taken between the wait and the open: then once more. */
static HANDLE open_any(void)
{
    HANDLE h = INVALID_HANDLE_VALUE;

    while (h == INVALID_HANDLE_VALUE && WaitNamedPipe(name, NMPWAIT_WAIT_FOREVER))
        h = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    return h;
}

static DWORD WINAPI ask(LPVOID number)
{
    DWORD i, n, value, question, right = 0, mode = PIPE_READMODE_MESSAGE;
    HANDLE h;

    for (i = 0; i < CALLS; i++) {
        h = open_any();
        SetNamedPipeHandleState(h, &mode, NULL, NULL);
        question = (DWORD)(ULONG_PTR)number * 100 + i;
        right +=
            TransactNamedPipe(h, &question, sizeof(question), &value, sizeof(value), &n, NULL) &&
            n == sizeof(value) && value == question * 3 + 1;
        CloseHandle(h);
    }
    return right;
}

static DWORD sum_of(HANDLE *threads, DWORD count)
{
    DWORD i, code, sum = 0;

    for (i = 0; i < count; i++) {
        WaitForSingleObject(threads[i], INFINITE);
        GetExitCodeThread(threads[i], &code);
        sum += code;
        CloseHandle(threads[i]);
    }
    return sum;
}

int main(void)
{
    HANDLE pipes[INSTANCES], servers[INSTANCES], clients[CLIENTS], h;
    DWORD i, n;

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_loop_%lu",
             (unsigned long)GetCurrentProcessId());
    for (i = 0; i < INSTANCES; i++)
        pipes[i] =
            CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE,
                            INSTANCES, 64, 64, 0, NULL);
    for (i = 0; i < INSTANCES; i++)
        servers[i] = CreateThread(NULL, 0, serve, pipes[i], 0, NULL);
    for (i = 0; i < CLIENTS; i++)
        clients[i] = CreateThread(NULL, 0, ask, (LPVOID)(ULONG_PTR)(i + 1), 0, NULL);
    SAY("right_answers", sum_of(clients, CLIENTS));
    for (i = 0; i < INSTANCES; i++) { /* one that has ended does not listen again */
        h = open_any();
        WriteFile(h, "", 0, &n, NULL);
        CloseHandle(h);
    }
    SAY("failures", sum_of(servers, INSTANCES));
    SAY("served", served);
    for (i = 0; i < INSTANCES; i++)
        CloseHandle(pipes[i]);
    return 0;
}
