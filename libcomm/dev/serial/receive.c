/* SPDX-License-Identifier: MIT */
/* One read and the type-ahead behind it.  While a read is active the type-ahead is empty: what
 * comes goes to the read. */
#include <string.h>

#include "libcomm/dev/serial/com_part.h"
#include "libcomm/plat/clock.h"

static void read_over(struct ci_com_read *read, uint32_t status)
{
    read->over = true;
    read->status = status;
}

/* ---- arriving ---- */

static size_t read_take(struct ci_com_read *read, const uint8_t *bytes, size_t len, uint64_t now_ns)
{
    size_t n = read->len - read->got < len ? read->len - read->got : len;

    if (read->got == 0)
        read->first_ns = now_ns;
    memcpy(read->buf + read->got, bytes, n);
    read->got += n;
    read->silent_at = ci_add_ns(now_ns, read->interval_ns);
    if (read->got == read->len)
        read_over(read, STATUS_SUCCESS);
    return n;
}

/* The oldest stay; the last one stored says, if it is to, that some are missing. */
static void overflow(struct ci_com *com, size_t lost)
{
    struct ci_typeahead *rx = &com->rx;

    com->stats.buffer_overrun += (uint32_t)lost;
    if ((com->set.flow & SERIAL_ERROR_CHAR) != 0 && rx->count > 0)
        rx->byte[((uint64_t)rx->head + rx->count - 1) % rx->size] = com->set.chars.error;
    ci_com_error(com, CE_RXOVER);
}

static void store(struct ci_com *com, const uint8_t *bytes, size_t len, uint64_t now_ns)
{
    struct ci_typeahead *rx = &com->rx;
    uint32_t mark = 3 * (rx->size >> 2) + (rx->size >> 4), before = rx->count;
    uint32_t stored = ci_typeahead_put(rx, bytes, len, now_ns);

    if (before < mark && rx->count >= mark)
        ci_com_record(com, EV_RX80FULL);
    if (stored > 0)
        ci_com_filled(com);
    if (stored < len)
        overflow(com, len - stored);
}

size_t ci_com_deliver(struct ci_com *com, const uint8_t *bytes, size_t len, uint64_t now_ns)
{
    if (com->read.active && !com->read.over)
        return read_take(&com->read, bytes, len, now_ns);
    store(com, bytes, len, now_ns);
    return len;
}

/* ---- the read ---- */

static void read_begin(struct ci_com *com, const struct ci_read_rule *rule, uint64_t now_ns)
{
    struct ci_com_read *read = &com->read;

    read->total_at = ci_add_ns(now_ns, rule->total_ns);
    read->interval_ns = rule->interval_ns;
    read->silent_at = read->got > 0 ? ci_add_ns(now_ns, rule->interval_ns) : CI_NEVER;
    if (rule->one_byte)
        read->len = 1;
    if (rule->total_ns == 0)
        read_over(read, STATUS_TIMEOUT);
}

void ci_com_read_start(struct ci_com *com, void *buf, size_t len, uint64_t now_ns)
{
    struct ci_read_rule rule = ci_read_rule(&com->timeouts, len);
    struct ci_com_read *read = &com->read;

    *read = (struct ci_com_read){
        .buf = buf, .len = len, .active = true, .total_at = CI_NEVER, .silent_at = CI_NEVER};
    read->got = ci_typeahead_take(&com->rx, buf, len, &read->first_ns);
    if (read->got > 0)
        ci_com_emptied(com);
    if (read->got == len || (read->got > 0 && rule.takes_what_is_there) || rule.at_once)
        read_over(read, STATUS_SUCCESS);
    else
        read_begin(com, &rule, now_ns);
}

void ci_com_read_stop(struct ci_com *com)
{
    com->read.active = com->read.over = false;
}

void ci_com_purge(struct ci_com *com)
{
    com->rx.head = com->rx.count = 0;
    ci_com_emptied(com);
}

void ci_com_read_tick(struct ci_com *com, uint64_t now_ns)
{
    struct ci_com_read *read = &com->read;

    if (read->active && !read->over && (now_ns >= read->total_at || now_ns >= read->silent_at))
        read_over(read, STATUS_TIMEOUT);
}
