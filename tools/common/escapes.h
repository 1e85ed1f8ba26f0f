/* SPDX-License-Identifier: MIT */
/* Text with escapes, as snippets and the line input have it: \r \n \t \e \0 \\ \xHH \u{20ac}, and
 * \p250 for a pause of 250 ms. */
#ifndef TOOLS_COMMON_ESCAPES_H
#define TOOLS_COMMON_ESCAPES_H

#include "tools/common/bytes.h"

#include <stdint.h>

#define ESCAPES_PAUSE_MOST 60000u /* ms */

struct escapes {
    struct bytes bytes;
    struct escapes_pause {
        size_t at; /* before the byte with this number */
        uint32_t ms;
    } * pauses;
    size_t pause_count;
};

/* false: *at is where the escape begins that is none, or there is no memory. */
bool escapes_read(struct escapes *escapes, const char *text, size_t *at);
void escapes_fini(struct escapes *escapes);

#endif
