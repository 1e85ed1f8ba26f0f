/* SPDX-License-Identifier: MIT */
/* How long answers took: percentiles, the worst, and what was lost or late, for each query text.
 *
 * Times are kept as counts in 1,728 classes, each less than 1.6 % wide, from one microsecond to
 * over an hour: a day of polling takes no more memory than a minute. */
#ifndef TOOLS_COMMON_HIST_H
#define TOOLS_COMMON_HIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HIST_CLASSES 1728

struct hist {
    uint32_t counts[HIST_CLASSES]; /* by microseconds */
    uint64_t count;
    uint64_t min_ns, max_ns;
    double sum_ns;
    uint64_t lost, late;
    uint64_t first_at_ns, last_at_ns; /* when the first and the last answer was complete */
};

void hist_reset(struct hist *hist);
void hist_add(struct hist *hist, uint64_t took_ns, uint64_t at_ns);
/* The time that `part` of a thousand took at most: 500, 950, 990.  0 with no answers. */
uint64_t hist_part(const struct hist *hist, unsigned part);
double hist_mean_ns(const struct hist *hist);
/* Answers per second between the first and the last; 0 with less than two. */
double hist_rate(const struct hist *hist);

struct hist_row {
    uint64_t from_ns, to_ns; /* the last row has no end: UINT64_MAX */
    uint64_t count;
};

/* The histogram in at most `most` rows (three at least): round steps where most answers are, and
 * one row each for what is below and above.  Gives how many rows. */
size_t hist_rows(const struct hist *hist, struct hist_row *rows, size_t most);

/* Histograms by query text. */
struct hist_set {
    struct hist_entry {
        char *text;
        struct hist *hist;
    } * entries;
    size_t count;
};

/* The text's histogram, which is made if there is none; NULL without memory. */
struct hist *hist_of(struct hist_set *set, const char *text);
void hist_set_fini(struct hist_set *set);

#endif
