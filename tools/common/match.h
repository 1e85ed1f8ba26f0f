/* SPDX-License-Identifier: MIT */
/* A pattern for lines: a regular expression, text as it stands, or bytes in hex with `?` for any
 * digit.  What costs too much is told once and the pattern is off from then on: a filter must never
 * hold up the reader. */
#ifndef TOOLS_COMMON_MATCH_H
#define TOOLS_COMMON_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MATCH_LONGEST ((size_t)64 << 10) /* what follows in a line is not looked at */
#define MATCH_LIMIT 20000u

enum match_syntax {
    MATCH_REGEX,   /* of Perl, over UTF-8; bytes that are none match nothing */
    MATCH_LITERAL, /* text as it stands */
    MATCH_HEX,     /* 02 ?? 3? 0d0a */
};

enum match_result {
    MATCH_NONE,
    MATCH_FOUND,
    MATCH_PARTIAL, /* the end of the bytes decides nothing yet; only where it was asked for */
    MATCH_COSTLY,  /* given up; MATCH_NONE from now on */
};

struct match {
    void *code, *data, *context; /* of the library that does it */
    size_t behind;               /* bytes before a match that may matter to it */
    bool utf;
    bool off; /* it was too costly */
};

/* false: *error says why, in words, and *at where in the pattern. */
bool match_init(struct match *match, const char *pattern, enum match_syntax syntax,
                bool ignore_case, char *error, size_t room, size_t *at);
void match_fini(struct match *match);
/* The first match at or after `from`.  With `partial`, what could still become a match with more
 * bytes is not decided. */
enum match_result match_find(struct match *match, const void *data, size_t len, size_t from,
                             bool partial, size_t *start, size_t *end);

#endif
