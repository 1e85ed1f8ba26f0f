/* SPDX-License-Identifier: MIT */
/* Another program, if this machine has it, with a socket for its standard input and output. */
#ifndef COMM_TESTS_PIPES_PROGRAMS_H
#define COMM_TESTS_PIPES_PROGRAMS_H

#include <spawn.h>
#include <sys/wait.h>

#include "raw.h"

struct program {
    pid_t pid;
    int talk; /* what it reads and what it says */
};

/* Skips the whole file without it. */
static inline void program_start(struct program *p, char *const argv[])
{
    extern char **environ;
    posix_spawn_file_actions_t actions;
    int talk[2];

    raw_must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, talk) == 0, "socketpair");
    raw_must(posix_spawn_file_actions_init(&actions) == 0 &&
                 posix_spawn_file_actions_adddup2(&actions, talk[1], 0) == 0 &&
                 posix_spawn_file_actions_adddup2(&actions, talk[1], 1) == 0,
             "posix_spawn_file_actions");
    if (posix_spawnp(&p->pid, argv[0], &actions, NULL, argv, environ) != 0) {
        char reason[64];

        snprintf(reason, sizeof reason, "%s is not installed", argv[0]);
        comm_test_skip(reason);
    }
    posix_spawn_file_actions_destroy(&actions);
    close(talk[1]);
    p->talk = talk[0];
}

/* Waits for it; its exit status, or -1. */
static inline int program_end(struct program *p)
{
    int status = 0;

    close(p->talk);
    raw_must(waitpid(p->pid, &status, 0) == p->pid, "waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif
