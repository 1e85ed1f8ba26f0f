/* SPDX-License-Identifier: MIT */
/* Serves a pipe of messages with one thread that sleeps alertably: a client's read starts its write
 * and that the next read, in completion routines, while the thread waits for the next client.
 * Clients hear what they said in capitals.  Usage: routine_server PIPE [CLIENTS] */
#include <windows.h>
#include <tchar.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define MESSAGE_MAX 4096
#define ANSWER_MAX (MESSAGE_MAX + 16)

typedef struct _CLIENT {
    OVERLAPPED Overlapped; /* first: a routine gets its address */
    HANDLE hPipe;
    DWORD dwNumber; /* of messages */
    CHAR chMessage[MESSAGE_MAX];
    CHAR chAnswer[ANSWER_MAX];
} CLIENT, *PCLIENT;

static DWORD g_dwHere; /* clients being served */
static DWORD g_dwMessages;

static VOID CALLBACK AnswerWritten(DWORD dwError, DWORD dwBytes, LPOVERLAPPED lpOverlapped);

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

/* Nothing of it is on its way. */
static VOID SendAway(PCLIENT pClient, DWORD dwError)
{
    if (dwError != ERROR_BROKEN_PIPE && dwError != ERROR_NO_DATA)
        _ftprintf(stderr, TEXT("a client was sent away: error %lu\n"), dwError);
    DisconnectNamedPipe(pClient->hPipe);
    CloseHandle(pClient->hPipe);
    HeapFree(GetProcessHeap(), 0, pClient);
    g_dwHere--;
}

static VOID CALLBACK MessageRead(DWORD dwError, DWORD dwBytes, LPOVERLAPPED lpOverlapped)
{
    PCLIENT pClient = CONTAINING_RECORD(lpOverlapped, CLIENT, Overlapped);
    DWORD dwAnswer;

    if (dwError != ERROR_SUCCESS) {
        SendAway(pClient, dwError);
        return;
    }
    g_dwMessages++;
    dwAnswer = MakeAnswer(pClient->chAnswer, ++pClient->dwNumber, pClient->chMessage, dwBytes);
    if (!WriteFileEx(pClient->hPipe, pClient->chAnswer, dwAnswer, &pClient->Overlapped,
                     AnswerWritten))
        SendAway(pClient, GetLastError()); /* it has gone, and no routine will run */
}

static VOID StartRead(PCLIENT pClient)
{
    if (!ReadFileEx(pClient->hPipe, pClient->chMessage, MESSAGE_MAX, &pClient->Overlapped,
                    MessageRead))
        SendAway(pClient, GetLastError());
}

static VOID CALLBACK AnswerWritten(DWORD dwError, DWORD dwBytes, LPOVERLAPPED lpOverlapped)
{
    PCLIENT pClient = CONTAINING_RECORD(lpOverlapped, CLIENT, Overlapped);

    (void)dwBytes; /* all of it: a pipe never writes a part */
    if (dwError != ERROR_SUCCESS)
        SendAway(pClient, dwError);
    else
        StartRead(pClient);
}

static VOID Welcome(HANDLE hPipe)
{
    PCLIENT pClient = (PCLIENT)HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(CLIENT));

    if (pClient == NULL)
        Fail(TEXT("HeapAlloc"));
    pClient->hPipe = hPipe;
    g_dwHere++;
    StartRead(pClient);
}

static HANDLE NewInstance(LPCTSTR lpName, DWORD dwFlags)
{
    HANDLE hPipe = CreateNamedPipe(lpName, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | dwFlags,
                                   PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE | PIPE_WAIT,
                                   PIPE_UNLIMITED_INSTANCES, MESSAGE_MAX, MESSAGE_MAX, 0, NULL);

    if (hPipe == INVALID_HANDLE_VALUE)
        Fail(TEXT("CreateNamedPipe"));
    return hPipe;
}

/* Routines run meanwhile. */
static VOID AwaitClient(HANDLE hPipe, LPOVERLAPPED lpConnect)
{
    DWORD dwError = ConnectNamedPipe(hPipe, lpConnect) ? ERROR_PIPE_CONNECTED : GetLastError();
    DWORD dwWait;

    switch (dwError) {
    case ERROR_IO_PENDING:
        break;
    case ERROR_PIPE_CONNECTED: /* sets no event */
    case ERROR_NO_DATA:        /* it came and went: its read will say so */
        SetEvent(lpConnect->hEvent);
        break;
    default:
        Fail(TEXT("ConnectNamedPipe"));
    }
    do
        dwWait = WaitForSingleObjectEx(lpConnect->hEvent, INFINITE, TRUE);
    while (dwWait == WAIT_IO_COMPLETION);
    if (dwWait != WAIT_OBJECT_0)
        Fail(TEXT("WaitForSingleObjectEx"));
}

/* 0 clients are as many as come. */
static VOID Serve(LPCTSTR lpName, HANDLE hPipe, DWORD dwClients)
{
    OVERLAPPED Connect = {0};
    HANDLE hNext = hPipe;
    DWORD dwServed = 0;

    Connect.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    if (Connect.hEvent == NULL)
        Fail(TEXT("CreateEvent"));
    while (hNext != INVALID_HANDLE_VALUE) {
        hPipe = hNext;
        AwaitClient(hPipe, &Connect);
        hNext = ++dwServed == dwClients ? INVALID_HANDLE_VALUE : NewInstance(lpName, 0);
        Welcome(hPipe);
    }
    while (g_dwHere > 0)
        SleepEx(INFINITE, TRUE);
    CloseHandle(Connect.hEvent);
}

int __cdecl _tmain(int argc, TCHAR *argv[])
{
    DWORD dwClients = argc > 2 ? (DWORD)_tcstoul(argv[2], NULL, 10) : 0;
    HANDLE hPipe;

    if (argc != 2 && argc != 3) {
        _ftprintf(stderr, TEXT("usage: %s PIPE [CLIENTS]\n"), argv[0]);
        return 2;
    }
    hPipe = NewInstance(argv[1], FILE_FLAG_FIRST_PIPE_INSTANCE);
    _tprintf(TEXT("ready\n"));
    fflush(stdout);
    Serve(argv[1], hPipe, dwClients);
    _tprintf(TEXT("%lu clients, %lu messages\n"), dwClients, g_dwMessages);
    return 0;
}
