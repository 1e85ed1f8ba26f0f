/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target without a fuzzer: each file of its corpus, changed in some places, and random
 * bytes.  Nothing in it depends on chance, so that what fails once fails again.
 *
 *     fuzz_TARGET [-n RUNS] [FILE|DIRECTORY]... */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

enum { LONGEST = 1 << 16, RANDOM_LONGEST = 700, CHANGED = 20 };

static unsigned ran;

static uint32_t next(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* In memory of exactly its size, so that a sanitizer sees a look beyond it. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    FUZZ_MUST(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    ran++;
}

/* Bytes are the likely ones more often than not: small, large, text. */
static uint8_t random_byte(uint32_t *seed)
{
    static const uint8_t likely[] = {0,    1,   2,   0x7F, 0x80, 0xFE, 0xFF,
                                     '\\', '/', '.', ':',  '=',  '\n'};
    uint32_t n = next(seed);

    return n % 3 == 0 ? likely[n / 3 % sizeof likely] : (uint8_t)(n >> 16);
}

static void run_random(unsigned runs)
{
    static uint8_t bytes[RANDOM_LONGEST];

    for (uint32_t i = 1; i <= runs; i++) {
        uint32_t seed = 0x9E3779B9u * i;
        size_t size = next(&seed) % RANDOM_LONGEST;

        for (size_t j = 0; j < size; j++)
            bytes[j] = random_byte(&seed);
        run(bytes, size);
    }
}

static void run_changed(uint8_t *bytes, size_t size, uint32_t seed)
{
    for (int i = 0; i < CHANGED && size > 0; i++) {
        size_t at = next(&seed) % size;

        bytes[at] = (uint8_t)(i % 2 == 0 ? random_byte(&seed) : bytes[at] ^ 1u << next(&seed) % 8);
        run(bytes, i % 5 == 4 ? at : size);
    }
}

static void run_file(const char *path)
{
    static uint8_t bytes[LONGEST];
    FILE *file = fopen(path, "rb");
    size_t size;

    if (file == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    run(bytes, size);
    run_changed(bytes, size, (uint32_t)size + 1);
}

/* In the order of their names. */
static void run_directory(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    char file[4096];

    for (int i = 0; i < count; i++) {
        snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            run_file(file);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static void run_path(const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        run_directory(path);
    else
        run_file(path);
}

int main(int argc, char **argv)
{
    unsigned runs = 3000;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-n") == 0 && i + 1 < argc)
            runs = (unsigned)strtoul(argv[++i], NULL, 10);
        else
            run_path(argv[i]);
    }
    run_random(runs);
    printf("%u inputs\n", ran);
    return EXIT_SUCCESS;
}
