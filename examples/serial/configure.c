/* SPDX-License-Identifier: MIT */
/* Sets up a port, one member of the DCB at a time, and prints how it was and how it is.
 * Usage: configure PORT */
#include <windows.h>
#include <tchar.h>
#include <stdio.h>

static void PrintCommState(LPCTSTR lpWhen, const DCB *pDcb)
{
    static const char szParity[] = "NOEMS";
    static const LPCTSTR lpStop[] = {TEXT("1"), TEXT("1.5"), TEXT("2")};

    _tprintf(TEXT("%s: BaudRate %lu, ByteSize %d, Parity %c, StopBits %s, RTS %d, DTR %d\n"),
             lpWhen, pDcb->BaudRate, pDcb->ByteSize, szParity[pDcb->Parity], lpStop[pDcb->StopBits],
             (int)pDcb->fRtsControl, (int)pDcb->fDtrControl);
}

static int Fail(LPCTSTR lpWhat)
{
    _ftprintf(stderr, TEXT("%s failed with error %lu.\n"), lpWhat, GetLastError());
    return 1;
}

int _tmain(int argc, TCHAR *argv[])
{
    COMMPROP cp;
    HANDLE hCom;
    DCB dcb;

    if (argc != 2) {
        _ftprintf(stderr, TEXT("usage: %s PORT\n"), argv[0]);
        return 2;
    }
    hCom = CreateFile(argv[1], GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (hCom == INVALID_HANDLE_VALUE)
        return Fail(TEXT("CreateFile"));
    SecureZeroMemory(&dcb, sizeof(DCB));
    dcb.DCBlength = sizeof(DCB);
    if (!GetCommState(hCom, &dcb))
        return Fail(TEXT("GetCommState"));
    PrintCommState(TEXT("before"), &dcb);
    dcb.BaudRate = CBR_57600;
    dcb.ByteSize = 8;
    dcb.Parity = NOPARITY;
    dcb.StopBits = TWOSTOPBITS;
    dcb.fRtsControl = RTS_CONTROL_HANDSHAKE;
    dcb.fOutxCtsFlow = TRUE;
    if (!SetCommState(hCom, &dcb))
        return Fail(TEXT("SetCommState"));
    if (!GetCommState(hCom, &dcb))
        return Fail(TEXT("GetCommState"));
    PrintCommState(TEXT("after"), &dcb);
    dcb.ByteSize = 9;
    if (SetCommState(hCom, &dcb) || GetLastError() != ERROR_INVALID_PARAMETER)
        return Fail(TEXT("refusing nine bits"));
    cp.wPacketLength = sizeof(cp);
    if (!GetCommProperties(hCom, &cp))
        return Fail(TEXT("GetCommProperties"));
    _tprintf(TEXT("type-ahead: %lu bytes\n"), cp.dwCurrentRxQueue);
    CloseHandle(hCom);
    return 0;
}
