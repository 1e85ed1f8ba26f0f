/* SPDX-License-Identifier: MIT */
/* Nodes are compared one by one; an optional one is tried both ways. */
#include "tools/common/sim/scpi.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_node_end(char c)
{
    return c == '\0' || strchr(":[]?", c) != NULL;
}

static size_t node_len(const char *pattern)
{
    size_t len = 0;

    while (!is_node_end(pattern[len]))
        len++;
    return len;
}

/* The short form is what stands in capitals (and digits, and '*') at the beginning. */
static size_t short_len(const char *pattern, size_t len)
{
    size_t n = 0;

    while (n < len && !islower((unsigned char)pattern[n]))
        n++;
    return n;
}

static bool same_node(const char *pattern, size_t plen, const char *text, size_t tlen)
{
    if (tlen != plen && tlen != short_len(pattern, plen))
        return false;
    for (size_t i = 0; i < tlen; i++)
        if (toupper((unsigned char)pattern[i]) != toupper((unsigned char)text[i]))
            return false;
    return true;
}

static size_t text_node_len(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && text[n] != ':' && text[n] != '?')
        n++;
    return n;
}

static bool match(const char *pattern, const char *text, size_t len);

/* At a ':' of both: the next node of each. */
static bool match_node(const char *pattern, const char *text, size_t len)
{
    size_t plen = node_len(pattern), tlen = text_node_len(text, len);

    if (!same_node(pattern, plen, text, tlen))
        return false;
    pattern += plen;
    return match(*pattern == ']' ? pattern + 1 : pattern, text + tlen, len - tlen);
}

/* Both begin with a ':' before each node. */
static bool match(const char *pattern, const char *text, size_t len)
{
    bool is_node = len > 0 && *text == ':';

    if (*pattern == '[')
        return match(strchr(pattern, ']') + 1, text, len) ||
               (is_node && match_node(pattern + 2, text + 1, len - 1));
    if (*pattern == ':')
        return is_node && match_node(pattern + 1, text + 1, len - 1);
    if (*pattern == '?')
        return len == 1 && *text == '?';
    return len == 0;
}

bool scpi_names(const char *pattern, const char *header, size_t len)
{
    char text[512] = ":";

    if (len > 0 && *header == ':') {
        header++;
        len--;
    }
    if (len == 0 || len + 1 >= sizeof text)
        return false;
    memcpy(text + 1, header, len);
    if (*pattern == '[')
        return match(pattern, text, len + 1);
    return match_node(pattern, text + 1, len);
}

bool scpi_word(const char *pattern, const char *word)
{
    return same_node(pattern, strlen(pattern), word, strcspn(word, " \t"));
}

bool scpi_number(const char *text, double *number)
{
    char *end;

    *number = strtod(text, &end);
    return end != text && end[strspn(end, " \t")] == '\0' && isfinite(*number);
}

bool scpi_bool(const char *text, bool *value)
{
    double number;

    if (scpi_word("ON", text) || scpi_word("OFF", text)) {
        *value = scpi_word("ON", text);
        return true;
    }
    if (!scpi_number(text, &number))
        return false;
    *value = number != 0;
    return true;
}
