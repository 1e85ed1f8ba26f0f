/* SPDX-License-Identifier: MIT */
/* The routine only notes that the timer ran out, and the loop calls the user after its wait. */
#include "tools/common/timer.h"

#include <time.h>

static void due_add(struct tool_timer *timer)
{
    struct tool_timer **end = &timer->loop->due;

    while (*end != NULL)
        end = &(*end)->after;
    *end = timer;
    timer->after = NULL;
    timer->due = true;
}

static void due_remove(struct tool_timer *timer)
{
    struct tool_timer **at = &timer->loop->due;

    while (*at != timer)
        at = &(*at)->after;
    *at = timer->after;
    timer->due = false;
}

static VOID CALLBACK ran_out(LPVOID arg, DWORD low, DWORD high)
{
    struct tool_timer *timer = arg;

    (void)low;
    (void)high;
    if (!timer->due)
        due_add(timer);
}

bool tool_timer_init(struct tool_timer *timer, struct tool_loop *loop,
                     void (*fired)(struct tool_timer *timer), void *owner)
{
    *timer = (struct tool_timer){.loop = loop, .fired = fired, .owner = owner};
    timer->timer = CreateWaitableTimerA(NULL, FALSE, NULL);
    return timer->timer != NULL;
}

void tool_timer_set(struct tool_timer *timer, uint64_t in_us)
{
    LARGE_INTEGER due;

    if (timer->due)
        due_remove(timer);
    due.QuadPart = -(LONGLONG)(in_us * 10);
    if (!SetWaitableTimer(timer->timer, &due, 0, ran_out, timer, FALSE))
        due_add(timer); /* no memory: too early is better than never */
}

void tool_timer_stop(struct tool_timer *timer)
{
    if (timer->due)
        due_remove(timer);
    CancelWaitableTimer(timer->timer);
}

void tool_timer_fini(struct tool_timer *timer)
{
    if (timer->timer == NULL)
        return;
    tool_timer_stop(timer);
    CloseHandle(timer->timer);
    timer->timer = NULL;
}

uint64_t tool_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void tool_timer_fire(struct tool_timer *timer)
{
    due_remove(timer);
    timer->fired(timer);
}
