/* SPDX-License-Identifier: MIT */
/* A thread that ends takes its requests with it, since they may lie on its stack - except those
 * that only a completion port will report. */
#include "pair.h"

#include <stdlib.h>

struct asker {
    HANDLE file;
    struct request request;
};

static DWORD WINAPI ask_and_return(void *arg)
{
    struct asker *asker = arg;

    CHECK(request_pends(&asker->request, asker->file, 1));
    return 0;
}

static void *ask_in_a_foreign_thread(void *arg)
{
    ask_and_return(arg);
    return NULL;
}

static DWORD WINAPI ask_and_exit(void *arg)
{
    ask_and_return(arg);
    ExitThread(5);
}

static void ask_in_a_thread(struct asker *asker, LPTHREAD_START_ROUTINE body)
{
    HANDLE thread = CreateThread(NULL, 0, body, asker, 0, NULL);

    CHECK_EQ(WaitForSingleObject(thread, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
}

static const struct {
    const char *when;
    LPTHREAD_START_ROUTINE body;
} ways[] = {
    {"it returns",        ask_and_return},
    {"it calls its exit", ask_and_exit  },
};

static void its_read_is_cancelled_before_its_handle_is_signalled(void)
{
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct pair p;
        struct asker asker;

        pair_open(&p, 0);
        asker.file = p.near;
        request_open(&asker.request, true);
        ask_in_a_thread(&asker, ways[i].body);
        request_ends(ways[i].when, &asker.request, STATUS_CANCELLED, 0);
        CHECK(is_set(asker.request.ov.hEvent));
        CHECK_FAILS(CancelIoEx(p.near, NULL), ERROR_NOT_FOUND);
        pair_close(&p);
        request_close(&asker.request);
    }
}

static void a_thread_the_library_did_not_make_is_no_different(void)
{
    struct pair p;
    struct asker asker;

    pair_open(&p, 0);
    asker.file = p.near;
    request_open(&asker.request, true);
    comm_join(comm_spawn(ask_in_a_foreign_thread, &asker));
    request_ends("its pthread is joined", &asker.request, STATUS_CANCELLED, 0);
    CHECK(is_set(asker.request.ov.hEvent));
    pair_close(&p);
    request_close(&asker.request);
}

#define MANY 9

struct many {
    struct pair pair[MANY];
    struct request request[MANY];
    HANDLE asked;
};

static void many_open(struct many *many)
{
    many->asked = CreateEventA(NULL, TRUE, FALSE, NULL);
    for (int i = 0; i < MANY; i++) {
        pair_open(&many->pair[i], 0);
        request_open(&many->request[i], true);
    }
}

static void many_close(struct many *many)
{
    CHECK(CloseHandle(many->asked));
    for (int i = 0; i < MANY; i++) {
        pair_close(&many->pair[i]);
        request_close(&many->request[i]);
    }
}

static DWORD WINAPI ask_for_many(void *arg)
{
    struct many *many = arg;

    for (int i = 0; i < MANY; i++)
        CHECK(request_pends(&many->request[i], many->pair[i].near, 1));
    CHECK(SetEvent(many->asked));
    return 0;
}

static void however_many_there_are_all_are_cancelled(void)
{
    struct many many;
    HANDLE thread;

    many_open(&many);
    thread = CreateThread(NULL, 0, ask_for_many, &many, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
    for (int i = 0; i < MANY; i++)
        request_ends("its thread is gone", &many.request[i], STATUS_CANCELLED, 0);
    many_close(&many);
}

/* The data comes while the thread is on its way out: somebody else finishes what it looks for. */
static void what_ends_meanwhile_ends_once(void)
{
    for (int round = 0; round < 50; round++) {
        struct many many;
        HANDLE thread;

        many_open(&many);
        thread = CreateThread(NULL, 0, ask_for_many, &many, 0, NULL);
        CHECK_EQ(WaitForSingleObject(many.asked, PATIENCE_MS), WAIT_OBJECT_0);
        for (int i = 0; i < MANY; i++)
            pair_send(&many.pair[i], "x", 1);
        for (int i = 0; i < MANY; i++)
            (void)WaitForSingleObject(many.request[i].ov.hEvent, 0);
        CHECK_EQ(WaitForSingleObject(thread, PATIENCE_MS), WAIT_OBJECT_0);
        CHECK(CloseHandle(thread));
        for (int i = 0; i < MANY; i++)
            CHECK(HasOverlappedIoCompleted(&many.request[i].ov));
        many_close(&many);
    }
}

static void requests_of_other_threads_on_the_same_file_go_on(void)
{
    struct pair p;
    struct asker asker;
    struct request mine;

    pair_open(&p, 0);
    request_open(&mine, true);
    request_open(&asker.request, true);
    asker.file = p.near;
    CHECK(request_pends(&mine, p.near, 1));
    ask_in_a_thread(&asker, ask_and_return);
    CHECK_EQ(request_status(&mine), STATUS_PENDING);
    pair_send(&p, "x", 1);
    CHECK_EQ(WaitForSingleObject(mine.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("mine", &mine, STATUS_SUCCESS, 1);
    pair_close(&p);
    request_close(&mine);
    request_close(&asker.request);
}

static void an_event_less_request_of_a_file_with_a_port_goes_on(void)
{
    struct pair p;
    struct asker asker;
    HANDLE port;
    ULONG_PTR key = 0;
    OVERLAPPED *ov = NULL;
    DWORD n = 0;

    pair_open(&p, 0);
    port = CreateIoCompletionPort(p.near, NULL, 7, 0);
    asker.file = p.near;
    request_open(&asker.request, false);
    ask_in_a_thread(&asker, ask_and_return);
    CHECK_EQ(request_status(&asker.request), STATUS_PENDING);
    pair_send(&p, "x", 1);
    CHECK_EQ(GetQueuedCompletionStatus(port, &n, &key, &ov, PATIENCE_MS), TRUE);
    CHECK(ov == &asker.request.ov);
    CHECK_EQ(key, 7);
    CHECK_EQ(n, 1);
    CHECK(CloseHandle(port));
    pair_close(&p);
}

/* With an event, or with the tag that keeps packets away, somebody else is to be told. */
static void with_an_event_it_is_cancelled_and_its_packet_says_995(void)
{
    struct pair p;
    struct asker asker;
    HANDLE port;
    ULONG_PTR key = 0;
    OVERLAPPED *ov = NULL;
    DWORD n = 99;

    pair_open(&p, 0);
    port = CreateIoCompletionPort(p.near, NULL, 7, 0);
    asker.file = p.near;
    request_open(&asker.request, true);
    ask_in_a_thread(&asker, ask_and_return);
    request_ends("it had an event", &asker.request, STATUS_CANCELLED, 0);
    CHECK(is_set(asker.request.ov.hEvent));
    CHECK_FAILS(GetQueuedCompletionStatus(port, &n, &key, &ov, PATIENCE_MS),
                ERROR_OPERATION_ABORTED);
    CHECK(ov == &asker.request.ov);
    CHECK_EQ(key, 7);
    CHECK_EQ(n, 0);
    CHECK(CloseHandle(port));
    pair_close(&p);
    request_close(&asker.request);
}

static void a_tagged_request_without_an_event_is_cancelled_too(void)
{
    struct pair p;
    struct asker asker;
    HANDLE port;

    pair_open(&p, 0);
    port = CreateIoCompletionPort(p.near, NULL, 7, 0);
    asker.file = p.near;
    request_open(&asker.request, false);
    asker.request.ov.hEvent = (HANDLE)(ULONG_PTR)1;
    ask_in_a_thread(&asker, ask_and_return);
    request_ends("no packet will tell of it", &asker.request, STATUS_CANCELLED, 0);
    CHECK(CloseHandle(port));
    pair_close(&p);
}

COMM_TEST_MAIN(TEST(its_read_is_cancelled_before_its_handle_is_signalled),
               TEST(a_thread_the_library_did_not_make_is_no_different),
               TEST(however_many_there_are_all_are_cancelled), TEST(what_ends_meanwhile_ends_once),
               TEST(requests_of_other_threads_on_the_same_file_go_on),
               TEST(an_event_less_request_of_a_file_with_a_port_goes_on),
               TEST(with_an_event_it_is_cancelled_and_its_packet_says_995),
               TEST(a_tagged_request_without_an_event_is_cancelled_too))
