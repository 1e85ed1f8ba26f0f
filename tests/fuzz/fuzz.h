/* SPDX-License-Identifier: MIT */
/* What fuzz targets share.  A target is one function of bytes that returns whatever they are; what
 * does not hold ends the process.  libFuzzer calls it (preset fuzz), and so does replay.c, with the
 * corpus and with random bytes that are the same each time. */
#ifndef COMM_TESTS_FUZZ_H
#define COMM_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_MUST(condition) \
    ((condition) ? (void)0   \
                 : (fprintf(stderr, "%s:%d: not %s\n", __FILE__, __LINE__, #condition), abort()))

/* An input as a program: its bytes one after the other, then zeros. */
struct fuzz_input {
    const uint8_t *at, *end;
};

static inline uint8_t fuzz_byte(struct fuzz_input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

static inline uint64_t fuzz_number(struct fuzz_input *in, unsigned bytes)
{
    uint64_t n = 0;

    while (bytes-- > 0)
        n = n << 8 | fuzz_byte(in);
    return n;
}

/* All of it as a string: what is behind a NUL does not count. */
static inline char *fuzz_string(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    FUZZ_MUST(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

#endif
