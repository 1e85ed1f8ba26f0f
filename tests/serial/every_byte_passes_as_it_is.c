/* SPDX-License-Identifier: MIT */
/* What is sent arrives, all of it and nothing else, whatever its values, its amount and the pieces
 * in which it comes. */
#include <asm/termbits.h>
#include <stdlib.h>
#include <string.h>

#include "port.h"

/* ---- all values ---- */

#define STRANGE_MOST 1024

/* Each value, and what is special to somebody: marks, runs of marks, control characters. */
static size_t strange_bytes(unsigned char *bytes)
{
    static const char special[] = "\xFF\x00\xFF\xFF\x00\xFF\xFF\xFF\x00\x00\x11\x13\x03\x04\n\r\r\n"
                                  "\x1A\x1A\x11\xFF\x13\xFF\x00\x03\x7F\x1C\x16\xFF";
    size_t n = 0;

    for (unsigned i = 0; i < 256; i++)
        bytes[n++] = (unsigned char)i;
    for (size_t run = 1; run < 10; run++) {
        memset(bytes + n, 0xFF, run);
        n += run;
        bytes[n++] = 'f';
    }
    memcpy(bytes + n, special, sizeof special - 1);
    return n + sizeof special - 1;
}

static void reads_all(struct port *port, const unsigned char *bytes, size_t len)
{
    unsigned char got[STRANGE_MOST];
    struct request request;

    request_open(&request, true);
    CHECK(ReadFile(port->near, got, (DWORD)len, NULL, &request.ov) ||
          GetLastError() == ERROR_IO_PENDING);
    port_ends("strange bytes", port, &request, STATUS_SUCCESS, (DWORD)len);
    CHECK(memcmp(got, bytes, len) == 0);
    request_close(&request);
}

static void writes_all(struct port *port, const unsigned char *bytes, size_t len)
{
    struct request request;

    request_open(&request, true);
    CHECK(WriteFile(port->near, bytes, (DWORD)len, NULL, &request.ov) ||
          GetLastError() == ERROR_IO_PENDING);
    CHECK(port_expect(port, bytes, len));
    port_ends("strange bytes", port, &request, STATUS_SUCCESS, (DWORD)len);
    request_close(&request);
}

static void strange_bytes_pass(struct port *port)
{
    static const size_t pieces[] = {1, 2, 3, 7, STRANGE_MOST};
    unsigned char bytes[STRANGE_MOST];
    size_t len = strange_bytes(bytes), n;

    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        for (size_t at = 0; at < len; at += n) {
            n = len - at < pieces[i] ? len - at : pieces[i];
            port_send(port, bytes + at, n);
        }
        reads_all(port, bytes, len);
    }
    writes_all(port, bytes, len);
    CHECK_EQ(port_queued(port), 0);
}

static void all_values_pass_both_ways(struct port *port)
{
    strange_bytes_pass(port);
    if (port->kind == PORT_PTY)
        CHECK_EQ(pty_iflag(&port->pty), 0);
}

static void all_values_pass_with_errors_marked(struct port *port)
{
    CHECK_EQ(setenv("LIBCOMM_TTY_PARMRK", "1", 1), 0);
    strange_bytes_pass(port);
    CHECK_EQ(pty_iflag(&port->pty) & PARMRK, PARMRK);
    CHECK_EQ(unsetenv("LIBCOMM_TTY_PARMRK"), 0);
}

static void decoded_bytes_are_what_is_counted(struct port *port)
{
    static const char marks[] = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";

    CHECK_EQ(setenv("LIBCOMM_TTY_PARMRK", "1", 1), 0);
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_deliver(port, marks, 10);
    CHECK_EQ(port_queued(port), 10);
    CHECK_EQ(unsetenv("LIBCOMM_TTY_PARMRK"), 0);
}

static void seven(DCB *dcb)
{
    dcb->ByteSize = 7;
}

static void five(DCB *dcb)
{
    dcb->ByteSize = 5;
}

static void the_bits_a_byte_lacks_are_masked(struct port *port)
{
    char got[4] = "";
    struct request request;

    port_open(port, FILE_FLAG_OVERLAPPED);
    request_open(&request, true);
    port_change(port, seven);
    port_deliver(port, "\xF1\x71\xFF\x80", 4);
    CHECK(ReadFile(port->near, got, 4, NULL, &request.ov));
    CHECK(memcmp(got, "\x71\x71\x7F\x00", 4) == 0);
    port_change(port, five);
    port_deliver(port, "\xF1\x3F", 2);
    CHECK(ReadFile(port->near, got, 2, NULL, &request.ov));
    CHECK(memcmp(got, "\x11\x1F", 2) == 0);
    request_close(&request);
}

/* ---- large amounts ---- */

#define LARGE (1u << 20)
#define READ_BYTES (64u << 10)
#define READS                                                                          \
    2u /* at a time: what comes goes to a read, or waits in a type-ahead for all of it \
        */

static unsigned char byte_at(size_t i)
{
    return (unsigned char)(i * 2654435761u >> 13);
}

static unsigned char *pattern(size_t len)
{
    unsigned char *bytes = malloc(len);

    for (size_t i = 0; i < len && CHECK(bytes != NULL); i++)
        bytes[i] = byte_at(i);
    return bytes;
}

static void *sends_in_bursts(void *arg)
{
    struct port *port = arg;
    size_t all = port_less(port, LARGE), n;
    unsigned char *bytes = pattern(all);

    for (size_t at = 0; at < all; at += n) {
        n = 1 + at * 31 % 8191;
        n = n < all - at ? n : all - at;
        port_send(port, bytes + at, n);
    }
    free(bytes);
    return NULL;
}

static bool is_pattern(const unsigned char *bytes, size_t from, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != byte_at(from + i))
            return CHECK_EQ(bytes[i], byte_at(from + i));
    return true;
}

static void reads_of_a_stream_are_exact(struct port *port)
{
    struct request request[READS];
    size_t asked = 0, each = port_less(port, READ_BYTES), all = port_less(port, LARGE) / each;
    unsigned char *buf = malloc(READS * each);
    pthread_t sender;

    if (!CHECK(buf != NULL))
        return;
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetupComm(port->near, LARGE, 0));
    for (unsigned i = 0; i < READS; i++)
        request_open(&request[i], true);
    for (; asked < READS; asked++)
        CHECK_FAILS(ReadFile(port->near, buf + asked * each, (DWORD)each, NULL, &request[asked].ov),
                    ERROR_IO_PENDING);
    sender = comm_spawn(sends_in_bursts, port);
    for (size_t at = 0; at < all; at++) {
        struct request *r = &request[at % READS];
        unsigned char *bytes = buf + at % READS * each;

        port_ends("64 KiB", port, r, STATUS_SUCCESS, (DWORD)each);
        if (!is_pattern(bytes, at * each, each))
            break;
        if (asked++ < all)
            CHECK(ReadFile(port->near, bytes, (DWORD)each, NULL, &r->ov) ||
                  GetLastError() == ERROR_IO_PENDING);
    }
    comm_join(sender);
    CHECK_EQ(port_queued(port), 0);
    for (unsigned i = 0; i < READS; i++)
        request_close(&request[i]);
    free(buf);
}

#define STALLED (100u << 10)

static void cts_out(DCB *dcb)
{
    dcb->fOutxCtsFlow = 1;
}

/* A pty's peer stalls by not reading, any other by taking its line down. */
static void a_write_waits_for_a_stalled_peer(struct port *port)
{
    unsigned char *bytes = pattern(STALLED);
    struct request request;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, cts_out);
    if (port->kind != PORT_PTY)
        port_hold_lines(port, MS_CTS_ON, 0);
    request_open(&request, true);
    CHECK_FAILS(WriteFile(port->near, bytes, STALLED, NULL, &request.ov), ERROR_IO_PENDING);
    CHECK(port_pends(port, &request));
    if (port->kind != PORT_PTY)
        port_hold_lines(port, 0, 0);
    CHECK(port_expect(port, bytes, STALLED / 2));
    if (port->kind == PORT_PTY)
        CHECK(port_pends(port, &request)); /* the kernel holds less than the other half */
    CHECK(port_expect(port, bytes + STALLED / 2, STALLED / 2));
    port_ends("drained", port, &request, STATUS_SUCCESS, STALLED);
    request_close(&request);
    free(bytes);
}

PORT_TEST_MAIN(ON_BOTH(all_values_pass_both_ways), ON_PTY(all_values_pass_with_errors_marked),
               ON_PTY(decoded_bytes_are_what_is_counted), ON_BOTH(the_bits_a_byte_lacks_are_masked),
               ON_BOTH(reads_of_a_stream_are_exact),
               ON_PTY_AND_LINES(a_write_waits_for_a_stalled_peer))
