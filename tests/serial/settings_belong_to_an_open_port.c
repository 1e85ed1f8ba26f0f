/* SPDX-License-Identifier: MIT */
/* SetCommState: everything comes back as it was set, the tty has it, what is wrong changes nothing,
 * and what is buffered or pending does not notice. */
#include <asm/termbits.h>
#include <string.h>
#include <sys/ioctl.h>

#include "port.h"

/* A DCB as programs write it: all of it set. */
static DCB usual(void)
{
    DCB dcb = {.DCBlength = sizeof dcb, .BaudRate = CBR_19200, .fBinary = 1, .ByteSize = 8};

    dcb.fDtrControl = DTR_CONTROL_ENABLE;
    dcb.fRtsControl = RTS_CONTROL_ENABLE;
    dcb.XonLim = 2048;
    dcb.XoffLim = 512;
    dcb.XonChar = 0x11;
    dcb.XoffChar = 0x13;
    return dcb;
}

static DCB state_of(const struct port *port)
{
    DCB dcb;

    memset(&dcb, 0x5A, sizeof dcb);
    CHECK(GetCommState(port->near, &dcb));
    return dcb;
}

/* ---- what is set comes back ---- */

static void nothing(DCB *dcb)
{
    (void)dcb;
}
static void speed(DCB *dcb)
{
    dcb->BaudRate = 115200;
}
static void odd_speed(DCB *dcb)
{
    dcb->BaudRate = 31250;
}
static void seven_even(DCB *dcb)
{
    dcb->ByteSize = 7, dcb->Parity = EVENPARITY;
}
static void eight_odd_two(DCB *dcb)
{
    dcb->Parity = ODDPARITY, dcb->StopBits = TWOSTOPBITS;
}
static void five_and_a_half(DCB *dcb)
{
    dcb->ByteSize = 5, dcb->StopBits = ONE5STOPBITS;
}
static void mark(DCB *dcb)
{
    dcb->ByteSize = 7, dcb->Parity = MARKPARITY;
}
static void space(DCB *dcb)
{
    dcb->ByteSize = 6, dcb->Parity = SPACEPARITY;
}
static void cts(DCB *dcb)
{
    dcb->fOutxCtsFlow = 1;
}
static void dsr(DCB *dcb)
{
    dcb->fOutxDsrFlow = 1;
}
static void dtr_off(DCB *dcb)
{
    dcb->fDtrControl = DTR_CONTROL_DISABLE;
}
static void dtr_handshake(DCB *dcb)
{
    dcb->fDtrControl = DTR_CONTROL_HANDSHAKE;
}
static void rts_off(DCB *dcb)
{
    dcb->fRtsControl = RTS_CONTROL_DISABLE;
}
static void rts_handshake(DCB *dcb)
{
    dcb->fRtsControl = RTS_CONTROL_HANDSHAKE;
}
static void rts_toggle(DCB *dcb)
{
    dcb->fRtsControl = RTS_CONTROL_TOGGLE;
}
static void sensitive(DCB *dcb)
{
    dcb->fDsrSensitivity = 1;
}
static void continues(DCB *dcb)
{
    dcb->fTXContinueOnXoff = 1;
}
static void out_x(DCB *dcb)
{
    dcb->fOutX = 1;
}
static void in_x(DCB *dcb)
{
    dcb->fInX = 1;
}
static void error_char(DCB *dcb)
{
    dcb->fErrorChar = 1, dcb->ErrorChar = '?';
}
static void null(DCB *dcb)
{
    dcb->fNull = 1;
}
static void aborts(DCB *dcb)
{
    dcb->fAbortOnError = 1;
}
static void limits(DCB *dcb)
{
    dcb->XonLim = 4096, dcb->XoffLim = 4096;
}
static void no_limits(DCB *dcb)
{
    dcb->XonLim = 0, dcb->XoffLim = 0;
}
static void characters(DCB *dcb)
{
    dcb->XonChar = (char)0xFE;
    dcb->XoffChar = (char)0xFF;
    dcb->ErrorChar = 1;
    dcb->EofChar = 2;
    dcb->EvtChar = 3;
}
static void printer(DCB *dcb)
{
    dcb->fOutxCtsFlow = dcb->fOutxDsrFlow = 1;
    dcb->fDtrControl = DTR_CONTROL_HANDSHAKE;
    dcb->fRtsControl = RTS_CONTROL_HANDSHAKE;
    dcb->fInX = dcb->fOutX = 1;
}

static const struct {
    const char *when;
    void (*change)(DCB *dcb);
} good[] = {
    {"nothing",        nothing        },
    {"speed",          speed          },
    {"odd speed",      odd_speed      },
    {"7E1",            seven_even     },
    {"8O2",            eight_odd_two  },
    {"5N1.5",          five_and_a_half},
    {"7M1",            mark           },
    {"6S1",            space          },
    {"CTS",            cts            },
    {"DSR",            dsr            },
    {"DTR off",        dtr_off        },
    {"DTR handshake",  dtr_handshake  },
    {"RTS off",        rts_off        },
    {"RTS handshake",  rts_handshake  },
    {"RTS toggle",     rts_toggle     },
    {"DSR sensitive",  sensitive      },
    {"on with XOFF",   continues      },
    {"XON/XOFF out",   out_x          },
    {"XON/XOFF in",    in_x           },
    {"error char",     error_char     },
    {"null",           null           },
    {"abort",          aborts         },
    {"limits",         limits         },
    {"no limits",      no_limits      },
    {"characters",     characters     },
    {"all handshakes", printer        },
};

static void every_field_comes_back_as_it_was_set(struct port *port)
{
    port_open(port, 0);
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        DCB set = usual(), got, given;

        good[i].change(&set);
        given = set;
        given.DCBlength = 3; /* is not looked at */
        given.fParity = 1;   /* nor is this */
        given.fBinary = 0;
        CHECK_EQ_WHEN(good[i].when, SetCommState(port->near, &given), TRUE);
        got = state_of(port);
        CHECK_EQ_WHEN(good[i].when, memcmp(&got, &set, sizeof got), 0);
        CHECK_EQ_WHEN(good[i].when, SetCommState(port->near, &got), TRUE);
        got = state_of(port);
        CHECK_EQ_WHEN(good[i].when, memcmp(&got, &set, sizeof got), 0);
    }
}

/* ---- the tty has it ---- */

static void the_tty_has_the_speed_that_was_set(struct port *port)
{
    static const DWORD speeds[] = {250000, 300, 31250, 115200, 4000000};

    port_open(port, 0);
    for (size_t i = 0; i < ARRAY_LEN(speeds); i++) {
        DCB dcb = usual();

        dcb.BaudRate = speeds[i];
        CHECK(SetCommState(port->near, &dcb));
        CHECK_EQ(pty_speed(&port->pty), speeds[i]);
        CHECK_EQ(state_of(port).BaudRate, speeds[i]);
    }
}

static void cts_flow_control_is_the_kernels(struct port *port)
{
    DCB dcb = usual();

    port_open(port, 0);
    CHECK(SetCommState(port->near, &dcb));
    CHECK_EQ(pty_cflag(&port->pty) & CRTSCTS, 0);
    dcb.fOutxCtsFlow = 1;
    dcb.fRtsControl = RTS_CONTROL_HANDSHAKE;
    CHECK(SetCommState(port->near, &dcb));
    CHECK_EQ(pty_cflag(&port->pty) & CRTSCTS, CRTSCTS);
    CHECK_EQ(pty_iflag(&port->pty) & (CRTSCTS | IXON | IXOFF | IXANY), 0);
}

/* ---- what is wrong ---- */

static void four_bits(DCB *dcb)
{
    dcb->ByteSize = 4;
}
static void nine_bits(DCB *dcb)
{
    dcb->ByteSize = 9;
}
static void many_bits(DCB *dcb)
{
    dcb->ByteSize = 255;
}
static void parity_five(DCB *dcb)
{
    dcb->Parity = 5;
}
static void stop_three(DCB *dcb)
{
    dcb->StopBits = 3;
}
static void five_and_two(DCB *dcb)
{
    dcb->ByteSize = 5, dcb->StopBits = TWOSTOPBITS;
}
static void eight_and_a_half(DCB *dcb)
{
    dcb->StopBits = ONE5STOPBITS;
}
static void no_speed(DCB *dcb)
{
    dcb->BaudRate = 0;
}
static void negative_speed(DCB *dcb)
{
    dcb->BaudRate = 0x80000000u;
}
static void dtr_three(DCB *dcb)
{
    dcb->fDtrControl = 3;
}
static void xon_beyond(DCB *dcb)
{
    dcb->XonLim = 4097;
}
static void xoff_beyond(DCB *dcb)
{
    dcb->XoffLim = 4097;
}
static void one_character(DCB *dcb)
{
    dcb->XonChar = dcb->XoffChar;
}

static const struct {
    const char *when;
    void (*change)(DCB *dcb);
} bad[] = {
    {"4 bits",               four_bits       },
    {"9 bits",               nine_bits       },
    {"255 bits",             many_bits       },
    {"parity 5",             parity_five     },
    {"stop bits 3",          stop_three      },
    {"5 bits, 2 stop",       five_and_two    },
    {"8 bits, 1.5 stop",     eight_and_a_half},
    {"speed 0",              no_speed        },
    {"a negative speed",     negative_speed  },
    {"DTR control 3",        dtr_three       },
    {"XonLim too high",      xon_beyond      },
    {"XoffLim too high",     xoff_beyond     },
    {"XON the same as XOFF", one_character   },
};

static void what_is_wrong_changes_nothing(struct port *port)
{
    DCB before, after, dcb;

    port_open(port, 0);
    dcb = usual();
    CHECK(SetCommState(port->near, &dcb));
    before = state_of(port);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        DWORD errors = 77;

        dcb = before;
        dcb.BaudRate = 4800; /* what is right of it is not taken either */
        dcb.EvtChar = 'x';
        bad[i].change(&dcb);
        SetLastError(0xC0DE);
        CHECK_EQ_WHEN(bad[i].when, SetCommState(port->near, &dcb), FALSE);
        CHECK_EQ_WHEN(bad[i].when, GetLastError(), ERROR_INVALID_PARAMETER);
        after = state_of(port);
        CHECK_EQ_WHEN(bad[i].when, memcmp(&after, &before, sizeof after), 0);
        if (port->kind == PORT_PTY)
            CHECK_EQ_WHEN(bad[i].when, pty_speed(&port->pty), before.BaudRate);
        CHECK(ClearCommError(port->near, &errors, NULL));
        CHECK_EQ_WHEN(bad[i].when, errors & CE_MODE, 0);
    }
    CHECK_FAILS(SetCommState(port->near, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(GetCommState(port->near, NULL), ERROR_INVALID_PARAMETER);
}

/* ---- what is no port ---- */

static void no_port_answers(HANDLE handle, DWORD error)
{
    DWORD events = 0, errors = 0;
    OVERLAPPED ov = {0};
    COMMTIMEOUTS times;
    DCB dcb = usual();

    CHECK_FAILS(GetCommState(handle, &dcb), error);
    CHECK_FAILS(SetCommState(handle, &dcb), error);
    CHECK_FAILS(ClearCommError(handle, &errors, NULL), error);
    CHECK_FAILS(WaitCommEvent(handle, &events, &ov), error);
    CHECK_FAILS(GetCommTimeouts(handle, &times), error);
    CHECK_FAILS(SetCommMask(handle, EV_RXCHAR), error);
    CHECK_FAILS(PurgeComm(handle, PURGE_RXCLEAR), error);
    CHECK_FAILS(EscapeCommFunction(handle, SETDTR), error);
}

static void what_is_no_port_has_no_settings(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL), first, second, file;
    char path[320];

    snprintf(path, sizeof path, "%s/file", comm_test_dir());
    file = CreateFileA(path, READ_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    CHECK(file != INVALID_HANDLE_VALUE);
    CHECK(CommCreateStreamPair(&first, &second, 0));
    no_port_answers(NULL, ERROR_INVALID_HANDLE);
    no_port_answers(INVALID_HANDLE_VALUE, ERROR_INVALID_HANDLE);
    no_port_answers(event, ERROR_INVALID_HANDLE);
    no_port_answers(file, ERROR_INVALID_FUNCTION);
    no_port_answers(first, ERROR_INVALID_FUNCTION);
    CHECK(CloseHandle(first));
    CHECK(CloseHandle(second));
    CHECK(CloseHandle(file));
    CHECK(CloseHandle(event));
    no_port_answers(event, ERROR_INVALID_HANDLE); /* a stale one */
}

/* ---- what does not notice ---- */

static void faster(DCB *dcb)
{
    dcb->BaudRate = 57600;
    dcb->fOutxCtsFlow = 0;
}

static void buffered_bytes_and_reads_survive(struct port *port)
{
    struct request first, second;

    port_open(port, FILE_FLAG_OVERLAPPED);
    request_open(&first, true);
    request_open(&second, true);
    port_deliver(port, "abc", 3);
    port_change(port, faster);
    CHECK_EQ(port_queued(port), 3);
    CHECK(ReadFile(port->near, first.buf, 2, NULL, &first.ov));
    port_ends("buffered", port, &first, STATUS_SUCCESS, 2);
    request_pends(&second, port->near, 4);
    port_change(port, faster);
    CHECK(port_pends(port, &second));
    port_deliver(port, "d", 1);
    port_change(port, speed);
    CHECK(port_pends(port, &second));
    port_send(port, "ef", 2);
    port_ends("pending", port, &second, STATUS_SUCCESS, 4);
    CHECK(memcmp(first.buf, "ab", 2) == 0);
    CHECK(memcmp(second.buf, "cdef", 4) == 0);
    request_close(&first);
    request_close(&second);
}

/* ---- lines ---- */

static DWORD outputs(struct port *port)
{
    DWORD out = 0;

    CHECK(CommGetNullModemOutputs(port->cable, port->number, &out));
    return out & (COMM_OUTPUT_DTR | COMM_OUTPUT_RTS);
}

static void dtr_on(DCB *dcb)
{
    dcb->fDtrControl = DTR_CONTROL_ENABLE;
}

static void a_line_moves_only_when_its_mode_changes(struct port *port)
{
    port_open(port, 0);
    CHECK_EQ(outputs(port), COMM_OUTPUT_DTR | COMM_OUTPUT_RTS);
    CHECK(EscapeCommFunction(port->near, CLRDTR));
    CHECK_EQ(outputs(port), COMM_OUTPUT_RTS);
    port_change(port, dtr_on);
    port_change(port, speed);
    CHECK_EQ(outputs(port), COMM_OUTPUT_RTS);
    CHECK_EQ(state_of(port).fDtrControl, DTR_CONTROL_ENABLE);
    port_change(port, dtr_off);
    CHECK_EQ(outputs(port), COMM_OUTPUT_RTS);
    port_change(port, dtr_on);
    CHECK_EQ(outputs(port), COMM_OUTPUT_DTR | COMM_OUTPUT_RTS);
}

static void hang_up_at_the_end(const struct port *port)
{
    struct termios2 t;

    pty_termios(&port->pty, &t);
    t.c_cflag |= HUPCL;
    CHECK_EQ(ioctl(port->pty.master, TCSETS2, &t), 0);
}

static void a_port_keeps_only_outputs_it_has_once_it_is_closed(struct port *port)
{
    if (port->kind == PORT_PTY)
        hang_up_at_the_end(port);
    port_open(port, 0);
    CHECK_FAILS(CommKeepPortOutputs(port->near, COMM_OUTPUT_BREAK), ERROR_INVALID_PARAMETER);
    if (port->kind == PORT_CABLE)
        CHECK_FAILS(CommKeepPortOutputs(port->near, COMM_OUTPUT_DTR), ERROR_NOT_SUPPORTED);
    else
        CHECK_EQ(CommKeepPortOutputs(port->near, COMM_OUTPUT_DTR | COMM_OUTPUT_RTS), TRUE);
    port_shut(port);
    if (port->kind == PORT_PTY)
        CHECK_EQ(pty_cflag(&port->pty) & HUPCL, 0);
    CHECK_FAILS(CommKeepPortOutputs(NULL, 0), ERROR_INVALID_HANDLE);
}

PORT_TEST_MAIN(ON_BOTH(every_field_comes_back_as_it_was_set),
               ON_PTY(the_tty_has_the_speed_that_was_set), ON_PTY(cts_flow_control_is_the_kernels),
               ON_BOTH(what_is_wrong_changes_nothing), TEST(what_is_no_port_has_no_settings),
               ON_BOTH(buffered_bytes_and_reads_survive),
               ON_CABLE(a_line_moves_only_when_its_mode_changes),
               ON_BOTH(a_port_keeps_only_outputs_it_has_once_it_is_closed))
