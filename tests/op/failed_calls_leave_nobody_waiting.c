/* SPDX-License-Identifier: MIT */
/* Pairs, callbacks, locks, floods and calls into other threads, with every request they make of the
 * system refused in turn: what was refused calls nobody back, and what was not does. */
#include "faults.h"

#include "asleep.h"
#include "libcomm/plat/testing.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* ---- pairs ---- */

static void ov_clear(struct scene *s)
{
    s->ov = (OVERLAPPED){.hEvent = s->ov.hEvent};
}

static void read_pends(struct scene *s)
{
    ov_clear(s);
    IN_CHILD(!ReadFile(s->end[0], s->buf, sizeof s->buf, NULL, &s->ov) &&
             GetLastError() == ERROR_IO_PENDING);
}

static void feed(struct scene *s)
{
    OVERLAPPED ov = {0};
    DWORD n = 0;

    IN_CHILD(WriteFile(s->end[1], "data", 4, &n, &ov) && n == 4);
}

static DWORD make_pair(struct scene *s)
{
    bool made = CommCreateStreamPair(&s->end[0], &s->end[1], 0);

    IN_CHILD(made == (s->end[0] != NULL) && made == (s->end[1] != NULL));
    return error_unless(made);
}

static DWORD make_blocking_pair(struct scene *s)
{
    return error_unless(CommCreateStreamPair(&s->end[0], &s->end[1], COMM_WRAP_SYNC));
}

static void ends_close(struct scene *s)
{
    for (int i = 0; i < 2; i++) {
        if (s->end[i] != NULL)
            IN_CHILD(CloseHandle(s->end[i]));
        s->end[i] = NULL;
    }
}

static void pair_works(struct scene *s)
{
    if (s->end[0] != NULL) {
        read_pends(s);
        feed(s);
        IN_CHILD(HasOverlappedIoCompleted(&s->ov) && s->ov.InternalHigh == 4);
    }
    ends_close(s);
}

static const struct scenario pairs[] = {
    {"CommCreateStreamPair",              NULL, make_pair,          pair_works, false, false},
    {"CommCreateStreamPair for blocking", NULL, make_blocking_pair, ends_close, false, false},
};

static void a_pair_has_both_ends_or_none(void)
{
    CHECK(faults_run(pairs, ARRAY_LEN(pairs)) > 0);
}

/* ---- callbacks ---- */

/* A thread that was made before the refusal is the pool's for a while. */
static DWORD rested_if(DWORD error)
{
    if (error != 0)
        ci_testing_quiesce();
    return error;
}

static bool was_called(struct scene *s, DWORD timeout_ms)
{
    return WaitForSingleObject(s->semaphore, timeout_ms) == WAIT_OBJECT_0;
}

static void NTAPI note_wait(PVOID scene, BOOLEAN timed_out)
{
    IN_CHILD(!timed_out && ReleaseSemaphore(((struct scene *)scene)->semaphore, 1, NULL));
}

static DWORD register_wait(struct scene *s)
{
    HANDLE wait = NULL;
    DWORD error = error_unless(
        RegisterWaitForSingleObject(&wait, s->event, note_wait, s, INFINITE, WT_EXECUTEONLYONCE));

    if (error != 0)
        return rested_if(error);
    IN_CHILD(SetEvent(s->event));
    IN_CHILD(was_called(s, SCENE_MS));
    return error_unless(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
}

/* Nobody waits for the event any more, or ever did. */
static void wait_is_gone(struct scene *s)
{
    IN_CHILD(SetEvent(s->event));
    ci_testing_quiesce();
    IN_CHILD(!was_called(s, 0));
    IN_CHILD(ResetEvent(s->event));
}

static DWORD WINAPI note_item(void *scene)
{
    IN_CHILD(ReleaseSemaphore(((struct scene *)scene)->semaphore, 1, NULL));
    return 0;
}

static DWORD queue_item(struct scene *s)
{
    DWORD error = error_unless(QueueUserWorkItem(note_item, s, 0));

    if (error == 0)
        IN_CHILD(was_called(s, SCENE_MS));
    return rested_if(error);
}

static void no_item_is_left(struct scene *s)
{
    ci_testing_quiesce();
    IN_CHILD(!was_called(s, 0));
}

static struct scene *on_stage;

static void WINAPI note_read(DWORD error, DWORD bytes, LPOVERLAPPED ov)
{
    IN_CHILD(error == 0 && bytes == 4 && ov == &on_stage->ov);
    IN_CHILD(ReleaseSemaphore(on_stage->semaphore, 1, NULL));
}

static void no_event(struct scene *s)
{
    scene_objects(s);
    IN_CHILD(CommCreateStreamPair(&s->end[0], &s->end[1], 0));
    on_stage = s;
}

static DWORD bind_file(struct scene *s)
{
    s->pending = BindIoCompletionCallback(s->end[0], note_read, 0);
    return rested_if(error_unless(s->pending));
}

/* Bound, it calls back; refused, it can still be bound.  A file is bound once, so it goes. */
static void bound_file_calls_back(struct scene *s)
{
    if (!s->pending)
        IN_CHILD(BindIoCompletionCallback(s->end[0], note_read, 0));
    read_pends(s);
    feed(s);
    IN_CHILD(was_called(s, SCENE_MS));
    ends_close(s);
    ci_testing_quiesce();
    IN_CHILD(CommCreateStreamPair(&s->end[0], &s->end[1], 0));
}

static const struct scenario callbacks[] = {
    {"RegisterWaitForSingleObject",                     scene_objects, register_wait, wait_is_gone,          false, false},
    {"RegisterWaitForSingleObject, refused everywhere", scene_objects, register_wait, wait_is_gone,
     false,                                                                                                         true },
    {"QueueUserWorkItem",                               scene_objects, queue_item,    no_item_is_left,       false, false},
    {"QueueUserWorkItem, refused everywhere",           scene_objects, queue_item,    no_item_is_left,       false,
     true                                                                                                                },
    {"BindIoCompletionCallback",                        no_event,      bind_file,     bound_file_calls_back, false, false},
    {"BindIoCompletionCallback, refused everywhere",    no_event,      bind_file,     bound_file_calls_back,
     false,                                                                                                         true },
};

static void a_callback_comes_or_the_call_was_refused(void)
{
    CHECK(faults_run(callbacks, ARRAY_LEN(callbacks)) > 0);
}

/* ---- more bytes than there is room for ---- */

enum { FLOOD = 4 << 20 };
static char flood[FLOOD];

static DWORD write_flood(struct scene *s)
{
    ov_clear(s);
    s->pending =
        !WriteFile(s->end[0], flood, FLOOD, NULL, &s->ov) && GetLastError() == ERROR_IO_PENDING;
    return error_unless(s->pending);
}

static DWORD drain(struct scene *s)
{
    static char room[1 << 16];
    OVERLAPPED ov = {0};
    DWORD n = 0;

    (void)ReadFile(s->end[1], room, sizeof room, NULL, &ov);
    IN_CHILD(GetOverlappedResult(s->end[1], &ov, &n, TRUE) && n > 0);
    return n;
}

static bool bytes_are_there(struct scene *s)
{
    int there = -1;

    IN_CHILD(ioctl(CommGetFd(s->end[1]), FIONREAD, &there) == 0);
    return there > 0;
}

/* All of it arrives, or it was refused: then the event has been left alone, and nothing follows
 * what had found room before that. */
static void flood_arrives(struct scene *s)
{
    DWORD total = 0;

    while (s->pending ? total < FLOOD : bytes_are_there(s))
        total += drain(s);
    IN_CHILD(WaitForSingleObject(s->event, s->pending ? SCENE_MS : 0) ==
             (s->pending ? WAIT_OBJECT_0 : WAIT_TIMEOUT));
    if (s->pending) {
        IN_CHILD(s->ov.Internal == STATUS_SUCCESS && s->ov.InternalHigh == FLOOD);
        IN_CHILD(!bytes_are_there(s));
    }
    IN_CHILD(ResetEvent(s->event));
}

static const struct scenario floods[] = {
    {"WriteFile that pends",                     scene_pair, write_flood, flood_arrives, false, false},
    {"WriteFile that pends, refused everywhere", scene_pair, write_flood, flood_arrives, false,
     true                                                                                            },
};

static void a_write_completes_or_was_refused(void)
{
    CHECK(faults_run(floods, ARRAY_LEN(floods)) > 0);
}

/* ---- locks and control codes ---- */

static bool locked(HANDLE file, OVERLAPPED *ov)
{
    return LockFileEx(file, LOCKFILE_EXCLUSIVE_LOCK, 0, 5, 0, ov);
}

static void locked_file(struct scene *s)
{
    char path[256];

    scene_objects(s);
    snprintf(path, sizeof path, "%s/locked-%d", comm_test_dir(), (int)getpid());
    for (int i = 0; i < 2; i++) {
        s->end[i] =
            CreateFileA(path, GENERIC_READ | GENERIC_WRITE,
                        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_ALWAYS,
                        FILE_FLAG_OVERLAPPED | FILE_FLAG_DELETE_ON_CLOSE, NULL);
        IN_CHILD(s->end[i] != INVALID_HANDLE_VALUE);
    }
    s->ov.hEvent = s->event;
    IN_CHILD(locked(s->end[0], &(OVERLAPPED){0}));
}

static DWORD lock_pends(struct scene *s)
{
    ov_clear(s);
    s->pending = !locked(s->end[1], &s->ov) && GetLastError() == ERROR_IO_PENDING;
    return error_unless(s->pending);
}

/* The owner lets go: who waits has it then, and who was refused has not. */
static void lock_is_passed_on(struct scene *s)
{
    IN_CHILD(UnlockFile(s->end[0], 0, 0, 5, 0));
    if (s->pending) {
        IN_CHILD(WaitForSingleObject(s->event, SCENE_MS) == WAIT_OBJECT_0);
        IN_CHILD(s->ov.Internal == STATUS_SUCCESS);
        IN_CHILD(UnlockFile(s->end[1], 0, 0, 5, 0));
        IN_CHILD(ResetEvent(s->event));
    }
    IN_CHILD(locked(s->end[0], &(OVERLAPPED){0}));
}

/* Refused, or known to nobody at the end of a stream. */
static DWORD control(struct scene *s)
{
    DWORD n = 99, error;

    ov_clear(s);
    IN_CHILD(!DeviceIoControl(s->end[0], 0, NULL, 0, s->buf, sizeof s->buf, &n, &s->ov));
    error = GetLastError();
    IN_CHILD(error != ERROR_IO_PENDING);
    IN_CHILD(WaitForSingleObject(s->event, 0) == WAIT_TIMEOUT);
    return error == ERROR_INVALID_FUNCTION ? 0 : error;
}

static const struct scenario controls[] = {
    {"LockFileEx that pends",                     locked_file, lock_pends, lock_is_passed_on, false, false},
    {"LockFileEx that pends, refused everywhere", locked_file, lock_pends, lock_is_passed_on, false,
     true                                                                                                 },
    {"DeviceIoControl",                           scene_pair,  control,    NULL,              false, false},
};

static void a_lock_is_granted_or_was_refused(void)
{
    CHECK(faults_run(controls, ARRAY_LEN(controls)) > 0);
}

/* ---- the blocking call of another thread ---- */

static struct sleeper reader;

static DWORD WINAPI read_and_block(void *file)
{
    DWORD n = 0;
    char byte;

    sleeper_announce(&reader);
    return ReadFile(file, &byte, 1, &n, NULL) ? 0 : GetLastError();
}

static void reader_blocks(struct scene *s)
{
    if (s->thread != NULL)
        IN_CHILD(CloseHandle(s->thread));
    atomic_store(&reader.thread, NULL);
    s->thread = CreateThread(NULL, 0, read_and_block, s->end[0], 0, NULL);
    IN_CHILD(s->thread != NULL && comm_poll_until(is_asleep, &reader));
}

static void blocked_reader(struct scene *s)
{
    IN_CHILD(CommCreateStreamPair(&s->end[0], &s->end[1], COMM_WRAP_SYNC));
    reader_blocks(s);
}

static DWORD cancel_reader(struct scene *s)
{
    DWORD code = 0;

    if (!CancelSynchronousIo(s->thread))
        return GetLastError();
    IN_CHILD(WaitForSingleObject(s->thread, SCENE_MS) == WAIT_OBJECT_0);
    IN_CHILD(GetExitCodeThread(s->thread, &code) && code == ERROR_OPERATION_ABORTED);
    return 0;
}

static const struct scenario cancelling[] = {
    {"CancelSynchronousIo",                     blocked_reader, cancel_reader, reader_blocks, true, false},
    {"CancelSynchronousIo, refused everywhere", blocked_reader, cancel_reader, reader_blocks, true,
     true                                                                                                },
};

static void a_blocked_thread_can_be_released_whatever_is_refused(void)
{
    (void)faults_run(cancelling, ARRAY_LEN(cancelling));
}

COMM_TEST_MAIN(TEST(a_pair_has_both_ends_or_none), TEST(a_callback_comes_or_the_call_was_refused),
               TEST(a_write_completes_or_was_refused), TEST(a_lock_is_granted_or_was_refused),
               TEST(a_blocked_thread_can_be_released_whatever_is_refused))
