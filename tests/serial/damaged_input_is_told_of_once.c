/* SPDX-License-Identifier: MIT */
/* What came damaged: the event, the error that is reported once, and the byte, which is delivered
 * as it came or replaced.  Breaks and a type-ahead that is full belong to it. */
#include "waits.h"

#define HERE port->cable, port->number
#define DAMAGE (EV_RXCHAR | EV_ERR | EV_BREAK)

static void inject(const struct port *port, DWORD what, char byte)
{
    CHECK(CommInjectNullModem(HERE, what, &byte, 1));
}

static const struct {
    const char *when;
    DWORD what, errors, events;
} damages[] = {
    {"the parity is wrong",         COMM_INJECT_PARITY,                     CE_RXPARITY,            EV_ERR},
    {"the stop bit is missing",     COMM_INJECT_FRAME,                      CE_FRAME,               EV_ERR},
    {"one before it was lost",      COMM_INJECT_OVERRUN,                    CE_OVERRUN,             EV_ERR},
    {"two things are wrong",        COMM_INJECT_PARITY | COMM_INJECT_FRAME, CE_RXPARITY | CE_FRAME,
     EV_ERR                                                                                               },
    {"nothing is wrong, after all", 0,                                      0,                      0     },
};

static void a_damaged_byte_is_an_error_once_and_comes_as_it_was(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, DAMAGE));
    for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
        const char *when = damages[i].when;

        inject(port, damages[i].what, 'x');
        CHECK_EQ_WHEN(when, latched(port), damages[i].events | EV_RXCHAR);
        CHECK_EQ_WHEN(when, errors_of(port), damages[i].errors);
        CHECK_EQ_WHEN(when, errors_of(port), 0);
        expect_queued(when, port, "x", 1);
    }
}

static void errors_are_kept_together_until_somebody_asks(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    inject(port, COMM_INJECT_PARITY, 'x');
    inject(port, COMM_INJECT_FRAME, 'y');
    inject(port, COMM_INJECT_PARITY, 'z');
    CHECK_EQ(errors_of(port), CE_RXPARITY | CE_FRAME);
    inject(port, COMM_INJECT_FRAME, 'x');
    CHECK(ClearCommError(port->near, NULL, NULL));
    CHECK_EQ(errors_of(port), 0);
}

static const struct {
    const char *when;
    DWORD what, errors, events;
} losses[] = {
    {"the UART lost some",   COMM_INJECT_MISSED, CE_OVERRUN, EV_ERR},
    {"the system lost some", COMM_INJECT_LOST,   CE_RXOVER,  0     },
};

static void bytes_that_were_lost_are_an_error_without_a_byte(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, DAMAGE));
    for (size_t i = 0; i < ARRAY_LEN(losses); i++) {
        CHECK(CommInjectNullModem(HERE, losses[i].what, NULL, 1));
        CHECK_EQ_WHEN(losses[i].when, latched(port), losses[i].events);
        CHECK_EQ_WHEN(losses[i].when, errors_of(port), losses[i].errors);
        CHECK_EQ_WHEN(losses[i].when, errors_of(port), 0);
        CHECK_EQ_WHEN(losses[i].when, port_queued(port), 0);
    }
}

/* ---- both ends on one cable, set differently ---- */

static void odd(DCB *dcb)
{
    dcb->Parity = ODDPARITY;
}

static void slow(DCB *dcb)
{
    dcb->BaudRate = CBR_1200;
    dcb->Parity = EVENPARITY;
}

static void fast(DCB *dcb)
{
    dcb->BaudRate = CBR_9600;
    dcb->Parity = EVENPARITY;
}

static const struct {
    const char *when;
    void (*change)(DCB *dcb);
    DWORD errors;
} settings[] = {
    {"the parities differ", odd,  CE_RXPARITY},
    {"the speeds differ",   slow, CE_FRAME   },
    {"they agree",          fast, 0          },
};

static void ends_that_are_set_differently_damage_what_they_send(struct port *port)
{
    DCB dcb;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(GetCommState(port->far, &dcb));
    fast(&dcb);
    CHECK(SetCommState(port->far, &dcb));
    for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
        port_change(port, settings[i].change);
        port_deliver(port, "x", 1);
        CHECK_EQ_WHEN(settings[i].when, errors_of(port), settings[i].errors);
        expect_queued(settings[i].when, port, "x", 1);
    }
}

/* ---- breaks ---- */

static void nothing_changes(DCB *dcb)
{
    (void)dcb;
}

static void nulls_are_dropped(DCB *dcb)
{
    dcb->fNull = TRUE;
}

static const struct {
    const char *when;
    void (*change)(DCB *dcb);
    DWORD events, bytes;
} breaks[] = {
    {"a break is a byte 0",    nothing_changes,   EV_BREAK | EV_RXCHAR, 1},
    {"null bytes are dropped", nulls_are_dropped, EV_BREAK,             0},
};

static void a_break_is_told_of_and_read_as_a_null(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, DAMAGE));
    for (size_t i = 0; i < ARRAY_LEN(breaks); i++) {
        const char *when = breaks[i].when;

        port_change(port, breaks[i].change);
        CHECK(SetCommBreak(port->far));
        CHECK_EQ_WHEN(when, latched(port), breaks[i].events);
        CHECK_EQ_WHEN(when, errors_of(port), CE_BREAK);
        expect_queued(when, port, "", breaks[i].bytes);
        CHECK(SetCommBreak(port->far)); /* it is the same one still */
        CHECK(ClearCommBreak(port->far));
        CHECK_EQ_WHEN(when, latched(port), 0);
        CHECK_EQ_WHEN(when, errors_of(port), 0);
        port_deliver(port, "x", 1);
        expect_queued(when, port, "x", 1);
        CHECK_EQ_WHEN(when, latched(port), EV_RXCHAR);
    }
}

static void the_frame_that_a_break_spoils_is_an_event_and_no_error(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_BREAK | EV_ERR));
    CHECK(CommInjectNullModem(HERE, COMM_INJECT_BREAK | COMM_INJECT_FRAME, NULL, 1));
    CHECK_EQ(latched(port), EV_BREAK | EV_ERR);
    CHECK_EQ(errors_of(port), CE_BREAK);
}

/* ---- replaced ---- */

static void question_marks_replace(DCB *dcb)
{
    dcb->fErrorChar = TRUE;
    dcb->ErrorChar = '?';
}

static const struct {
    const char *when;
    void (*change)(DCB *dcb);
    DWORD what, events;
    const char *bytes;
} replacements[] = {
    {"no character replaces it", nothing_changes,        COMM_INJECT_PARITY,                     EV_ERR | EV_RXCHAR, "axb"},
    {"its parity is wrong",      question_marks_replace, COMM_INJECT_PARITY,                     EV_ERR,             "a?b"},
    {"its stop bit is missing",  question_marks_replace, COMM_INJECT_FRAME,                      EV_ERR,             "a?b"},
    {"two things are wrong",     question_marks_replace, COMM_INJECT_PARITY | COMM_INJECT_FRAME, EV_ERR,
     "a??b"                                                                                                               },
    {"nothing is wrong",         question_marks_replace, 0,                                      EV_RXCHAR,          "axb"},
};

static void a_damaged_byte_is_replaced_if_it_is_to_be(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(replacements); i++) {
        const char *when = replacements[i].when;

        port_change(port, replacements[i].change);
        port_deliver(port, "a", 1);
        CHECK(SetCommMask(port->near, DAMAGE));
        inject(port, replacements[i].what, 'x');
        CHECK_EQ_WHEN(when, latched(port), replacements[i].events);
        port_deliver(port, "b", 1);
        expect_queued(when, port, replacements[i].bytes, (DWORD)strlen(replacements[i].bytes));
        CHECK(SetCommMask(port->near, 0));
    }
}

/* ---- too many ---- */

#define ROOM 4096

static void overflow(struct port *port, const char *when, char last)
{
    char bytes[ROOM + 10], got[ROOM];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)i;
    CHECK(SetCommMask(port->near, EV_ERR | EV_RXCHAR));
    port_deliver(port, bytes, ROOM);
    CHECK_EQ_WHEN(when, errors_of(port), 0);
    port_deliver(port, bytes + ROOM, 10);
    CHECK_EQ_WHEN(when, latched(port), EV_RXCHAR);
    CHECK_EQ_WHEN(when, errors_of(port), CE_RXOVER);
    CHECK_EQ_WHEN(when, errors_of(port), 0);
    CHECK_EQ_WHEN(when, port_queued(port), ROOM);
    read_queued(port, got, ROOM);
    bytes[ROOM - 1] = last;
    CHECK_EQ_WHEN(when, memcmp(got, bytes, ROOM), 0);
}

static void what_the_type_ahead_has_no_room_for_is_lost(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    overflow(port, "the oldest stay", (char)(ROOM - 1));
    port_change(port, question_marks_replace);
    overflow(port, "the last one says that some are missing", '?');
}

PORT_TEST_MAIN(ON_CABLE(a_damaged_byte_is_an_error_once_and_comes_as_it_was),
               ON_CABLE(errors_are_kept_together_until_somebody_asks),
               ON_CABLE(bytes_that_were_lost_are_an_error_without_a_byte),
               {.name = "ends_that_are_set_differently_damage_what_they_send",
                .with = ends_that_are_set_differently_damage_what_they_send,
                .cable = true,
                .flags = COMM_CABLE_STRICT},
               ON_CABLE(a_break_is_told_of_and_read_as_a_null),
               ON_CABLE(the_frame_that_a_break_spoils_is_an_event_and_no_error),
               ON_CABLE(a_damaged_byte_is_replaced_if_it_is_to_be),
               ON_BOTH(what_the_type_ahead_has_no_room_for_is_lost))
