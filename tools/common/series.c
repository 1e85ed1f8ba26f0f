/* SPDX-License-Identifier: MIT */
/* Mean and deviation are kept up with each value (Welford), which stays exact where sums of squares
 * would not. */
#include "tools/common/series.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool series_init(struct series *series, size_t room)
{
    *series = (struct series){.room = room, .points = calloc(room, sizeof(*series->points))};
    return series->points != NULL;
}

void series_fini(struct series *series)
{
    free(series->points);
    series->points = NULL;
}

void series_reset(struct series *series)
{
    *series = (struct series){.points = series->points, .room = series->room};
}

void series_add(struct series *series, double value, uint64_t at_ns)
{
    double before = value - series->mean;

    if (!isfinite(value))
        return;
    if (series->count == 0) {
        series->min = series->max = value;
        series->first_at_ns = at_ns;
    }
    series->points[series->count % series->room] = (struct series_point){at_ns, value};
    series->count++;
    series->min = value < series->min ? value : series->min;
    series->max = value > series->max ? value : series->max;
    series->mean += before / (double)series->count;
    series->squares += before * (value - series->mean);
}

double series_sigma(const struct series *series)
{
    return series->count < 2 ? 0 : sqrt(series->squares / (double)(series->count - 1));
}

double series_rate(const struct series *series)
{
    uint64_t last_ns;

    if (series->count < 2)
        return 0;
    last_ns = series->points[(series->count - 1) % series->room].at_ns;
    if (last_ns <= series->first_at_ns)
        return 0;
    return (double)(series->count - 1) * 1e9 / (double)(last_ns - series->first_at_ns);
}

/* An exponent behind a number; one without digits belongs to what follows. */
static size_t read_exponent(const char *text, int *exponent)
{
    size_t at = 1;
    bool less;

    if (text[0] != 'e' && text[0] != 'E')
        return 0;
    less = text[at] == '-';
    at += text[at] == '-' || text[at] == '+';
    if (!isdigit((unsigned char)text[at]))
        return 0;
    for (; isdigit((unsigned char)text[at]); at++)
        *exponent = *exponent < 10000 ? *exponent * 10 + (text[at] - '0') : *exponent;
    *exponent = less ? -*exponent : *exponent;
    return at;
}

size_t series_number(const char *text, double *value)
{
    size_t at = text[0] == '-' || text[0] == '+' ? 1 : 0, digits = 0;
    long double sum = 0;
    int exponent = 0, shift = 0;
    bool point = false;

    for (;; at++) {
        if (text[at] == '.' && !point) {
            point = true;
        } else if (isdigit((unsigned char)text[at])) {
            sum = sum * 10 + (text[at] - '0');
            shift -= point;
            digits++;
        } else {
            break;
        }
    }
    if (digits == 0)
        return 0;
    at += read_exponent(text + at, &exponent);
    exponent += shift;
    sum = exponent < 0 ? sum / powl(10, -exponent) : sum * powl(10, exponent);
    *value = (double)(text[0] == '-' ? -sum : sum);
    return at;
}

/* A number that begins here and is not the end of a word. */
static bool number_at(const char *line, size_t at, double *value)
{
    if (at > 0 && (isalnum((unsigned char)line[at - 1]) || line[at - 1] == '_'))
        return false;
    return series_number(line + at, value) > 0;
}

static bool find_named(const char *line, const char *name, double *value)
{
    size_t len = strlen(name);

    for (size_t at = 0; line[at] != '\0'; at++) {
        const char *after = line + at + len;

        if (strncasecmp(line + at, name, len) != 0 ||
            (at > 0 && isalnum((unsigned char)line[at - 1])))
            continue;
        after += strspn(after, " \t");
        if (*after != ':' && *after != '=')
            continue;
        after += 1 + strspn(after + 1, " \t");
        return series_number(after, value) > 0;
    }
    return false;
}

static bool find_field(const char *line, unsigned long number, double *value)
{
    for (; number > 1; number--) {
        line += strcspn(line, ",; \t");
        if (*line == '\0')
            return false;
        line += 1 + strspn(line + 1, " \t");
    }
    return number == 1 && series_number(line + strspn(line, " \t"), value) > 0;
}

bool series_find(const char *line, const char *what, double *value)
{
    if (what != NULL && what[0] == '#')
        return find_field(line, strtoul(what + 1, NULL, 10), value);
    if (what != NULL)
        return find_named(line, what, value);
    for (size_t at = 0; line[at] != '\0'; at++) {
        if (number_at(line, at, value))
            return true;
    }
    return false;
}
