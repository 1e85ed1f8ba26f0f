/* SPDX-License-Identifier: MIT */
/* What a write's time limits mean while nothing goes out: when it ends, what it reports, and that
 * what it did not report is never sent. */
#include <string.h>

#include "limits.h"

static void cts_out(DCB *dcb)
{
    dcb->fOutxCtsFlow = 1;
}

/* A write of `len` bytes that is expected to wait. */
static void write_pends(struct request *request, const struct port *port, const void *bytes,
                        DWORD len)
{
    request_open(request, true);
    CHECK_FAILS(WriteFile(port->near, bytes, len, NULL, &request->ov), ERROR_IO_PENDING);
}

static void hold(struct port *port, bool held)
{
    CHECK(EscapeCommFunction(port->near, held ? SETXOFF : SETXON));
}

/* What it reports has arrived, and what is written next comes right behind that. */
static void the_rest_is_never_sent(struct port *port, const char *bytes, DWORD count)
{
    struct request end;

    port_write_times(port, 0, 0);
    request_open(&end, true);
    CHECK(WriteFile(port->near, "<end>", 5, NULL, &end.ov) || GetLastError() == ERROR_IO_PENDING);
    CHECK(port_expect(port, bytes, count));
    port_ends("the next", port, &end, STATUS_SUCCESS, 5);
    CHECK(port_expect(port, "<end>", 5));
    request_close(&end);
}

static void nothing_leaves_while_it_is_held(struct port *port)
{
    static const struct {
        const char *when;
        DWORD multiplier, constant, len, least_ms;
    } rows[] = {
        {"a constant",            0, 90, 100, 90 },
        {"a multiplier",          5, 0,  20,  100},
        {"both",                  2, 50, 20,  90 },
        {"less than a character", 0, 1,  1,   1  },
    };
    static const char bytes[100] = "held";

    port_open(port, FILE_FLAG_OVERLAPPED);
    hold(port, true);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint64_t start = steady_ms();
        struct request request;

        port_write_times(port, rows[i].multiplier, rows[i].constant);
        write_pends(&request, port, bytes, rows[i].len);
        port_ends(rows[i].when, port, &request, STATUS_TIMEOUT, 0);
        CHECK_EQ_WHEN(rows[i].when, steady_ms() - start >= rows[i].least_ms, true);
        request_close(&request);
    }
    hold(port, false);
    the_rest_is_never_sent(port, bytes, 0);
}

static void a_held_write_without_limits_waits(struct port *port)
{
    struct request request;

    port_open(port, FILE_FLAG_OVERLAPPED);
    hold(port, true);
    write_pends(&request, port, "waits", 5);
    CHECK(is_endless(port));
    CHECK(port_pends(port, &request));
    hold(port, false);
    port_ends("released", port, &request, STATUS_SUCCESS, 5);
    CHECK(port_expect(port, "waits", 5));
    request_close(&request);
}

static void a_write_behind_a_held_one_has_time_of_its_own(struct port *port)
{
    struct request first, second;
    uint64_t start = steady_ms();

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_write_times(port, 0, 60);
    hold(port, true);
    write_pends(&first, port, "first", 5);
    write_pends(&second, port, "second", 6);
    port_ends("the first", port, &first, STATUS_TIMEOUT, 0);
    port_ends("the second", port, &second, STATUS_TIMEOUT, 0);
    CHECK(steady_ms() - start >= 120);
    request_close(&first);
    request_close(&second);
}

/* ---- part of it has left ---- */

struct sent {
    struct port *port;
    ULONGLONG least;
};

static bool has_sent(void *arg)
{
    struct sent *sent = arg;
    ULONGLONG count = 0;

    return CHECK(CommGetNullModemSent(sent->port->cable, sent->port->number, &count)) &&
           count >= sent->least;
}

static void cts_cuts_a_write_short(struct port *port)
{
    struct sent sent = {port, 5};
    struct request request;
    uint64_t start = steady_ms();
    char bytes[2000];
    DWORD count = 0;
    ULONGLONG left = 0;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)i;
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, cts_out);
    port_write_times(port, 0, 300);
    write_pends(&request, port, bytes, sizeof bytes); /* at 9600: two seconds */
    comm_wait_until(has_sent, &sent);
    port_hold_lines(port, MS_CTS_ON, 0);
    request_finishes(&request);
    CHECK(GetOverlappedResult(port->near, &request.ov, &count, TRUE));
    CHECK(steady_ms() - start >= 300);
    CHECK_EQ(request_status(&request), STATUS_TIMEOUT);
    CHECK(CommGetNullModemSent(port->cable, port->number, &left));
    CHECK_EQ(count, left);
    CHECK(count >= 5 && count < sizeof bytes);
    port_hold_lines(port, 0, 0);
    the_rest_is_never_sent(port, bytes, count);
    request_close(&request);
}

static void a_peer_that_does_not_read_cuts_a_write_short(struct port *port)
{
    static char bytes[200000];
    struct request request;
    DWORD count = 0;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7 + i / 256);
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_write_times(port, 0, 100);
    write_pends(&request, port, bytes, sizeof bytes);
    request_finishes(&request);
    CHECK(GetOverlappedResult(port->near, &request.ov, &count, TRUE));
    CHECK_EQ(request_status(&request), STATUS_TIMEOUT);
    CHECK(count > 0 && count < sizeof bytes);
    the_rest_is_never_sent(port, bytes, count);
    request_close(&request);
}

PORT_TEST_MAIN(ON_BOTH(nothing_leaves_while_it_is_held), ON_BOTH(a_held_write_without_limits_waits),
               ON_BOTH(a_write_behind_a_held_one_has_time_of_its_own),
               ON_PACED_CABLE(cts_cuts_a_write_short),
               ON_PTY(a_peer_that_does_not_read_cuts_a_write_short))
