/* SPDX-License-Identifier: MIT */
/* Reads a format unit by unit, which works in either width because all it looks for is ASCII, and
 * writes units until the room is used up, counting on.  Strings of the other width are converted
 * character by character; nothing is allocated. */
#include "libcomm/compat/format.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "libcomm/compat/units.h"
#include "libcomm/plat/utf.h"

#define FLOAT_PRECISION 350 /* more digits than a double has; further ones are zeros */
#define FLOAT_ROOM 700      /* 309 digits before the point, and those behind it */

struct out {
    void *units;
    size_t room; /* units that may be written, the NUL not among them */
    size_t count;
    bool wide;
};

enum string_kind { OWN, OTHER, NARROW, WIDE };

struct spec {
    bool left, zero, plus, space, alternate;
    int bits; /* of an integer argument */
    enum string_kind kind;
    size_t width;
    size_t precision; /* SIZE_MAX: not given */
    char conversion;
};

/* A list that functions can hand on. */
struct args {
    va_list list;
};

static void put(struct out *out, uint16_t unit)
{
    if (out->count < out->room)
        ci_unit_put(out->units, out->count, out->wide, unit);
    out->count++;
}

static void put_ascii(struct out *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        put(out, (unsigned char)text[i]);
}

static void fill(struct out *out, char unit, size_t count)
{
    for (; count > 0; count--)
        put(out, (unsigned char)unit);
}

/* Blanks before or behind; a sign or 0x; zeros up to the width or the precision; digits. */
static void put_field(struct out *out, const struct spec *spec, const char *lead, size_t zeros,
                      const char *digits, size_t len)
{
    size_t have = strlen(lead) + zeros + len;
    size_t blanks = spec->width > have ? spec->width - have : 0;

    if (spec->zero && !spec->left) {
        zeros += blanks;
        blanks = 0;
    }
    if (!spec->left)
        fill(out, ' ', blanks);
    put_ascii(out, lead, strlen(lead));
    fill(out, '0', zeros);
    put_ascii(out, digits, len);
    if (spec->left)
        fill(out, ' ', blanks);
}

/* ---- numbers ---- */

static uint64_t take_integer(struct args *args, int bits)
{
    return bits == 64 ? va_arg(args->list, uint64_t) : va_arg(args->list, unsigned);
}

static const char *sign_of(const struct spec *spec, bool negative)
{
    return negative ? "-" : spec->plus ? "+" : spec->space ? " " : "";
}

static void put_integer(struct out *out, struct spec *spec, uint64_t value)
{
    bool is_signed = spec->conversion == 'd';
    unsigned base = spec->conversion == 'o' ? 8 : is_signed || spec->conversion == 'u' ? 10 : 16;
    const char *alphabet = spec->conversion == 'x' ? "0123456789abcdef" : "0123456789ABCDEF";
    int shift = 64 - spec->bits;
    const char *lead = "";
    char digits[24];
    size_t at = sizeof(digits), len, zeros;

    value = value << shift >> shift;
    if (is_signed) {
        bool negative = (value >> (spec->bits - 1)) != 0;

        lead = sign_of(spec, negative);
        if (negative)
            value = (0 - value) << shift >> shift;
    } else if (spec->alternate && value != 0 && base == 16) {
        lead = spec->conversion == 'x' ? "0x" : "0X";
    }
    for (; value != 0; value /= base)
        digits[--at] = alphabet[value % base];
    len = sizeof(digits) - at;
    zeros = spec->precision == SIZE_MAX ? len == 0
            : spec->precision > len     ? spec->precision - len
                                        : 0;
    if (spec->alternate && base == 8 && zeros == 0)
        zeros = 1;
    if (spec->precision != SIZE_MAX)
        spec->zero = false;
    put_field(out, spec, lead, zeros, digits + at, len);
}

static int print_float(char *text, const struct spec *spec, int precision, double value)
{
    bool alternate = spec->alternate;

    switch (spec->conversion) {
    case 'e':
        return snprintf(text, FLOAT_ROOM, alternate ? "%#.*e" : "%.*e", precision, value);
    case 'E':
        return snprintf(text, FLOAT_ROOM, alternate ? "%#.*E" : "%.*E", precision, value);
    case 'g':
        return snprintf(text, FLOAT_ROOM, alternate ? "%#.*g" : "%.*g", precision, value);
    case 'G':
        return snprintf(text, FLOAT_ROOM, alternate ? "%#.*G" : "%.*G", precision, value);
    case 'a':
        return snprintf(text, FLOAT_ROOM, alternate ? "%#.*a" : "%.*a", precision, value);
    case 'A':
        return snprintf(text, FLOAT_ROOM, alternate ? "%#.*A" : "%.*A", precision, value);
    default:
        return snprintf(text, FLOAT_ROOM, alternate ? "%#.*f" : "%.*f", precision, value);
    }
}

static void put_float(struct out *out, struct spec *spec, double value)
{
    char text[FLOAT_ROOM];
    int precision = spec->precision == SIZE_MAX         ? -1
                    : spec->precision > FLOAT_PRECISION ? FLOAT_PRECISION
                                                        : (int)spec->precision;
    int len = print_float(text, spec, precision, fabs(value));

    if (!isfinite(value))
        spec->zero = false;
    put_field(out, spec, sign_of(spec, signbit(value) != 0), 0, text, (size_t)len);
}

/* ---- strings and characters ---- */

/* One character of a string, as units of the output's width. */
struct piece {
    union {
        uint16_t wide[8];
        char narrow[16];
    } units;
    size_t count, taken;
};

static void convert(struct piece *piece, const void *from, bool from_wide, bool to_wide)
{
    uint32_t code;

    piece->taken = from_wide == to_wide ? 1 : ci_char_take(from, from_wide, &code);
    piece->count = 1;
    if (from_wide == to_wide)
        ci_unit_put(&piece->units, 0, to_wide, ci_unit_get(from, 0, from_wide));
    else if (to_wide)
        piece->count = ci_utf8_to_16(from, piece->taken, piece->units.wide, 8);
    else
        piece->count = ci_utf16_to_8(from, piece->taken, piece->units.narrow, 16);
}

/* Writes up to `most` units, or with out NULL only counts them.  What follows is never looked at.
 */
static size_t put_units(struct out *out, bool to_wide, const void *text, bool from_wide,
                        size_t most)
{
    size_t count = 0;
    struct piece piece;

    while (count < most && ci_unit_get(text, 0, from_wide) != 0) {
        convert(&piece, text, from_wide, to_wide);
        if (piece.count > most - count)
            break;
        for (size_t i = 0; out != NULL && i < piece.count; i++)
            put(out, ci_unit_get(&piece.units, i, to_wide));
        count += piece.count;
        text = (const char *)text + piece.taken * (from_wide ? 2 : 1);
    }
    return count;
}

static bool argument_is_wide(const struct out *out, const struct spec *spec)
{
    switch (spec->kind) {
    case NARROW:
        return false;
    case WIDE:
        return true;
    case OTHER:
        return !out->wide;
    case OWN:
        break;
    }
    return out->wide;
}

static void put_string(struct out *out, const struct spec *spec, const void *text)
{
    bool from_wide = text != NULL && argument_is_wide(out, spec);
    size_t len, blanks;

    if (text == NULL)
        text = "(null)";
    len = put_units(NULL, out->wide, text, from_wide, spec->precision);
    blanks = spec->width > len ? spec->width - len : 0;
    if (!spec->left)
        fill(out, spec->zero ? '0' : ' ', blanks);
    put_units(out, out->wide, text, from_wide, len);
    if (spec->left)
        fill(out, ' ', blanks);
}

/* A NUL character is one unit like any other. */
static void put_character(struct out *out, const struct spec *spec, unsigned value)
{
    bool from_wide = argument_is_wide(out, spec);
    const uint16_t wide[2] = {(uint16_t)value, 0};
    const char narrow[2] = {(char)value, '\0'};
    struct piece piece;
    size_t blanks;

    convert(&piece, from_wide ? (const void *)wide : narrow, from_wide, out->wide);
    blanks = spec->width > piece.count ? spec->width - piece.count : 0;
    if (!spec->left)
        fill(out, spec->zero ? '0' : ' ', blanks);
    for (size_t i = 0; i < piece.count; i++)
        put(out, ci_unit_get(&piece.units, i, out->wide));
    if (spec->left)
        fill(out, ' ', blanks);
}

/* ---- reading a format ---- */

struct format {
    const void *units;
    size_t at;
    bool wide;
};

static uint16_t peek(const struct format *f)
{
    return ci_unit_get(f->units, f->at, f->wide);
}

static bool accept(struct format *f, char c)
{
    bool here = peek(f) == (unsigned char)c;

    f->at += here;
    return here;
}

static bool accept_word(struct format *f, const char *word)
{
    size_t len = strlen(word);

    for (size_t i = 0; i < len; i++) {
        if (ci_unit_get(f->units, f->at + i, f->wide) != (unsigned char)word[i])
            return false;
    }
    f->at += len;
    return true;
}

static void read_flags(struct format *f, struct spec *spec)
{
    bool more = true;

    while (more) {
        bool left = accept(f, '-'), zero = accept(f, '0'), plus = accept(f, '+');
        bool space = accept(f, ' '), alternate = accept(f, '#');

        spec->left |= left;
        spec->zero |= zero;
        spec->plus |= plus;
        spec->space |= space;
        spec->alternate |= alternate;
        more = left || zero || plus || space || alternate;
    }
}

/* Digits, or a star that takes an argument, which may be negative. */
static int64_t read_count(struct format *f, struct args *args)
{
    int64_t count = 0;

    if (accept(f, '*'))
        return va_arg(args->list, int);
    for (; peek(f) >= '0' && peek(f) <= '9'; f->at++) {
        if (count <= INT32_MAX / 10)
            count = count * 10 + (peek(f) - '0');
    }
    return count;
}

/* Sizes as Windows has them: a long has 32 bits. */
static void read_size(struct format *f, struct spec *spec)
{
    static const struct {
        const char *word;
        int bits;
        enum string_kind kind;
    } sizes[] = {
        {"I64", 64, OWN   },
        {"I32", 32, OWN   },
        {"I",   64, OWN   },
        {"ll",  64, WIDE  },
        {"l",   32, WIDE  },
        {"w",   32, WIDE  },
        {"hh",  8,  NARROW},
        {"h",   16, NARROW},
        {"z",   64, OWN   },
        {"j",   64, OWN   },
        {"t",   64, OWN   },
        {"L",   64, OWN   },
    };

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (accept_word(f, sizes[i].word)) {
            spec->bits = sizes[i].bits;
            spec->kind = sizes[i].kind;
            return;
        }
    }
}

static void read_spec(struct format *f, struct args *args, struct spec *spec)
{
    int64_t count;

    *spec = (struct spec){.bits = 32, .kind = OWN, .precision = SIZE_MAX};
    read_flags(f, spec);
    count = read_count(f, args);
    spec->left |= count < 0;
    spec->width = (size_t)(count < 0 ? -count : count);
    if (accept(f, '.')) {
        count = read_count(f, args);
        spec->precision = count < 0 ? SIZE_MAX : (size_t)count;
    }
    read_size(f, spec);
    spec->conversion = (char)(peek(f) < 0x80 ? peek(f) : 0);
    switch (spec->conversion) {
    case 'i':
        spec->conversion = 'd';
        break;
    case 'S':
    case 'C': /* the other encoding, unless a size has said which */
        spec->conversion = spec->conversion == 'S' ? 's' : 'c';
        if (spec->kind == OWN)
            spec->kind = OTHER;
        break;
    default:
        break;
    }
}

static void put_pointer(struct out *out, struct spec *spec, const void *pointer)
{
    spec->bits = 64;
    spec->precision = 16;
    spec->conversion = 'X';
    put_integer(out, spec, (uintptr_t)pointer);
}

/* False: the format cannot be done. */
static bool put_conversion(struct out *out, struct format *f, struct spec *spec, struct args *args)
{
    switch (spec->conversion) {
    case 'd':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        put_integer(out, spec, take_integer(args, spec->bits));
        break;
    case 's':
        put_string(out, spec, va_arg(args->list, const void *));
        break;
    case 'c':
        put_character(out, spec, va_arg(args->list, unsigned));
        break;
    case 'p':
        put_pointer(out, spec, va_arg(args->list, void *));
        break;
    case 'a':
    case 'A':
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        put_float(out, spec, va_arg(args->list, double));
        break;
    case 'n':
        return false; /* writing to memory is no business of a format */
    default:
        if (peek(f) == 0)
            return true;   /* a lone % at the end */
        put(out, peek(f)); /* %% and what is no conversion */
        break;
    }
    f->at++;
    return true;
}

static bool expand(struct out *out, const void *format, va_list args)
{
    struct format f = {.units = format, .wide = out->wide};
    struct args mine;
    struct spec spec;
    bool fine = true;

    va_copy(mine.list, args);
    while (fine && peek(&f) != 0) {
        uint16_t unit = peek(&f);

        f.at++;
        if (unit != '%') {
            put(out, unit);
            continue;
        }
        read_spec(&f, &mine, &spec);
        fine = put_conversion(out, &f, &spec, &mine);
    }
    va_end(mine.list);
    return fine;
}

size_t ci_format(bool wide, void *dest, size_t room, const void *format, va_list args)
{
    struct out out = {.units = dest, .room = room > 0 ? room - 1 : 0, .wide = wide};
    bool fine = expand(&out, format, args);

    if (room > 0)
        ci_unit_put(dest, !fine ? 0 : out.count < room ? out.count : room - 1, wide, 0);
    return fine ? out.count : CI_FORMAT_FAILED;
}

size_t ci_format_bare(bool wide, void *dest, size_t room, const void *format, va_list args)
{
    struct out out = {.units = dest, .room = room, .wide = wide};

    return expand(&out, format, args) ? out.count : CI_FORMAT_FAILED;
}
