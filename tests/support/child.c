/* SPDX-License-Identifier: MIT */
/* Forks and brings the child's verdict back through a pipe. */
#include "child.h"

#include "harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The thread sanitizer would end a child of a process with threads when it starts one of its own.
 */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "die_after_fork=0";
}

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN true
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN false
#endif

/* The address sanitizer's allocator is not made whole in the child of a process with threads: such
 * a child hangs now and then, in the sanitizer itself. */
static void skip_if_it_may_hang(void)
{
    struct stat tasks;

    if (UNDER_ASAN && stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink > 3)
        comm_test_skip("the address sanitizer does not survive fork() in a program with threads");
}

struct child child_start(int (*body)(void *arg), void *arg)
{
    struct child child;
    int said[2];

    skip_if_it_may_hang();
    fflush(NULL);
    if (pipe2(said, O_CLOEXEC) != 0 || (child.pid = fork()) < 0) {
        perror("child");
        exit(EXIT_FAILURE);
    }
    if (child.pid == 0) {
        int line = body(arg);

        _exit(write(said[1], &line, sizeof line) == sizeof line ? 0 : 1);
    }
    close(said[1]);
    child.said = said[0];
    return child;
}

int child_line(struct child *child)
{
    int line = -1, status = 0;

    if (read(child->said, &line, sizeof line) != sizeof line)
        line = -1;
    close(child->said);
    if (waitpid(child->pid, &status, 0) != child->pid || !WIFEXITED(status) ||
        WEXITSTATUS(status) != 0)
        return -1;
    return line;
}
