/* SPDX-License-Identifier: MIT */
/* Writes pages from all over memory with one WriteFileGather and reads them back, in another order,
 * with one ReadFileScatter.
 * Usage: gather_pages FILE */
#include <windows.h>
#include <tchar.h>
#include <stdio.h>

#define PAGES 8

static BOOL Finish(HANDLE hFile, LPOVERLAPPED lpov, BOOL fDone, DWORD cbWanted)
{
    DWORD cb = 0;

    if (!fDone && GetLastError() != ERROR_IO_PENDING)
        return FALSE;
    return GetOverlappedResult(hFile, lpov, &cb, TRUE) && cb == cbWanted;
}

int _tmain(int argc, PTSTR argv[])
{
    FILE_SEGMENT_ELEMENT aOut[PAGES + 1], aIn[PAGES + 1];
    OVERLAPPED ov;
    SYSTEM_INFO si;
    PBYTE pbOut, pbIn;
    HANDLE hFile;
    DWORD i, dwWrong = 0;
    BOOL fDone;

    if (argc != 2) {
        _ftprintf(stderr, _T("usage: %s FILE\n"), argv[0]);
        return 2;
    }
    GetSystemInfo(&si);
    pbOut =
        (PBYTE)VirtualAlloc(NULL, PAGES * si.dwPageSize, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    pbIn =
        (PBYTE)VirtualAlloc(NULL, PAGES * si.dwPageSize, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    ZeroMemory(aOut, sizeof(aOut));
    ZeroMemory(aIn, sizeof(aIn));
    for (i = 0; i < PAGES; i++) {
        FillMemory(pbOut + i * si.dwPageSize, si.dwPageSize, (BYTE)('A' + i));
        aOut[i].Buffer = (PVOID64)(pbOut + i * si.dwPageSize);
        aIn[PAGES - 1 - i].Buffer = (PVOID64)(pbIn + i * si.dwPageSize);
    }
    hFile = CreateFile(argv[1], GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
                       FILE_FLAG_OVERLAPPED | FILE_FLAG_NO_BUFFERING, NULL);
    if (hFile == INVALID_HANDLE_VALUE) {
        _ftprintf(stderr, _T("cannot make the file: error %lu\n"), GetLastError());
        return 1;
    }
    ZeroMemory(&ov, sizeof(ov));
    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    fDone = WriteFileGather(hFile, aOut, PAGES * si.dwPageSize, NULL, &ov);
    if (!Finish(hFile, &ov, fDone, PAGES * si.dwPageSize)) {
        _ftprintf(stderr, _T("the write failed: error %lu\n"), GetLastError());
        return 1;
    }
    fDone = ReadFileScatter(hFile, aIn, PAGES * si.dwPageSize, NULL, &ov);
    if (!Finish(hFile, &ov, fDone, PAGES * si.dwPageSize)) {
        _ftprintf(stderr, _T("the read failed: error %lu\n"), GetLastError());
        return 1;
    }
    for (i = 0; i < PAGES * si.dwPageSize; i++)
        dwWrong += pbIn[i] != (BYTE)('A' + (PAGES - 1 - i / si.dwPageSize));
    CloseHandle(ov.hEvent);
    CloseHandle(hFile);
    VirtualFree(pbIn, 0, MEM_RELEASE);
    VirtualFree(pbOut, 0, MEM_RELEASE);
    _tprintf(_T("%d pages, %lu bytes wrong\n"), PAGES, dwWrong);
    return dwWrong == 0 ? 0 : 1;
}
