/* SPDX-License-Identifier: MIT */
/* The function many a Windows source ends with: what failed, and what the system has to say about
 * it, in one string from several makers of strings.
 * Usage: error_text [CODE...] */
#include <windows.h>
#include <tchar.h>
#include <strsafe.h>
#include <stdio.h>

static void ErrorText(LPCTSTR lpszFunction, DWORD dw)
{
    LPTSTR lpMsgBuf = NULL;
    LPTSTR lpDisplayBuf;
    SIZE_T cch;

    if (FormatMessage(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM |
                          FORMAT_MESSAGE_IGNORE_INSERTS,
                      NULL, dw, MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT), (LPTSTR)&lpMsgBuf, 0,
                      NULL) == 0) {
        _tprintf(TEXT("%s: error %lu has no text\n"), lpszFunction, dw);
        return;
    }
    cch = (SIZE_T)lstrlen(lpMsgBuf) + (SIZE_T)lstrlen(lpszFunction) + 40;
    lpDisplayBuf = (LPTSTR)LocalAlloc(LMEM_ZEROINIT, cch * sizeof(TCHAR));
    if (lpDisplayBuf != NULL) {
        StringCchPrintf(lpDisplayBuf, LocalSize(lpDisplayBuf) / sizeof(TCHAR),
                        TEXT("%s failed with error %lu: %s"), lpszFunction, dw, lpMsgBuf);
        if (_tcschr(lpDisplayBuf, TEXT('\r')) != NULL)
            *_tcschr(lpDisplayBuf, TEXT('\r')) = TEXT('\0');
        _tprintf(TEXT("%s\n"), lpDisplayBuf);
        LocalFree(lpDisplayBuf);
    }
    LocalFree(lpMsgBuf);
}

int __cdecl _tmain(int argc, TCHAR *argv[])
{
    TCHAR szName[MAX_PATH];
    HANDLE hFile;
    int i;

    for (i = 1; i < argc; i++) {
        _stprintf_s(szName, _countof(szName), TEXT("Number%02d"), i);
        ErrorText(szName, (DWORD)_ttoi(argv[i]));
    }
    if (argc > 1)
        return 0;
    hFile = CreateFile(TEXT("no such file"), GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (hFile != INVALID_HANDLE_VALUE) {
        CloseHandle(hFile);
        return 1;
    }
    ErrorText(TEXT("CreateFile"), GetLastError());
    return 0;
}
