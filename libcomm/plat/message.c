/* SPDX-License-Identifier: MIT */
/* FormatMessage: finds a text, expands its % sequences, breaks its lines and delivers it in either
 * encoding.  All work is done in UTF-8; the W form converts on the way in and on the way out. */
#include <string.h>

#include <libcomm/comm.h>

#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/utf.h"

#define INSERTS 101 /* %1 to %99, whose format may take two more for its stars */

/* Bytes that grow.  The first failure sticks, so that only the end has to look. */
struct text {
    char *bytes;
    size_t len, room;
    uint32_t error;
};

struct message {
    struct text out;
    DWORD flags;
    bool wide;                /* the caller's strings are UTF-16 */
    const uintptr_t *array;   /* the inserts, if they came as an array */
    va_list *list;            /* or the list they are drawn from, in order */
    uintptr_t drawn[INSERTS]; /* what has been drawn */
    size_t count;
};

/* One insert's format, as in %1!-8.3s! */
struct spec {
    bool left, zero, plus, space, alternate;
    bool wide;        /* s and c: the argument is UTF-16 */
    unsigned bits;    /* of an integer */
    size_t width;     /* at least so many characters */
    size_t precision; /* SIZE_MAX: not given */
    char conversion;
};

/* Makes room for len more bytes and a NUL: the memory is zeroed, so the bytes are always a string.
 */
static bool text_reserve(struct text *t, size_t len)
{
    size_t room = (t->len + len + 1) * 2;
    char *bytes;

    if (t->error != 0)
        return false;
    if (t->bytes != NULL && len < t->room - t->len)
        return true;
    bytes = ci_sys_alloc(room);
    if (bytes == NULL) {
        t->error = ERROR_NOT_ENOUGH_MEMORY;
        return false;
    }
    if (t->bytes != NULL)
        memcpy(bytes, t->bytes, t->len);
    ci_sys_free(t->bytes);
    t->bytes = bytes;
    t->room = room;
    return true;
}

static void text_add(struct text *t, const char *bytes, size_t len)
{
    if (!text_reserve(t, len))
        return;
    memcpy(t->bytes + t->len, bytes, len);
    t->len += len;
}

static void text_fill(struct text *t, char byte, size_t count)
{
    for (; count > 0 && t->error == 0; count--)
        text_add(t, &byte, 1);
}

static void text_add_utf16(struct text *t, const uint16_t *units, size_t count)
{
    size_t len = ci_utf16_to_8(units, count, NULL, 0);

    if (!text_reserve(t, len))
        return;
    t->len += ci_utf16_to_8(units, count, t->bytes + t->len, len);
}

/* ---- inserts ---- */

static uintptr_t insert_value(struct message *m, size_t index)
{
    if (index >= INSERTS || (m->array == NULL && m->list == NULL)) {
        m->out.error = ERROR_INVALID_PARAMETER;
        return 0;
    }
    if (m->array != NULL)
        return m->array[index];
    for (; m->count <= index; m->count++)
        /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): started by the caller's caller */
        m->drawn[m->count] = va_arg(*m->list, uintptr_t); /* an int is its low half */
    return m->drawn[index];
}

static size_t characters(const char *bytes, size_t len)
{
    size_t count = 0;

    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)bytes[i] & 0xC0u) != 0x80u;
    return count;
}

/* A field of text; lead (a sign, 0x) stands before zeros that fill it up. */
static void put_field(struct text *out, const struct spec *spec, const char *lead,
                      const char *bytes, size_t len)
{
    size_t have = strlen(lead) + characters(bytes, len);
    size_t fill = spec->width > have ? spec->width - have : 0;

    if (!spec->left && !spec->zero)
        text_fill(out, ' ', fill);
    text_add(out, lead, strlen(lead));
    if (!spec->left && spec->zero)
        text_fill(out, '0', fill);
    text_add(out, bytes, len);
    if (spec->left)
        text_fill(out, ' ', fill);
}

static void put_number(struct text *out, const struct spec *spec, uint64_t value)
{
    bool is_signed = spec->conversion == 'd' || spec->conversion == 'i';
    unsigned shift = 64 - spec->bits;
    unsigned base = spec->conversion == 'o' ? 8 : is_signed || spec->conversion == 'u' ? 10 : 16;
    const char *digits = spec->conversion == 'x' ? "0123456789abcdef" : "0123456789ABCDEF";
    const char *lead = "";
    struct spec field = *spec;
    char buf[64];
    size_t at = sizeof(buf);

    value = value << shift >> shift;
    if (is_signed) {
        bool negative = (value >> (spec->bits - 1) & 1) != 0;

        lead = negative ? "-" : spec->plus ? "+" : spec->space ? " " : "";
        if (negative)
            value = (0 - value) << shift >> shift;
    } else if (spec->alternate && value != 0 && base != 10) {
        lead = base == 8 ? "0" : spec->conversion == 'x' ? "0x" : "0X";
    }
    for (; value != 0; value /= base)
        buf[--at] = digits[value % base];
    /* A precision beyond the room is cut to it: no number needs so many digits. */
    while (sizeof(buf) - at < (spec->precision == SIZE_MAX ? 1 : spec->precision) && at > 0)
        buf[--at] = '0';
    if (spec->precision != SIZE_MAX)
        field.zero = false;
    put_field(out, &field, lead, buf + at, sizeof(buf) - at);
}

/* How many bytes of a string its precision lets through; precision counts characters, and a string
 * without a terminator is not read past them. */
static size_t string_bytes(const char *string, size_t precision)
{
    size_t len = 0;

    while (precision-- > 0 && string[len] != '\0') {
        unsigned char lead = (unsigned char)string[len++];
        int more = lead < 0xC0 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;

        while (more-- > 0 && ((unsigned char)string[len] & 0xC0u) == 0x80u)
            len++;
    }
    return len;
}

static size_t string_units(const uint16_t *string, size_t precision)
{
    size_t len = 0;

    while (len < precision && string[len] != 0)
        len++;
    return len;
}

static void put_string(struct text *out, const struct spec *spec, const void *string)
{
    struct text utf8 = {0};

    if (string == NULL) {
        put_field(out, spec, "", "(null)", 6);
    } else if (!spec->wide) {
        put_field(out, spec, "", string, string_bytes(string, spec->precision));
    } else {
        text_add_utf16(&utf8, string, string_units(string, spec->precision));
        put_field(out, spec, "", utf8.len > 0 ? utf8.bytes : "", utf8.len);
        if (utf8.error != 0)
            out->error = utf8.error;
        ci_sys_free(utf8.bytes);
    }
}

static void put_character(struct text *out, const struct spec *spec, uintptr_t value)
{
    const uint16_t unit = (uint16_t)value;
    char bytes[4] = {(char)value};
    size_t len = spec->wide ? ci_utf16_to_8(&unit, 1, bytes, sizeof(bytes)) : 1;

    put_field(out, spec, "", bytes, len);
}

/* Digits, or a star that takes an argument of its own. */
static const char *spec_count(struct message *m, const char *p, size_t *index, size_t *count)
{
    *count = 0;
    if (*p == '*') {
        *count = (uint32_t)insert_value(m, (*index)++);
        p++;
    } else {
        for (; *p >= '0' && *p <= '9' && *count < 0x10000; p++)
            *count = *count * 10 + (size_t)(*p - '0');
    }
    if (*count > 0xFFFF) /* a message has 64 K at most, so such a field is a slip */
        m->out.error = ERROR_INVALID_PARAMETER;
    return p;
}

static const char *spec_flags(struct spec *spec, const char *p)
{
    for (; *p != '\0' && strchr("-0+ #", *p) != NULL; p++) {
        spec->left |= *p == '-';
        spec->zero |= *p == '0';
        spec->plus |= *p == '+';
        spec->space |= *p == ' ';
        spec->alternate |= *p == '#';
    }
    return p;
}

/* Sizes as Windows has them: l is 32 bits. */
static const char *spec_size(struct spec *spec, const char *p)
{
    static const struct {
        const char *word;
        unsigned bits; /* 0: as it is */
        int wide;      /* -1: as it is */
    } sizes[] = {
        {"I64", 64, -1},
        {"I32", 32, -1},
        {"I",   64, -1},
        {"ll",  64, -1},
        {"z",   64, -1},
        {"l",   32, 1 },
        {"w",   0,  1 },
        {"hh",  8,  0 },
        {"h",   16, 0 },
    };

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t len = strlen(sizes[i].word);

        if (strncmp(p, sizes[i].word, len) != 0)
            continue;
        if (sizes[i].bits != 0)
            spec->bits = sizes[i].bits;
        if (sizes[i].wide >= 0)
            spec->wide = sizes[i].wide != 0;
        return p + len;
    }
    return p;
}

/* From behind the first ! to behind the second. */
static const char *spec_parse(struct message *m, const char *p, struct spec *spec, size_t *index)
{
    p = spec_flags(spec, p);
    p = spec_count(m, p, index, &spec->width);
    if (*p == '.')
        p = spec_count(m, p + 1, index, &spec->precision);
    if (*p == 'S' || *p == 'C')
        spec->wide = !m->wide; /* capitals mean the other encoding, unless a size says which */
    p = spec_size(spec, p);
    spec->conversion = *p;
    if (*p == '\0' || strchr("sScCdiuoxXp", *p) == NULL || p[1] != '!') {
        m->out.error = ERROR_INVALID_PARAMETER;
        return p;
    }
    return p + 2;
}

static void put_insert(struct message *m, struct spec *spec, uintptr_t value)
{
    if (strchr("sS", spec->conversion) != NULL) {
        put_string(&m->out, spec, (const void *)value);
        return;
    }
    if (strchr("cC", spec->conversion) != NULL) {
        put_character(&m->out, spec, value);
        return;
    }
    if (spec->conversion == 'p') {
        spec->bits = 64;
        spec->precision = 16;
    }
    put_number(&m->out, spec, value);
}

/* p is at the number. */
static const char *expand_insert(struct message *m, const char *p)
{
    struct spec spec = {.wide = m->wide, .bits = 32, .precision = SIZE_MAX, .conversion = 's'};
    const char *start = p;
    size_t index = (size_t)(*p++ - '0');
    uintptr_t value;

    if (*p >= '0' && *p <= '9')
        index = index * 10 + (size_t)(*p++ - '0');
    if ((m->flags & FORMAT_MESSAGE_IGNORE_INSERTS) != 0) {
        text_add(&m->out, "%", 1);
        text_add(&m->out, start, (size_t)(p - start));
        return p;
    }
    index--;
    if (*p == '!')
        p = spec_parse(m, p + 1, &spec, &index);
    value = insert_value(m, index);
    if (m->out.error == 0)
        put_insert(m, &spec, value);
    return p;
}

/* ---- the text around them ---- */

/* p is behind a %.  NULL: %0, the text ends here. */
static const char *expand_escape(struct message *m, const char *p)
{
    static const char letters[] = "nrtb";
    static const char *const meanings[] = {"\r\n", "\r", "\t", " "};
    const char *letter;

    if (*p == '0')
        return NULL;
    if (*p >= '1' && *p <= '9')
        return expand_insert(m, p);
    if (*p == '\0') { /* nothing follows: just a % */
        text_add(&m->out, "%", 1);
        return p;
    }
    letter = strchr(letters, *p);
    if (letter != NULL)
        text_add(&m->out, meanings[letter - letters], strlen(meanings[letter - letters]));
    else
        text_add(&m->out, p, 1); /* %% %! %. and whatever else */
    return p + 1;
}

static void expand(struct message *m, const char *p)
{
    bool keep_breaks = (m->flags & FORMAT_MESSAGE_MAX_WIDTH_MASK) == 0;

    while (p != NULL && *p != '\0' && m->out.error == 0) {
        size_t plain = strcspn(p, "%\r\n");

        text_add(&m->out, p, plain);
        p += plain;
        if (*p == '%') {
            p = expand_escape(m, p + 1);
        } else if (*p != '\0') { /* a break of the text itself, which a width overrules */
            p += p[0] == '\r' && p[1] == '\n' ? 2 : 1;
            text_add(&m->out, keep_breaks ? "\r\n" : " ", keep_breaks ? 2 : 1);
        }
    }
}

/* Breaks lines at blanks so that none is longer than width; a longer word stays whole. */
static void wrap(struct text *out, const char *p, size_t width)
{
    size_t column = 0;

    while (*p != '\0') {
        size_t blanks = strspn(p, " "), word = strcspn(p + blanks, " \r\n");
        size_t len = characters(p + blanks, word);

        if (word > 0 && column > 0 && blanks > 0 && column + blanks + len > width) {
            text_add(out, "\r\n", 2);
            column = len;
        } else {
            text_add(out, p, blanks);
            column += blanks + len;
        }
        p += blanks;
        text_add(out, p, word);
        p += word;
        if (*p == '\r' || *p == '\n') {
            text_add(out, p++, 1);
            column = 0;
        }
    }
}

static void find_text(struct text *found, DWORD flags, const void *source, DWORD id, bool wide)
{
    bool hresult = (id & 0xFFFF0000u) == 0x80070000u; /* HRESULT_FROM_WIN32: the code is inside */
    const char *text;

    if ((flags & FORMAT_MESSAGE_FROM_STRING) != 0) {
        if (source == NULL)
            found->error = ERROR_INVALID_PARAMETER;
        else if (wide)
            text_add_utf16(found, source, ci_utf16_len(source));
        else
            text_add(found, source, strlen(source));
    } else if ((flags & FORMAT_MESSAGE_FROM_SYSTEM) != 0) {
        text = ci_error_text(hresult ? id & 0xFFFFu : id);
        if (text == NULL) {
            found->error = ERROR_MR_MID_NOT_FOUND;
            return;
        }
        text_add(found, text, strlen(text));
        text_add(found, "\r\n", 2);
    } else {
        found->error = (flags & FORMAT_MESSAGE_FROM_HMODULE) != 0 ? ERROR_MR_MID_NOT_FOUND
                                                                  : ERROR_INVALID_PARAMETER;
    }
}

/* ---- delivery ---- */

static void copy_out(const struct text *t, bool wide, void *to, size_t units)
{
    if (wide) {
        ci_utf8_to_16(t->bytes, t->len, to, units);
        ((uint16_t *)to)[units] = 0;
    } else {
        memcpy(to, t->bytes, units);
        ((char *)to)[units] = '\0';
    }
}

static DWORD deliver(const struct text *t, DWORD flags, bool wide, void *buffer, DWORD size)
{
    size_t units = wide ? ci_utf8_to_16(t->bytes, t->len, NULL, 0) : t->len;
    size_t room = units + 1 > size ? units + 1 : size;
    void *to = buffer;

    if (units == 0)
        return ci_fail(ERROR_NO_WORK_DONE);
    if ((flags & FORMAT_MESSAGE_ALLOCATE_BUFFER) != 0) {
        to = ci_sys_alloc(room * (wide ? sizeof(uint16_t) : 1));
        if (to == NULL)
            return ci_fail(ERROR_NOT_ENOUGH_MEMORY);
        *(void **)buffer = to;
    } else if (room > size) {
        return ci_fail(ERROR_INSUFFICIENT_BUFFER);
    }
    copy_out(t, wide, to, units);
    return (DWORD)units;
}

static DWORD format_message(struct message *m, const void *source, DWORD id, void *buffer,
                            DWORD size)
{
    size_t width = m->flags & FORMAT_MESSAGE_MAX_WIDTH_MASK;
    struct text found = {0}, wrapped = {0};
    struct text *result = &m->out;
    DWORD units = 0;

    find_text(&found, m->flags, source, id, m->wide);
    m->out.error = found.error;
    if (found.error == 0 && found.len > 0)
        expand(m, found.bytes);
    if (m->out.error == 0 && m->out.len > 0 && width != 0 &&
        width != FORMAT_MESSAGE_MAX_WIDTH_MASK) {
        wrap(&wrapped, m->out.bytes, width);
        result = &wrapped;
    }
    if (result->error != 0)
        ci_set_last_error(result->error);
    else
        units = deliver(result, m->flags, m->wide, buffer, size);
    ci_sys_free(wrapped.bytes);
    ci_sys_free(m->out.bytes);
    ci_sys_free(found.bytes);
    return units;
}

static DWORD begin(DWORD flags, const void *source, DWORD id, void *buffer, DWORD size,
                   va_list *arguments, bool wide)
{
    struct message m = {.flags = flags, .wide = wide};
    va_list copy;
    DWORD units;

    if (buffer == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    if ((flags & FORMAT_MESSAGE_ALLOCATE_BUFFER) != 0)
        *(void **)buffer = NULL;
    if (arguments == NULL || (flags & FORMAT_MESSAGE_ARGUMENT_ARRAY) != 0) {
        m.array = (const uintptr_t *)arguments;
        return format_message(&m, source, id, buffer, size);
    }
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): started by the caller */
    va_copy(copy, *arguments);
    m.list = &copy;
    units = format_message(&m, source, id, buffer, size);
    va_end(copy);
    return units;
}

DWORD WINAPI FormatMessageA(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId, DWORD dwLanguageId,
                            LPSTR lpBuffer, DWORD nSize, va_list *Arguments)
{
    (void)dwLanguageId; /* there is one language */
    return begin(dwFlags, lpSource, dwMessageId, lpBuffer, nSize, Arguments, false);
}

DWORD WINAPI FormatMessageW(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId, DWORD dwLanguageId,
                            LPWSTR lpBuffer, DWORD nSize, va_list *Arguments)
{
    (void)dwLanguageId;
    return begin(dwFlags, lpSource, dwMessageId, lpBuffer, nSize, Arguments, true);
}

HLOCAL WINAPI LocalFree(HLOCAL hMem)
{
    ci_sys_free(hMem);
    return NULL;
}
