/* SPDX-License-Identifier: MIT */
/* What the parts of the machine ask of each other. */
#ifndef CI_DEV_SERIAL_COM_PART_H
#define CI_DEV_SERIAL_COM_PART_H

#include "libcomm/dev/serial/com.h"

/* What the filter does with a byte. */
enum ci_byte_kind {
    CI_BYTE_PLAIN,
    CI_BYTE_NULL,
    CI_BYTE_XON,
    CI_BYTE_XOFF,
    CI_BYTE_EVENT,
    CI_BYTE_ESCAPE
};

static inline bool ci_com_auto_transmit(const struct ci_com *com)
{
    return (com->set.flow & SERIAL_AUTO_TRANSMIT) != 0;
}

/* filter.c: the table, after a change of settings, mask or escape. */
void ci_com_filter_make(struct ci_com *com);
/* events.c */
void ci_com_record(struct ci_com *com, uint32_t events);
void ci_com_error(struct ci_com *com, uint32_t errors);
/* flow.c: the type-ahead has become fuller, or emptier. */
void ci_com_filled(struct ci_com *com);
void ci_com_emptied(struct ci_com *com);
/* flow.c: what the inputs hold up, by the settings of now. */
void ci_com_line_holds(struct ci_com *com);
/* typeahead.c: as much as there is room for. */
uint32_t ci_typeahead_put(struct ci_typeahead *rx, const uint8_t *bytes, size_t len,
                          uint64_t now_ns);
/* *came_ns: when the first of them came, if there is one. */
uint32_t ci_typeahead_take(struct ci_typeahead *rx, uint8_t *buf, size_t len, uint64_t *came_ns);
/* receive.c: to the read, if there is one that is not over, or else to the type-ahead; how much of
 * it.  What the read has no room for the next one may want. */
size_t ci_com_deliver(struct ci_com *com, const uint8_t *bytes, size_t len, uint64_t now_ns);
void ci_com_read_tick(struct ci_com *com, uint64_t now_ns);

#endif
