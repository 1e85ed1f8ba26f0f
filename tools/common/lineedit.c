/* SPDX-License-Identifier: MIT */
/* Changes of the line and its cursor; which key does which is in lineedit_keys.c. */
#include "tools/common/lineedit_parts.h"

#include "tools/common/width.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PASTE_LINES 3
#define PASTE_BYTES 400

bool lineedit_history_add(struct lineedit_history *history, const char *line)
{
    size_t most = history->most == 0 ? LINEEDIT_HISTORY : history->most;
    char **lines, *copy;

    if (line[0] == '\0' ||
        (history->count > 0 && strcmp(history->lines[history->count - 1], line) == 0))
        return true;
    copy = strdup(line);
    lines = realloc(history->lines, (history->count + 1) * sizeof(*lines));
    if (lines != NULL)
        history->lines = lines;
    if (copy == NULL || lines == NULL) {
        free(copy);
        return false;
    }
    lines[history->count++] = copy;
    if (history->count > most) {
        free(lines[0]);
        history->count--;
        memmove(lines, lines + 1, history->count * sizeof(*lines));
    }
    return true;
}

void lineedit_history_fini(struct lineedit_history *history)
{
    for (size_t i = 0; i < history->count; i++)
        free(history->lines[i]);
    free(history->lines);
    history->lines = NULL;
    history->count = 0;
}

void lineedit_init(struct lineedit *edit, struct lineedit_history *history)
{
    *edit = (struct lineedit){.history = history};
    lineedit_clear(edit);
}

void lineedit_fini(struct lineedit *edit)
{
    bytes_fini(&edit->line);
    bytes_fini(&edit->kept);
    bytes_fini(&edit->killed);
    bytes_fini(&edit->wanted);
    bytes_fini(&edit->paste);
}

void lineedit_clear(struct lineedit *edit)
{
    bytes_clear(&edit->line);
    bytes_add(&edit->line, "", 0); /* there always is a text */
    edit->cursor = 0;
    edit->at = edit->history == NULL ? 0 : edit->history->count;
    edit->searching = false;
}

void lineedit_set(struct lineedit *edit, const char *line)
{
    bytes_clear(&edit->line);
    bytes_text(&edit->line, line);
    edit->cursor = edit->line.len;
}

void lineedit_insert(struct lineedit *edit, const void *text, size_t len)
{
    size_t after = edit->line.len - edit->cursor, before = edit->line.len;

    if (len == 0)
        return;
    bytes_add(&edit->line, text, len); /* makes room */
    if (edit->line.len == before)
        return;
    memmove(edit->line.data + edit->cursor + len, edit->line.data + edit->cursor, after);
    memcpy(edit->line.data + edit->cursor, text, len);
    edit->cursor += len;
}

void lineedit_remove(struct lineedit *edit, size_t from, size_t to, bool keep)
{
    if (keep && to > from) {
        bytes_clear(&edit->killed);
        bytes_add(&edit->killed, edit->line.data + from, to - from);
    }
    memmove(edit->line.data + from, edit->line.data + to, edit->line.len - to);
    bytes_drop_end(&edit->line, to - from);
    edit->cursor = from;
}

/* A character and what joins it. */
size_t lineedit_next(const struct lineedit *edit, size_t at)
{
    const uint8_t *line = (const uint8_t *)edit->line.data;
    bool first = true;

    while (at < edit->line.len) {
        uint32_t code;
        int got = width_decode(line + at, edit->line.len - at, &code);

        if (!first && (got <= 0 || width_of(code) > 0))
            break;
        at += got <= 0 ? 1 : (size_t)got;
        first = false;
    }
    return at;
}

size_t lineedit_before(const struct lineedit *edit, size_t at)
{
    size_t last = 0;

    for (size_t next = 0; next < at; next = lineedit_next(edit, next))
        last = next;
    return last;
}

static bool in_word(const struct lineedit *edit, size_t at)
{
    unsigned char byte = (unsigned char)edit->line.data[at];

    return isalnum(byte) || byte >= 0x80;
}

size_t lineedit_word_end(const struct lineedit *edit, size_t at)
{
    while (at < edit->line.len && !in_word(edit, at))
        at++;
    while (at < edit->line.len && in_word(edit, at))
        at++;
    return at;
}

size_t lineedit_word_start(const struct lineedit *edit, size_t at)
{
    while (at > 0 && !in_word(edit, at - 1))
        at--;
    while (at > 0 && in_word(edit, at - 1))
        at--;
    return at;
}

size_t lineedit_blank_start(const struct lineedit *edit, size_t at)
{
    while (at > 0 && edit->line.data[at - 1] == ' ')
        at--;
    while (at > 0 && edit->line.data[at - 1] != ' ')
        at--;
    return at;
}

/* Shows line `at` of the history; its count is what was being typed. */
static void show_history(struct lineedit *edit, size_t at)
{
    size_t count = edit->history->count;

    if (edit->at >= count) {
        bytes_clear(&edit->kept);
        bytes_add(&edit->kept, edit->line.data, edit->line.len);
    }
    edit->at = at;
    if (at < count)
        lineedit_set(edit, edit->history->lines[at]);
    else
        lineedit_set(edit, edit->kept.data);
}

void lineedit_older(struct lineedit *edit, int by)
{
    size_t count = edit->history == NULL ? 0 : edit->history->count;

    if (edit->at > count)
        edit->at = count;
    if (by > 0 && edit->at > 0)
        show_history(edit, edit->at - 1);
    else if (by < 0 && edit->at < count)
        show_history(edit, edit->at + 1);
}

/* The newest line older than line `from` that holds what is wanted. */
bool lineedit_search(struct lineedit *edit, size_t from)
{
    size_t count = edit->history == NULL ? 0 : edit->history->count;

    if (from > count)
        from = count;
    while (edit->wanted.len > 0 && from-- > 0) {
        const char *found = strstr(edit->history->lines[from], edit->wanted.data);

        if (found == NULL)
            continue;
        show_history(edit, from);
        edit->cursor = (size_t)(found - edit->history->lines[from]);
        return true;
    }
    return false;
}

size_t lineedit_column(const struct lineedit *edit)
{
    return width_text(edit->line.data, edit->cursor);
}

const char *lineedit_word(const struct lineedit *edit, size_t *len)
{
    size_t start = edit->cursor;

    while (start > 0 && edit->line.data[start - 1] != ' ' && edit->line.data[start - 1] != ';')
        start--;
    *len = edit->cursor - start;
    return edit->line.data + start;
}

/* How far two words agree, in whole characters. */
static size_t common_len(const char *a, const char *b, size_t len)
{
    size_t same = 0;

    while (same < len && a[same] != '\0' &&
           tolower((unsigned char)a[same]) == tolower((unsigned char)b[same]))
        same++;
    while (same > 0 && ((unsigned char)a[same] & 0xc0) == 0x80)
        same--;
    return same;
}

size_t lineedit_complete(struct lineedit *edit, const char *const words[], size_t count)
{
    size_t len, fit = 0, common = 0;
    const char *word = lineedit_word(edit, &len), *best = NULL;

    for (size_t i = 0; i < count; i++) {
        if (strncasecmp(words[i], word, len) != 0)
            continue;
        common = fit == 0 ? strlen(words[i]) : common_len(words[i], best, common);
        best = fit == 0 ? words[i] : best;
        fit++;
    }
    if (fit == 0 || common < len)
        return fit;
    lineedit_remove(edit, edit->cursor - len, edit->cursor, false);
    lineedit_insert(edit, best, common);
    if (fit == 1)
        lineedit_insert(edit, " ", 1);
    return fit;
}

bool lineedit_paste_is_large(const struct bytes *paste, size_t *lines)
{
    *lines = 0;
    for (size_t i = 0; i < paste->len; i++) {
        bool second = i > 0 && paste->data[i] == '\n' && paste->data[i - 1] == '\r';

        *lines += (paste->data[i] == '\n' || paste->data[i] == '\r') && !second;
    }
    if (paste->len > 0 && paste->data[paste->len - 1] != '\n' &&
        paste->data[paste->len - 1] != '\r')
        ++*lines;
    return *lines > PASTE_LINES || paste->len > PASTE_BYTES;
}
