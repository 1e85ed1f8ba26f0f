/* SPDX-License-Identifier: MIT */
/* How synchronous reads end: with their bytes, or successfully with fewer, and never too early. */
#include "port.h"

#define SHORT_MS 60

static HANDLE port;

/* A table's row: `sent` is there before the read begins. */
static void read_one(const char *line, const char *sent, DWORD room, DWORD at_least_ms)
{
    char buf[16] = "";
    DWORD n = 99, begun;

    peer_send(sent);
    if (!port_holds(port, (DWORD)strlen(sent)))
        say_line(line, "does not arrive", "-");
    begun = GetTickCount();
    SAY_BOOL_ERROR(line, ReadFile(port, buf, room, &n, NULL));
    SAY(say_name(line, "early"), GetTickCount() - begun + 20 < at_least_ms); /* a coarse clock */
    SAY(say_name(line, "bytes"), n);
    say_bytes(say_name(line, "data"), buf, n < sizeof(buf) ? n : 0);
    PurgeComm(port, PURGE_RXCLEAR);
}

int main(void)
{
    port = port_open(0);
    port_limits(port, 0, 0, 0);
    read_one("none.enough", "abcd", 4, 0);
    port_limits(port, 0, 0, SHORT_MS);
    read_one("total.nothing", "", 4, SHORT_MS);
    read_one("total.some", "ab", 4, SHORT_MS);
    read_one("total.enough", "abcd", 4, 0);
    read_one("total.more", "abcdef", 4, 0);
    port_limits(port, 0, SHORT_MS / 4, 0);
    read_one("multiplier.some", "ab", 4, SHORT_MS);
    port_limits(port, 0, SHORT_MS / 4, SHORT_MS);
    read_one("both.some", "ab", 4, 2 * SHORT_MS);
    port_limits(port, SHORT_MS, 0, 0);
    read_one("interval.some", "ab", 4, SHORT_MS);
    read_one("interval.enough", "abcd", 4, 0);
    port_limits(port, SHORT_MS, 0, 10 * 1000);
    read_one("interval_total.some", "ab", 4, SHORT_MS);
    port_limits(port, 10 * 1000, 0, SHORT_MS);
    read_one("total_interval.nothing", "", 4, SHORT_MS);
    port_limits(port, MAXDWORD, 0, 0);
    read_one("at_once.nothing", "", 4, 0);
    read_one("at_once.some", "ab", 4, 0);
    read_one("at_once.more", "abcdef", 4, 0);
    port_limits(port, MAXDWORD, MAXDWORD, SHORT_MS);
    read_one("one_byte.nothing", "", 4, SHORT_MS);
    read_one("one_byte.some", "ab", 4, 0);
    port_limits(port, MAXDWORD, 0, SHORT_MS);
    read_one("constant.nothing", "", 4, SHORT_MS);
    read_one("constant.some", "ab", 4, 0);
    CloseHandle(port);
    return 0;
}
