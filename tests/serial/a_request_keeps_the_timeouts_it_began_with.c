/* SPDX-License-Identifier: MIT */
/* A read's limits are those of the moment at which its turn comes: later ones are for later reads,
 * and waiting in line costs no time. */
#include "limits.h"

#define SHORT_MS 60u

static bool have_times(const struct port *port, DWORD interval, DWORD multiplier, DWORD constant)
{
    COMMTIMEOUTS times = {0};

    return CHECK(GetCommTimeouts(port->near, &times)) &&
           CHECK_EQ(times.ReadIntervalTimeout, interval) &&
           CHECK_EQ(times.ReadTotalTimeoutMultiplier, multiplier) &&
           CHECK_EQ(times.ReadTotalTimeoutConstant, constant) &&
           CHECK_EQ(times.WriteTotalTimeoutMultiplier, 0) &&
           CHECK_EQ(times.WriteTotalTimeoutConstant, 0);
}

static void only_three_times_the_most_is_refused(struct port *port)
{
    COMMTIMEOUTS times = {MAXDWORD, MAXDWORD, MAXDWORD, 7, 7};

    port_open(port, 0);
    port_read_times(port, 1, 2, 3);
    CHECK_FAILS(SetCommTimeouts(port->near, &times), ERROR_INVALID_PARAMETER);
    CHECK(have_times(port, 1, 2, 3));
    CHECK_FAILS(SetCommTimeouts(port->near, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(GetCommTimeouts(port->near, NULL), ERROR_INVALID_PARAMETER);
    port_read_times(port, MAXDWORD, MAXDWORD, MAXDWORD - 1);
    CHECK(have_times(port, MAXDWORD, MAXDWORD, MAXDWORD - 1));
    port_read_times(port, MAXDWORD, MAXDWORD - 1, MAXDWORD);
    CHECK(have_times(port, MAXDWORD, MAXDWORD - 1, MAXDWORD));
    port_read_times(port, MAXDWORD - 1, MAXDWORD, MAXDWORD);
    CHECK(have_times(port, MAXDWORD - 1, MAXDWORD, MAXDWORD));
}

static void new_timeouts_are_for_the_next_read(struct port *port)
{
    struct request first, second;
    uint64_t start;

    port_open(port, FILE_FLAG_OVERLAPPED);
    request_open(&first, true);
    request_open(&second, true);
    request_pends(&first, port->near, 3);
    request_pends(&second, port->near, 3);
    port_read_times(port, 0, 0, SHORT_MS);
    CHECK(is_endless(port));
    CHECK(port_pends(port, &first));
    start = steady_ms();
    port_send(port, "abc", 3);
    port_ends("the first", port, &first, STATUS_SUCCESS, 3);
    port_ends("the second", port, &second, STATUS_TIMEOUT, 0);
    CHECK(steady_ms() - start >= SHORT_MS);
    request_close(&first);
    request_close(&second);
}

static void a_reads_time_begins_when_its_turn_comes(struct port *port)
{
    struct request request[3];
    uint64_t start;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_read_times(port, 0, 0, SHORT_MS);
    start = steady_ms();
    for (size_t i = 0; i < ARRAY_LEN(request); i++) {
        request_open(&request[i], true);
        request_pends(&request[i], port->near, 10);
    }
    for (size_t i = 0; i < ARRAY_LEN(request); i++) {
        port_ends("in turn", port, &request[i], STATUS_TIMEOUT, 0);
        CHECK(steady_ms() - start >= (i + 1) * SHORT_MS);
        request_close(&request[i]);
    }
}

static void a_read_behind_a_cancelled_one_begins_then(struct port *port)
{
    struct request first, second;
    uint64_t start;

    port_open(port, FILE_FLAG_OVERLAPPED);
    request_open(&first, true);
    request_open(&second, true);
    request_pends(&first, port->near, 3);
    request_pends(&second, port->near, 3);
    port_read_times(port, 0, 0, SHORT_MS);
    start = steady_ms();
    CHECK(CancelIoEx(port->near, &first.ov));
    port_ends("the first", port, &first, STATUS_CANCELLED, 0);
    port_ends("the second", port, &second, STATUS_TIMEOUT, 0);
    CHECK(steady_ms() - start >= SHORT_MS);
    request_close(&first);
    request_close(&second);
}

/* 2^20 * (MAXDWORD - 1) ms are more nanoseconds than 64 bits hold. */
static void a_limit_beyond_all_clocks_never_comes(struct port *port)
{
    static char large[1 << 20];
    struct request request;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_read_times(port, 0, MAXDWORD - 1, 0);
    request_open(&request, true);
    CHECK_FAILS(ReadFile(port->near, large, sizeof large, NULL, &request.ov), ERROR_IO_PENDING);
    port_deliver(port, "abc", 3);
    CHECK(is_endless(port));
    CHECK(port_pends(port, &request));
    CHECK(CancelIoEx(port->near, NULL));
    port_ends("cancelled", port, &request, STATUS_CANCELLED, 0);
    request_close(&request);
}

PORT_TEST_MAIN(ON_BOTH(only_three_times_the_most_is_refused),
               ON_BOTH(new_timeouts_are_for_the_next_read),
               ON_BOTH(a_reads_time_begins_when_its_turn_comes),
               ON_BOTH(a_read_behind_a_cancelled_one_begins_then),
               ON_BOTH(a_limit_beyond_all_clocks_never_comes))
