/* SPDX-License-Identifier: MIT */
/* Says messages to a pipe and prints the answers; saying and hearing is one call.  With /call each
 * message is a client of its own, which CallNamedPipe opens and closes.
 * Usage: transact_client [/call] PIPE MESSAGE... */
#include <windows.h>
#include <tchar.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_MAX 65536
#define PIECE 32       /* less than most answers: the rest is read */
#define PATIENCE 60000 /* ms */

static CHAR g_chMessage[MESSAGE_MAX];
static CHAR g_chAnswer[MESSAGE_MAX];

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

static HANDLE OpenPipe(LPCTSTR lpName)
{
    DWORD dwMode = PIPE_READMODE_MESSAGE;
    HANDLE hPipe;

    for (;;) {
        hPipe = CreateFile(lpName, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
        if (hPipe != INVALID_HANDLE_VALUE)
            break;
        if (GetLastError() != ERROR_PIPE_BUSY || !WaitNamedPipe(lpName, PATIENCE))
            return INVALID_HANDLE_VALUE;
    }
    if (SetNamedPipeHandleState(hPipe, &dwMode, NULL, NULL))
        return hPipe;
    CloseHandle(hPipe); /* which leaves the last error alone */
    return INVALID_HANDLE_VALUE;
}

/* The length of the answer, which is in g_chAnswer; FALSE: the last error says why. */
static BOOL Transact(HANDLE hPipe, DWORD dwMessage, LPDWORD lpAnswer)
{
    DWORD dwBytes;
    BOOL fWhole =
        TransactNamedPipe(hPipe, g_chMessage, dwMessage, g_chAnswer, PIECE, &dwBytes, NULL);

    *lpAnswer = 0;
    while (fWhole || GetLastError() == ERROR_MORE_DATA) {
        *lpAnswer += dwBytes;
        if (fWhole)
            return TRUE;
        fWhole = ReadFile(hPipe, g_chAnswer + *lpAnswer, MESSAGE_MAX - *lpAnswer, &dwBytes, NULL);
    }
    return FALSE;
}

/* It waits by itself while the pipe is busy, but tries once only after that. */
static BOOL Call(LPCTSTR lpName, DWORD dwMessage, LPDWORD lpAnswer)
{
    BOOL fDone;

    do
        fDone = CallNamedPipe(lpName, g_chMessage, dwMessage, g_chAnswer, MESSAGE_MAX, lpAnswer,
                              PATIENCE);
    while (!fDone && GetLastError() == ERROR_PIPE_BUSY);
    return fDone;
}

static int Exchange(LPCTSTR lpName, HANDLE hPipe, TCHAR *argv[], int nMessages)
{
    DWORD dwMessage, dwAnswer;
    int i;

    for (i = 0; i < nMessages; i++) {
        if (!TextToBytes(argv[i], g_chMessage, &dwMessage)) {
            _ftprintf(stderr, TEXT("message %d is too long\n"), i + 1);
            return 1;
        }
        if (hPipe != INVALID_HANDLE_VALUE) {
            if (!Transact(hPipe, dwMessage, &dwAnswer))
                return Fail(TEXT("TransactNamedPipe"));
        } else if (!Call(lpName, dwMessage, &dwAnswer)) {
            return Fail(TEXT("CallNamedPipe"));
        }
        fwrite(g_chAnswer, 1, dwAnswer, stdout);
        putchar('\n');
    }
    return 0;
}

int __cdecl _tmain(int argc, TCHAR *argv[])
{
    int nName = argc > 1 && _tcsicmp(argv[1], TEXT("/call")) == 0 ? 2 : 1;
    HANDLE hPipe = INVALID_HANDLE_VALUE;
    int nResult;

    if (argc < nName + 2) {
        _ftprintf(stderr, TEXT("usage: %s [/call] PIPE MESSAGE...\n"), argv[0]);
        return 2;
    }
    if (nName == 1) {
        hPipe = OpenPipe(argv[nName]);
        if (hPipe == INVALID_HANDLE_VALUE)
            return Fail(TEXT("opening the pipe"));
    }
    nResult = Exchange(argv[nName], hPipe, argv + nName + 1, argc - nName - 1);
    if (hPipe != INVALID_HANDLE_VALUE)
        CloseHandle(hPipe);
    return nResult;
}
