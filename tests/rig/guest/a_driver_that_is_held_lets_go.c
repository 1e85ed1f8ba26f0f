/* SPDX-License-Identifier: MIT */
/* A 16550 whose transmitter is held because nobody takes what it sends, with bytes in the kernel's
 * queue and in the chip: writes time out, are purged and closed on, and what they report is what
 * arrives. */
#include "tests/serial/waits.h"

#include <stdlib.h>

#include "ask.h"

#define MOST 4000u /* more than chip, pipe and our share of the kernel's queue take while held */
#define CHUNK 100u

static void open_link(struct port *link)
{
    DCB dcb;

    *link = (struct port){.kind = PORT_TTY, .name = RIG_LINK};
    port_open(link, FILE_FLAG_OVERLAPPED);
    CHECK(GetCommState(link->near, &dcb));
    dcb.BaudRate = 115200;
    CHECK(SetCommState(link->near, &dcb));
    rig_ask("resume link");
}

static unsigned long count_of_host(void)
{
    char count[32];

    return rig_ask_for(count, sizeof count, "count link") ? strtoul(count, NULL, 10) : 0;
}

struct arrives {
    unsigned long count;
};

static bool has_arrived(void *arg)
{
    const struct arrives *arrives = arg;

    return count_of_host() == arrives->count;
}

/* Everything so far, and no more than that: what is sent behind it shows. */
static void check_arrived(const struct port *link, unsigned long count)
{
    struct arrives arrives = {count + 1};

    rig_ask("resume link");
    write_all(link, "#", 1);
    comm_wait_until(has_arrived, &arrives);
}

/* Until the chip is full and the kernel's queue does not move. */
static struct request *held_write(const struct port *link, struct request *write, const char *bytes)
{
    rig_ask("pause link");
    request_open(write, true);
    CHECK_FAILS(WriteFile(link->near, bytes, MOST, NULL, &write->ov), ERROR_IO_PENDING);
    return write;
}

static void a_write_times_out_with_what_has_left(void)
{
    char *bytes = calloc(1, MOST);
    unsigned long before = count_of_host();
    struct request write;
    uint64_t start_ms;
    struct port link;
    DWORD count = 0;

    open_link(&link);
    port_write_times(&link, 0, 300);
    start_ms = steady_ms();
    held_write(&link, &write, bytes);
    request_finishes(&write);
    CHECK(steady_ms() - start_ms >= 300);
    CHECK(GetOverlappedResult(link.near, &write.ov, &count, TRUE));
    CHECK_EQ(request_status(&write), STATUS_TIMEOUT);
    CHECK(count < MOST);
    request_close(&write);
    port_write_times(&link, 0, 0);
    check_arrived(&link, before + count);
    port_shut(&link);
    free(bytes);
}

static DWORD sent_by(const struct port *link)
{
    SERIALPERF_STATS stats = {0};
    struct request request;

    request_open(&request, true);
    CHECK(DeviceIoControl(link->near, IOCTL_SERIAL_GET_STATS, NULL, 0, &stats, sizeof stats,
                          &request.count, &request.ov));
    request_close(&request);
    return stats.TransmittedCount;
}

static void a_purge_takes_back_what_the_kernel_has(void)
{
    char *bytes = calloc(1, MOST);
    unsigned long before = count_of_host();
    struct request write;
    struct port link;

    open_link(&link);
    held_write(&link, &write, bytes);
    CHECK(PurgeComm(link.near, PURGE_TXABORT | PURGE_TXCLEAR));
    CHECK(request_is_final(&write));
    transfer_ends("purged", &link, &write, STATUS_CANCELLED, 0);
    CHECK_EQ(status_of(&link).cbOutQue, 0);
    CHECK(sent_by(&link) < MOST);
    check_arrived(&link, before + sent_by(&link));
    port_shut(&link);
    free(bytes);
}

static void a_close_does_not_wait_for_the_kernel(void)
{
    char *bytes = calloc(1, MOST);
    struct request write;
    uint64_t start_ms;
    struct port link;

    open_link(&link);
    held_write(&link, &write, bytes);
    start_ms = steady_ms();
    port_shut(&link);
    CHECK(steady_ms() - start_ms < port_close_ms(&link)); /* the kernel alone would wait 30 s */
    request_ends("closed", &write, STATUS_CANCELLED, 0);
    request_close(&write);
    rig_ask("resume link");
    open_link(&link);
    write_all(&link, "again", 5);
    port_shut(&link);
    free(bytes);
}

/* ---- a character goes ahead of what the kernel has ---- */

static bool kernel_has_some(void *arg)
{
    return status_of(arg).cbOutQue < MOST;
}

static BOOL send_mark(const struct port *link)
{
    return TransmitCommChar(link->near, '!');
}

static void a_character_passes_what_xoff_holds_in_the_kernel(void)
{
    char *bytes = calloc(1, MOST), *got = calloc(2, MOST + 2);
    struct blocking mark;
    struct request write;
    struct port link;
    char *at;

    open_link(&link);
    rig_ask_for(got, 2 * MOST, "got link");
    held_write(&link, &write, bytes);
    comm_wait_until(kernel_has_some, &link);
    CHECK(EscapeCommFunction(link.near, SETXOFF));
    rig_ask("resume link");
    blocking_begin(&mark, &link, send_mark);
    CHECK_EQ(blocking_end(&mark), 0);
    CHECK(port_pends(&link, &write));
    do {
        rig_ask_for(got, 2 * MOST, "got link");
        at = strstr(got, "21"); /* '!', behind nothing but zeros */
    } while (at == NULL && CHECK(port_pends(&link, &write)));
    CHECK(port_pends(&link, &write));
    CHECK(status_of(&link).cbOutQue > 0);
    CHECK(EscapeCommFunction(link.near, SETXON));
    transfer_ends("released", &link, &write, STATUS_SUCCESS, MOST);
    port_shut(&link);
    free(bytes);
    free(got);
}

PORT_TEST_MAIN(IN_GUEST(a_write_times_out_with_what_has_left),
               IN_GUEST(a_purge_takes_back_what_the_kernel_has),
               IN_GUEST(a_close_does_not_wait_for_the_kernel),
               IN_GUEST(a_character_passes_what_xoff_holds_in_the_kernel))
