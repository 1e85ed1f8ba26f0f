/* SPDX-License-Identifier: MIT */
/* Copies a file through a completion port: two threads take packets of reads and of writes, told
 * apart by their completion key, and turn one into the other.
 * Usage: copy_through_port SOURCE TARGET */
#include <windows.h>
#include <tchar.h>
#include <stdio.h>
#include <process.h>

#define CHUNK 32768
#define CHUNKS 8
#define WORKERS 2

enum { KEY_SOURCE = 1, KEY_TARGET, KEY_STOP };

typedef struct {
    OVERLAPPED ov;
    DWORD cbData;
    PCHAR pData;
} CHUNKCTX;

static HANDLE hPort, hSource, hTarget;
static LARGE_INTEGER liSize;
static volatile LONG64 llNext; /* offset of the next read */
static volatile LONG64 llWritten;
static volatile LONG lBusy;
static volatile LONG lFailed;

/* The last chunk that has nothing left to do stops the workers. */
static void ChunkIdle(DWORD dwError)
{
    int i;

    if (dwError != NO_ERROR)
        InterlockedCompareExchange(&lFailed, (LONG)dwError, NO_ERROR);
    if (InterlockedDecrement(&lBusy) == 0) {
        for (i = 0; i < WORKERS; i++)
            PostQueuedCompletionStatus(hPort, 0, KEY_STOP, NULL);
    }
}

static void ReadNext(CHUNKCTX *pChunk)
{
    ULARGE_INTEGER at;

    at.QuadPart = (ULONGLONG)InterlockedExchangeAdd64(&llNext, CHUNK);
    if (at.QuadPart >= (ULONGLONG)liSize.QuadPart || lFailed != NO_ERROR) {
        ChunkIdle(NO_ERROR);
        return;
    }
    ZeroMemory(&pChunk->ov, sizeof(pChunk->ov));
    pChunk->ov.Offset = at.LowPart;
    pChunk->ov.OffsetHigh = at.HighPart;
    if (!ReadFile(hSource, pChunk->pData, CHUNK, NULL, &pChunk->ov) &&
        GetLastError() != ERROR_IO_PENDING)
        ChunkIdle(GetLastError());
}

static void WriteBack(CHUNKCTX *pChunk, DWORD cbData)
{
    pChunk->cbData = cbData;
    if (!WriteFile(hTarget, pChunk->pData, cbData, NULL, &pChunk->ov) &&
        GetLastError() != ERROR_IO_PENDING)
        ChunkIdle(GetLastError());
}

static unsigned __stdcall Worker(void *pvUnused)
{
    UNREFERENCED_PARAMETER(pvUnused);
    for (;;) {
        DWORD cbData = 0;
        ULONG_PTR key = 0;
        LPOVERLAPPED pov = NULL;
        BOOL fOk = GetQueuedCompletionStatus(hPort, &cbData, &key, &pov, INFINITE);
        CHUNKCTX *pChunk = (CHUNKCTX *)pov;

        if (key == KEY_STOP || (!fOk && pov == NULL))
            return 0;
        if (!fOk)
            ChunkIdle(GetLastError());
        else if (key == KEY_SOURCE)
            WriteBack(pChunk, cbData);
        else if (cbData != pChunk->cbData)
            ChunkIdle(ERROR_WRITE_FAULT);
        else {
            InterlockedExchangeAdd64(&llWritten, cbData);
            ReadNext(pChunk);
        }
    }
}

static BOOL OpenFiles(LPCTSTR pszSource, LPCTSTR pszTarget)
{
    hSource = CreateFile(pszSource, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING,
                         FILE_FLAG_OVERLAPPED, NULL);
    if (hSource == INVALID_HANDLE_VALUE || !GetFileSizeEx(hSource, &liSize))
        return FALSE;
    hTarget = CreateFile(pszTarget, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
                         FILE_FLAG_OVERLAPPED, NULL);
    if (hTarget == INVALID_HANDLE_VALUE)
        return FALSE;
    /* room for all of it first, so that no write has to make the file longer */
    if (!SetFilePointerEx(hTarget, liSize, NULL, FILE_BEGIN) || !SetEndOfFile(hTarget))
        return FALSE;
    hPort = CreateIoCompletionPort(hSource, NULL, KEY_SOURCE, WORKERS);
    return hPort != NULL && CreateIoCompletionPort(hTarget, hPort, KEY_TARGET, 0) == hPort;
}

int _tmain(int argc, TCHAR **argv)
{
    static CHUNKCTX chunks[CHUNKS];
    HANDLE ahWorkers[WORKERS];
    unsigned uId;
    int i;

    if (argc != 3) {
        _ftprintf(stderr, _T("usage: %s SOURCE TARGET\n"), argv[0]);
        return 2;
    }
    if (!OpenFiles(argv[1], argv[2])) {
        _ftprintf(stderr, _T("cannot open the files: error %lu\n"), GetLastError());
        return 1;
    }
    for (i = 0; i < WORKERS; i++)
        ahWorkers[i] = (HANDLE)_beginthreadex(NULL, 0, Worker, NULL, 0, &uId);
    lBusy = CHUNKS;
    for (i = 0; i < CHUNKS; i++) {
        chunks[i].pData = (PCHAR)LocalAlloc(LMEM_FIXED, CHUNK);
        ReadNext(&chunks[i]);
    }
    WaitForMultipleObjects(WORKERS, ahWorkers, TRUE, INFINITE);
    for (i = 0; i < WORKERS; i++)
        CloseHandle(ahWorkers[i]);
    for (i = 0; i < CHUNKS; i++)
        LocalFree(chunks[i].pData);
    CloseHandle(hTarget);
    CloseHandle(hSource);
    CloseHandle(hPort);
    if (lFailed != NO_ERROR || llWritten != liSize.QuadPart) {
        _ftprintf(stderr, _T("the copy failed: error %lu\n"), (DWORD)lFailed);
        return 1;
    }
    _tprintf(_T("%lu bytes copied\n"), (DWORD)llWritten);
    return 0;
}
