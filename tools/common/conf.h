/* SPDX-License-Identifier: MIT */
/*
 * Configuration files: lines `name = value`, sections `[...]`, comments.
 *
 * Indentation means nothing.  A comment begins with # or ; at the start of a line, or with ; after
 * a blank.  A value in "" keeps its blanks and may have the escapes of C; \xHH has two digits.
 * Lines may be of any length.  A file is read to its end whatever is wrong in it, and every fault
 * is told with its place.
 *
 * conf_parse() looks at bytes and nothing else; conf_read() also opens files, and those that they
 * include.
 */
#ifndef TOOLS_CONF_H
#define TOOLS_CONF_H

#include <stdbool.h>
#include <stddef.h>

struct conf_place {
    const char *file; /* lives as long as its conf */
    unsigned line;    /* from 1; 0 is the file as a whole */
    unsigned column;  /* from 1, in characters */
};

struct conf_entry {
    struct conf_place at, value_at;
    char *section; /* "" before any */
    char *key, *value;
    int level; /* as given to conf_read(); 0 from conf_parse() */
};

struct conf_error {
    struct conf_place at;
    char *text;
};

struct conf {
    struct conf_entry *entries; /* in the order of the files */
    size_t count;
    struct conf_error *errors;
    size_t error_count;
    char **files;
    size_t file_count;
    bool no_memory; /* something is missing for want of memory */
};

/* A conf begins as {0}, takes as many files as are given, and ends with conf_free(). */
void conf_parse(struct conf *conf, const char *file, const char *bytes, size_t len);
/* Reads the file at `path` and what it includes.  One that is not there is an error only where it
 * must be; true if it was there. */
bool conf_read(struct conf *conf, const char *path, int level, bool must_be);
void conf_free(struct conf *conf);

/* One more fault, for whoever finds it in the meaning of an entry. */
void conf_fault(struct conf *conf, struct conf_place at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Faults by file and place, those of no file last: those in the meaning are found after those in
 * the form. */
void conf_sort_faults(struct conf *conf);

/* Room for one more element behind `count`, for whoever adds to its arrays; NULL is noted. */
void *conf_grow(struct conf *conf, void *array, size_t count, size_t size);

/* How a value has to be written to be read as `value`: as it is, or in "".  malloc()ed, or NULL. */
char *conf_quote(const char *value);

/* Where a program's files are, by the XDG rules: the user's own, and the machine's `nth`.
 * malloc()ed, NULL for no more, or none. */
char *conf_user_path(const char *program);
char *conf_system_path(const char *program, size_t nth);

#endif
