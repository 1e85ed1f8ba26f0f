/* SPDX-License-Identifier: MIT */
/* A doubly linked list whose links live inside the things it lists, so that joining and leaving
 * never allocate.  A link that is on no list points to itself: ci_list_linked() asks, ci_list_del()
 * may be repeated. */
#ifndef CI_PLAT_LIST_H
#define CI_PLAT_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct ci_list {
    struct ci_list *next, *prev;
};

#define CI_CONTAINER(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

/* `next` is read before the body runs, so the body may unlink (not free the head of) the current
 * link. */
#define CI_LIST_EACH(link, after, list)                                                \
    for (struct ci_list *link = (list)->next, *after = (link)->next; (link) != (list); \
         (link) = after, after = (link)->next)

static inline void ci_list_init(struct ci_list *list)
{
    list->next = list;
    list->prev = list;
}

static inline bool ci_list_empty(const struct ci_list *list)
{
    return list->next == list;
}

static inline bool ci_list_linked(const struct ci_list *link)
{
    return link->next != link;
}

static inline void ci_list_insert_before(struct ci_list *link, struct ci_list *at)
{
    link->prev = at->prev;
    link->next = at;
    at->prev->next = link;
    at->prev = link;
}

static inline void ci_list_append(struct ci_list *list, struct ci_list *link)
{
    ci_list_insert_before(link, list);
}

static inline void ci_list_push(struct ci_list *list, struct ci_list *link)
{
    ci_list_insert_before(link, list->next);
}

static inline void ci_list_del(struct ci_list *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    ci_list_init(link);
}

static inline struct ci_list *ci_list_first(struct ci_list *list)
{
    return list->next == list ? NULL : list->next;
}

static inline struct ci_list *ci_list_pop(struct ci_list *list)
{
    struct ci_list *first = ci_list_first(list);

    if (first != NULL)
        ci_list_del(first);
    return first;
}

/* Moves everything to the end of `to`; `from` is empty afterwards. */
static inline void ci_list_splice(struct ci_list *to, struct ci_list *from)
{
    if (ci_list_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    ci_list_init(from);
}

#endif
