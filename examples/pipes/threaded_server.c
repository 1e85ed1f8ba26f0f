/* SPDX-License-Identifier: MIT */
/* Serves a pipe of messages with blocking calls and a thread for each client, which hears what it
 * said in capitals.  Usage: threaded_server PIPE [CLIENTS] */
#include <windows.h>
#include <tchar.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define MESSAGE_MAX 4096
#define ANSWER_MAX (MESSAGE_MAX + 16)

static LONG volatile g_lBusy = 1; /* threads that have a client, and the main thread */
static LONG volatile g_lMessages;
static HANDLE g_hNobodyBusy;

static VOID Fail(LPCTSTR lpWhat)
{
    _ftprintf(stderr, TEXT("%s failed: error %lu\n"), lpWhat, GetLastError());
    exit(1);
}

static DWORD MakeAnswer(LPSTR lpAnswer, DWORD dwNumber, const CHAR *lpMessage, DWORD dwBytes)
{
    DWORD dwHead = (DWORD)sprintf(lpAnswer, "%lu ", (unsigned long)dwNumber);
    DWORD i;

    for (i = 0; i < dwBytes; i++)
        lpAnswer[dwHead + i] = (CHAR)toupper((BYTE)lpMessage[i]);
    return dwHead + dwBytes;
}

/* Until the client has gone, or says more than fits. */
static VOID Converse(HANDLE hPipe)
{
    CHAR chMessage[MESSAGE_MAX], chAnswer[ANSWER_MAX];
    DWORD dwNumber = 0, dwBytes, dwAnswer, dwWritten;

    while (ReadFile(hPipe, chMessage, MESSAGE_MAX, &dwBytes, NULL)) {
        dwAnswer = MakeAnswer(chAnswer, ++dwNumber, chMessage, dwBytes);
        InterlockedIncrement(&g_lMessages);
        if (!WriteFile(hPipe, chAnswer, dwAnswer, &dwWritten, NULL))
            return;
    }
    if (GetLastError() != ERROR_BROKEN_PIPE)
        _ftprintf(stderr, TEXT("a client was sent away: error %lu\n"), GetLastError());
}

static VOID ThreadIsDone(VOID)
{
    if (InterlockedDecrement(&g_lBusy) == 0)
        SetEvent(g_hNobodyBusy);
}

static DWORD WINAPI ClientThread(LPVOID lpParameter)
{
    HANDLE hPipe = (HANDLE)lpParameter;

    Converse(hPipe);
    FlushFileBuffers(hPipe); /* what the client has not read yet, the next call takes from it */
    DisconnectNamedPipe(hPipe);
    CloseHandle(hPipe);
    ThreadIsDone();
    return 0;
}

static HANDLE NewInstance(LPCTSTR lpName, DWORD dwFlags)
{
    HANDLE hPipe = CreateNamedPipe(lpName, PIPE_ACCESS_DUPLEX | dwFlags,
                                   PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE | PIPE_WAIT,
                                   PIPE_UNLIMITED_INSTANCES, MESSAGE_MAX, MESSAGE_MAX, 0, NULL);

    if (hPipe == INVALID_HANDLE_VALUE)
        Fail(TEXT("CreateNamedPipe"));
    return hPipe;
}

static VOID StartThread(HANDLE hPipe)
{
    HANDLE hThread;

    InterlockedIncrement(&g_lBusy);
    hThread = CreateThread(NULL, 0, ClientThread, hPipe, 0, NULL);
    if (hThread == NULL)
        Fail(TEXT("CreateThread"));
    CloseHandle(hThread);
}

/* 0 clients are as many as come. */
static VOID Serve(LPCTSTR lpName, HANDLE hPipe, DWORD dwClients)
{
    DWORD dwServed = 0;
    HANDLE hNext = hPipe;

    while (hNext != INVALID_HANDLE_VALUE) {
        hPipe = hNext;
        hNext = INVALID_HANDLE_VALUE;
        if (!ConnectNamedPipe(hPipe, NULL) && GetLastError() != ERROR_PIPE_CONNECTED &&
            GetLastError() != ERROR_NO_DATA) /* it came and went: the thread will notice */
            Fail(TEXT("ConnectNamedPipe"));
        /* Before the thread can close its instance: without one there would be no such pipe, and
         * clients would not wait but give up. */
        if (++dwServed != dwClients)
            hNext = NewInstance(lpName, 0);
        StartThread(hPipe);
    }
}

int __cdecl _tmain(int argc, TCHAR *argv[])
{
    DWORD dwClients = argc > 2 ? (DWORD)_tcstoul(argv[2], NULL, 10) : 0;
    HANDLE hPipe;

    if (argc != 2 && argc != 3) {
        _ftprintf(stderr, TEXT("usage: %s PIPE [CLIENTS]\n"), argv[0]);
        return 2;
    }
    g_hNobodyBusy = CreateEvent(NULL, TRUE, FALSE, NULL);
    if (g_hNobodyBusy == NULL)
        Fail(TEXT("CreateEvent"));
    hPipe = NewInstance(argv[1], FILE_FLAG_FIRST_PIPE_INSTANCE);
    _tprintf(TEXT("ready\n"));
    fflush(stdout);

    Serve(argv[1], hPipe, dwClients);
    ThreadIsDone();
    WaitForSingleObject(g_hNobodyBusy, INFINITE);
    CloseHandle(g_hNobodyBusy);
    _tprintf(TEXT("%lu clients, %lu messages\n"), dwClients, (DWORD)g_lMessages);
    return 0;
}
