/* SPDX-License-Identifier: MIT */
/* USB/IP is 48 bytes of header, in network order, and data behind it in one direction.  The kernel
 * writes whole messages, so reading one does not wait for long. */
#include "usbip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ATTACH "/sys/devices/platform/vhci_hcd.0/attach"
#define FULL_SPEED 2
#define URB_MOST 65536u /* more than any driver sends at once */

enum { SUBMIT = 1, UNLINK = 2, SUBMITTED = 3, UNLINKED = 4 };

/* All words in network order. */
struct header {
    uint32_t command, sequence, device, direction, endpoint;
    uint32_t words[5]; /* request: flags, length, ...; answer: status, length, ... */
    uint8_t setup[8];
};

_Static_assert(sizeof(struct header) == 48, "the protocol says so");

/* ---- plugging ---- */

static int attach(unsigned port, int fd)
{
    char text[64];
    int len =
        snprintf(text, sizeof text, "%u %d %u %d", port, fd, 1u << 16 | (port + 1u), FULL_SPEED);
    int file = open(ATTACH, O_WRONLY | O_CLOEXEC), error = 0;

    if (file < 0)
        return -errno;
    if (write(file, text, (size_t)len) != len)
        error = -errno;
    close(file);
    return error;
}

int usbip_plug(unsigned port)
{
    int ends[2], error;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return -errno;
    error = attach(port, ends[1]);
    close(ends[1]); /* the kernel has one of its own now */
    if (error == 0)
        return ends[0];
    close(ends[0]);
    return error;
}

/* ---- messages ---- */

static bool read_all(int fd, void *bytes, size_t len)
{
    for (size_t got = 0; got < len;) {
        ssize_t n = read(fd, (char *)bytes + got, len - got);

        if (n <= 0)
            return false;
        got += (size_t)n;
    }
    return true;
}

/* What an unplugged device says reaches nobody. */
static void write_all(int fd, const void *bytes, size_t len)
{
    for (size_t put = 0; put < len;) {
        ssize_t n = send(fd, (const char *)bytes + put, len - put, MSG_NOSIGNAL);

        if (n <= 0)
            return;
        put += (size_t)n;
    }
}

static struct urb *urb_read(int fd, const struct header *header)
{
    size_t len = ntohl(header->words[1]);
    bool in = ntohl(header->direction) != 0;
    struct urb *urb = len <= URB_MOST ? calloc(1, sizeof *urb + (in ? 0 : len)) : NULL;

    if (urb == NULL)
        return NULL;
    urb->sequence = header->sequence;
    urb->endpoint = ntohl(header->endpoint);
    urb->in = in;
    urb->len = len;
    memcpy(urb->setup, header->setup, sizeof urb->setup);
    if (in || read_all(fd, urb->data, len))
        return urb;
    free(urb);
    return NULL;
}

enum usbip_news usbip_next(int fd, struct urb **urb, struct unlink *unlink)
{
    struct header header;

    if (!read_all(fd, &header, sizeof header))
        return USBIP_UNPLUGGED;
    if (ntohl(header.command) == UNLINK) {
        *unlink = (struct unlink){header.sequence, header.words[0]};
        return USBIP_UNLINK;
    }
    *urb = urb_read(fd, &header);
    return *urb != NULL ? USBIP_URB : USBIP_UNPLUGGED;
}

void usbip_done(int fd, struct urb *urb, int status, const void *data, size_t len)
{
    struct header header = {
        .command = htonl(SUBMITTED),
        .sequence = urb->sequence,
        .words = {htonl((uint32_t)status), htonl((uint32_t)len)},
    };

    write_all(fd, &header, sizeof header);
    if (urb->in)
        write_all(fd, data, len);
    free(urb);
}

void usbip_unlinked(int fd, const struct unlink *unlink, bool cancelled)
{
    struct header header = {
        .command = htonl(UNLINKED),
        .sequence = unlink->sequence,
        .words = {htonl((uint32_t)(cancelled ? -ECONNRESET : 0))},
    };

    write_all(fd, &header, sizeof header);
}

/* ---- lists ---- */

void urbs_append(struct urbs *urbs, struct urb *urb)
{
    struct urb **end = &urbs->first;

    while (*end != NULL)
        end = &(*end)->next;
    urb->next = NULL;
    *end = urb;
}

struct urb *urbs_pop(struct urbs *urbs)
{
    struct urb *urb = urbs->first;

    if (urb != NULL)
        urbs->first = urb->next;
    return urb;
}

bool urbs_remove(struct urbs *urbs, uint32_t sequence)
{
    for (struct urb **at = &urbs->first; *at != NULL; at = &(*at)->next) {
        struct urb *urb = *at;

        if (urb->sequence == sequence) {
            *at = urb->next;
            free(urb);
            return true;
        }
    }
    return false;
}

void urbs_clear(struct urbs *urbs)
{
    struct urb *urb;

    while ((urb = urbs_pop(urbs)) != NULL)
        free(urb);
}
