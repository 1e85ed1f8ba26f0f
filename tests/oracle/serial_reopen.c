/* SPDX-License-Identifier: MIT */
/* What one user of a port has sent arrives although the next one has it open already; what came
 * before a port was opened is not for the one who opens it. */
#include "port.h"

#define LONG 8000 /* more than the other side takes out of the line before it reads */

int main(void)
{
    static char many[LONG];
    HANDLE port = port_open(0);
    COMSTAT stat = {0};
    DWORD n = 99;

    SAY_BOOL("write", WriteFile(port, many, LONG, &n, NULL));
    SAY("write.bytes", n);
    SAY_BOOL("close", CloseHandle(port));
    port = port_open(0);
    SAY_BOOL("again", WriteFile(port, "x", 1, &n, NULL));
    say_peer("peer", peer("swallow %d", LONG));
    say_peer("peer.last", peer("receive 1"));
    peer_send("abc");
    SAY("holds", port_holds(port, 3));
    SAY_BOOL("close_again", CloseHandle(port));
    port = port_open(0);
    SAY_BOOL("status", ClearCommError(port, NULL, &stat));
    SAY("status.in", stat.cbInQue);
    CloseHandle(port);
    return 0;
}
