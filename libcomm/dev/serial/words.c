/* SPDX-License-Identifier: MIT */
/* Words in settings. */
#include "libcomm/dev/serial/words.h"

#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

struct ci_word ci_word_take(const char **text, const char *ends)
{
    struct ci_word word = {*text, strcspn(*text, ends)};

    *text += word.len;
    return word;
}

static bool same(struct ci_word word, const char *text, size_t len)
{
    if (word.len != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (lower(word.at[i]) != lower(text[i]))
            return false;
    return true;
}

bool ci_word_is(struct ci_word word, const char *text)
{
    return same(word, text, strlen(text));
}

int ci_word_choice(struct ci_word word, const char *choices)
{
    for (int i = 0;; i++) {
        struct ci_word choice = ci_word_take(&choices, " ");

        if (same(word, choice.at, choice.len))
            return i;
        if (*choices == '\0')
            return -1;
        choices++;
    }
}

bool ci_word_number(struct ci_word word, uint32_t *number)
{
    uint64_t value = 0;

    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] < '0' || word.at[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(word.at[i] - '0');
        if (value > UINT32_MAX)
            return false;
    }
    *number = (uint32_t)value;
    return word.len > 0;
}

const char *ci_skip_spaces(const char *text)
{
    return text + strspn(text, " ");
}
