/* SPDX-License-Identifier: MIT */
/* Reads are served one at a time in the order in which they were made, and so are writes; neither
 * kind waits for the other. */
#include <string.h>

#include "port.h"

#define WAITED NULL

/* Two reads of three bytes each that wait. */
struct two {
    struct request first, second;
};

static void two_reads_wait(struct two *two, struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    request_open(&two->first, true);
    request_open(&two->second, true);
    request_pends(&two->first, port->near, 3);
    request_pends(&two->second, port->near, 3);
}

static void two_close(struct two *two)
{
    request_close(&two->first);
    request_close(&two->second);
}

static void reads_are_filled_in_the_order_in_which_they_were_made(struct port *port)
{
    struct two two;

    two_reads_wait(&two, port);
    port_send(port, "abcdef", 6);
    port_ends(WAITED, port, &two.second, STATUS_SUCCESS, 3);
    CHECK(request_is_final(&two.first)); /* it was over before */
    port_ends(WAITED, port, &two.first, STATUS_SUCCESS, 3);
    CHECK(memcmp(two.first.buf, "abc", 3) == 0);
    CHECK(memcmp(two.second.buf, "def", 3) == 0);
    two_close(&two);
}

static void a_second_read_gets_nothing_before_the_first_is_complete(struct port *port)
{
    struct two two;

    two_reads_wait(&two, port);
    port_deliver(port, "ab", 2);
    CHECK(port_pends(port, &two.first));
    CHECK(port_pends(port, &two.second));
    CHECK_EQ(two.second.ov.InternalHigh, 0);
    port_send(port, "cdef", 4);
    port_ends(WAITED, port, &two.first, STATUS_SUCCESS, 3);
    port_ends(WAITED, port, &two.second, STATUS_SUCCESS, 3);
    CHECK(memcmp(two.first.buf, "abc", 3) == 0);
    CHECK(memcmp(two.second.buf, "def", 3) == 0);
    two_close(&two);
}

static void what_a_cancelled_read_had_got_is_gone(struct port *port)
{
    struct two two;

    two_reads_wait(&two, port);
    port_deliver(port, "ab", 2);
    CHECK(CancelIoEx(port->near, &two.first.ov));
    port_ends(WAITED, port, &two.first, STATUS_CANCELLED, 0);
    CHECK_FAILS(GetOverlappedResult(port->near, &two.first.ov, &two.first.count, FALSE),
                ERROR_OPERATION_ABORTED);
    CHECK(is_set(two.first.ov.hEvent));
    CHECK_EQ(port_queued(port), 0);
    CHECK(port_pends(port, &two.second));
    port_send(port, "xyz", 3);
    port_ends(WAITED, port, &two.second, STATUS_SUCCESS, 3);
    CHECK(memcmp(two.second.buf, "xyz", 3) == 0);
    two_close(&two);
}

static void a_waiting_read_holds_up_no_write(struct port *port)
{
    struct request read, write;

    port_open(port, FILE_FLAG_OVERLAPPED);
    request_open(&read, true);
    request_open(&write, true);
    request_pends(&read, port->near, 4);
    CHECK(WriteFile(port->near, "ping", 4, NULL, &write.ov) || GetLastError() == ERROR_IO_PENDING);
    port_ends(WAITED, port, &write, STATUS_SUCCESS, 4);
    CHECK(port_expect(port, "ping", 4));
    CHECK(port_pends(port, &read));
    port_send(port, "pong", 4);
    port_ends(WAITED, port, &read, STATUS_SUCCESS, 4);
    CHECK(memcmp(read.buf, "pong", 4) == 0);
    request_close(&read);
    request_close(&write);
}

static void a_held_write_holds_up_no_read(struct port *port)
{
    struct request read, write;

    port_open(port, FILE_FLAG_OVERLAPPED);
    request_open(&read, true);
    request_open(&write, true);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    CHECK_FAILS(WriteFile(port->near, "held", 4, NULL, &write.ov), ERROR_IO_PENDING);
    request_pends(&read, port->near, 4);
    port_send(port, "pong", 4);
    port_ends(WAITED, port, &read, STATUS_SUCCESS, 4);
    CHECK(port_pends(port, &write));
    CHECK(EscapeCommFunction(port->near, SETXON));
    port_ends(WAITED, port, &write, STATUS_SUCCESS, 4);
    CHECK(port_expect(port, "held", 4));
    request_close(&read);
    request_close(&write);
}

/* ---- several threads write ---- */

#define WRITERS 4
#define BLOCKS 8
#define BLOCK_BYTES 1000

/* One block after the other, each by the thread whose turn it is. */
static struct blocks {
    struct port *port;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    unsigned next; /* of those to be submitted */
    char bytes[BLOCKS][BLOCK_BYTES];
} blocks = {.lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER};

static void block_submit(unsigned number, struct request *request)
{
    pthread_mutex_lock(&blocks.lock);
    while (blocks.next != number)
        pthread_cond_wait(&blocks.moved, &blocks.lock);
    request_open(request, true);
    CHECK_FAILS(WriteFile(blocks.port->near, blocks.bytes[number], BLOCK_BYTES, NULL, &request->ov),
                ERROR_IO_PENDING);
    blocks.next++;
    pthread_cond_broadcast(&blocks.moved);
    pthread_mutex_unlock(&blocks.lock);
}

/* A thread must outlive what it has started. */
static void *writer(void *arg)
{
    unsigned mine = (unsigned)(uintptr_t)arg;
    struct request request[BLOCKS / WRITERS];

    for (unsigned i = 0; i < ARRAY_LEN(request); i++)
        block_submit(mine + i * WRITERS, &request[i]);
    for (unsigned i = 0; i < ARRAY_LEN(request); i++) {
        port_ends("a block", blocks.port, &request[i], STATUS_SUCCESS, BLOCK_BYTES);
        request_close(&request[i]);
    }
    return NULL;
}

static void all_are_submitted(void)
{
    pthread_mutex_lock(&blocks.lock);
    while (blocks.next != BLOCKS)
        pthread_cond_wait(&blocks.moved, &blocks.lock);
    pthread_mutex_unlock(&blocks.lock);
}

static void writes_of_threads_arrive_whole_and_in_order(struct port *port)
{
    pthread_t thread[WRITERS];

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    blocks.port = port;
    blocks.next = 0;
    for (unsigned i = 0; i < BLOCKS; i++)
        memset(blocks.bytes[i], 'a' + (int)i, BLOCK_BYTES);
    for (unsigned i = 0; i < WRITERS; i++)
        thread[i] = comm_spawn(writer, (void *)(uintptr_t)i);
    all_are_submitted();
    CHECK(EscapeCommFunction(port->near, SETXON));
    CHECK(port_expect(port, blocks.bytes, sizeof blocks.bytes));
    for (unsigned i = 0; i < WRITERS; i++)
        comm_join(thread[i]);
}

PORT_TEST_MAIN(ON_BOTH(reads_are_filled_in_the_order_in_which_they_were_made),
               ON_BOTH(a_second_read_gets_nothing_before_the_first_is_complete),
               ON_BOTH(what_a_cancelled_read_had_got_is_gone),
               ON_BOTH(a_waiting_read_holds_up_no_write), ON_BOTH(a_held_write_holds_up_no_read),
               ON_BOTH(writes_of_threads_arrive_whole_and_in_order))
