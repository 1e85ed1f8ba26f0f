/* SPDX-License-Identifier: MIT */
/* Copies a file with completion routines: each read starts the write of what it read, each write
 * the next read, and the main thread does nothing but sleep alertably. Usage: copy_with_routines
 * SOURCE TARGET */
#include <windows.h>
#include <tchar.h>
#include <stdio.h>

#define CHUNK 65536
#define LANES 4 /* chunks on their way at the same time */

typedef struct _LANE {
    OVERLAPPED Overlapped; /* first: a routine gets its address */
    ULONGLONG Position;
    DWORD Bytes;
    BYTE Buffer[CHUNK];
} LANE, *PLANE;

static HANDLE g_hSource, g_hTarget;
static ULONGLONG g_ullNext; /* where the next read starts */
static ULONGLONG g_ullCopied;
static DWORD g_dwBusy; /* lanes with something on its way */
static DWORD g_dwError;

static VOID StartRead(PLANE pLane);

static VOID LaneIsDone(DWORD dwError)
{
    if (dwError != ERROR_SUCCESS && dwError != ERROR_HANDLE_EOF && g_dwError == ERROR_SUCCESS)
        g_dwError = dwError;
    g_dwBusy--;
}

static VOID CALLBACK WriteCompleted(DWORD dwError, DWORD dwBytes, LPOVERLAPPED lpOverlapped)
{
    PLANE pLane = CONTAINING_RECORD(lpOverlapped, LANE, Overlapped);

    if (dwError == ERROR_SUCCESS && dwBytes != pLane->Bytes)
        dwError = ERROR_WRITE_FAULT;
    if (dwError != ERROR_SUCCESS) {
        LaneIsDone(dwError);
        return;
    }
    g_ullCopied += dwBytes;
    StartRead(pLane);
}

static VOID CALLBACK ReadCompleted(DWORD dwError, DWORD dwBytes, LPOVERLAPPED lpOverlapped)
{
    PLANE pLane = CONTAINING_RECORD(lpOverlapped, LANE, Overlapped);

    if (dwError != ERROR_SUCCESS || dwBytes == 0) {
        LaneIsDone(dwError);
        return;
    }
    pLane->Bytes = dwBytes; /* the offset is still that of the read */
    if (!WriteFileEx(g_hTarget, pLane->Buffer, dwBytes, &pLane->Overlapped, WriteCompleted))
        LaneIsDone(GetLastError());
}

static VOID StartRead(PLANE pLane)
{
    pLane->Position = g_ullNext;
    g_ullNext += CHUNK;
    ZeroMemory(&pLane->Overlapped, sizeof(OVERLAPPED));
    pLane->Overlapped.Offset = (DWORD)pLane->Position;
    pLane->Overlapped.OffsetHigh = (DWORD)(pLane->Position >> 32);
    if (!ReadFileEx(g_hSource, pLane->Buffer, CHUNK, &pLane->Overlapped, ReadCompleted))
        LaneIsDone(GetLastError());
}

int __cdecl _tmain(int argc, TCHAR *argv[])
{
    PLANE pLanes;
    DWORD i;

    if (argc != 3) {
        _ftprintf(stderr, TEXT("usage: %s SOURCE TARGET\n"), argv[0]);
        return 2;
    }
    g_hSource = CreateFile(argv[1], GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING,
                           FILE_FLAG_OVERLAPPED | FILE_FLAG_SEQUENTIAL_SCAN, NULL);
    if (g_hSource == INVALID_HANDLE_VALUE) {
        _ftprintf(stderr, TEXT("cannot open the source: error %lu\n"), GetLastError());
        return 1;
    }
    g_hTarget = CreateFile(argv[2], GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
                           FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OVERLAPPED, NULL);
    if (g_hTarget == INVALID_HANDLE_VALUE) {
        _ftprintf(stderr, TEXT("cannot make the target: error %lu\n"), GetLastError());
        CloseHandle(g_hSource);
        return 1;
    }
    pLanes = (PLANE)HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, LANES * sizeof(LANE));
    if (pLanes == NULL)
        return 1;
    for (i = 0; i < LANES; i++) {
        g_dwBusy++;
        StartRead(&pLanes[i]);
    }
    while (g_dwBusy > 0)
        SleepEx(INFINITE, TRUE);

    HeapFree(GetProcessHeap(), 0, pLanes);
    CloseHandle(g_hTarget);
    CloseHandle(g_hSource);
    if (g_dwError != ERROR_SUCCESS) {
        _ftprintf(stderr, TEXT("the copy failed: error %lu\n"), g_dwError);
        return 1;
    }
    _tprintf(TEXT("%lu bytes copied\n"), (DWORD)g_ullCopied);
    return 0;
}
