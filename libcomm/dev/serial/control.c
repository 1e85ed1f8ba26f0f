/* SPDX-License-Identifier: MIT */
/* What can be asked of a port, as the driver has it: one table of control codes.  The calls of
 * calls.c go through it too. */
#include "libcomm/dev/serial/control.h"

#include <errno.h>

#include "libcomm/plat/clock.h"

/* ---- settings ---- */

uint32_t ci_serial_set(struct ci_serial *s, const struct ci_settings *settings,
                       struct ci_done *done)
{
    int error;

    if (!ci_settings_valid(settings, s->com.rx.size, s->com.escape))
        return STATUS_INVALID_PARAMETER;
    ci_serial_pull(s, done); /* what came under the old ones */
    if (s->dead)
        return STATUS_ACCESS_DENIED;
    error = s->line->ops->configure(s->line, settings, &s->com.set);
    if (error == -EIO) {
        ci_serial_lose(s, done);
        return STATUS_ACCESS_DENIED;
    }
    if (error != 0)
        return STATUS_INVALID_PARAMETER;
    ci_com_set(&s->com, settings);
    return STATUS_SUCCESS;
}

#define ASKED(type) const type *in = asked->in
#define ANSWER(type) type *out = asked->out

static uint32_t set_baud(struct ci_serial *s, const struct ci_asked *asked)
{
    struct ci_settings set = s->com.set;
    ASKED(SERIAL_BAUD_RATE);

    set.baud = in->BaudRate;
    return ci_serial_set(s, &set, asked->done);
}

static uint32_t get_baud(struct ci_serial *s, const struct ci_asked *asked)
{
    ANSWER(SERIAL_BAUD_RATE);

    out->BaudRate = s->com.set.baud;
    return STATUS_SUCCESS;
}

static uint32_t set_format(struct ci_serial *s, const struct ci_asked *asked)
{
    struct ci_settings set = s->com.set;
    ASKED(SERIAL_LINE_CONTROL);

    set.stop = in->StopBits;
    set.parity = in->Parity;
    set.bits = in->WordLength;
    return ci_serial_set(s, &set, asked->done);
}

static uint32_t get_format(struct ci_serial *s, const struct ci_asked *asked)
{
    ANSWER(SERIAL_LINE_CONTROL);

    *out = (SERIAL_LINE_CONTROL){s->com.set.stop, s->com.set.parity, s->com.set.bits};
    return STATUS_SUCCESS;
}

static uint32_t set_chars(struct ci_serial *s, const struct ci_asked *asked)
{
    struct ci_settings set = s->com.set;
    ASKED(SERIAL_CHARS);

    set.chars = (struct ci_chars){.eof = in->EofChar,
                                  .error = in->ErrorChar,
                                  .brk = in->BreakChar,
                                  .event = in->EventChar,
                                  .xon = in->XonChar,
                                  .xoff = in->XoffChar};
    return ci_serial_set(s, &set, asked->done);
}

static uint32_t get_chars(struct ci_serial *s, const struct ci_asked *asked)
{
    const struct ci_chars *chars = &s->com.set.chars;
    ANSWER(SERIAL_CHARS);

    *out = (SERIAL_CHARS){.EofChar = chars->eof,
                          .ErrorChar = chars->error,
                          .BreakChar = chars->brk,
                          .EventChar = chars->event,
                          .XonChar = chars->xon,
                          .XoffChar = chars->xoff};
    return STATUS_SUCCESS;
}

static uint32_t set_handflow(struct ci_serial *s, const struct ci_asked *asked)
{
    struct ci_settings set = s->com.set;
    ASKED(SERIAL_HANDFLOW);

    set.control = in->ControlHandShake;
    set.flow = in->FlowReplace;
    set.xon_limit = in->XonLimit;
    set.xoff_limit = in->XoffLimit;
    return ci_serial_set(s, &set, asked->done);
}

static uint32_t get_handflow(struct ci_serial *s, const struct ci_asked *asked)
{
    const struct ci_settings *set = &s->com.set;
    ANSWER(SERIAL_HANDFLOW);

    *out = (SERIAL_HANDFLOW){set->control, set->flow, set->xon_limit, set->xoff_limit};
    return STATUS_SUCCESS;
}

static uint32_t set_timeouts(struct ci_serial *s, const struct ci_asked *asked)
{
    ASKED(SERIAL_TIMEOUTS);
    struct ci_timeouts timeouts = {
        .read_interval = in->ReadIntervalTimeout,
        .read_multiplier = in->ReadTotalTimeoutMultiplier,
        .read_constant = in->ReadTotalTimeoutConstant,
        .write_multiplier = in->WriteTotalTimeoutMultiplier,
        .write_constant = in->WriteTotalTimeoutConstant,
    };

    if (!ci_timeouts_valid(&timeouts))
        return STATUS_INVALID_PARAMETER;
    s->com.timeouts = timeouts;
    if (s->line->ops->hurry != NULL)
        s->line->ops->hurry(s->line, ci_timeouts_are_short(&timeouts));
    return STATUS_SUCCESS;
}

static uint32_t get_timeouts(struct ci_serial *s, const struct ci_asked *asked)
{
    const struct ci_timeouts *timeouts = &s->com.timeouts;
    ANSWER(SERIAL_TIMEOUTS);

    *out = (SERIAL_TIMEOUTS){
        .ReadIntervalTimeout = timeouts->read_interval,
        .ReadTotalTimeoutMultiplier = timeouts->read_multiplier,
        .ReadTotalTimeoutConstant = timeouts->read_constant,
        .WriteTotalTimeoutMultiplier = timeouts->write_multiplier,
        .WriteTotalTimeoutConstant = timeouts->write_constant,
    };
    return STATUS_SUCCESS;
}

/* A driver has no queue for output. */
static uint32_t set_queue_size(struct ci_serial *s, const struct ci_asked *asked)
{
    ASKED(SERIAL_QUEUE_SIZE);

    if (in->InSize > CI_SERIAL_TYPEAHEAD_MOST || ci_com_grow(&s->com, in->InSize) != 0)
        return STATUS_INSUFFICIENT_RESOURCES;
    return STATUS_SUCCESS;
}

/* ---- outputs ---- */

static uint32_t set_output(struct ci_serial *s, unsigned which, bool on)
{
    s->com.outputs = on ? s->com.outputs | which : s->com.outputs & ~which;
    return STATUS_SUCCESS;
}

/* Not while the driver uses the line for handshaking. */
static uint32_t set_dtr(struct ci_serial *s, bool on)
{
    if ((s->com.set.control & SERIAL_DTR_MASK) == SERIAL_DTR_HANDSHAKE)
        return STATUS_INVALID_PARAMETER;
    return set_output(s, CI_OUT_DTR, on);
}

static uint32_t set_rts(struct ci_serial *s, bool on)
{
    uint32_t mode = s->com.set.flow & SERIAL_RTS_MASK;

    if (mode == SERIAL_RTS_HANDSHAKE || mode == SERIAL_TRANSMIT_TOGGLE)
        return STATUS_INVALID_PARAMETER;
    return set_output(s, CI_OUT_RTS, on);
}

static uint32_t raise_dtr(struct ci_serial *s, const struct ci_asked *asked)
{
    (void)asked;
    return set_dtr(s, true);
}

static uint32_t drop_dtr(struct ci_serial *s, const struct ci_asked *asked)
{
    (void)asked;
    return set_dtr(s, false);
}

static uint32_t raise_rts(struct ci_serial *s, const struct ci_asked *asked)
{
    (void)asked;
    return set_rts(s, true);
}

static uint32_t drop_rts(struct ci_serial *s, const struct ci_asked *asked)
{
    (void)asked;
    return set_rts(s, false);
}

static uint32_t get_dtrrts(struct ci_serial *s, const struct ci_asked *asked)
{
    ANSWER(ULONG);

    *out = s->com.outputs; /* bit 0 is DTR, bit 1 RTS, here and there */
    return STATUS_SUCCESS;
}

static uint32_t set_modem_control(struct ci_serial *s, const struct ci_asked *asked)
{
    ASKED(ULONG);

    s->com.outputs = (unsigned)*in & (CI_OUT_DTR | CI_OUT_RTS);
    return STATUS_SUCCESS;
}

/* Tried on the line first: not every device can. */
static uint32_t break_on(struct ci_serial *s, const struct ci_asked *asked)
{
    (void)asked;
    if (!s->breaking) {
        int error = s->line->ops->set_break(s->line, true);

        if (error != 0 && error != -EAGAIN) /* that: not yet, for something is still to leave */
            return STATUS_NOT_SUPPORTED;
        s->breaking = error == 0;
        ci_serial_stir(s);
    }
    ci_com_break(&s->com, true);
    return STATUS_SUCCESS;
}

static uint32_t break_off(struct ci_serial *s, const struct ci_asked *asked)
{
    (void)asked;
    ci_com_break(&s->com, false);
    return STATUS_SUCCESS;
}

static uint32_t set_xoff(struct ci_serial *s, const struct ci_asked *asked)
{
    (void)asked;
    ci_com_hold(&s->com, true);
    return STATUS_SUCCESS;
}

static uint32_t set_xon(struct ci_serial *s, const struct ci_asked *asked)
{
    (void)asked;
    ci_com_hold(&s->com, false);
    return STATUS_SUCCESS;
}

static uint32_t nothing(struct ci_serial *s, const struct ci_asked *asked)
{
    (void)s;
    (void)asked;
    return STATUS_SUCCESS;
}

/* ---- status ---- */

static uint32_t get_modem_status(struct ci_serial *s, const struct ci_asked *asked)
{
    ANSWER(ULONG);

    ci_serial_look(s, asked->done);
    *out = s->com.inputs.levels;
    return STATUS_SUCCESS;
}

/* The driver's bits for what CE_* says; CE_BREAK and the others stand in another order. */
static uint32_t driver_errors(uint32_t errors)
{
    return ((errors & CE_BREAK) != 0 ? SERIAL_ERROR_BREAK : 0u) |
           ((errors & CE_FRAME) != 0 ? SERIAL_ERROR_FRAMING : 0u) |
           ((errors & CE_OVERRUN) != 0 ? SERIAL_ERROR_OVERRUN : 0u) |
           ((errors & CE_RXOVER) != 0 ? SERIAL_ERROR_QUEUEOVERRUN : 0u) |
           ((errors & CE_RXPARITY) != 0 ? SERIAL_ERROR_PARITY : 0u);
}

static uint32_t holds(const struct ci_serial *s)
{
    bool deaf = (s->com.set.control & SERIAL_DSR_SENSITIVITY) != 0 &&
                (s->com.inputs.levels & MS_DSR_ON) == 0;

    return ci_com_holds(&s->com) | (deaf ? SERIAL_RX_WAITING_FOR_DSR : 0u);
}

static uint32_t get_comm_status(struct ci_serial *s, const struct ci_asked *asked)
{
    ANSWER(SERIAL_STATUS);

    ci_serial_look(s, asked->done);
    ci_serial_pull(s, asked->done);
    if (s->dead)
        return STATUS_ACCESS_DENIED;
    *out = (SERIAL_STATUS){
        .Errors = driver_errors(ci_com_errors(&s->com)),
        .HoldReasons = holds(s),
        .AmountInInQueue = s->com.rx.count,
        .AmountInOutQueue = ci_serial_unsent(s),
        .WaitForImmediate = s->com.imm.active,
    };
    return STATUS_SUCCESS;
}

static uint32_t get_mask(struct ci_serial *s, const struct ci_asked *asked)
{
    ANSWER(ULONG);

    *out = s->com.mask;
    return STATUS_SUCCESS;
}

#define EVENTS_ALL 0x1FFFu

/* Edges of before are not meant. */
static uint32_t set_mask(struct ci_serial *s, const struct ci_asked *asked)
{
    ASKED(ULONG);

    if ((*in & ~(ULONG)EVENTS_ALL) != 0)
        return STATUS_INVALID_PARAMETER;
    ci_serial_pull(s, asked->done);
    ci_serial_look(s, asked->done);
    ci_com_mask(&s->com, *in);
    return STATUS_SUCCESS;
}

#define PURGE_ALL (PURGE_TXABORT | PURGE_RXABORT | PURGE_TXCLEAR | PURGE_RXCLEAR)

static bool match_kind(struct ci_op *op, const void *kind)
{
    return op->kind == *(const uint8_t *)kind;
}

static void abort_kind(struct ci_serial *s, uint8_t kind, struct ci_done *done)
{
    ci_file_withdraw(&s->file, match_kind, &kind, STATUS_CANCELLED, done);
}

/* The type-ahead is empty while a read is active: then there is nothing to clear. */
static void clear_input(struct ci_serial *s, struct ci_done *done)
{
    ci_serial_pull(s, done);
    if (s->dead || s->com.read.active)
        return;
    s->line->ops->drop_input(s->line);
    ci_com_purge(&s->com);
}

static uint32_t purge(struct ci_serial *s, const struct ci_asked *asked)
{
    ASKED(ULONG);

    if (*in == 0 || (*in & ~(ULONG)PURGE_ALL) != 0)
        return STATUS_INVALID_PARAMETER;
    if ((*in & PURGE_TXABORT) != 0)
        abort_kind(s, CI_OP_WRITE, asked->done);
    if ((*in & PURGE_RXABORT) != 0)
        abort_kind(s, CI_OP_READ, asked->done);
    if ((*in & PURGE_RXCLEAR) != 0)
        clear_input(s, asked->done);
    return STATUS_SUCCESS;
}

static uint32_t get_properties(struct ci_serial *s, const struct ci_asked *asked)
{
    ANSWER(SERIAL_COMMPROP);

    *out = (SERIAL_COMMPROP){
        .PacketLength = sizeof *out,
        .PacketVersion = 2,
        .ServiceMask = SERIAL_SP_SERIALCOMM,
        .MaxBaud = SERIAL_BAUD_USER,
        .ProvSubType = SERIAL_SP_RS232,
        .ProvCapabilities = 0xFF,
        .SettableParams = 0x7F,
        .SettableBaud = 0x1007FFFF,
        .SettableData = 0x0F,
        .SettableStopParity = 0x1F07,
        .CurrentRxQueue = s->com.rx.size,
    };
    return STATUS_SUCCESS;
}

static uint32_t get_config_size(struct ci_serial *s, const struct ci_asked *asked)
{
    ANSWER(ULONG);

    (void)s;
    *out = 0;
    return STATUS_SUCCESS;
}

static uint32_t get_stats(struct ci_serial *s, const struct ci_asked *asked)
{
    const struct ci_com_stats *stats = &s->com.stats;
    ANSWER(SERIALPERF_STATS);

    ci_serial_pull(s, asked->done);
    *out = (SERIALPERF_STATS){stats->received, stats->sent,           stats->frame,
                              stats->overrun,  stats->buffer_overrun, stats->parity};
    return STATUS_SUCCESS;
}

static uint32_t clear_stats(struct ci_serial *s, const struct ci_asked *asked)
{
    (void)asked;
    s->com.stats = (struct ci_com_stats){0};
    return STATUS_SUCCESS;
}

/* Errors and changes of the inputs at their place in the data, behind an escape character. */
static uint32_t insert_status(struct ci_serial *s, const struct ci_asked *asked)
{
    const struct ci_chars *chars = &s->com.set.chars;
    ASKED(UCHAR);

    if (*in != 0 &&
        (*in == chars->xon || *in == chars->xoff || (s->com.set.flow & SERIAL_ERROR_CHAR) != 0))
        return STATUS_INVALID_PARAMETER;
    ci_serial_pull(s, asked->done);
    ci_com_escape(&s->com, *in);
    return STATUS_SUCCESS;
}

/* ---- what may last ---- */

/* True when it is over; else somebody waits. */
static bool wait_on_mask(struct ci_serial *s, struct ci_asked *asked, uint32_t *status)
{
    ANSWER(ULONG);
    uint32_t events;

    *status = STATUS_INVALID_PARAMETER;
    if (s->com.mask == 0 || s->com.waiting || s->com.told)
        return true;
    ci_serial_pull_stale(s, asked->done); /* whoever waits for the wait looks again */
    *status = STATUS_CANCELLED;
    if (s->dead)
        return true;
    if (!ci_com_wait(&s->com, &events))
        return false;
    *out = events;
    *status = STATUS_SUCCESS;
    return true;
}

static bool immediate_char(struct ci_serial *s, const struct ci_asked *asked, uint32_t *status)
{
    ASKED(UCHAR);

    *status = STATUS_INVALID_PARAMETER;
    if (s->com.imm.active)
        return true;
    ci_com_char_start(&s->com, *in, ci_now_ns());
    return false; /* the round at the end of the call sends it */
}

/* ---- the table ---- */

static const struct control {
    uint32_t code;
    uint32_t in, out; /* bytes, at least */
    uint32_t (*run)(struct ci_serial *s, const struct ci_asked *asked);
} controls[] = {
    {IOCTL_SERIAL_SET_BAUD_RATE,     sizeof(SERIAL_BAUD_RATE),    0,                           set_baud         },
    {IOCTL_SERIAL_GET_BAUD_RATE,     0,                           sizeof(SERIAL_BAUD_RATE),    get_baud         },
    {IOCTL_SERIAL_SET_QUEUE_SIZE,    sizeof(SERIAL_QUEUE_SIZE),   0,                           set_queue_size   },
    {IOCTL_SERIAL_SET_LINE_CONTROL,  sizeof(SERIAL_LINE_CONTROL), 0,                           set_format       },
    {IOCTL_SERIAL_GET_LINE_CONTROL,  0,                           sizeof(SERIAL_LINE_CONTROL), get_format       },
    {IOCTL_SERIAL_SET_BREAK_ON,      0,                           0,                           break_on         },
    {IOCTL_SERIAL_SET_BREAK_OFF,     0,                           0,                           break_off        },
    {IOCTL_SERIAL_SET_TIMEOUTS,      sizeof(SERIAL_TIMEOUTS),     0,                           set_timeouts     },
    {IOCTL_SERIAL_GET_TIMEOUTS,      0,                           sizeof(SERIAL_TIMEOUTS),     get_timeouts     },
    {IOCTL_SERIAL_SET_DTR,           0,                           0,                           raise_dtr        },
    {IOCTL_SERIAL_CLR_DTR,           0,                           0,                           drop_dtr         },
    {IOCTL_SERIAL_RESET_DEVICE,      0,                           0,                           nothing          },
    {IOCTL_SERIAL_SET_RTS,           0,                           0,                           raise_rts        },
    {IOCTL_SERIAL_CLR_RTS,           0,                           0,                           drop_rts         },
    {IOCTL_SERIAL_SET_XOFF,          0,                           0,                           set_xoff         },
    {IOCTL_SERIAL_SET_XON,           0,                           0,                           set_xon          },
    {IOCTL_SERIAL_GET_WAIT_MASK,     0,                           sizeof(ULONG),               get_mask         },
    {IOCTL_SERIAL_SET_WAIT_MASK,     sizeof(ULONG),               0,                           set_mask         },
    {IOCTL_SERIAL_PURGE,             sizeof(ULONG),               0,                           purge            },
    {IOCTL_SERIAL_GET_CHARS,         0,                           sizeof(SERIAL_CHARS),        get_chars        },
    {IOCTL_SERIAL_SET_CHARS,         sizeof(SERIAL_CHARS),        0,                           set_chars        },
    {IOCTL_SERIAL_GET_HANDFLOW,      0,                           sizeof(SERIAL_HANDFLOW),     get_handflow     },
    {IOCTL_SERIAL_SET_HANDFLOW,      sizeof(SERIAL_HANDFLOW),     0,                           set_handflow     },
    {IOCTL_SERIAL_GET_MODEMSTATUS,   0,                           sizeof(ULONG),               get_modem_status },
    {IOCTL_SERIAL_GET_COMMSTATUS,    0,                           sizeof(SERIAL_STATUS),       get_comm_status  },
    {IOCTL_SERIAL_GET_PROPERTIES,    0,                           sizeof(SERIAL_COMMPROP),     get_properties   },
    {IOCTL_SERIAL_GET_DTRRTS,        0,                           sizeof(ULONG),               get_dtrrts       },
    {IOCTL_SERIAL_LSRMST_INSERT,     sizeof(UCHAR),               0,                           insert_status    },
    {IOCTL_SERIAL_CONFIG_SIZE,       0,                           sizeof(ULONG),               get_config_size  },
    {IOCTL_SERIAL_GET_STATS,         0,                           sizeof(SERIALPERF_STATS),    get_stats        },
    {IOCTL_SERIAL_CLEAR_STATS,       0,                           0,                           clear_stats      },
    {IOCTL_SERIAL_GET_MODEM_CONTROL, 0,                           sizeof(ULONG),               get_dtrrts       },
    {IOCTL_SERIAL_SET_MODEM_CONTROL, sizeof(ULONG),               0,                           set_modem_control},
    {IOCTL_SERIAL_SET_FIFO_CONTROL,  sizeof(ULONG),               0,                           nothing          },
};

static const struct control *control_of(uint32_t code)
{
    for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++)
        if (controls[i].code == code)
            return &controls[i];
    return NULL;
}

uint32_t ci_serial_gate(const struct ci_serial *s, uint32_t code)
{
    if (s->dead)
        return STATUS_ACCESS_DENIED;
    return s->com.aborted && code != IOCTL_SERIAL_GET_COMMSTATUS ? STATUS_CANCELLED
                                                                 : STATUS_SUCCESS;
}

uint32_t ci_serial_control(struct ci_serial *s, uint32_t code, struct ci_asked *asked)
{
    const struct control *control = control_of(code);

    if (control == NULL)
        return STATUS_INVALID_PARAMETER;
    if (asked->in_len < control->in || asked->out_len < control->out ||
        (control->in > 0 && asked->in == NULL) || (control->out > 0 && asked->out == NULL))
        return STATUS_BUFFER_TOO_SMALL;
    asked->out_len = control->out;
    return control->run(s, asked);
}

/* ---- DeviceIoControl ---- */

static bool lasting(struct ci_serial *s, struct ci_op *op, struct ci_asked *asked)
{
    bool wait = op->code == IOCTL_SERIAL_WAIT_ON_MASK;
    size_t in = wait ? 0 : sizeof(UCHAR), out = wait ? sizeof(ULONG) : 0;

    op->done = 0;
    op->status = STATUS_BUFFER_TOO_SMALL;
    if (asked->in_len < in || asked->out_len < out)
        return true;
    if (!wait)
        return immediate_char(s, asked, &op->status);
    if (!wait_on_mask(s, asked, &op->status))
        return false;
    op->done = op->status == STATUS_SUCCESS ? sizeof(ULONG) : 0;
    return true;
}

bool ci_serial_ioctl(struct ci_file *file, struct ci_op *op)
{
    struct ci_serial *s = ci_serial_of(file);
    struct ci_asked asked = {op->buf, op->len, op->out, op->out_len, file->done};
    bool over = true;

    if (op->code == IOCTL_SERIAL_WAIT_ON_MASK || op->code == IOCTL_SERIAL_IMMEDIATE_CHAR) {
        over = lasting(s, op, &asked);
    } else {
        op->status = ci_serial_control(s, op->code, &asked);
        op->done = op->status == STATUS_SUCCESS ? asked.out_len : 0;
    }
    ci_serial_follow(s, file->done);
    if (!over && !s->dead &&
        ci_serial_control_over(s, op)) { /* it has ended already and is in no queue yet */
        ci_serial_follow(s, file->done); /* it may have been the last thing to go */
        over = true;
    }
    return over || ci_serial_gone(s, op);
}
