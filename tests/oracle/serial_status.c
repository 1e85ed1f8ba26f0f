/* SPDX-License-Identifier: MIT */
/* ClearCommError, GetCommModemStatus and FlushFileBuffers of a port where nothing is wrong. */
#include "port.h"

int main(void)
{
    HANDLE port = port_open(0);
    DWORD errors = 99, n = 99;
    COMSTAT stat;

    memset(&stat, 0xFF, sizeof(stat));
    SAY_BOOL("fresh", ClearCommError(port, &errors, &stat));
    SAY_HEX("fresh.errors", errors);
    SAY("fresh.in", stat.cbInQue);
    SAY("fresh.out", stat.cbOutQue);
    SAY("fresh.holds", stat.fCtsHold | stat.fDsrHold | stat.fRlsdHold | stat.fXoffHold);
    SAY("fresh.rest", stat.fXoffSent | stat.fEof | stat.fTxim);
    SAY_BOOL("null.both", ClearCommError(port, NULL, NULL));
    SAY_BOOL("null.errors", ClearCommError(port, NULL, &stat));
    SAY_BOOL("null.stat", ClearCommError(port, &errors, NULL));
    SAY_BOOL("modem.null", GetCommModemStatus(port, NULL));
    SAY_BOOL("modem", GetCommModemStatus(port, &n));
    peer_send("abc");
    SAY("holds", port_holds(port, 3));
    SAY_BOOL("flush", FlushFileBuffers(port));
    ClearCommError(port, &errors, &stat);
    SAY("flush.in", stat.cbInQue);
    SAY_BOOL("write", WriteFile(port, "abc", 3, &n, NULL));
    SAY_BOOL("write.flush", FlushFileBuffers(port));
    ClearCommError(port, &errors, &stat);
    SAY("write.out", stat.cbOutQue);
    say_peer("peer", peer("receive 3"));
    SAY_BOOL("char", TransmitCommChar(port, '!'));
    say_peer("char.peer", peer("receive 1"));
    CloseHandle(port);
    return 0;
}
