/* SPDX-License-Identifier: MIT */
/* The table of files that are open here, and the two rules that need it: sharing is agreed on
 * before an open counts, and a file that is to be deleted stays until its last open ends. */
#include "libcomm/dev/inode.h"

#include <libcomm/types.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "libcomm/dev/range.h"
#include "libcomm/op/file.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_compat.h"

#define BUCKETS 256u

static struct {
    struct ci_lock lock; /* rank INODE, never together with an inode's */
    struct ci_list bucket[BUCKETS];
    uint32_t owner; /* the process whose table this is; 0: nobody's yet */
} table = {.lock = CI_LOCK_INIT(CI_RANK_INODE)};

static struct ci_inode *inode_of(struct ci_list *link)
{
    return CI_CONTAINER(link, struct ci_inode, in_table);
}

static struct ci_share *share_of(struct ci_list *link)
{
    return CI_CONTAINER(link, struct ci_share, link);
}

/* ---- the table ---- */

static struct ci_list *bucket_of(uint64_t device, uint64_t number)
{
    return &table.bucket[(number ^ number >> 8 ^ device * 31) % BUCKETS];
}

static struct ci_inode *table_find_locked(uint64_t device, uint64_t number)
{
    CI_LIST_EACH (link, after, bucket_of(device, number)) {
        struct ci_inode *inode = inode_of(link);

        if (inode->number == number && inode->device == device)
            return inode;
    }
    return NULL;
}

static void inode_init(struct ci_inode *inode)
{
    ci_lock_init(&inode->lock, CI_RANK_INODE);
    ci_list_init(&inode->opens);
    ci_list_init(&inode->kicked);
    ci_list_init(&inode->ranges);
    atomic_store_explicit(&inode->locked, 0, memory_order_relaxed);
    inode->doomed = false;
    inode->name = NULL;
    inode->refs = 0;
    inode->owner = table.owner;
    ci_list_init(&inode->in_table);
    ci_list_append(bucket_of(inode->device, inode->number), &inode->in_table);
}

/* The inode of what `st` describes, with a reference; NULL when it is not open here and `make` is
 * NULL.  `make` is used up when *made. */
static struct ci_inode *inode_get(const struct stat *st, struct ci_inode *make, bool *made)
{
    uint64_t device = (uint64_t)st->st_dev, number = (uint64_t)st->st_ino;
    struct ci_inode *inode;

    ci_lock(&table.lock);
    inode = table_find_locked(device, number);
    *made = inode == NULL && make != NULL;
    if (*made) {
        inode = make;
        inode->device = device;
        inode->number = number;
        inode_init(inode);
    }
    if (inode != NULL)
        inode->refs++;
    ci_unlock(&table.lock);
    return inode;
}

static void inode_put(struct ci_inode *inode)
{
    bool last;

    ci_lock(&table.lock);
    last = --inode->refs == 0;
    if (last)
        ci_list_del(&inode->in_table);
    ci_unlock(&table.lock);
    if (last)
        ci_sys_free(inode);
}

/* ---- sharing ---- */

#define READS (FILE_READ_DATA | FILE_EXECUTE)
#define WRITES (FILE_WRITE_DATA | FILE_APPEND_DATA)

/* Which kinds of sharing an access needs from the others: none, for one that only asks for facts.
 */
static uint32_t share_needed(uint32_t access)
{
    uint32_t needed = 0;

    if ((access & READS) != 0)
        needed |= FILE_SHARE_READ;
    if ((access & WRITES) != 0)
        needed |= FILE_SHARE_WRITE;
    if ((access & DELETE) != 0)
        needed |= FILE_SHARE_DELETE;
    return needed;
}

/* Neither wants what the other keeps for itself. */
static bool agree(const struct ci_share *a, uint32_t a_needs, const struct ci_share *b)
{
    uint32_t b_needs = share_needed(b->access);

    if (a_needs == 0 || b_needs == 0)
        return true;
    return (a_needs & ~b->share) == 0 && (b_needs & ~a->share) == 0;
}

static uint32_t join_locked(struct ci_inode *inode, struct ci_share *share, uint32_t needs)
{
    if (inode->doomed)
        return ERROR_ACCESS_DENIED;
    CI_LIST_EACH (link, after, &inode->opens) {
        if (!agree(share, needs, share_of(link)))
            return ERROR_SHARING_VIOLATION;
    }
    ci_list_append(&inode->opens, &share->link);
    share->inode = inode;
    return ERROR_SUCCESS;
}

uint32_t ci_inode_join(struct ci_share *share, const struct stat *st, uint32_t access)
{
    struct ci_inode *fresh = ci_sys_alloc(sizeof *fresh), *inode;
    bool made;
    uint32_t error;

    if (fresh == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    ci_list_init(&share->link);
    ci_list_init(&share->kick);
    ci_list_init(&share->spare);
    inode = inode_get(st, fresh, &made);
    if (!made)
        ci_sys_free(fresh);
    ci_lock(&inode->lock);
    error = join_locked(inode, share, share_needed(access));
    ci_unlock(&inode->lock);
    if (error != 0)
        inode_put(inode);
    return error;
}

uint32_t ci_inode_may_delete(const struct stat *st)
{
    bool made;
    struct ci_inode *inode = inode_get(st, NULL, &made);
    struct ci_share everything = {.share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE};
    uint32_t error = ERROR_SUCCESS;

    if (inode == NULL)
        return ERROR_SUCCESS;
    ci_lock(&inode->lock);
    if (inode->doomed)
        error = ERROR_ACCESS_DENIED;
    CI_LIST_EACH (link, after, &inode->opens) {
        if (!agree(&everything, FILE_SHARE_DELETE, share_of(link)))
            error = ERROR_SHARING_VIOLATION;
    }
    ci_unlock(&inode->lock);
    inode_put(inode);
    return error;
}

/* ---- leaving ---- */

/* The name a descriptor has now, wherever it was moved and whatever the current directory is. */
static bool name_of(int fd, char *name)
{
    char link[32];
    ssize_t len;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    len = ci_sys_readlink(link, name, CI_INODE_NAME_ROOM - 1);
    if (len <= 0)
        return false;
    name[len] = '\0';
    return true;
}

/* Dooms the file; the first to do so decides under which name it goes. */
static void doom_locked(struct ci_inode *inode, struct ci_share *share)
{
    inode->doomed = true;
    if (inode->name == NULL && name_of(share->file->fd, share->deletes))
        inode->name = share->deletes;
    else
        ci_sys_free(share->deletes);
    share->deletes = NULL;
}

/* Somebody else may have put another file there meanwhile. */
static void unlink_if_same(const struct ci_inode *inode, const char *name)
{
    struct stat st;

    if (ci_sys_stat(name, &st) == 0 && (uint64_t)st.st_dev == inode->device &&
        (uint64_t)st.st_ino == inode->number)
        ci_sys_unlink(name);
}

void ci_inode_leave(struct ci_share *share)
{
    struct ci_inode *inode = share->inode;
    char *goes = NULL;
    bool unlocked;

    if (inode == NULL)
        return;
    share->inode = NULL; /* first: after a fork in between, a child lets the record be */
    ci_lock(&inode->lock);
    ci_list_del(&share->link);
    ci_list_del(&share->kick);
    unlocked = ci_range_give_all_locked(inode, share);
    if (share->deletes != NULL)
        doom_locked(inode, share);
    if (ci_list_empty(&inode->opens)) {
        goes = inode->name;
        inode->name = NULL;
    }
    ci_unlock(&inode->lock);
    if (goes != NULL)
        unlink_if_same(inode, goes); /* the table still holds it: nobody gets in between */
    ci_sys_free(goes);
    if (unlocked)
        ci_inode_kick(inode); /* with the reference that joining took */
    else
        inode_put(inode);
}

/* ---- locks that wait ---- */

static struct ci_file *kicked_next_locked(struct ci_inode *inode)
{
    struct ci_list *link;

    while ((link = ci_list_pop(&inode->kicked)) != NULL) {
        struct ci_file *file = CI_CONTAINER(link, struct ci_share, kick)->file;

        if (ci_obj_try_get(&file->obj))
            return file;
    }
    return NULL;
}

struct ci_inode *ci_inode_hold(struct ci_share *share)
{
    ci_lock(&table.lock);
    share->inode->refs++;
    ci_unlock(&table.lock);
    return share->inode;
}

void ci_inode_kick(struct ci_inode *inode)
{
    struct ci_file *file;

    ci_lock(&inode->lock);
    CI_LIST_EACH (link, after, &inode->opens) {
        struct ci_share *share = share_of(link);

        if (share->waiting > 0 && !ci_list_linked(&share->kick))
            ci_list_append(&inode->kicked, &share->kick);
    }
    while ((file = kicked_next_locked(inode)) != NULL) {
        ci_unlock(&inode->lock); /* never inside: a file's lock comes first */
        ci_file_step(file, CI_LANE_BIT(CI_LANE_CONTROL), NULL);
        ci_file_put(file);
        ci_lock(&inode->lock);
    }
    ci_unlock(&inode->lock);
    inode_put(inode);
}

/* ---- fork ---- */

/* Another thread may have been in the middle of a list: nothing of the parent's table is followed.
 */
static void table_forget(void)
{
    uint32_t self = ci_sys_pid();

    if (table.owner == self)
        return;
    table.owner = self;
    ci_lock_init(&table.lock, CI_RANK_INODE);
    for (unsigned i = 0; i < BUCKETS; i++)
        ci_list_init(&table.bucket[i]);
}

void ci_inode_forked(struct ci_share *share)
{
    struct ci_inode *inode = share->inode;

    table_forget();
    if (inode == NULL)
        return;
    if (inode->owner != table.owner)
        inode_init(inode);
    inode->refs++;
    ci_list_init(&share->link);
    ci_list_init(&share->kick);
    ci_list_init(&share->spare);
    share->waiting = share->held = share->spares = 0;
    share->deletes = NULL;
    ci_list_append(&inode->opens, &share->link);
}

__attribute__((constructor)) static void table_setup(void)
{
    table_forget();
    pthread_atfork(NULL, NULL, table_forget);
}
