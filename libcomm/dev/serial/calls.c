/* SPDX-License-Identifier: MIT */
/* The calls of Win32 on an open port.  Each is a control code, or a few. */
#include <libcomm/serial.h>

#include <stdio.h>

#include "libcomm/dev/serial/control.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/trace.h"

/* ---- asking ---- */

void ci_serial_leave(struct ci_serial *s, struct ci_done *done)
{
    ci_serial_follow(s, done);
    ci_unlock(&s->file.lock);
    ci_done_settle(done);
    ci_serial_meet(s);
    ci_file_put(&s->file);
}

struct ci_serial *ci_serial_enter(HANDLE handle, uint32_t code, struct ci_done *done)
{
    struct ci_serial *s = ci_serial_get(handle);
    uint32_t status;

    if (s == NULL)
        return NULL;
    ci_done_init(done);
    ci_lock(&s->file.lock);
    status = s->file.closing ? STATUS_INVALID_HANDLE : ci_serial_gate(s, code);
    if (status == STATUS_SUCCESS)
        return s;
    ci_serial_leave(s, done);
    ci_fail(ci_status_error(status));
    return NULL;
}

static bool ask(HANDLE handle, uint32_t code, struct ci_asked asked)
{
    struct ci_done done;
    struct ci_serial *s = ci_serial_enter(handle, code, &done);
    uint32_t status;

    if (s == NULL)
        return false;
    asked.done = &done;
    status = ci_serial_control(s, code, &asked);
    ci_serial_leave(s, &done);
    return status == STATUS_SUCCESS || ci_fail(ci_status_error(status));
}

static bool tell(HANDLE handle, uint32_t code, const void *in, size_t len)
{
    return ask(handle, code, (struct ci_asked){.in = in, .in_len = len});
}

static bool learn(HANDLE handle, uint32_t code, void *out, size_t len)
{
    if (out == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    return ask(handle, code, (struct ci_asked){.out = out, .out_len = len});
}

/* ---- settings ---- */

static bool state_get(HANDLE handle, DCB *dcb)
{
    struct ci_done done;
    struct ci_serial *s;

    if (dcb == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    s = ci_serial_enter(handle, 0, &done);
    if (s == NULL)
        return false;
    ci_settings_to_dcb(&s->com.set, dcb);
    ci_serial_leave(s, &done);
    return true;
}

static bool state_set(HANDLE handle, const DCB *dcb)
{
    struct ci_settings settings;
    struct ci_done done;
    struct ci_serial *s;
    uint32_t status;

    if (dcb == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    s = ci_serial_enter(handle, 0, &done);
    if (s == NULL)
        return false;
    ci_settings_from_dcb(&settings, dcb);
    status = ci_serial_set(s, &settings, &done);
    ci_serial_leave(s, &done);
    return status == STATUS_SUCCESS || ci_fail(ci_status_error(status));
}

BOOL GetCommState(HANDLE handle, LPDCB dcb)
{
    CI_TRACED_BOOL(state_get(handle, dcb), "GetCommState %s", ci_trace_handle(handle));
}

BOOL SetCommState(HANDLE handle, LPDCB dcb)
{
    CI_TRACED_BOOL(state_set(handle, dcb), "SetCommState %s %u", ci_trace_handle(handle),
                   dcb == NULL ? 0 : dcb->BaudRate);
}

/* COMMTIMEOUTS and SERIAL_TIMEOUTS are the same five numbers. */
_Static_assert(sizeof(COMMTIMEOUTS) == sizeof(SERIAL_TIMEOUTS), "time limits");
_Static_assert(sizeof(COMMPROP) == sizeof(SERIAL_COMMPROP), "properties");

BOOL GetCommTimeouts(HANDLE handle, LPCOMMTIMEOUTS timeouts)
{
    CI_TRACED_BOOL(learn(handle, IOCTL_SERIAL_GET_TIMEOUTS, timeouts, sizeof *timeouts),
                   "GetCommTimeouts %s", ci_trace_handle(handle));
}

static bool timeouts_set(HANDLE handle, const COMMTIMEOUTS *timeouts)
{
    if (timeouts == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    return tell(handle, IOCTL_SERIAL_SET_TIMEOUTS, timeouts, sizeof *timeouts);
}

static const char *timeouts_text(const COMMTIMEOUTS *t, char *text, size_t room)
{
    if (t == NULL)
        return "NULL";
    snprintf(text, room, "{%u,%u,%u,%u,%u}", t->ReadIntervalTimeout, t->ReadTotalTimeoutMultiplier,
             t->ReadTotalTimeoutConstant, t->WriteTotalTimeoutMultiplier,
             t->WriteTotalTimeoutConstant);
    return text;
}

BOOL SetCommTimeouts(HANDLE handle, LPCOMMTIMEOUTS timeouts)
{
    char text[64];

    CI_TRACED_BOOL(timeouts_set(handle, timeouts), "SetCommTimeouts %s %s", ci_trace_handle(handle),
                   timeouts_text(timeouts, text, sizeof text));
}

BOOL SetupComm(HANDLE handle, DWORD in, DWORD out)
{
    const SERIAL_QUEUE_SIZE sizes = {in, out};

    CI_TRACED_BOOL(tell(handle, IOCTL_SERIAL_SET_QUEUE_SIZE, &sizes, sizeof sizes),
                   "SetupComm %s %u %u", ci_trace_handle(handle), in, out);
}

BOOL GetCommProperties(HANDLE handle, LPCOMMPROP properties)
{
    CI_TRACED_BOOL(learn(handle, IOCTL_SERIAL_GET_PROPERTIES, properties, sizeof *properties),
                   "GetCommProperties %s", ci_trace_handle(handle));
}

static bool config_get(HANDLE handle, COMMCONFIG *config, DWORD *size)
{
    bool fits;

    if (config == NULL || size == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    fits = *size >= sizeof *config;
    *size = sizeof *config;
    if (!fits)
        return ci_fail(ERROR_INSUFFICIENT_BUFFER);
    *config = (COMMCONFIG){.dwSize = sizeof *config, .wVersion = 1, .dwProviderSubType = PST_RS232};
    return state_get(handle, &config->dcb);
}

BOOL GetCommConfig(HANDLE handle, LPCOMMCONFIG config, LPDWORD size)
{
    CI_TRACED_BOOL(config_get(handle, config, size), "GetCommConfig %s", ci_trace_handle(handle));
}

static bool config_set(HANDLE handle, const COMMCONFIG *config, DWORD size)
{
    if (config == NULL || size < sizeof *config)
        return ci_fail(ERROR_INVALID_PARAMETER);
    return state_set(handle, &config->dcb);
}

BOOL SetCommConfig(HANDLE handle, LPCOMMCONFIG config, DWORD size)
{
    CI_TRACED_BOOL(config_set(handle, config, size), "SetCommConfig %s", ci_trace_handle(handle));
}

/* ---- events ---- */

BOOL GetCommMask(HANDLE handle, LPDWORD mask)
{
    CI_TRACED_BOOL(learn(handle, IOCTL_SERIAL_GET_WAIT_MASK, mask, sizeof *mask), "GetCommMask %s",
                   ci_trace_handle(handle));
}

BOOL SetCommMask(HANDLE handle, DWORD mask)
{
    CI_TRACED_BOOL(tell(handle, IOCTL_SERIAL_SET_WAIT_MASK, &mask, sizeof mask),
                   "SetCommMask %s %x", ci_trace_handle(handle), mask);
}

static bool wait_for_event(HANDLE handle, DWORD *events, OVERLAPPED *ov)
{
    struct ci_serial *s = ci_serial_get(handle);
    struct ci_request request = {
        .handle = handle,
        .kind = CI_OP_IOCTL,
        .lane = CI_LANE_CONTROL,
        .ov = ov,
        .code = IOCTL_SERIAL_WAIT_ON_MASK,
        .out = events,
        .out_len = sizeof *events,
    };
    bool misused;

    if (ov != NULL) /* as every call does that takes one, whatever comes of it */
        __atomic_store_n(&ov->Internal, STATUS_PENDING, __ATOMIC_RELAXED);
    if (s == NULL)
        return false;
    misused = events == NULL || (s->file.overlapped && ov == NULL);
    ci_file_put(&s->file);
    return misused ? ci_fail(ERROR_INVALID_PARAMETER) : ci_issue(&request);
}

BOOL WaitCommEvent(HANDLE handle, LPDWORD events, LPOVERLAPPED ov)
{
    CI_TRACED_BOOL(wait_for_event(handle, events, ov), "WaitCommEvent %s%s",
                   ci_trace_handle(handle), ov == NULL ? "" : " overlapped");
}

/* ---- status ---- */

static DWORD ce_bits(ULONG errors)
{
    return ((errors & SERIAL_ERROR_QUEUEOVERRUN) != 0 ? CE_RXOVER : 0u) |
           ((errors & SERIAL_ERROR_OVERRUN) != 0 ? CE_OVERRUN : 0u) |
           ((errors & SERIAL_ERROR_PARITY) != 0 ? CE_RXPARITY : 0u) |
           ((errors & SERIAL_ERROR_FRAMING) != 0 ? CE_FRAME : 0u) |
           ((errors & SERIAL_ERROR_BREAK) != 0 ? CE_BREAK : 0u);
}

static void comstat_fill(COMSTAT *stat, const SERIAL_STATUS *status)
{
    ULONG holds = status->HoldReasons;

    *stat = (COMSTAT){
        .fCtsHold = (holds & SERIAL_TX_WAITING_FOR_CTS) != 0,
        .fDsrHold = (holds & SERIAL_TX_WAITING_FOR_DSR) != 0,
        .fRlsdHold = (holds & SERIAL_TX_WAITING_FOR_DCD) != 0,
        .fXoffHold = (holds & SERIAL_TX_WAITING_FOR_XON) != 0,
        .fXoffSent = (holds & SERIAL_TX_WAITING_XOFF_SENT) != 0,
        .fEof = status->EofReceived != 0,
        .fTxim = status->WaitForImmediate != 0,
        .cbInQue = status->AmountInInQueue,
        .cbOutQue = status->AmountInOutQueue,
    };
}

static bool errors_clear(HANDLE handle, DWORD *errors, COMSTAT *stat)
{
    SERIAL_STATUS status;

    if (!learn(handle, IOCTL_SERIAL_GET_COMMSTATUS, &status, sizeof status))
        return false;
    if (errors != NULL)
        *errors = ce_bits(status.Errors);
    if (stat != NULL)
        comstat_fill(stat, &status);
    return true;
}

BOOL ClearCommError(HANDLE handle, LPDWORD errors, LPCOMSTAT stat)
{
    CI_TRACED_BOOL(errors_clear(handle, errors, stat), "ClearCommError %s",
                   ci_trace_handle(handle));
}

BOOL GetCommModemStatus(HANDLE handle, LPDWORD status)
{
    CI_TRACED_BOOL(learn(handle, IOCTL_SERIAL_GET_MODEMSTATUS, status, sizeof *status),
                   "GetCommModemStatus %s", ci_trace_handle(handle));
}

/* ---- doing ---- */

BOOL PurgeComm(HANDLE handle, DWORD flags)
{
    CI_TRACED_BOOL(tell(handle, IOCTL_SERIAL_PURGE, &flags, sizeof flags), "PurgeComm %s %x",
                   ci_trace_handle(handle), flags);
}

static const uint32_t escapes[] = {
    [SETXOFF] = IOCTL_SERIAL_SET_XOFF,       [SETXON] = IOCTL_SERIAL_SET_XON,
    [SETRTS] = IOCTL_SERIAL_SET_RTS,         [CLRRTS] = IOCTL_SERIAL_CLR_RTS,
    [SETDTR] = IOCTL_SERIAL_SET_DTR,         [CLRDTR] = IOCTL_SERIAL_CLR_DTR,
    [RESETDEV] = IOCTL_SERIAL_RESET_DEVICE,  [SETBREAK] = IOCTL_SERIAL_SET_BREAK_ON,
    [CLRBREAK] = IOCTL_SERIAL_SET_BREAK_OFF,
};

static bool escape(HANDLE handle, DWORD function)
{
    if (function >= sizeof escapes / sizeof escapes[0] || escapes[function] == 0)
        return ci_fail(ERROR_INVALID_PARAMETER);
    return tell(handle, escapes[function], NULL, 0);
}

BOOL EscapeCommFunction(HANDLE handle, DWORD function)
{
    CI_TRACED_BOOL(escape(handle, function), "EscapeCommFunction %s %u", ci_trace_handle(handle),
                   function);
}

BOOL SetCommBreak(HANDLE handle)
{
    CI_TRACED_BOOL(escape(handle, SETBREAK), "SetCommBreak %s", ci_trace_handle(handle));
}

BOOL ClearCommBreak(HANDLE handle)
{
    CI_TRACED_BOOL(escape(handle, CLRBREAK), "ClearCommBreak %s", ci_trace_handle(handle));
}

static bool char_send(HANDLE handle, char byte)
{
    struct ci_serial *s = ci_serial_get(handle);
    struct ci_request request = {
        .handle = handle,
        .kind = CI_OP_IOCTL,
        .lane = CI_LANE_CONTROL,
        .code = IOCTL_SERIAL_IMMEDIATE_CHAR,
        .buf = &byte,
        .len = 1,
    };

    if (s == NULL)
        return false;
    ci_file_put(&s->file);
    return ci_issue(&request);
}

BOOL TransmitCommChar(HANDLE handle, char byte)
{
    CI_TRACED_BOOL(char_send(handle, byte), "TransmitCommChar %s %02x", ci_trace_handle(handle),
                   (unsigned char)byte);
}

/* ---- by number ---- */

HANDLE OpenCommPort(ULONG number, DWORD access, DWORD flags)
{
    char name[32];

    snprintf(name, sizeof name, "\\\\.\\COM%u", number);
    return CreateFileA(name, access, 0, NULL, OPEN_EXISTING, flags, NULL);
}
