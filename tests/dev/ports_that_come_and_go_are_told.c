/* SPDX-License-Identifier: MIT */
/* CommOpenPortNotices on a made-up machine, where udev does not run and /dev has to do. */
#include "harness.h"
#include "tree.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libcomm/native.h>

#include "libcomm/plat/testing.h"

#define PATIENCE_MS 20000

static HANDLE open_notices(DWORD flags)
{
    HANDLE notices = CommOpenPortNotices(flags);

    CHECK(notices != INVALID_HANDLE_VALUE);
    return notices;
}

/* A read of up to `count` notices, under way. */
struct request {
    HANDLE notices;
    OVERLAPPED ov;
    COMM_PORT_NOTICE notice[8];
};

static bool request_start(struct request *r, HANDLE notices, DWORD count)
{
    memset(r, 0, sizeof *r);
    r->notices = notices;
    r->ov.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    return ReadFile(notices, r->notice, count * (DWORD)sizeof r->notice[0], NULL, &r->ov);
}

/* How many notices it got. */
static DWORD request_wait(struct request *r)
{
    DWORD len = 0;

    CHECK_EQ(WaitForSingleObject(r->ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(GetOverlappedResult(r->notices, &r->ov, &len, FALSE));
    CloseHandle(r->ov.hEvent);
    CHECK_EQ(len % sizeof r->notice[0], 0);
    return len / (DWORD)sizeof r->notice[0];
}

static void check_notice(const COMM_PORT_NOTICE *notice, DWORD what, DWORD number, const char *name)
{
    CHECK_EQ(notice->what, what);
    CHECK_EQ(notice->number, number);
    CHECK(strcmp(notice->path, tree_node(name)) == 0);
}

/* The next notice, alone. */
static void check_next(HANDLE notices, DWORD what, DWORD number, const char *name)
{
    struct request r;

    request_start(&r, notices, 1);
    CHECK_EQ(request_wait(&r), 1);
    check_notice(&r.notice[0], what, number, name);
}

/* Nothing is to be told, now that all there was has been heard. */
static void check_nothing(HANDLE notices)
{
    struct request r;
    DWORD len;

    CHECK(!request_start(&r, notices, 1));
    CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    CHECK(CancelIoEx(notices, &r.ov));
    CHECK(!GetOverlappedResult(notices, &r.ov, &len, TRUE));
    CHECK_EQ(GetLastError(), ERROR_OPERATION_ABORTED);
    CloseHandle(r.ov.hEvent);
}

static void a_read_waits_for_a_port_to_arrive(void)
{
    struct request r;
    HANDLE notices;

    tree_begin();
    tree_native("ttyS0", "4");
    notices = open_notices(0);
    CHECK(!request_start(&r, notices, 1));
    CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    tree_native("ttyS1", "4");
    CHECK_EQ(request_wait(&r), 1);
    check_notice(&r.notice[0], COMM_PORT_ARRIVED, 2, "ttyS1");
    CloseHandle(notices);
    tree_end();
}

static void a_read_waits_for_a_port_to_go(void)
{
    struct request r;
    HANDLE notices;

    tree_begin();
    tree_native("ttyS0", "4");
    notices = open_notices(0);
    request_start(&r, notices, 1);
    tree_take_node("ttyS0");
    CHECK_EQ(request_wait(&r), 1);
    check_notice(&r.notice[0], COMM_PORT_GONE, 1, "ttyS0");
    CloseHandle(notices);
    tree_end();
}

static void what_happened_before_the_read_is_told(void)
{
    HANDLE notices;

    tree_begin();
    notices = open_notices(0);
    tree_native("ttyS0", "4");
    check_next(notices, COMM_PORT_ARRIVED, 1, "ttyS0");
    check_nothing(notices);
    CloseHandle(notices);
    tree_end();
}

static void a_port_that_went_and_came_back_is_told_as_both(void)
{
    struct request r;
    HANDLE notices;

    tree_begin();
    tree_native("ttyS0", "4");
    notices = open_notices(0);
    tree_take_node("ttyS0");
    tree_put_node("ttyS0");
    request_start(&r, notices, 8);
    CHECK_EQ(request_wait(&r), 2);
    check_notice(&r.notice[0], COMM_PORT_GONE, 1, "ttyS0");
    check_notice(&r.notice[1], COMM_PORT_ARRIVED, 1, "ttyS0");
    CloseHandle(notices);
    tree_end();
}

static void what_does_not_fit_waits_for_the_next_read(void)
{
    HANDLE notices;

    tree_begin();
    notices = open_notices(0);
    tree_native("ttyS0", "4");
    tree_native("ttyS1", "4");
    tree_native("ttyS2", "4");
    check_next(notices, COMM_PORT_ARRIVED, 1, "ttyS0");
    check_next(notices, COMM_PORT_ARRIVED, 2, "ttyS1");
    check_next(notices, COMM_PORT_ARRIVED, 3, "ttyS2");
    check_nothing(notices);
    CloseHandle(notices);
    tree_end();
}

static void what_is_there_is_told_to_who_asks(void)
{
    struct request r;
    HANDLE notices;

    tree_begin();
    tree_native("ttyS0", "4");
    tree_native("ttyS1", "4");
    notices = open_notices(0);
    check_nothing(notices);
    CloseHandle(notices);
    notices = open_notices(COMM_NOTICES_PRESENT);
    CHECK(request_start(&r, notices, 8));
    CHECK_EQ(request_wait(&r), 2);
    check_notice(&r.notice[0], COMM_PORT_ARRIVED, 1, "ttyS0");
    check_notice(&r.notice[1], COMM_PORT_ARRIVED, 2, "ttyS1");
    check_nothing(notices);
    CloseHandle(notices);
    tree_end();
}

static void a_new_mode_is_told(void)
{
    static const struct timespec times[2] = {
        {1, 0},
        {1, 0}
    };
    HANDLE notices;

    tree_begin();
    tree_native("ttyS0", "4");
    notices = open_notices(0);
    CHECK_EQ(utimensat(AT_FDCWD, tree_node("ttyS0"), times, AT_SYMLINK_NOFOLLOW), 0);
    check_next(notices, COMM_PORT_CHANGED, 1, "ttyS0");
    check_nothing(notices);
    CloseHandle(notices);
    tree_end();
}

static void other_devices_are_nobodys_business(void)
{
    HANDLE notices;

    tree_begin();
    tree_native("ttyS0", "4");
    notices = open_notices(0);
    tree_write("dev/video0", "");
    tree_write("dev/ttyX", "");
    tree_native("ttyS9", "0");
    tree_remove("dev/video0");
    check_nothing(notices);
    CloseHandle(notices);
    tree_end();
}

static void a_port_takes_its_mapped_number_when_its_link_appears(void)
{
    struct request r;
    HANDLE notices;

    tree_begin();
    CHECK(CommMapPort(5, tree_node("serial/by-id/usb-Thing")));
    notices = open_notices(0);
    tree_native("ttyS0", "4");
    check_next(notices, COMM_PORT_ARRIVED, 1, "ttyS0");
    request_start(&r, notices, 1);
    tree_link("by-id", "usb-Thing", "ttyS0");
    CHECK_EQ(request_wait(&r), 1);
    check_notice(&r.notice[0], COMM_PORT_GONE, 1, "ttyS0");
    check_next(notices, COMM_PORT_ARRIVED, 5, "ttyS0");
    CloseHandle(notices);
    tree_end();
}

static void a_mapped_device_is_heard_of_wherever_it_lies(void)
{
    char elsewhere[PATH_MAX];
    struct request r;
    HANDLE notices;

    tree_begin();
    tree_virtual("tnt0");
    tree_take_node("tnt0");
    tree_write("home/file", "");
    snprintf(elsewhere, sizeof elsewhere, "%s", tree_path("home/modem"));
    CHECK(CommMapPort(5, elsewhere));
    notices = open_notices(0);
    request_start(&r, notices, 1);
    CHECK_EQ(symlink(tree_real("tnt0"), elsewhere), 0);
    CHECK_EQ(request_wait(&r), 1);
    CHECK_EQ(r.notice[0].what, COMM_PORT_ARRIVED);
    CHECK_EQ(r.notice[0].number, 5);
    CHECK(strcmp(r.notice[0].path, tree_real("tnt0")) == 0);
    request_start(&r, notices, 1);
    tree_hang_up("tnt0"); /* and with it the node, which lies elsewhere still */
    CHECK_EQ(request_wait(&r), 1);
    CHECK_EQ(r.notice[0].what, COMM_PORT_GONE);
    CHECK_EQ(r.notice[0].number, 5);
    CloseHandle(notices);
    tree_end();
}

static void notices_reach_completion_ports(void)
{
    COMM_PORT_NOTICE notice;
    OVERLAPPED ov = {0}, *got = NULL;
    HANDLE notices, port;
    ULONG_PTR key = 0;
    DWORD len = 0;

    tree_begin();
    notices = open_notices(0);
    port = CreateIoCompletionPort(notices, NULL, 7, 0);
    for (int i = 0; i < 3; i++) {
        CHECK(!ReadFile(notices, &notice, sizeof notice, NULL, &ov));
        CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
        if (i == 0)
            tree_native("ttyS0", "4");
        else if (i == 1)
            tree_take_node("ttyS0");
        else
            tree_put_node("ttyS0");
        CHECK(GetQueuedCompletionStatus(port, &len, &key, &got, PATIENCE_MS));
        CHECK(key == 7 && got == &ov && len == sizeof notice);
        check_notice(&notice, i == 1 ? COMM_PORT_GONE : COMM_PORT_ARRIVED, 1, "ttyS0");
    }
    CloseHandle(notices);
    CloseHandle(port);
    tree_end();
}

static void *take_node(void *unused)
{
    (void)unused;
    tree_take_node("ttyS0");
    return NULL;
}

static void a_synchronous_handle_blocks(void)
{
    COMM_PORT_NOTICE notice;
    pthread_t thread;
    HANDLE notices;
    DWORD len = 0;

    tree_begin();
    tree_native("ttyS0", "4");
    notices = open_notices(COMM_NOTICES_SYNC);
    thread = comm_spawn(take_node, NULL);
    CHECK(ReadFile(notices, &notice, sizeof notice, &len, NULL));
    CHECK_EQ(len, sizeof notice);
    check_notice(&notice, COMM_PORT_GONE, 1, "ttyS0");
    comm_join(thread);
    CloseHandle(notices);
    tree_end();
}

static void an_earlier_read_is_served_first(void)
{
    struct request first, second;
    HANDLE notices;

    tree_begin();
    notices = open_notices(0);
    request_start(&first, notices, 1);
    tree_native("ttyS0", "4");
    tree_native("ttyS1", "4");
    request_start(&second, notices, 1); /* hears of them in passing */
    CHECK_EQ(request_wait(&first), 1);
    CHECK_EQ(request_wait(&second), 1);
    check_notice(&first.notice[0], COMM_PORT_ARRIVED, 1, "ttyS0");
    check_notice(&second.notice[0], COMM_PORT_ARRIVED, 2, "ttyS1");
    CloseHandle(notices);
    tree_end();
}

static void a_read_of_nothing_only_asks(void)
{
    struct request r;
    HANDLE notices;

    tree_begin();
    notices = open_notices(0);
    CHECK(!request_start(&r, notices, 0));
    CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    tree_native("ttyS0", "4");
    CHECK_EQ(request_wait(&r), 0);
    check_next(notices, COMM_PORT_ARRIVED, 1, "ttyS0");
    CloseHandle(notices);
    tree_end();
}

static void what_cannot_be_done_is_refused(void)
{
    COMM_PORT_NOTICE notice;
    OVERLAPPED ov = {0};
    HANDLE notices;

    tree_begin();
    CHECK(CommOpenPortNotices(4) == INVALID_HANDLE_VALUE);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    notices = open_notices(0);
    CHECK(!ReadFile(notices, &notice, sizeof notice - 1, NULL, &ov));
    CHECK_EQ(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    CHECK(!WriteFile(notices, &notice, sizeof notice, NULL, &ov));
    CHECK_EQ(GetLastError(), ERROR_ACCESS_DENIED);
    CloseHandle(notices);
    tree_end();
}

static void closing_ends_a_read(void)
{
    struct request r;
    HANDLE notices;

    tree_begin();
    notices = open_notices(0);
    CHECK(!request_start(&r, notices, 1));
    CHECK(CloseHandle(notices));
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK_EQ(r.ov.Internal, STATUS_CANCELLED);
    CloseHandle(r.ov.hEvent);
    tree_end();
}

static int in_child(HANDLE notices)
{
    COMM_PORT_NOTICE notice;
    DWORD len;

    if (ReadFile(notices, &notice, sizeof notice, &len, NULL))
        return 1;
    return GetLastError() == ERROR_NOT_SUPPORTED && CloseHandle(notices) ? 0 : 2;
}

static void a_forked_child_takes_nothing_away(void)
{
    COMM_PORT_NOTICE notice;
    HANDLE notices;
    int status = -1;
    DWORD len = 0;
    pid_t pid;

    tree_begin();
    notices = open_notices(COMM_NOTICES_SYNC);
    tree_native("ttyS0", "4");
    fflush(stdout);
    pid = fork();
    if (pid == 0)
        _exit(in_child(notices));
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, 0);
    CHECK(ReadFile(notices, &notice, sizeof notice, &len, NULL));
    check_notice(&notice, COMM_PORT_ARRIVED, 1, "ttyS0");
    CloseHandle(notices);
    tree_end();
}

static void running_out_of_anything_opens_nothing(void)
{
    static const enum ci_fault_kind kinds[] = {CI_FAULT_MEMORY, CI_FAULT_DESCRIPTOR};
    HANDLE notices;

    tree_begin();
    tree_native("ttyS0", "4");
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        unsigned nth = 0, asked;

        do {
            ci_testing_fail(kinds[i], nth++, false);
            notices = CommOpenPortNotices(COMM_NOTICES_PRESENT);
            asked = ci_testing_requests();
            ci_testing_fail(0, 0, false);
            if (notices != INVALID_HANDLE_VALUE) /* it may have managed without */
                CloseHandle(notices);
        } while (nth <= asked);
        CHECK(nth > 1);
        CHECK(notices != INVALID_HANDLE_VALUE);
    }
    tree_end();
}

static void running_out_of_memory_loses_no_notice(void)
{
    COMM_PORT_NOTICE notice[8];
    HANDLE notices;
    DWORD len = 0;
    bool told = false;

    tree_begin();
    notices = open_notices(COMM_NOTICES_SYNC);
    tree_native("ttyS0", "4");
    for (unsigned nth = 0; !told && nth < 1000; nth++) {
        ci_testing_fail(CI_FAULT_MEMORY, nth, false);
        told = ReadFile(notices, notice, sizeof notice, &len, NULL);
        ci_testing_fail(0, 0, false);
        CHECK(told || GetLastError() == ERROR_NOT_ENOUGH_MEMORY);
    }
    CHECK_EQ(len, sizeof notice[0]);
    check_notice(&notice[0], COMM_PORT_ARRIVED, 1, "ttyS0");
    CloseHandle(notices);
    tree_end();
}

COMM_TEST_MAIN(TEST(a_read_waits_for_a_port_to_arrive), TEST(a_read_waits_for_a_port_to_go),
               TEST(what_happened_before_the_read_is_told),
               TEST(a_port_that_went_and_came_back_is_told_as_both),
               TEST(what_does_not_fit_waits_for_the_next_read),
               TEST(what_is_there_is_told_to_who_asks), TEST(a_new_mode_is_told),
               TEST(other_devices_are_nobodys_business),
               TEST(a_port_takes_its_mapped_number_when_its_link_appears),
               TEST(a_mapped_device_is_heard_of_wherever_it_lies),
               TEST(notices_reach_completion_ports), TEST(a_synchronous_handle_blocks),
               TEST(an_earlier_read_is_served_first), TEST(a_read_of_nothing_only_asks),
               TEST(what_cannot_be_done_is_refused), TEST(closing_ends_a_read),
               TEST(a_forked_child_takes_nothing_away), TEST(running_out_of_anything_opens_nothing),
               TEST(running_out_of_memory_loses_no_notice))
