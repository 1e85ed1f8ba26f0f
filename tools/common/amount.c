/* SPDX-License-Identifier: MIT */
/* A number is digits, perhaps a point and more digits, then a unit.  It is multiplied exactly, in
 * integers: what a float would round is refused instead. */
#include "tools/common/amount.h"

#include <string.h>

struct unit {
    const char *name;
    uint64_t of;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The digits before and after the point, at most 18 of them together: `digits` / `scale`. */
static const char *read_digits(const char *at, uint64_t *digits, uint64_t *scale)
{
    int count = 0;
    bool point = false;

    *digits = 0;
    *scale = 1;
    for (; is_digit(*at) || (*at == '.' && !point && count > 0 && is_digit(at[1])); at++) {
        if (*at == '.') {
            point = true;
            continue;
        }
        if (++count > 18)
            return NULL;
        *digits = *digits * 10 + (uint64_t)(*at - '0');
        *scale *= point ? 10 : 1;
    }
    return count > 0 ? at : NULL;
}

/* The first unit is that of a bare number. */
static bool read_amount(const char *text, const struct unit *units, size_t count, uint64_t *value)
{
    uint64_t digits, scale;
    const char *at = read_digits(text, &digits, &scale);

    for (size_t i = 0; at != NULL && i < count; i++) {
        uint64_t product;

        if (strcmp(at, units[i].name) != 0)
            continue;
        if (__builtin_mul_overflow(digits, units[i].of, &product) || product % scale != 0)
            return false;
        *value = product / scale;
        return true;
    }
    return false;
}

bool amount_count(const char *text, uint64_t *count)
{
    static const struct unit units[] = {
        {"", 1}
    };

    return read_amount(text, units, 1, count);
}

bool amount_rate(const char *text, uint32_t *rate)
{
    static const struct unit units[] = {
        {"",  1      },
        {"k", 1000   },
        {"M", 1000000}
    };
    uint64_t value;

    if (!read_amount(text, units, 3, &value) || value == 0 || value > UINT32_MAX)
        return false;
    *rate = (uint32_t)value;
    return true;
}

bool amount_size(const char *text, uint64_t *bytes)
{
    static const struct unit units[] = {
        {"",  1      },
        {"k", 1 << 10},
        {"K", 1 << 10},
        {"M", 1 << 20},
        {"G", 1 << 30}
    };

    return read_amount(text, units, 5, bytes);
}

bool amount_time(const char *text, uint64_t unit_us, uint64_t *us)
{
    const struct unit units[] = {
        {"",   unit_us    },
        {"us", 1          },
        {"ms", 1000       },
        {"s",  1000000    },
        {"m",  60000000   },
        {"h",  3600000000 },
        {"d",  86400000000}
    };

    return read_amount(text, units, 7, us);
}

bool amount_framing(const char *text, struct amount_framing *framing)
{
    static const char *const stops[] = {"1", "1.5", "2"};

    if (text[0] < '5' || text[0] > '8' || text[1] == '\0' || strchr("noemsNOEMS", text[1]) == NULL)
        return false;
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(text + 2, stops[i]) != 0)
            continue;
        framing->bits = (uint8_t)(text[0] - '0');
        framing->parity = (char)(text[1] | 0x20);
        framing->halves = (uint8_t)(2 + i);
        return true;
    }
    return false;
}
