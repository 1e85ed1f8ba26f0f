/* SPDX-License-Identifier: MIT */
/* One wait for events at a time, with a mask that asks for some.  It ends by an event, by a new
 * mask or by being cancelled, and by nothing else. */
#include "waits.h"

static void nothing_to_wait_for_is_refused(struct port *port)
{
    DWORD events = UNSEEN;
    struct request r;

    port_open(port, FILE_FLAG_OVERLAPPED);
    request_open(&r, true);
    CHECK_FAILS(WaitCommEvent(port->near, &events, &r.ov), ERROR_INVALID_PARAMETER);
    CHECK(SetCommMask(port->near, EV_RXCHAR));
    CHECK(SetCommMask(port->near, 0));
    CHECK_FAILS(WaitCommEvent(port->near, &events, &r.ov), ERROR_INVALID_PARAMETER);
    CHECK_EQ(events, UNSEEN);
    request_close(&r);
}

static void a_second_wait_is_refused_and_the_first_goes_on(struct port *port)
{
    struct wait first;
    struct request second;
    DWORD events = UNSEEN;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RXCHAR));
    wait_pends(port, &first);
    request_open(&second, true);
    CHECK_FAILS(WaitCommEvent(port->near, &events, &second.ov), ERROR_INVALID_PARAMETER);
    CHECK_EQ(events, UNSEEN);
    CHECK(port_pends(port, &first.request));
    port_send(port, "x", 1);
    wait_ends("the first one", port, &first, EV_RXCHAR);
    CHECK(WaitCommEvent(port->near, &events, &second.ov) == FALSE);
    CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    CHECK(CancelIoEx(port->near, &second.ov));
    transfer_ends("another one", port, &second, STATUS_CANCELLED, 0);
}

static const struct {
    const char *when;
    DWORD before, mask;
} masks[] = {
    {"the mask becomes empty",    EV_RXCHAR,          0                 },
    {"the mask stays as it was",  EV_RXCHAR,          EV_RXCHAR         },
    {"the mask asks for more",    EV_RXCHAR,          EV_RXCHAR | EV_CTS},
    {"the mask asks for another", EV_RXCHAR | EV_DSR, EV_BREAK          },
};

static void a_new_mask_ends_the_wait_as_a_success_without_events(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(masks); i++) {
        const char *when = masks[i].when;
        struct wait wait;
        DWORD mask = UNSEEN;

        CHECK(SetCommMask(port->near, masks[i].before));
        wait_pends(port, &wait);
        CHECK(SetCommMask(port->near, masks[i].mask));
        CHECK_EQ_WHEN(when, request_status(&wait.request), STATUS_SUCCESS);
        wait_ends(when, port, &wait, 0);
        CHECK(GetCommMask(port->near, &mask));
        CHECK_EQ_WHEN(when, mask, masks[i].mask);
    }
}

static void bits_that_are_no_events_are_refused_and_change_nothing(struct port *port)
{
    static const DWORD wrong[] = {0x2000, 0x80000000, 0xFFFFFFFF, 0x2000 | EV_RXCHAR};
    struct wait wait;
    DWORD mask = UNSEEN;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RXCHAR));
    wait_pends(port, &wait);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        CHECK_FAILS(SetCommMask(port->near, wrong[i]), ERROR_INVALID_PARAMETER);
    CHECK(GetCommMask(port->near, &mask));
    CHECK_EQ(mask, EV_RXCHAR);
    CHECK(port_pends(port, &wait.request));
    port_send(port, "x", 1);
    wait_ends("the wait goes on", port, &wait, EV_RXCHAR);
    CHECK(SetCommMask(port->near, ALL_EVENTS));
    CHECK(GetCommMask(port->near, &mask));
    CHECK_EQ(mask, ALL_EVENTS);
}

static BOOL cancel_own(HANDLE file, OVERLAPPED *ov)
{
    (void)ov;
    return CancelIo(file);
}

static BOOL cancel_all(HANDLE file, OVERLAPPED *ov)
{
    (void)ov;
    return CancelIoEx(file, NULL);
}

static const struct {
    const char *when;
    BOOL (*cancel)(HANDLE file, OVERLAPPED *ov);
} cancels[] = {
    {"the thread's own are",  cancel_own},
    {"all of the port's are", cancel_all},
    {"it is, by its own",     CancelIoEx},
};

static void a_cancelled_wait_reports_nothing_and_makes_room_for_another(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RXCHAR));
    for (size_t i = 0; i < ARRAY_LEN(cancels); i++) {
        const char *when = cancels[i].when;
        struct wait wait;

        wait_pends(port, &wait);
        CHECK(cancels[i].cancel(port->near, &wait.request.ov));
        port_ends(when, port, &wait.request, STATUS_CANCELLED, 0);
        CHECK_EQ_WHEN(when, wait.events, UNSEEN);
        CHECK(is_set(wait.request.ov.hEvent));
        request_close(&wait.request);
        wait_pends(port, &wait);
        port_send(port, "x", 1);
        wait_ends(when, port, &wait, EV_RXCHAR);
    }
}

static void a_purge_of_everything_leaves_the_wait_alone(struct port *port)
{
    struct wait wait;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RXCHAR));
    wait_pends(port, &wait);
    CHECK(PurgeComm(port->near, PURGE_TXABORT | PURGE_RXABORT | PURGE_TXCLEAR | PURGE_RXCLEAR));
    CHECK(port_pends(port, &wait.request));
    port_send(port, "x", 1);
    wait_ends("the wait goes on", port, &wait, EV_RXCHAR);
}

PORT_TEST_MAIN(ON_BOTH(nothing_to_wait_for_is_refused),
               ON_BOTH(a_second_wait_is_refused_and_the_first_goes_on),
               ON_BOTH(a_new_mask_ends_the_wait_as_a_success_without_events),
               ON_BOTH(bits_that_are_no_events_are_refused_and_change_nothing),
               ON_BOTH(a_cancelled_wait_reports_nothing_and_makes_room_for_another),
               ON_BOTH(a_purge_of_everything_leaves_the_wait_alone))
