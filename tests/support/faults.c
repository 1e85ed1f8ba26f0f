/* SPDX-License-Identifier: MIT */
/* What holds for every refused request: the call fails with one of the documented errors or does
 * without; nothing is left of a failed one; and the next time it works. */
#include "faults.h"

#include "libcomm/plat/testing.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REQUESTS_MOST = 40, CHILD_LIMIT_S = 60 };
enum { CHILD_HIT = 0, CHILD_FAILED = 1, CHILD_NOT_HIT = 2 };

static const struct {
    const char *name;
    unsigned kinds;
    DWORD errors[2];
} kinds[] = {
    {"memory",         CI_FAULT_MEMORY,     {ERROR_NOT_ENOUGH_MEMORY, ERROR_NO_SYSTEM_RESOURCES}  },
    {"a descriptor",   CI_FAULT_DESCRIPTOR, {ERROR_TOO_MANY_OPEN_FILES, ERROR_TOO_MANY_OPEN_FILES}},
    {"a thread",       CI_FAULT_THREAD,     {ERROR_NOT_ENOUGH_MEMORY, ERROR_NO_SYSTEM_RESOURCES}  },
    {"an epoll entry", CI_FAULT_WATCH,      {ERROR_NO_SYSTEM_RESOURCES, ERROR_NO_SYSTEM_RESOURCES}},
    {"room",           CI_FAULT_ROOM,       {ERROR_DISK_FULL, ERROR_NO_SYSTEM_RESOURCES}          },
};

static const char *running = "";

_Noreturn void faults_child_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s: %s:%d: %s, last error %u\n", running, file, line, what,
            (unsigned)GetLastError());
    _exit(CHILD_FAILED);
}

/* ---- what is there ---- */

struct census {
    size_t fds, objects, ops;
};

static size_t fds_open(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t count = 0;

    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

/* Without what the library keeps by design. */
static struct census census_take(void)
{
    return (struct census){.fds = fds_open() - ci_testing_held_fds(),
                           .objects = ci_testing_live_objects(),
                           .ops = ci_testing_live_ops()};
}

static bool census_is(const struct census *before)
{
    struct census now = census_take();

    if (now.fds == before->fds && now.objects == before->objects && now.ops == before->ops)
        return true;
    fprintf(stderr, "%s: descriptors %zu -> %zu, objects %zu -> %zu, operations %zu -> %zu\n",
            running, before->fds, now.fds, before->objects, now.objects, before->ops, now.ops);
    return false;
}

/* The library's threads may still hold a reference for a moment. */
static bool census_is_again(void *before)
{
    struct census now = census_take();

    return memcmp(&now, before, sizeof now) == 0;
}

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
static bool memory_is_leaked(void)
{
    return __lsan_do_recoverable_leak_check() != 0;
}
#else
static bool memory_is_leaked(void)
{
    return false;
}
#endif

/* ---- scenes ---- */

void scene_objects(struct scene *scene)
{
    scene->event = CreateEventA(NULL, TRUE, FALSE, NULL);
    scene->mutex = CreateMutexA(NULL, TRUE, "its mutex");
    scene->semaphore = CreateSemaphoreA(NULL, 0, 100, NULL);
    scene->timer = CreateWaitableTimerA(NULL, TRUE, NULL);
    IN_CHILD(scene->event != NULL && scene->mutex != NULL && scene->semaphore != NULL &&
             scene->timer != NULL);
}

void scene_pair(struct scene *scene)
{
    int fd[2];

    scene_objects(scene);
    IN_CHILD(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0);
    for (int i = 0; i < 2; i++) {
        scene->end[i] = CommWrapFd(fd[i], COMM_KIND_STREAM, GENERIC_READ | GENERIC_WRITE, 0);
        IN_CHILD(scene->end[i] != INVALID_HANDLE_VALUE);
    }
    scene->ov.hEvent = scene->event;
}

void scene_port(struct scene *scene)
{
    scene_pair(scene);
    scene->port = CreateIoCompletionPort(scene->end[0], NULL, 1, 0);
    IN_CHILD(scene->port != NULL);
    scene->ov.hEvent = NULL;
}

static void handle_close(HANDLE *handle)
{
    if (*handle != NULL && *handle != INVALID_HANDLE_VALUE)
        IN_CHILD(CloseHandle(*handle));
    *handle = NULL;
}

static void scene_undo(const struct scenario *scenario, struct scene *scene)
{
    if (scenario->undo != NULL)
        scenario->undo(scene);
    handle_close(&scene->made);
    LocalFree(scene->text);
    scene->text = NULL;
}

static void scene_close(struct scene *scene)
{
    HANDLE *all[] = {&scene->event,  &scene->mutex,  &scene->semaphore, &scene->timer, &scene->port,
                     &scene->thread, &scene->end[0], &scene->end[1],    &scene->cable};

    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        handle_close(all[i]);
    if (scene->fd != 0)
        close(scene->fd);
}

/* ---- one run, in the child ---- */

struct refusal {
    unsigned kind, nth; /* kind: of the table above */
    bool sticky;
};

static void refuse(const struct scenario *scenario, const struct refusal *how)
{
    if (scenario->everywhere)
        ci_testing_fail_all(kinds[how->kind].kinds, how->nth, how->sticky);
    else
        ci_testing_fail(kinds[how->kind].kinds, how->nth, how->sticky);
}

static void refuse_no_more(void)
{
    ci_testing_fail(0, 0, false);
    ci_testing_fail_all(0, 0, false);
}

static bool error_is_documented(const struct refusal *how, DWORD error)
{
    return error == kinds[how->kind].errors[0] || error == kinds[how->kind].errors[1];
}

static void call_once_more(const struct scenario *scenario, struct scene *scene,
                           struct census *before)
{
    DWORD error = scenario->call(scene);

    SetLastError(error);
    IN_CHILD(error == 0);
    scene_undo(scenario, scene);
    if (!comm_poll_until(census_is_again, before))
        IN_CHILD(census_is(before));
}

static _Noreturn void leave(struct scene *scene, struct census *at_first, int result)
{
    if (scene->finish != NULL)
        scene->finish(scene);
    scene_close(scene);
    ci_testing_quiesce();
    if (!comm_poll_until(census_is_again, at_first))
        IN_CHILD(census_is(at_first));
    memset(scene, 0, sizeof *scene);
    IN_CHILD(!memory_is_leaked());
    _exit(result);
}

static _Noreturn void child(const struct scenario *scenario, const struct refusal *how)
{
    struct scene scene = {0};
    struct census at_first = census_take(), before;
    bool hit;
    DWORD error;

    alarm(CHILD_LIMIT_S);
    if (scenario->prepare != NULL)
        scenario->prepare(&scene);
    if (scene.once && how->sticky)
        leave(&scene, &at_first, CHILD_NOT_HIT);
    before = census_take();
    refuse(scenario, how);
    error = scenario->call(&scene);
    hit = ci_testing_requests() > how->nth;
    refuse_no_more();
    SetLastError(error);
    IN_CHILD(error == 0 || (hit && error_is_documented(how, error)));
    IN_CHILD(error == 0 || !scenario->never_fails);
    if (error != 0 && !scene.heard) /* at once, nothing is left of it */
        IN_CHILD(census_is(&before));
    scene_undo(scenario, &scene);
    if (!comm_poll_until(census_is_again, &before))
        IN_CHILD(census_is(&before));
    call_once_more(scenario, &scene, &before);
    leave(&scene, &at_first, hit ? CHILD_HIT : CHILD_NOT_HIT);
}

/* ---- all runs ---- */

static int run_in_child(const struct scenario *scenario, const struct refusal *how)
{
    char name[160];
    int status = 0;
    pid_t pid;

    snprintf(name, sizeof name, "%s, request %u for %s refused%s", scenario->when, how->nth,
             kinds[how->kind].name, how->sticky ? " and all after it" : "");
    running = name;
    pid = fork();
    if (pid == 0)
        child(scenario, how);
    if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status))
        return WEXITSTATUS(status);
    fprintf(stderr, "%s: ended with status 0x%x\n", name, (unsigned)status);
    return CHILD_FAILED;
}

enum { SERIES_FAILED = 255 };

/* One kind of request, refused at every place it is made.  How many those were. */
static int series_run(const struct scenario *scenario, struct refusal how)
{
    for (how.nth = 0; how.nth < REQUESTS_MOST; how.nth++) {
        int result = run_in_child(scenario, &how);

        if (result != CHILD_HIT)
            return result == CHILD_NOT_HIT ? (int)how.nth : SERIES_FAILED;
    }
    fprintf(stderr, "%s: it asks for more and more\n", scenario->when);
    return SERIES_FAILED;
}

static unsigned series_end(void)
{
    int status = 0;
    bool fine = wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) != SERIES_FAILED;

    CHECK(fine);
    return fine ? (unsigned)WEXITSTATUS(status) : 0;
}

/* Most of a run is waiting for the library to come to rest, so many go on at the same time. */
unsigned faults_run(const struct scenario *scenarios, size_t count)
{
    const unsigned per_scenario = 2 * ARRAY_LEN(kinds), at_once = 16;
    unsigned asked = 0, going_on = 0;

    fflush(stdout);
    for (size_t i = 0; i < count * per_scenario; i++) {
        struct refusal how = {.kind = (unsigned)(i % per_scenario / 2), .sticky = i % 2 != 0};

        if (going_on == at_once)
            asked += series_end();
        else
            going_on++;
        if (fork() == 0)
            _exit(series_run(&scenarios[i / per_scenario], how));
    }
    while (going_on-- > 0)
        asked += series_end();
    printf("      %u requests refused\n", asked);
    return asked;
}
