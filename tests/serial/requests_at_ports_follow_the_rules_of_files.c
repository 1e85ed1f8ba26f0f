/* SPDX-License-Identifier: MIT */
/* OVERLAPPED, its event and its offset, and requests for nothing: what all files share, and what a
 * port makes of it. */
#include <string.h>

#include "port.h"

static void an_overlapped_port_wants_an_overlapped(struct port *port)
{
    DWORD count;
    char c;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_deliver(port, "x", 1);
    for (DWORD len = 0; len < 2; len++) {
        count = 77;
        CHECK_FAILS(ReadFile(port->near, &c, len, &count, NULL), ERROR_INVALID_PARAMETER);
        CHECK_EQ(count, 0);
        count = 77;
        CHECK_FAILS(WriteFile(port->near, "y", len, &count, NULL), ERROR_INVALID_PARAMETER);
        CHECK_EQ(count, 0);
    }
    CHECK_EQ(port_queued(port), 1);
    CHECK_EQ(port_take(port, &c, 1), 0);
}

static void nothing_at_all_is_read_at_once(struct port *port)
{
    struct request pending, nothing;

    port_open(port, FILE_FLAG_OVERLAPPED);
    request_open(&pending, true);
    request_open(&nothing, true);
    request_pends(&pending, port->near, 3);
    CHECK(ReadFile(port->near, nothing.buf, 0, &nothing.count, &nothing.ov));
    CHECK_EQ(nothing.count, 0);
    CHECK(is_set(nothing.ov.hEvent));
    port_ends("nothing", port, &nothing, STATUS_SUCCESS, 0);
    CHECK(port_pends(port, &pending));
    port_send(port, "abc", 3);
    port_ends("the other", port, &pending, STATUS_SUCCESS, 3);
    request_close(&pending);
    request_close(&nothing);
}

static void nothing_at_all_is_written_at_once(struct port *port)
{
    struct request pending, nothing;

    port_open(port, FILE_FLAG_OVERLAPPED);
    request_open(&pending, true);
    request_open(&nothing, true);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    CHECK_FAILS(WriteFile(port->near, "held", 4, NULL, &pending.ov), ERROR_IO_PENDING);
    CHECK(WriteFile(port->near, "", 0, &nothing.count, &nothing.ov));
    port_ends("nothing", port, &nothing, STATUS_SUCCESS, 0);
    CHECK(port_pends(port, &pending));
    CHECK(EscapeCommFunction(port->near, SETXON));
    port_ends("the other", port, &pending, STATUS_SUCCESS, 4);
    CHECK(port_expect(port, "held", 4));
    request_close(&pending);
    request_close(&nothing);
}

static void waiting_calls_for_nothing_return_at_once(struct port *port)
{
    DWORD count = 77;
    char c;

    port_open(port, 0);
    CHECK(ReadFile(port->near, &c, 0, &count, NULL));
    CHECK_EQ(count, 0);
    count = 77;
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    CHECK(WriteFile(port->near, "", 0, &count, NULL));
    CHECK_EQ(count, 0);
}

/* ---- offsets ---- */

static void offset(struct request *request, DWORD high, DWORD low)
{
    request_close(request);
    request_open(request, true);
    request->ov.OffsetHigh = high;
    request->ov.Offset = low;
}

static void only_negative_offsets_are_wrong(struct port *port)
{
    static const struct {
        const char *when;
        DWORD high, low;
        bool reads, writes;
    } rows[] = {
        {"0",            0,          0,          true,  true },
        {"5",            0,          5,          true,  true },
        {"4 G",          1,          0,          true,  true },
        {"the greatest", 0x7FFFFFFF, 0xFFFFFFFF, true,  true },
        {"-1",           0xFFFFFFFF, 0xFFFFFFFF, false, true },
        {"-2",           0xFFFFFFFF, 0xFFFFFFFE, false, false},
        {"the least",    0x80000000, 0,          false, false},
    };
    struct request request;
    DWORD n = 0, count;
    bool written;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_deliver(port, "abcd", 4);
    request_open(&request, true);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        offset(&request, rows[i].high, rows[i].low);
        SetLastError(0);
        CHECK_EQ_WHEN(rows[i].when, ReadFile(port->near, request.buf, 1, NULL, &request.ov),
                      rows[i].reads);
        CHECK_EQ_WHEN(rows[i].when, GetLastError(), rows[i].reads ? 0 : ERROR_INVALID_PARAMETER);
        if (rows[i].reads)
            CHECK_EQ_WHEN(rows[i].when, request.buf[0], "abcd"[n++]);
        offset(&request, rows[i].high, rows[i].low);
        SetLastError(0);
        written = WriteFile(port->near, "w", 1, NULL, &request.ov) ||
                  GetLastError() == ERROR_IO_PENDING; /* drivers take their time */
        CHECK_EQ_WHEN(rows[i].when, written, rows[i].writes);
        if (written)
            CHECK(GetOverlappedResult(port->near, &request.ov, &count, TRUE));
        else
            CHECK_EQ_WHEN(rows[i].when, GetLastError(), ERROR_INVALID_PARAMETER);
    }
    request_close(&request);
    CHECK(port_expect(port, "wwwww", 5));
}

/* ---- events ---- */

static void the_event_says_whether_the_read_is_over(struct port *port)
{
    struct request request;

    port_open(port, FILE_FLAG_OVERLAPPED);
    request_open(&request, true);
    port_deliver(port, "abc", 3);
    CHECK(SetEvent(request.ov.hEvent));
    CHECK(ReadFile(port->near, request.buf, 3, &request.count, &request.ov));
    CHECK_EQ(request.count, 3);
    CHECK(is_set(request.ov.hEvent));
    CHECK(ResetEvent(request.ov.hEvent));
    port_deliver(port, "d", 1);
    CHECK(ReadFile(port->near, request.buf, 1, &request.count, &request.ov));
    CHECK(is_set(request.ov.hEvent));
    request_pends(&request, port->near, 2); /* it was set */
    CHECK(!is_set(request.ov.hEvent));
    port_deliver(port, "e", 1);
    CHECK(!is_set(request.ov.hEvent));
    port_send(port, "f", 1);
    CHECK_EQ(WaitForSingleObject(request.ov.hEvent, SOON_MS), WAIT_OBJECT_0);
    port_ends("pended", port, &request, STATUS_SUCCESS, 2);
    CHECK(memcmp(request.buf, "ef", 2) == 0);
    request_close(&request);
}

static void without_an_event_the_port_itself_is_signalled(struct port *port)
{
    struct request request;
    DWORD count = 0;

    port_open(port, FILE_FLAG_OVERLAPPED);
    request_open(&request, false);
    request_pends(&request, port->near, 3);
    CHECK(!is_set(port->near));
    port_send(port, "abc", 3);
    CHECK_EQ(WaitForSingleObject(port->near, SOON_MS), WAIT_OBJECT_0);
    CHECK(GetOverlappedResult(port->near, &request.ov, &count, FALSE));
    CHECK_EQ(count, 3);
    CHECK(WriteFile(port->near, "w", 1, NULL, &request.ov) || GetLastError() == ERROR_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(port->near, SOON_MS), WAIT_OBJECT_0);
    CHECK(GetOverlappedResult(port->near, &request.ov, &count, FALSE));
    CHECK_EQ(count, 1);
    request_close(&request);
}

PORT_TEST_MAIN(ON_BOTH(an_overlapped_port_wants_an_overlapped),
               ON_BOTH(nothing_at_all_is_read_at_once), ON_BOTH(nothing_at_all_is_written_at_once),
               ON_BOTH(waiting_calls_for_nothing_return_at_once),
               ON_BOTH(only_negative_offsets_are_wrong),
               ON_BOTH(the_event_says_whether_the_read_is_over),
               ON_BOTH(without_an_event_the_port_itself_is_signalled))
