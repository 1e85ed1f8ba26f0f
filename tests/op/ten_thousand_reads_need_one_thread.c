/* SPDX-License-Identifier: MIT */
/* Ten thousand pending reads on ten thousand pairs: no thread and no epoll set for each, and little
 * memory. */
#include "child.h"
#include "pair.h"

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAIRS = 10000, FDS_NEEDED = 12000, BYTES_PER_READ = 600 };

static void need_descriptors(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= FDS_NEEDED)
        return;
    limit.rlim_cur = limit.rlim_max < FDS_NEEDED ? limit.rlim_max : FDS_NEEDED;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < FDS_NEEDED)
        comm_test_skip("RLIMIT_NOFILE cannot be raised to 12000");
}

/* ---- the far ends: in a child, since one process may not have that many descriptors ---- */

enum { SHIPMENT = 200 };

struct crate {
    struct msghdr head;
    struct iovec iov;
    char byte;
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(SHIPMENT * sizeof(int))];
};

static void crate_init(struct crate *crate)
{
    memset(crate, 0, sizeof *crate);
    crate->iov = (struct iovec){&crate->byte, 1};
    crate->head = (struct msghdr){.msg_iov = &crate->iov,
                                  .msg_iovlen = 1,
                                  .msg_control = crate->control,
                                  .msg_controllen = sizeof crate->control};
}

static bool fds_send(int socket, const int fd[SHIPMENT])
{
    struct crate crate;
    struct cmsghdr *head;

    crate_init(&crate);
    head = CMSG_FIRSTHDR(&crate.head);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(SHIPMENT * sizeof(int));
    memcpy(CMSG_DATA(head), fd, SHIPMENT * sizeof(int));
    return sendmsg(socket, &crate.head, 0) == 1;
}

static bool fds_receive(int socket, int fd[SHIPMENT])
{
    struct crate crate;

    crate_init(&crate);
    if (recvmsg(socket, &crate.head, 0) != 1 ||
        crate.head.msg_controllen < CMSG_LEN(SHIPMENT * sizeof(int)))
        return false;
    memcpy(fd, CMSG_DATA(CMSG_FIRSTHDR(&crate.head)), SHIPMENT * sizeof(int));
    return true;
}

/* Takes in all ends, then writes a byte to each it is told. */
static int far_ends_live(void *arg)
{
    static int far[PAIRS];
    int *told = arg, *socket = &told[1];
    uint32_t index;

    close(told[0]); /* else this end would never hear that the other is gone */
    for (size_t i = 0; i < PAIRS; i += SHIPMENT)
        NEED(fds_receive(*socket, far + i));
    while (read(*socket, &index, sizeof index) == sizeof index && index < PAIRS)
        NEED(write(far[index], "x", 1) == 1);
    return 0;
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
    int far; /* where the child is told */
    struct child child;
    HANDLE near[PAIRS];
    struct request request[PAIRS];
};

static void crowd_tell(struct crowd *c, uint32_t index)
{
    CHECK(write(c->far, &index, sizeof index) == sizeof index);
}

static void some_open(struct crowd *c, size_t first)
{
    int far[SHIPMENT];

    for (size_t i = 0; i < SHIPMENT; i++) {
        int fd[2];

        if (!CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0))
            exit(EXIT_FAILURE);
        c->near[first + i] = wrapped(fd[0], COMM_KIND_DEFAULT, 0);
        far[i] = fd[1];
    }
    CHECK(fds_send(c->far, far));
    for (size_t i = 0; i < SHIPMENT; i++)
        close(far[i]);
}

static struct crowd *crowd_open(HANDLE port)
{
    struct crowd *c = calloc(1, sizeof *c);
    int told[2];

    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, told) == 0);
    c->far = told[0];
    c->child = child_start(far_ends_live, told);
    close(told[1]);
    for (size_t i = 0; i < PAIRS; i += SHIPMENT)
        some_open(c, i);
    for (size_t i = 0; port != NULL && i < PAIRS; i += 2)
        CHECK(CreateIoCompletionPort(c->near[i], port, i, 0) == port);
    return c;
}

static void crowd_close(struct crowd *c)
{
    crowd_tell(c, PAIRS);
    CHECK_EQ(child_line(&c->child), 0);
    close(c->far);
    for (size_t i = 0; i < PAIRS; i++)
        CHECK(CloseHandle(c->near[i]));
    free(c);
}

static void crowd_asks(struct crowd *c)
{
    size_t refused = 0;

    for (size_t i = 0; i < PAIRS; i++) {
        struct request *r = &c->request[i];

        refused +=
            ReadFile(c->near[i], r->buf, 1, NULL, &r->ov) || GetLastError() != ERROR_IO_PENDING;
    }
    CHECK_EQ(refused, 0);
}

/* Nobody waits: each is completed by itself, the first, the last and some between. */
static void crowd_completes(struct crowd *c)
{
    for (uint32_t i = 0; i < PAIRS; i += 101) {
        crowd_tell(c, i);
        request_finishes(&c->request[i]);
        request_ends("one of many", &c->request[i], STATUS_SUCCESS, 1);
    }
    for (uint32_t i = 0; i < PAIRS; i++)
        if (i % 101 != 0)
            crowd_tell(c, i);
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
    crowd_tell(c, 1);
    request_finishes(&c->request[1]); /* the engine is at work */
    CHECK(request_pends(&c->request[1], c->near[1], 1));
    CHECK(entries("/proc/self/task", NULL) <= threads + 1);
    CHECK(entries("/proc/self/fd", "anon_inode:[eventpoll]") <= sets + 2);
    crowd_completes(c);
    crowd_close(c);
    CHECK(CloseHandle(port));
}

COMM_TEST_MAIN(TEST(ten_thousand_pending_reads_share_one_thread_and_two_epoll_sets))
