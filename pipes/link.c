/* SPDX-License-Identifier: MIT */
/* Making, adopting and sharing links.  Inside one process the page is anonymous shared memory, so
 * that it stays shared with a forked child; another process gets a sealed memory file. */
#include "pipes/link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "libcomm/plat/park.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_compat.h"
#include "libcomm/plat/sys_socket.h"
#include "pipes/end.h"

static struct pi_link *link_blank(void)
{
    struct pi_link *link = ci_sys_alloc(sizeof *link);

    if (link == NULL)
        return NULL;
    atomic_init(&link->refs, 1);
    ci_lock_init(&link->lock, CI_RANK_LEAF);
    link->page_fd = link->bell[0] = link->bell[1] = -1;
    return link;
}

void pi_link_put(struct pi_link *link)
{
    /* acq_rel: the last one sees what the other end did with it */
    if (atomic_fetch_sub_explicit(&link->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (link->page != NULL)
        ci_sys_share_unmap(link->page, PI_PAGE_BYTES);
    if (link->page_fd >= 0)
        ci_sys_close(link->page_fd);
    for (int i = 0; i < 2; i++)
        if (link->bell[i] >= 0)
            ci_sys_close(link->bell[i]);
    ci_sys_free(link);
}

void pi_link_sent(struct pi_link *link)
{
    if (link->page_fd >= 0)
        ci_sys_close(link->page_fd);
    link->page_fd = -1;
}

static void page_fill(struct pi_page *page, const struct pi_link_facts *facts)
{
    page->magic = PI_PAGE_MAGIC;
    page->version = PI_PAGE_VERSION;
    page->type = facts->type;
    page->server_pid = facts->server_pid;
    page->client_pid = facts->client_pid;
    page->withheld = facts->withheld;
    page->quota[0] = facts->quota[0];
    page->quota[1] = facts->quota[1];
}

static int page_make(struct pi_link *link, bool outward)
{
    if (outward) {
        int error;

        link->page_fd = ci_sys_memfd(PI_PAGE_BYTES);
        error = link->page_fd < 0 ? link->page_fd : ci_sys_memfd_seal(link->page_fd, true);
        if (error != 0)
            return error;
    }
    link->page = ci_sys_share_map(link->page_fd, PI_PAGE_BYTES, true);
    return link->page == NULL ? -ENOMEM : 0;
}

static int bells_make(struct pi_link *link)
{
    for (int i = 0; i < 2; i++) {
        link->bell[i] = ci_sys_eventfd();
        if (link->bell[i] < 0)
            return link->bell[i];
    }
    return 0;
}

int pi_link_new(const struct pi_link_facts *facts, bool outward, struct pi_link **made)
{
    struct pi_link *link = link_blank();
    int error;

    if (link == NULL)
        return -ENOMEM;
    error = page_make(link, outward);
    if (error == 0)
        error = bells_make(link);
    if (error != 0) {
        pi_link_put(link);
        return error;
    }
    page_fill(link->page, facts);
    link->inner = !outward;
    *made = link;
    return 0;
}

static int page_adopt(struct pi_link *link, int fd)
{
    size_t len = 0;

    if (!ci_sys_memfd_sealed(fd, true, &len) || len != PI_PAGE_BYTES)
        return -EPROTO;
    link->page = ci_sys_share_map(fd, PI_PAGE_BYTES, true);
    if (link->page == NULL)
        return -ENOMEM;
    if (link->page->magic != PI_PAGE_MAGIC || link->page->version != PI_PAGE_VERSION)
        return -EPROTO;
    return 0;
}

/* Ringing must neither block nor raise a signal, whatever the sender calls a bell. */
static bool is_bell(int fd)
{
    static const char kind[] = "anon_inode:[eventfd]";
    char path[40], is[sizeof kind] = "";

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return ci_sys_readlink(path, is, sizeof is) == (ssize_t)(sizeof kind - 1) &&
           memcmp(is, kind, sizeof kind - 1) == 0 && ci_sys_fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

int pi_link_adopt(int page_fd, const int bell[2], struct pi_link **made)
{
    struct pi_link *link = link_blank();
    int error;

    if (link == NULL) {
        ci_sys_close(page_fd);
        ci_sys_close(bell[0]);
        ci_sys_close(bell[1]);
        return -ENOMEM;
    }
    link->bell[0] = bell[0];
    link->bell[1] = bell[1];
    error = is_bell(bell[0]) && is_bell(bell[1]) ? page_adopt(link, page_fd) : -EPROTO;
    ci_sys_close(page_fd);
    if (error != 0) {
        pi_link_put(link);
        return error;
    }
    *made = link;
    return 0;
}

/* ---- the ends ---- */

void pi_link_join(struct pi_link *link, enum pi_side side, struct pi_end *end)
{
    ci_lock(&link->lock);
    link->end[side] = end;
    ci_unlock(&link->lock);
}

void pi_link_leave(struct pi_link *link, enum pi_side side)
{
    pi_link_join(link, side, NULL);
}

struct pi_end *pi_link_end(struct pi_link *link, enum pi_side side)
{
    struct pi_end *end;

    ci_lock(&link->lock);
    end = link->end[side];
    if (end != NULL && !ci_obj_try_get(&end->file.obj))
        end = NULL;
    ci_unlock(&link->lock);
    return end;
}

/* ---- the page ---- */

enum pi_page_state pi_link_close(struct pi_link *link, enum pi_page_state state)
{
    uint32_t was = PI_PAGE_CONNECTED;

    if (atomic_compare_exchange_strong(&link->page->state, &was, (uint32_t)state))
        return state;
    return (enum pi_page_state)was;
}

enum pi_page_state pi_link_state(const struct pi_link *link)
{
    return (enum pi_page_state)atomic_load(&link->page->state);
}

void pi_link_ring(struct pi_link *link, enum pi_side whom)
{
    ci_kick_ring(link->bell[whom]);
}

void pi_link_hush(struct pi_link *link, enum pi_side mine)
{
    ci_kick_clear(link->bell[mine]);
}
