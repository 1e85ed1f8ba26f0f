/* SPDX-License-Identifier: MIT */
/* The ring in which bytes wait for a read. */
#include <errno.h>
#include <string.h>

#include "libcomm/dev/serial/com_part.h"
#include "libcomm/plat/sys.h"

static uint32_t least(uint32_t a, size_t b)
{
    return b < a ? (uint32_t)b : a;
}

/* ---- when they came ---- */

static void stamp(struct ci_typeahead *rx, uint64_t now_ns)
{
    uint32_t last = rx->stamps;

    if (last == CI_STAMPS || (last > 0 && rx->stamp[last - 1].ns == now_ns))
        return;
    rx->stamp[last].from = rx->put;
    rx->stamp[last].ns = now_ns;
    rx->stamps++;
}

/* Of the oldest byte; what was only for those before it is forgotten. */
static uint64_t stamp_of_first(struct ci_typeahead *rx)
{
    uint64_t first = rx->put - rx->count;
    uint32_t past = 0;

    while (past + 1 < rx->stamps && rx->stamp[past + 1].from <= first)
        past++;
    memmove(rx->stamp, rx->stamp + past, (rx->stamps - past) * sizeof rx->stamp[0]);
    rx->stamps -= past;
    return rx->stamps > 0 ? rx->stamp[0].ns : 0;
}

/* ---- the ring ---- */

uint32_t ci_typeahead_put(struct ci_typeahead *rx, const uint8_t *bytes, size_t len,
                          uint64_t now_ns)
{
    uint32_t n = least(rx->size - rx->count, len), tail, first;

    if (n == 0)
        return 0;
    if (rx->count == 0)
        rx->stamps = 0;
    stamp(rx, now_ns);
    tail = (uint32_t)(((uint64_t)rx->head + rx->count) % rx->size);
    first = least(rx->size - tail, n);
    memcpy(rx->byte + tail, bytes, first);
    memcpy(rx->byte, bytes + first, n - first);
    rx->count += n;
    rx->put += n;
    return n;
}

uint32_t ci_typeahead_take(struct ci_typeahead *rx, uint8_t *buf, size_t len, uint64_t *came_ns)
{
    uint32_t n = least(rx->count, len), first;

    if (n == 0)
        return 0;
    *came_ns = stamp_of_first(rx);
    first = least(rx->size - rx->head, n);
    memcpy(buf, rx->byte + rx->head, first);
    memcpy(buf + first, rx->byte, n - first);
    rx->head = (uint32_t)(((uint64_t)rx->head + n) % rx->size);
    rx->count -= n;
    return n;
}

int ci_com_grow(struct ci_com *com, uint32_t rx_size)
{
    struct ci_typeahead bigger = com->rx;
    struct ci_settings set = com->set;
    uint64_t unused;

    if (rx_size <= com->rx.size)
        return 0;
    bigger.byte = ci_sys_alloc(rx_size);
    if (bigger.byte == NULL)
        return -ENOMEM;
    bigger.size = rx_size;
    bigger.head = 0;
    (void)ci_typeahead_take(&com->rx, bigger.byte, com->rx.count, &unused);
    bigger.stamps = com->rx.stamps; /* which that may have cut down */
    ci_sys_free(com->rx.byte);
    com->rx = bigger;
    set.xoff_limit = (int32_t)(rx_size >> 3);
    set.xon_limit = (int32_t)(rx_size >> 1);
    ci_com_set(com, &set);
    return 0;
}
