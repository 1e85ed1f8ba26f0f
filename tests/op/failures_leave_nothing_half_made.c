/* SPDX-License-Identifier: MIT */
/* Objects, handles and threads, with every request they make of the system refused in turn. */
#include "faults.h"
#include "libcomm/plat/testing.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAME_A "a name"
#define NAME_W u"a name"

/* ---- making objects ---- */

#define MAKES(function, ...)                              \
    static DWORD make_##function(struct scene *s)         \
    {                                                     \
        return error_of(s->made = function(__VA_ARGS__)); \
    }

MAKES(CreateEventA, NULL, TRUE, TRUE, NAME_A)
MAKES(CreateEventW, NULL, TRUE, TRUE, NAME_W)
MAKES(CreateEventExA, NULL, NULL, 0, EVENT_ALL_ACCESS)
MAKES(CreateEventExW, NULL, NAME_W, 0, EVENT_ALL_ACCESS)
MAKES(CreateMutexA, NULL, TRUE, NAME_A)
MAKES(CreateMutexW, NULL, FALSE, NAME_W)
MAKES(CreateMutexExA, NULL, NULL, CREATE_MUTEX_INITIAL_OWNER, MUTEX_ALL_ACCESS)
MAKES(CreateMutexExW, NULL, NAME_W, 0, MUTEX_ALL_ACCESS)
MAKES(CreateSemaphoreA, NULL, 1, 2, NAME_A)
MAKES(CreateSemaphoreW, NULL, 1, 2, NAME_W)
MAKES(CreateSemaphoreExA, NULL, 1, 2, NULL, 0, SEMAPHORE_ALL_ACCESS)
MAKES(CreateSemaphoreExW, NULL, 1, 2, NAME_W, 0, SEMAPHORE_ALL_ACCESS)
MAKES(CreateWaitableTimerA, NULL, TRUE, NAME_A)
MAKES(CreateWaitableTimerW, NULL, TRUE, NAME_W)
MAKES(CreateWaitableTimerExA, NULL, NULL, 0, TIMER_ALL_ACCESS)
MAKES(CreateWaitableTimerExW, NULL, NAME_W, 0, TIMER_ALL_ACCESS)
MAKES(CreateIoCompletionPort, INVALID_HANDLE_VALUE, NULL, 0, 0)

static void named(struct scene *s)
{
    s->event = CreateEventA(NULL, TRUE, FALSE, "an event");
    s->mutex = CreateMutexA(NULL, FALSE, "a mutex");
    s->semaphore = CreateSemaphoreA(NULL, 0, 1, "a semaphore");
    s->timer = CreateWaitableTimerA(NULL, TRUE, "a timer");
    IN_CHILD(s->event != NULL && s->mutex != NULL && s->semaphore != NULL && s->timer != NULL);
}

static DWORD open_all(struct scene *s)
{
    HANDLE opened[] = {OpenEventA(EVENT_ALL_ACCESS, FALSE, "an event"),
                       OpenEventW(EVENT_ALL_ACCESS, FALSE, u"an event"),
                       OpenMutexA(MUTEX_ALL_ACCESS, FALSE, "a mutex"),
                       OpenMutexW(MUTEX_ALL_ACCESS, FALSE, u"a mutex"),
                       OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, "a semaphore"),
                       OpenSemaphoreW(SEMAPHORE_ALL_ACCESS, FALSE, u"a semaphore"),
                       OpenWaitableTimerA(TIMER_ALL_ACCESS, FALSE, "a timer"),
                       OpenWaitableTimerW(TIMER_ALL_ACCESS, FALSE, u"a timer")};

    (void)s;
    for (size_t i = 0; i < ARRAY_LEN(opened); i++)
        if (opened[i] == NULL || !CloseHandle(opened[i]))
            return GetLastError();
    return 0;
}

/* A name that a failed call took would be found here. */
static void name_is_free(struct scene *s)
{
    HANDLE found;

    if (s->made != NULL)
        IN_CHILD(CloseHandle(s->made));
    s->made = NULL;
    found = OpenEventA(EVENT_ALL_ACCESS, FALSE, NAME_A);
    IN_CHILD(found == NULL && GetLastError() == ERROR_FILE_NOT_FOUND);
}

static const struct scenario making[] = {
    {"CreateEventA",           NULL,  make_CreateEventA,           name_is_free, false, false},
    {"CreateEventW",           NULL,  make_CreateEventW,           name_is_free, false, false},
    {"CreateEventExA",         NULL,  make_CreateEventExA,         NULL,         false, false},
    {"CreateEventExW",         NULL,  make_CreateEventExW,         name_is_free, false, false},
    {"CreateMutexA",           NULL,  make_CreateMutexA,           name_is_free, false, false},
    {"CreateMutexW",           NULL,  make_CreateMutexW,           name_is_free, false, false},
    {"CreateMutexExA",         NULL,  make_CreateMutexExA,         NULL,         false, false},
    {"CreateMutexExW",         NULL,  make_CreateMutexExW,         name_is_free, false, false},
    {"CreateSemaphoreA",       NULL,  make_CreateSemaphoreA,       name_is_free, false, false},
    {"CreateSemaphoreW",       NULL,  make_CreateSemaphoreW,       name_is_free, false, false},
    {"CreateSemaphoreExA",     NULL,  make_CreateSemaphoreExA,     NULL,         false, false},
    {"CreateSemaphoreExW",     NULL,  make_CreateSemaphoreExW,     name_is_free, false, false},
    {"CreateWaitableTimerA",   NULL,  make_CreateWaitableTimerA,   name_is_free, false, false},
    {"CreateWaitableTimerW",   NULL,  make_CreateWaitableTimerW,   name_is_free, false, false},
    {"CreateWaitableTimerExA", NULL,  make_CreateWaitableTimerExA, NULL,         false, false},
    {"CreateWaitableTimerExW", NULL,  make_CreateWaitableTimerExW, name_is_free, false, false},
    {"CreateIoCompletionPort", NULL,  make_CreateIoCompletionPort, NULL,         false, false},
    {"Open...",                named, open_all,                    NULL,         true,  false},
};

static void a_call_that_makes_an_object_makes_all_of_it_or_nothing(void)
{
    CHECK(faults_run(making, ARRAY_LEN(making)) > 0);
}

/* ---- what exists can be used, whatever is refused ---- */

static DWORD signal_everything(struct scene *s)
{
    return error_unless(
        SetEvent(s->event) && ResetEvent(s->event) && PulseEvent(s->event) && SetEvent(s->event) &&
        ReleaseSemaphore(s->semaphore, 1, NULL) && ReleaseMutex(s->mutex) &&
        WaitForSingleObject(s->mutex, 0) == WAIT_OBJECT_0 && CancelWaitableTimer(s->timer));
}

static DWORD wait_in_every_way(struct scene *s)
{
    HANDLE all[] = {s->event, s->semaphore, s->mutex};
    bool fine = SetEvent(s->event) && ReleaseSemaphore(s->semaphore, 2, NULL);

    fine = fine && WaitForSingleObject(s->event, INFINITE) == WAIT_OBJECT_0;
    fine = fine && WaitForSingleObject(s->timer, 1) == WAIT_TIMEOUT;
    fine = fine && WaitForSingleObjectEx(s->timer, 1, TRUE) == WAIT_TIMEOUT;
    fine = fine && WaitForMultipleObjects(3, all, FALSE, INFINITE) == WAIT_OBJECT_0;
    fine = fine && WaitForMultipleObjectsEx(3, all, TRUE, INFINITE, TRUE) == WAIT_OBJECT_0;
    fine = fine && ReleaseMutex(s->mutex);
    fine = fine && SignalObjectAndWait(s->event, s->semaphore, INFINITE, FALSE) == WAIT_OBJECT_0;
    fine = fine && SleepEx(1, TRUE) == 0;
    Sleep(1);
    return error_unless(fine);
}

static DWORD ask_everything(struct scene *s)
{
    DWORD flags, code;
    char text[128];
    bool fine = GetHandleInformation(s->event, &flags) &&
                SetHandleInformation(s->event, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT) &&
                CompareObjectHandles(s->event, s->event) &&
                CommDescribeHandle(s->event, text, sizeof text) > 0 && SwitchToThread() &&
                GetCurrentProcess() != NULL && GetCurrentProcessId() != 0 &&
                GetCurrentThreadId() != 0 && GetThreadId(GetCurrentThread()) != 0 &&
                GetExitCodeThread(GetCurrentThread(), &code) && code == STILL_ACTIVE;

    return error_unless(fine);
}

static DWORD duplicate_elsewhere(struct scene *s)
{
    HANDLE copy = NULL;

    return error_unless(DuplicateHandle(GetCurrentProcess(), s->event, GetCurrentProcess(), &copy,
                                        0, FALSE, DUPLICATE_SAME_ACCESS) &&
                        CloseHandle(copy));
}

/* The table grows by 4096 slots, the first of which is not used. */
enum { SLOTS = 4095 };
static HANDLE copies[SLOTS];
static unsigned copied;

static void table_filled(struct scene *s)
{
    s->event = CreateEventA(NULL, TRUE, FALSE, NULL);
    for (copied = 0; copied < SLOTS - 1; copied++)
        IN_CHILD(DuplicateHandle(GetCurrentProcess(), s->event, GetCurrentProcess(),
                                 &copies[copied], 0, FALSE, DUPLICATE_SAME_ACCESS));
}

static void table_emptied(struct scene *s)
{
    (void)s;
    while (copied > 0)
        IN_CHILD(CloseHandle(copies[--copied]));
}

static DWORD close_what_is_there(struct scene *s)
{
    HANDLE *all[] = {&s->event, &s->mutex, &s->semaphore, &s->timer, &s->end[0], &s->end[1]};

    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        if (!CloseHandle(*all[i]))
            return GetLastError();
        *all[i] = NULL;
    }
    return 0;
}

static void made_again(struct scene *s)
{
    scene_pair(s);
}

static const struct scenario using[] = {
    {"signalling",      scene_objects, signal_everything,   NULL,       true, false},
    {"waiting",         scene_objects, wait_in_every_way,   NULL,       true, false},
    {"asking",          scene_objects, ask_everything,      NULL,       true, false},
    {"closing",         scene_pair,    close_what_is_there, made_again, true, false},
    {"DuplicateHandle", scene_objects, duplicate_elsewhere, NULL,       true, false},
};

static void what_exists_can_be_used_and_closed_whatever_is_refused(void)
{
    (void)faults_run(using, ARRAY_LEN(using));
}

static const struct scenario more_handles[] = {
    {"DuplicateHandle into a full table", table_filled, duplicate_elsewhere, table_emptied, false,
     false                                                                                              },
    {"CreateEvent into a full table",     table_filled, make_CreateEventA,   table_emptied, false, false},
};

static void a_full_table_of_handles_grows_or_the_call_fails(void)
{
    CHECK(faults_run(more_handles, ARRAY_LEN(more_handles)) > 0);
}

/* ---- threads ---- */

static DWORD WINAPI say_42(void *event)
{
    return SetEvent(event) ? 42 : 0;
}

static DWORD make_thread(struct scene *s)
{
    return error_of(s->made = CreateThread(NULL, 0, say_42, s->event, 0, NULL));
}

static DWORD make_suspended_thread(struct scene *s)
{
    DWORD error =
        error_of(s->made = CreateThread(NULL, 0, say_42, s->event, CREATE_SUSPENDED, NULL));

    if (error == 0)
        error = error_unless(ResumeThread(s->made) == 1);
    return error;
}

/* One that was made runs to its end; one that was not never runs. */
static void thread_is_over(struct scene *s)
{
    DWORD code = 0;

    if (s->made == NULL) {
        IN_CHILD(WaitForSingleObject(s->event, 0) == WAIT_TIMEOUT);
        return;
    }
    IN_CHILD(WaitForSingleObject(s->made, SCENE_MS) == WAIT_OBJECT_0);
    IN_CHILD(GetExitCodeThread(s->made, &code) && code == 42);
    IN_CHILD(WaitForSingleObject(s->event, 0) == WAIT_OBJECT_0 && ResetEvent(s->event));
}

static void count_up(ULONG_PTR counter)
{
    (*(unsigned *)counter)++;
}

static DWORD queue_routine(struct scene *s)
{
    return error_unless(QueueUserAPC(count_up, GetCurrentThread(), (ULONG_PTR)&s->ran) != 0);
}

static void routine_ran_if_queued(struct scene *s)
{
    DWORD result = SleepEx(0, TRUE);

    IN_CHILD((result == WAIT_IO_COMPLETION) == (s->ran == 1));
    s->ran = 0;
}

/* A thread's first call makes its record. */
static DWORD first_call(struct scene *s)
{
    (void)s;
    return error_unless(GetExitCodeThread(GetCurrentThread(), &(DWORD){0}));
}

static DWORD set_timer(struct scene *s)
{
    LARGE_INTEGER due = {.QuadPart = -10000};

    return error_unless(SetWaitableTimer(s->timer, &due, 0, NULL, NULL, FALSE));
}

/* Set, it fires; refused, it never does. */
static void timer_fires_if_set(struct scene *s)
{
    s->pending = GetLastError() == 0;
    IN_CHILD(WaitForSingleObject(s->timer, s->pending ? SCENE_MS : 5) ==
             (s->pending ? WAIT_OBJECT_0 : WAIT_TIMEOUT));
}

static const struct scenario threads[] = {
    {"CreateThread",             scene_objects, make_thread,           thread_is_over,        false, false},
    {"CreateThread suspended",   scene_objects, make_suspended_thread, thread_is_over,        false, false},
    {"CreateThread, everywhere", scene_objects, make_thread,           thread_is_over,        false, true },
    {"QueueUserAPC",             NULL,          queue_routine,         routine_ran_if_queued, false, false},
    {"a first call",             NULL,          first_call,            NULL,                  false, false},
    {"SetWaitableTimer",         scene_objects, set_timer,             timer_fires_if_set,    false, false},
};

static void a_thread_a_routine_or_a_timer_runs_or_was_refused(void)
{
    CHECK(faults_run(threads, ARRAY_LEN(threads)) > 0);
}

/* ---- descriptors ---- */

/* On success the descriptor is the handle's, on failure still the caller's. */
static DWORD wrap(struct scene *s, int fd, DWORD flags)
{
    DWORD error =
        error_of(s->made = CommWrapFd(fd, COMM_KIND_DEFAULT, GENERIC_READ | GENERIC_WRITE, flags));

    if (error == 0 && (flags & COMM_WRAP_DUP) == 0)
        return 0;
    IN_CHILD(fcntl(fd, F_GETFD) >= 0 && close(fd) == 0);
    return error;
}

static DWORD wrap_end(struct scene *s, int fd[2], DWORD flags)
{
    DWORD error = wrap(s, fd[0], flags);

    IN_CHILD(close(fd[1]) == 0);
    return error;
}

static DWORD wrap_socket(struct scene *s)
{
    int fd[2];

    IN_CHILD(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0);
    return wrap_end(s, fd, COMM_WRAP_DUP | COMM_WRAP_SYNC);
}

static DWORD wrap_fifo(struct scene *s)
{
    int fd[2];

    IN_CHILD(pipe2(fd, O_CLOEXEC) == 0);
    return wrap_end(s, fd, 0);
}

static DWORD wrap_copied_fifo(struct scene *s)
{
    int fd[2];

    IN_CHILD(pipe2(fd, O_CLOEXEC) == 0);
    return wrap_end(s, fd, COMM_WRAP_DUP);
}

static DWORD wrap_counter(struct scene *s)
{
    return wrap(s, eventfd(0, EFD_CLOEXEC), 0);
}

static DWORD export_event(struct scene *s)
{
    struct pollfd p = {.fd = CommGetEventPollFd(s->event), .events = POLLIN};

    if (p.fd < 0)
        return GetLastError();
    IN_CHILD(poll(&p, 1, 0) == 0 && SetEvent(s->event) && poll(&p, 1, 0) == 1);
    return 0;
}

/* The descriptor stays for as long as the event does. */
static void another_event(struct scene *s)
{
    IN_CHILD(CloseHandle(s->event));
    s->event = CreateEventA(NULL, TRUE, FALSE, NULL);
}

static DWORD export_engine(struct scene *s)
{
    (void)s;
    return error_unless(CommEngineFd() >= 0);
}

static DWORD prepare_signals(struct scene *s)
{
    (void)s;
    return error_unless(CommSetEventFromSignal(NULL));
}

/* Prepared, it stands until the process comes to rest. */
static void come_to_rest(struct scene *s)
{
    (void)s;
    ci_testing_quiesce();
}

static DWORD format(struct scene *s)
{
    DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_ALLOCATE_BUFFER;

    return error_unless(FormatMessageA(flags, NULL, 5, 0, (LPSTR)(void *)&s->text, 0, NULL) > 0);
}

static DWORD format_wide(struct scene *s)
{
    DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_ALLOCATE_BUFFER;

    return error_unless(FormatMessageW(flags, NULL, 5, 0, (LPWSTR)(void *)&s->text, 0, NULL) > 0);
}

static const struct scenario descriptors[] = {
    {"CommWrapFd of a socket",       NULL,          wrap_socket,      NULL,          false, false},
    {"CommWrapFd of a FIFO",         NULL,          wrap_fifo,        NULL,          false, false},
    {"CommWrapFd of a FIFO's copy",  NULL,          wrap_copied_fifo, NULL,          false, false},
    {"CommWrapFd of an eventfd",     NULL,          wrap_counter,     NULL,          false, false},
    {"CommGetEventPollFd",           scene_objects, export_event,     another_event, false, false},
    {"CommEngineFd",                 NULL,          export_engine,    NULL,          false, false},
    {"CommSetEventFromSignal(NULL)", NULL,          prepare_signals,  come_to_rest,  false, false},
    {"FormatMessageA",               NULL,          format,           NULL,          false, false},
    {"FormatMessageW",               NULL,          format_wide,      NULL,          false, false},
};

static void a_descriptor_is_given_or_stays_where_it_was(void)
{
    CHECK(faults_run(descriptors, ARRAY_LEN(descriptors)) > 0);
}

COMM_TEST_MAIN(TEST(a_call_that_makes_an_object_makes_all_of_it_or_nothing),
               TEST(what_exists_can_be_used_and_closed_whatever_is_refused),
               TEST(a_full_table_of_handles_grows_or_the_call_fails),
               TEST(a_thread_a_routine_or_a_timer_runs_or_was_refused),
               TEST(a_descriptor_is_given_or_stays_where_it_was))
