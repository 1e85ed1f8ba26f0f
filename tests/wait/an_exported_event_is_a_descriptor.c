/* SPDX-License-Identifier: MIT */
/* CommGetEventPollFd: a descriptor that follows the event, for the programs that ask, and none for
 * those that do not. */
#include <dirent.h>
#include <poll.h>

#include <libcomm/native.h>

#include "objects.h"

static bool readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, 0) == 1 && (p.revents & POLLIN) != 0;
}

static size_t open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t count = 0;

    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

static void the_descriptor_is_readable_while_the_event_is_set(void)
{
    HANDLE event = manual_event(FALSE);
    int fd = CommGetEventPollFd(event);

    CHECK(fd >= 0 && !readable(fd));
    for (int i = 0; i < 3; i++) {
        CHECK(SetEvent(event) && SetEvent(event));
        CHECK(readable(fd));
        CHECK_SET(event);
        CHECK(readable(fd));
        CHECK(ResetEvent(event));
        CHECK(!readable(fd));
    }
    CHECK_EQ(CommGetEventPollFd(event), fd);
    CHECK(CloseHandle(event));
}

static void an_event_that_is_set_already_starts_readable(void)
{
    HANDLE event = manual_event(TRUE);

    CHECK(readable(CommGetEventPollFd(event)));
    CHECK(CloseHandle(event));
}

static void a_wait_that_takes_an_auto_event_makes_it_unreadable(void)
{
    HANDLE event = auto_event(TRUE);
    int fd = CommGetEventPollFd(event);
    struct waiter w = {.on = {event}, .count = 1};

    CHECK(readable(fd));
    CHECK_SET(event);
    CHECK(!readable(fd));
    waiter_start(&w);
    CHECK(SetEvent(event)); /* goes to the waiter */
    CHECK(!readable(fd));
    CHECK_EQ(waiter_end(&w), WAIT_OBJECT_0);
    CHECK(PulseEvent(event));
    CHECK(!readable(fd));
    CHECK(CloseHandle(event));
}

static DWORD WINAPI set_it(LPVOID event)
{
    return SetEvent(event) != 0;
}

static void a_poll_in_another_thread_is_woken(void)
{
    HANDLE event = manual_event(FALSE);
    struct pollfd p = {.fd = CommGetEventPollFd(event), .events = POLLIN};
    HANDLE setter = thread_start(set_it, event);

    CHECK_EQ(poll(&p, 1, PATIENCE_MS), 1);
    CHECK_EQ(thread_end(setter), 1);
    CHECK(CloseHandle(event));
}

static void an_event_nobody_exported_has_no_descriptor(void)
{
    size_t before = open_descriptors();
    HANDLE events[100];

    for (int i = 0; i < 100; i++) {
        events[i] = manual_event(FALSE);
        CHECK(SetEvent(events[i]));
        CHECK_SET(events[i]);
    }
    CHECK_EQ(open_descriptors(), before);
    CHECK(CommGetEventPollFd(events[0]) >= 0);
    CHECK_EQ(open_descriptors(), before + 1);
    for (int i = 0; i < 100; i++)
        CHECK(CloseHandle(events[i]));
    CHECK_EQ(open_descriptors(), before);
}

static void only_events_are_exported(void)
{
    HANDLE mutex = CreateMutexA(NULL, FALSE, NULL);

    SetLastError(UNTOUCHED);
    CHECK_EQ(CommGetEventPollFd(mutex), -1);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    CHECK_EQ(CommGetEventPollFd(NULL), -1);
    CHECK(CloseHandle(mutex));
}

COMM_TEST_MAIN(TEST(the_descriptor_is_readable_while_the_event_is_set),
               TEST(an_event_that_is_set_already_starts_readable),
               TEST(a_wait_that_takes_an_auto_event_makes_it_unreadable),
               TEST(a_poll_in_another_thread_is_woken),
               TEST(an_event_nobody_exported_has_no_descriptor), TEST(only_events_are_exported))
