/* SPDX-License-Identifier: MIT */
/* On a paced cable nothing but time makes a byte arrive or leave: whoever waits for that, or nobody
 * and only the engine, looks again when its time has come, however long it had slept by then. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include <libcomm/native.h>
#include <libcomm/serial.h>

#include "asleep.h"
#include "libcomm/plat/clock.h"

#define BAUD 2400u
#define CHAR_NS 4166666u /* 8N1 */

struct two {
    HANDLE cable, port[2];
};

static HANDLE port_open(DWORD number, DWORD baud)
{
    char name[32];
    DCB dcb = {.DCBlength = sizeof dcb};
    HANDLE port;

    snprintf(name, sizeof name, "\\\\.\\COM%u", number);
    port = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                       FILE_FLAG_OVERLAPPED, NULL);
    CHECK(port != INVALID_HANDLE_VALUE);
    CHECK(GetCommState(port, &dcb));
    dcb.BaudRate = baud;
    dcb.ByteSize = 8;
    dcb.Parity = NOPARITY;
    dcb.StopBits = ONESTOPBIT;
    CHECK(SetCommState(port, &dcb));
    return port;
}

static void two_open(struct two *two, DWORD baud)
{
    DWORD number[2] = {0, 0};

    two->cable = CommCreateNullModem(0, 0, COMM_CABLE_PACED);
    CHECK(CommGetNullModemPorts(two->cable, &number[0], &number[1]));
    for (int i = 0; i < 2; i++)
        two->port[i] = port_open(number[i], baud);
}

static void two_close(struct two *two)
{
    CHECK(CloseHandle(two->port[0]));
    CHECK(CloseHandle(two->port[1]));
    CHECK(CloseHandle(two->cable));
}

/* Returns at once; `ov` is to be waited for. */
static void start_write(HANDLE port, const char *text, OVERLAPPED *ov)
{
    static char sent[64];

    memcpy(sent, text, strlen(text));
    CHECK(WriteFile(port, sent, (DWORD)strlen(text), NULL, ov) ||
          GetLastError() == ERROR_IO_PENDING);
}

static void start_read(HANDLE port, char *buf, DWORD len, OVERLAPPED *ov)
{
    CHECK(!ReadFile(port, buf, len, NULL, ov));
    CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
}

static DWORD finish(HANDLE port, OVERLAPPED *ov)
{
    DWORD count = 99;

    if (CHECK_EQ(WaitForSingleObject(ov->hEvent, 10000), WAIT_OBJECT_0))
        CHECK(GetOverlappedResult(port, ov, &count, FALSE));
    return count;
}

struct waiter {
    OVERLAPPED *ov;
    struct sleeper sleeper;
    DWORD result;
};

static void *wait_for_it(void *arg)
{
    struct waiter *w = arg;

    sleeper_announce(&w->sleeper);
    w->result = WaitForSingleObject(w->ov->hEvent, 10000);
    return NULL;
}

static const struct {
    const char *text;
    unsigned least; /* characters that take their time before it is over */
} texts[] = {
    {"a",                                        1 },
    {"ab",                                       2 },
    {"0123456789012345678901234567890123456789", 40}
};

static void who_slept_when_it_was_sent_wakes_when_it_arrives(void)
{
    struct two two;

    two_open(&two, BAUD);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        OVERLAPPED read = {.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
        OVERLAPPED write = {.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
        struct waiter w = {.ov = &read};
        DWORD len = (DWORD)strlen(texts[i].text), count = 0;
        uint64_t began;
        pthread_t thread;
        char buf[64];

        start_read(two.port[1], buf, len, &read);
        thread = comm_spawn(wait_for_it, &w);
        wait_until_asleep(&w.sleeper);
        began = ci_now_ns();
        start_write(two.port[0], texts[i].text, &write); /* and then nobody drives this end */
        comm_join(thread);
        CHECK_EQ_WHEN(texts[i].text, w.result, WAIT_OBJECT_0);
        CHECK(ci_now_ns() - began >= texts[i].least * (uint64_t)(CHAR_NS - 1));
        CHECK(GetOverlappedResult(two.port[1], &read, &count, FALSE));
        CHECK_EQ_WHEN(texts[i].text, count, len);
        CHECK(memcmp(buf, texts[i].text, len) == 0);
        CHECK_EQ_WHEN(texts[i].text, finish(two.port[0], &write), len);
        CloseHandle(read.hEvent);
        CloseHandle(write.hEvent);
    }
    two_close(&two);
}

static bool is_over(void *ov)
{
    return HasOverlappedIoCompleted((OVERLAPPED *)ov);
}

static void what_nobody_waits_for_happens_all_the_same(void)
{
    OVERLAPPED wait = {.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
    OVERLAPPED write = {.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
    struct two two;
    DWORD events = 0, read = 0;

    two_open(&two, BAUD);
    for (int round = 0; round < 3; round++) {
        CHECK(SetCommMask(two.port[1], 0)); /* what is latched is forgotten */
        CHECK(SetCommMask(two.port[1], EV_RXCHAR));
        CHECK(!WaitCommEvent(two.port[1], &events, &wait));
        CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
        start_write(two.port[0], texts[2].text, &write);
        comm_wait_until(is_over, &wait);
        comm_wait_until(is_over, &write);
        CHECK_EQ(finish(two.port[1], &wait), sizeof events);
        CHECK_EQ(events, EV_RXCHAR);
        CHECK_EQ(finish(two.port[0], &write), strlen(texts[2].text));
        for (char buf[64]; read < strlen(texts[2].text);) {
            DWORD n = 0;
            OVERLAPPED one = {.hEvent = wait.hEvent};

            if (!ReadFile(two.port[1], buf, 1, NULL, &one) && GetLastError() != ERROR_IO_PENDING)
                break;
            n = finish(two.port[1], &one);
            if (!CHECK_EQ(n, 1))
                break;
            read += n;
        }
        CHECK_EQ(read, strlen(texts[2].text));
        read = 0;
    }
    two_close(&two);
    CloseHandle(wait.hEvent);
    CloseHandle(write.hEvent);
}

static void a_flush_ends_when_the_last_character_has_left(void)
{
    OVERLAPPED write = {.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
    struct two two;
    uint64_t began = ci_now_ns();

    two_open(&two, BAUD);
    start_write(two.port[0], "0123456789", &write);
    CHECK(FlushFileBuffers(two.port[0]));
    CHECK(ci_now_ns() - began >= 10 * (uint64_t)(CHAR_NS - 1));
    CHECK_EQ(finish(two.port[0], &write), 10);
    two_close(&two);
    CloseHandle(write.hEvent);
}

/* Each time limit ends the write somewhere in the middle of a character. */
static void a_write_cut_short_and_its_peer_agree_on_what_left(void)
{
    static char block[1000];
    struct two two;

    two_open(&two, 115200);
    for (DWORD round = 0; round < 100; round++) {
        OVERLAPPED write = {.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
        COMMTIMEOUTS timeouts = {.WriteTotalTimeoutConstant = 1 + round % 5};
        COMSTAT stat = {.cbInQue = 0};
        DWORD left, errors;

        CHECK(SetCommTimeouts(two.port[0], &timeouts));
        CHECK(!WriteFile(two.port[0], block, sizeof block, NULL, &write));
        left = finish(two.port[0], &write);
        CHECK(left < sizeof block);
        CHECK(FlushFileBuffers(two.port[0]));
        CHECK(ClearCommError(two.port[1], &errors, &stat));
        CHECK_EQ(stat.cbInQue, left);
        CHECK(PurgeComm(two.port[1], PURGE_RXCLEAR));
        CloseHandle(write.hEvent);
    }
    two_close(&two);
}

COMM_TEST_MAIN(TEST(who_slept_when_it_was_sent_wakes_when_it_arrives),
               TEST(what_nobody_waits_for_happens_all_the_same),
               TEST(a_flush_ends_when_the_last_character_has_left),
               TEST(a_write_cut_short_and_its_peer_agree_on_what_left))
