/* SPDX-License-Identifier: MIT */
/* The thin part: it reads, waits as long as the instrument says, and writes, at the pace of its
 * baud rate if it has one. */
#include "tools/common/sim/serve.h"

#include <stdlib.h>

#include "tools/common/timer.h"

enum {
    PIECES_PER_S = 100, /* of an answer that is paced */
    BITS_PER_BYTE = 10, /* on a line 8N1 */
};

struct sim_server {
    struct tool_end *end; /* NULL: closed */
    struct sim *sim;
    struct tool_op in, out;
    struct tool_timer timer;
    bool answering;
    size_t sent; /* of the answer at hand */
    size_t piece;
    char buf[4096];
};

static void gone(struct sim_server *server)
{
    if (server->in.pending || server->out.pending)
        return;
    sim_free(server->sim);
    free(server);
}

static void meet(struct sim_server *server)
{
    if (!server->out.pending)
        tool_end_connect(server->end, &server->in);
}

/* ---- answers ---- */

static void answer_next(struct sim_server *server)
{
    struct sim_reply reply;

    server->answering = sim_reply(server->sim, &reply);
    server->sent = 0;
    if (server->answering)
        tool_timer_set(&server->timer, reply.delay_us);
}

static void send_piece(struct tool_timer *timer)
{
    struct sim_server *server = timer->owner;
    uint32_t baud = sim_baud(server->sim);
    size_t most = baud / BITS_PER_BYTE / PIECES_PER_S;
    struct sim_reply reply;

    if (!sim_reply(server->sim, &reply) || server->out.pending)
        return;
    server->piece = reply.len - server->sent;
    if (baud != 0 && server->piece > (most == 0 ? 1 : most))
        server->piece = most == 0 ? 1 : most;
    tool_end_write(server->end, &server->out, reply.data + server->sent, server->piece);
}

/* An answer is over once its last byte has had its time. */
static void piece_sent(struct sim_server *server)
{
    uint32_t baud = sim_baud(server->sim);
    struct sim_reply reply;

    server->sent += server->piece;
    if (sim_reply(server->sim, &reply) && server->sent >= reply.len) {
        sim_reply_taken(server->sim);
        answer_next(server);
    } else {
        uint64_t us = baud == 0 ? 0 : server->piece * BITS_PER_BYTE * 1000000ull / baud;

        tool_timer_set(&server->timer, us);
    }
}

static void wrote(struct tool_op *op)
{
    struct sim_server *server = op->owner;

    if (server->end == NULL)
        gone(server);
    else if (!server->in.pending && server->end->listens)
        meet(server); /* he is gone, and only this was waited for */
    else if (server->in.pending && tool_end_status(server->end, op) == TOOL_OK)
        piece_sent(server);
}

/* ---- commands ---- */

static void hung_up(struct sim_server *server)
{
    tool_timer_stop(&server->timer);
    if (server->out.pending)
        tool_op_cancel(&server->out);
    server->answering = false;
}

static void connected(struct tool_op *op);

static void came(struct tool_op *op)
{
    struct sim_server *server = op->owner;

    if (server->end == NULL) {
        gone(server);
        return;
    }
    if (tool_end_status(server->end, op) != TOOL_OK) {
        hung_up(server);
        op->done = connected;
        if (server->end->listens)
            meet(server);
        return;
    }
    sim_receive(server->sim, server->buf, op->count);
    if (!server->answering)
        answer_next(server);
    tool_end_read(server->end, op, server->buf, sizeof server->buf);
}

static void connected(struct tool_op *op)
{
    struct sim_server *server = op->owner;

    if (server->end == NULL) {
        gone(server);
        return;
    }
    if (op->error != ERROR_SUCCESS)
        return;               /* it cannot even listen any more */
    sim_hang_up(server->sim); /* nothing is left from the one before */
    op->done = came;
    tool_end_read(server->end, op, server->buf, sizeof server->buf);
}

/* ---- life ---- */

struct sim_server *sim_serve(struct tool_end *end, struct sim *sim)
{
    struct sim_server *server = calloc(1, sizeof *server);

    if (server == NULL || !tool_timer_init(&server->timer, end->loop, send_piece, server)) {
        free(server);
        sim_free(sim);
        tool_end_close(end);
        return NULL;
    }
    server->end = end;
    server->sim = sim;
    server->in.owner = server->out.owner = server;
    server->in.done = connected;
    server->out.done = wrote;
    meet(server);
    return server;
}

void sim_server_close(struct sim_server *server)
{
    struct tool_end *end = server->end;

    server->end = NULL;
    tool_timer_fini(&server->timer);
    tool_end_close(end);
    gone(server);
}
