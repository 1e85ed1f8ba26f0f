/* SPDX-License-Identifier: MIT */
/* Sends a file through a port, or receives one: overlapped in pieces, the receiver woken by
 * EV_RXCHAR each time something comes. Usage: transfer /send PORT FILE | transfer /receive PORT
 * FILE BYTES */
#include <windows.h>
#include <tchar.h>
#include <stdio.h>
#include <stdlib.h>

#define PIECE 1024
#define PATIENCE 20000 /* ms */

static HANDLE hComm, hFile;
static OVERLAPPED ovWait, ovPort;

static int Fail(LPCTSTR lpWhat)
{
    _ftprintf(stderr, TEXT("%s failed with error %lu.\n"), lpWhat, GetLastError());
    return 1;
}

static BOOL OpenBoth(LPCTSTR lpPort, LPCTSTR lpFile, BOOL fSend)
{
    COMMTIMEOUTS ct = {MAXDWORD, 0, 0, 0, PATIENCE}; /* a read takes what is there */
    DCB dcb;

    hComm = CreateFile(lpPort, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                       FILE_FLAG_OVERLAPPED, NULL);
    if (hComm == INVALID_HANDLE_VALUE)
        return FALSE;
    hFile = fSend ? CreateFile(lpFile, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL)
                  : CreateFile(lpFile, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    ovWait.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    ovPort.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    dcb.DCBlength = sizeof(dcb);
    return hFile != INVALID_HANDLE_VALUE && GetCommState(hComm, &dcb) &&
           BuildCommDCB(TEXT("baud=115200 parity=N data=8 stop=1"), &dcb) &&
           SetCommState(hComm, &dcb) && SetCommTimeouts(hComm, &ct) &&
           SetCommMask(hComm, EV_RXCHAR);
}

/* What a call that may be pending has transferred, or FALSE. */
static BOOL Finish(BOOL fDone, OVERLAPPED *pOv, LPDWORD lpBytes)
{
    if (!fDone && GetLastError() != ERROR_IO_PENDING)
        return FALSE;
    if (WaitForSingleObject(pOv->hEvent, PATIENCE) != WAIT_OBJECT_0) {
        CancelIo(hComm);
        SetLastError(ERROR_TIMEOUT);
        return FALSE;
    }
    return GetOverlappedResult(hComm, pOv, lpBytes, TRUE);
}

static int Send(void)
{
    CHAR chBuf[PIECE];
    DWORD dwRead, dwWritten, dwAll = 0;

    while (ReadFile(hFile, chBuf, PIECE, &dwRead, NULL) && dwRead > 0) {
        if (!Finish(WriteFile(hComm, chBuf, dwRead, NULL, &ovPort), &ovPort, &dwWritten))
            return Fail(TEXT("WriteFile"));
        if (dwWritten != dwRead)
            return Fail(TEXT("writing in time"));
        dwAll += dwWritten;
    }
    FlushFileBuffers(hComm);
    _tprintf(TEXT("%lu bytes sent\n"), dwAll);
    return 0;
}

/* Everything that is there.  An event may stand for many bytes, or for bytes that are read already.
 */
static BOOL Drain(LPDWORD lpAll)
{
    CHAR chBuf[PIECE];
    DWORD dwRead, dwWritten;

    do {
        if (!Finish(ReadFile(hComm, chBuf, PIECE, NULL, &ovPort), &ovPort, &dwRead) ||
            !WriteFile(hFile, chBuf, dwRead, &dwWritten, NULL))
            return FALSE;
        *lpAll += dwRead;
    } while (dwRead > 0);
    return TRUE;
}

static int Receive(DWORD dwWanted)
{
    DWORD dwAll = 0, dwMask, dwBytes;

    /* Nothing holds the sender up, so what comes while this program is busy must find room. */
    if (!SetupComm(hComm, dwWanted, 0))
        return Fail(TEXT("SetupComm"));
    _tprintf(TEXT("ready\n"));
    fflush(stdout);
    while (dwAll < dwWanted) {
        if (!Finish(WaitCommEvent(hComm, &dwMask, &ovWait), &ovWait, &dwBytes))
            return Fail(TEXT("WaitCommEvent"));
        if ((dwMask & EV_RXCHAR) && !Drain(&dwAll))
            return Fail(TEXT("ReadFile"));
    }
    _tprintf(TEXT("%lu bytes received\n"), dwAll);
    return 0;
}

int _tmain(int argc, TCHAR *argv[])
{
    BOOL fSend = argc == 4 && lstrcmp(argv[1], TEXT("/send")) == 0;
    int nResult;

    if (!fSend && (argc != 5 || lstrcmp(argv[1], TEXT("/receive")) != 0)) {
        _ftprintf(stderr, TEXT("usage: %s /send PORT FILE | /receive PORT FILE BYTES\n"), argv[0]);
        return 2;
    }
    if (!OpenBoth(argv[2], argv[3], fSend))
        return Fail(argv[2]);
    nResult = fSend ? Send() : Receive((DWORD)_ttoi(argv[4]));
    CloseHandle(ovWait.hEvent);
    CloseHandle(ovPort.hEvent);
    CloseHandle(hFile);
    CloseHandle(hComm);
    return nResult;
}
