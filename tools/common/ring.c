/* SPDX-License-Identifier: MIT */
/* Records are a header and their bytes, one after the other in a block, and never cross into the
 * next block: a piece of data that does not fit is two records.  A whole block is forgotten at a
 * time. */
#include "tools/common/ring.h"

#include <stdlib.h>
#include <string.h>

#define PLACE_BITS 20 /* of an offset in a block */
#define OFFSET_OF(place) ((size_t)((place) & (((uint64_t)1 << PLACE_BITS) - 1)))
#define BLOCK_OF(place) ((place) >> PLACE_BITS)
#define ALIGNED(len) (((len) + 7) & ~(size_t)7)
#define SMALLEST_BLOCK ((size_t)4 << 10)
#define TEXT_MOST ((size_t)1024) /* of an event */

struct header {
    uint64_t stamp_ns;
    uint32_t len;
    uint8_t kind, dir;
    uint16_t detail;
};

static struct ring_block *block_at(const struct ring *ring, uint64_t number)
{
    return &ring->blocks[number % ring->slots];
}

static uint64_t place_of(uint64_t number, size_t offset)
{
    return (number << PLACE_BITS) | offset;
}

bool ring_init(struct ring *ring, size_t limit)
{
    size_t first;

    if (limit == 0)
        limit = RING_LIMIT;
    memset(ring, 0, sizeof(*ring));
    ring->block_size = RING_BLOCK;
    while (ring->block_size > SMALLEST_BLOCK && ring->block_size * 4 > limit)
        ring->block_size /= 2;
    ring->slots = limit / ring->block_size;
    if (ring->slots < 2)
        ring->slots = 2;
    first = ring->block_size < RING_FIRST_BLOCK ? ring->block_size : RING_FIRST_BLOCK;
    ring->blocks = calloc(ring->slots, sizeof(*ring->blocks));
    if (ring->blocks == NULL)
        return false;
    ring->blocks[0].memory = malloc(first);
    ring->blocks[0].room = first;
    if (ring->blocks[0].memory != NULL)
        return true;
    free(ring->blocks);
    ring->blocks = NULL;
    return false;
}

void ring_fini(struct ring *ring)
{
    if (ring->blocks == NULL)
        return;
    for (uint64_t n = ring->first; n <= ring->last; n++)
        free(block_at(ring, n)->memory);
    free(ring->blocks);
    memset(ring, 0, sizeof(*ring));
}

/* Data bytes in all blocks before the one after `number`. */
static uint64_t bytes_through(const struct ring *ring, uint64_t number)
{
    return number == ring->last ? ring->bytes : block_at(ring, number + 1)->bytes_before;
}

static uint64_t block_bytes(const struct ring *ring, uint64_t number)
{
    return bytes_through(ring, number) - block_at(ring, number)->bytes_before;
}

/* The oldest block's memory, which is the newest's from now on.  There may be only this one. */
static void reuse_oldest(struct ring *ring)
{
    struct ring_block old = *block_at(ring, ring->first);

    ring->dropped_bytes += block_bytes(ring, ring->first);
    block_at(ring, ring->first)->memory = NULL;
    ring->first++;
    ring->last++;
    *block_at(ring, ring->last) =
        (struct ring_block){.memory = old.memory, .room = old.room, .bytes_before = ring->bytes};
}

static void add_block(struct ring *ring)
{
    void *memory = NULL;

    if (ring->last - ring->first + 1 < ring->slots)
        memory = malloc(ring->block_size);
    if (memory == NULL) {
        reuse_oldest(ring);
        return;
    }
    ring->last++;
    *block_at(ring, ring->last) = (struct ring_block){
        .memory = memory, .room = ring->block_size, .bytes_before = ring->bytes};
}

/* How many of `len` bytes the newest block takes; a new one if it would be none or next to none. */
static size_t make_room(struct ring *ring, size_t len)
{
    struct ring_block *block = block_at(ring, ring->last);
    size_t room = block->room - block->used;

    if (room < sizeof(struct header) + (len < 64 ? ALIGNED(len) : 64)) {
        add_block(ring);
        block = block_at(ring, ring->last);
        room = block->room - block->used;
    }
    room -= sizeof(struct header);
    return len < room ? len : room;
}

static void put_record(struct ring *ring, struct header header, const void *data)
{
    struct ring_block *block = block_at(ring, ring->last);

    memcpy(block->memory + block->used, &header, sizeof(header));
    if (header.len > 0)
        memcpy(block->memory + block->used + sizeof(header), data, header.len);
    block->used += sizeof(header) + ALIGNED((size_t)header.len);
}

void ring_data(struct ring *ring, enum ring_dir dir, uint64_t stamp_ns, const void *data,
               size_t len)
{
    const uint8_t *from = data;

    while (len > 0) {
        size_t fits = make_room(ring, len);

        put_record(ring,
                   (struct header){.stamp_ns = stamp_ns,
                                   .len = (uint32_t)fits,
                                   .kind = RING_DATA,
                                   .dir = (uint8_t)dir},
                   from);
        ring->bytes += fits;
        from += fits;
        len -= fits;
    }
}

void ring_event(struct ring *ring, enum ring_kind kind, enum ring_dir dir, unsigned detail,
                uint64_t stamp_ns, const char *text)
{
    size_t len = text == NULL ? 0 : strnlen(text, TEXT_MOST);
    struct ring_block *block = block_at(ring, ring->last);

    if (block->room - block->used < sizeof(struct header) + ALIGNED(len))
        add_block(ring);
    put_record(ring,
               (struct header){.stamp_ns = stamp_ns,
                               .len = (uint32_t)len,
                               .kind = (uint8_t)kind,
                               .dir = (uint8_t)dir,
                               .detail = (uint16_t)detail},
               text);
}

uint64_t ring_oldest(const struct ring *ring)
{
    return place_of(ring->first, 0);
}

uint64_t ring_end(const struct ring *ring)
{
    return place_of(ring->last, block_at(ring, ring->last)->used);
}

size_t ring_resident(const struct ring *ring)
{
    size_t sum = 0;

    for (uint64_t n = ring->first; n <= ring->last; n++)
        sum += block_at(ring, n)->room;
    return sum;
}

bool ring_at(const struct ring *ring, uint64_t place, struct ring_record *record, uint64_t *next)
{
    uint64_t number = BLOCK_OF(place);
    size_t offset = OFFSET_OF(place);
    const struct ring_block *block;
    struct header header;

    if (number < ring->first)
        return false;
    while (number <= ring->last && offset >= block_at(ring, number)->used) {
        number++;
        offset = 0;
    }
    if (number > ring->last)
        return false;
    block = block_at(ring, number);
    memcpy(&header, block->memory + offset, sizeof(header));
    *record = (struct ring_record){
        .place = place_of(number, offset),
        .stamp_ns = header.stamp_ns,
        .kind = (enum ring_kind)header.kind,
        .dir = (enum ring_dir)header.dir,
        .detail = header.detail,
        .data = block->memory + offset + sizeof(header),
        .len = header.len,
    };
    *next = place_of(number, offset + sizeof(header) + ALIGNED(record->len));
    return true;
}

void ring_reader_oldest(struct ring_reader *reader, const struct ring *ring)
{
    *reader = (struct ring_reader){.place = ring_oldest(ring),
                                   .bytes = block_at(ring, ring->first)->bytes_before};
}

void ring_reader_newest(struct ring_reader *reader, const struct ring *ring)
{
    *reader = (struct ring_reader){.place = ring_end(ring), .bytes = ring->bytes};
}

/* A reader whose block is gone goes on at the oldest record. */
static void catch_up(const struct ring *ring, struct ring_reader *reader)
{
    uint64_t before = block_at(ring, ring->first)->bytes_before;

    if (BLOCK_OF(reader->place) >= ring->first)
        return;
    reader->lost += before - reader->bytes;
    reader->bytes = before;
    reader->place = ring_oldest(ring);
}

bool ring_next(const struct ring *ring, struct ring_reader *reader, struct ring_record *record)
{
    catch_up(ring, reader);
    if (!ring_at(ring, reader->place, record, &reader->place))
        return false;
    if (record->kind == RING_DATA)
        reader->bytes += record->len;
    return true;
}

uint64_t ring_waiting(const struct ring *ring, const struct ring_reader *reader)
{
    return ring->bytes - reader->bytes;
}

/* With all of the last block out, its memory starts anew, under the next number. */
static void start_anew(struct ring *ring, uint64_t place)
{
    struct ring_block last = *block_at(ring, ring->last);

    if (ring->first < ring->last || place < ring_end(ring) || last.used < last.room / 2)
        return;
    ring->trimmed_bytes += block_bytes(ring, ring->last);
    block_at(ring, ring->last)->memory = NULL;
    ring->first++;
    ring->last++;
    *block_at(ring, ring->last) =
        (struct ring_block){.memory = last.memory, .room = last.room, .bytes_before = ring->bytes};
}

void ring_trim(struct ring *ring, uint64_t place)
{
    while (ring->first < ring->last && ring->first < BLOCK_OF(place)) {
        ring->trimmed_bytes += block_bytes(ring, ring->first);
        free(block_at(ring, ring->first)->memory);
        block_at(ring, ring->first)->memory = NULL;
        ring->first++;
    }
    start_anew(ring, place);
}

/* A block starts with the largest alignment malloc gives, and headers keep it. */
_Static_assert(sizeof(struct header) == 16, "headers keep what follows aligned");
_Static_assert(RING_BLOCK < (size_t)1 << PLACE_BITS, "an offset fits into a place");
