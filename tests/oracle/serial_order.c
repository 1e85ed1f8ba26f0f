/* SPDX-License-Identifier: MIT */
/* Reads are filled, and writes sent, in the order in which they were made. */
#include "port.h"

#define READS 4
#define WRITES 4
#define LONG 2000 /* all of them fit into the line */

static HANDLE port;

static void say_reads(void)
{
    OVERLAPPED ov[READS];
    char buf[READS][4], line[16];

    for (int i = 0; i < READS; i++) {
        ov_init(&ov[i]);
        snprintf(line, sizeof(line), "pending%d", i);
        SAY_BOOL(line, ReadFile(port, buf[i], 3, NULL, &ov[i]));
    }
    for (int i = 0; i < READS; i++) {
        peer_send(i == 0 ? "abc" : i == 1 ? "def" : i == 2 ? "ghi" : "jkl");
        snprintf(line, sizeof(line), "read%d", i);
        ov_say(line, port, &ov[i]);
        say_bytes(say_name(line, "data"), buf[i], 3);
        if (i + 1 < READS)
            SAY_WAIT(say_name(line, "next"), WaitForSingleObject(ov[i + 1].hEvent, 0));
    }
    for (int i = 0; i < READS; i++)
        ov_fini(&ov[i]);
}

static void say_burst(void)
{
    OVERLAPPED ov[READS];
    char buf[READS][4];

    for (int i = 0; i < READS; i++) {
        ov_init(&ov[i]);
        ReadFile(port, buf[i], 2, NULL, &ov[i]);
    }
    peer_send("ABCDEFGH");
    for (int i = 0; i < READS; i++) {
        char line[16];

        snprintf(line, sizeof(line), "burst%d", i);
        SAY_WAIT(line, WaitForSingleObject(ov[i].hEvent, PATIENCE_MS));
        say_bytes(say_name(line, "data"), buf[i], 2);
        ov_fini(&ov[i]);
    }
}

static void say_writes(void)
{
    static char many[WRITES][LONG];
    OVERLAPPED ov[WRITES];
    char line[16];

    for (int i = 0; i < WRITES; i++) {
        memset(many[i], 'a' + i, LONG);
        ov_init(&ov[i]);
        WriteFile(port, many[i], LONG, NULL, &ov[i]);
    }
    for (int i = 0; i < WRITES; i++) {
        snprintf(line, sizeof(line), "write%d", i);
        say_peer(say_name(line, "first"), peer("receive 1"));
        say_peer(say_name(line, "middle"), peer("swallow %d", LONG - 2));
        say_peer(say_name(line, "last"), peer("receive 1"));
        ov_say(line, port, &ov[i]);
        ov_fini(&ov[i]);
    }
}

int main(void)
{
    port = port_open(FILE_FLAG_OVERLAPPED);
    port_limits(port, 0, 0, 0);
    say_reads();
    say_burst();
    say_writes();
    CloseHandle(port);
    return 0;
}
