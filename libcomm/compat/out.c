/* SPDX-License-Identifier: MIT */
/* One convention, shared by a dozen calls: the length when it fits, the need when it does not.  A
 * result below the room is the first, anything else the second. */
#include "libcomm/compat/out.h"

#include <string.h>

#include "libcomm/plat/utf.h"

uint32_t ci_out_text(const char *text, void *buffer, uint32_t room, bool wide)
{
    size_t bytes = strlen(text) + 1;
    size_t units = wide ? ci_utf8_to_16(text, bytes, NULL, 0) : bytes;

    if (buffer == NULL || units > room)
        return units <= UINT32_MAX ? (uint32_t)units : UINT32_MAX;
    if (wide)
        ci_utf8_to_16(text, bytes, buffer, units);
    else
        memcpy(buffer, text, bytes);
    return (uint32_t)units - 1;
}
