/* SPDX-License-Identifier: MIT */
/* Reading settings that are written as text, a word at a time and without a copy.  Case counts for
 * nothing, and neither does the program's locale. */
#ifndef CI_DEV_SERIAL_WORDS_H
#define CI_DEV_SERIAL_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ci_word {
    const char *at;
    size_t len; /* 0: there is none */
};

/* The word *text begins with, up to one of `ends` or the end, and *text behind it. */
struct ci_word ci_word_take(const char **text, const char *ends);
bool ci_word_is(struct ci_word word, const char *text);
/* Which of the words in `choices`, one space between them, it is: from 0; -1: none. */
int ci_word_choice(struct ci_word word, const char *choices);
/* Decimal digits, nothing else, and 32 bits of them. */
bool ci_word_number(struct ci_word word, uint32_t *number);
const char *ci_skip_spaces(const char *text);

#endif
