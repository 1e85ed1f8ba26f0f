/* SPDX-License-Identifier: MIT */
/* Reading JSON: first every byte is looked at by the letter of RFC 8259, then cJSON, which is more
 * generous, builds what is known to be right. */
#include "tools/common/json.h"

#include "tools/common/utf8.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scan {
    const char *start, *at, *end;
    int depth;
    const char *fault;
};

static bool refuse(struct scan *s, const char *fault)
{
    if (s->fault == NULL)
        s->fault = fault;
    return false;
}

static int peek(const struct scan *s)
{
    return s->at < s->end ? (unsigned char)*s->at : -1;
}

static bool take(struct scan *s, char c)
{
    if (peek(s) != (unsigned char)c)
        return false;
    s->at++;
    return true;
}

static void skip_blanks(struct scan *s)
{
    while (s->at < s->end && strchr(" \t\r\n", *s->at) != NULL && *s->at != '\0')
        s->at++;
}

/* Four hex digits; -1 for anything else. */
static int scan_hex(struct scan *s)
{
    int value = 0;

    for (int i = 0; i < 4; i++, s->at++) {
        int c = peek(s), lower = c | 0x20;

        if (c >= '0' && c <= '9')
            value = value * 16 + c - '0';
        else if (lower >= 'a' && lower <= 'f')
            value = value * 16 + lower - 'a' + 10;
        else
            return -1;
    }
    return value;
}

static bool scan_escape(struct scan *s)
{
    int c = peek(s), code;

    if (c < 0 || c == 0 || strchr("\"\\/bfnrtu", c) == NULL)
        return refuse(s, "there is no such escape");
    s->at++;
    if (c != 'u')
        return true;
    code = scan_hex(s);
    if (code < 0)
        return refuse(s, "an escape has four hex digits");
    if (code == 0)
        return refuse(s, "a text has no \\u0000");
    if (code >= 0xd800 && code < 0xdc00) {
        code = take(s, '\\') && take(s, 'u') ? scan_hex(s) : -1;
        if (code < 0xdc00 || code > 0xdfff)
            return refuse(s, "half of a pair");
    } else if (code >= 0xdc00 && code < 0xe000) {
        return refuse(s, "half of a pair");
    }
    return true;
}

static bool scan_string(struct scan *s)
{
    if (!take(s, '"'))
        return refuse(s, "a \" is missing");
    while (!take(s, '"')) {
        unsigned code;
        size_t len = utf8_read(s->at, (size_t)(s->end - s->at), &code);

        if (s->at == s->end)
            return refuse(s, "the closing \" is missing");
        if (take(s, '\\')) {
            if (!scan_escape(s))
                return false;
        } else if (len == 0) {
            return refuse(s, "this is no UTF-8");
        } else if (code < ' ') {
            return refuse(s, "a control byte in a text");
        } else {
            s->at += len;
        }
    }
    return true;
}

static bool scan_digits(struct scan *s)
{
    const char *from = s->at;

    while (peek(s) >= '0' && peek(s) <= '9')
        s->at++;
    return s->at > from;
}

static bool scan_number(struct scan *s)
{
    const char *from = s->at;
    bool plain = true; /* all digits are there: they are meant exactly */
    char copy[64];
    double value;

    take(s, '-');
    if (!take(s, '0') && !scan_digits(s))
        return refuse(s, "this begins no value");
    if (take(s, '.') && !scan_digits(s))
        return refuse(s, "a digit is missing");
    if (take(s, 'e') || take(s, 'E')) {
        plain = false;
        if (!take(s, '+'))
            take(s, '-');
        if (!scan_digits(s))
            return refuse(s, "a digit is missing");
    }
    if ((size_t)(s->at - from) >= sizeof(copy))
        return refuse(s, "a number is too long");
    memcpy(copy, from, (size_t)(s->at - from));
    copy[s->at - from] = '\0';
    value = strtod(copy, NULL); /* the tools keep the numbers of the locale C */
    if (isinf(value))
        return refuse(s, "a number is too big");
    if (plain &&
        (fabs(value) > 9007199254740992.0 || llabs(strtoll(copy, NULL, 10)) > 9007199254740992ll))
        return refuse(s, "a number over 2^53 has to be a string");
    return true;
}

static bool scan_word(struct scan *s, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0)
        return refuse(s, "this begins no value");
    s->at += len;
    return true;
}

static bool scan_value(struct scan *s);

static bool scan_members(struct scan *s, char close)
{
    s->at++;
    skip_blanks(s);
    if (take(s, close))
        return true;
    for (;;) {
        if (close == '}') {
            skip_blanks(s);
            if (!scan_string(s))
                return false;
            skip_blanks(s);
            if (!take(s, ':'))
                return refuse(s, "a : is missing");
        }
        if (!scan_value(s))
            return false;
        if (take(s, close))
            return true;
        if (!take(s, ','))
            return refuse(s, close == '}' ? "a , or } is missing" : "a , or ] is missing");
    }
}

/* A value and the blanks around it. */
static bool scan_value(struct scan *s)
{
    bool right;

    skip_blanks(s);
    switch (peek(s)) {
    case '{':
    case '[':
        if (++s->depth >= JSON_TOO_DEEP)
            return refuse(s, "too deep");
        right = scan_members(s, *s->at == '{' ? '}' : ']');
        s->depth--;
        break;
    case '"':
        right = scan_string(s);
        break;
    case 't':
        right = scan_word(s, "true");
        break;
    case 'f':
        right = scan_word(s, "false");
        break;
    case 'n':
        right = scan_word(s, "null");
        break;
    default:
        right = scan_number(s);
        break;
    }
    if (right)
        skip_blanks(s);
    return right;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, so that many keys take no time that grows with their square. */
static bool has_double(const cJSON *object, const char **names)
{
    size_t count = 0;

    for (const cJSON *item = object->child; item != NULL; item = item->next)
        names[count++] = item->string;
    qsort(names, count, sizeof(*names), compare_names);
    for (size_t i = 1; i < count; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            return true;
    return false;
}

/* The reason why a tree is refused, or NULL. */
static const char *look_for_doubles(const cJSON *value)
{
    const char *fault = NULL;

    if (cJSON_IsObject(value)) {
        const char **names = calloc((size_t)cJSON_GetArraySize(value) + 1, sizeof(*names));

        if (names == NULL)
            return "not enough memory";
        fault = has_double(value, names) ? "a key is there twice" : NULL;
        free(names);
    }
    for (const cJSON *item = value->child; fault == NULL && item != NULL; item = item->next)
        fault = look_for_doubles(item);
    return fault;
}

cJSON *json_read(const char *bytes, size_t len, char *why, size_t room)
{
    struct scan s = {.start = bytes, .at = bytes, .end = bytes + len};
    cJSON *value;
    const char *fault;

    if (!scan_value(&s) || s.at != s.end) {
        snprintf(why, room, "byte %zu: %s", (size_t)(s.at - s.start) + 1,
                 s.fault != NULL ? s.fault : "something stands after the value");
        return NULL;
    }
    value = cJSON_ParseWithLength(bytes, len);
    fault = value == NULL ? "not enough memory" : look_for_doubles(value);
    if (fault == NULL)
        return value;
    snprintf(why, room, "%s", fault);
    cJSON_Delete(value);
    return NULL;
}
