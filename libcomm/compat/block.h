/* SPDX-License-Identifier: MIT */
/* Blocks of the process heap: plain ci_sys_alloc() memory, so that LocalFree, HeapFree and
 * GlobalFree may be mixed as on Windows, with the size that was asked for noted behind it. */
#ifndef CI_COMPAT_BLOCK_H
#define CI_COMPAT_BLOCK_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed, or NULL with last error 8. */
void *ci_block_new(size_t size);
void ci_block_free(void *block);
/* The size asked for; for memory that only ci_sys_alloc() knows, all that may be used of it. */
size_t ci_block_size(void *block);
/* What is new is zero.  NULL with last error 8, and the old block is as it was.  in_place: only if
 * it need not move. */
void *ci_block_resize(void *block, size_t size, bool in_place);

#endif
