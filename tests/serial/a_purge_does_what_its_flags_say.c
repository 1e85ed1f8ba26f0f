/* SPDX-License-Identifier: MIT */
/* PurgeComm flag by flag: what is pending, what is queued, what was written, and what stays. */
#include "waits.h"

static void flags_that_are_none_are_refused(struct port *port)
{
    static const DWORD wrong[] = {0, 0x10, 0x1F, 0x80000000, 0xFFFFFFFF};
    struct request read;

    port_open(port, FILE_FLAG_OVERLAPPED);
    read_pends(port, &read, 1);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        CHECK_FAILS(PurgeComm(port->near, wrong[i]), ERROR_INVALID_PARAMETER);
    CHECK(port_pends(port, &read));
    port_send(port, "x", 1);
    read_ends("a refused purge does nothing", port, &read, "x");
}

static void rxabort_ends_all_reads(struct port *port)
{
    struct request read[3];

    port_open(port, FILE_FLAG_OVERLAPPED);
    for (int i = 0; i < 3; i++)
        read_pends(port, &read[i], 3);
    port_deliver(port, "ab", 2);
    CHECK(PurgeComm(port->near, PURGE_RXABORT));
    for (int i = 0; i < 3; i++)
        transfer_ends("aborted", port, &read[i], STATUS_CANCELLED, 0);
    read_pends(port, &read[0], 3);
    port_send(port, "xyz", 3);
    read_ends("a later one", port, &read[0], "xyz");
}

static void txabort_ends_all_writes_and_nothing_of_them_is_sent(struct port *port)
{
    struct request write[2];

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    write_pends(port, &write[0], "never", 5);
    write_pends(port, &write[1], "neither", 7);
    CHECK(PurgeComm(port->near, PURGE_TXABORT));
    transfer_ends("aborted", port, &write[0], STATUS_CANCELLED, 0);
    transfer_ends("aborted", port, &write[1], STATUS_CANCELLED, 0);
    CHECK_EQ(status_of(port).cbOutQue, 0);
    CHECK(EscapeCommFunction(port->near, SETXON));
    write_all(port, "but this", 8);
    CHECK(port_expect(port, "but this", 8));
}

/* What has left by then is the beginning of it, and what is written next follows at once. */
static void txabort_takes_back_what_has_not_left(struct port *port)
{
    ULONGLONG sent = 0, before;
    char bytes[200], got[sizeof bytes];
    struct request write;

    memset(bytes, 'a', sizeof bytes);
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(CommGetNullModemSent(port->cable, port->number, &before));
    write_pends(port, &write, bytes, sizeof bytes);
    while (CHECK(CommGetNullModemSent(port->cable, port->number, &sent)) && sent == before)
        Sleep(0);
    CHECK(PurgeComm(port->near, PURGE_TXABORT));
    transfer_ends("aborted", port, &write, STATUS_CANCELLED, 0);
    CHECK_EQ(status_of(port).cbOutQue, 0);
    write_all(port, "!", 1);
    CHECK(FlushFileBuffers(port->near));
    CHECK(CommGetNullModemSent(port->cable, port->number, &sent));
    if (!CHECK(sent - before >= 2 && sent - before < sizeof bytes))
        return;
    CHECK(port_receive(port, got, (size_t)(sent - before)));
    bytes[sent - before - 1] = '!';
    CHECK_EQ(memcmp(got, bytes, (size_t)(sent - before)), 0);
}

static void rxclear_empties_the_type_ahead(struct port *port)
{
    char bytes[100] = {0};

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_deliver(port, bytes, sizeof bytes);
    CHECK_EQ(port_queued(port), sizeof bytes);
    CHECK(PurgeComm(port->near, PURGE_RXCLEAR));
    CHECK_EQ(port_queued(port), 0);
    port_deliver(port, "x", 1);
    expect_queued("afterwards", port, "x", 1);
}

static void rxclear_leaves_a_read_what_it_has(struct port *port)
{
    struct request read;

    port_open(port, FILE_FLAG_OVERLAPPED);
    read_pends(port, &read, 5);
    port_deliver(port, "ab", 2);
    CHECK(PurgeComm(port->near, PURGE_RXCLEAR));
    CHECK(port_pends(port, &read));
    port_send(port, "cde", 3);
    read_ends("it goes on", port, &read, "abcde");
}

static void rxabort_and_rxclear_leave_neither_reads_nor_bytes(struct port *port)
{
    struct request read;

    port_open(port, FILE_FLAG_OVERLAPPED);
    read_pends(port, &read, 5);
    port_deliver(port, "ab", 2);
    CHECK(PurgeComm(port->near, PURGE_RXABORT | PURGE_RXCLEAR));
    transfer_ends("aborted", port, &read, STATUS_CANCELLED, 0);
    CHECK_EQ(port_queued(port), 0);
    port_deliver(port, "x", 1);
    expect_queued("afterwards", port, "x", 1);
}

static const struct {
    const char *when;
    DWORD flags;
    bool reads_stay, writes_stay;
} others[] = {
    {"TXCLEAR alone does nothing",  PURGE_TXCLEAR,                 true,  true },
    {"RXCLEAR is not for writes",   PURGE_RXCLEAR,                 true,  true },
    {"TXABORT is not for reads",    PURGE_TXABORT,                 true,  false},
    {"RXABORT is not for writes",   PURGE_RXABORT,                 false, true },
    {"both ends are meant",         PURGE_TXABORT | PURGE_RXABORT, false, false},
    {"TXABORT goes with TXCLEAR",   PURGE_TXABORT | PURGE_TXCLEAR, true,  false},
    {"all flags are given at once", 0x0F,                          false, false},
};

static void each_flag_ends_what_it_names_and_no_more(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        const char *when = others[i].when;
        struct request read, write;

        CHECK(EscapeCommFunction(port->near, SETXOFF));
        read_pends(port, &read, 2);
        write_pends(port, &write, "out", 3);
        CHECK(PurgeComm(port->near, others[i].flags));
        CHECK_EQ_WHEN(when, port_pends(port, &read), others[i].reads_stay);
        CHECK_EQ_WHEN(when, port_pends(port, &write), others[i].writes_stay);
        CHECK(EscapeCommFunction(port->near, SETXON));
        port_deliver(port, "in", 2);
        if (others[i].reads_stay)
            read_ends(when, port, &read, "in");
        else
            transfer_ends(when, port, &read, STATUS_CANCELLED, 0);
        if (others[i].writes_stay)
            CHECK(port_expect(port, "out", 3));
        transfer_ends(when, port, &write, others[i].writes_stay ? STATUS_SUCCESS : STATUS_CANCELLED,
                      others[i].writes_stay ? 3 : 0);
        CHECK(PurgeComm(port->near, PURGE_RXCLEAR));
    }
}

static void a_write_that_is_done_is_never_taken_back(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    write_all(port, "done", 4);
    CHECK(PurgeComm(port->near, PURGE_TXABORT | PURGE_TXCLEAR));
    CHECK(port_expect(port, "done", 4));
}

static void a_purge_forgets_neither_mask_nor_events_nor_errors(struct port *port)
{
    static char bytes[4097];
    DWORD mask = 0;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RXCHAR | EV_TXEMPTY));
    port_deliver(port, bytes, sizeof bytes);
    CHECK(PurgeComm(port->near, 0x0F));
    CHECK(GetCommMask(port->near, &mask));
    CHECK_EQ(mask, EV_RXCHAR | EV_TXEMPTY);
    CHECK_EQ(latched(port), EV_RXCHAR);
    CHECK_EQ(errors_of(port), CE_RXOVER);
}

PORT_TEST_MAIN(ON_BOTH(flags_that_are_none_are_refused), ON_BOTH(rxabort_ends_all_reads),
               ON_BOTH(txabort_ends_all_writes_and_nothing_of_them_is_sent),
               ON_PACED_CABLE(txabort_takes_back_what_has_not_left),
               ON_BOTH(rxclear_empties_the_type_ahead), ON_BOTH(rxclear_leaves_a_read_what_it_has),
               ON_BOTH(rxabort_and_rxclear_leave_neither_reads_nor_bytes),
               ON_BOTH(each_flag_ends_what_it_names_and_no_more),
               ON_BOTH(a_write_that_is_done_is_never_taken_back),
               ON_BOTH(a_purge_forgets_neither_mask_nor_events_nor_errors))
