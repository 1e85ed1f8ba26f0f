/* SPDX-License-Identifier: MIT */
/* Makes ports and what is at their other end.  What cannot be made ends the file as failed: no test
 * could say anything then. */
#include "port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/rig/guest/ask.h"

#define FAR_TYPEAHEAD (1u << 20)

static void must(bool done, const char *what)
{
    if (done)
        return;
    fprintf(stderr, "%s failed, last error %u\n", what, GetLastError());
    exit(EXIT_FAILURE);
}

uint64_t steady_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

unsigned port_less(const struct port *port, unsigned count)
{
    return port->kind == PORT_TTY ? count / 64 : count;
}

/* ---- requests at the ends ---- */

/* One request, to its end; what was moved. */
static size_t moves(HANDLE file, bool writes, void *bytes, size_t len)
{
    OVERLAPPED ov = {.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
    DWORD count = 0;
    BOOL ok;

    must(ov.hEvent != NULL, "CreateEvent");
    ok = writes ? WriteFile(file, bytes, (DWORD)len, NULL, &ov)
                : ReadFile(file, bytes, (DWORD)len, NULL, &ov);
    CHECK(ok || GetLastError() == ERROR_IO_PENDING);
    if (!CHECK_EQ(WaitForSingleObject(ov.hEvent, 2 * SOON_MS), WAIT_OBJECT_0))
        CancelIoEx(file, &ov);
    CHECK(GetOverlappedResult(file, &ov, &count, TRUE));
    CHECK(CloseHandle(ov.hEvent));
    return count;
}

/* ---- a port's life ---- */

static HANDLE open_by_number(DWORD number)
{
    return OpenCommPort(number, READ_WRITE, FILE_FLAG_OVERLAPPED);
}

static void plug_cable(struct port *port, DWORD flags)
{
    port->cable = CommCreateNullModem(0, 0, flags);
    must(port->cable != NULL, "CommCreateNullModem");
    must(CommGetNullModemPorts(port->cable, &port->number, &port->peer), "CommGetNullModemPorts");
    snprintf(port->name, sizeof port->name, "\\\\.\\COM%u", port->number);
    port->far = open_by_number(port->peer);
    must(port->far != INVALID_HANDLE_VALUE, "opening the far port");
    must(SetupComm(port->far, FAR_TYPEAHEAD, 0), "SetupComm of the far port");
}

/* "NEAR,FAR"; NULL: there are none. */
static const char *given_ttys(void)
{
    const char *given = getenv("LIBCOMM_TEST_PORTS");

    return given != NULL && *given != '\0' ? given : NULL;
}

/* Then only what needs them runs there: all else does on ttys without. */
static bool ttys_have_lines(void)
{
    return getenv("LIBCOMM_TEST_LINES") != NULL;
}

static HANDLE open_tty(const char *name)
{
    HANDLE tty = CreateFileA(name, READ_WRITE, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);

    must(tty != INVALID_HANDLE_VALUE, name);
    return tty;
}

/* Whatever the test before this one left on the wire has arrived when this has. */
static void wire_empties(HANDLE from, HANDLE to)
{
    COMMTIMEOUTS times = {.ReadTotalTimeoutConstant = SOON_MS};
    static unsigned serial;
    char mark[32], got[sizeof mark] = "";
    size_t len;

    snprintf(mark, sizeof mark, "<wire is empty %u>", ++serial);
    len = strlen(mark);
    must(SetCommTimeouts(to, &times), "SetCommTimeouts");
    must(moves(from, true, mark, len) == len, "writing to a tty");
    while (memcmp(got, mark, len) != 0) {
        memmove(got, got + 1, len - 1);
        must(moves(to, false, got + len - 1, 1) == 1, "reading what was written to a tty");
    }
    times.ReadTotalTimeoutConstant = 0;
    must(SetCommTimeouts(to, &times), "SetCommTimeouts");
}

static void plug_ttys(struct port *port)
{
    HANDLE near;

    must(sscanf(given_ttys(), "%63[^,],%63s", port->name, port->far_name) == 2,
         "reading $LIBCOMM_TEST_PORTS");
    if (ttys_have_lines())
        rig_ask("lines cross");
    port->far = open_tty(port->far_name);
    near = open_tty(port->name);
    wire_empties(near, port->far);
    wire_empties(port->far, near);
    CHECK(CloseHandle(near));
    must(PurgeComm(port->far, PURGE_RXCLEAR), "PurgeComm");
    must(SetupComm(port->far, FAR_TYPEAHEAD, 0), "SetupComm of the far tty");
}

static void plug_pty(struct port *port)
{
    pty_open(&port->pty);
    memcpy(port->name, port->pty.path, sizeof port->name);
}

void port_plug(struct port *port, enum port_kind kind, DWORD cable_flags)
{
    memset(port, 0, sizeof *port);
    port->kind = kind;
    port->flags = cable_flags;
    port->pty.master = -1;
    if (kind == PORT_PTY)
        plug_pty(port);
    else if (kind == PORT_CABLE)
        plug_cable(port, cable_flags);
    else
        plug_ttys(port);
}

HANDLE port_try(const struct port *port, DWORD access, DWORD flags)
{
    return CreateFileA(port->name, access, 0, NULL, OPEN_EXISTING, flags, NULL);
}

void port_open_for(struct port *port, DWORD access, DWORD flags)
{
    port->near = port_try(port, access, flags);
    must(port->near != INVALID_HANDLE_VALUE, "CreateFile of a port");
}

void port_open(struct port *port, DWORD flags)
{
    port_open_for(port, READ_WRITE, flags);
}

void port_shut(struct port *port)
{
    if (port->near != NULL)
        CHECK(CloseHandle(port->near));
    port->near = NULL;
}

uint64_t port_close_ms(const struct port *port)
{
    return port->kind == PORT_TTY ? SOON_MS : 1000;
}

void port_hang_up(struct port *port)
{
    pty_hang_up(&port->pty);
    if (port->cable != NULL)
        CHECK(CloseHandle(port->cable));
    port->cable = NULL;
}

void port_unplug(struct port *port)
{
    port_shut(port);
    if (port->far != NULL)
        CHECK(CloseHandle(port->far));
    port->far = NULL;
    port_hang_up(port);
}

/* ---- the far port ---- */

static size_t far_reads(struct port *port, void *bytes, size_t len, COMMTIMEOUTS times)
{
    CHECK(SetCommTimeouts(port->far, &times));
    return len == 0 ? 0 : moves(port->far, false, bytes, len);
}

/* ---- what the far end does ---- */

void port_send(struct port *port, const void *bytes, size_t len)
{
    if (port->kind == PORT_PTY)
        pty_send(&port->pty, bytes, len);
    else
        CHECK_EQ(moves(port->far, true, (void *)(uintptr_t)bytes, len), len);
}

struct received {
    const struct port *port;
    DWORD count;
};

static bool is_received(void *arg)
{
    struct received *received = arg;

    return port_received(received->port) == received->count;
}

void port_deliver(struct port *port, const void *bytes, size_t len)
{
    struct received received = {port, port_received(port) + (DWORD)len};

    port_send(port, bytes, len);
    comm_wait_until(is_received, &received);
}

bool port_receive(struct port *port, void *bytes, size_t len)
{
    COMMTIMEOUTS times = {.ReadTotalTimeoutConstant = SOON_MS};
    unsigned failures = CU_get_number_of_failures();

    if (port->kind != PORT_PTY)
        return CHECK_EQ(far_reads(port, bytes, len, times), len);
    pty_receive(&port->pty, bytes, len);
    return CU_get_number_of_failures() == failures;
}

bool port_expect(struct port *port, const void *bytes, size_t len)
{
    char *got = calloc(1, len + 1);
    bool same;

    must(got != NULL, "calloc");
    same = port_receive(port, got, len) && CHECK(memcmp(got, bytes, len) == 0);
    free(got);
    return same;
}

size_t port_take(struct port *port, void *bytes, size_t room)
{
    COMMTIMEOUTS times = {.ReadIntervalTimeout = MAXDWORD};

    if (port->kind != PORT_PTY)
        return far_reads(port, bytes, room, times);
    return pty_take(&port->pty, bytes, room);
}

/* ---- lines ---- */

struct lines {
    const struct port *port;
    DWORD mask, levels;
};

static bool has_lines(void *arg)
{
    const struct lines *lines = arg;
    DWORD levels = 0;

    return CHECK(GetCommModemStatus(lines->port->near, &levels)) &&
           (levels & lines->mask) == (lines->levels & lines->mask);
}

void port_hold_lines(const struct port *port, DWORD mask, DWORD levels)
{
    struct lines lines = {port, mask, levels};

    if (port->kind == PORT_CABLE) {
        CHECK(CommSetNullModemLines(port->cable, port->number, mask, levels));
        return;
    }
    rig_ask("lines hold A %x %x", mask, levels);
    comm_wait_until(has_lines, &lines);
}

/* ---- what the near end says of itself ---- */

DWORD port_received(const struct port *port)
{
    SERIALPERF_STATS stats = {0};
    struct request request;

    request_open(&request, true);
    CHECK(DeviceIoControl(port->near, IOCTL_SERIAL_GET_STATS, NULL, 0, &stats, sizeof stats,
                          &request.count, &request.ov));
    request_close(&request);
    return stats.ReceivedCount;
}

DWORD port_queued(const struct port *port)
{
    COMSTAT stat = {0};

    CHECK(ClearCommError(port->near, NULL, &stat));
    return stat.cbInQue;
}

struct queued {
    const struct port *port;
    DWORD count;
};

static bool is_queued(void *arg)
{
    struct queued *queued = arg;

    return port_queued(queued->port) == queued->count;
}

bool port_wait_queued(const struct port *port, DWORD count)
{
    struct queued queued = {port, count};

    return comm_wait_until(is_queued, &queued);
}

void port_read_times(const struct port *port, DWORD interval, DWORD multiplier, DWORD constant)
{
    COMMTIMEOUTS times;

    CHECK(GetCommTimeouts(port->near, &times));
    times.ReadIntervalTimeout = interval;
    times.ReadTotalTimeoutMultiplier = multiplier;
    times.ReadTotalTimeoutConstant = constant;
    CHECK(SetCommTimeouts(port->near, &times));
}

void port_write_times(const struct port *port, DWORD multiplier, DWORD constant)
{
    COMMTIMEOUTS times;

    CHECK(GetCommTimeouts(port->near, &times));
    times.WriteTotalTimeoutMultiplier = multiplier;
    times.WriteTotalTimeoutConstant = constant;
    CHECK(SetCommTimeouts(port->near, &times));
}

void port_change(const struct port *port, void (*change)(DCB *dcb))
{
    DCB dcb;

    CHECK(GetCommState(port->near, &dcb));
    change(&dcb);
    CHECK(SetCommState(port->near, &dcb));
}

/* ---- requests at the near end ---- */

void port_ends(const char *when, const struct port *port, struct request *request, DWORD status,
               DWORD count)
{
    bool works = status == STATUS_SUCCESS || status == STATUS_TIMEOUT;
    DWORD got = 0xBAD;

    if (!request_finishes(request)) /* it must not outlive its memory */
        CancelIoEx(port->near, &request->ov);
    CHECK_EQ_WHEN(when, GetOverlappedResult(port->near, &request->ov, &got, TRUE), works);
    CHECK_EQ_WHEN(when, got, count);
    request_ends(when, request, status, count);
}

bool port_pends(const struct port *port, struct request *request)
{
    (void)port_queued(port);
    return !request_is_final(request);
}

/* ---- tests ---- */

static struct {
    const struct port_test *tests;
    size_t count;
} file_of;

static const struct port_test *current_test(void)
{
    const char *name = CU_get_current_test()->pName;

    for (size_t i = 0; i < file_of.count; i++) {
        if (strcmp(file_of.tests[i].name, name) == 0)
            return &file_of.tests[i];
    }
    abort();
}

static void run_on(const struct port_test *test, enum port_kind kind)
{
    static const char *const names[] = {
        [PORT_PTY] = "pty", [PORT_CABLE] = "cable", [PORT_TTY] = "tty"};
    unsigned failures = CU_get_number_of_failures();
    struct port port;

    port_plug(&port, kind, test->flags);
    test->with(&port);
    port_unplug(&port);
    if (CU_get_number_of_failures() != failures)
        printf("note  %s failed on a %s\n", test->name, names[kind]);
    fflush(stdout); /* the next one may never end */
}

static void run_test(void)
{
    const struct port_test *test = current_test();

    if (test->run != NULL)
        test->run();
    else if (given_ttys() != NULL)
        run_on(test, PORT_TTY);
    if (given_ttys() != NULL)
        return;
    if (test->pty)
        run_on(test, PORT_PTY);
    if (test->cable)
        run_on(test, PORT_CABLE);
}

/* On ttys, what runs elsewhere only is not there at all, lest it count as passed. */
static bool runs_here(const struct port_test *test)
{
    if (given_ttys() == NULL)
        return test->run != NULL || test->pty || test->cable;
    return ttys_have_lines() ? test->lines : test->tty;
}

int port_test_main(int argc, char **argv, const char *file, const struct port_test *tests,
                   size_t count)
{
    struct comm_test *runs = calloc(count, sizeof *runs);
    size_t here = 0;
    int status;

    must(runs != NULL && setenv("LIBCOMM_PORTS", "", 1) == 0, "preparing the tests");
    file_of.tests = tests;
    file_of.count = count;
    for (size_t i = 0; i < count; i++) {
        if (runs_here(&tests[i]))
            runs[here++] = (struct comm_test){.name = tests[i].name, .run = run_test};
    }
    status = comm_test_main(argc, argv, file, runs, here);
    free(runs);
    return status;
}
