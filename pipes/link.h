/* SPDX-License-Identifier: MIT */
/* What the two ends of a connection share besides the socket: the status page and two bells.  In
 * one process both ends have the same link and find each other through it. */
#ifndef PI_LINK_H
#define PI_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "libcomm/plat/lock.h"
#include "pipes/page.h"

struct pi_end;

enum pi_side { PI_SERVER, PI_CLIENT };

struct pi_link {
    _Atomic uint32_t refs;
    struct pi_page *page;
    bool inner;  /* made for two ends in this process; fixed */
    int page_fd; /* -1: inner, or sent already */
    int bell[2]; /* by who is rung; eventfds */
    struct ci_lock lock;
    struct pi_end
        *end[2]; /* guarded by lock; no references: an end leaves before it is destroyed */
};

struct pi_link_facts {
    uint16_t type;
    uint32_t quota[2];
    uint32_t server_pid, client_pid;
    bool withheld;
};

/* `outward`: the other end will be in another process, which gets the page's descriptor.  One
 * reference.  Negative errno, or 0. */
int pi_link_new(const struct pi_link_facts *facts, bool outward, struct pi_link **made);
/* From descriptors another process sent, which are taken over in any case.  -EPROTO when they are
 * not what they should be. */
int pi_link_adopt(int page_fd, const int bell[2], struct pi_link **made);
static inline void pi_link_get(struct pi_link *link)
{
    atomic_fetch_add_explicit(&link->refs, 1, memory_order_relaxed);
}
void pi_link_put(struct pi_link *link);
/* The other process has the page now. */
void pi_link_sent(struct pi_link *link);

void pi_link_join(struct pi_link *link, enum pi_side side, struct pi_end *end);
void pi_link_leave(struct pi_link *link, enum pi_side side);
/* The end of that side in this process with a reference, or NULL. */
struct pi_end *pi_link_end(struct pi_link *link, enum pi_side side);

/* CONNECTED -> `state`, once.  Returns what it is now. */
enum pi_page_state pi_link_close(struct pi_link *link, enum pi_page_state state);
enum pi_page_state pi_link_state(const struct pi_link *link);
/* Never blocks. */
void pi_link_ring(struct pi_link *link, enum pi_side whom);
void pi_link_hush(struct pi_link *link, enum pi_side mine);

#endif
