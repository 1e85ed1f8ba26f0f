/* SPDX-License-Identifier: MIT */
/* A read that waits for one byte ends with the first one that comes, however much it has room for.
 */
#include "port.h"

int main(void)
{
    HANDLE port = port_open(FILE_FLAG_OVERLAPPED);
    OVERLAPPED ov;
    char buf[16] = "";

    port_limits(port, MAXDWORD, MAXDWORD, 4000);
    ov_init(&ov);
    SAY_BOOL("read", ReadFile(port, buf, sizeof(buf), NULL, &ov));
    peer_send("abc");
    ov_say("ended", port, &ov);
    say_bytes("data", buf, 1);
    CancelIo(port);
    ov_fini(&ov);
    CloseHandle(port);
    return 0;
}
