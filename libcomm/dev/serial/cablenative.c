/* SPDX-License-Identifier: MIT */
/* The public calls that make a simulated cable, and do to it what happens to real ones. */
#include <errno.h>

#include <libcomm/native.h>

#include "libcomm/dev/serial/cableend.h"
#include "libcomm/dev/serial/names.h"
#include "libcomm/obj/handle.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/trace.h"

#define CHOSEN_LEAST 33u /* numbers that nobody asked for: out of the way of real ports */
#define CHOSEN_MOST 4096u

_Static_assert(COMM_CABLE_PACED == CI_CABLE_PACED && COMM_CABLE_STRICT == CI_CABLE_STRICT, "flags");
_Static_assert(COMM_INJECT_PARITY == CI_BAD_PARITY && COMM_INJECT_FRAME == CI_BAD_FRAME &&
                   COMM_INJECT_OVERRUN == CI_BAD_OVERRUN && COMM_INJECT_BREAK == CI_BAD_BREAK,
               "marks");
_Static_assert(COMM_OUTPUT_DTR == CI_OUT_DTR && COMM_OUTPUT_RTS == CI_OUT_RTS, "outputs");

#define MARKS (CI_BAD_PARITY | CI_BAD_FRAME | CI_BAD_OVERRUN | CI_BAD_BREAK)
#define LEVELS (MS_CTS_ON | MS_DSR_ON | MS_RING_ON | MS_RLSD_ON)

/* ---- making ---- */

static uint32_t name_end(struct ci_cable *cable, unsigned end, uint32_t wish)
{
    uint32_t number = wish != 0 ? wish : CHOSEN_LEAST;
    uint32_t error = ci_names_add_cable(number, cable, end);

    while (error == ERROR_ALREADY_EXISTS && wish == 0 && number < CHOSEN_MOST)
        error = ci_names_add_cable(++number, cable, end);
    cable->number[end] = number;
    return error;
}

/* What is asked for first, so that what is chosen is something else. */
static uint32_t name_both(struct ci_cable *cable, uint32_t first, uint32_t second)
{
    unsigned sooner = first == 0 && second != 0;
    uint32_t wish[2] = {first, second};
    uint32_t error = name_end(cable, sooner, wish[sooner]);

    return error != 0 ? error : name_end(cable, !sooner, wish[!sooner]);
}

/* With its handle, or taken away again: somebody may have opened an end already. */
static HANDLE cable_give(struct ci_cable *cable)
{
    HANDLE handle;

    ci_cable_get(cable);
    handle = ci_handle_give(ci_cable_obj(cable), ci_cable_ops.full_access, false);
    if (handle == NULL)
        ci_cable_discard(cable);
    ci_cable_put(cable);
    return handle;
}

static HANDLE cable_create(uint32_t first, uint32_t second, uint32_t flags)
{
    struct ci_cable *cable;
    uint32_t error;

    if ((first == second && first != 0) ||
        (flags & ~(uint32_t)(COMM_CABLE_PACED | COMM_CABLE_STRICT)) != 0) {
        ci_fail(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (ci_cable_new(flags, &cable) != 0) {
        ci_fail(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    error = name_both(cable, first, second);
    if (error == 0)
        return cable_give(cable);
    ci_cable_discard(cable);
    ci_cable_put(cable);
    ci_fail(error);
    return NULL;
}

HANDLE CommCreateNullModem(DWORD first, DWORD second, DWORD flags)
{
    CI_TRACED_HANDLE(cable_create(first, second, flags), "CommCreateNullModem COM%u COM%u flags %u",
                     first, second, flags);
}

static bool cable_numbers(HANDLE handle, DWORD *first, DWORD *second)
{
    struct ci_obj *obj;

    if (first == NULL || second == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    obj = ci_handle_get(handle, &ci_cable_ops, 0);
    if (obj == NULL)
        return false;
    *first = ci_cable_of(obj)->number[0];
    *second = ci_cable_of(obj)->number[1];
    ci_obj_put(obj);
    return true;
}

BOOL CommGetNullModemPorts(HANDLE cable, DWORD *first, DWORD *second)
{
    CI_TRACED_BOOL(cable_numbers(cable, first, second), "CommGetNullModemPorts %s",
                   ci_trace_handle(cable));
}

/* ---- doing things to it ---- */

/* A reference to the cable, and which of its ends the port is; NULL with the last error set. */
static struct ci_cable *end_get(HANDLE handle, uint32_t port, unsigned *end)
{
    struct ci_obj *obj = ci_handle_get(handle, &ci_cable_ops, 0);
    struct ci_cable *cable;

    if (obj == NULL)
        return NULL;
    cable = ci_cable_of(obj);
    *end = cable->number[1] == port;
    if (cable->number[*end] == port)
        return cable;
    ci_cable_put(cable);
    ci_fail(ERROR_INVALID_PARAMETER);
    return NULL;
}

/* Gives the reference back. */
static bool end_done(struct ci_cable *cable, int error)
{
    ci_cable_put(cable);
    if (error == -ENOSPC)
        return ci_fail(ERROR_INSUFFICIENT_BUFFER);
    if (error != 0) /* in a forked child */
        return ci_fail(ERROR_DEVICE_REMOVED);
    return true;
}

static int inject_breaks(struct ci_cable *cable, unsigned end, uint32_t marks, uint32_t times)
{
    static const uint8_t zero = 0;
    int error = 0;

    while (error == 0 && times-- > 0)
        error = ci_cable_inject(cable, end, &zero, 1, marks);
    return error;
}

static int inject_counts(struct ci_cable *cable, unsigned end, uint32_t what, uint32_t times)
{
    static const struct {
        uint32_t bit;
        enum ci_cable_count count;
    } counts[] = {
        {COMM_INJECT_PULSE_CTS,  CI_CABLE_CTS            },
        {COMM_INJECT_PULSE_DSR,  CI_CABLE_DSR            },
        {COMM_INJECT_PULSE_RLSD, CI_CABLE_RLSD           },
        {COMM_INJECT_PULSE_RING, CI_CABLE_RING           },
        {COMM_INJECT_MISSED,     CI_CABLE_OVERRUNS       },
        {COMM_INJECT_LOST,       CI_CABLE_BUFFER_OVERRUNS},
    };
    int error = 0;

    for (size_t i = 0; error == 0 && i < sizeof counts / sizeof counts[0]; i++)
        if ((what & counts[i].bit) != 0)
            error = ci_cable_count(cable, end, counts[i].count, times);
    return error;
}

/* Marks go with bytes, everything else goes without. */
static bool inject_valid(uint32_t what, const void *data, uint32_t len)
{
    const uint32_t counts = LEVELS | COMM_INJECT_MISSED | COMM_INJECT_LOST;

    if ((what & ~MARKS) == 0)
        return data != NULL || len == 0 || (what & COMM_INJECT_BREAK) != 0;
    return (what & ~counts) == 0 && data == NULL;
}

static bool inject(HANDLE handle, uint32_t port, uint32_t what, const void *data, uint32_t len)
{
    struct ci_cable *cable;
    unsigned end;
    int error;

    if (!inject_valid(what, data, len))
        return ci_fail(ERROR_INVALID_PARAMETER);
    cable = end_get(handle, port, &end);
    if (cable == NULL)
        return false;
    if ((what & ~MARKS) != 0)
        error = inject_counts(cable, end, what, len);
    else if (data == NULL)
        error = inject_breaks(cable, end, what, len);
    else
        error = ci_cable_inject(cable, end, data, len, what);
    return end_done(cable, error);
}

BOOL CommInjectNullModem(HANDLE cable, DWORD port, DWORD what, const void *data, DWORD len)
{
    CI_TRACED_BOOL(inject(cable, port, what, data, len), "CommInjectNullModem %s COM%u 0x%x, %u",
                   ci_trace_handle(cable), port, what, len);
}

static bool lines_set(HANDLE handle, uint32_t port, uint32_t mask, uint32_t levels)
{
    struct ci_cable *cable;
    unsigned end;

    if (((mask | levels) & ~LEVELS) != 0)
        return ci_fail(ERROR_INVALID_PARAMETER);
    cable = end_get(handle, port, &end);
    return cable != NULL && end_done(cable, ci_cable_force(cable, end, mask, levels));
}

BOOL CommSetNullModemLines(HANDLE cable, DWORD port, DWORD mask, DWORD levels)
{
    CI_TRACED_BOOL(lines_set(cable, port, mask, levels),
                   "CommSetNullModemLines %s COM%u mask 0x%x levels 0x%x", ci_trace_handle(cable),
                   port, mask, levels);
}

/* ---- looking at it ---- */

static bool view_get(HANDLE handle, uint32_t port, struct ci_cable_view *view)
{
    unsigned end;
    struct ci_cable *cable = end_get(handle, port, &end);

    return cable != NULL && end_done(cable, ci_cable_view(cable, end, view));
}

static bool outputs_get(HANDLE handle, uint32_t port, DWORD *outputs)
{
    struct ci_cable_view view;

    if (outputs == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    if (!view_get(handle, port, &view))
        return false;
    *outputs = view.outputs | (view.breaking ? COMM_OUTPUT_BREAK : 0u) |
               (view.open ? COMM_OUTPUT_OPEN : 0u);
    return true;
}

BOOL CommGetNullModemOutputs(HANDLE cable, DWORD port, DWORD *outputs)
{
    CI_TRACED_BOOL(outputs_get(cable, port, outputs), "CommGetNullModemOutputs %s COM%u",
                   ci_trace_handle(cable), port);
}

static bool sent_get(HANDLE handle, uint32_t port, ULONGLONG *sent)
{
    struct ci_cable_view view;

    if (sent == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    if (!view_get(handle, port, &view))
        return false;
    *sent = view.sent;
    return true;
}

BOOL CommGetNullModemSent(HANDLE cable, DWORD port, ULONGLONG *sent)
{
    CI_TRACED_BOOL(sent_get(cable, port, sent), "CommGetNullModemSent %s COM%u",
                   ci_trace_handle(cable), port);
}
