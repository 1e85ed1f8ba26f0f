/* SPDX-License-Identifier: MIT */
/* GetOverlappedResult: a final request is reported from the caller's own structure, whatever its
 * event and handle say; a pending one is waited for, and how that wait ends is the answer. */
#include "asleep.h"
#include "pair.h"

/* Everything of warning and error severity that an operation here can end with. */
static const struct {
    const char *when;
    DWORD status, error;
} failures[] = {
    {"BUFFER_OVERFLOW",           0x80000005, 234 },
    {"NO_MORE_FILES",             0x80000006, 18  },
    {"HANDLES_CLOSED",            0x8000000A, 676 },
    {"NO_MORE_ENTRIES",           0x8000001A, 259 },
    {"UNSUCCESSFUL",              0xC0000001, 31  },
    {"NOT_IMPLEMENTED",           0xC0000002, 1   },
    {"INVALID_INFO_CLASS",        0xC0000003, 87  },
    {"INFO_LENGTH_MISMATCH",      0xC0000004, 24  },
    {"ACCESS_VIOLATION",          0xC0000005, 998 },
    {"INVALID_HANDLE",            0xC0000008, 6   },
    {"INVALID_PARAMETER",         0xC000000D, 87  },
    {"NO_SUCH_DEVICE",            0xC000000E, 433 },
    {"NO_SUCH_FILE",              0xC000000F, 2   },
    {"INVALID_DEVICE_REQUEST",    0xC0000010, 1   },
    {"END_OF_FILE",               0xC0000011, 38  },
    {"NO_MEMORY",                 0xC0000017, 8   },
    {"ACCESS_DENIED",             0xC0000022, 5   },
    {"BUFFER_TOO_SMALL",          0xC0000023, 122 },
    {"OBJECT_TYPE_MISMATCH",      0xC0000024, 6   },
    {"INVALID_PARAMETER_MIX",     0xC0000030, 87  },
    {"OBJECT_NAME_INVALID",       0xC0000033, 123 },
    {"OBJECT_NAME_NOT_FOUND",     0xC0000034, 2   },
    {"OBJECT_NAME_COLLISION",     0xC0000035, 183 },
    {"OBJECT_PATH_NOT_FOUND",     0xC000003A, 3   },
    {"DATA_OVERRUN",              0xC000003C, 1117},
    {"DATA_ERROR",                0xC000003E, 23  },
    {"SHARING_VIOLATION",         0xC0000043, 32  },
    {"QUOTA_EXCEEDED",            0xC0000044, 1816},
    {"MUTANT_NOT_OWNED",          0xC0000046, 288 },
    {"SEMAPHORE_LIMIT_EXCEEDED",  0xC0000047, 298 },
    {"THREAD_IS_TERMINATING",     0xC000004B, 5   },
    {"FILE_LOCK_CONFLICT",        0xC0000054, 33  },
    {"LOCK_NOT_GRANTED",          0xC0000055, 33  },
    {"DELETE_PENDING",            0xC0000056, 5   },
    {"RANGE_NOT_LOCKED",          0xC000007E, 158 },
    {"DISK_FULL",                 0xC000007F, 112 },
    {"INSUFFICIENT_RESOURCES",    0xC000009A, 1450},
    {"DEVICE_DATA_ERROR",         0xC000009C, 23  },
    {"DEVICE_NOT_CONNECTED",      0xC000009D, 1167},
    {"MEDIA_WRITE_PROTECTED",     0xC00000A2, 19  },
    {"DEVICE_NOT_READY",          0xC00000A3, 21  },
    {"INSTANCE_NOT_AVAILABLE",    0xC00000AB, 231 },
    {"PIPE_NOT_AVAILABLE",        0xC00000AC, 231 },
    {"PIPE_BUSY",                 0xC00000AE, 231 },
    {"INVALID_PIPE_STATE",        0xC00000AD, 230 },
    {"INVALID_READ_MODE",         0xC00000B4, 230 },
    {"PIPE_DISCONNECTED",         0xC00000B0, 233 },
    {"PIPE_CLOSING",              0xC00000B1, 232 },
    {"PIPE_EMPTY",                0xC00000D9, 232 },
    {"PIPE_CONNECTED",            0xC00000B2, 535 },
    {"PIPE_LISTENING",            0xC00000B3, 536 },
    {"IO_TIMEOUT",                0xC00000B5, 121 },
    {"FILE_IS_A_DIRECTORY",       0xC00000BA, 5   },
    {"NOT_SUPPORTED",             0xC00000BB, 50  },
    {"NETWORK_BUSY",              0xC00000BF, 54  },
    {"INVALID_USER_BUFFER",       0xC00000E8, 1784},
    {"TOO_MANY_OPENED_FILES",     0xC000011F, 4   },
    {"CANCELLED",                 0xC0000120, 995 },
    {"CANNOT_DELETE",             0xC0000121, 5   },
    {"FILE_CLOSED",               0xC0000128, 6   },
    {"LOCAL_DISCONNECT",          0xC000013B, 64  },
    {"REMOTE_DISCONNECT",         0xC000013C, 64  },
    {"REMOTE_RESOURCES",          0xC000013D, 51  },
    {"INVALID_CONNECTION",        0xC0000140, 59  },
    {"PIPE_BROKEN",               0xC000014B, 109 },
    {"INVALID_DEVICE_STATE",      0xC0000184, 22  },
    {"IO_DEVICE_ERROR",           0xC0000185, 1117},
    {"POSSIBLE_DEADLOCK",         0xC0000194, 1131},
    {"INVALID_BUFFER_SIZE",       0xC0000206, 1784},
    {"INVALID_ADDRESS_COMPONENT", 0xC0000207, 1214},
    {"CONNECTION_DISCONNECTED",   0xC000020C, 64  },
    {"CONNECTION_RESET",          0xC000020D, 64  },
    {"NOT_FOUND",                 0xC0000225, 1168},
    {"HANDLE_NOT_CLOSABLE",       0xC0000235, 6   },
    {"CONNECTION_REFUSED",        0xC0000236, 1225},
    {"CONNECTION_ACTIVE",         0xC000023B, 1230},
    {"NETWORK_UNREACHABLE",       0xC000023C, 1231},
    {"HOST_UNREACHABLE",          0xC000023D, 1232},
    {"PORT_UNREACHABLE",          0xC000023F, 1234},
    {"REQUEST_ABORTED",           0xC0000240, 1235},
    {"CONNECTION_ABORTED",        0xC0000241, 1236},
    {"DEVICE_REMOVED",            0xC00002B6, 1617},
    {"OBJECT_PATH_SYNTAX_BAD",    0xC000003B, 161 },
    {"PRIVILEGE_NOT_HELD",        0xC0000061, 1314},
    {"ILLEGAL_FUNCTION",          0xC00000AF, 1   },
    {"BAD_NETWORK_PATH",          0xC00000BE, 53  },
    {"CANNOT_IMPERSONATE",        0xC000010D, 1368},
    {"INVALID_LOCK_RANGE",        0xC00001A1, 307 },
    {"NAME_TOO_LONG",             0xC0000106, 206 },
    {"NOT_SAME_DEVICE",           0xC00000D4, 17  },
    {"DIRECTORY_NOT_EMPTY",       0xC0000101, 145 },
};

static void every_failure_is_reported_with_its_error_and_its_count(void)
{
    HANDLE nothing = (HANDLE)(ULONG_PTR)0x1234;

    for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
        OVERLAPPED ov = {.Internal = failures[i].status, .InternalHigh = i + 7};
        DWORD n = 0;

        SetLastError(0);
        CHECK_EQ_WHEN(failures[i].when, GetOverlappedResult(nothing, &ov, &n, TRUE), FALSE);
        CHECK_EQ_WHEN(failures[i].when, GetLastError(), failures[i].error);
        CHECK_EQ_WHEN(failures[i].when, n, i + 7);
    }
}

static void a_time_out_status_is_a_success(void)
{
    OVERLAPPED ov = {.Internal = STATUS_TIMEOUT, .InternalHigh = 5};
    DWORD n = 0;

    SetLastError(4321);
    CHECK_EQ(GetOverlappedResult((HANDLE)(ULONG_PTR)0x1234, &ov, &n, TRUE), TRUE);
    CHECK_EQ(n, 5);
    CHECK_EQ(GetLastError(), 4321);
}

static void a_completed_request_needs_no_valid_handle(void)
{
    struct pair p;
    struct request r;
    DWORD n = 0;

    pair_open(&p, 0);
    request_open(&r, true);
    pair_send(&p, "abc", 3);
    CHECK_EQ(ReadFile(p.near, r.buf, 3, NULL, &r.ov), TRUE);
    CHECK_EQ(GetOverlappedResult(NULL, &r.ov, &n, TRUE), TRUE);
    CHECK_EQ(n, 3);
    n = 0;
    pair_close(&p);
    CHECK_EQ(GetOverlappedResult(p.near, &r.ov, &n, TRUE), TRUE);
    CHECK_EQ(n, 3);
    request_close(&r);
}

static void a_completed_request_is_reported_at_once_with_its_event_reset(void)
{
    struct pair p;
    struct request r;
    DWORD n = 0;

    pair_open(&p, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, p.near, 3));
    pair_send(&p, "abc", 3);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    ResetEvent(r.ov.hEvent);
    CHECK_EQ(GetOverlappedResult(p.near, &r.ov, &n, TRUE), TRUE); /* else it never returns */
    CHECK_EQ(n, 3);
    pair_close(&p);
    request_close(&r);
}

/* A thread that asks for a result and waits for it. */
struct asker {
    HANDLE file;
    struct request *request;
    struct sleeper sleeper;
    DWORD n;
};

static void *ask_and_wait(void *arg)
{
    struct asker *asker = arg;

    sleeper_announce(&asker->sleeper);
    CHECK_EQ(GetOverlappedResult(asker->file, &asker->request->ov, &asker->n, TRUE), TRUE);
    return NULL;
}

static void the_wait_takes_an_auto_reset_event_and_a_second_one_does_not_block(void)
{
    struct pair p;
    struct request r;
    struct asker asker = {.request = &r};
    pthread_t thread;
    DWORD n = 0;

    pair_open(&p, 0);
    asker.file = p.near;
    request_open(&r, false);
    r.ov.hEvent = CreateEvent(NULL, FALSE, FALSE, NULL);
    CHECK(request_pends(&r, p.near, 3));
    thread = comm_spawn(ask_and_wait, &asker);
    wait_until_asleep(&asker.sleeper); /* a result that is there already takes nothing */
    pair_send(&p, "abc", 3);
    comm_join(thread);
    CHECK_EQ(asker.n, 3);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, 0), WAIT_TIMEOUT);
    n = 0;
    CHECK_EQ(GetOverlappedResult(p.near, &r.ov, &n, TRUE), TRUE);
    CHECK_EQ(n, 3);
    pair_close(&p);
    request_close(&r);
}

static void an_event_set_by_hand_does_not_make_a_request_look_complete(void)
{
    struct pair p;
    struct request r;
    DWORD n = 99;

    pair_open(&p, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, p.near, 3));
    SetEvent(r.ov.hEvent);
    CHECK_FAILS(GetOverlappedResult(p.near, &r.ov, &n, FALSE), ERROR_IO_INCOMPLETE);
    CHECK_EQ(n, 99);
    pair_close(&p);
    request_close(&r);
}

static void an_event_set_by_hand_ends_the_wait_for_the_result(void)
{
    struct pair p;
    struct request r;
    DWORD n = 99;

    pair_open(&p, 0);
    request_open(&r, true);
    r.ov.InternalHigh = 0x77;
    CHECK(request_pends(&r, p.near, 3));
    SetEvent(r.ov.hEvent);
    CHECK_EQ(GetOverlappedResult(p.near, &r.ov, &n, TRUE), TRUE);
    CHECK_EQ(n, 0x77);
    CHECK_EQ(request_status(&r), STATUS_PENDING);
    pair_close(&p);
    request_close(&r);
}

static void count_call(ULONG_PTR counter)
{
    ++*(int *)counter;
}

static const struct {
    const char *when;
    DWORD timeout_ms;
    BOOL alertable;
    DWORD error;
    int calls;
} waits[] = {
    {"no time, not alertable",   0,  FALSE, ERROR_IO_INCOMPLETE, 0},
    {"no time, alertable",       0,  TRUE,  ERROR_IO_INCOMPLETE, 0},
    {"some time, not alertable", 10, FALSE, WAIT_TIMEOUT,        0},
    {"some time, alertable",     10, TRUE,  WAIT_IO_COMPLETION,  1},
};

static void a_pending_request_and_a_queued_apc_end_the_call_as_its_time_and_alertness_say(void)
{
    for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
        struct pair p;
        struct request r;
        int calls = 0;
        DWORD n = 99;

        pair_open(&p, 0);
        request_open(&r, true);
        CHECK(request_pends(&r, p.near, 3));
        CHECK(QueueUserAPC(count_call, GetCurrentThread(), (ULONG_PTR)&calls));
        SetLastError(0);
        CHECK_EQ_WHEN(
            waits[i].when,
            GetOverlappedResultEx(p.near, &r.ov, &n, waits[i].timeout_ms, waits[i].alertable),
            FALSE);
        CHECK_EQ_WHEN(waits[i].when, GetLastError(), waits[i].error);
        CHECK_EQ_WHEN(waits[i].when, calls, waits[i].calls);
        CHECK_EQ_WHEN(waits[i].when, n, 99);
        SleepEx(0, TRUE); /* what is still queued must not outlive `calls` */
        pair_close(&p);
        request_close(&r);
    }
}

/* Without an event the wait is for the handle, and a completion without event signals that. */
static void without_an_event_the_handle_is_waited_for(void)
{
    struct pair p;
    struct request r;
    DWORD n = 0;

    pair_open(&p, 0);
    request_open(&r, false);
    CHECK(request_pends(&r, p.near, 3));
    pair_send(&p, "abc", 3);
    CHECK_EQ(GetOverlappedResult(p.near, &r.ov, &n, TRUE), TRUE);
    CHECK_EQ(n, 3);
    pair_close(&p);
}

static void a_caller_that_only_asks_gets_the_result_in_the_end(void)
{
    struct pair p;
    struct request r;
    DWORD n = 0;
    BOOL done = FALSE;

    pair_open(&p, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, p.near, 3));
    pair_send(&p, "abc", 3);
    while (!done) {
        done = GetOverlappedResult(p.near, &r.ov, &n, FALSE);
        if (!done && !CHECK_EQ(GetLastError(), ERROR_IO_INCOMPLETE))
            break;
    }
    CHECK_EQ(n, 3);
    pair_close(&p);
    request_close(&r);
}

static void a_missing_structure_or_count_is_refused(void)
{
    OVERLAPPED ov = {.Internal = STATUS_SUCCESS};
    DWORD n;

    CHECK_FAILS(GetOverlappedResult(NULL, NULL, &n, FALSE), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(GetOverlappedResult(NULL, &ov, NULL, FALSE), ERROR_INVALID_PARAMETER);
}

COMM_TEST_MAIN(TEST(every_failure_is_reported_with_its_error_and_its_count),
               TEST(a_time_out_status_is_a_success),
               TEST(a_completed_request_needs_no_valid_handle),
               TEST(a_completed_request_is_reported_at_once_with_its_event_reset),
               TEST(the_wait_takes_an_auto_reset_event_and_a_second_one_does_not_block),
               TEST(an_event_set_by_hand_does_not_make_a_request_look_complete),
               TEST(an_event_set_by_hand_ends_the_wait_for_the_result),
               TEST(a_pending_request_and_a_queued_apc_end_the_call_as_its_time_and_alertness_say),
               TEST(without_an_event_the_handle_is_waited_for),
               TEST(a_caller_that_only_asks_gets_the_result_in_the_end),
               TEST(a_missing_structure_or_count_is_refused))
