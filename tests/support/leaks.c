/* SPDX-License-Identifier: MIT */
/* Compares /proc/self and the library's own counts with what they were before the first test.  The
 * library may keep some descriptors by design; it says how many, and those are forgiven. */
#include "leaks.h"

#include "harness.h"
#include "libcomm/plat/testing.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FDS_MAX = 65536,    /* more open descriptors than this are not compared */
    THREADS_MAX = 1024, /* the same for threads */
    FD_LINES_MAX = 20,  /* leaked descriptors that are printed one by one */
};

static struct {
    unsigned char fds[FDS_MAX / 8]; /* bit n: descriptor n was open */
    size_t held_fds, threads, objects, ops;
} at_start;

/* Until the library has an engine, it holds nothing and has nothing to wait for. */
__attribute__((weak)) void ci_testing_quiesce(void)
{
}
__attribute__((weak)) size_t ci_testing_held_fds(void)
{
    return 0;
}
__attribute__((weak)) size_t ci_testing_live_objects(void)
{
    return 0;
}
__attribute__((weak)) size_t ci_testing_live_ops(void)
{
    return 0;
}

/* The numbers that name the entries of a directory of /proc.  `reads_fds`: leave out the one by
 * which the directory itself is read. */
static size_t numbers_in(const char *path, bool reads_fds, int *numbers, size_t room)
{
    DIR *dir = opendir(path);
    size_t count = 0;

    if (dir == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    for (struct dirent *e; (e = readdir(dir)) != NULL && count < room;) {
        char *end;
        long number = strtol(e->d_name, &end, 10);

        if (*end == '\0' && end != e->d_name && !(reads_fds && number == dirfd(dir)))
            numbers[count++] = (int)number;
    }
    closedir(dir);
    return count;
}

static size_t thread_count(void)
{
    int tids[THREADS_MAX];

    return numbers_in("/proc/self/task", false, tids, THREADS_MAX);
}

static void fds_now(unsigned char *bits)
{
    static int fds[FDS_MAX];
    size_t count = numbers_in("/proc/self/fd", true, fds, FDS_MAX);

    memset(bits, 0, FDS_MAX / 8);
    for (size_t i = 0; i < count; i++) {
        if (fds[i] < FDS_MAX)
            bits[fds[i] / 8] |= (unsigned char)(1u << (fds[i] % 8));
    }
}

static bool bit(const unsigned char *bits, int n)
{
    return (bits[n / 8] >> (n % 8)) & 1;
}

static void *note_own_id(void *arg)
{
    *(pid_t *)arg = gettid();
    return NULL;
}

static bool thread_is_gone(void *arg)
{
    char path[64];
    struct stat st;

    snprintf(path, sizeof path, "/proc/self/task/%d", (int)*(pid_t *)arg);
    return stat(path, &st) != 0;
}

void comm_leaks_begin(void)
{
    pid_t first = 0;

    /* A sanitizer starts its own thread with the program's first one; that one is no leak. */
    comm_join(comm_spawn(note_own_id, &first));
    comm_wait_until(thread_is_gone, &first);
    at_start.threads = thread_count();
    at_start.held_fds = ci_testing_held_fds();
    at_start.objects = ci_testing_live_objects();
    at_start.ops = ci_testing_live_ops();
    fds_now(at_start.fds);
}

static bool threads_are_back(void *arg)
{
    (void)arg;
    return thread_count() <= at_start.threads;
}

static void print_fd(int fd)
{
    char link[64];
    char target[256];
    ssize_t len;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    len = readlink(link, target, sizeof target - 1);
    target[len > 0 ? len : 0] = '\0';
    printf("      descriptor %d: %s\n", fd, target);
}

static int check_fds(void)
{
    static unsigned char now[FDS_MAX / 8];
    size_t held = ci_testing_held_fds();
    size_t opened = 0, closed = 0;

    fds_now(now);
    for (int fd = 0; fd < FDS_MAX; fd++) {
        opened += bit(now, fd) && !bit(at_start.fds, fd);
        closed += !bit(now, fd) && bit(at_start.fds, fd);
    }
    if (opened <= held && closed <= at_start.held_fds)
        return 0;
    printf("LEAK  descriptors: %zu opened and %zu closed since the start, %zu held by design\n",
           opened, closed, held);
    for (int fd = 0, lines = 0; fd < FDS_MAX && lines < FD_LINES_MAX; fd++) {
        if (bit(now, fd) && !bit(at_start.fds, fd)) {
            print_fd(fd);
            lines++;
        }
    }
    return 1;
}

static int check_count(const char *what, size_t now, size_t before)
{
    if (now == before)
        return 0;
    printf("LEAK  %s: %zu at the start, %zu at the end\n", what, before, now);
    return 1;
}

int comm_leaks_end(void)
{
    int kinds = 0;

    ci_testing_quiesce();
    comm_poll_until(threads_are_back, NULL);
    kinds += check_count("threads", thread_count(), at_start.threads);
    kinds += check_count("objects", ci_testing_live_objects(), at_start.objects);
    kinds += check_count("operations", ci_testing_live_ops(), at_start.ops);
    kinds += check_fds();
    fflush(stdout);
    return kinds;
}
