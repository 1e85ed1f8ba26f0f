/* SPDX-License-Identifier: MIT */
/* Numbers as they arrive: found in text, kept for a plot, and summed up. */
#ifndef TOOLS_COMMON_SERIES_H
#define TOOLS_COMMON_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct series_point {
    uint64_t at_ns;
    double value;
};

struct series {
    struct series_point *points; /* the newest, point n in n % room */
    size_t room;
    uint64_t count; /* ever */
    double min, max, mean;
    double squares; /* sum of squared differences from the mean */
    uint64_t first_at_ns;
};

/* false: no memory.  `room` is how many points are kept for the plot. */
bool series_init(struct series *series, size_t room);
void series_fini(struct series *series);
void series_reset(struct series *series);
void series_add(struct series *series, double value, uint64_t at_ns);
double series_sigma(const struct series *series);
double series_rate(const struct series *series); /* per second */

/* Reads a number at the start of `text`, whatever the locale; gives its length, 0 if there is none.
 */
size_t series_number(const char *text, double *value);
/* Finds a number in a line: the first one, with NULL; after `name` and : or =; or field `#3`,
 * counted from 1 and parted by commas, semicolons, blanks or tabs. */
bool series_find(const char *line, const char *what, double *value);

/* Draws the points from from_ns to to_ns into cells[rows * columns], a code point each: dots of
 * braille, or '.' with `ascii`.  *low and *high get the range that the rows span. */
void series_plot(const struct series *series, uint64_t from_ns, uint64_t to_ns, bool ascii,
                 uint32_t *cells, size_t columns, size_t rows, double *low, double *high);

#endif
