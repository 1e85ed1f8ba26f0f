/* SPDX-License-Identifier: MIT */
/* Requests to the ends of a pipe, with everything these ask the system for refused in turn: what
 * failed has moved nothing, what returned 997 completes, and no message is lost or torn. */
#include "raw.h"
#include "refused.h"

#include "libcomm/plat/testing.h"

#include <stdatomic.h>

static void connected(struct scene *s, DWORD mode, DWORD quota)
{
    fill();
    strcpy(name, fresh_name(""));
    scene_objects(s);
    s->ov.hEvent = s->event;
    server_opens(s, mode, quota);
    client_opens(s, mode);
}

static void of_bytes(struct scene *s)
{
    connected(s, BYTES, QUOTA);
}

static void of_messages(struct scene *s)
{
    connected(s, MESSAGES, QUOTA);
}

/* ---- ConnectNamedPipe ---- */

static void listening(struct scene *s)
{
    strcpy(name, fresh_name(""));
    scene_objects(s);
    s->ov.hEvent = s->event;
    server_opens(s, BYTES, QUOTA);
    IN_CHILD(DisconnectNamedPipe(s->end[0]));
}

static DWORD connect_it(struct scene *s)
{
    ov_clear(s);
    s->pending = !ConnectNamedPipe(s->end[0], &s->ov) && GetLastError() == ERROR_IO_PENDING;
    return error_unless(s->pending);
}

/* What is pending a client completes; what was refused has left the event alone. */
static void client_completes(struct scene *s)
{
    if (s->pending) {
        client_opens(s, BYTES);
        IN_CHILD(WaitForSingleObject(s->event, SCENE_MS) == WAIT_OBJECT_0);
        IN_CHILD(CloseHandle(s->end[1]));
        s->end[1] = NULL;
    }
    IN_CHILD(WaitForSingleObject(s->event, 0) == (s->pending ? WAIT_OBJECT_0 : WAIT_TIMEOUT));
    IN_CHILD(ResetEvent(s->event));
    (void)DisconnectNamedPipe(s->end[0]);
}

static const struct scenario connects[] = {
    {"ConnectNamedPipe",             listening, connect_it, client_completes, false, false},
    {"ConnectNamedPipe, everywhere", listening, connect_it, client_completes, false, true },
};

static void a_connect_completes_or_was_refused(void)
{
    CHECK(faults_run(connects, ARRAY_LEN(connects)) > 0);
}

/* ---- reading ---- */

/* A read that was refused does not add to what a writer may write. */
static void no_more_than_the_quota(struct scene *s)
{
    OVERLAPPED ov = {0};
    DWORD n;

    IN_CHILD(!WriteFile(s->end[1], sent, OVER, NULL, &ov) && GetLastError() == ERROR_IO_PENDING);
    check_arrives(s->end[0], OVER);
    IN_CHILD(GetOverlappedResult(s->end[1], &ov, &n, TRUE) && n == OVER);
}

static void data_completes(struct scene *s)
{
    if (s->pending) {
        IN_CHILD(write_now(s->end[1], 4) == 0);
        IN_CHILD(WaitForSingleObject(s->event, SCENE_MS) == WAIT_OBJECT_0);
        IN_CHILD(s->ov.Internal == STATUS_SUCCESS && s->ov.InternalHigh == 4);
        IN_CHILD(memcmp(s->buf, sent, 4) == 0);
    }
    IN_CHILD(WaitForSingleObject(s->event, 0) == (s->pending ? WAIT_OBJECT_0 : WAIT_TIMEOUT));
    IN_CHILD(ResetEvent(s->event));
    no_more_than_the_quota(s);
}

static const struct scenario reads[] = {
    {"ReadFile of bytes",                of_bytes,    read_it, data_completes, false, false},
    {"ReadFile of bytes, everywhere",    of_bytes,    read_it, data_completes, false, true },
    {"ReadFile of messages",             of_messages, read_it, data_completes, false, false},
    {"ReadFile of messages, everywhere", of_messages, read_it, data_completes, false, true },
};

static void a_read_completes_or_was_refused(void)
{
    CHECK(faults_run(reads, ARRAY_LEN(reads)) > 0);
}

/* ---- messages that are memory files ---- */

static void of_big_messages(struct scene *s)
{
    connected(s, MESSAGES, ROOMY);
}

static void big_one_waits(struct scene *s)
{
    s->heard = true; /* a look takes it out of the socket */
    of_big_messages(s);
    IN_CHILD(write_now(s->end[1], BIG) == 0);
}

/* Refused, it is still there and whole; else it has been read. */
static DWORD read_big(struct scene *s)
{
    OVERLAPPED ov = {0};
    DWORD n = 0, error = error_unless(ReadFile(s->end[0], got, sizeof got, &n, &ov));

    IN_CHILD(error != 0 || (n == BIG && memcmp(got, sent, BIG) == 0));
    s->ran = error == 0;
    return error;
}

static void big_one_again(struct scene *s)
{
    if (s->ran == 0)
        check_arrives(s->end[0], BIG);
    IN_CHILD(is_empty(s->end[0]));
    IN_CHILD(write_now(s->end[1], BIG) == 0);
    s->ran = 0;
}

static DWORD peek_big(struct scene *s)
{
    DWORD n = 0, total = 0, left = 0;

    if (!PeekNamedPipe(s->end[0], s->buf, sizeof s->buf, &n, &total, &left))
        return GetLastError();
    IN_CHILD(n == sizeof s->buf && left == BIG - n && memcmp(s->buf, sent, n) == 0);
    return 0;
}

static DWORD write_big(struct scene *s)
{
    DWORD error = write_now(s->end[1], BIG);

    s->ran = error == 0;
    return error;
}

static void big_one_arrives(struct scene *s)
{
    if (s->ran != 0)
        check_arrives(s->end[0], BIG);
    IN_CHILD(is_empty(s->end[0]));
    s->ran = 0;
}

static const struct scenario bigs[] = {
    {"ReadFile of a big message",      big_one_waits,   read_big,  big_one_again,   false, false},
    {"PeekNamedPipe of a big message", big_one_waits,   peek_big,  big_one_again,   false, false},
    {"WriteFile of a big message",     of_big_messages, write_big, big_one_arrives, false, false},
};

static void a_big_message_goes_and_comes_whole_or_not_at_all(void)
{
    CHECK(faults_run(bigs, ARRAY_LEN(bigs)) > 0);
}

/* ---- writing ---- */

/* It completes when it is read; refused, nothing of it can be read. */
static void over_arrives(struct scene *s)
{
    if (s->pending) {
        check_arrives(s->end[0], OVER);
        IN_CHILD(WaitForSingleObject(s->event, SCENE_MS) == WAIT_OBJECT_0);
        IN_CHILD(s->ov.Internal == STATUS_SUCCESS && s->ov.InternalHigh == OVER);
    }
    IN_CHILD(WaitForSingleObject(s->event, 0) == (s->pending ? WAIT_OBJECT_0 : WAIT_TIMEOUT));
    IN_CHILD(ResetEvent(s->event));
    IN_CHILD(is_empty(s->end[0]));
    IN_CHILD(write_now(s->end[1], 4) == 0);
    check_arrives(s->end[0], 4);
}

static void roomy(struct scene *s)
{
    s->heard = true; /* a part may be sent */
    connected(s, BYTES, ROOMY);
}

/* Without memory for a copy it pends instead; both ways all of it arrives. */
static DWORD write_copied(struct scene *s)
{
    BOOL done;

    ov_clear(s);
    done = WriteFile(s->end[1], sent, BIG, NULL, &s->ov);
    s->pending = done || GetLastError() == ERROR_IO_PENDING;
    return error_unless(s->pending);
}

static void copied_arrives(struct scene *s)
{
    if (s->pending) {
        check_arrives(s->end[0], BIG);
        IN_CHILD(WaitForSingleObject(s->event, SCENE_MS) == WAIT_OBJECT_0);
        IN_CHILD(s->ov.Internal == STATUS_SUCCESS && s->ov.InternalHigh == BIG);
    }
    IN_CHILD(ResetEvent(s->event));
    IN_CHILD(is_empty(s->end[0]));
}

static const struct scenario writes[] = {
    {"WriteFile over the quota",             of_bytes,    write_over,   over_arrives,   false, false},
    {"WriteFile over the quota, everywhere", of_bytes,    write_over,   over_arrives,   false, true },
    {"WriteFile of a message",               of_messages, write_over,   over_arrives,   false, false},
    {"WriteFile of a message, everywhere",   of_messages, write_over,   over_arrives,   false, true },
    {"WriteFile of a copy",                  roomy,       write_copied, copied_arrives, false, false},
    {"WriteFile of a copy, everywhere",      roomy,       write_copied, copied_arrives, false, true },
};

static void a_write_completes_or_was_refused(void)
{
    CHECK(faults_run(writes, ARRAY_LEN(writes)) > 0);
}

/* ---- an exchange ---- */

/* Refused, it has asked nothing. */
static void answer_comes(struct scene *s)
{
    if (s->pending) {
        check_arrives(s->end[0], 7);
        IN_CHILD(write_now(s->end[0], 9) == 0);
        IN_CHILD(WaitForSingleObject(s->event, SCENE_MS) == WAIT_OBJECT_0);
        IN_CHILD(s->ov.Internal == STATUS_SUCCESS && s->ov.InternalHigh == 9);
        IN_CHILD(memcmp(s->buf, sent, 9) == 0);
    }
    IN_CHILD(ResetEvent(s->event));
    IN_CHILD(is_empty(s->end[0]) && is_empty(s->end[1]));
}

static const struct scenario exchanges[] = {
    {"TransactNamedPipe",             of_messages, transact, answer_comes, false, false},
    {"TransactNamedPipe, everywhere", of_messages, transact, answer_comes, false, true },
};

static void an_exchange_completes_or_has_asked_nothing(void)
{
    CHECK(faults_run(exchanges, ARRAY_LEN(exchanges)) > 0);
}

/* ---- a flush towards a program without the library ---- */

static int raw = -1;
static _Atomic bool flush_is_over;

static bool nothing_is_left(void *unused)
{
    (void)unused;
    return ci_testing_live_ops() == 0;
}

static void raw_client_leaves(struct scene *s)
{
    (void)s;
    close(raw);
}

static void with_raw_client(struct scene *s)
{
    s->finish = raw_client_leaves;
    fill();
    strcpy(name, fresh_name(""));
    server_opens(s, BYTES, QUOTA);
    s->event = CreateEventA(NULL, TRUE, FALSE, NULL);
    s->ov.hEvent = s->event;
    IN_CHILD(!ConnectNamedPipe(s->end[0], &s->ov) && GetLastError() == ERROR_IO_PENDING);
    raw = raw_client(name, SOCK_STREAM);
    IN_CHILD(WaitForSingleObject(s->event, SCENE_MS) == WAIT_OBJECT_0);
    IN_CHILD(comm_poll_until(nothing_is_left, NULL));
}

static void *read_when_flushed(void *scene)
{
    struct scene *s = scene;
    char text[160] = "";

    while (!atomic_load(&flush_is_over) && strstr(text, "1 control") == NULL)
        CommDescribeHandle(s->end[0], text, sizeof text);
    IN_CHILD(recv(raw, got, 100, MSG_WAITALL) == 100 && memcmp(got, sent, 100) == 0);
    return NULL;
}

static DWORD flush(struct scene *s)
{
    pthread_t reader;
    DWORD error = write_now(s->end[0], 100);

    if (error != 0)
        return error;
    atomic_store(&flush_is_over, false);
    reader = comm_spawn(read_when_flushed, s);
    error = error_unless(FlushFileBuffers(s->end[0]));
    atomic_store(&flush_is_over, true);
    comm_join(reader);
    return error;
}

static const struct scenario flushes[] = {
    {"FlushFileBuffers", with_raw_client, flush, NULL, false, false},
};

static void a_flush_is_over_when_all_is_read_or_was_refused(void)
{
    CHECK(faults_run(flushes, ARRAY_LEN(flushes)) > 0);
}

/* ---- ending what is pending ---- */

static OVERLAPPED written;

static void read_and_write_pend(struct scene *s)
{
    IN_CHILD(read_it(s) == 0);
    written = (OVERLAPPED){0};
    IN_CHILD(!WriteFile(s->end[0], sent, OVER, NULL, &written) &&
             GetLastError() == ERROR_IO_PENDING);
}

static void both_pend(struct scene *s)
{
    of_messages(s);
    read_and_write_pend(s);
}

static void check_ended(struct scene *s, ULONG_PTR read_status, ULONG_PTR write_status)
{
    IN_CHILD(s->ov.Internal == read_status && written.Internal == write_status);
    IN_CHILD(WaitForSingleObject(s->event, 0) == WAIT_OBJECT_0);
}

static DWORD cancel_both(struct scene *s)
{
    if (!CancelIoEx(s->end[0], NULL))
        return GetLastError();
    check_ended(s, STATUS_CANCELLED, STATUS_CANCELLED);
    IN_CHILD(is_empty(s->end[1]));
    return 0;
}

static void both_pend_again(struct scene *s)
{
    IN_CHILD(ResetEvent(s->event));
    read_and_write_pend(s);
}

static DWORD disconnect(struct scene *s)
{
    if (!DisconnectNamedPipe(s->end[0]))
        return GetLastError();
    check_ended(s, STATUS_PIPE_DISCONNECTED, STATUS_PIPE_DISCONNECTED);
    return 0;
}

static void connected_anew(struct scene *s)
{
    for (int i = 0; i < 2; i++)
        if (s->end[i] != NULL)
            IN_CHILD(CloseHandle(s->end[i]));
    server_opens(s, MESSAGES, QUOTA);
    client_opens(s, MESSAGES);
    both_pend_again(s);
}

static DWORD close_end(struct scene *s)
{
    if (!CloseHandle(s->end[0]))
        return GetLastError();
    s->end[0] = NULL;
    check_ended(s, STATUS_PIPE_BROKEN, STATUS_CANCELLED);
    return 0;
}

static DWORD close_peer(struct scene *s)
{
    if (!CloseHandle(s->end[1]))
        return GetLastError();
    s->end[1] = NULL;
    check_ended(s, STATUS_PIPE_BROKEN, STATUS_PIPE_BROKEN);
    return 0;
}

static const struct scenario endings[] = {
    {"CancelIoEx",          both_pend, cancel_both, both_pend_again, true, true},
    {"DisconnectNamedPipe", both_pend, disconnect,  connected_anew,  true, true},
    {"CloseHandle",         both_pend, close_end,   connected_anew,  true, true},
    {"the peer's",          both_pend, close_peer,  connected_anew,  true, true},
};

static void what_is_pending_can_be_ended_whatever_is_refused(void)
{
    (void)faults_run(endings, ARRAY_LEN(endings));
}

FAR_TEST_MAIN(TEST(a_connect_completes_or_was_refused), TEST(a_read_completes_or_was_refused),
              TEST(a_big_message_goes_and_comes_whole_or_not_at_all),
              TEST(a_write_completes_or_was_refused),
              TEST(an_exchange_completes_or_has_asked_nothing),
              TEST(a_flush_is_over_when_all_is_read_or_was_refused),
              TEST(what_is_pending_can_be_ended_whatever_is_refused))
