/* SPDX-License-Identifier: MIT */
/* A USB device that is this process: the kernel's vhci-hcd has a port for it and speaks USB/IP to
 * it over a socket.  Nothing here knows what the device is. */
#ifndef COMM_RIG_VFTDI_USBIP_H
#define COMM_RIG_VFTDI_USBIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the host wants done. */
struct urb {
    struct urb *next;
    uint32_t sequence; /* the host's name for it */
    unsigned endpoint;
    bool in;          /* towards the host */
    uint8_t setup[8]; /* of endpoint 0 */
    size_t len;       /* as much as the host sends, or has room for */
    size_t taken;     /* of what it sends, by the device so far */
    uint8_t data[];   /* what it sends */
};

struct unlink {
    uint32_t sequence; /* of the wish itself */
    uint32_t unwanted; /* of the URB */
};

enum usbip_news {
    USBIP_URB,       /* `*urb` is the receiver's */
    USBIP_UNLINK,    /* the host does not want one any more: answer by usbip_unlinked() */
    USBIP_UNPLUGGED, /* by the host, or something went wrong */
};

/* Plugs a full-speed device into socket `port` of the virtual hub: its descriptor, or a negative
 * errno.  Closing that unplugs it. */
int usbip_plug(unsigned port);
/* Waits for the next message. */
enum usbip_news usbip_next(int fd, struct urb **urb, struct unlink *unlink);
/* Answers and frees; a status of 0, or a negative errno. */
void usbip_done(int fd, struct urb *urb, int status, const void *data, size_t len);
/* `cancelled`: it had not been answered. */
void usbip_unlinked(int fd, const struct unlink *unlink, bool cancelled);

/* Oldest first. */
struct urbs {
    struct urb *first;
};

void urbs_append(struct urbs *urbs, struct urb *urb);
struct urb *urbs_pop(struct urbs *urbs);
/* Frees it; false when it is not there. */
bool urbs_remove(struct urbs *urbs, uint32_t sequence);
void urbs_clear(struct urbs *urbs);

#endif
