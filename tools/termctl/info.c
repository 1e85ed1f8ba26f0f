/* SPDX-License-Identifier: MIT */
/* The verb `info`: what a port is, how it is set, what its lines say.  Settings that are asked for
 * are made, looked at and taken back: whoever asks what a port can do leaves it as it was. */
#include "tools/termctl/termctl.h"

#include "tools/common/out.h"
#include "tools/common/say.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What an open port tells; a part that it does not is marked. */
struct facts {
    DCB dcb;
    DWORD real_rate; /* 0: not known */
    bool has_outputs, has_inputs, has_stats;
    ULONG outputs;
    DWORD inputs;
    SERIALPERF_STATS stats;
};

static void describe(const struct port *port, DWORD error, char *text, size_t room)
{
    CommDescribePortError(port->name, error, text, room);
    if (text[0] == '\0')
        snprintf(text, room, "%s: error %u", port->name, (unsigned)error);
}

static HANDLE try_open(const char *text, struct port *port, DWORD *error)
{
    HANDLE handle;

    port_name(port, text);
    handle = CreateFileA(port->name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    *error = handle == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;
    return handle;
}

/* With --wait, until the port is there; why it cannot be opened is in `reason`, for status. */
static HANDLE open_port(struct run *run, const char *text, struct port *port,
                        enum tool_status *status, char *reason, size_t room)
{
    int64_t deadline_us;
    bool waits = wait_deadline(run, &deadline_us);
    HANDLE notices = waits ? CommOpenPortNotices(0) : NULL, handle;
    COMM_PORT_NOTICE notice;
    DWORD error;

    if (notices == INVALID_HANDLE_VALUE)
        notices = NULL;
    for (bool said = false;; said = true) {
        handle = try_open(text, port, &error);
        *status = error == ERROR_SUCCESS ? TOOL_OK : port_status(port, error);
        if (*status != TOOL_NOT_FOUND || notices == NULL)
            break;
        if (!said)
            say_notice("waiting for %s", text);
        if (!notice_wait(notices, &notice, deadline_us, status))
            break;
    }
    if (*status != TOOL_OK)
        describe(port, error, reason, room);
    if (notices != NULL)
        CloseHandle(notices);
    return handle;
}

static bool is_asked(const struct run *run, const char *name)
{
    return settings_get(run->settings, name)->origin != SETTINGS_DEFAULT;
}

static void set_line(DCB *dcb, const struct amount_framing *framing)
{
    static const char parities[] = "noems";

    dcb->ByteSize = framing->bits;
    dcb->Parity = (BYTE)(strchr(parities, framing->parity) - parities); /* NOPARITY and on */
    dcb->StopBits = (BYTE)(framing->halves - 2);                        /* ONESTOPBIT and on */
}

static void set_flow(DCB *dcb, const char *flow)
{
    bool rtscts = strcmp(flow, "rtscts") == 0, dtrdsr = strcmp(flow, "dtrdsr") == 0;
    bool xonxoff = strcmp(flow, "xonxoff") == 0;

    dcb->fOutxCtsFlow = rtscts;
    dcb->fRtsControl = rtscts ? RTS_CONTROL_HANDSHAKE : RTS_CONTROL_ENABLE;
    dcb->fOutxDsrFlow = dtrdsr;
    dcb->fDtrControl = dtrdsr ? DTR_CONTROL_HANDSHAKE : DTR_CONTROL_ENABLE;
    dcb->fOutX = dcb->fInX = xonxoff;
}

/* One at a time, so that the one that is refused can be named. */
static bool set_one(const struct run *run, HANDLE port, DCB *dcb, const char *name)
{
    const struct setting *setting = settings_get(run->settings, name);

    if (!is_asked(run, name))
        return true;
    if (strcmp(name, "rate") == 0)
        dcb->BaudRate = (DWORD)setting->value.number;
    else if (strcmp(name, "line") == 0)
        set_line(dcb, &setting->value.framing);
    else
        set_flow(dcb, setting->text);
    return SetCommState(port, dcb);
}

static const char *set_all(const struct run *run, HANDLE port, DCB *dcb)
{
    static const char *const names[] = {"rate", "line", "flow"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!set_one(run, port, dcb, names[i]))
            return names[i];
    return NULL;
}

static void learn(HANDLE port, struct facts *facts)
{
    DWORD got = 0;

    facts->real_rate = 0;
    CommGetPortRate(port, &facts->real_rate);
    GetCommState(port, &facts->dcb);
    facts->has_outputs = DeviceIoControl(port, IOCTL_SERIAL_GET_DTRRTS, NULL, 0, &facts->outputs,
                                         sizeof(facts->outputs), &got, NULL);
    facts->has_inputs = GetCommModemStatus(port, &facts->inputs);
    facts->has_stats = DeviceIoControl(port, IOCTL_SERIAL_GET_STATS, NULL, 0, &facts->stats,
                                       sizeof(facts->stats), &got, NULL);
}

static double rate_error(const struct facts *facts)
{
    if (facts->real_rate == 0 || facts->dcb.BaudRate == 0)
        return NAN;
    return ((double)facts->real_rate / facts->dcb.BaudRate - 1) * 100;
}

static void write_line(const DCB *dcb, char *text, size_t room)
{
    static const char *const stops[] = {"1", "1.5", "2"};

    snprintf(text, room, "%d%c%s", dcb->ByteSize, "noems"[dcb->Parity % 5],
             stops[dcb->StopBits % 3]);
}

static void write_flow(const DCB *dcb, char *text, size_t room)
{
    snprintf(text, room, "%s%s%s", dcb->fOutxCtsFlow ? "+rtscts" : "",
             dcb->fOutX || dcb->fInX ? "+xonxoff" : "", dcb->fOutxDsrFlow ? "+dtrdsr" : "");
    if (text[0] == '\0')
        snprintf(text, room, "+none");
    memmove(text, text + 1, strlen(text));
}

/* ---- what is written ---- */

static const struct {
    const char *name;
    bool output;
    DWORD bit;
} lines[] = {
    {"dtr", true,  SERIAL_DTR_STATE},
    {"rts", true,  SERIAL_RTS_STATE},
    {"cts", false, MS_CTS_ON       },
    {"dsr", false, MS_DSR_ON       },
    {"dcd", false, MS_RLSD_ON      },
    {"ri",  false, MS_RING_ON      },
};

/* 1, 0, or -1 for not known. */
static int line_state(const struct facts *facts, size_t i)
{
    if (!(lines[i].output ? facts->has_outputs : facts->has_inputs))
        return -1;
    return ((lines[i].output ? facts->outputs : facts->inputs) & lines[i].bit) != 0;
}

static void put_lines(const struct facts *facts, struct json *json)
{
    json_key(json, "lines");
    json_begin(json, '{');
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        int state = line_state(facts, i);

        json_key(json, lines[i].name);
        if (state < 0)
            json_null(json);
        else
            json_bool(json, state != 0);
    }
    json_end(json, '}');
}

static void put_counters(const struct facts *facts, struct json *json)
{
    const struct {
        const char *name;
        ULONG count;
    } counters[] = {
        {"rx",             facts->stats.ReceivedCount          },
        {"tx",             facts->stats.TransmittedCount       },
        {"framing",        facts->stats.FrameErrorCount        },
        {"parity",         facts->stats.ParityErrorCount       },
        {"overrun",        facts->stats.SerialOverrunErrorCount},
        {"buffer_overrun", facts->stats.BufferOverrunErrorCount},
    };

    json_key(json, "counters");
    if (!facts->has_stats) {
        json_null(json);
        return;
    }
    json_begin(json, '{');
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
        json_key(json, counters[i].name);
        json_count(json, counters[i].count);
    }
    json_end(json, '}');
}

static void put_json(struct run *run, const struct port *port, const struct facts *facts)
{
    struct json json = {0};
    char text[40];

    json_begin(&json, '{');
    json_key(&json, "event");
    json_text(&json, "result");
    port_put(port, &json);
    json_key(&json, "rate");
    json_count(&json, facts->dcb.BaudRate);
    json_key(&json, "real_rate");
    if (facts->real_rate == 0)
        json_null(&json);
    else
        json_count(&json, facts->real_rate);
    json_key(&json, "rate_error_percent");
    json_real(&json, rate_error(facts));
    json_key(&json, "line");
    write_line(&facts->dcb, text, sizeof(text));
    json_text(&json, text);
    json_key(&json, "flow");
    write_flow(&facts->dcb, text, sizeof(text));
    json_text(&json, text);
    put_lines(facts, &json);
    put_counters(facts, &json);
    json_key(&json, "latency_timer_ms");
    if (port->latency_ms < 0)
        json_null(&json);
    else
        json_number(&json, port->latency_ms);
    result_put(&run->result, &json, TOOL_OK, NULL);
    json_end(&json, '}');
    line_put(&json);
}

static void print_text(FILE *out, const char *name, const char *text)
{
    char copy[300];

    snprintf(copy, sizeof(copy), "%s", text[0] == '\0' ? "-" : text);
    say_tame(copy);
    fprintf(out, "%-10s%s\n", name, copy);
}

static void print_settings(FILE *out, const struct facts *facts)
{
    char line[16], flow[40];

    write_line(&facts->dcb, line, sizeof(line));
    write_flow(&facts->dcb, flow, sizeof(flow));
    fprintf(out, "%-10s%u %s, flow %s\n", "set", (unsigned)facts->dcb.BaudRate, line, flow);
    if (facts->real_rate == 0)
        print_text(out, "real rate", "");
    else
        fprintf(out, "%-10s%u (%+.2f %%)\n", "real rate", (unsigned)facts->real_rate,
                rate_error(facts));
    fprintf(out, "%-10s", "lines");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        int state = line_state(facts, i);

        fprintf(out, "%s%s %s", i > 0 ? ", " : "", lines[i].name,
                state < 0   ? "?"
                : state > 0 ? "on"
                            : "off");
    }
    fputc('\n', out);
    if (facts->has_stats)
        fprintf(out, "%-10sframing %u, parity %u, overrun %u, buffer overrun %u\n", "errors",
                (unsigned)facts->stats.FrameErrorCount, (unsigned)facts->stats.ParityErrorCount,
                (unsigned)facts->stats.SerialOverrunErrorCount,
                (unsigned)facts->stats.BufferOverrunErrorCount);
}

static void print_all(const struct port *port, const struct facts *facts)
{
    const COMM_PORT_INFO *info = &port->info;
    FILE *out = out_stream();

    if (out == NULL)
        return;
    print_text(out, "port", info->path[0] != '\0' ? info->path : port->name);
    print_text(out, "driver", port->driver);
    print_text(out, "product",
               info->usb_product[0] != '\0' ? info->usb_product : info->description);
    print_text(out, "serial", info->usb_serial);
    print_text(out, "topology", info->topology);
    print_text(out, "by id", info->by_id);
    print_settings(out, facts);
    if (port->latency_ms >= 0)
        fprintf(out, "%-10s%d ms\n", "latency", port->latency_ms);
    print_text(out, "lock", port->holder > 0 ? port->holder_program : "free");
}

static enum tool_status fail(struct run *run, enum tool_status status, const char *reason)
{
    say_error("%s", reason);
    return result_end(run, status, reason);
}

/* The port is open, and this puts it back as it was. */
static enum tool_status report(struct run *run, struct port *port, HANDLE handle)
{
    struct facts facts = {.dcb = {.DCBlength = sizeof(DCB)}};
    DCB before = {.DCBlength = sizeof(DCB)}, dcb;
    const char *refused;
    char reason[200];

    if (!GetCommState(handle, &before)) {
        enum tool_status status = port_status(port, GetLastError());

        snprintf(reason, sizeof(reason),
                 status == TOOL_USAGE ? "%s is no serial port" : "%s is gone", port->name);
        return fail(run, status, reason);
    }
    dcb = before;
    refused = set_all(run, handle, &dcb);
    if (refused != NULL) {
        SetCommState(handle, &before);
        snprintf(reason, sizeof(reason), "--%s: the driver does not take %s", refused,
                 settings_get(run->settings, refused)->text);
        return fail(run, TOOL_REFUSED, reason);
    }
    learn(handle, &facts);
    SetCommState(handle, &before);
    port_look(port, 1);
    if (run->json)
        put_json(run, port, &facts);
    else
        print_all(port, &facts);
    return TOOL_OK;
}

/* The operand, or the port of the profile that it names. */
static const char *port_of(const struct run *run)
{
    const struct setting *port = settings_get(run->settings, "port");

    return port != NULL && port->text != NULL ? port->text : run->args->operands[0];
}

enum tool_status verb_info(struct run *run)
{
    struct port port;
    enum tool_status status;
    char reason[600] = "";
    HANDLE handle;

    if (run->args->operand_count > 1)
        return fail(run, TOOL_USAGE, "info: it takes one port");
    if (run->args->operand_count == 0 && settings_get(run->settings, "port")->text == NULL)
        return fail(run, TOOL_USAGE, "info: the port is missing");
    handle = open_port(run, port_of(run), &port, &status, reason, sizeof(reason));
    if (status != TOOL_OK)
        return fail(run, status, reason);
    status = report(run, &port, handle);
    CloseHandle(handle);
    return status;
}
