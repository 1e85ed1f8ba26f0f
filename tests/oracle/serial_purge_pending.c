/* SPDX-License-Identifier: MIT */
/* PurgeComm with an ABORT flag ends what is pending in that direction, all of it and nothing else.
 */
#include "port.h"

#define LONG 60000 /* more than a pty holds */
#define SOON_MS 500

static HANDLE port;
static char many[LONG];

static void say_end(const char *line, OVERLAPPED *ov)
{
    DWORD n = 99, waited = WaitForSingleObject(ov->hEvent, SOON_MS);

    SAY(say_name(line, "event"), waited);
    if (waited != WAIT_OBJECT_0) {
        CancelIoEx(port, ov);
        GetOverlappedResult(port, ov, &n, TRUE);
    } else {
        SAY_BOOL(say_name(line, "result"), GetOverlappedResult(port, ov, &n, FALSE));
        SAY(say_name(line, "bytes"), n);
        SAY_HEX(say_name(line, "internal"), ov->Internal);
    }
    ov_fini(ov);
}

static void say_reads(void)
{
    OVERLAPPED first, second;
    char buf[2][4];

    ov_init(&first);
    ov_init(&second);
    SAY_BOOL("reads.first", ReadFile(port, buf[0], 4, NULL, &first));
    SAY_BOOL("reads.second", ReadFile(port, buf[1], 4, NULL, &second));
    SAY_BOOL("reads.tx_abort", PurgeComm(port, PURGE_TXABORT));
    SAY_WAIT("reads.first.waits", WaitForSingleObject(first.hEvent, 0));
    SAY_BOOL("reads.rx_clear", PurgeComm(port, PURGE_RXCLEAR));
    SAY_WAIT("reads.second.waits", WaitForSingleObject(second.hEvent, 0));
    SAY_BOOL("reads.abort", PurgeComm(port, PURGE_RXABORT));
    say_end("reads.first", &first);
    say_end("reads.second", &second);
}

static void say_writes(void)
{
    OVERLAPPED ov;

    ov_init(&ov);
    SAY_BOOL("writes", WriteFile(port, many, LONG, NULL, &ov));
    SAY_BOOL("writes.rx_abort", PurgeComm(port, PURGE_RXABORT));
    SAY_WAIT("writes.waits", WaitForSingleObject(ov.hEvent, 0));
    SAY_BOOL("writes.abort", PurgeComm(port, PURGE_TXABORT));
    say_end("writes", &ov);
}

static void say_event_stays(void)
{
    OVERLAPPED ov;
    DWORD mask;

    SetCommMask(port, EV_RXFLAG);
    ov_init(&ov);
    SAY_BOOL("wait", WaitCommEvent(port, &mask, &ov));
    SAY_BOOL("wait.purge", PurgeComm(port, 0xF));
    SAY_WAIT("wait.event", WaitForSingleObject(ov.hEvent, 200));
    SetCommMask(port, 0);
    WaitForSingleObject(ov.hEvent, PATIENCE_MS);
    ov_fini(&ov);
}

int main(void)
{
    port = port_open(FILE_FLAG_OVERLAPPED);
    port_limits(port, 0, 0, 0);
    say_reads();
    say_writes();
    say_event_stays();
    CloseHandle(port);
    return 0;
}
