/* SPDX-License-Identifier: MIT */
/* Closing a port ends what is pending, gives up what was not sent, and leaves the line as a program
 * finds it that opens it next: soon, whatever holds the line up. */
#include "waits.h"

#include <asm/termbits.h>
#include <stdlib.h>
#include <unistd.h>

#define LONG_WRITE (100u << 10)

static const char long_bytes[LONG_WRITE];

static void close_soon(struct port *port)
{
    uint64_t start_ms = steady_ms();

    port_shut(port);
    CHECK(steady_ms() - start_ms < port_close_ms(port));
}

/* It has ended already. */
static void ended(const char *when, struct request *request)
{
    request_ends(when, request, STATUS_CANCELLED, 0);
    CHECK(is_set(request->ov.hEvent));
    request_close(request);
}

static void everything_pending_ends(struct port *port)
{
    struct request read[2], write[2];
    struct wait wait;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RXCHAR));
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    for (int i = 0; i < 2; i++) {
        read_pends(port, &read[i], 5);
        write_pends(port, &write[i], long_bytes, LONG_WRITE);
    }
    wait_pends(port, &wait);
    close_soon(port);
    for (int i = 0; i < 2; i++) {
        ended("a read", &read[i]);
        ended("a write", &write[i]);
    }
    CHECK_EQ(wait.events, UNSEEN);
    ended("a wait", &wait.request);
}

static BOOL flush(const struct port *port)
{
    return FlushFileBuffers(port->near);
}

static void calls_that_block_return(struct port *port)
{
    struct blocking flusher;
    struct request write;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    write_pends(port, &write, "abc", 3);
    blocking_start(&flusher, port, flush);
    close_soon(port);
    ended("a write", &write);
    CHECK_EQ(blocking_end(&flusher), ERROR_OPERATION_ABORTED);
}

static void requests_of_other_threads_end(struct port *port)
{
    struct wait wait;
    struct request read;
    HANDLE both[2];

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RXCHAR));
    read_pends(port, &read, 5);
    wait_pends(port, &wait);
    close_soon(port);
    both[0] = read.ov.hEvent;
    both[1] = wait.request.ov.hEvent;
    CHECK_EQ(WaitForMultipleObjects(2, both, TRUE, 0), WAIT_OBJECT_0);
    ended("a read", &read);
    ended("a wait", &wait.request);
}

/* ---- what was not sent ---- */

static void slowest(DCB *dcb)
{
    dcb->BaudRate = 300;
}

static void slowest_and_held(DCB *dcb)
{
    dcb->BaudRate = 300;
    dcb->fOutxCtsFlow = TRUE;
}

static void what_is_slow_or_held_is_given_up(struct port *port)
{
    struct request write;

    for (int held = 0; held < 2; held++) {
        port_open(port, FILE_FLAG_OVERLAPPED);
        port_change(port, held ? slowest_and_held : slowest);
        CHECK(EscapeCommFunction(port->far, held ? CLRRTS : SETRTS));
        write_pends(port, &write, long_bytes, LONG_WRITE);
        close_soon(port);
        ended("a write", &write);
    }
}

static void what_the_device_does_not_take_is_given_up(struct port *port)
{
    struct request write;

    port_open(port, FILE_FLAG_OVERLAPPED);
    write_pends(port, &write, long_bytes, LONG_WRITE);
    close_soon(port);
    ended("a write", &write);
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_shut(port);
}

/* ---- how the line is left ---- */

static void all_else(DCB *dcb)
{
    dcb->BaudRate = 115200;
    dcb->ByteSize = 8;
    dcb->Parity = EVENPARITY;
    dcb->StopBits = TWOSTOPBITS;
    dcb->fOutX = dcb->fInX = TRUE;
    dcb->XonChar = 'q';
    dcb->XoffChar = 's';
}

static void the_settings_are_put_back(struct port *port)
{
    struct termios2 before, open, after;

    pty_termios(&port->pty, &before);
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, all_else);
    pty_termios(&port->pty, &open);
    CHECK(open.c_ospeed == 115200);
    port_shut(port);
    pty_termios(&port->pty, &after);
    CHECK_EQ(after.c_iflag, before.c_iflag);
    CHECK_EQ(after.c_oflag, before.c_oflag);
    CHECK_EQ(after.c_cflag, before.c_cflag);
    CHECK_EQ(after.c_lflag, before.c_lflag);
    CHECK_EQ(after.c_ospeed, before.c_ospeed);
    CHECK_EQ(after.c_ispeed, before.c_ispeed);
    CHECK(memcmp(after.c_cc, before.c_cc, sizeof before.c_cc) == 0);
}

static void the_outputs_fall(struct port *port)
{
    DWORD levels = 0;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(GetCommModemStatus(port->far, &levels));
    CHECK_EQ(levels, MS_CTS_ON | MS_DSR_ON | MS_RLSD_ON);
    port_shut(port);
    CHECK(GetCommModemStatus(port->far, &levels));
    CHECK_EQ(levels, 0);
}

static void xon_xoff_in(DCB *dcb)
{
    dcb->fInX = TRUE;
    dcb->XonLim = 2048;
    dcb->XoffLim = 512;
}

static void a_peer_that_was_held_up_may_go_on(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, xon_xoff_in);
    port_send(port, long_bytes, 3584);
    port_expect(port, "\x13", 1);
    close_soon(port);
    port_expect(port, "\x11", 1);
}

/* ---- the name is free again ---- */

static void the_port_can_be_opened_again_at_once(struct port *port)
{
    struct request read;

    for (int i = 0; i < 20; i++) {
        port_open(port, FILE_FLAG_OVERLAPPED);
        read_pends(port, &read, 5);
        port_shut(port);
        ended("a read", &read);
    }
}

PORT_TEST_MAIN(ON_BOTH(everything_pending_ends), ON_BOTH(calls_that_block_return),
               ON_BOTH(requests_of_other_threads_end),
               ON_PACED_CABLE(what_is_slow_or_held_is_given_up),
               ON_PTY(what_the_device_does_not_take_is_given_up), ON_PTY(the_settings_are_put_back),
               ON_CABLE(the_outputs_fall), ON_BOTH(a_peer_that_was_held_up_may_go_on),
               ON_BOTH(the_port_can_be_opened_again_at_once))
