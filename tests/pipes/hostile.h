/* SPDX-License-Identifier: MIT */
/* Peers that know how the library's processes talk to each other, and do not keep to it. */
#ifndef COMM_TESTS_PIPES_HOSTILE_H
#define COMM_TESTS_PIPES_HOSTILE_H

#include <dirent.h>
#include <stdint.h>
#include <sys/mman.h>

#include "libcomm/plat/testing.h"
#include "pipes/control.h"
#include "pipes/page.h"
#include "raw.h"

enum { MOST_FDS = 253 }; /* that the kernel takes with one record */

/* At the control door of a pipe. */
static inline int door_knock(const char *name)
{
    char door[AT_NAME];
    int fd = raw_socket(SOCK_SEQPACKET);

    snprintf(door, sizeof door, "%s:ctl", name_key(name));
    CHECK_EQ(raw_connect(fd, pipe_dir(), door), 0);
    return fd;
}

static inline struct pi_ctl record_of(uint16_t op)
{
    return (struct pi_ctl){.magic = PI_CTL_MAGIC,
                           .version = PI_CTL_VERSION,
                           .op = op,
                           .id = 7,
                           .access = FILE_READ_DATA | FILE_WRITE_DATA};
}

/* The same descriptor `count` times may come along. */
static inline bool send_with(int to, const void *data, size_t len, const int *fds, unsigned count)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(MOST_FDS * sizeof(int))] = "";
    struct iovec iov = {(void *)(uintptr_t)data, len};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};

    if (count > 0) {
        struct cmsghdr *head;

        m.msg_control = control;
        m.msg_controllen = CMSG_SPACE(count * sizeof(int));
        head = CMSG_FIRSTHDR(&m);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(head), fds, count * sizeof(int));
    }
    return sendmsg(to, &m, MSG_NOSIGNAL) == (ssize_t)len;
}

/* What came, -1 for none in time; *fds_len is room, then how many descriptors came. */
static inline ssize_t recv_with(int from, void *data, size_t len, int *fds, unsigned *fds_len)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(8 * sizeof(int))];
    struct iovec iov = {data, len};
    struct msghdr m = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t n = recvmsg(from, &m, MSG_CMSG_CLOEXEC);
    unsigned room = *fds_len;

    *fds_len = 0;
    for (struct cmsghdr *head = n < 0 ? NULL : CMSG_FIRSTHDR(&m); head != NULL;
         head = CMSG_NXTHDR(&m, head))
        for (size_t i = 0; i < (head->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(head) + i * sizeof fd, sizeof fd);
            if (*fds_len < room)
                fds[(*fds_len)++] = fd;
            else
                close(fd);
        }
    return n;
}

/* ---- a client of a library server ---- */

struct hostile {
    int data, bell; /* -1: closed */
    struct pi_page *page;
};

static inline void hostile_open(struct hostile *h, const char *name)
{
    struct pi_ctl record = record_of(PI_CTL_OPEN), reply;
    int door = door_knock(name), fds[PI_CTL_FDS];
    unsigned count = PI_CTL_FDS;

    CHECK(send_with(door, &record, sizeof record, NULL, 0));
    raw_must(recv_with(door, &reply, sizeof reply, fds, &count) == sizeof reply &&
                 reply.status == 0 && count == PI_CTL_FDS,
             "OPEN");
    close(door);
    h->data = fds[0];
    h->bell = fds[2];
    h->page = mmap(NULL, PI_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fds[1], 0);
    raw_must(h->page != MAP_FAILED, "mmap");
    close(fds[1]);
}

static inline void hostile_let_go(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* As if it had been killed. */
static inline void hostile_close(struct hostile *h)
{
    hostile_let_go(&h->data);
    hostile_let_go(&h->bell);
    munmap(h->page, PI_PAGE_BYTES);
}

/* ---- what is counted ---- */

/* But for those that the library keeps by design. */
static inline unsigned open_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned count = 0;

    raw_must(dir != NULL, "/proc/self/fd");
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count - (unsigned)ci_testing_held_fds();
}

struct fds_wanted {
    unsigned count;
};

static inline bool fds_are(void *wanted)
{
    return open_fds() <= ((struct fds_wanted *)wanted)->count;
}

/* Nothing that was sent along stays open: the library closes its own things at its own time. */
static inline void check_fds(unsigned count)
{
    comm_wait_until(fds_are, &(struct fds_wanted){count});
}

/* Random and the same each time. */
static inline uint64_t noise(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

#endif
