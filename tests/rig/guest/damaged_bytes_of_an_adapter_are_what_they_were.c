/* SPDX-License-Identifier: MIT */
/* Line errors through a real driver: each kind is an event, an error that is told once, and stands
 * at its place in the stream.  Only ftdi_sio on the virtual pair shows them. */
#include <asm/termbits.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ftdi.h"

#define ESC 0x1B

/* What the far end sends, both being set differently. */
static const struct {
    const char *when;
    struct format near, far;
    char sent;
    DWORD errors;
    char got; /* 0: whatever */
} mismatches[] = {
    {"odd for even",       {9600, 8, EVENPARITY, 0},  {9600, 8, ODDPARITY, 0},   'A', CE_RXPARITY, 'A'},
    {"mark for space",     {9600, 8, SPACEPARITY, 0}, {9600, 8, MARKPARITY, 0},  'A', CE_RXPARITY, 'A'},
    {"space for mark",     {9600, 7, MARKPARITY, 0},  {9600, 7, SPACEPARITY, 0}, 'z', CE_RXPARITY, 'z'},
    {"none for space",     {9600, 8, SPACEPARITY, 0}, {9600, 8, NOPARITY, 0},    'A', CE_RXPARITY, 'A'},
    {"a slower sender",    {19200, 8, NOPARITY, 0},   {9600, 8, NOPARITY, 0},    'A', CE_FRAME,    0  },
    {"a bit too many",     {9600, 7, NOPARITY, 0},    {9600, 8, NOPARITY, 0},    'A', CE_FRAME,    'A'},
    {"mark on both sides", {9600, 8, MARKPARITY, 0},  {9600, 8, MARKPARITY, 0},  'A', 0,           'A'},
    {"space on both",      {9600, 7, SPACEPARITY, 0}, {9600, 7, SPACEPARITY, 0}, 'z', 0,           'z'},
    {"7E1 on both",        {9600, 7, EVENPARITY, 0},  {9600, 7, EVENPARITY, 0},  'q', 0,           'q'},
};

static void ends_that_are_set_differently_damage_bytes(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(mismatches); i++) {
        const char *when = mismatches[i].when;
        struct wait wait;
        char got;

        both_formats(port, mismatches[i].near, mismatches[i].far);
        CHECK(SetCommMask(port->near, mismatches[i].errors != 0 ? EV_ERR : EV_RXCHAR));
        if (!wait_pends(port, &wait))
            continue;
        port_send(port, &mismatches[i].sent, 1);
        wait_ends(when, port, &wait, mismatches[i].errors != 0 ? EV_ERR : EV_RXCHAR);
        CHECK_EQ_WHEN(when, errors_of(port), mismatches[i].errors);
        CHECK_EQ_WHEN(when, errors_of(port), 0);
        read_queued(port, &got, 1);
        if (mismatches[i].got != 0)
            CHECK_EQ_WHEN(when, got, mismatches[i].got);
    }
    both_formats(port, usual, usual);
}

static void a_break_is_an_event_and_a_null(struct port *port)
{
    struct wait wait;

    port_open(port, FILE_FLAG_OVERLAPPED);
    both_formats(port, usual, usual);
    CHECK(SetCommMask(port->near, EV_BREAK));
    if (!wait_pends(port, &wait))
        return;
    CHECK(SetCommBreak(port->far));
    wait_ends("a break", port, &wait, EV_BREAK);
    CHECK(ClearCommBreak(port->far));
    CHECK_EQ(errors_of(port), CE_BREAK);
    CHECK_EQ(errors_of(port), 0);
    expect_queued("a break", port, "", 1);
}

/* The adapter tells of it with a byte that is whole; the driver only counts it. */
static void an_overrun_is_an_event_and_an_error(struct port *port)
{
    struct wait wait;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_ERR));
    if (!wait_pends(port, &wait))
        return;
    CHECK(adapters_do("inject A oe 41"));
    wait_ends("an overrun", port, &wait, EV_ERR);
    CHECK_EQ(errors_of(port), CE_OVERRUN);
    CHECK_EQ(errors_of(port), 0);
    expect_queued("an overrun", port, "A", 1);
}

static void insert(const struct port *port, UCHAR escape)
{
    struct request request;

    request_open(&request, true);
    CHECK(DeviceIoControl(port->near, IOCTL_SERIAL_LSRMST_INSERT, &escape, sizeof escape, NULL, 0,
                          &request.count, &request.ov));
    request_close(&request);
}

static bool escaped(const unsigned char *at, unsigned lsr, unsigned char byte)
{
    return CHECK_EQ(at[0], ESC) && CHECK_EQ(at[1], SERIAL_LSRMST_LSR_DATA) &&
           CHECK_EQ(at[2] & 0x1E, lsr) && CHECK_EQ(at[3], byte);
}

/* Parity is on, so that the byte may have been damaged so. */
static void errors_stand_at_their_place_in_the_stream(struct port *port)
{
    unsigned char got[16];

    port_open(port, FILE_FLAG_OVERLAPPED);
    both_formats(port, (struct format){9600, 8, EVENPARITY, 0},
                 (struct format){9600, 8, EVENPARITY, 0});
    insert(port, ESC);
    CHECK(adapters_do("inject A none 6162"));
    CHECK(adapters_do("inject A pe 63"));
    CHECK(adapters_do("inject A fe 64"));
    CHECK(adapters_do("inject A bi 00"));
    CHECK(adapters_do("inject A none FF"));
    if (CHECK(port_wait_queued(port, 3 + 3 * 4))) {
        read_queued(port, got, 3 + 3 * 4);
        CHECK(got[0] == 'a' && got[1] == 'b' && got[14] == 0xFF);
        escaped(got + 2, 0x04, 'c');
        escaped(got + 6, 0x08, 'd');
        escaped(got + 10, 0x10, 0);
    }
    insert(port, 0);
    both_formats(port, usual, usual);
}

/* With these flags the line discipline trusts the driver to drop damaged bytes, and ftdi_sio does
 * not: they would come as if they were whole. */
static void what_a_tty_was_set_to_before_hides_no_errors(struct port *port)
{
    int fd = open(port->name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    struct termios2 t;

    if (!CHECK(fd >= 0) || !CHECK_EQ(ioctl(fd, TCGETS2, &t), 0))
        return;
    t.c_iflag |= IGNPAR | INPCK | IGNBRK | ISTRIP;
    CHECK_EQ(ioctl(fd, TCSETS2, &t), 0);
    close(fd);
    port_open(port, FILE_FLAG_OVERLAPPED);
    both_formats(port, (struct format){9600, 8, EVENPARITY, 0},
                 (struct format){9600, 8, ODDPARITY, 0});
    port_deliver(port, "A", 1);
    CHECK_EQ(errors_of(port), CE_RXPARITY);
    expect_queued("damaged", port, "A", 1);
    both_formats(port, usual, usual);
    port_deliver(port, "\xFA", 1);
    CHECK_EQ(errors_of(port), 0);
    expect_queued("eight bits", port, "\xFA", 1);
}

static void replacing(DCB *dcb)
{
    dcb->fErrorChar = TRUE;
    dcb->ErrorChar = '?';
}

static void a_damaged_byte_is_replaced_if_it_is_to_be(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, replacing);
    CHECK(adapters_do("inject A none 61"));
    CHECK(adapters_do("inject A fe 62"));
    CHECK(adapters_do("inject A none 63"));
    CHECK(port_wait_queued(port, 3));
    expect_queued("replaced", port, "a?c", 3);
}

static void stopping(DCB *dcb)
{
    dcb->fAbortOnError = TRUE;
}

static void an_error_can_stop_everything(struct port *port)
{
    struct request read;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, stopping);
    read_pends(port, &read, 5);
    CHECK(adapters_do("inject A fe 62"));
    transfer_ends("a read", port, &read, STATUS_CANCELLED, 0);
    CHECK_EQ(errors_of(port), CE_FRAME);
}

PORT_TEST_MAIN(ON_TTY(ends_that_are_set_differently_damage_bytes),
               ON_TTY(a_break_is_an_event_and_a_null), ON_TTY(an_overrun_is_an_event_and_an_error),
               ON_TTY(errors_stand_at_their_place_in_the_stream),
               ON_TTY(what_a_tty_was_set_to_before_hides_no_errors),
               ON_TTY(a_damaged_byte_is_replaced_if_it_is_to_be),
               ON_TTY(an_error_can_stop_everything))
