/* SPDX-License-Identifier: MIT */
/* Serves a pipe of messages with one thread and several instances, each of which has one overlapped
 * operation on its way at a time; clients hear what they said in capitals.
 * Usage: overlapped_server PIPE [CLIENTS] */
#include <windows.h>
#include <tchar.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define INSTANCES 4
#define MESSAGE_MAX 4096
#define ANSWER_MAX (MESSAGE_MAX + 16)

/* LISTENING, and with a client READING and WRITING in turns; when it has gone LISTENING again, or
 * CLOSED if no more clients are to come.  ARRIVED is LISTENING when the client was faster, so that
 * there is nothing to wait for. */
typedef enum { LISTENING, ARRIVED, READING, WRITING, CLOSED } STATE;

typedef struct _INSTANCE {
    OVERLAPPED Overlapped;
    HANDLE hPipe;
    STATE State;
    DWORD dwNumber; /* of messages of this client */
    DWORD dwAnswer;
    CHAR chMessage[MESSAGE_MAX];
    CHAR chAnswer[ANSWER_MAX];
} INSTANCE, *PINSTANCE;

static INSTANCE g_Instances[INSTANCES];
static HANDLE g_hEvents[INSTANCES];
static DWORD g_dwOpen;
static DWORD g_dwToCome; /* clients that no instance is listening for yet */
static DWORD g_dwMessages;

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

static VOID Close(PINSTANCE pInstance)
{
    CloseHandle(pInstance->hPipe);
    pInstance->State = CLOSED;
    ResetEvent(pInstance->Overlapped.hEvent);
    g_dwOpen--;
}

/* For the next client, if there is one to come. */
static VOID Listen(PINSTANCE pInstance)
{
    DWORD dwError;

    pInstance->dwNumber = 0;
    while (g_dwToCome > 0) {
        g_dwToCome--;
        dwError = ConnectNamedPipe(pInstance->hPipe, &pInstance->Overlapped) ? ERROR_PIPE_CONNECTED
                                                                             : GetLastError();
        switch (dwError) {
        case ERROR_IO_PENDING:
            pInstance->State = LISTENING;
            return;
        case ERROR_PIPE_CONNECTED: /* sets no event */
            pInstance->State = ARRIVED;
            SetEvent(pInstance->Overlapped.hEvent);
            return;
        case ERROR_NO_DATA: /* it came and went */
            DisconnectNamedPipe(pInstance->hPipe);
            break;
        default:
            Fail(TEXT("ConnectNamedPipe"));
        }
    }
    Close(pInstance);
}

static VOID SendAway(PINSTANCE pInstance)
{
    if (GetLastError() != ERROR_BROKEN_PIPE && GetLastError() != ERROR_NO_DATA)
        _ftprintf(stderr, TEXT("a client was sent away: error %lu\n"), GetLastError());
    DisconnectNamedPipe(pInstance->hPipe);
    Listen(pInstance);
}

/* Done at once or not, its event is set when it is done; only failures at once set none. */
static VOID StartRead(PINSTANCE pInstance)
{
    pInstance->State = READING;
    if (!ReadFile(pInstance->hPipe, pInstance->chMessage, MESSAGE_MAX, NULL,
                  &pInstance->Overlapped) &&
        GetLastError() != ERROR_IO_PENDING)
        SendAway(pInstance);
}

static VOID StartWrite(PINSTANCE pInstance)
{
    pInstance->State = WRITING;
    if (!WriteFile(pInstance->hPipe, pInstance->chAnswer, pInstance->dwAnswer, NULL,
                   &pInstance->Overlapped) &&
        GetLastError() != ERROR_IO_PENDING)
        SendAway(pInstance);
}

static VOID Step(PINSTANCE pInstance)
{
    DWORD dwBytes = 0;

    if (pInstance->State != ARRIVED &&
        !GetOverlappedResult(pInstance->hPipe, &pInstance->Overlapped, &dwBytes, FALSE)) {
        SendAway(pInstance);
        return;
    }
    switch (pInstance->State) {
    case LISTENING:
    case ARRIVED:
    case WRITING:
        StartRead(pInstance);
        break;
    case READING:
        g_dwMessages++;
        pInstance->dwAnswer =
            MakeAnswer(pInstance->chAnswer, ++pInstance->dwNumber, pInstance->chMessage, dwBytes);
        StartWrite(pInstance);
        break;
    case CLOSED:
        break;
    }
}

static VOID Open(LPCTSTR lpName, DWORD dwIndex)
{
    DWORD dwFirst = dwIndex == 0 ? FILE_FLAG_FIRST_PIPE_INSTANCE : 0;
    PINSTANCE pInstance = &g_Instances[dwIndex];

    g_hEvents[dwIndex] = pInstance->Overlapped.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    if (g_hEvents[dwIndex] == NULL)
        Fail(TEXT("CreateEvent"));
    pInstance->State = CLOSED;
    if (dwIndex > 0 && g_dwToCome == 0)
        return;
    pInstance->hPipe = CreateNamedPipe(lpName, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | dwFirst,
                                       PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE | PIPE_WAIT,
                                       INSTANCES, MESSAGE_MAX, MESSAGE_MAX, 0, NULL);
    if (pInstance->hPipe == INVALID_HANDLE_VALUE)
        Fail(TEXT("CreateNamedPipe"));
    g_dwOpen++;
    Listen(pInstance);
}

int __cdecl _tmain(int argc, TCHAR *argv[])
{
    DWORD dwClients = argc > 2 ? (DWORD)_tcstoul(argv[2], NULL, 10) : MAXDWORD;
    DWORD dwWait, i;

    if (argc != 2 && argc != 3) {
        _ftprintf(stderr, TEXT("usage: %s PIPE [CLIENTS]\n"), argv[0]);
        return 2;
    }
    g_dwToCome = dwClients;
    for (i = 0; i < INSTANCES; i++)
        Open(argv[1], i);
    _tprintf(TEXT("ready\n"));
    fflush(stdout);

    while (g_dwOpen > 0) {
        dwWait = WaitForMultipleObjects(INSTANCES, g_hEvents, FALSE, INFINITE);
        if (dwWait >= WAIT_OBJECT_0 + INSTANCES)
            Fail(TEXT("WaitForMultipleObjects"));
        Step(&g_Instances[dwWait - WAIT_OBJECT_0]);
    }
    for (i = 0; i < INSTANCES; i++)
        CloseHandle(g_hEvents[i]);
    _tprintf(TEXT("%lu clients, %lu messages\n"), dwClients, g_dwMessages);
    return 0;
}
