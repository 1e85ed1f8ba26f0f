/* SPDX-License-Identifier: MIT */
/* Floods, settings that are half right, ports that others have, names of other things, lines held
 * for ever: each is told by its own error, and nothing hangs. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "child.h"
#include "waits.h"

/* ---- a flood ---- */

#define TYPEAHEAD 4096u
#define FLOOD (1u << 20)

static void a_flood_that_nobody_reads_keeps_the_oldest(struct port *port)
{
    unsigned flood = port_less(port, FLOOD);
    unsigned char *bytes = malloc(flood), got[TYPEAHEAD];
    DWORD errors = 0;
    COMSTAT stat;

    for (unsigned i = 0; i < flood; i++)
        bytes[i] = (unsigned char)(i * 2654435761u >> 20);
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_ERR | EV_RX80FULL));
    for (unsigned i = 0; i < flood; i += 4096)
        port_send(port, bytes + i, 4096);
    while (port_received(port) != flood)
        ;
    CHECK(ClearCommError(port->near, &errors, &stat));
    CHECK_EQ(errors, CE_RXOVER);
    CHECK_EQ(stat.cbInQue, TYPEAHEAD);
    CHECK(ClearCommError(port->near, &errors, &stat));
    CHECK_EQ(errors, 0);
    CHECK_EQ(latched(port), EV_RX80FULL);
    read_queued(port, got, TYPEAHEAD);
    CHECK(memcmp(got, bytes, TYPEAHEAD) == 0);
    port_send(port, "abc", 3); /* and it goes on */
    CHECK(port_wait_queued(port, 3));
    expect_queued("afterwards", port, "abc", 3);
    free(bytes);
}

/* ---- settings ---- */

static void no_baud(DCB *dcb)
{
    dcb->BaudRate = 0;
}

static void nine_bits(DCB *dcb)
{
    dcb->ByteSize = 9;
}

static void no_parity_there_is(DCB *dcb)
{
    dcb->Parity = 5;
}

static void five_bits_two_stop(DCB *dcb)
{
    dcb->ByteSize = 5;
    dcb->StopBits = TWOSTOPBITS;
}

static void limits_beyond_the_typeahead(DCB *dcb)
{
    dcb->XoffLim = TYPEAHEAD + 1;
}

static void one_character_for_both(DCB *dcb)
{
    dcb->XonChar = dcb->XoffChar;
}

static void dtr_of_3(DCB *dcb)
{
    dcb->fDtrControl = 3;
}

static const struct {
    const char *when;
    void (*spoil)(DCB *dcb);
} spoilt[] = {
    {"there is no speed",              no_baud                    },
    {"characters have nine bits",      nine_bits                  },
    {"there is no such parity",        no_parity_there_is         },
    {"five bits have two stop bits",   five_bits_two_stop         },
    {"a limit is out of reach",        limits_beyond_the_typeahead},
    {"XON and XOFF are the same",      one_character_for_both     },
    {"DTR is to do what it cannot do", dtr_of_3                   },
};

static void settings_that_are_half_right_change_nothing(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(spoilt); i++) {
        DCB before, wrong, after;
        DWORD errors;

        CHECK(GetCommState(port->near, &before));
        wrong = before;
        wrong.BaudRate = 57600;
        wrong.StopBits = TWOSTOPBITS;
        wrong.fOutX = TRUE;
        wrong.EvtChar = '$';
        spoilt[i].spoil(&wrong);
        SetLastError(0);
        CHECK_EQ_WHEN(spoilt[i].when, SetCommState(port->near, &wrong), FALSE);
        CHECK_EQ_WHEN(spoilt[i].when, GetLastError(), ERROR_INVALID_PARAMETER);
        CHECK(GetCommState(port->near, &after));
        CHECK_EQ_WHEN(spoilt[i].when, memcmp(&before, &after, sizeof before), 0);
        CHECK(ClearCommError(port->near, &errors, NULL));
        CHECK_EQ_WHEN(spoilt[i].when, errors, 0);
        if (port->kind == PORT_PTY)
            CHECK_EQ_WHEN(spoilt[i].when, pty_speed(&port->pty), before.BaudRate);
    }
}

/* ---- ports that others have ---- */

static void check_refused(const char *name, DWORD error)
{
    SetLastError(0);
    CHECK(CreateFileA(name, READ_WRITE, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL) ==
          INVALID_HANDLE_VALUE);
    CHECK_EQ_WHEN(name, GetLastError(), error);
}

static void a_port_has_one_handle(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    check_refused(port->name, ERROR_ACCESS_DENIED);
    port_send(port, "abc", 3); /* and that one still works */
    CHECK(port_wait_queued(port, 3));
    port_shut(port);
    port_open(port, 0);
    check_refused(port->name, ERROR_ACCESS_DENIED);
}

static void a_tty_that_another_program_locks_is_refused(struct port *port)
{
    int fd = open(port->name, O_RDWR | O_NOCTTY | O_CLOEXEC);

    CHECK_EQ(flock(fd, LOCK_EX | LOCK_NB), 0);
    check_refused(port->name, ERROR_ACCESS_DENIED);
    CHECK_EQ(flock(fd, LOCK_UN), 0);
    CHECK_EQ(ioctl(fd, TIOCEXCL), 0);
    check_refused(port->name, ERROR_ACCESS_DENIED);
    CHECK_EQ(ioctl(fd, TIOCNXCL), 0);
    close(fd);
    port_open(port, FILE_FLAG_OVERLAPPED);
}

/* ---- names ---- */

static void what_is_no_port_is_told_apart(void)
{
    char file[300];
    int fd;

    snprintf(file, sizeof file, "%s/file", comm_test_dir());
    fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    close(fd);
    check_refused("/dev/no-such-port", ERROR_FILE_NOT_FOUND);
    check_refused("\\\\.\\COM4000", ERROR_FILE_NOT_FOUND);
    CHECK(CommMapPort(77, file));
    check_refused("\\\\.\\COM77", ERROR_FILE_NOT_FOUND);
    CHECK(CommMapPort(77, "/dev/null"));
    check_refused("\\\\.\\COM77", ERROR_FILE_NOT_FOUND);
    CHECK(CommMapPort(77, NULL));
    CHECK_EQ(unlink(file), 0);
}

/* ---- a line held for ever ---- */

static void cts(DCB *dcb)
{
    dcb->BaudRate = 300;
    dcb->fOutxCtsFlow = TRUE;
}

static void held(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    if (port->kind != PORT_CABLE) {
        CHECK(EscapeCommFunction(port->near, SETXOFF));
        return;
    }
    port_hold_lines(port, MS_CTS_ON, 0);
    port_change(port, cts);
}

static void writes_on_a_held_line_time_out(struct port *port)
{
    struct request first, second;
    uint64_t start_ms = steady_ms();

    held(port);
    port_write_times(port, 0, 100);
    write_pends(port, &first, "abc", 3);
    write_pends(port, &second, "def", 3);
    transfer_ends("the first", port, &first, STATUS_TIMEOUT, 0);
    CHECK(steady_ms() - start_ms >= 100);
    transfer_ends("the second", port, &second, STATUS_TIMEOUT, 0);
    CHECK(steady_ms() - start_ms >= 200);
}

static void a_close_on_a_held_line_does_not_wait(struct port *port)
{
    struct request write;
    uint64_t start_ms;

    held(port);
    write_pends(port, &write, "abc", 3);
    start_ms = steady_ms();
    port_shut(port);
    CHECK(steady_ms() - start_ms < port_close_ms(port));
    request_ends("closed", &write, STATUS_CANCELLED, 0);
    request_close(&write);
}

PORT_TEST_MAIN(ON_BOTH(a_flood_that_nobody_reads_keeps_the_oldest),
               ON_BOTH(settings_that_are_half_right_change_nothing), ON_BOTH(a_port_has_one_handle),
               ON_PTY(a_tty_that_another_program_locks_is_refused),
               TEST(what_is_no_port_is_told_apart), ON_BOTH(writes_on_a_held_line_time_out),
               ON_BOTH(a_close_on_a_held_line_does_not_wait))
