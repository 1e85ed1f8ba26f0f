/* SPDX-License-Identifier: MIT */
/* Says messages to a pipe, one after the other, and prints what it answers to each.
 * Usage: client PIPE MESSAGE... */
#include <windows.h>
#include <tchar.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_MAX 65536
#define PIECE 32       /* less than most answers: they come in pieces */
#define PATIENCE 60000 /* ms */

static int Fail(LPCTSTR lpWhat)
{
    _ftprintf(stderr, TEXT("%s failed: error %lu\n"), lpWhat, GetLastError());
    return 1;
}

/* What goes through the pipe is bytes, whatever text this program was built with. */
static BOOL TextToBytes(LPCTSTR lpText, LPSTR lpBytes, LPDWORD lpLength)
{
#ifdef UNICODE
    int n = WideCharToMultiByte(CP_UTF8, 0, lpText, -1, lpBytes, MESSAGE_MAX, NULL, NULL);

    *lpLength = n > 0 ? (DWORD)n - 1 : 0; /* without the end of the string */
    return n > 0;
#else
    *lpLength = (DWORD)strlen(lpText);
    if (*lpLength > MESSAGE_MAX)
        return FALSE;
    memcpy(lpBytes, lpText, *lpLength);
    return TRUE;
#endif
}

/* Somebody else may be faster each time an instance is free. */
static HANDLE OpenPipe(LPCTSTR lpName)
{
    HANDLE hPipe;

    for (;;) {
        hPipe = CreateFile(lpName, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
        if (hPipe != INVALID_HANDLE_VALUE || GetLastError() != ERROR_PIPE_BUSY)
            return hPipe;
        if (!WaitNamedPipe(lpName, PATIENCE))
            return INVALID_HANDLE_VALUE;
    }
}

static BOOL PrintAnswer(HANDLE hPipe)
{
    CHAR chPiece[PIECE];
    DWORD dwBytes;
    BOOL fWhole;

    do {
        fWhole = ReadFile(hPipe, chPiece, PIECE, &dwBytes, NULL);
        if (!fWhole && GetLastError() != ERROR_MORE_DATA)
            return FALSE;
        fwrite(chPiece, 1, dwBytes, stdout);
    } while (!fWhole);
    putchar('\n');
    return TRUE;
}

static int Converse(HANDLE hPipe, int argc, TCHAR *argv[])
{
    static CHAR chMessage[MESSAGE_MAX];
    DWORD dwMode = PIPE_READMODE_MESSAGE, dwBytes, dwWritten;
    int i;

    if (!SetNamedPipeHandleState(hPipe, &dwMode, NULL, NULL)) /* each end has a mode of its own */
        return Fail(TEXT("SetNamedPipeHandleState"));
    for (i = 2; i < argc; i++) {
        if (!TextToBytes(argv[i], chMessage, &dwBytes)) {
            _ftprintf(stderr, TEXT("message %d is too long\n"), i - 1);
            return 1;
        }
        if (!WriteFile(hPipe, chMessage, dwBytes, &dwWritten, NULL))
            return Fail(TEXT("WriteFile"));
        if (!PrintAnswer(hPipe))
            return Fail(TEXT("ReadFile"));
    }
    return 0;
}

int __cdecl _tmain(int argc, TCHAR *argv[])
{
    HANDLE hPipe;
    int nResult;

    if (argc < 3) {
        _ftprintf(stderr, TEXT("usage: %s PIPE MESSAGE...\n"), argv[0]);
        return 2;
    }
    hPipe = OpenPipe(argv[1]);
    if (hPipe == INVALID_HANDLE_VALUE)
        return Fail(TEXT("opening the pipe"));
    nResult = Converse(hPipe, argc, argv);
    CloseHandle(hPipe);
    return nResult;
}
