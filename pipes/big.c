/* SPDX-License-Identifier: MIT */
/* Sending and taking memory files.  The receiver believes the seals, not the sender. */
#include "pipes/big.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_socket.h"

#define MAGIC 0x4D44464D4D50504Eull

struct note {
    uint64_t magic, len;
};

static int file_make(const char *data, size_t len)
{
    int fd = ci_sys_memfd(len), error = 0;

    for (size_t at = 0; fd >= 0 && at < len;) {
        ssize_t n = ci_sys_write(fd, data + at, len - at);

        if (n <= 0) {
            error = n == 0 ? -ENOSPC : (int)n;
            break;
        }
        at += (size_t)n;
    }
    if (fd >= 0 && error == 0)
        error = ci_sys_memfd_seal(fd, false);
    if (fd < 0 || error == 0)
        return fd;
    ci_sys_close(fd);
    return error;
}

int pi_big_send(int fd, const void *data, size_t len)
{
    struct note note = {MAGIC, len};
    struct ci_record record = {.data = &note, .len = sizeof note, .fds = 1};
    ssize_t n;

    record.fd[0] = file_make(data, len);
    if (record.fd[0] < 0)
        return record.fd[0];
    n = ci_sys_record_send(fd, &record);
    ci_sys_close(record.fd[0]);
    return n < 0 ? (int)n : 0;
}

/* Whether it is the file that the note says, and the message in it. */
static int file_map(const struct note *note, int fd, const char **data)
{
    size_t len = 0;

    if (!ci_sys_memfd_sealed(fd, false, &len) || len < note->len || note->len == 0 ||
        note->len > UINT32_MAX) /* more than any WriteFile writes */
        return 0;
    *data = ci_sys_share_map(fd, note->len, false);
    return *data == NULL ? -ENOMEM : 1;
}

int pi_big_take(int fd, struct pi_big *big)
{
    struct note note = {0, 0};
    struct ci_record record = {.data = &note, .len = sizeof note};
    ssize_t n = ci_sys_record_recv(fd, &record, MSG_PEEK | MSG_TRUNC);
    const char *data = NULL;
    int is_big = 0;
    char byte;

    if (n == sizeof note && note.magic == MAGIC && record.fds == 1)
        is_big = file_map(&note, record.fd[0], &data);
    else if (n == sizeof note && note.magic == MAGIC && record.fds == 0 && record.fds_lost)
        is_big = -EMFILE;
    for (unsigned i = 0; n >= 0 && i < record.fds; i++)
        ci_sys_close(record.fd[i]); /* looking has made a copy */
    if (is_big != 1)
        return is_big;
    (void)ci_sys_recv(fd, &byte, 0, MSG_TRUNC);
    *big = (struct pi_big){.data = data, .len = note.len};
    return 1;
}

size_t pi_big_look(const struct pi_big *big, void *buf, size_t len)
{
    size_t rest = big->len - big->at, n = len < rest ? len : rest;

    memcpy(buf, big->data + big->at, n);
    return n;
}

bool pi_big_skip(struct pi_big *big, size_t len)
{
    big->at += len;
    if (big->at < big->len)
        return false;
    ci_sys_share_unmap((void *)(uintptr_t)big->data, big->len);
    big->data = NULL;
    return true;
}
