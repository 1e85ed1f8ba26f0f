/* SPDX-License-Identifier: MIT */
/* Control records.  As a function of bytes, one is good for exactly one form; and whoever sends
 * what he likes through a door's socket is answered by records of that form, and then by the end.
 */
#include "fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include "pipes/control.h"
#include "pipes/name.h"
#include "pipes/visitor.h"

static void check_form(const uint8_t *data, size_t size, unsigned fds, unsigned count)
{
    struct pi_ctl record;

    if (!pi_ctl_is_good(data, size, fds, count))
        return;
    FUZZ_MUST(size == sizeof record && fds <= count);
    memcpy(&record, data, sizeof record);
    FUZZ_MUST(record.magic == PI_CTL_MAGIC && record.version == PI_CTL_VERSION);
    FUZZ_MUST(record.status == 0 || fds == 0);
}

/* Mostly of the right form, so that more than the form is tried. */
static size_t next_record(struct fuzz_input *in, uint8_t bytes[256])
{
    uint8_t how = fuzz_byte(in);
    struct pi_ctl record = {.magic = PI_CTL_MAGIC, .version = PI_CTL_VERSION};
    size_t len = how < 0xE0 ? sizeof record : fuzz_byte(in);

    for (size_t i = 0; i < len; i++)
        bytes[i] = fuzz_byte(in);
    if (how < 0xD0) {
        memcpy((uint8_t *)&record + 6, bytes + 6, sizeof record - 6);
        record.op %= 12;
        memcpy(bytes, &record, sizeof record);
    }
    return len;
}

static void hear_all(int fd)
{
    struct pi_ctl reply;
    int fds[PI_CTL_FDS];

    while (recv(fd, &reply, sizeof reply, MSG_PEEK | MSG_DONTWAIT) > 0) {
        unsigned count = reply.op == (PI_CTL_OPEN | PI_CTL_REPLY) ? PI_CTL_FDS : 0;

        FUZZ_MUST(pi_ctl_recv(fd, &reply, fds, count) == 0);
        FUZZ_MUST((reply.op & PI_CTL_REPLY) != 0);
    }
}

/* Nobody owns the name, so every request is refused; that is another test's affair. */
static void visit(struct fuzz_input *in)
{
    static const struct pi_name name = {.spelled = "fuzz", .key = "fuzz"};
    uint8_t bytes[256];
    int door[2];

    FUZZ_MUST(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, door) == 0);
    for (int i = 0; i < 3 && in->at < in->end; i++) {
        size_t len = next_record(in, bytes);

        FUZZ_MUST(send(door[0], bytes, len, MSG_NOSIGNAL) == (ssize_t)len);
    }
    (void)shutdown(door[0], SHUT_WR);
    pi_visitor_new(door[1], &name);
    hear_all(door[0]);
    close(door[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, data + size};
    uint8_t fds = fuzz_byte(&in);

    for (unsigned count = 0; count <= PI_CTL_FDS; count++)
        check_form(data, size, fds % 8, count);
    visit(&in);
    return 0;
}
