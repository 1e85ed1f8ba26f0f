/* SPDX-License-Identifier: MIT */
/* A terminal as it is written for Windows: one thread reads with an OVERLAPPED, one waits for
 * events and looks at the status, and the main thread writes what is typed. Usage: mtty PORT
 * SETTINGS */
#include <windows.h>
#include <tchar.h>
#include <stdio.h>
#include <string.h>

#define READ_BUFFER 512
#define READ_TIMEOUT 500 /* ms between looks at whether to end */
#define STATUS_CHECK_TIMEOUT 500

typedef struct {
    HANDLE hComm;
    HANDLE hExit; /* manual reset: all threads end */
    DCB dcbBefore;
    COMMTIMEOUTS ctBefore;
} TTYINFO;

static TTYINFO Tty;

static void ErrorReporter(LPCTSTR lpWhat)
{
    _ftprintf(stderr, TEXT("%s failed: error %lu\n"), lpWhat, GetLastError());
}

/* ---- the port ---- */

static BOOL ConfigurePort(LPCTSTR lpSettings)
{
    COMMTIMEOUTS ct;
    DCB dcb;

    FillMemory(&dcb, sizeof(dcb), 0);
    dcb.DCBlength = sizeof(dcb);
    if (!GetCommState(Tty.hComm, &Tty.dcbBefore) || !GetCommTimeouts(Tty.hComm, &Tty.ctBefore))
        return FALSE;
    dcb = Tty.dcbBefore;
    if (!BuildCommDCB(lpSettings, &dcb))
        return FALSE;
    dcb.fAbortOnError = FALSE;
    ct.ReadIntervalTimeout = 20;
    ct.ReadTotalTimeoutMultiplier = 0;
    ct.ReadTotalTimeoutConstant = 100;
    ct.WriteTotalTimeoutMultiplier = 0;
    ct.WriteTotalTimeoutConstant = 5000;
    return SetCommState(Tty.hComm, &dcb) && SetCommTimeouts(Tty.hComm, &ct) &&
           SetupComm(Tty.hComm, 8192, 2048);
}

static BOOL SetupCommPort(LPCTSTR lpName, LPCTSTR lpSettings)
{
    Tty.hComm = CreateFile(lpName, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                           FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OVERLAPPED, NULL);
    if (Tty.hComm == INVALID_HANDLE_VALUE)
        return FALSE;
    Tty.hExit = CreateEvent(NULL, TRUE, FALSE, NULL);
    if (Tty.hExit == NULL || !ConfigurePort(lpSettings))
        return FALSE;
    return PurgeComm(Tty.hComm, PURGE_TXABORT | PURGE_RXABORT | PURGE_TXCLEAR | PURGE_RXCLEAR);
}

static void BreakDownCommPort(void)
{
    SetCommState(Tty.hComm, &Tty.dcbBefore);
    SetCommTimeouts(Tty.hComm, &Tty.ctBefore);
    CloseHandle(Tty.hComm);
    CloseHandle(Tty.hExit);
}

/* ---- reading ---- */

/* TRUE: a read is under way, or over and its bytes are on the screen. */
static BOOL IssueRead(OVERLAPPED *pOv, LPSTR lpBuf, LPBOOL lpWaiting)
{
    DWORD dwRead;

    if (!ReadFile(Tty.hComm, lpBuf, READ_BUFFER, &dwRead, pOv)) {
        *lpWaiting = GetLastError() == ERROR_IO_PENDING;
        return *lpWaiting;
    }
    fwrite(lpBuf, 1, dwRead, stdout);
    fflush(stdout);
    return TRUE;
}

static BOOL FinishRead(OVERLAPPED *pOv, LPSTR lpBuf)
{
    DWORD dwRead;

    if (!GetOverlappedResult(Tty.hComm, pOv, &dwRead, FALSE))
        return FALSE;
    fwrite(lpBuf, 1, dwRead, stdout); /* none, when its time was over */
    fflush(stdout);
    return TRUE;
}

static DWORD WINAPI ReaderProc(LPVOID lpV)
{
    static CHAR chBuf[READ_BUFFER];
    OVERLAPPED ov = {0};
    HANDLE hArray[2];
    BOOL fWaiting = FALSE, fDone = FALSE;
    DWORD dwRes;

    (void)lpV;
    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    hArray[0] = ov.hEvent;
    hArray[1] = Tty.hExit;
    while (!fDone) {
        if (!fWaiting && !IssueRead(&ov, chBuf, &fWaiting))
            break;
        dwRes = WaitForMultipleObjects(2, hArray, FALSE, READ_TIMEOUT);
        if (dwRes == WAIT_OBJECT_0 && fWaiting) {
            fWaiting = FALSE;
            fDone = !FinishRead(&ov, chBuf);
        } else if (dwRes == WAIT_OBJECT_0 + 1) {
            fDone = TRUE;
        }
    }
    if (fWaiting) {
        CancelIo(Tty.hComm);
        WaitForSingleObject(ov.hEvent, INFINITE);
    }
    CloseHandle(ov.hEvent);
    return 0;
}

/* ---- status ---- */

static void CheckComStat(void)
{
    COMSTAT stat;
    DWORD dwErrors;

    if (!ClearCommError(Tty.hComm, &dwErrors, &stat)) {
        ErrorReporter(TEXT("ClearCommError"));
        return;
    }
    if (dwErrors & CE_RXOVER)
        _ftprintf(stderr, TEXT("[type-ahead full]\n"));
    if (dwErrors & (CE_FRAME | CE_OVERRUN | CE_RXPARITY))
        _ftprintf(stderr, TEXT("[line error %lu]\n"), dwErrors);
    if (stat.fCtsHold || stat.fDsrHold || stat.fXoffHold)
        _ftprintf(stderr, TEXT("[sending is held up, %lu bytes wait]\n"), stat.cbOutQue);
}

static void ReportStatusEvent(DWORD dwMask)
{
    DWORD dwModem;

    if (dwMask & EV_BREAK)
        _ftprintf(stderr, TEXT("[break]\n"));
    if (dwMask & EV_RING)
        _ftprintf(stderr, TEXT("[ring]\n"));
    if ((dwMask & (EV_CTS | EV_DSR | EV_RLSD)) && GetCommModemStatus(Tty.hComm, &dwModem))
        _ftprintf(stderr, TEXT("[CTS %d DSR %d RLSD %d]\n"), (dwModem & MS_CTS_ON) != 0,
                  (dwModem & MS_DSR_ON) != 0, (dwModem & MS_RLSD_ON) != 0);
}

/* Each wait ends with an event, or with a mask of 0 when the mask is set anew. */
static BOOL IssueWait(OVERLAPPED *pOv, LPDWORD lpMask, LPBOOL lpWaiting)
{
    if (WaitCommEvent(Tty.hComm, lpMask, pOv)) {
        ReportStatusEvent(*lpMask);
        return TRUE;
    }
    *lpWaiting = GetLastError() == ERROR_IO_PENDING;
    return *lpWaiting;
}

static DWORD WINAPI StatusProc(LPVOID lpV)
{
    OVERLAPPED ov = {0};
    HANDLE hArray[2];
    DWORD dwMask = 0, dwRes, dwGot;
    BOOL fWaiting = FALSE, fDone = FALSE;

    (void)lpV;
    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    hArray[0] = ov.hEvent;
    hArray[1] = Tty.hExit;
    while (!fDone) {
        if (!fWaiting && !IssueWait(&ov, &dwMask, &fWaiting)) {
            ErrorReporter(TEXT("WaitCommEvent"));
            break;
        }
        CheckComStat();
        dwRes = WaitForMultipleObjects(2, hArray, FALSE, STATUS_CHECK_TIMEOUT);
        if (dwRes == WAIT_OBJECT_0 && fWaiting) {
            fWaiting = FALSE;
            if (GetOverlappedResult(Tty.hComm, &ov, &dwGot, FALSE))
                ReportStatusEvent(dwMask);
        } else if (dwRes == WAIT_OBJECT_0 + 1) {
            fDone = TRUE;
        }
    }
    SetCommMask(Tty.hComm, 0);
    if (fWaiting)
        WaitForSingleObject(ov.hEvent, INFINITE);
    CloseHandle(ov.hEvent);
    return 0;
}

/* ---- writing ---- */

static BOOL WriterGeneric(LPCSTR lpBuf, DWORD dwToWrite)
{
    OVERLAPPED ov = {0};
    DWORD dwWritten = 0;
    BOOL fRes;

    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    if (ov.hEvent == NULL)
        return FALSE;
    fRes = WriteFile(Tty.hComm, lpBuf, dwToWrite, &dwWritten, &ov);
    if (!fRes && GetLastError() == ERROR_IO_PENDING)
        fRes = GetOverlappedResult(Tty.hComm, &ov, &dwWritten, TRUE);
    if (fRes && dwWritten != dwToWrite)
        _ftprintf(stderr, TEXT("[write timed out after %lu bytes]\n"), dwWritten);
    CloseHandle(ov.hEvent);
    return fRes;
}

static void WriteWhatIsTyped(void)
{
    CHAR chLine[256];

    while (fgets(chLine, sizeof(chLine), stdin) != NULL) {
        if (!WriterGeneric(chLine, (DWORD)strlen(chLine))) {
            ErrorReporter(TEXT("WriteFile"));
            return;
        }
    }
}

int _tmain(int argc, TCHAR *argv[])
{
    HANDLE hThreads[2];
    DWORD dwId;
    int i;

    if (argc != 3) {
        _ftprintf(stderr, TEXT("usage: %s PORT SETTINGS\n"), argv[0]);
        return 2;
    }
    if (!SetupCommPort(argv[1], argv[2])) {
        ErrorReporter(argv[1]);
        return 1;
    }
    if (!SetCommMask(Tty.hComm, EV_BREAK | EV_CTS | EV_DSR | EV_ERR | EV_RING | EV_RLSD)) {
        ErrorReporter(TEXT("SetCommMask"));
        return 1;
    }
    hThreads[0] = CreateThread(NULL, 0, ReaderProc, NULL, 0, &dwId);
    hThreads[1] = CreateThread(NULL, 0, StatusProc, NULL, 0, &dwId);
    WriteWhatIsTyped();
    FlushFileBuffers(Tty.hComm);
    SetEvent(Tty.hExit);
    WaitForMultipleObjects(2, hThreads, TRUE, INFINITE);
    for (i = 0; i < 2; i++)
        CloseHandle(hThreads[i]);
    BreakDownCommPort();
    return 0;
}
