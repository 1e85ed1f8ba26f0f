/* SPDX-License-Identifier: MIT */
/* The note lies in the last bytes that may be used of a block, where anybody who has the pointer
 * finds it.  It carries the block's address, so that memory without a note is told from one with.
 */
#include "libcomm/compat/block.h"

#include <stdint.h>
#include <string.h>

#include <libcomm/types.h>

#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_compat.h"

struct note {
    size_t size;
    uintptr_t proof;
};

#define PROOF ((uintptr_t)0x9E3779B97F4A7C15u)
#define MOST (SIZE_MAX / 2)

static uintptr_t proof_of(const void *block, size_t size)
{
    return ((uintptr_t)block ^ PROOF) + size;
}

static size_t room_of(void *block)
{
    return ci_sys_alloc_room(block) & ~(size_t)15;
}

static void note_write(void *block, size_t size)
{
    struct note note = {.size = size, .proof = proof_of(block, size)};

    memcpy((char *)block + room_of(block) - sizeof(note), &note, sizeof(note));
}

static bool note_read(void *block, size_t *size)
{
    size_t room = room_of(block);
    struct note note;

    if (room < sizeof(note))
        return false;
    memcpy(&note, (char *)block + room - sizeof(note), sizeof(note));
    *size = note.size;
    return note.proof == proof_of(block, note.size) && note.size <= room - sizeof(note);
}

/* Rounded up, so that the room, rounded down, still has a place for the note. */
static size_t padded(size_t size)
{
    return ((size + 15) & ~(size_t)15) + sizeof(struct note);
}

void *ci_block_new(size_t size)
{
    void *block = size > MOST ? NULL : ci_sys_alloc(padded(size));

    if (block == NULL)
        ci_set_last_error(ERROR_NOT_ENOUGH_MEMORY);
    else
        note_write(block, size);
    return block;
}

void ci_block_free(void *block)
{
    size_t size;

    if (block == NULL)
        return;
    if (note_read(block, &size)) /* the next owner of this memory may be one without a note */
        memset((char *)block + room_of(block) - sizeof(struct note), 0, sizeof(struct note));
    ci_sys_free(block);
}

size_t ci_block_size(void *block)
{
    size_t size;

    return note_read(block, &size) ? size : ci_sys_alloc_room(block);
}

static bool resize_in_place(void *block, size_t old, size_t size)
{
    if (size > MOST || padded(size) > room_of(block))
        return false;
    note_write(block, size);
    if (size > old) /* an old note may lie in what is new; the present one must not be hit */
        memset((char *)block + old, 0, size - old);
    return true;
}

void *ci_block_resize(void *block, size_t size, bool in_place)
{
    size_t old = ci_block_size(block);
    void *moved;

    if (resize_in_place(block, old, size))
        return block;
    if (in_place) {
        ci_set_last_error(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    moved = ci_block_new(size);
    if (moved == NULL)
        return NULL;
    memcpy(moved, block, old < size ? old : size);
    ci_block_free(block);
    return moved;
}
