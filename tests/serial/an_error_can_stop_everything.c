/* SPDX-License-Identifier: MIT */
/* fAbortOnError: with the first error all reads and writes end, and nothing but ClearCommError
 * works until that was called.  A wait stays and is told. */
#include "waits.h"

static void errors_abort(DCB *dcb)
{
    dcb->fAbortOnError = TRUE;
}

static BOOL get_state(HANDLE h)
{
    DCB dcb;

    return GetCommState(h, &dcb);
}

static BOOL set_state(HANDLE h)
{
    DCB dcb = {.DCBlength = sizeof dcb,
               .BaudRate = CBR_9600,
               .fBinary = TRUE,
               .fAbortOnError = TRUE,
               .XonLim = 2048,
               .XoffLim = 512,
               .ByteSize = 8,
               .XonChar = 0x11,
               .XoffChar = 0x13};

    return SetCommState(h, &dcb);
}

static BOOL get_times(HANDLE h)
{
    COMMTIMEOUTS times;

    return GetCommTimeouts(h, &times);
}

static BOOL set_times(HANDLE h)
{
    COMMTIMEOUTS times = {0};

    return SetCommTimeouts(h, &times);
}

static BOOL get_mask(HANDLE h)
{
    DWORD mask;

    return GetCommMask(h, &mask);
}

static BOOL set_mask(HANDLE h)
{
    return SetCommMask(h, EV_RXCHAR);
}

static BOOL wait_event(HANDLE h)
{
    OVERLAPPED ov = {0};
    DWORD events;

    if (!WaitCommEvent(h, &events, &ov)) {
        if (GetLastError() != ERROR_IO_PENDING)
            return FALSE;
        CHECK(CancelIoEx(h, &ov));
        CHECK(!GetOverlappedResult(h, &ov, &events, TRUE));
    }
    return TRUE;
}

static BOOL read_nothing(HANDLE h)
{
    OVERLAPPED ov = {0};

    return ReadFile(h, NULL, 0, NULL, &ov);
}

static BOOL write_some(HANDLE h)
{
    OVERLAPPED ov = {0};
    DWORD count;

    return (WriteFile(h, "x", 1, NULL, &ov) || GetLastError() == ERROR_IO_PENDING) &&
           GetOverlappedResult(h, &ov, &count, TRUE);
}

static BOOL purge(HANDLE h)
{
    return PurgeComm(h, PURGE_RXCLEAR);
}

static BOOL escape(HANDLE h)
{
    return EscapeCommFunction(h, SETDTR);
}

static BOOL transmit(HANDLE h)
{
    return TransmitCommChar(h, 'x');
}

static BOOL setup(HANDLE h)
{
    return SetupComm(h, 10, 10);
}

static BOOL get_properties(HANDLE h)
{
    COMMPROP properties;

    return GetCommProperties(h, &properties);
}

static BOOL get_lines(HANDLE h)
{
    DWORD lines;

    return GetCommModemStatus(h, &lines);
}

static BOOL get_config(HANDLE h)
{
    COMMCONFIG config;
    DWORD size = sizeof config;

    return GetCommConfig(h, &config, &size);
}

static const struct {
    const char *when;
    BOOL (*call)(HANDLE h);
} calls[] = {
    {"GetCommState",       get_state       },
    {"SetCommState",       set_state       },
    {"GetCommTimeouts",    get_times       },
    {"SetCommTimeouts",    set_times       },
    {"GetCommMask",        get_mask        },
    {"SetCommMask",        set_mask        },
    {"WaitCommEvent",      wait_event      },
    {"ReadFile",           read_nothing    },
    {"WriteFile",          write_some      },
    {"FlushFileBuffers",   FlushFileBuffers},
    {"PurgeComm",          purge           },
    {"EscapeCommFunction", escape          },
    {"SetCommBreak",       SetCommBreak    },
    {"ClearCommBreak",     ClearCommBreak  },
    {"TransmitCommChar",   transmit        },
    {"SetupComm",          setup           },
    {"GetCommProperties",  get_properties  },
    {"GetCommModemStatus", get_lines       },
    {"GetCommConfig",      get_config      },
};

static void after_an_error_only_clear_comm_error_works(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, errors_abort);
    CHECK(CommInjectNullModem(port->cable, port->number, COMM_INJECT_FRAME, "x", 1));
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        SetLastError(0);
        CHECK_EQ_WHEN(calls[i].when, calls[i].call(port->near), FALSE);
        CHECK_EQ_WHEN(calls[i].when, GetLastError(), ERROR_OPERATION_ABORTED);
    }
    CHECK_EQ(errors_of(port), CE_FRAME);
    CHECK(set_mask(port->near));
    for (size_t i = 0; i < ARRAY_LEN(calls); i++)
        CHECK_EQ_WHEN(calls[i].when, calls[i].call(port->near), TRUE);
}

static const struct {
    const char *when;
    DWORD what, errors;
} damages[] = {
    {"the parity is wrong",     COMM_INJECT_PARITY,  CE_RXPARITY},
    {"the stop bit is missing", COMM_INJECT_FRAME,   CE_FRAME   },
    {"a byte was overrun",      COMM_INJECT_OVERRUN, CE_OVERRUN },
    {"it is a break",           COMM_INJECT_BREAK,   CE_BREAK   },
};

static void an_error_ends_reads_and_writes_and_tells_the_wait(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, errors_abort);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
        const char *when = damages[i].when;
        bool breaks = damages[i].what == COMM_INJECT_BREAK;
        struct request read[2], write[2];
        struct wait wait;

        CHECK(SetCommMask(port->near, EV_ERR | EV_BREAK));
        for (int k = 0; k < 2; k++) {
            read_pends(port, &read[k], 4);
            write_pends(port, &write[k], "never", 5);
        }
        wait_pends(port, &wait);
        CHECK(CommInjectNullModem(port->cable, port->number, damages[i].what, "\0", 1));
        for (int k = 0; k < 2; k++) {
            transfer_ends(when, port, &read[k], STATUS_CANCELLED, 0);
            transfer_ends(when, port, &write[k], STATUS_CANCELLED, 0);
        }
        wait_ends(when, port, &wait, breaks ? EV_BREAK : EV_ERR);
        CHECK_EQ_WHEN(when, errors_of(port), damages[i].errors);
        CHECK(PurgeComm(port->near, PURGE_RXCLEAR));
    }
    CHECK(EscapeCommFunction(port->near, SETXON));
    write_all(port, "!", 1);
    CHECK(port_expect(port, "!", 1));
    port_deliver(port, "x", 1);
    expect_queued("it works again", port, "x", 1);
}

static void a_type_ahead_that_overflows_stops_everything_too(struct port *port)
{
    static char bytes[4097];
    struct request write;
    DWORD mask;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, errors_abort);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    write_pends(port, &write, "never", 5);
    port_send(port, bytes, sizeof bytes);
    port_ends("the type-ahead overflows", port, &write, STATUS_CANCELLED, 0);
    CHECK_FAILS(GetCommMask(port->near, &mask), ERROR_OPERATION_ABORTED);
    request_close(&write);
    CHECK_EQ(errors_of(port), CE_RXOVER);
    CHECK(GetCommMask(port->near, &mask));
}

static void without_the_setting_an_error_stops_nothing(struct port *port)
{
    struct request read;

    port_open(port, FILE_FLAG_OVERLAPPED);
    read_pends(port, &read, 2);
    CHECK(CommInjectNullModem(port->cable, port->number, COMM_INJECT_FRAME, "x", 1));
    port_deliver(port, "y", 1);
    read_ends("an error", port, &read, "xy");
    CHECK_EQ(errors_of(port), CE_FRAME);
}

PORT_TEST_MAIN(ON_CABLE(after_an_error_only_clear_comm_error_works),
               ON_CABLE(an_error_ends_reads_and_writes_and_tells_the_wait),
               ON_BOTH(a_type_ahead_that_overflows_stops_everything_too),
               ON_CABLE(without_the_setting_an_error_stops_nothing))
