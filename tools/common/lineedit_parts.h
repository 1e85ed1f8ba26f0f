/* SPDX-License-Identifier: MIT */
/* What the keys of a line do to it.  Places are bytes of the line. */
#ifndef TOOLS_COMMON_LINEEDIT_PARTS_H
#define TOOLS_COMMON_LINEEDIT_PARTS_H

#include "tools/common/lineedit.h"

size_t lineedit_next(const struct lineedit *edit, size_t at);   /* a character on */
size_t lineedit_before(const struct lineedit *edit, size_t at); /* a character back */
size_t lineedit_word_end(const struct lineedit *edit, size_t at);
size_t lineedit_word_start(const struct lineedit *edit, size_t at);
size_t lineedit_blank_start(const struct lineedit *edit, size_t at); /* words parted by blanks */
/* The cursor is at `from` then; what went can be put back by C-y if `keep`. */
void lineedit_remove(struct lineedit *edit, size_t from, size_t to, bool keep);
void lineedit_older(struct lineedit *edit, int by); /* 1 older, -1 newer */
bool lineedit_search(struct lineedit *edit, size_t from);

#endif
