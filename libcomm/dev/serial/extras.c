/* SPDX-License-Identifier: MIT */
/* What Linux can do with a port and Win32 has no call for. */
#include <libcomm/native.h>

#include <errno.h>

#include "libcomm/dev/serial/control.h"
#include "libcomm/dev/serial/tty.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/trace.h"

static bool leave(struct ci_serial *s, struct ci_done *done, int error)
{
    ci_serial_leave(s, done);
    if (error == 0)
        return true;
    if (error == -ENOTSUP || error == -ENOTTY)
        return ci_fail(ERROR_NOT_SUPPORTED);
    return ci_fail(error == -EPERM || error == -EACCES ? ERROR_ACCESS_DENIED
                                                       : ci_errno_error(CI_DOM_TTY, -error));
}

/* A simulated cable has no driver. */
static bool has_driver(const struct ci_serial *s)
{
    return s->line->fd >= 0;
}

static bool rate_get(HANDLE handle, DWORD *rate)
{
    struct ci_serial *s;
    struct ci_done done;

    if (rate == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    s = ci_serial_enter(handle, 0, &done);
    if (s == NULL)
        return false;
    *rate = has_driver(s) ? ci_tty_rate(s->line) : s->com.set.baud;
    return leave(s, &done, 0);
}

BOOL CommGetPortRate(HANDLE port, DWORD *rate)
{
    CI_TRACED_BOOL(rate_get(port, rate), "CommGetPortRate %s", ci_trace_handle(port));
}

static bool rs485_set(HANDLE handle, COMM_RS485 *settings)
{
    struct ci_rs485 wanted, granted;
    struct ci_serial *s;
    struct ci_done done;
    int error = -ENOTSUP;

    if (settings == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    s = ci_serial_enter(handle, 0, &done);
    if (s == NULL)
        return false;
    wanted = (struct ci_rs485){
        .enabled = settings->enabled != 0,
        .rts_on_send = settings->rts_on_send != 0,
        .rts_after_send = settings->rts_after_send != 0,
        .receives_own = settings->receive_own != 0,
        .terminates = settings->terminate != 0,
        .before_ms = settings->before_ms,
        .after_ms = settings->after_ms,
    };
    if (has_driver(s))
        error = ci_tty_rs485(s->line, &wanted, &granted);
    if (error == 0)
        *settings = (COMM_RS485){granted.enabled,      granted.rts_on_send, granted.rts_after_send,
                                 granted.receives_own, granted.terminates,  granted.before_ms,
                                 granted.after_ms};
    return leave(s, &done, error);
}

BOOL CommSetPortRs485(HANDLE port, COMM_RS485 *settings)
{
    CI_TRACED_BOOL(rs485_set(port, settings), "CommSetPortRs485 %s", ci_trace_handle(port));
}

static bool latency_set(HANDLE handle, bool on)
{
    struct ci_done done;
    struct ci_serial *s = ci_serial_enter(handle, 0, &done);

    if (s == NULL)
        return false;
    return leave(s, &done, has_driver(s) ? ci_tty_low_latency(s->line, on) : -ENOTSUP);
}

BOOL CommSetPortLowLatency(HANDLE port, BOOL on)
{
    CI_TRACED_BOOL(latency_set(port, on != 0), "CommSetPortLowLatency %s %d", ci_trace_handle(port),
                   on);
}

static bool outputs_keep(HANDLE handle, uint32_t outputs)
{
    struct ci_done done;
    struct ci_serial *s;

    if ((outputs & ~(uint32_t)(COMM_OUTPUT_DTR | COMM_OUTPUT_RTS)) != 0)
        return ci_fail(ERROR_INVALID_PARAMETER);
    s = ci_serial_enter(handle, 0, &done);
    if (s == NULL)
        return false;
    if (!has_driver(s))
        return leave(s, &done, -ENOTSUP);
    ci_tty_keep_outputs(s->line, ((outputs & COMM_OUTPUT_DTR) != 0 ? CI_OUT_DTR : 0u) |
                                     ((outputs & COMM_OUTPUT_RTS) != 0 ? CI_OUT_RTS : 0u));
    return leave(s, &done, 0);
}

BOOL CommKeepPortOutputs(HANDLE port, DWORD outputs)
{
    CI_TRACED_BOOL(outputs_keep(port, outputs), "CommKeepPortOutputs %s %x", ci_trace_handle(port),
                   outputs);
}

static bool stamps_set(HANDLE handle, bool on)
{
    struct ci_done done;
    struct ci_serial *s = ci_serial_enter(handle, 0, &done);

    if (s == NULL)
        return false;
    s->stamps = on;
    return leave(s, &done, 0);
}

BOOL CommSetReadStamps(HANDLE port, BOOL on)
{
    CI_TRACED_BOOL(stamps_set(port, on != 0), "CommSetReadStamps %s %d", ci_trace_handle(port), on);
}

static bool stamp_get(HANDLE handle, ULONGLONG *ns)
{
    struct ci_serial *s;
    struct ci_done done;

    if (ns == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    s = ci_serial_enter(handle, 0, &done);
    if (s == NULL)
        return false;
    *ns = s->stamp_ns;
    return leave(s, &done, 0);
}

BOOL CommGetReadStamp(HANDLE port, ULONGLONG *ns)
{
    CI_TRACED_BOOL(stamp_get(port, ns), "CommGetReadStamp %s", ci_trace_handle(port));
}
