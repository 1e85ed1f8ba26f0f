/* SPDX-License-Identifier: MIT */
/* One escape at a time; what is no escape is an error and never sent as it stands. */
#include "tools/common/escapes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void add_utf8(struct bytes *out, unsigned long code)
{
    if (code < 0x80) {
        bytes_byte(out, (unsigned)code);
        return;
    }
    if (code < 0x800) {
        bytes_byte(out, (unsigned)(0xc0 | code >> 6));
    } else if (code < 0x10000) {
        bytes_byte(out, (unsigned)(0xe0 | code >> 12));
        bytes_byte(out, (unsigned)(0x80 | (code >> 6 & 0x3f)));
    } else {
        bytes_byte(out, (unsigned)(0xf0 | code >> 18));
        bytes_byte(out, (unsigned)(0x80 | (code >> 12 & 0x3f)));
        bytes_byte(out, (unsigned)(0x80 | (code >> 6 & 0x3f)));
    }
    bytes_byte(out, (unsigned)(0x80 | (code & 0x3f)));
}

static bool add_pause(struct escapes *escapes, unsigned long ms)
{
    struct escapes_pause *pauses =
        realloc(escapes->pauses, (escapes->pause_count + 1) * sizeof(*pauses));

    if (pauses == NULL)
        return false;
    pauses[escapes->pause_count++] =
        (struct escapes_pause){.at = escapes->bytes.len, .ms = (uint32_t)ms};
    escapes->pauses = pauses;
    return true;
}

/* \u{...}; gives its length after the backslash, 0 if it is wrong. */
static size_t read_code(struct escapes *escapes, const char *text)
{
    size_t digits = text[1] == '{' ? strspn(text + 2, "0123456789abcdefABCDEF") : 0;
    unsigned long code;

    if (digits == 0 || digits > 6 || text[2 + digits] != '}')
        return 0;
    code = strtoul(text + 2, NULL, 16);
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return 0;
    add_utf8(&escapes->bytes, code);
    return digits + 3;
}

static size_t read_byte(struct escapes *escapes, const char *text)
{
    char hex[3] = {text[1], text[1] == '\0' ? '\0' : text[2], '\0'};

    if (!isxdigit((unsigned char)hex[0]) || !isxdigit((unsigned char)hex[1]))
        return 0;
    bytes_byte(&escapes->bytes, (unsigned)strtoul(hex, NULL, 16));
    return 3;
}

static size_t read_pause(struct escapes *escapes, const char *text)
{
    size_t digits = strspn(text + 1, "0123456789");
    unsigned long ms = strtoul(text + 1, NULL, 10);

    if (digits == 0 || ms > ESCAPES_PAUSE_MOST || !add_pause(escapes, ms))
        return 0;
    return digits + 1;
}

/* What comes after a backslash. */
static size_t read_escape(struct escapes *escapes, const char *text)
{
    static const char *const named = "r\rn\nt\te\033\\\\";
    const char *found = named;

    if (*text == 'x')
        return read_byte(escapes, text);
    if (*text == 'u')
        return read_code(escapes, text);
    if (*text == 'p')
        return read_pause(escapes, text);
    if (*text == '0') {
        bytes_byte(&escapes->bytes, 0);
        return 1;
    }
    while (*found != '\0' && *found != *text)
        found += 2;
    if (*text == '\0' || *found == '\0')
        return 0;
    bytes_byte(&escapes->bytes, (unsigned char)found[1]);
    return 1;
}

bool escapes_read(struct escapes *escapes, const char *text, size_t *at)
{
    *escapes = (struct escapes){.pauses = NULL};
    for (*at = 0; text[*at] != '\0';) {
        size_t len = strcspn(text + *at, "\\");

        bytes_add(&escapes->bytes, text + *at, len);
        *at += len;
        if (text[*at] == '\0')
            break;
        len = read_escape(escapes, text + *at + 1);
        if (len == 0)
            break;
        *at += len + 1;
    }
    if (text[*at] == '\0' && !escapes->bytes.failed)
        return true;
    escapes_fini(escapes);
    return false;
}

void escapes_fini(struct escapes *escapes)
{
    bytes_fini(&escapes->bytes);
    free(escapes->pauses);
    *escapes = (struct escapes){.pauses = NULL};
}
