/* SPDX-License-Identifier: MIT */
/* Sending and, above all, doubting control records. */
#include "pipes/control.h"

#include <errno.h>
#include <string.h>

#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_socket.h"

int pi_ctl_send(int fd, struct pi_ctl *record, const int *fds, unsigned count)
{
    struct ci_record r = {.data = record, .len = sizeof *record, .fds = count};
    ssize_t n;

    record->magic = PI_CTL_MAGIC;
    record->version = PI_CTL_VERSION;
    for (unsigned i = 0; i < count; i++)
        r.fd[i] = fds[i];
    n = ci_sys_record_send(fd, &r);
    return n < 0 ? (int)n : 0;
}

/* Descriptors that belong to a record which is well formed. */
static unsigned fds_of(const struct pi_ctl *record, unsigned count)
{
    if (record->status != 0)
        return 0;
    return count > 1 && (record->flags & PI_CTL_RAW) != 0 ? 1 : count;
}

bool pi_ctl_is_good(const void *bytes, size_t len, unsigned fds, unsigned count)
{
    struct pi_ctl record;

    if (len != sizeof record)
        return false;
    memcpy(&record, bytes, sizeof record);
    return record.magic == PI_CTL_MAGIC && record.version == PI_CTL_VERSION &&
           fds == fds_of(&record, count);
}

int pi_ctl_recv(int fd, struct pi_ctl *record, int *fds, unsigned count)
{
    struct ci_record r = {.data = record,
                          .len = sizeof *record,
                          .beside = count > 0 ? CI_BESIDE_ANY : CI_BESIDE_NOTHING};
    ssize_t n = ci_sys_record_recv(fd, &r, 0);

    if (n == -ECONNRESET) /* it left with something unread; its last word is behind that */
        n = ci_sys_record_recv(fd, &r, 0);
    if (n < 0)
        return n == -ECONNRESET ? -EPIPE : (int)n;
    if (n == 0 && r.fds == 0 && !r.fds_lost)
        return -EPIPE;
    if (!r.cut && !r.fds_lost && pi_ctl_is_good(record, (size_t)n, r.fds, count)) {
        for (unsigned i = 0; i < r.fds; i++)
            fds[i] = r.fd[i];
        return 0;
    }
    for (unsigned i = 0; i < r.fds; i++)
        ci_sys_close(r.fd[i]);
    return r.fds_lost && count > 0 ? -EMFILE : -EPROTO;
}
