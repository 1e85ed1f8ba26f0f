/* SPDX-License-Identifier: MIT */
/* Mutexes: only the owner releases, as often as it took; an owner that ends leaves its mutexes
 * abandoned, before anybody can see that it has ended. */
#include "objects.h"

static DWORD WINAPI take_and_end(LPVOID mutex)
{
    return WaitForSingleObject(mutex, PATIENCE_MS);
}

static HANDLE abandoned_mutex(void)
{
    HANDLE mutex = CreateMutexA(NULL, FALSE, NULL);

    CHECK_EQ(thread_end(thread_start(take_and_end, mutex)), WAIT_OBJECT_0);
    return mutex;
}

static DWORD WINAPI try_release(LPVOID mutex)
{
    return ReleaseMutex(mutex) ? 0 : GetLastError();
}

static void only_the_owner_releases_and_as_often_as_it_took(void)
{
    HANDLE mutex = CreateMutexA(NULL, FALSE, NULL);

    CHECK_FAILS(ReleaseMutex(mutex), ERROR_NOT_OWNER);
    CHECK_SET(mutex);
    CHECK_SET(mutex);
    CHECK_EQ(thread_end(thread_start(try_release, mutex)), ERROR_NOT_OWNER);
    CHECK(ReleaseMutex(mutex));
    CHECK_EQ(thread_end(thread_start(try_release, mutex)), ERROR_NOT_OWNER);
    CHECK(ReleaseMutex(mutex));
    CHECK_FAILS(ReleaseMutex(mutex), ERROR_NOT_OWNER);
    CHECK(CloseHandle(mutex));
}

static DWORD WINAPI try_take(LPVOID mutex)
{
    DWORD result = WaitForSingleObject(mutex, 0);

    if (result != WAIT_TIMEOUT)
        ReleaseMutex(mutex);
    return result;
}

static void an_initial_owner_holds_it_once(void)
{
    HANDLE mutex = CreateMutexA(NULL, TRUE, NULL);

    CHECK_EQ(thread_end(thread_start(try_take, mutex)), WAIT_TIMEOUT);
    CHECK(ReleaseMutex(mutex));
    CHECK_EQ(thread_end(thread_start(try_take, mutex)), WAIT_OBJECT_0);
    CHECK_FAILS(ReleaseMutex(mutex), ERROR_NOT_OWNER);
    CHECK(CloseHandle(mutex));
}

static DWORD WINAPI wait_and_release(LPVOID mutex)
{
    DWORD result = WaitForSingleObject(mutex, PATIENCE_MS);

    CHECK(ReleaseMutex(mutex));
    return result;
}

static void the_last_release_hands_it_to_the_waiter(void)
{
    HANDLE mutex = CreateMutexA(NULL, TRUE, NULL);
    HANDLE waiter;

    CHECK_SET(mutex);
    waiter = thread_start(wait_and_release, mutex);
    blocked_wait(mutex, 1);
    CHECK(ReleaseMutex(mutex));
    CHECK_EQ(blocked_on(mutex), 1);
    CHECK(ReleaseMutex(mutex));
    CHECK_FAILS(ReleaseMutex(mutex), ERROR_NOT_OWNER);
    CHECK_EQ(thread_end(waiter), WAIT_OBJECT_0);
    CHECK(CloseHandle(mutex));
}

static void a_wait_for_any_names_the_abandoned_mutex_and_owns_it(void)
{
    HANDLE on[2] = {auto_event(FALSE), abandoned_mutex()};

    CHECK_EQ(WaitForMultipleObjects(2, on, FALSE, 0), WAIT_ABANDONED_0 + 1);
    CHECK_EQ(WaitForMultipleObjects(2, on, FALSE, 0), WAIT_OBJECT_0 + 1);
    CHECK(ReleaseMutex(on[1]) && ReleaseMutex(on[1]));
    CHECK_FAILS(ReleaseMutex(on[1]), ERROR_NOT_OWNER);
    CHECK_EQ(WaitForMultipleObjects(2, on, FALSE, 0), WAIT_OBJECT_0 + 1);
    CHECK(ReleaseMutex(on[1]));
    CHECK(CloseHandle(on[0]) && CloseHandle(on[1]));
}

static void a_wait_for_all_with_an_abandoned_mutex_gives_0x80_and_owns_it(void)
{
    HANDLE on[2] = {auto_event(TRUE), abandoned_mutex()};

    CHECK_EQ(WaitForMultipleObjects(2, on, TRUE, 0), WAIT_ABANDONED_0);
    CHECK_UNSET(on[0]);
    CHECK(ReleaseMutex(on[1]));
    CHECK(CloseHandle(on[0]) && CloseHandle(on[1]));
}

static void a_wait_for_all_that_fails_leaves_the_mutex_abandoned(void)
{
    HANDLE on[2] = {auto_event(FALSE), abandoned_mutex()};

    CHECK_EQ(WaitForMultipleObjects(2, on, TRUE, 0), WAIT_TIMEOUT);
    CHECK_FAILS(ReleaseMutex(on[1]), ERROR_NOT_OWNER);
    CHECK_EQ(WaitForSingleObject(on[1], 0), WAIT_ABANDONED_0);
    CHECK(ReleaseMutex(on[1]));
    CHECK(CloseHandle(on[0]) && CloseHandle(on[1]));
}

struct holder {
    HANDLE mutex, go, holding;
};

static DWORD WINAPI hold_until_told(LPVOID arg)
{
    struct holder *h = arg;

    CHECK_SET(h->mutex);
    CHECK_SET(h->mutex); /* twice: it is abandoned all the same */
    CHECK(SetEvent(h->holding));
    CHECK_EQ(WaitForSingleObject(h->go, PATIENCE_MS), WAIT_OBJECT_0);
    ExitThread(5);
}

static struct holder holder_make(HANDLE *thread)
{
    static struct holder h;

    h.mutex = CreateMutexA(NULL, FALSE, NULL);
    h.go = manual_event(FALSE);
    h.holding = manual_event(FALSE);
    *thread = thread_start(hold_until_told, &h);
    CHECK_EQ(WaitForSingleObject(h.holding, PATIENCE_MS), WAIT_OBJECT_0);
    return h;
}

static void holder_close(struct holder *h)
{
    CHECK(CloseHandle(h->mutex) && CloseHandle(h->go) && CloseHandle(h->holding));
}

static DWORD WINAPI wait_any_and_release(LPVOID arg)
{
    const HANDLE *on = arg;
    DWORD result = WaitForMultipleObjects(2, on, FALSE, PATIENCE_MS);

    CHECK(ReleaseMutex(on[1]));
    return result;
}

static void a_blocked_wait_gets_the_mutex_when_its_owner_ends(void)
{
    HANDLE owner, waiter, on[2];
    struct holder h = holder_make(&owner);

    on[0] = auto_event(FALSE);
    on[1] = h.mutex;
    waiter = thread_start(wait_any_and_release, on);
    blocked_wait(h.mutex, 1);
    CHECK(SetEvent(h.go));
    CHECK_EQ(thread_end(owner), 5);
    CHECK_EQ(thread_end(waiter), WAIT_ABANDONED_0 + 1);
    CHECK_SET(h.mutex);
    CHECK(ReleaseMutex(h.mutex));
    CHECK(CloseHandle(on[0]));
    holder_close(&h);
}

static void mutexes_are_abandoned_before_the_thread_is_signalled(void)
{
    for (int i = 0; i < 200; i++) {
        HANDLE owner;
        struct holder h = holder_make(&owner);

        CHECK(SetEvent(h.go));
        CHECK_EQ(WaitForSingleObject(owner, PATIENCE_MS), WAIT_OBJECT_0);
        CHECK_EQ(WaitForSingleObject(h.mutex, 0), WAIT_ABANDONED_0);
        CHECK(ReleaseMutex(h.mutex));
        CHECK(CloseHandle(owner));
        holder_close(&h);
    }
}

static void an_owned_mutex_may_be_closed(void)
{
    HANDLE mutex = CreateMutexA(NULL, TRUE, NULL);

    CHECK(CloseHandle(mutex));
    mutex = CreateMutexA(NULL, TRUE, NULL);
    CHECK(ReleaseMutex(mutex));
    CHECK(CloseHandle(mutex));
}

struct ring {
    HANDLE mutex;
    unsigned count; /* guarded by mutex, and by nothing else */
};

static DWORD WINAPI count_up(LPVOID arg)
{
    struct ring *ring = arg;

    for (int i = 0; i < 5000; i++) {
        if (WaitForSingleObject(ring->mutex, PATIENCE_MS) != WAIT_OBJECT_0)
            return 1;
        ring->count++;
        if (!ReleaseMutex(ring->mutex))
            return 2;
    }
    return 0;
}

static void a_mutex_excludes(void)
{
    struct ring ring = {CreateMutexA(NULL, FALSE, NULL), 0};
    HANDLE threads[4];

    for (int i = 0; i < 4; i++)
        threads[i] = thread_start(count_up, &ring);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(thread_end(threads[i]), 0);
    CHECK_EQ(ring.count, 20000);
    CHECK(CloseHandle(ring.mutex));
}

COMM_TEST_MAIN(TEST(only_the_owner_releases_and_as_often_as_it_took),
               TEST(an_initial_owner_holds_it_once), TEST(the_last_release_hands_it_to_the_waiter),
               TEST(a_wait_for_any_names_the_abandoned_mutex_and_owns_it),
               TEST(a_wait_for_all_with_an_abandoned_mutex_gives_0x80_and_owns_it),
               TEST(a_wait_for_all_that_fails_leaves_the_mutex_abandoned),
               TEST(a_blocked_wait_gets_the_mutex_when_its_owner_ends),
               TEST(mutexes_are_abandoned_before_the_thread_is_signalled),
               TEST(an_owned_mutex_may_be_closed), TEST(a_mutex_excludes))
