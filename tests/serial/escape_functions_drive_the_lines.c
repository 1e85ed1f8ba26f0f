/* SPDX-License-Identifier: MIT */
/* EscapeCommFunction: what there is, and which lines a program may drive while the port drives some
 * of them itself. */
#include "waits.h"

static void what_is_no_function_is_refused(struct port *port)
{
    static const DWORD wrong[] = {0, 10, 99, 0xFFFFFFFF};

    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        CHECK_FAILS(EscapeCommFunction(port->near, wrong[i]), ERROR_INVALID_PARAMETER);
    for (DWORD function = SETXOFF; function <= CLRBREAK; function++)
        CHECK_EQ(EscapeCommFunction(port->near, function), TRUE);
}

static void a_reset_of_the_device_does_nothing(struct port *port)
{
    struct request read;

    port_open(port, FILE_FLAG_OVERLAPPED);
    read_pends(port, &read, 2);
    port_deliver(port, "a", 1);
    CHECK(EscapeCommFunction(port->near, RESETDEV));
    CHECK(port_pends(port, &read));
    port_send(port, "b", 1);
    read_ends("it goes on", port, &read, "ab");
}

/* ---- who drives RTS and DTR ---- */

static void set_modes(const struct port *port, DWORD rts, DWORD dtr)
{
    DCB dcb;

    CHECK(GetCommState(port->near, &dcb));
    dcb.fRtsControl = rts & 3;
    dcb.fDtrControl = dtr & 3;
    CHECK(SetCommState(port->near, &dcb));
}

static const struct {
    const char *when;
    DWORD rts, dtr;
    bool rts_is_ours, dtr_is_ours;
} modes[] = {
    {"both are enabled",     RTS_CONTROL_ENABLE,    DTR_CONTROL_ENABLE,    true,  true },
    {"both are disabled",    RTS_CONTROL_DISABLE,   DTR_CONTROL_DISABLE,   true,  true },
    {"RTS does handshake",   RTS_CONTROL_HANDSHAKE, DTR_CONTROL_ENABLE,    false, true },
    {"RTS toggles",          RTS_CONTROL_TOGGLE,    DTR_CONTROL_DISABLE,   false, true },
    {"DTR does handshake",   RTS_CONTROL_ENABLE,    DTR_CONTROL_HANDSHAKE, true,  false},
    {"both do handshake",    RTS_CONTROL_HANDSHAKE, DTR_CONTROL_HANDSHAKE, false, false},
    {"one each does others", RTS_CONTROL_TOGGLE,    DTR_CONTROL_HANDSHAKE, false, false},
};

static void check_function(const char *when, const struct port *port, DWORD function, bool ours)
{
    SetLastError(0);
    CHECK_EQ_WHEN(when, EscapeCommFunction(port->near, function), ours);
    CHECK_EQ_WHEN(when, GetLastError(), ours ? 0 : ERROR_INVALID_PARAMETER);
}

static void a_line_that_does_handshake_is_not_the_programs(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        set_modes(port, modes[i].rts, modes[i].dtr);
        check_function(modes[i].when, port, SETRTS, modes[i].rts_is_ours);
        check_function(modes[i].when, port, CLRRTS, modes[i].rts_is_ours);
        check_function(modes[i].when, port, SETDTR, modes[i].dtr_is_ours);
        check_function(modes[i].when, port, CLRDTR, modes[i].dtr_is_ours);
    }
}

static const struct {
    const char *when;
    DWORD function, outputs;
} drives[] = {
    {"RTS falls",   CLRRTS,   COMM_OUTPUT_DTR                                      },
    {"DTR falls",   CLRDTR,   0                                                    },
    {"RTS rises",   SETRTS,   COMM_OUTPUT_RTS                                      },
    {"DTR rises",   SETDTR,   COMM_OUTPUT_RTS | COMM_OUTPUT_DTR                    },
    {"again",       SETDTR,   COMM_OUTPUT_RTS | COMM_OUTPUT_DTR                    },
    {"break on",    SETBREAK, COMM_OUTPUT_RTS | COMM_OUTPUT_DTR | COMM_OUTPUT_BREAK},
    {"break off",   CLRBREAK, COMM_OUTPUT_RTS | COMM_OUTPUT_DTR                    },
    {"once enough", CLRBREAK, COMM_OUTPUT_RTS | COMM_OUTPUT_DTR                    },
};

static void lines_follow_at_once_and_the_settings_stay(struct port *port)
{
    DCB dcb;

    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(drives); i++) {
        DWORD outputs = 0;

        CHECK(EscapeCommFunction(port->near, drives[i].function));
        CHECK(CommGetNullModemOutputs(port->cable, port->number, &outputs));
        CHECK_EQ_WHEN(drives[i].when, outputs, drives[i].outputs | COMM_OUTPUT_OPEN);
        CHECK(GetCommState(port->near, &dcb));
        CHECK_EQ_WHEN(drives[i].when, dcb.fRtsControl, RTS_CONTROL_ENABLE);
        CHECK_EQ_WHEN(drives[i].when, dcb.fDtrControl, DTR_CONTROL_ENABLE);
    }
}

PORT_TEST_MAIN(ON_BOTH(what_is_no_function_is_refused), ON_BOTH(a_reset_of_the_device_does_nothing),
               ON_BOTH(a_line_that_does_handshake_is_not_the_programs),
               ON_CABLE(lines_follow_at_once_and_the_settings_stay))
