/* SPDX-License-Identifier: MIT */
/* Which bytes stand for which: how lines end in each direction, what backspace is, and single bytes
 * that are shown or sent as others.  For the view and for sending; a capture knows no maps.
 *
 * Names are those of --map, and the ones tio and picocom have for the same. */
#ifndef TOOLS_COMMON_MAPS_H
#define TOOLS_COMMON_MAPS_H

#include "tools/common/bytes.h"
#include "tools/common/lines.h"

enum maps_flag {
    MAPS_CR_LF = 1 << 0,   /* CR becomes LF */
    MAPS_LF_CR = 1 << 1,   /* LF becomes CR */
    MAPS_CR_CRLF = 1 << 2, /* CR becomes CR LF */
    MAPS_LF_CRLF = 1 << 3,
    MAPS_CR_DROP = 1 << 4, /* CR is left out */
    MAPS_LF_DROP = 1 << 5,
    MAPS_BS_DEL = 1 << 6, /* backspace becomes delete */
    MAPS_DEL_BS = 1 << 7,
    MAPS_CR_HEX = 1 << 8, /* shown as [0d] */
    MAPS_LF_HEX = 1 << 9,
    MAPS_SPACE_HEX = 1 << 10,
    MAPS_TAB_HEX = 1 << 11,
    MAPS_CTRL_HEX = 1 << 12, /* other control bytes */
    MAPS_HIGH_HEX = 1 << 13, /* bytes from 0x80 on */
    MAPS_PRINT_HEX = 1 << 14,
    MAPS_NUL_MARK = 1 << 15, /* NUL becomes U+2400 */
    MAPS_UPPER = 1 << 16,    /* lower case becomes upper */
    MAPS_BIT8 = 1 << 17,     /* the eighth bit is cleared */
};

struct maps {
    enum lines_eol rx_eol;
    enum lines_eol tx_eol; /* never LINES_ANY */
    bool tx_bs;            /* the backspace key sends ^H instead of DEL */
    unsigned rx, tx;       /* maps_flag */
};

/* Reads a name of --rx-eol or --tx-eol: lf cr crlf, and any for received ones. */
bool maps_eol_of(const char *name, bool received, enum lines_eol *eol);
const char *maps_eol_bytes(enum lines_eol eol); /* what is sent for it */
/* Adds a list of names, parted by commas or blanks, to the maps; a name tells its direction. false:
 * nothing was changed, and *at is where the name that is not known begins. */
bool maps_add(struct maps *maps, const char *list, size_t *at);

/* Bytes as one direction's flags have them, appended to `out`.  Each byte alone decides what it
 * becomes, so that reads make no difference. */
void maps_apply(unsigned flags, const void *data, size_t len, struct bytes *out);
/* What is sent for a line, or for keys: ends (\n or \r) are the tx ends, then the flags. */
void maps_send(const struct maps *maps, const void *data, size_t len, struct bytes *out);

#endif
