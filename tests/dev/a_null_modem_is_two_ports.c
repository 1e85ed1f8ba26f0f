/* SPDX-License-Identifier: MIT */
/* CommCreateNullModem and its kin: two numbers that belong to the cable while its handle is open,
 * and faults that reach the port they are meant for. */
#include "cablerig.h"

#include <libcomm/native.h>

#include "child.h"
#include "libcomm/dev/serial/names.h"
#include "libcomm/plat/testing.h"

struct ends {
    HANDLE cable;
    DWORD number[2];
    struct rig rig;
};

/* By their names, as a port finds them. */
static void ends_open(struct ends *e, DWORD flags)
{
    e->cable = CommCreateNullModem(0, 0, flags);
    CHECK(e->cable != NULL);
    CHECK(CommGetNullModemPorts(e->cable, &e->number[0], &e->number[1]));
    for (unsigned end = 0; end < 2; end++) {
        struct ci_where where;

        CHECK_EQ(ci_names_find_number(e->number[end], &where), 0);
        CHECK_EQ(where.end, end);
        e->rig.cable = where.cable;
        rig_plug(&e->rig, end);
        if (end == 0)
            ci_cable_put(where.cable); /* one reference is enough */
    }
}

static void ends_close(struct ends *e)
{
    CHECK(CloseHandle(e->cable));
    rig_close(&e->rig);
}

/* ---- numbers ---- */

static void numbers_are_given_or_chosen_above_32(void)
{
    HANDLE a = CommCreateNullModem(0, 34, 0), b = CommCreateNullModem(0, 0, 0);
    DWORD first = 0, second = 0;

    CHECK(CommGetNullModemPorts(a, &first, &second));
    CHECK_EQ(first, 33);
    CHECK_EQ(second, 34);
    CHECK(CommGetNullModemPorts(b, &first, &second));
    CHECK_EQ(first, 35);
    CHECK_EQ(second, 36);
    CHECK(CloseHandle(a));
    CHECK(CloseHandle(b));
}

static void what_is_asked_for_is_not_chosen_for_the_other(void)
{
    HANDLE cable = CommCreateNullModem(0, 33, 0);
    DWORD first = 0, second = 0;

    CHECK(CommGetNullModemPorts(cable, &first, &second));
    CHECK_EQ(first, 34);
    CHECK_EQ(second, 33);
    CHECK(CloseHandle(cable));
}

static void a_number_belongs_to_one_cable(void)
{
    HANDLE cable = CommCreateNullModem(40, 41, 0);
    struct ci_where where;

    CHECK(CommCreateNullModem(42, 41, 0) == NULL);
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    CHECK_EQ(ci_names_find_number(42, &where), ERROR_FILE_NOT_FOUND); /* nothing half made */
    CHECK(CloseHandle(cable));
    CHECK_EQ(ci_names_find_number(41, &where), ERROR_FILE_NOT_FOUND);
    cable = CommCreateNullModem(41, 42, 0);
    CHECK(cable != NULL);
    CHECK(CloseHandle(cable));
}

static void a_cable_that_cannot_be_is_refused(void)
{
    CHECK(CommCreateNullModem(40, 40, 0) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(CommCreateNullModem(40, 41, 4) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

static void without_memory_nothing_is_left(void)
{
    HANDLE cable = NULL;

    for (unsigned nth = 0; cable == NULL && nth < 20; nth++) {
        SetLastError(0);
        ci_testing_fail(CI_FAULT_MEMORY, nth, false);
        cable = CommCreateNullModem(50, 51, 0);
        ci_testing_fail(0, 0, false);
        CHECK(cable != NULL || GetLastError() == ERROR_NOT_ENOUGH_MEMORY);
    }
    CHECK(cable != NULL);
    CHECK(CloseHandle(cable));
}

/* ---- what is done to it ---- */

static const struct {
    DWORD what;
    const char *data;
    DWORD len;
    const char *arrives;
    unsigned bad;
} bytes[] = {
    {COMM_INJECT_BYTES,                      "abc", 3, "abc", 0                           },
    {COMM_INJECT_BYTES,                      NULL,  0, "",    0                           },
    {COMM_INJECT_PARITY,                     "ab",  2, "ab",  CI_BAD_PARITY               },
    {COMM_INJECT_FRAME,                      "a",   1, "a",   CI_BAD_FRAME                },
    {COMM_INJECT_OVERRUN,                    "a",   1, "a",   CI_BAD_OVERRUN              },
    {COMM_INJECT_BREAK,                      "!",   1, "!",   CI_BAD_BREAK                },
    {COMM_INJECT_PARITY | COMM_INJECT_FRAME, "a",   1, "a",   CI_BAD_PARITY | CI_BAD_FRAME},
};

static void bytes_arrive_at_the_port_that_was_named(void)
{
    struct ends e;

    ends_open(&e, 0);
    for (size_t i = 0; i < ARRAY_LEN(bytes); i++) {
        for (unsigned end = 0; end < 2; end++) {
            rig_told(&e.rig, end);
            CHECK(CommInjectNullModem(e.cable, e.number[end], bytes[i].what, bytes[i].data,
                                      bytes[i].len));
            CHECK_EQ(rig_told(&e.rig, end), bytes[i].len > 0);
            CHECK_ARRIVED_BAD(&e.rig, end, bytes[i].arrives, bytes[i].bad);
            CHECK_ARRIVED(&e.rig, !end, "");
        }
    }
    ends_close(&e);
}

static void breaks_need_no_data(void)
{
    struct ends e;
    struct ci_run run;

    ends_open(&e, 0);
    CHECK(CommInjectNullModem(e.cable, e.number[1], COMM_INJECT_BREAK, NULL, 2));
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(e.rig.line[1]->ops->next(e.rig.line[1], &run), 1);
        CHECK_EQ(run.bad, CI_BAD_BREAK);
        CHECK_EQ(run.bytes[0], 0);
        e.rig.line[1]->ops->took(e.rig.line[1], 1);
    }
    CHECK_ARRIVED(&e.rig, 1, "");
    ends_close(&e);
}

static void pulses_and_losses_are_counted_as_often_as_asked(void)
{
    struct ends e;
    struct ci_inputs in;

    ends_open(&e, 0);
    CHECK(CommInjectNullModem(e.cable, e.number[0], COMM_INJECT_PULSE_CTS | COMM_INJECT_PULSE_RING,
                              NULL, 2));
    CHECK(CommInjectNullModem(e.cable, e.number[0], COMM_INJECT_PULSE_DSR, NULL, 1));
    CHECK(CommInjectNullModem(e.cable, e.number[0], COMM_INJECT_PULSE_RLSD, NULL, 3));
    CHECK(CommInjectNullModem(e.cable, e.number[0], COMM_INJECT_MISSED, NULL, 4));
    CHECK(CommInjectNullModem(e.cable, e.number[0], COMM_INJECT_LOST, NULL, 5));
    in = rig_inputs(&e.rig, 0);
    CHECK_EQ(in.levels, 0);
    CHECK_EQ(in.cts, 4);
    CHECK_EQ(in.ring, 2);
    CHECK_EQ(in.dsr, 2);
    CHECK_EQ(in.rlsd, 6);
    CHECK_EQ(in.overruns, 4);
    CHECK_EQ(in.buffer_overruns, 5);
    ends_close(&e);
}

static void levels_are_overridden_and_given_back(void)
{
    struct ends e;

    ends_open(&e, 0);
    rig_outputs(&e.rig, 0, CI_OUT_RTS);
    CHECK(CommSetNullModemLines(e.cable, e.number[1], MS_CTS_ON | MS_RING_ON, MS_RING_ON));
    CHECK_EQ(rig_inputs(&e.rig, 1).levels, MS_RING_ON);
    CHECK(CommSetNullModemLines(e.cable, e.number[1], 0, 0));
    CHECK_EQ(rig_inputs(&e.rig, 1).levels, MS_CTS_ON);
    ends_close(&e);
}

static void what_a_port_does_can_be_asked(void)
{
    struct ends e;
    DWORD outputs = 99;
    ULONGLONG sent = 99;

    ends_open(&e, 0);
    rig_outputs(&e.rig, 0, CI_OUT_RTS);
    e.rig.line[0]->ops->set_break(e.rig.line[0], true);
    rig_send(&e.rig, 0, "abc", 3);
    CHECK(CommGetNullModemOutputs(e.cable, e.number[0], &outputs));
    CHECK_EQ(outputs, COMM_OUTPUT_RTS | COMM_OUTPUT_BREAK | COMM_OUTPUT_OPEN);
    CHECK(CommGetNullModemSent(e.cable, e.number[0], &sent));
    CHECK_EQ(sent, 3);
    rig_unplug(&e.rig, 0);
    CHECK(CommGetNullModemOutputs(e.cable, e.number[0], &outputs));
    CHECK_EQ(outputs, 0);
    CHECK(CommGetNullModemSent(e.cable, e.number[1], &sent));
    CHECK_EQ(sent, 0);
    ends_close(&e);
}

/* ---- what is refused ---- */

#define CHECK_REFUSED(call, error)         \
    do {                                   \
        CHECK(!(call));                    \
        CHECK_EQ(GetLastError(), (error)); \
    } while (0)

static void what_makes_no_sense_is_refused(void)
{
    static const char block[65537];
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    struct ends e;
    DWORD some;
    ULONGLONG sent;

    ends_open(&e, 0);
    CHECK_REFUSED(CommInjectNullModem(e.cable, 1, 0, "x", 1), ERROR_INVALID_PARAMETER);
    CHECK_REFUSED(CommInjectNullModem(e.cable, 0, 0, "x", 1), ERROR_INVALID_PARAMETER);
    CHECK_REFUSED(CommInjectNullModem(e.cable, e.number[0], 0, NULL, 1), ERROR_INVALID_PARAMETER);
    CHECK_REFUSED(CommInjectNullModem(e.cable, e.number[0], 0x400, NULL, 1),
                  ERROR_INVALID_PARAMETER);
    CHECK_REFUSED(CommInjectNullModem(e.cable, e.number[0], COMM_INJECT_PULSE_CTS | 1, NULL, 1),
                  ERROR_INVALID_PARAMETER);
    CHECK_REFUSED(CommInjectNullModem(e.cable, e.number[0], COMM_INJECT_PULSE_CTS, "x", 1),
                  ERROR_INVALID_PARAMETER);
    CHECK_REFUSED(CommInjectNullModem(e.cable, e.number[0], 0, block, sizeof block),
                  ERROR_INSUFFICIENT_BUFFER);
    CHECK_REFUSED(CommSetNullModemLines(e.cable, e.number[0], 1, 0), ERROR_INVALID_PARAMETER);
    CHECK_REFUSED(CommGetNullModemOutputs(e.cable, e.number[0], NULL), ERROR_INVALID_PARAMETER);
    CHECK_REFUSED(CommGetNullModemSent(e.cable, e.number[0], NULL), ERROR_INVALID_PARAMETER);
    CHECK_REFUSED(CommGetNullModemPorts(e.cable, &some, NULL), ERROR_INVALID_PARAMETER);
    CHECK_REFUSED(CommGetNullModemPorts(event, &some, &some), ERROR_INVALID_HANDLE);
    CHECK_REFUSED(CommGetNullModemSent(event, e.number[0], &sent), ERROR_INVALID_HANDLE);
    CHECK_ARRIVED(&e.rig, 0, "");
    ends_close(&e);
    CHECK(CloseHandle(event));
}

/* ---- the end ---- */

static void closing_the_last_handle_unplugs_both_ports(void)
{
    struct ends e;
    HANDLE second;
    struct ci_run run;

    ends_open(&e, 0);
    CHECK(DuplicateHandle(GetCurrentProcess(), e.cable, GetCurrentProcess(), &second, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    CHECK(CloseHandle(second));
    CHECK_EQ(e.rig.line[0]->ops->next(e.rig.line[0], &run), 0);
    rig_told(&e.rig, 0);
    CHECK(CloseHandle(e.cable));
    CHECK_EQ(rig_told(&e.rig, 0), 1);
    CHECK_EQ(e.rig.line[0]->ops->next(e.rig.line[0], &run), -EIO);
    CHECK_EQ(e.rig.line[1]->ops->next(e.rig.line[1], &run), -EIO);
    rig_close(&e.rig);
}

static int child_body(void *arg)
{
    struct ends *e = arg;

    NEED(!CommInjectNullModem(e->cable, e->number[0], 0, "x", 1));
    NEED(GetLastError() == ERROR_DEVICE_REMOVED);
    NEED(CloseHandle(e->cable));
    return 0;
}

static void a_forked_child_has_no_cable(void)
{
    struct ends e;
    struct child child;

    ends_open(&e, 0);
    child = child_start(child_body, &e);
    CHECK_EQ(child_line(&child), 0);
    CHECK(CommInjectNullModem(e.cable, e.number[0], 0, "x", 1));
    CHECK_ARRIVED(&e.rig, 0, "x");
    ends_close(&e);
}

COMM_TEST_MAIN(TEST(numbers_are_given_or_chosen_above_32),
               TEST(what_is_asked_for_is_not_chosen_for_the_other),
               TEST(a_number_belongs_to_one_cable), TEST(a_cable_that_cannot_be_is_refused),
               TEST(without_memory_nothing_is_left), TEST(bytes_arrive_at_the_port_that_was_named),
               TEST(breaks_need_no_data), TEST(pulses_and_losses_are_counted_as_often_as_asked),
               TEST(levels_are_overridden_and_given_back), TEST(what_a_port_does_can_be_asked),
               TEST(what_makes_no_sense_is_refused),
               TEST(closing_the_last_handle_unplugs_both_ports), TEST(a_forked_child_has_no_cable))
