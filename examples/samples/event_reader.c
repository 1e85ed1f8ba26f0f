/* SPDX-License-Identifier: MIT */
/* Reads a file with several overlapped reads at once, each with an event of its own, takes them as
 * they finish, and counts lines; one that is not needed any more is cancelled.
 * Usage: event_reader FILE */
#include <windows.h>
#include <tchar.h>
#include <strsafe.h>
#include <stdio.h>

#define READS 4
#define BUFSIZE 4096

typedef struct {
    OVERLAPPED oOverlap;
    HANDLE hEvent;
    BOOL fPending;
    CHAR chBuf[BUFSIZE];
} READ_SLOT;

static READ_SLOT Slots[READS];
static DWORD dwLines, dwBytes;
static BOOL fEnd;

/* FALSE: an error, and the last error says which. */
static BOOL Begin(HANDLE hFile, READ_SLOT *pSlot, ULONGLONG ullAt)
{
    ZeroMemory(&pSlot->oOverlap, sizeof(pSlot->oOverlap));
    pSlot->oOverlap.Offset = (DWORD)(ullAt & 0xFFFFFFFF);
    pSlot->oOverlap.OffsetHigh = (DWORD)(ullAt >> 32);
    pSlot->oOverlap.hEvent = pSlot->hEvent;
    pSlot->fPending = TRUE;
    if (ReadFile(hFile, pSlot->chBuf, BUFSIZE, NULL, &pSlot->oOverlap) ||
        GetLastError() == ERROR_IO_PENDING)
        return TRUE;
    pSlot->fPending = FALSE;
    if (GetLastError() != ERROR_HANDLE_EOF)
        return FALSE;
    fEnd = TRUE;
    return TRUE;
}

static BOOL Finish(HANDLE hFile, READ_SLOT *pSlot)
{
    DWORD cb = 0, i;

    pSlot->fPending = FALSE;
    ResetEvent(pSlot->hEvent);
    if (!GetOverlappedResult(hFile, &pSlot->oOverlap, &cb, FALSE)) {
        if (GetLastError() != ERROR_HANDLE_EOF)
            return FALSE;
        fEnd = TRUE;
        return TRUE;
    }
    dwBytes += cb;
    for (i = 0; i < cb; i++)
        dwLines += pSlot->chBuf[i] == '\n';
    return TRUE;
}

static BOOL AnyPending(void)
{
    int i;

    for (i = 0; i < READS; i++) {
        if (Slots[i].fPending)
            return TRUE;
    }
    return FALSE;
}

static BOOL ReadAll(HANDLE hFile)
{
    HANDLE hEvents[READS];
    ULONGLONG ullNext = 0;
    DWORD dwWait;
    int i;

    for (i = 0; i < READS; i++) {
        hEvents[i] = Slots[i].hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
        if (hEvents[i] == NULL || !Begin(hFile, &Slots[i], ullNext))
            return FALSE;
        ullNext += BUFSIZE;
    }
    while (AnyPending()) {
        dwWait = WaitForMultipleObjects(READS, hEvents, FALSE, INFINITE);
        if (dwWait - WAIT_OBJECT_0 >= READS)
            return FALSE;
        i = (int)(dwWait - WAIT_OBJECT_0);
        if (!Finish(hFile, &Slots[i]))
            return FALSE;
        if (!fEnd) {
            if (!Begin(hFile, &Slots[i], ullNext))
                return FALSE;
            ullNext += BUFSIZE;
        }
    }
    return TRUE;
}

int _tmain(int argc, LPTSTR argv[])
{
    TCHAR szLine[80];
    HANDLE hFile;
    BOOL fRead;
    int i;

    if (argc != 2) {
        _tprintf(TEXT("usage: %s FILE\n"), argv[0]);
        return 2;
    }
    hFile = CreateFile(argv[1], GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                       OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OVERLAPPED, NULL);
    if (hFile == INVALID_HANDLE_VALUE) {
        _ftprintf(stderr, TEXT("CreateFile failed with %lu.\n"), GetLastError());
        return 1;
    }
    fRead = ReadAll(hFile);
    if (!fRead)
        _ftprintf(stderr, TEXT("reading failed with %lu.\n"), GetLastError());
    CancelIo(hFile); /* what is still on its way after an error */
    for (i = 0; i < READS; i++) {
        if (Slots[i].fPending)
            WaitForSingleObject(Slots[i].hEvent, INFINITE);
        CloseHandle(Slots[i].hEvent);
    }
    CloseHandle(hFile);
    if (FAILED(StringCchPrintf(szLine, ARRAYSIZE(szLine), TEXT("%lu bytes, %lu lines"), dwBytes,
                               dwLines)))
        return 1;
    _putts(szLine);
    return fRead ? 0 : 1;
}
