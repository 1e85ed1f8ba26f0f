/* SPDX-License-Identifier: MIT */
/* ClearCommError: how much is unread, how much is unsent, and the errors, which it forgets. */
#include "waits.h"

#include <stdlib.h>

static void at_9600(DCB *dcb)
{
    dcb->BaudRate = CBR_9600;
}

static void at_300(DCB *dcb)
{
    dcb->BaudRate = CBR_300;
}

static void unsent_bytes_leave_one_by_one(struct port *port)
{
    static char bytes[200];
    struct request write;
    DWORD left, least = sizeof bytes;
    unsigned steps = 0;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, at_9600);
    write_pends(port, &write, bytes, sizeof bytes);
    CHECK(status_of(port).cbOutQue > 0);
    while ((left = status_of(port).cbOutQue) > 0) {
        CHECK(left <= least);
        steps += left < least;
        least = left;
        Sleep(0);
    }
    CHECK(steps >= 2);
    transfer_ends("none is left", port, &write, STATUS_SUCCESS, sizeof bytes);
    CHECK_EQ(status_of(port).cbOutQue, 0);
}

static bool is_less_than_all(void *arg)
{
    return status_of(arg).cbOutQue < 1000;
}

static void at_a_low_speed_much_is_unsent(struct port *port)
{
    static char bytes[1000];
    struct request write;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, at_300);
    write_pends(port, &write, bytes, sizeof bytes);
    CHECK(status_of(port).cbOutQue > 900);
    comm_wait_until(is_less_than_all, port);
    CHECK(status_of(port).cbOutQue > 0);
    CHECK(port_pends(port, &write));
    CHECK(PurgeComm(port->near, PURGE_TXABORT));
    transfer_ends("aborted", port, &write, STATUS_CANCELLED, 0);
    CHECK_EQ(status_of(port).cbOutQue, 0);
}

static void all_writes_count_that_cannot_leave(struct port *port)
{
    struct request write[2];
    COMSTAT stat;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    write_pends(port, &write[0], "five.", 5);
    write_pends(port, &write[1], "three", 3);
    stat = status_of(port);
    CHECK_EQ(stat.cbOutQue, 8);
    CHECK(stat.fXoffHold);
    CHECK(!stat.fEof);
    CHECK(EscapeCommFunction(port->near, SETXON));
    transfer_ends("released", port, &write[0], STATUS_SUCCESS, 5);
    transfer_ends("released", port, &write[1], STATUS_SUCCESS, 3);
    stat = status_of(port);
    CHECK_EQ(stat.cbOutQue, 0);
    CHECK(!stat.fXoffHold);
}

/* The kernel doubles them on a tty that marks errors. */
static void every_byte_counts_once(struct port *port)
{
    char bytes[10];

    memset(bytes, 0xFF, sizeof bytes);
    CHECK_EQ(setenv("LIBCOMM_TTY_PARMRK", "1", 1), 0);
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK_EQ(unsetenv("LIBCOMM_TTY_PARMRK"), 0);
    port_send(port, bytes, sizeof bytes);
    port_wait_queued(port, sizeof bytes);
    CHECK_EQ(port_received(port), sizeof bytes);
    port_deliver(port, "\0", 1);
    CHECK_EQ(port_queued(port), sizeof bytes + 1);
}

static void bytes_of_a_read_are_not_in_the_queue(struct port *port)
{
    struct request read;

    port_open(port, FILE_FLAG_OVERLAPPED);
    read_pends(port, &read, 3);
    port_deliver(port, "ab", 2);
    CHECK_EQ(port_queued(port), 0);
    port_deliver(port, "cde", 3);
    CHECK_EQ(port_queued(port), 2);
    read_ends("the first three", port, &read, "abc");
}

static const struct {
    const char *when;
    bool errors, stat;
} asked[] = {
    {"both are asked for",    true,  true },
    {"only the errors are",   true,  false},
    {"only the status is",    false, true },
    {"nothing is, but still", false, false},
};

static void asking_forgets_the_errors_whatever_is_asked(struct port *port)
{
    static char bytes[4097];

    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        const char *when = asked[i].when;
        DWORD errors = UNSEEN;
        COMSTAT stat;

        port_deliver(port, bytes, sizeof bytes);
        CHECK(ClearCommError(port->near, asked[i].errors ? &errors : NULL,
                             asked[i].stat ? &stat : NULL));
        CHECK_EQ_WHEN(when, errors, asked[i].errors ? CE_RXOVER : UNSEEN);
        CHECK_EQ_WHEN(when, errors_of(port), 0);
        CHECK(PurgeComm(port->near, PURGE_RXCLEAR));
    }
}

PORT_TEST_MAIN(ON_PACED_CABLE(unsent_bytes_leave_one_by_one),
               ON_PACED_CABLE(at_a_low_speed_much_is_unsent),
               ON_BOTH(all_writes_count_that_cannot_leave), ON_BOTH(every_byte_counts_once),
               ON_BOTH(bytes_of_a_read_are_not_in_the_queue),
               ON_BOTH(asking_forgets_the_errors_whatever_is_asked))
