/* SPDX-License-Identifier: MIT */
/* A semaphore counts: what counts it may start with, what a wait takes, and what a release too many
 * does, which is nothing at all. */
#include "say.h"
#include <windows.h>

static void say_create(void)
{
    static const struct {
        const char *when;
        LONG initial, maximum;
    } rows[] = {
        {"negative",         -1, 1         },
        {"above_maximum",    2,  1         },
        {"maximum_zero",     0,  0         },
        {"maximum_negative", 0,  -1        },
        {"empty",            0,  1         },
        {"full",             1,  1         },
        {"largest",          0,  0x7FFFFFFF},
    };
    size_t i;
    HANDLE s;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        SAY_HANDLE(say_name("create", rows[i].when), s,
                   CreateSemaphore(NULL, rows[i].initial, rows[i].maximum, NULL));
        if (s != NULL)
            CloseHandle(s);
    }
}

static void say_release(const char *name, HANDLE s, LONG count)
{
    LONG previous = 99;

    SAY_BOOL(say_name("release", name), ReleaseSemaphore(s, count, &previous));
    SAY(say_name("previous", name), previous);
}

static void say_counting(void)
{
    HANDLE s = CreateSemaphore(NULL, 1, 3, NULL);

    SAY_WAIT("take_one", WaitForSingleObject(s, 0));
    SAY_WAIT("empty", WaitForSingleObject(s, 0));
    say_release("two_of_three", s, 2);
    say_release("two_too_many", s, 2);
    say_release("largest", s, 0x7FFFFFFF);
    say_release("negative", s, -1);
    say_release("zero", s, 0);
    SAY_BOOL("release_without_previous", ReleaseSemaphore(s, 1, NULL));
    say_release("full", s, 1);
    SAY_WAIT("take_1", WaitForSingleObject(s, 0));
    SAY_WAIT("take_2", WaitForSingleObject(s, 0));
    SAY_WAIT("take_3", WaitForSingleObject(s, 0));
    SAY_WAIT("take_4", WaitForSingleObject(s, 0));
    CloseHandle(s);
}

static void say_twice_in_any(void)
{
    HANDLE h[2];

    h[0] = CreateSemaphore(NULL, 2, 2, NULL);
    h[1] = h[0];
    SAY_WAIT("twice_in_any", WaitForMultipleObjects(2, h, FALSE, 0));
    say_release("took_one_only", h[0], 1);
    CloseHandle(h[0]);
}

int main(void)
{
    say_create();
    say_counting();
    say_twice_in_any();
    say_release("stale", stale_handle(), 1);
    return 0;
}
