/* SPDX-License-Identifier: MIT */
/* Processes by descriptor: a pidfd never names somebody else, and is watched like all the rest. */
#include "tools/common/child.h"

#include <errno.h>
#include <libcomm/native.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    GRACE_MS = 200, /* from the request to end to the order */
};

/* The library's constants, not everybody's headers have them. */
#ifndef P_PIDFD
#define P_PIDFD 3
#endif

extern char **environ;

static int pidfd_of(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* 0: it runs. */
static bool reap(struct tool_child *child, int *status, int flags)
{
    siginfo_t info = {.si_pid = 0};

    if (waitid((idtype_t)P_PIDFD, (id_t)child->pidfd, &info, WEXITED | flags) != 0)
        info = (siginfo_t){.si_pid = child->pid, .si_code = CLD_EXITED};
    if (info.si_pid == 0)
        return false;
    *status = info.si_code == CLD_EXITED ? info.si_status << 8 : info.si_status;
    close(child->pidfd);
    child->pidfd = -1;
    return true;
}

static void pidfd_readable(struct tool_watch *watch)
{
    struct tool_child *child = watch->owner;
    int status;

    if (!reap(child, &status, WNOHANG)) {
        if (watch->op.error == ERROR_SUCCESS)
            tool_watch_next(watch);
        return;
    }
    tool_watch_close(watch);
    if (child->ended != NULL)
        child->ended(child, status);
}

static int attributes(posix_spawnattr_t *attr)
{
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(attr, &none);
    posix_spawnattr_setsigdefault(attr, &all);
    posix_spawnattr_setpgroup(attr, 0);
    return posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
}

static int redirect(posix_spawn_file_actions_t *actions, int in, int out, int err)
{
    const int given[3] = {in, out, err};
    int error = 0;

    for (int i = 0; error == 0 && i < 3; i++)
        if (given[i] >= 0)
            error = posix_spawn_file_actions_adddup2(actions, given[i], i);
    return error;
}

static int spawn(pid_t *pid, char *const argv[], int in, int out, int err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    int error = posix_spawnattr_init(&attr);

    if (error != 0)
        return error;
    error = posix_spawn_file_actions_init(&actions);
    if (error == 0) {
        error = attributes(&attr);
        if (error == 0)
            error = redirect(&actions, in, out, err);
        if (error == 0)
            error = posix_spawnp(pid, argv[0], &actions, &attr, argv, environ);
        posix_spawn_file_actions_destroy(&actions);
    }
    posix_spawnattr_destroy(&attr);
    return error;
}

int tool_child_start(struct tool_child *child, struct tool_loop *loop, char *const argv[], int in,
                     int out, int err)
{
    int error;

    child->pidfd = -1;
    error = spawn(&child->pid, argv, in, out, err);
    if (error != 0)
        return error;
    child->pidfd = pidfd_of(child->pid);
    error = child->pidfd < 0 ? errno : 0;
    if (error == 0 && !tool_watch_init(&child->watch, loop, child->pidfd, pidfd_readable, child))
        error = ENOMEM;
    if (error == 0) {
        tool_watch_next(&child->watch);
        return 0;
    }
    kill(-child->pid, SIGKILL);
    waitpid(child->pid, NULL, 0);
    if (child->pidfd >= 0)
        close(child->pidfd);
    child->pidfd = -1;
    return error;
}

/* The group's first process is ours and not waited for yet, so its number is nobody else's. */
void tool_child_signal(struct tool_child *child, int number)
{
    if (child->pidfd >= 0)
        kill(-child->pid, number);
}

static void await_end(int pidfd, DWORD timeout_ms)
{
    HANDLE file = CommWrapFd(pidfd, COMM_KIND_STREAM, GENERIC_READ, COMM_WRAP_DUP);
    OVERLAPPED ov = {.hEvent = NULL};
    DWORD count;

    if (file == INVALID_HANDLE_VALUE)
        return;
    if (!ReadFile(file, NULL, 0, NULL, &ov) && GetLastError() == ERROR_IO_PENDING &&
        !GetOverlappedResultEx(file, &ov, &count, timeout_ms, FALSE)) {
        CancelIoEx(file, &ov);
        GetOverlappedResult(file, &ov, &count, TRUE);
    }
    CloseHandle(file);
}

void tool_child_close(struct tool_child *child)
{
    int status;

    tool_watch_close(&child->watch);
    if (child->pidfd < 0)
        return;
    if (!reap(child, &status, WNOHANG)) {
        tool_child_signal(child, SIGTERM);
        await_end(child->pidfd, GRACE_MS);
        tool_child_signal(child, SIGKILL); /* also for what it left in its group */
        reap(child, &status, 0);
    }
}
