/* SPDX-License-Identifier: MIT */
/* Ports, with every request they make of the system refused in turn: a call fails with an error
 * that says so or does without, leaves nothing, and works the next time. */
#include "faults.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libcomm/serial.h>

#include "libcomm/dev/serial/names.h"
#include "libcomm/plat/testing.h"

#define READ_WRITE (GENERIC_READ | GENERIC_WRITE)

static char tty_name[64];

/* ---- scenes ---- */

static void tty_closed(struct scene *s)
{
    scene_objects(s);
    s->ov.hEvent = s->event;
    s->fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    IN_CHILD(s->fd > 0 && grantpt(s->fd) == 0 && unlockpt(s->fd) == 0 &&
             ptsname_r(s->fd, tty_name, sizeof tty_name) == 0);
}

static HANDLE open_tty(void)
{
    return CreateFileA(tty_name, READ_WRITE, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
}

static void tty_open(struct scene *s)
{
    tty_closed(s);
    s->end[0] = open_tty();
    IN_CHILD(s->end[0] != INVALID_HANDLE_VALUE);
}

static void cable_made(struct scene *s)
{
    scene_objects(s);
    s->ov.hEvent = s->event;
    s->cable = CommCreateNullModem(7, 8, 0);
    IN_CHILD(s->cable != NULL);
}

static void cable_open(struct scene *s)
{
    cable_made(s);
    for (DWORD i = 0; i < 2; i++) {
        s->end[i] = OpenCommPort(7 + i, READ_WRITE, FILE_FLAG_OVERLAPPED);
        IN_CHILD(s->end[i] != INVALID_HANDLE_VALUE);
    }
}

/* A machine without ports of its own: how much listing asks for depends on it. */
static void only_a_cable(struct scene *s)
{
    ci_roots = (struct ci_roots){"/no-dev", "/no-sys", "/no-etc", "/no-run"};
    cable_made(s);
}

/* ---- opening ---- */

static DWORD opens_tty(struct scene *s)
{
    return error_of(s->made = open_tty());
}

static DWORD opens_end(struct scene *s)
{
    return error_of(s->made = OpenCommPort(7, READ_WRITE, FILE_FLAG_OVERLAPPED));
}

static DWORD makes_cable(struct scene *s)
{
    return error_of(s->made = CommCreateNullModem(0, 0, 0));
}

static DWORD lists(struct scene *s)
{
    ULONG ports[16], found;
    DWORD error = GetCommPorts(ports, ARRAY_LEN(ports), &found);

    (void)s;
    return error == ERROR_FILE_NOT_FOUND ? 0 : error;
}

static const struct scenario opening[] = {
    {"CreateFile of a tty",       tty_closed,    opens_tty,   NULL, false, false},
    {"OpenCommPort of a cable",   cable_made,    opens_end,   NULL, false, false},
    {"CommCreateNullModem",       scene_objects, makes_cable, NULL, false, false},
    {"GetCommPorts with a cable", only_a_cable,  lists,       NULL, false, false},
};

static void a_port_opens_or_was_refused(void)
{
    CHECK(faults_run(opening, ARRAY_LEN(opening)) > 0);
}

/* ---- the calls ---- */

static DWORD calls_everything(struct scene *s)
{
    HANDLE h = s->end[0];
    DWORD n, size = sizeof(COMMCONFIG);
    COMMTIMEOUTS times;
    COMMPROP properties;
    COMMCONFIG config;
    COMSTAT stat;
    DCB dcb;

    return error_unless(GetCommState(h, &dcb) && SetCommState(h, &dcb) &&
                        GetCommTimeouts(h, &times) && SetCommTimeouts(h, &times) &&
                        GetCommProperties(h, &properties) && GetCommConfig(h, &config, &size) &&
                        SetCommConfig(h, &config, size) && SetCommMask(h, EV_RXCHAR | EV_CTS) &&
                        GetCommMask(h, &n) && SetCommMask(h, 0) && ClearCommError(h, &n, &stat) &&
                        EscapeCommFunction(h, SETXOFF) && EscapeCommFunction(h, SETXON) &&
                        EscapeCommFunction(h, RESETDEV) && SetCommBreak(h) && ClearCommBreak(h) &&
                        PurgeComm(h, PURGE_RXCLEAR | PURGE_TXCLEAR));
}

static DWORD grows(struct scene *s)
{
    static DWORD size = 4096;

    return error_unless(SetupComm(s->end[0], size *= 2, 0));
}

static DWORD sends_char(struct scene *s)
{
    return error_unless(TransmitCommChar(s->end[0], 'x'));
}

static DWORD flushes(struct scene *s)
{
    return error_unless(FlushFileBuffers(s->end[0]));
}

static DWORD builds(struct scene *s)
{
    COMMTIMEOUTS times;
    DCB dcb = {0};

    (void)s;
    return error_unless(
        BuildCommDCBAndTimeoutsA("baud=9600 parity=n data=8 stop=1 to=on", &dcb, &times) &&
        BuildCommDCBW(u"96,n,8,1", &dcb));
}

static const struct scenario calling[] = {
    {"all calls on a tty",          tty_open,   calls_everything, NULL, true,  false},
    {"all calls on a cable",        cable_open, calls_everything, NULL, true,  false},
    {"SetupComm",                   tty_open,   grows,            NULL, false, false},
    {"TransmitCommChar on a tty",   tty_open,   sends_char,       NULL, false, false},
    {"TransmitCommChar on a cable", cable_open, sends_char,       NULL, false, false},
    {"FlushFileBuffers",            cable_open, flushes,          NULL, false, false},
    {"BuildCommDCB",                NULL,       builds,           NULL, false, false},
};

static void a_call_works_or_was_refused(void)
{
    (void)faults_run(calling, ARRAY_LEN(calling));
    CHECK(true);
}

/* ---- transfers ---- */

static void ov_clear(struct scene *s)
{
    s->ov = (OVERLAPPED){.hEvent = s->ov.hEvent};
    IN_CHILD(ResetEvent(s->event));
}

static DWORD start_of(BOOL ok)
{
    DWORD error = ok ? 0 : GetLastError();

    return error == ERROR_IO_PENDING ? 0 : error;
}

/* What was issued is over when its result is there, whatever was refused meanwhile. */
static DWORD result_of(struct scene *s, DWORD expected)
{
    DWORD n = 0;

    IN_CHILD(GetOverlappedResult(s->end[0], &s->ov, &n, TRUE) && n == expected);
    return 0;
}

static void far_sends(struct scene *s, const char *bytes, DWORD len)
{
    OVERLAPPED ov = {0};

    if (s->fd != 0) {
        IN_CHILD(write(s->fd, bytes, len) == (ssize_t)len);
        return;
    }
    ci_testing_fail(0, 0, false); /* the other port's requests are not what is tried */
    IN_CHILD(WriteFile(s->end[1], bytes, len, NULL, &ov) || GetLastError() == ERROR_IO_PENDING);
}

static DWORD reads(struct scene *s)
{
    DWORD error;

    ov_clear(s);
    error = start_of(ReadFile(s->end[0], s->buf, 4, NULL, &s->ov));
    if (error != 0)
        return error;
    far_sends(s, "data", 4);
    return result_of(s, 4);
}

static DWORD writes(struct scene *s)
{
    DWORD error;

    ov_clear(s);
    error = start_of(WriteFile(s->end[0], "data", 4, NULL, &s->ov));
    return error != 0 ? error : result_of(s, 4);
}

static DWORD waits(struct scene *s)
{
    DWORD events = 0, error;

    IN_CHILD(PurgeComm(s->end[0], PURGE_RXCLEAR));
    ov_clear(s);
    error = start_of(WaitCommEvent(s->end[0], &events, &s->ov));
    if (error != 0)
        return error;
    far_sends(s, "a", 1);
    result_of(s, sizeof events);
    IN_CHILD(events == EV_RXCHAR);
    return 0;
}

static DWORD is_cancelled(struct scene *s)
{
    DWORD error, n;

    ov_clear(s);
    error = start_of(ReadFile(s->end[0], s->buf, 4, NULL, &s->ov));
    if (error != 0)
        return error;
    IN_CHILD(CancelIoEx(s->end[0], &s->ov));
    IN_CHILD(!GetOverlappedResult(s->end[0], &s->ov, &n, TRUE) &&
             GetLastError() == ERROR_OPERATION_ABORTED);
    return 0;
}

static DWORD times_out(struct scene *s)
{
    COMMTIMEOUTS times = {.ReadTotalTimeoutConstant = 10};
    DWORD error;

    IN_CHILD(SetCommTimeouts(s->end[0], &times));
    ov_clear(s);
    error = start_of(ReadFile(s->end[0], s->buf, 4, NULL, &s->ov));
    times.ReadTotalTimeoutConstant = 0;
    if (error == 0)
        error = result_of(s, 0);
    IN_CHILD(SetCommTimeouts(s->end[0], &times));
    return error;
}

static void tty_with_mask(struct scene *s)
{
    tty_open(s);
    IN_CHILD(SetCommMask(s->end[0], EV_RXCHAR));
}

static void cable_with_mask(struct scene *s)
{
    cable_open(s);
    IN_CHILD(SetCommMask(s->end[0], EV_RXCHAR));
}

static const struct scenario moving[] = {
    {"a read on a tty",                   tty_open,        reads,        NULL, false, false},
    {"a read on a cable",                 cable_open,      reads,        NULL, false, false},
    {"a read on a tty, everywhere",       tty_open,        reads,        NULL, false, true },
    {"a write on a tty",                  tty_open,        writes,       NULL, false, false},
    {"a write on a cable",                cable_open,      writes,       NULL, false, false},
    {"WaitCommEvent on a tty",            tty_with_mask,   waits,        NULL, false, false},
    {"WaitCommEvent on a cable",          cable_with_mask, waits,        NULL, false, false},
    {"a read that is cancelled",          tty_open,        is_cancelled, NULL, false, false},
    {"a read that times out",             tty_open,        times_out,    NULL, false, false},
    {"a read that times out, everywhere", cable_open,      times_out,    NULL, false, true },
};

static void a_request_ends_or_was_refused(void)
{
    CHECK(faults_run(moving, ARRAY_LEN(moving)) > 0);
}

/* ---- closing ---- */

static DWORD open_and_close(struct scene *s, HANDLE handle)
{
    OVERLAPPED ov = {.hEvent = s->event};

    if (handle == INVALID_HANDLE_VALUE)
        return GetLastError();
    if (!ReadFile(handle, s->buf, 4, NULL, &ov) && GetLastError() != ERROR_IO_PENDING)
        ov.Internal = STATUS_CANCELLED; /* refused */
    IN_CHILD(CloseHandle(handle));
    IN_CHILD(ov.Internal == STATUS_CANCELLED);
    return 0;
}

static DWORD tty_comes_and_goes(struct scene *s)
{
    return open_and_close(s, open_tty());
}

static DWORD end_comes_and_goes(struct scene *s)
{
    return open_and_close(s, OpenCommPort(7, READ_WRITE, FILE_FLAG_OVERLAPPED));
}

static const struct scenario closing[] = {
    {"a tty closed with a read pending",              tty_closed, tty_comes_and_goes, NULL, false, false},
    {"an end closed with a read pending",             cable_made, end_comes_and_goes, NULL, false, false},
    {"a tty closed, with all requests of the engine", tty_closed, tty_comes_and_goes, NULL, false,
     true                                                                                               },
};

static void a_close_always_works(void)
{
    CHECK(faults_run(closing, ARRAY_LEN(closing)) > 0);
}

COMM_TEST_MAIN(TEST(a_port_opens_or_was_refused), TEST(a_call_works_or_was_refused),
               TEST(a_request_ends_or_was_refused), TEST(a_close_always_works))
