/* SPDX-License-Identifier: MIT */
/* From what a user wrote to the structures of the library. */
#include "tools/common/line.h"

#include <string.h>

#include "tools/common/marks.h"

const struct tool_line tool_line_default = {
    .rate = 115200,
    .bits = 8,
    .parity = 'n',
    .stop = 2,
};

/* ---- words ---- */

static const char parities[] = "noems"; /* in the order of NOPARITY, ODDPARITY, ... */

bool tool_line_format(struct tool_line *line, const char *text)
{
    uint8_t stop;

    if (text[0] < '5' || text[0] > '8' || text[1] == '\0' || strchr("noemsNOEMS", text[1]) == NULL)
        return false;
    if (strcmp(text + 2, "1") == 0)
        stop = 2;
    else if (strcmp(text + 2, "1.5") == 0)
        stop = 3;
    else if (strcmp(text + 2, "2") == 0)
        stop = 4;
    else
        return false;
    line->bits = (uint8_t)(text[0] - '0');
    line->parity = (char)(text[1] | 0x20);
    line->stop = stop;
    return true;
}

bool tool_flow_of(const char *text, enum tool_flow *flow)
{
    static const char *const names[] = {"none", "rtscts", "xonxoff", "dtrdsr"};

    for (unsigned i = 0; i < 4; i++)
        if (strcmp(text, names[i]) == 0) {
            *flow = (enum tool_flow)i;
            return true;
        }
    return false;
}

/* ---- settings ---- */

static void set_flow(DCB *dcb, enum tool_flow flow)
{
    dcb->fOutxCtsFlow = flow == TOOL_FLOW_RTSCTS;
    dcb->fOutxDsrFlow = flow == TOOL_FLOW_DTRDSR;
    dcb->fOutX = dcb->fInX = flow == TOOL_FLOW_XONXOFF;
    dcb->fTXContinueOnXoff = TRUE;
    dcb->fDsrSensitivity = FALSE;
    if (flow == TOOL_FLOW_RTSCTS)
        dcb->fRtsControl = RTS_CONTROL_HANDSHAKE;
    else if (dcb->fRtsControl == RTS_CONTROL_HANDSHAKE)
        dcb->fRtsControl = RTS_CONTROL_ENABLE;
    if (flow == TOOL_FLOW_DTRDSR)
        dcb->fDtrControl = DTR_CONTROL_HANDSHAKE;
    else if (dcb->fDtrControl == DTR_CONTROL_HANDSHAKE)
        dcb->fDtrControl = DTR_CONTROL_ENABLE;
}

static void set_levels(DCB *dcb, const struct tool_line *line)
{
    if (line->dtr != TOOL_KEEP && line->flow != TOOL_FLOW_DTRDSR)
        dcb->fDtrControl = line->dtr == TOOL_ON ? DTR_CONTROL_ENABLE : DTR_CONTROL_DISABLE;
    if (line->rts != TOOL_KEEP && line->flow != TOOL_FLOW_RTSCTS)
        dcb->fRtsControl = line->rts == TOOL_ON ? RTS_CONTROL_ENABLE : RTS_CONTROL_DISABLE;
}

static void fill(DCB *dcb, const struct tool_line *line)
{
    dcb->BaudRate = line->rate;
    dcb->ByteSize = line->bits;
    dcb->Parity = (BYTE)(strchr(parities, line->parity) - parities);
    dcb->StopBits = (BYTE)(line->stop - 2);
    dcb->fErrorChar = dcb->fNull = dcb->fAbortOnError = FALSE;
    set_flow(dcb, line->flow);
    set_levels(dcb, line);
}

static enum tool_status set_state(HANDLE port, const struct tool_line *line, const char *name,
                                  struct tool_fail *fail)
{
    DCB dcb = {.DCBlength = sizeof dcb};

    if (!GetCommState(port, &dcb))
        return tool_fail_error(fail, TOOL_LOST, name, GetLastError());
    fill(&dcb, line);
    if (SetCommState(port, &dcb))
        return TOOL_OK;
    return tool_fail(fail, TOOL_REFUSED, "%s: the driver does not take %u %u%c%s", name,
                     (unsigned)line->rate, line->bits, line->parity,
                     line->stop == 2   ? "1"
                     : line->stop == 3 ? "1.5"
                                       : "2");
}

/* A read ends with whatever is there, and waits for a first byte only; nothing else has a limit. */
static BOOL set_timeouts(HANDLE port)
{
    COMMTIMEOUTS timeouts = {
        .ReadIntervalTimeout = MAXDWORD,
        .ReadTotalTimeoutMultiplier = MAXDWORD,
        .ReadTotalTimeoutConstant = MAXDWORD - 1,
    };

    return SetCommTimeouts(port, &timeouts);
}

static BOOL set_marks(HANDLE port, bool on)
{
    UCHAR escape = on ? TOOL_MARK_ESCAPE : 0;
    DWORD count;

    return DeviceIoControl(port, IOCTL_SERIAL_LSRMST_INSERT, &escape, sizeof escape, NULL, 0,
                           &count, NULL);
}

enum tool_status tool_line_apply(HANDLE port, const struct tool_line *line, const char *name,
                                 struct tool_fail *fail)
{
    COMM_RS485 rs485 = line->rs485;
    enum tool_status status = line->no_touch ? TOOL_OK : set_state(port, line, name, fail);

    if (status != TOOL_OK)
        return status;
    if (!set_timeouts(port) || !set_marks(port, line->marks))
        return tool_fail_error(fail, TOOL_LOST, name, GetLastError());
    (void)CommSetReadStamps(port, TRUE);
    if (line->low_latency)
        (void)CommSetPortLowLatency(port, TRUE);
    if (line->use_rs485 && !CommSetPortRs485(port, &rs485))
        return tool_fail(fail, TOOL_REFUSED, "%s: the driver has no RS-485", name);
    return TOOL_OK;
}

static DWORD leave_output(HANDLE port, enum tool_level level, DWORD on, DWORD off, DWORD output)
{
    if (level != TOOL_KEEP)
        (void)EscapeCommFunction(port, level == TOOL_ON ? on : off);
    return level == TOOL_OFF ? 0 : output;
}

void tool_line_leave(HANDLE port, const struct tool_line *line)
{
    DWORD dtr = leave_output(port, line->dtr_close, SETDTR, CLRDTR, COMM_OUTPUT_DTR);
    DWORD rts = leave_output(port, line->rts_close, SETRTS, CLRRTS, COMM_OUTPUT_RTS);

    (void)CommKeepPortOutputs(port, dtr | rts);
}
