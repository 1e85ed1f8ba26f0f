/* SPDX-License-Identifier: MIT */
/* A pool of threads fed by posted packets: each packet is a number to test for being prime, the
 * results meet under a critical section, and a semaphore keeps the queue short.
 * Usage: worker_pool [LIMIT] */
#include <windows.h>
#include <tchar.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 3
#define QUEUED 16
#define KEY_NUMBER ((ULONG_PTR)1)
#define KEY_QUIT ((ULONG_PTR)2)

static CRITICAL_SECTION g_cs;
static DWORD g_dwPrimes, g_dwLargest; /* under g_cs */
static LONG volatile g_lDone;
static HANDLE g_hRoom;

static BOOL IsPrime(DWORD dw)
{
    DWORD dwDivisor;

    if (dw < 2)
        return FALSE;
    for (dwDivisor = 2; dwDivisor * dwDivisor <= dw; dwDivisor++) {
        if (dw % dwDivisor == 0)
            return FALSE;
    }
    return TRUE;
}

static DWORD WINAPI PoolThread(LPVOID lpParameter)
{
    HANDLE hPort = (HANDLE)lpParameter;
    DWORD dwNumber, dwServed = 0;
    ULONG_PTR ulKey;
    LPOVERLAPPED lpov;

    while (GetQueuedCompletionStatus(hPort, &dwNumber, &ulKey, &lpov, INFINITE)) {
        if (ulKey == KEY_QUIT)
            break;
        if (IsPrime(dwNumber)) {
            EnterCriticalSection(&g_cs);
            g_dwPrimes++;
            if (dwNumber > g_dwLargest)
                g_dwLargest = dwNumber;
            LeaveCriticalSection(&g_cs);
        }
        dwServed++;
        InterlockedIncrement(&g_lDone);
        ReleaseSemaphore(g_hRoom, 1, NULL);
    }
    return dwServed;
}

int _tmain(int argc, _TCHAR *argv[])
{
    DWORD dwLimit = argc > 1 ? (DWORD)_tcstoul(argv[1], NULL, 10) : 2000;
    DWORD i, dwServed, dwTotal = 0;
    HANDLE ahThreads[THREADS];
    HANDLE hPort = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);

    g_hRoom = CreateSemaphore(NULL, QUEUED, QUEUED, NULL);
    if (hPort == NULL || g_hRoom == NULL) {
        _ftprintf(stderr, _T("cannot begin: error %lu\n"), GetLastError());
        return EXIT_FAILURE;
    }
    InitializeCriticalSectionAndSpinCount(&g_cs, 400);
    for (i = 0; i < THREADS; i++)
        ahThreads[i] = CreateThread(NULL, 0, PoolThread, hPort, 0, NULL);
    for (i = 0; i <= dwLimit; i++) {
        WaitForSingleObject(g_hRoom, INFINITE);
        if (!PostQueuedCompletionStatus(hPort, i, KEY_NUMBER, NULL))
            return EXIT_FAILURE;
    }
    for (i = 0; i < THREADS; i++)
        PostQueuedCompletionStatus(hPort, 0, KEY_QUIT, NULL);
    WaitForMultipleObjects(THREADS, ahThreads, TRUE, INFINITE);
    for (i = 0; i < THREADS; i++) {
        if (GetExitCodeThread(ahThreads[i], &dwServed))
            dwTotal += dwServed;
        CloseHandle(ahThreads[i]);
    }
    DeleteCriticalSection(&g_cs);
    CloseHandle(g_hRoom);
    CloseHandle(hPort);
    _tprintf(_T("%lu numbers, %lu primes, the largest %lu\n"), dwTotal, g_dwPrimes, g_dwLargest);
    return dwTotal == dwLimit + 1 && g_lDone == (LONG)dwTotal ? EXIT_SUCCESS : EXIT_FAILURE;
}
