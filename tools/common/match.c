/* SPDX-License-Identifier: MIT */
/* PCRE2 does the work, for text and hex as well: one engine, one limit.  Without its JIT, whose
 * matches know no limit and which was never needed. */
#include "tools/common/match.h"

#include "tools/common/bytes.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define HEAP_LIMIT_KIB 4096u
#define BEHIND_MOST 255u /* characters that a stream keeps for what looks back */

static int digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c == '\0' ? NULL : strchr(digits, tolower((unsigned char)c));

    return found == NULL ? -1 : (int)(found - digits);
}

/* One byte of a hex pattern as a class of bytes. */
static void hex_class(struct bytes *out, int high, int low)
{
    if (high < 0 && low < 0) {
        bytes_text(out, "[\\x00-\\xff]");
        return;
    }
    bytes_text(out, "[");
    for (int i = 0; i < 256; i++) {
        if ((high < 0 || i >> 4 == high) && (low < 0 || (i & 15) == low))
            bytes_format(out, "\\x%02x", (unsigned)i);
    }
    bytes_text(out, "]");
}

static bool hex_digit_ok(char c)
{
    return c == '?' || digit_of(c) >= 0;
}

/* Hex with wildcards as a regular expression; false with the place of what is no hex. */
static bool hex_to_regex(struct bytes *out, const char *pattern, size_t *at)
{
    size_t i = 0, count = 0;

    while (pattern[i] != '\0') {
        if (isspace((unsigned char)pattern[i])) {
            i++;
            continue;
        }
        *at = hex_digit_ok(pattern[i]) ? i + 1 : i;
        if (!hex_digit_ok(pattern[i]) || !hex_digit_ok(pattern[i + 1]))
            return false;
        hex_class(out, digit_of(pattern[i]), digit_of(pattern[i + 1]));
        i += 2;
        count++;
    }
    *at = i;
    return count > 0;
}

static bool compile(struct match *match, const char *pattern, size_t len, uint32_t options,
                    char *error, size_t room, size_t *at)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    int number = PCRE2_ERROR_NOMEMORY;
    PCRE2_SIZE offset = 0;

    if (context != NULL) {
        pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
        match->code = pcre2_compile((PCRE2_SPTR)pattern, len, options, &number, &offset, context);
    }
    pcre2_compile_context_free(context);
    *at = offset;
    if (match->code == NULL)
        pcre2_get_error_message(number, (PCRE2_UCHAR *)error, room);
    return match->code != NULL;
}

static bool prepare(struct match *match, char *error, size_t room)
{
    uint32_t behind = 0;

    match->data = pcre2_match_data_create_from_pattern(match->code, NULL);
    match->context = pcre2_match_context_create(NULL);
    if (match->data == NULL || match->context == NULL) {
        snprintf(error, room, "no memory");
        match_fini(match);
        return false;
    }
    pcre2_set_match_limit(match->context, MATCH_LIMIT);
    pcre2_set_depth_limit(match->context, MATCH_LIMIT);
    pcre2_set_heap_limit(match->context, HEAP_LIMIT_KIB);
    pcre2_pattern_info(match->code, PCRE2_INFO_MAXLOOKBEHIND, &behind);
    if (behind > BEHIND_MOST)
        behind = BEHIND_MOST;
    match->behind = ((size_t)behind + 2) * 4; /* characters; ^ looks at the line end before it */
    return true;
}

bool match_init(struct match *match, const char *pattern, enum match_syntax syntax,
                bool ignore_case, char *error, size_t room, size_t *at)
{
    uint32_t options = ignore_case ? PCRE2_CASELESS : 0;
    struct bytes regex = {.data = NULL};
    bool ok;

    *match = (struct match){.utf = syntax != MATCH_HEX};
    *at = 0;
    if (pattern[0] == '\0') {
        snprintf(error, room, "an empty pattern");
        return false;
    }
    if (syntax == MATCH_HEX) {
        ok = hex_to_regex(&regex, pattern, at);
        if (!ok)
            snprintf(error, room, "not a pair of hex digits or ?");
        ok = ok && !regex.failed &&
             compile(match, regex.data, regex.len, PCRE2_DOTALL, error, room, at);
        bytes_fini(&regex);
    } else {
        options |= PCRE2_MATCH_INVALID_UTF | PCRE2_UTF;
        options |= syntax == MATCH_LITERAL ? PCRE2_LITERAL : PCRE2_MULTILINE;
        options |= PCRE2_NEVER_BACKSLASH_C * (syntax == MATCH_REGEX);
        ok = compile(match, pattern, strlen(pattern), options, error, room, at);
    }
    return ok && prepare(match, error, room);
}

void match_fini(struct match *match)
{
    pcre2_match_data_free(match->data);
    pcre2_match_context_free(match->context);
    pcre2_code_free(match->code);
    *match = (struct match){.off = true};
}

enum match_result match_find(struct match *match, const void *data, size_t len, size_t from,
                             bool partial, size_t *start, size_t *end)
{
    const PCRE2_SIZE *places;
    int got;

    if (len > MATCH_LONGEST)
        len = MATCH_LONGEST;
    if (match->off || match->code == NULL || from > len)
        return MATCH_NONE;
    got = pcre2_match(match->code, len == 0 ? (PCRE2_SPTR) "" : data, len, from,
                      partial ? PCRE2_PARTIAL_HARD : 0, match->data, match->context);
    if (got < 0 && got != PCRE2_ERROR_PARTIAL) {
        match->off = got != PCRE2_ERROR_NOMATCH && got != PCRE2_ERROR_BADUTFOFFSET;
        return match->off ? MATCH_COSTLY : MATCH_NONE;
    }
    places = pcre2_get_ovector_pointer(match->data);
    *start = places[0];
    *end = places[1];
    if (*start > *end) /* \K in a lookahead */
        *start = *end;
    return got == PCRE2_ERROR_PARTIAL ? MATCH_PARTIAL : MATCH_FOUND;
}
