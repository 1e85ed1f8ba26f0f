/* SPDX-License-Identifier: MIT */
/* How overlapped reads end when their time is over: as successes with what there was. */
#include "port.h"

#define SHORT_MS 60
#define SOON_MS 1000 /* a read that has not ended by then does not end */

static HANDLE port;

static void read_one(const char *line, const char *sent, DWORD room)
{
    OVERLAPPED ov;
    char buf[16] = "";
    DWORD n = 99, waited;

    peer_send(sent);
    port_holds(port, (DWORD)strlen(sent));
    ov_init(&ov);
    if (!ReadFile(port, buf, room, NULL, &ov) && GetLastError() != ERROR_IO_PENDING)
        SAY(say_name(line, "read"), GetLastError());
    waited = WaitForSingleObject(ov.hEvent, SOON_MS);
    SAY(say_name(line, "wait"), waited);
    if (waited != WAIT_OBJECT_0) {
        CancelIoEx(port, &ov);
        GetOverlappedResult(port, &ov, &n, TRUE);
    } else {
        SAY_BOOL(say_name(line, "result"), GetOverlappedResult(port, &ov, &n, FALSE));
        SAY(say_name(line, "bytes"), n);
        SAY_HEX(say_name(line, "internal"), ov.Internal);
    }
    ov_fini(&ov);
    PurgeComm(port, PURGE_RXCLEAR);
}

int main(void)
{
    port = port_open(FILE_FLAG_OVERLAPPED);
    port_limits(port, 0, 0, SHORT_MS);
    read_one("total.nothing", "", 4);
    read_one("total.some", "ab", 4);
    read_one("total.enough", "abcd", 4);
    port_limits(port, SHORT_MS, 0, 0);
    read_one("interval.some", "ab", 4);
    read_one("interval.nothing", "", 4);
    port_limits(port, MAXDWORD, 0, 0);
    read_one("at_once.nothing", "", 4);
    read_one("at_once.some", "ab", 4);
    port_limits(port, MAXDWORD, MAXDWORD, SHORT_MS);
    read_one("one_byte.nothing", "", 4);
    read_one("one_byte.some", "ab", 4);
    port_limits(port, MAXDWORD, 0, SHORT_MS);
    read_one("constant.nothing", "", 4);
    read_one("constant.some", "ab", 4);
    CloseHandle(port);
    return 0;
}
