/* SPDX-License-Identifier: MIT */
/* Which key does what.  A key is a character, a control byte, or an escape sequence; one that is
 * not whole waits for the rest. */
#include "tools/common/lineedit_parts.h"

#include "tools/common/width.h"

#include <string.h>

#define CTRL(letter) ((letter)&0x1f)
#define DEL 0x7f
#define ESC 0x1b

static const char paste_begin[] = "\033[200~", paste_end[] = "\033[201~";

/* The names of keys that are sequences, as what they do. */
static const struct {
    const char *sequence;
    unsigned key;
} sequences[] = {
    {"\033[A",  CTRL('p')},
    {"\033[B",  CTRL('n')},
    {"\033[C",  CTRL('f')},
    {"\033[D",  CTRL('b')},
    {"\033OA",  CTRL('p')},
    {"\033OB",  CTRL('n')},
    {"\033OC",  CTRL('f')},
    {"\033OD",  CTRL('b')},
    {"\033[H",  CTRL('a')},
    {"\033[F",  CTRL('e')},
    {"\033OH",  CTRL('a')},
    {"\033OF",  CTRL('e')},
    {"\033[1~", CTRL('a')},
    {"\033[4~", CTRL('e')},
    {"\033[3~", CTRL('d')},
};

/* The length of the key that begins here; 0 if the rest of it is missing. */
static size_t key_len(const uint8_t *data, size_t len)
{
    uint32_t code;
    size_t at = 2;
    int got;

    if (data[0] != ESC) {
        got = width_decode(data, len, &code);
        return got < 0 ? 1 : (size_t)got;
    }
    if (len < 2)
        return 0;
    if (data[1] == 'O')
        return len < 3 ? 0 : 3;
    if (data[1] != '[')
        return 2;
    while (at < len && (data[at] < 0x40 || data[at] > 0x7e))
        at++;
    return at < len ? at + 1 : 0;
}

static void swap_characters(struct lineedit *edit)
{
    size_t at = edit->cursor < edit->line.len ? edit->cursor : lineedit_before(edit, edit->cursor);
    size_t before = lineedit_before(edit, at), after = lineedit_next(edit, at);
    uint8_t first[64];
    size_t len = at - before;

    if (at == 0 || len > sizeof(first))
        return;
    memcpy(first, edit->line.data + before, len);
    memmove(edit->line.data + before, edit->line.data + at, after - at);
    memcpy(edit->line.data + before + (after - at), first, len);
    edit->cursor = after;
}

/* Keys that move, delete, and go through the history. */
static bool edit_key(struct lineedit *edit, unsigned key)
{
    size_t cursor = edit->cursor;

    if (key == CTRL('a'))
        edit->cursor = 0;
    else if (key == CTRL('e'))
        edit->cursor = edit->line.len;
    else if (key == CTRL('b'))
        edit->cursor = lineedit_before(edit, cursor);
    else if (key == CTRL('f'))
        edit->cursor = lineedit_next(edit, cursor);
    else if (key == CTRL('k'))
        lineedit_remove(edit, cursor, edit->line.len, true);
    else if (key == CTRL('u'))
        lineedit_remove(edit, 0, cursor, true);
    else if (key == CTRL('w'))
        lineedit_remove(edit, lineedit_blank_start(edit, cursor), cursor, true);
    else if (key == CTRL('d'))
        lineedit_remove(edit, cursor, lineedit_next(edit, cursor), false);
    else if (key == CTRL('h') || key == DEL)
        lineedit_remove(edit, lineedit_before(edit, cursor), cursor, false);
    else if (key == CTRL('y'))
        lineedit_insert(edit, edit->killed.data, edit->killed.len);
    else if (key == CTRL('t'))
        swap_characters(edit);
    else if (key == CTRL('p') || key == CTRL('n'))
        lineedit_older(edit, key == CTRL('p') ? 1 : -1);
    else
        return false;
    return true;
}

static void meta_key(struct lineedit *edit, uint8_t key)
{
    size_t cursor = edit->cursor;

    if (key == 'b')
        edit->cursor = lineedit_word_start(edit, cursor);
    else if (key == 'f')
        edit->cursor = lineedit_word_end(edit, cursor);
    else if (key == 'd')
        lineedit_remove(edit, cursor, lineedit_word_end(edit, cursor), true);
    else if (key == DEL || key == CTRL('h'))
        lineedit_remove(edit, lineedit_word_start(edit, cursor), cursor, true);
}

/* A key while the history is searched; false if it ends the search and means what it always does.
 */
static bool search_key(struct lineedit *edit, const uint8_t *key, size_t len)
{
    if (key[0] == CTRL('r')) {
        lineedit_search(edit, edit->at);
        return true;
    }
    if (key[0] == DEL || key[0] == CTRL('h')) {
        size_t cut = 1;

        while (cut < edit->wanted.len &&
               ((unsigned char)edit->wanted.data[edit->wanted.len - cut] & 0xc0) == 0x80)
            cut++;
        bytes_drop_end(&edit->wanted, cut);
        lineedit_search(edit, SIZE_MAX);
        return true;
    }
    if (key[0] >= 0x20 && key[0] != DEL) {
        size_t from = edit->history == NULL ? 0 : edit->at + 1;

        bytes_add(&edit->wanted, key, len);
        lineedit_search(edit, from);
        return true;
    }
    edit->searching = false;
    return false;
}

static void begin_search(struct lineedit *edit)
{
    edit->searching = true;
    bytes_clear(&edit->wanted);
    bytes_add(&edit->wanted, "", 0);
}

static unsigned control_of(const uint8_t *key, size_t len)
{
    for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
        if (strlen(sequences[i].sequence) == len && memcmp(sequences[i].sequence, key, len) == 0)
            return sequences[i].key;
    }
    return len == 1 && (key[0] < 0x20 || key[0] == DEL) ? key[0] : 0;
}

static enum lineedit_event take_key(struct lineedit *edit, const uint8_t *key, size_t len)
{
    unsigned control = control_of(key, len);

    if (len == 6 && memcmp(key, paste_begin, 6) == 0) {
        edit->pasting = true;
        bytes_clear(&edit->paste);
        return LINEEDIT_NONE;
    }
    if (edit->searching && search_key(edit, key, len))
        return LINEEDIT_NONE;
    if (control == '\r' || control == '\n')
        return LINEEDIT_ENTER;
    if (control == '\t')
        return LINEEDIT_COMPLETE;
    if (control == CTRL('d') && len == 1 && edit->line.len == 0)
        return LINEEDIT_END;
    if (control == CTRL('c') || control == CTRL('g')) {
        lineedit_clear(edit);
        return LINEEDIT_CANCEL;
    }
    if (control == CTRL('r'))
        begin_search(edit);
    else if (control != 0)
        edit_key(edit, control);
    else if (key[0] == ESC && len == 2)
        meta_key(edit, key[1]);
    else if (key[0] >= 0x20 && key[0] != DEL)
        lineedit_insert(edit, key, len);
    return LINEEDIT_NONE;
}

/* Bytes of a paste; its end may come cut. */
static bool take_paste(struct lineedit *edit, uint8_t byte)
{
    const size_t len = sizeof(paste_end) - 1;

    bytes_byte(&edit->paste, byte);
    if (edit->paste.len < len ||
        memcmp(edit->paste.data + edit->paste.len - len, paste_end, len) != 0)
        return false;
    bytes_drop_end(&edit->paste, len);
    edit->pasting = false;
    return true;
}

/* Takes the pending key if it is whole now. */
static enum lineedit_event take_pending(struct lineedit *edit)
{
    uint8_t key[sizeof(edit->pending)];
    size_t len = key_len(edit->pending, edit->pending_len);

    if (len == 0 && edit->pending_len < sizeof(edit->pending))
        return LINEEDIT_NONE;
    if (len == 0) /* no key is that long */
        len = edit->pending_len;
    memcpy(key, edit->pending, len);
    edit->pending_len -= len;
    memmove(edit->pending, edit->pending + len, edit->pending_len);
    return take_key(edit, key, len);
}

size_t lineedit_keys(struct lineedit *edit, const void *data, size_t len,
                     enum lineedit_event *event)
{
    const uint8_t *bytes = data;
    size_t at = 0;

    *event = LINEEDIT_NONE;
    while (*event == LINEEDIT_NONE && at < len) {
        if (edit->pasting) {
            *event = take_paste(edit, bytes[at++]) ? LINEEDIT_PASTED : LINEEDIT_NONE;
            continue;
        }
        edit->pending[edit->pending_len++] = bytes[at++];
        do {
            *event = take_pending(edit);
        } while (*event == LINEEDIT_NONE && edit->pending_len > 0 &&
                 key_len(edit->pending, edit->pending_len) > 0);
    }
    return at;
}

void lineedit_quiet(struct lineedit *edit)
{
    if (edit->pending_len == 1 && edit->pending[0] == ESC)
        edit->searching = false; /* ESC alone leaves the search */
    edit->pending_len = 0;
}
