/* SPDX-License-Identifier: MIT */
/* A second process that opens ports: the same program run again, so that nothing of this one's is
 * inherited but the way to it. */
#ifndef COMM_TESTS_SERIAL_OTHER_USER_H
#define COMM_TESTS_SERIAL_OTHER_USER_H

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "port.h"

#define OTHER_ARGUMENT "--open"

/* In that process: the last error of opening the port, 0 if it could be. */
static inline int other_main(const char *name, const char *uid)
{
    HANDLE port;

    if (setuid((uid_t)atoi(uid)) != 0)
        return 200;
    port = CreateFileA(name, READ_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    return port == INVALID_HANDLE_VALUE ? (int)GetLastError() : 0;
}

static inline bool is_other(int argc, char **argv)
{
    return argc == 4 && strcmp(argv[1], OTHER_ARGUMENT) == 0;
}

/* What it came to when user `uid` opened the port in a process of his own. */
static inline int other_opens(const char *name, uid_t uid)
{
    char user[16];
    int status = -1;
    pid_t pid;

    snprintf(user, sizeof user, "%u", uid);
    pid = fork();
    if (pid == 0) {
        execl("/proc/self/exe", "other", OTHER_ARGUMENT, name, user, (char *)NULL);
        _exit(201);
    }
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif
