/* SPDX-License-Identifier: MIT */
/* Slabs take 16 KiB at a time and thread the free pieces through their first words.  The rest of a
 * free piece is left alone: an object's reference count must stay readable (and zero) after it is
 * gone. */
#include "libcomm/plat/slab.h"

#include <string.h>

#include "libcomm/plat/sys.h"

#define CHUNK_BYTES 16384
#define CHUNK_HEAD 64 /* keeps the pieces on cache lines */

static size_t pieces_of(const struct ci_slab *slab)
{
    return (CHUNK_BYTES - CHUNK_HEAD) / slab->size;
}

static void piece_link(struct ci_slab *slab, void *piece)
{
    memcpy(piece, &slab->free, sizeof slab->free);
    slab->free = piece;
}

static void *piece_unlink(struct ci_slab *slab)
{
    void *piece = slab->free;

    if (piece != NULL)
        memcpy(&slab->free, piece, sizeof slab->free);
    return piece;
}

static void chunk_add(struct ci_slab *slab, char *chunk)
{
    memcpy(chunk, &slab->chunks, sizeof slab->chunks);
    slab->chunks = chunk;
    for (size_t i = pieces_of(slab); i-- > 0;)
        piece_link(slab, chunk + CHUNK_HEAD + i * slab->size);
}

void *ci_slab_get(struct ci_slab *slab)
{
    void *piece;

    ci_lock(&slab->lock);
    if (slab->free == NULL) {
        char *chunk = ci_sys_alloc(CHUNK_BYTES);

        if (chunk != NULL)
            chunk_add(slab, chunk);
    }
    piece = piece_unlink(slab);
    if (piece != NULL)
        slab->live++;
    ci_unlock(&slab->lock);
    return piece;
}

void ci_slab_put(struct ci_slab *slab, void *piece)
{
    ci_lock(&slab->lock);
    piece_link(slab, piece);
    slab->live--;
    ci_unlock(&slab->lock);
}

size_t ci_slab_live(struct ci_slab *slab)
{
    size_t live;

    ci_lock(&slab->lock);
    live = slab->live;
    ci_unlock(&slab->lock);
    return live;
}

void ci_slab_each(struct ci_slab *slab, void (*visit)(void *piece))
{
    void *next;

    for (char *chunk = slab->chunks; chunk != NULL; chunk = next) {
        for (size_t i = 0; i < pieces_of(slab); i++)
            visit(chunk + CHUNK_HEAD + i * slab->size);
        memcpy(&next, chunk, sizeof next);
    }
}
