/* SPDX-License-Identifier: MIT */
/* Editing a line before it is sent, with the habits of readline: C-a C-e C-b C-f M-b M-f C-k C-u
 * C-w M-d C-y C-t C-d C-h, history with C-p C-n C-r, Tab, and pastes told apart from typing.  Pure:
 * bytes of keys in, a line out. */
#ifndef TOOLS_COMMON_LINEEDIT_H
#define TOOLS_COMMON_LINEEDIT_H

#include "tools/common/bytes.h"

#include <stdint.h>

#define LINEEDIT_HISTORY ((size_t)1000)

/* Lines that were entered, oldest first. */
struct lineedit_history {
    char **lines;
    size_t count, most;
};

/* false: no memory.  A line that is the same as the last is not added again. */
bool lineedit_history_add(struct lineedit_history *history, const char *line);
void lineedit_history_fini(struct lineedit_history *history);

enum lineedit_event {
    LINEEDIT_NONE,     /* the line may look different now */
    LINEEDIT_ENTER,    /* the line is complete: take it, then lineedit_clear() */
    LINEEDIT_COMPLETE, /* Tab: the caller may call lineedit_complete() */
    LINEEDIT_PASTED,   /* edit->paste holds what was pasted: insert or send it, then clear it */
    LINEEDIT_CANCEL,   /* C-c or C-g on a line: it was cleared */
    LINEEDIT_END,      /* C-d on an empty line */
};

struct lineedit {
    struct bytes line;
    size_t cursor; /* a byte of the line, always where a character begins, or its end */
    struct lineedit_history *history; /* the caller's; may be NULL */
    size_t at;                        /* the line of the history that is shown; its count: none */
    struct bytes kept;                /* what was typed before going into the history */
    struct bytes killed;
    bool searching;
    struct bytes wanted; /* what is searched for */
    struct bytes paste;
    bool pasting;
    uint8_t pending[16]; /* a key that is not whole yet */
    size_t pending_len;
};

void lineedit_init(struct lineedit *edit, struct lineedit_history *history);
void lineedit_fini(struct lineedit *edit);
void lineedit_clear(struct lineedit *edit);
void lineedit_set(struct lineedit *edit, const char *line);
void lineedit_insert(struct lineedit *edit, const void *text, size_t len);

/* Takes bytes up to the first event; gives how many.  A lone ESC is a key only when
 * lineedit_quiet() says that nothing follows. */
size_t lineedit_keys(struct lineedit *edit, const void *data, size_t len,
                     enum lineedit_event *event);
void lineedit_quiet(struct lineedit *edit);

/* The columns the cursor is in and the line takes. */
size_t lineedit_column(const struct lineedit *edit);
/* The word before the cursor, *len bytes long. */
const char *lineedit_word(const struct lineedit *edit, size_t *len);
/* Completes that word by those of `words` that begin with it, without regard to case: as far as
 * they agree, with a blank if it is the only one.  Gives how many fit. */
size_t lineedit_complete(struct lineedit *edit, const char *const words[], size_t count);
/* Whether a paste is so large that it should be asked about: more than 3 lines or 400 bytes. */
bool lineedit_paste_is_large(const struct bytes *paste, size_t *lines);

#endif
