/* SPDX-License-Identifier: MIT */
/* A cell of braille is two dots wide and four high; in ASCII a cell is one dot. */
#include "tools/common/series.h"

#define BRAILLE 0x2800u

/* The points that are kept and in the time; false if there are none. */
static bool range_of(const struct series *series, uint64_t from_ns, uint64_t to_ns, double *low,
                     double *high)
{
    uint64_t oldest = series->count > series->room ? series->count - series->room : 0;
    bool any = false;

    for (uint64_t n = oldest; n < series->count; n++) {
        const struct series_point *point = &series->points[n % series->room];

        if (point->at_ns < from_ns || point->at_ns > to_ns)
            continue;
        *low = !any || point->value < *low ? point->value : *low;
        *high = !any || point->value > *high ? point->value : *high;
        any = true;
    }
    return any;
}

/* Where in `count` dots a part of the whole is. */
static size_t dot_of(double part, double whole, size_t count)
{
    double dot = whole > 0 ? part / whole * (double)(count - 1) + 0.5 : (double)(count / 2);

    return dot < 0 ? 0 : dot >= (double)count ? count - 1 : (size_t)dot;
}

static void set_dot(uint32_t *cells, size_t columns, bool ascii, size_t x, size_t y)
{
    static const uint8_t bits[4][2] = {
        {0x01, 0x08},
        {0x02, 0x10},
        {0x04, 0x20},
        {0x40, 0x80}
    };

    if (ascii)
        cells[y * columns + x] = '.';
    else
        cells[y / 4 * columns + x / 2] |= BRAILLE | bits[y % 4][x % 2];
}

void series_plot(const struct series *series, uint64_t from_ns, uint64_t to_ns, bool ascii,
                 uint32_t *cells, size_t columns, size_t rows, double *low, double *high)
{
    uint64_t oldest = series->count > series->room ? series->count - series->room : 0;
    size_t width = ascii ? columns : columns * 2, height = ascii ? rows : rows * 4;

    for (size_t i = 0; i < columns * rows; i++)
        cells[i] = ' ';
    *low = *high = 0;
    if (columns == 0 || rows == 0 || !range_of(series, from_ns, to_ns, low, high))
        return;
    for (size_t i = 0; !ascii && i < columns * rows; i++)
        cells[i] = BRAILLE;
    for (uint64_t n = oldest; n < series->count; n++) {
        const struct series_point *point = &series->points[n % series->room];

        if (point->at_ns < from_ns || point->at_ns > to_ns)
            continue;
        set_dot(cells, columns, ascii,
                dot_of((double)(point->at_ns - from_ns), (double)(to_ns - from_ns), width),
                dot_of(*high - point->value, *high - *low, height));
    }
}
