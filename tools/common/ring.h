/* SPDX-License-Identifier: MIT */
/* What a session has sent and received, in the order it happened, with the time and the direction
 * of every piece, and whatever else befell the line at its place among the bytes.
 *
 * The ring grows block by block to its limit and then forgets its oldest block.  Readers keep a
 * place of their own: one that was overtaken is told how many bytes it missed.  Nothing here looks
 * at a byte: an append is a copy. */
#ifndef TOOLS_COMMON_RING_H
#define TOOLS_COMMON_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_FIRST_BLOCK ((size_t)64 << 10)
#define RING_BLOCK ((size_t)256 << 10)
#define RING_LIMIT ((size_t)8 << 20)

enum ring_dir {
    RING_RX = 0,
    RING_TX = 1,
};

enum ring_kind {
    RING_DATA,
    RING_NOTICE, /* what the program has to say; text */
    RING_ERROR,  /* detail: ring_error bits, for the byte that follows or was lost here */
    RING_LINES,  /* detail: the lines now, and << 8 which of them changed */
    RING_MARK,   /* detail: its number; text */
};

enum ring_error {
    RING_FRAMING = 1,
    RING_PARITY = 2,
    RING_OVERRUN = 4,
    RING_BREAK = 8,
    RING_FULL = 16, /* the driver's queue ran over */
};

enum ring_line {
    RING_CTS = 1,
    RING_DSR = 2,
    RING_RI = 4,
    RING_DCD = 8,
    RING_DTR = 16,
    RING_RTS = 32,
};

struct ring_record {
    uint64_t place; /* where it is, for ring_at() */
    uint64_t stamp_ns;
    enum ring_kind kind;
    enum ring_dir dir;
    unsigned detail;
    const uint8_t *data; /* until the next append or trim */
    size_t len;
};

struct ring_block {
    uint8_t *memory;
    size_t used, room;
    uint64_t bytes_before; /* data bytes in all blocks before this one */
};

/* Blocks are numbered from 0 for ever; a place is a block's number and an offset in it. */
struct ring {
    struct ring_block *blocks; /* block n is in slot n % slots */
    size_t slots;
    size_t block_size;
    uint64_t first, last;   /* blocks that are there, both included */
    uint64_t bytes;         /* data bytes ever appended */
    uint64_t dropped_bytes; /* of those, forgotten because of the limit */
    uint64_t trimmed_bytes; /* of those, given back because nobody wanted them any more */
};

struct ring_reader {
    uint64_t place;
    uint64_t bytes; /* data bytes before the place */
    uint64_t lost;  /* data bytes it was too late for; the reader's owner may reset it */
};

/* false: no memory.  `limit` is what the blocks may take together, 0 for the usual. */
bool ring_init(struct ring *ring, size_t limit);
void ring_fini(struct ring *ring);

/* Appends.  They cannot fail: with no memory for another block, the oldest one is forgotten. */
void ring_data(struct ring *ring, enum ring_dir dir, uint64_t stamp_ns, const void *data,
               size_t len);
void ring_event(struct ring *ring, enum ring_kind kind, enum ring_dir dir, unsigned detail,
                uint64_t stamp_ns, const char *text);

/* The oldest record there is, and the place after the newest. */
uint64_t ring_oldest(const struct ring *ring);
uint64_t ring_end(const struct ring *ring);
/* What the blocks take. */
size_t ring_resident(const struct ring *ring);

/* The record at a place a record had; false if it is forgotten, or at the end.  *next is the place
 * after it. */
bool ring_at(const struct ring *ring, uint64_t place, struct ring_record *record, uint64_t *next);

void ring_reader_oldest(struct ring_reader *reader, const struct ring *ring);
void ring_reader_newest(struct ring_reader *reader, const struct ring *ring);
/* The next record; false if there is none yet. */
bool ring_next(const struct ring *ring, struct ring_reader *reader, struct ring_record *record);
/* How many data bytes are between the reader and the end. */
uint64_t ring_waiting(const struct ring *ring, const struct ring_reader *reader);

/* Gives back what lies wholly before the place: nobody will ask for it any more. */
void ring_trim(struct ring *ring, uint64_t place);

#endif
