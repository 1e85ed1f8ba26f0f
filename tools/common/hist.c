/* SPDX-License-Identifier: MIT */
/* Classes: each microsecond below 128 has its own; above, each doubling is parted into 64. */
#include "tools/common/hist.h"

#include <stdlib.h>
#include <string.h>

#define LINEAR 128u /* = 2 * PARTS */
#define PARTS 64u
#define LARGEST ((uint64_t)UINT32_MAX)

void hist_reset(struct hist *hist)
{
    memset(hist, 0, sizeof(*hist));
}

static unsigned class_of(uint64_t us)
{
    unsigned shift = 0;

    if (us > LARGEST)
        us = LARGEST;
    if (us < LINEAR)
        return (unsigned)us;
    while (us >> shift >= LINEAR)
        shift++;
    return LINEAR + (shift - 1) * PARTS + (unsigned)(us >> shift) - PARTS;
}

/* The first microsecond of a class. */
static uint64_t class_start(unsigned number)
{
    unsigned shift;

    if (number < LINEAR)
        return number;
    shift = (number - LINEAR) / PARTS + 1;
    return (uint64_t)((number - LINEAR) % PARTS + PARTS) << shift;
}

void hist_add(struct hist *hist, uint64_t took_ns, uint64_t at_ns)
{
    hist->counts[class_of(took_ns / 1000)]++;
    if (hist->count == 0) {
        hist->min_ns = took_ns;
        hist->first_at_ns = at_ns;
    }
    hist->min_ns = took_ns < hist->min_ns ? took_ns : hist->min_ns;
    hist->max_ns = took_ns > hist->max_ns ? took_ns : hist->max_ns;
    hist->sum_ns += (double)took_ns;
    hist->last_at_ns = at_ns;
    hist->count++;
}

uint64_t hist_part(const struct hist *hist, unsigned part)
{
    uint64_t wanted = (hist->count * part + 999) / 1000, seen = 0, middle_ns;
    unsigned number = 0;

    if (hist->count == 0)
        return 0;
    wanted = wanted == 0 ? 1 : wanted;
    while (number < HIST_CLASSES - 1 && (seen += hist->counts[number]) < wanted)
        number++;
    middle_ns = (class_start(number) + class_start(number + 1)) * 500;
    if (wanted == hist->count || middle_ns > hist->max_ns)
        return hist->max_ns;
    return middle_ns < hist->min_ns ? hist->min_ns : middle_ns;
}

double hist_mean_ns(const struct hist *hist)
{
    return hist->count == 0 ? 0 : hist->sum_ns / (double)hist->count;
}

double hist_rate(const struct hist *hist)
{
    if (hist->count < 2 || hist->last_at_ns <= hist->first_at_ns)
        return 0;
    return (double)(hist->count - 1) * 1e9 / (double)(hist->last_at_ns - hist->first_at_ns);
}

/* 1, 2 or 5 times a power of ten, not below `us`. */
static uint64_t round_step(uint64_t us)
{
    static const unsigned digits[] = {1, 2, 5};

    for (uint64_t ten = 1;; ten *= 10) {
        for (size_t i = 0; i < 3; i++) {
            if (digits[i] * ten >= us)
                return digits[i] * ten;
        }
    }
}

size_t hist_rows(const struct hist *hist, struct hist_row *rows, size_t most)
{
    uint64_t low = hist_part(hist, 50) / 1000, high = hist_part(hist, 950) / 1000;
    uint64_t step = round_step((high - low) / (most - 2) + 1), start;
    size_t count = 0;
    unsigned number = 0;

    start = low / step * step;
    while (start + step * (most - 2) <= high && most > 2) {
        step = round_step(step + 1);
        start = low / step * step;
    }
    if (start > 0)
        rows[count++] = (struct hist_row){.to_ns = start * 1000};
    while (count < most - 1 && start <= high) {
        rows[count++] = (struct hist_row){.from_ns = start * 1000, .to_ns = (start + step) * 1000};
        start += step;
    }
    rows[count++] = (struct hist_row){.from_ns = start * 1000, .to_ns = UINT64_MAX};
    for (size_t row = 0; row < count; row++) {
        while (number < HIST_CLASSES && class_start(number) * 1000 < rows[row].to_ns)
            rows[row].count += hist->counts[number++];
    }
    return count;
}

struct hist *hist_of(struct hist_set *set, const char *text)
{
    struct hist_entry *entries, added;

    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->entries[i].text, text) == 0)
            return set->entries[i].hist;
    }
    entries = realloc(set->entries, (set->count + 1) * sizeof(*entries));
    if (entries == NULL)
        return NULL;
    set->entries = entries;
    added.text = strdup(text);
    added.hist = calloc(1, sizeof(*added.hist));
    if (added.text == NULL || added.hist == NULL) {
        free(added.text);
        free(added.hist);
        return NULL;
    }
    entries[set->count++] = added;
    return added.hist;
}

void hist_set_fini(struct hist_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        free(set->entries[i].text);
        free(set->entries[i].hist);
    }
    free(set->entries);
    *set = (struct hist_set){.entries = NULL};
}
