/* SPDX-License-Identifier: MIT */
/* EV_RXFLAG comes with the one character that was chosen, and with no other. */
#include "port.h"

int main(void)
{
    HANDLE port = port_open(FILE_FLAG_OVERLAPPED);
    DWORD mask = 0x77;
    OVERLAPPED ov;
    DCB dcb = {0};

    dcb.DCBlength = sizeof(dcb);
    GetCommState(port, &dcb);
    dcb.EvtChar = ';';
    SAY_BOOL("set_state", SetCommState(port, &dcb));
    SAY_BOOL("set_mask", SetCommMask(port, EV_RXFLAG));
    ov_init(&ov);
    SAY_BOOL("wait", WaitCommEvent(port, &mask, &ov));
    peer_send("abc");
    SAY("holds", port_holds(port, 3));
    SAY_WAIT("others", WaitForSingleObject(ov.hEvent, 200));
    peer_send("d;e");
    SAY_WAIT("flag", WaitForSingleObject(ov.hEvent, 1000));
    SAY_HEX("flag.mask", mask);
    SetCommMask(port, 0);
    ov_fini(&ov);
    CloseHandle(port);
    return 0;
}
