/* SPDX-License-Identifier: MIT */
/* A client by itself, with its server in another process and nothing that keeps the engine going
 * in its own: what is refused then has moved nothing, and what was done stays done. */
#include "refused.h"
#include "serve.h"

static struct place beside[1];
static HANDLE server_beside;

static void alone_no_more(struct scene *s)
{
    s->end[0] = NULL; /* the same as the other */
    IN_CHILD(at_close(beside, server_beside).ok);
    place_close(beside);
}

static void alone_with(struct scene *s, DWORD mode, DWORD quota)
{
    struct said said;

    s->finish = alone_no_more;
    fill();
    strcpy(name, fresh_name(""));
    place_open_there(beside);
    said = at_create(beside, name, one_pipe(mode, quota));
    SetLastError(said.error);
    IN_CHILD(said.ok);
    server_beside = said.handle;
    s->event = CreateEventA(NULL, TRUE, FALSE, NULL);
    s->ov.hEvent = s->event;
    client_opens(s, mode);
    s->end[0] = s->end[1];
}

static void alone(struct scene *s)
{
    alone_with(s, MESSAGES, QUOTA);
}

static bool server_has_nothing(void)
{
    return at_peek(beside, server_beside, 0).word[1] == 0;
}

static void server_writes(struct scene *s)
{
    if (s->pending) {
        IN_CHILD(at_put(beside, server_beside, sent, 4).ok);
        IN_CHILD(WaitForSingleObject(s->event, SCENE_MS) == WAIT_OBJECT_0);
        IN_CHILD(s->ov.InternalHigh == 4 && memcmp(s->buf, sent, 4) == 0);
    }
    IN_CHILD(ResetEvent(s->event));
    IN_CHILD(at_write(beside, 0, server_beside, NULL, OVER).error == ERROR_IO_PENDING);
    check_arrives(s->end[1], OVER);
    IN_CHILD(at_await(beside, 0).count == OVER);
}

static void server_reads(struct scene *s)
{
    if (s->pending) {
        IN_CHILD(at_get(beside, server_beside, OVER).count == OVER);
        IN_CHILD(WaitForSingleObject(s->event, SCENE_MS) == WAIT_OBJECT_0);
        IN_CHILD(s->ov.Internal == STATUS_SUCCESS && s->ov.InternalHigh == OVER);
    }
    IN_CHILD(ResetEvent(s->event));
    IN_CHILD(server_has_nothing());
}

static void alone_of_bytes(struct scene *s)
{
    alone_with(s, BYTES, QUOTA);
}

/* A part goes to the socket at once, the rest waits. */
static DWORD write_long(struct scene *s)
{
    ov_clear(s);
    s->pending =
        !WriteFile(s->end[1], sent, BIG, NULL, &s->ov) && GetLastError() == ERROR_IO_PENDING;
    return error_unless(s->pending);
}

static void server_reads_long(struct scene *s)
{
    DWORD total = 0;

    while (s->pending && total < BIG) {
        struct said said = at_get(beside, server_beside, BIG);

        IN_CHILD(said.ok && at_holds(beside, SLOT_NOW, 0, said.count, total));
        total += said.count;
    }
    IN_CHILD(WaitForSingleObject(s->event, s->pending ? SCENE_MS : 0) ==
             (s->pending ? WAIT_OBJECT_0 : WAIT_TIMEOUT));
    IN_CHILD(ResetEvent(s->event));
    IN_CHILD(server_has_nothing());
}

static void server_answers(struct scene *s)
{
    if (s->pending) {
        IN_CHILD(at_get(beside, server_beside, 64).count == 7);
        IN_CHILD(at_put(beside, server_beside, sent, 9).ok);
        IN_CHILD(WaitForSingleObject(s->event, SCENE_MS) == WAIT_OBJECT_0);
        IN_CHILD(s->ov.Internal == STATUS_SUCCESS && s->ov.InternalHigh == 9);
    }
    IN_CHILD(ResetEvent(s->event));
    IN_CHILD(server_has_nothing() && is_empty(s->end[1]));
}

/* ---- what waits for the kernel ---- */

enum { PIECE = 8 << 10, PIECES = 16 };

static void pieces_wait(struct scene *s)
{
    for (int i = 0; i < PIECES; i++)
        IN_CHILD(write_now(s->end[1], PIECE) == 0);
}

static void alone_behind_others(struct scene *s)
{
    s->once = true; /* what is done is tried until it is sent */
    alone_with(s, MESSAGES, ROOMY);
    pieces_wait(s);
}

static void server_reads_message(DWORD len)
{
    struct said said = at_get(beside, server_beside, BIG);

    IN_CHILD(said.count == len && at_holds(beside, SLOT_NOW, 0, len, 0));
}

/* A memory file is made for the last one when those before it have been read, by whoever serves
 * them then; it has no room left to fail if it was said to be done. */
static DWORD write_behind_others(struct scene *s)
{
    DWORD error, n = 0;

    ov_clear(s);
    error = error_unless(WriteFile(s->end[1], sent, BIG, NULL, &s->ov));
    for (int i = 0; i < PIECES; i++)
        server_reads_message(PIECE);
    if (error == ERROR_IO_PENDING)
        error = error_unless(GetOverlappedResultEx(s->end[1], &s->ov, &n, SCENE_MS, FALSE));
    if (error == 0)
        server_reads_message(BIG);
    return error;
}

static void server_has_all(struct scene *s)
{
    IN_CHILD(server_has_nothing() && ResetEvent(s->event));
    pieces_wait(s);
}

static const struct scenario lonely[] = {
    {"ReadFile",                alone,               read_it,             server_writes,     false, false},
    {"WriteFile",               alone,               write_over,          server_reads,      false, false},
    {"WriteFile behind others", alone_behind_others, write_behind_others, server_has_all,    false,
     true                                                                                                },
    {"WriteFile of more",       alone_of_bytes,      write_long,          server_reads_long, false, false},
    {"TransactNamedPipe",       alone,               transact,            server_answers,    false, false},
};

static void a_request_without_an_engine_completes_or_has_done_nothing(void)
{
    CHECK(faults_run(lonely, ARRAY_LEN(lonely)) > 0);
}

FAR_TEST_MAIN(TEST(a_request_without_an_engine_completes_or_has_done_nothing))
