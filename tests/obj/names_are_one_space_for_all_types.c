/* SPDX-License-Identifier: MIT */
/* Names of events, mutexes, semaphores and timers: found by whoever knows them, in either encoding,
 * and gone with the last handle. */
#include <stdio.h>
#include <string.h>

#include "objects.h"

static void making_a_name_again_opens_it_and_says_so(void)
{
    HANDLE first = CreateEventA(NULL, TRUE, FALSE, "comm test a"), second;

    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    second = CreateEventA(NULL, FALSE, TRUE, "comm test a"); /* its wishes come too late */
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    CHECK(second != NULL && second != first);
    CHECK(CompareObjectHandles(first, second));
    CHECK_UNSET(second);
    CHECK(SetEvent(second));
    CHECK_SET(first);
    CHECK_SET(first);
    CHECK(CloseHandle(first) && CloseHandle(second));
}

static void a_name_of_another_type_cannot_be_made(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, "comm test b");

    CHECK_FAILS((intptr_t)CreateMutexA(NULL, TRUE, "comm test b"), ERROR_INVALID_HANDLE);
    CHECK_FAILS((intptr_t)CreateSemaphoreA(NULL, 0, 1, "comm test b"), ERROR_INVALID_HANDLE);
    CHECK_FAILS((intptr_t)CreateWaitableTimerA(NULL, TRUE, "comm test b"), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(event));
}

static void an_existing_mutex_is_not_taken_by_making_it_again(void)
{
    HANDLE mutex = CreateMutexA(NULL, FALSE, "comm test c");
    HANDLE again = CreateMutexA(NULL, TRUE, "comm test c");

    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    CHECK_FAILS(ReleaseMutex(again), ERROR_NOT_OWNER);
    CHECK(CloseHandle(mutex) && CloseHandle(again));
}

static void opening_what_is_not_there_gives_2_and_another_type_6(void)
{
    HANDLE mutex = CreateMutexA(NULL, FALSE, "comm test d");

    CHECK_FAILS((intptr_t)OpenEventA(SYNCHRONIZE, FALSE, "comm test nothing"),
                ERROR_FILE_NOT_FOUND);
    CHECK_FAILS((intptr_t)OpenMutexA(SYNCHRONIZE, FALSE, "comm test nothing"),
                ERROR_FILE_NOT_FOUND);
    CHECK_FAILS((intptr_t)OpenEventA(SYNCHRONIZE, FALSE, "comm test d"), ERROR_INVALID_HANDLE);
    CHECK_FAILS((intptr_t)OpenSemaphoreA(SYNCHRONIZE, FALSE, "comm test d"), ERROR_INVALID_HANDLE);
    CHECK_FAILS((intptr_t)OpenWaitableTimerA(SYNCHRONIZE, FALSE, "comm test d"),
                ERROR_INVALID_HANDLE);
    CHECK_FAILS((intptr_t)OpenEventA(SYNCHRONIZE, FALSE, NULL), ERROR_INVALID_PARAMETER);
    CHECK(CloseHandle(mutex));
}

static void opening_gives_the_same_object_with_the_rights_asked_for(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, "comm test e");
    HANDLE semaphore = CreateSemaphoreA(NULL, 1, 1, "comm test f");
    HANDLE waits = OpenEventA(SYNCHRONIZE, FALSE, "comm test e");
    HANDLE all = OpenEventA(EVENT_ALL_ACCESS, TRUE, "comm test e");
    HANDLE other = OpenSemaphoreA(SYNCHRONIZE, FALSE, "comm test f");
    DWORD flags = 0;

    CHECK_FAILS(SetEvent(waits), ERROR_ACCESS_DENIED);
    CHECK(SetEvent(all));
    CHECK_SET(waits);
    CHECK_UNSET(event);
    CHECK_SET(other);
    CHECK_UNSET(semaphore);
    CHECK(GetHandleInformation(all, &flags) && flags == HANDLE_FLAG_INHERIT);
    CHECK(CloseHandle(event) && CloseHandle(waits) && CloseHandle(all));
    CHECK(CloseHandle(semaphore) && CloseHandle(other));
}

static void the_name_goes_with_the_last_handle(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, TRUE, "comm test g");
    HANDLE again = OpenEventA(SYNCHRONIZE, FALSE, "comm test g");

    CHECK(CloseHandle(event));
    CHECK_SET(again);
    CHECK(CloseHandle(again));
    CHECK_FAILS((intptr_t)OpenEventA(SYNCHRONIZE, FALSE, "comm test g"), ERROR_FILE_NOT_FOUND);
    event = CreateEventA(NULL, TRUE, FALSE, "comm test g");
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    CHECK_UNSET(event);
    CHECK(CloseHandle(event));
}

static void an_empty_name_is_no_name(void)
{
    HANDLE one = CreateEventA(NULL, TRUE, TRUE, ""), two = CreateEventA(NULL, TRUE, FALSE, "");

    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    CHECK(!CompareObjectHandles(one, two));
    CHECK(CloseHandle(one) && CloseHandle(two));
}

static void the_prefixes_of_sessions_name_the_same_space(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, TRUE, "comm test h");
    HANDLE local = OpenEventA(SYNCHRONIZE, FALSE, "Local\\comm test h");
    HANDLE global = OpenEventA(SYNCHRONIZE, FALSE, "Global\\comm test h");

    CHECK(CompareObjectHandles(event, local));
    CHECK(CompareObjectHandles(event, global));
    CHECK_FAILS((intptr_t)OpenEventA(SYNCHRONIZE, FALSE, "COMM TEST H"), ERROR_FILE_NOT_FOUND);
    CHECK_FAILS((intptr_t)CreateEventA(NULL, TRUE, TRUE, "no such\\place"), ERROR_PATH_NOT_FOUND);
    CHECK(CloseHandle(event) && CloseHandle(local) && CloseHandle(global));
}

static void both_encodings_name_the_same_object(void)
{
    HANDLE narrow = CreateEventA(NULL, TRUE, TRUE, "comm \xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9E");
    HANDLE wide = OpenEventW(SYNCHRONIZE, FALSE, u"comm \u00e9\u20ac\U0001D11E");
    HANDLE prefixed = OpenEventW(SYNCHRONIZE, FALSE, u"Local\\comm \u00e9\u20ac\U0001D11E");

    CHECK(CompareObjectHandles(narrow, wide));
    CHECK(CompareObjectHandles(narrow, prefixed));
    CHECK(CloseHandle(narrow) && CloseHandle(wide) && CloseHandle(prefixed));
}

/* The limit is in characters of 16 bits, whichever form the name came in. */
static void a_name_has_at_most_260_characters(void)
{
    char narrow[2 * 261 + 1];
    WCHAR wide[262];
    HANDLE event, again;

    memset(narrow, 'n', 261);
    narrow[261] = '\0';
    for (size_t i = 0; i < 261; i++)
        wide[i] = 'n';
    wide[261] = 0;
    CHECK_FAILS((intptr_t)CreateEventA(NULL, TRUE, TRUE, narrow), ERROR_FILENAME_EXCED_RANGE);
    CHECK_FAILS((intptr_t)CreateMutexW(NULL, TRUE, wide), ERROR_FILENAME_EXCED_RANGE);
    CHECK_FAILS((intptr_t)OpenEventA(SYNCHRONIZE, FALSE, narrow), ERROR_FILENAME_EXCED_RANGE);
    narrow[260] = '\0';
    wide[260] = 0;
    event = CreateEventA(NULL, TRUE, TRUE, narrow);
    again = OpenEventW(SYNCHRONIZE, FALSE, wide);
    CHECK(CompareObjectHandles(event, again));
    CHECK(CloseHandle(event) && CloseHandle(again));
    for (size_t i = 0; i < 261; i++)
        memcpy(&narrow[2 * i], "\xC3\xA9", 3);
    CHECK_FAILS((intptr_t)CreateEventA(NULL, TRUE, TRUE, narrow), ERROR_FILENAME_EXCED_RANGE);
    narrow[2 * 260] = '\0';
    event = CreateEventA(NULL, TRUE, TRUE, narrow);
    CHECK(event != NULL);
    CHECK(CloseHandle(event));
}

enum { ROUNDS = 500 };

struct race {
    pthread_barrier_t both;
    HANDLE made[2];
    DWORD error[2];
};

static void race_make(struct race *race, int who)
{
    for (int i = 0; i < ROUNDS; i++) {
        char name[32];

        snprintf(name, sizeof name, "comm race %d", i);
        pthread_barrier_wait(&race->both);
        race->made[who] = CreateSemaphoreA(NULL, who, 5, name);
        race->error[who] = GetLastError();
        pthread_barrier_wait(&race->both);
        if (who == 0) {
            CHECK_EQ(race->error[0] + race->error[1], ERROR_ALREADY_EXISTS);
            CHECK(CompareObjectHandles(race->made[0], race->made[1]));
        }
        pthread_barrier_wait(&race->both);
        CHECK(CloseHandle(race->made[who])); /* both at once: the name must be gone after */
        pthread_barrier_wait(&race->both);
        if (who == 0)
            CHECK_FAILS((intptr_t)OpenSemaphoreA(SYNCHRONIZE, FALSE, name), ERROR_FILE_NOT_FOUND);
    }
}

static void *race_second(void *race)
{
    race_make(race, 1);
    return NULL;
}

static void of_two_threads_that_make_a_name_at_once_one_is_first(void)
{
    struct race race;
    pthread_t second;

    pthread_barrier_init(&race.both, NULL, 2);
    second = comm_spawn(race_second, &race);
    race_make(&race, 0);
    comm_join(second);
    pthread_barrier_destroy(&race.both);
}

COMM_TEST_MAIN(TEST(making_a_name_again_opens_it_and_says_so),
               TEST(a_name_of_another_type_cannot_be_made),
               TEST(an_existing_mutex_is_not_taken_by_making_it_again),
               TEST(opening_what_is_not_there_gives_2_and_another_type_6),
               TEST(opening_gives_the_same_object_with_the_rights_asked_for),
               TEST(the_name_goes_with_the_last_handle), TEST(an_empty_name_is_no_name),
               TEST(the_prefixes_of_sessions_name_the_same_space),
               TEST(both_encodings_name_the_same_object), TEST(a_name_has_at_most_260_characters),
               TEST(of_two_threads_that_make_a_name_at_once_one_is_first))
