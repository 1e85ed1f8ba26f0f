/* SPDX-License-Identifier: MIT */
/* PurgeComm: which flags there are, and that received bytes are gone afterwards. */
#include "port.h"

static HANDLE port;

static DWORD queued(void)
{
    COMSTAT stat = {0};

    ClearCommError(port, NULL, &stat);
    return stat.cbInQue;
}

static void say_flags(void)
{
    static const DWORD flags[] = {0, 1, 2, 4, 8, 0xF, 0x10, 0x18, 0xFFFFFFFF};
    char line[32];

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        snprintf(line, sizeof(line), "flags.%lX", (unsigned long)flags[i]);
        SAY_BOOL(line, PurgeComm(port, flags[i]));
    }
}

static void say_received(void)
{
    char buf[8] = "";
    DWORD n = 99;

    peer_send("abc");
    SAY("received.holds", port_holds(port, 3));
    SAY_BOOL("received.tx_clear", PurgeComm(port, PURGE_TXCLEAR));
    SAY("received.after_tx_clear", queued());
    SAY_BOOL("received.tx_abort", PurgeComm(port, PURGE_TXABORT));
    SAY("received.after_tx_abort", queued());
    SAY_BOOL("received.rx_clear", PurgeComm(port, PURGE_RXCLEAR));
    SAY("received.after_rx_clear", queued());
    peer_send("d");
    SAY_BOOL("received.next", ReadFile(port, buf, 1, &n, NULL));
    say_bytes("received.next.data", buf, 1);
}

/* A write that was reported as complete is never taken back. */
static void say_sent(void)
{
    DWORD n = 99;

    SAY_BOOL("sent.write", WriteFile(port, "hello", 5, &n, NULL));
    SAY_BOOL("sent.purge", PurgeComm(port, PURGE_TXCLEAR | PURGE_TXABORT));
    SAY_BOOL("sent.more", WriteFile(port, "you", 3, &n, NULL));
    say_peer("sent.peer", peer("receive 8"));
}

int main(void)
{
    port = port_open(0);
    say_flags();
    say_received();
    say_sent();
    CloseHandle(port);
    return 0;
}
