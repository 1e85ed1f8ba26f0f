/* SPDX-License-Identifier: MIT */
/* Ten thousand pending reads on ten thousand pairs: no thread and no epoll set for each, and little
 * memory. */
#include "pair.h"

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAIRS = 10000, FDS_NEEDED = 65536, BYTES_PER_READ = 600 };

static void need_descriptors(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= FDS_NEEDED)
        return;
    limit.rlim_cur = FDS_NEEDED;
    if (limit.rlim_max < FDS_NEEDED)
        limit.rlim_max = FDS_NEEDED;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        comm_test_skip("RLIMIT_NOFILE cannot be raised to 65536");
}

static size_t entries(const char *path, const char *target)
{
    DIR *dir = opendir(path);
    size_t count = 0;

    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        char link[256] = "";

        if (e->d_name[0] == '.')
            continue;
        if (target != NULL && readlinkat(dirfd(dir), e->d_name, link, sizeof link - 1) < 0)
            continue;
        count += target == NULL || strcmp(link, target) == 0;
    }
    closedir(dir);
    return count;
}

/* A sanitizer has a heap of its own, which mallinfo knows nothing of: then this is always 0. */
static size_t allocated(void)
{
    struct mallinfo2 m = mallinfo2();

    return m.uordblks + m.hblkhd;
}

struct crowd {
    struct pair pair[PAIRS];
    struct request request[PAIRS];
};

static struct crowd *crowd_open(HANDLE port)
{
    struct crowd *c = calloc(1, sizeof *c);

    for (size_t i = 0; i < PAIRS; i++) {
        pair_open(&c->pair[i], 0);
        if (port != NULL && i % 2 == 0)
            CHECK(CreateIoCompletionPort(c->pair[i].near, port, i, 0) == port);
    }
    return c;
}

static void crowd_asks(struct crowd *c)
{
    size_t refused = 0;

    for (size_t i = 0; i < PAIRS; i++) {
        struct request *r = &c->request[i];

        refused += ReadFile(c->pair[i].near, r->buf, 1, NULL, &r->ov) ||
                   GetLastError() != ERROR_IO_PENDING;
    }
    CHECK_EQ(refused, 0);
}

/* Nobody waits: each is completed by itself, the first, the last and some between. */
static void crowd_completes(struct crowd *c)
{
    for (size_t i = 0; i < PAIRS; i += 101) {
        pair_send(&c->pair[i], "x", 1);
        request_finishes(&c->request[i]);
        request_ends("one of many", &c->request[i], STATUS_SUCCESS, 1);
    }
    for (size_t i = 0; i < PAIRS; i++)
        if (i % 101 != 0)
            pair_send(&c->pair[i], "y", 1);
    for (size_t i = 0; i < PAIRS; i++)
        request_finishes(&c->request[i]);
}

static void ten_thousand_pending_reads_share_one_thread_and_two_epoll_sets(void)
{
    size_t threads, sets, before;
    struct crowd *c;
    HANDLE port;

    need_descriptors();
    threads = entries("/proc/self/task", NULL);
    sets = entries("/proc/self/fd", "anon_inode:[eventpoll]");
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    c = crowd_open(port);
    before = allocated();
    crowd_asks(c);
    CHECK(allocated() - before <= (size_t)PAIRS * BYTES_PER_READ);
    pair_send(&c->pair[1], "x", 1);
    request_finishes(&c->request[1]); /* the engine is at work */
    CHECK(request_pends(&c->request[1], c->pair[1].near, 1));
    CHECK(entries("/proc/self/task", NULL) <= threads + 1);
    CHECK(entries("/proc/self/fd", "anon_inode:[eventpoll]") <= sets + 2);
    crowd_completes(c);
    for (size_t i = 0; i < PAIRS; i++)
        pair_close(&c->pair[i]);
    CHECK(CloseHandle(port));
    free(c);
}

COMM_TEST_MAIN(TEST(ten_thousand_pending_reads_share_one_thread_and_two_epoll_sets))
