/* SPDX-License-Identifier: MIT */
/* Length, copy, case and order of strings of either width.  Order goes by code points, so that both
 * widths agree: UTF-16 units would sort what needs two of them before U+E000. */
#include "libcomm/compat/units.h"

#include <libcomm/types.h>

#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/utf.h"

size_t ci_units_len(const void *units, size_t most, bool wide)
{
    size_t len = 0;

    while (len < most && ci_unit_get(units, len, wide) != 0)
        len++;
    return len;
}

bool ci_units_put(void *dest, size_t room, size_t used, const void *src, size_t most, bool wide)
{
    size_t at = used, from = 0;

    while (from < most && at + 1 < room) {
        uint16_t unit = ci_unit_get(src, from, wide);

        if (unit == 0)
            break;
        ci_unit_put(dest, at++, wide, unit);
        from++;
    }
    ci_unit_put(dest, at, wide, 0);
    return from == most || ci_unit_get(src, from, wide) == 0;
}

size_t ci_char_take(const void *units, bool wide, uint32_t *code)
{
    uint16_t pair[2] = {ci_unit_get(units, 0, wide), 0};
    size_t len = 1;

    if (wide) {
        if ((pair[0] & 0xFC00u) == 0xD800u && (ci_unit_get(units, 1, true) & 0xFC00u) == 0xDC00u)
            pair[len++] = ci_unit_get(units, 1, true);
    } else if (pair[0] >= 0xC0) {
        while (len < 4 && (ci_unit_get(units, len, false) & 0xC0u) == 0x80u)
            len++;
    }
    if (!wide && ci_utf8_to_16(units, len, pair, 2) > 2)
        pair[0] = 0xFFFDu;
    *code = pair[0];
    if ((pair[0] & 0xFC00u) == 0xD800u && (pair[1] & 0xFC00u) == 0xDC00u)
        *code = 0x10000u + ((pair[0] & 0x3FFu) << 10 | (pair[1] & 0x3FFu));
    return len;
}

/* ---- case ---- */

/* Capitals from..to; the small letter is `distance` above, or, with 1, each capital is followed by
 * its small letter. */
static const struct {
    uint16_t from, to, distance;
} capitals[] = {
    {'A',    'Z',    32},
    {0x00C0, 0x00D6, 32}, /* Latin-1, around the multiplication sign */
    {0x00D8, 0x00DE, 32},
    {0x0100, 0x012E, 1 }, /* Latin Extended-A, around the i with and without a
  dot */
    {0x0132, 0x0136, 1 },
    {0x0139, 0x0147, 1 },
    {0x014A, 0x0176, 1 },
    {0x0179, 0x017D, 1 },
    {0x0391, 0x03A1, 32}, /* Greek */
    {0x03A3, 0x03AB, 32},
    {0x0400, 0x040F, 80}, /* Cyrillic */
    {0x0410, 0x042F, 32},
    {0x0460, 0x0480, 1 },
    {0x048A, 0x04BE, 1 },
    {0x04D0, 0x052E, 1 },
};

uint32_t ci_char_lower(uint32_t code)
{
    for (size_t i = 0; i < sizeof(capitals) / sizeof(capitals[0]); i++) {
        uint32_t distance = capitals[i].distance;

        if (code >= capitals[i].from && code <= capitals[i].to &&
            (distance != 1 || (code - capitals[i].from) % 2 == 0))
            return code + distance;
    }
    return code;
}

uint32_t ci_char_upper(uint32_t code)
{
    for (size_t i = 0; i < sizeof(capitals) / sizeof(capitals[0]); i++) {
        uint32_t capital = code - capitals[i].distance;

        if (code >= capitals[i].distance && capital >= capitals[i].from &&
            capital <= capitals[i].to && ci_char_lower(capital) == code)
            return capital;
    }
    return code;
}

int ci_units_compare(const void *a, const void *b, size_t most, bool fold_case, bool wide)
{
    for (size_t at = 0; at < most;) {
        uint32_t one, other;
        size_t len = ci_char_take((const char *)a + (wide ? at * 2 : at), wide, &one);

        ci_char_take((const char *)b + (wide ? at * 2 : at), wide, &other);
        if (fold_case) {
            one = ci_char_lower(one);
            other = ci_char_lower(other);
        }
        if (one != other)
            return one < other ? -1 : 1;
        if (one == 0)
            return 0;
        at += len;
    }
    return 0;
}

char *ci_utf8_of(const uint16_t *text)
{
    size_t units = text != NULL ? ci_utf16_len(text) + 1 : 0;
    size_t len = text != NULL ? ci_utf16_to_8(text, units, NULL, 0) : 0;
    char *copy;

    if (text == NULL)
        return NULL;
    copy = ci_sys_alloc(len);
    if (copy == NULL)
        ci_set_last_error(ERROR_NOT_ENOUGH_MEMORY);
    else
        ci_utf16_to_8(text, units, copy, len);
    return copy;
}
