/* SPDX-License-Identifier: MIT */
/* From what a program wrote to the name of a file.  The key must come out alike in every process
 * that means the same pipe, so nothing here depends on locale or environment. */
#include "pipes/name.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_compat.h"
#include "pipes/fold.h"
#include "pipes/sha256.h"

#define KEY_PLAIN 200 /* bytes of an escaped name that is used as it is */
#define KEY_HEAD 100  /* of a longer one, before the digest */

/* ---- characters ---- */

/* The code point at `text` and its length in bytes; a byte that begins none stands for itself, as
 * do those of a form longer than need be: it is no other way to spell the character. */
static uint32_t char_at(const char *text, size_t *len)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    const uint8_t *s = (const uint8_t *)text;
    unsigned more = s[0] >= 0xF0 && s[0] < 0xF5   ? 3
                    : s[0] >= 0xE0 && s[0] < 0xF0 ? 2
                    : s[0] >= 0xC2 && s[0] < 0xE0 ? 1
                                                  : 0;
    uint32_t c = more == 0 ? s[0] : s[0] & (0x3Fu >> more);

    *len = 1;
    for (unsigned i = 1; i <= more; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return s[0];
        c = c << 6 | (s[i] & 0x3F);
    }
    if (c < least[more] || c > 0x10FFFF)
        return s[0];
    *len = more + 1;
    return c;
}

static size_t char_put(char *to, uint32_t c)
{
    if (c < 0x80)
        return (size_t)sprintf(to, "%c", (int)c);
    if (c < 0x800)
        return (size_t)sprintf(to, "%c%c", (int)(0xC0 | c >> 6), (int)(0x80 | (c & 0x3F)));
    if (c < 0x10000)
        return (size_t)sprintf(to, "%c%c%c", (int)(0xE0 | c >> 12), (int)(0x80 | (c >> 6 & 0x3F)),
                               (int)(0x80 | (c & 0x3F)));
    return (size_t)sprintf(to, "%c%c%c%c", (int)(0xF0 | c >> 18), (int)(0x80 | (c >> 12 & 0x3F)),
                           (int)(0x80 | (c >> 6 & 0x3F)), (int)(0x80 | (c & 0x3F)));
}

/* UTF-16 units, as Windows measures a path; no more than `most` + 1. */
static size_t units_of(const char *text, size_t most)
{
    size_t units = 0, len;

    for (; *text != '\0' && units <= most; text += len)
        units += char_at(text, &len) > 0xFFFF ? 2 : 1;
    return units;
}

static bool is_separator(char c)
{
    return c == '\\' || c == '/';
}

/* ---- the prefix ---- */

struct prefix {
    bool is_pipe, literal, backslashes;
    char host[256];
    const char *rest; /* behind "pipe" and its separator; NULL: there was none */
};

/* \\HOST\pipe or \\HOST\pipe\REST, in any mixture of slashes. */
static struct prefix prefix_of(const char *path)
{
    struct prefix p = {.is_pipe = false};
    size_t host = 0;
    const char *at;

    if (!is_separator(path[0]) || !is_separator(path[1]))
        return p;
    at = path + 2;
    while (at[host] != '\0' && !is_separator(at[host]))
        host++;
    if (host == 0 || host >= sizeof p.host || at[host] == '\0')
        return p;
    memcpy(p.host, at, host);
    at += host + 1;
    if (strncasecmp(at, "pipe", 4) != 0 || (at[4] != '\0' && !is_separator(at[4])))
        return p;
    p.is_pipe = true;
    p.literal = strncmp(path, "\\\\?\\", 4) == 0;
    p.backslashes = path[0] == '\\' && path[1] == '\\';
    p.rest = at[4] == '\0' ? NULL : at + 5;
    return p;
}

static bool is_device(const struct prefix *p)
{
    return strcmp(p->host, ".") == 0 || strcmp(p->host, "?") == 0;
}

static bool is_here(const struct prefix *p)
{
    char own[256] = "";

    if (is_device(p) || strcasecmp(p->host, "localhost") == 0)
        return true;
    return ci_sys_hostname(own, sizeof own) == 0 && strcasecmp(p->host, own) == 0;
}

/* //host/pipe/x is an honest Linux path; \\host\pipe\x is none anybody has. */
bool pi_name_claims(const char *path)
{
    struct prefix p = prefix_of(path);

    return p.is_pipe && (p.backslashes || is_device(&p));
}

/* ---- normalising ---- */

static size_t parent_of(const char *name, size_t len)
{
    while (len > 0 && name[len - 1] != '\\')
        len--;
    return len > 0 ? len - 1 : 0;
}

/* Joins the components of `from` in `to`, which has room for all of it. */
static void normalise(const char *from, char *to)
{
    size_t len = 0;
    bool dot_last = false;

    while (*from != '\0') {
        size_t part = strcspn(from, "\\/");

        if (part == 2 && memcmp(from, "..", 2) == 0) {
            len = parent_of(to, len);
        } else if (part > 0 && !(part == 1 && from[0] == '.')) {
            if (len > 0)
                to[len++] = '\\';
            memcpy(to + len, from, part);
            len += part;
        }
        dot_last = (part == 1 && from[0] == '.') || (part == 2 && memcmp(from, "..", 2) == 0);
        from += part;
        if (*from != '\0' && *++from == '\0' && len > 0 && !dot_last) { /* it ends in a separator */
            to[len++] = '\\';
            to[len] = '\0';
            return;
        }
    }
    while (len > 0 && (to[len - 1] == '.' || to[len - 1] == ' '))
        len--;
    to[len] = '\0';
}

/* ---- the key ---- */

static bool is_plain(uint8_t c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           (c == '.' && !first);
}

static void fold(const char *from, char *to)
{
    size_t len;

    for (; *from != '\0'; from += len) {
        uint32_t c = char_at(from, &len);

        if (len == 1)
            *to++ = (char)(c < 0x80 ? pi_fold(c) : c);
        else
            to += char_put(to, pi_fold(c));
    }
    *to = '\0';
}

static void key_of(const char *spelled, char *key)
{
    char folded[PI_NAME_ROOM * 2]; /* a few letters grow when folded */
    char escaped[sizeof folded * 3];
    uint8_t digest[32];
    size_t len = 0;

    fold(spelled, folded);
    for (size_t i = 0; folded[i] != '\0'; i++) {
        uint8_t c = (uint8_t)folded[i];

        if (is_plain(c, i == 0))
            escaped[len++] = (char)c;
        else
            len += (size_t)sprintf(escaped + len, "%%%02X", c);
    }
    escaped[len] = '\0';
    if (len <= KEY_PLAIN) {
        memcpy(key, escaped, len + 1);
        return;
    }
    pi_sha256(folded, strlen(folded), digest);
    memcpy(key, escaped, KEY_HEAD);
    len = KEY_HEAD;
    key[len++] = '~';
    for (int i = 0; i < 16; i++)
        len += (size_t)sprintf(key + len, "%02x", digest[i]);
}

enum pi_name_kind pi_name_parse(const char *path, struct pi_name *name)
{
    struct prefix p = prefix_of(path);

    if (!p.is_pipe)
        return PI_NAME_FOREIGN;
    if (!is_here(&p))
        return PI_NAME_REMOTE;
    if (units_of(path, PI_NAME_CHARS) > PI_NAME_CHARS)
        return PI_NAME_LONG;
    if (p.rest == NULL || *p.rest == '\0')
        return PI_NAME_ROOT;
    if (p.literal)
        strcpy(name->spelled, p.rest);
    else
        normalise(p.rest, name->spelled);
    if (name->spelled[0] == '\0')
        return PI_NAME_ROOT;
    key_of(name->spelled, name->key);
    return PI_NAME_GOOD;
}

char *pi_name_key(const struct pi_name *name)
{
    char *copy = ci_sys_alloc(strlen(name->key) + 1);

    return copy == NULL ? NULL : strcpy(copy, name->key);
}
