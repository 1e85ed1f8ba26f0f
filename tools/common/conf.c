/* SPDX-License-Identifier: MIT */
/* Reading the bytes of a configuration.  The reader stands at a byte and knows line and column; a
 * fault ends a line, never the file. */
#include "tools/common/conf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct conf *conf;
    const char *file;
    const char *at, *end; /* of the line, without what ends it */
    unsigned line, column;
    char *section; /* the one we are in; owned */
};

void *conf_grow(struct conf *conf, void *array, size_t count, size_t size)
{
    void *more = array;

    if ((count & (count - 1)) == 0) /* full at every power of two */
        more = realloc(array, (count == 0 ? 1 : count * 2) * size);
    if (more == NULL)
        conf->no_memory = true;
    return more;
}

void conf_fault(struct conf *conf, struct conf_place at, const char *format, ...)
{
    struct conf_error *more = conf_grow(conf, conf->errors, conf->error_count, sizeof(*more));
    va_list args;
    char *text;

    if (more == NULL)
        return;
    conf->errors = more;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    if (text == NULL) {
        conf->no_memory = true;
        return;
    }
    conf->errors[conf->error_count++] = (struct conf_error){at, text};
}

static size_t file_number(const struct conf *conf, const char *file)
{
    size_t i = 0;

    while (i < conf->file_count && conf->files[i] != file)
        i++;
    return i;
}

static int compare_faults(const void *a, const void *b, void *arg)
{
    const struct conf_place *one = &((const struct conf_error *)a)->at;
    const struct conf_place *two = &((const struct conf_error *)b)->at;
    size_t first = file_number(arg, one->file), second = file_number(arg, two->file);

    if (first != second)
        return first < second ? -1 : 1;
    if (one->line != two->line)
        return one->line < two->line ? -1 : 1;
    return (one->column > two->column) - (one->column < two->column);
}

void conf_sort_faults(struct conf *conf)
{
    if (conf->error_count > 1)
        qsort_r(conf->errors, conf->error_count, sizeof(*conf->errors), compare_faults, conf);
}

static struct conf_place here(const struct reader *r)
{
    return (struct conf_place){r->file, r->line, r->column};
}

/* A column is a character: bytes that go on with one are not counted. */
static void step(struct reader *r)
{
    r->at++;
    if (r->at == r->end || ((unsigned char)*r->at & 0xc0) != 0x80)
        r->column++;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end && is_blank(*r->at))
        step(r);
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

/* Nothing, or a comment. */
static bool expect_end(struct reader *r, const char *what)
{
    bool blank = r->at < r->end && is_blank(*r->at);

    skip_blanks(r);
    if (r->at == r->end || (blank && *r->at == ';'))
        return true;
    conf_fault(r->conf, here(r), "something stands after %s", what);
    return false;
}

static void keep_section(struct reader *r, const char *from, size_t len)
{
    char *section = strndup(from, len);

    if (section == NULL)
        r->conf->no_memory = true;
    free(r->section);
    r->section = section;
}

static void read_section(struct reader *r)
{
    struct conf_place open = here(r);
    const char *from, *to;

    step(r);
    skip_blanks(r);
    from = r->at;
    while (r->at < r->end && *r->at != ']')
        step(r);
    if (r->at == r->end) {
        conf_fault(r->conf, open, "the ] of this [ is missing");
        return;
    }
    for (to = r->at; to > from && is_blank(to[-1]); to--)
        ;
    if (to == from)
        conf_fault(r->conf, open, "a section has a name");
    keep_section(r, from, (size_t)(to - from));
    step(r);
    expect_end(r, "the section");
}

static int hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Past the backslash; the byte that is meant, or -1. */
static int read_escape(struct reader *r)
{
    static const char names[] = "abefnrtv\\\"'", bytes[] = "\a\b\033\f\n\r\t\v\\\"'";
    const char *name = r->at < r->end && *r->at != '\0' ? strchr(names, *r->at) : NULL;
    int value = 0, digits = 0;

    if (name != NULL) {
        step(r);
        return bytes[name - names];
    }
    if (r->at < r->end && *r->at == 'x') {
        step(r);
        for (; digits < 2 && r->at < r->end && hex_of(*r->at) >= 0; digits++, step(r))
            value = value * 16 + hex_of(*r->at);
        return digits == 2 ? value : -1;
    }
    for (; digits < 3 && r->at < r->end && *r->at >= '0' && *r->at <= '7'; digits++, step(r))
        value = value * 8 + (*r->at - '0');
    return digits > 0 && value < 256 ? value : -1;
}

/* Between the quotes, into `to`, which has room for the line. */
static bool read_quoted(struct reader *r, char *to)
{
    struct conf_place open = here(r);

    step(r);
    while (r->at < r->end && *r->at != '"') {
        struct conf_place at = here(r);
        int byte = (unsigned char)*r->at;
        bool escape = byte == '\\';

        step(r);
        if (escape)
            byte = read_escape(r);
        if (byte <= 0) {
            conf_fault(r->conf, at, byte < 0 ? "there is no such escape" : "a value has no byte 0");
            return false;
        }
        *to++ = (char)byte;
    }
    *to = '\0';
    if (r->at == r->end) {
        conf_fault(r->conf, open, "the closing \" is missing");
        return false;
    }
    step(r);
    return expect_end(r, "the value");
}

static bool read_plain(struct reader *r, char *to)
{
    const char *from = r->at, *end = r->at;

    for (; r->at < r->end; step(r)) {
        if (*r->at == ';' && is_blank(r->at[-1])) /* a sign = stands before, at the least */
            break;
        if (!is_blank(*r->at))
            end = r->at + 1;
    }
    memcpy(to, from, (size_t)(end - from));
    to[end - from] = '\0';
    return true;
}

static void add_entry(struct reader *r, struct conf_entry entry)
{
    struct conf *conf = r->conf;
    struct conf_entry *more = conf_grow(conf, conf->entries, conf->count, sizeof(*more));

    entry.section = strdup(r->section == NULL ? "" : r->section);
    if (more != NULL)
        conf->entries = more;
    if (more == NULL || entry.section == NULL) {
        conf->no_memory = true;
        free(entry.section);
        free(entry.key);
        free(entry.value);
        return;
    }
    conf->entries[conf->count++] = entry;
}

static void read_entry(struct reader *r)
{
    struct conf_entry entry = {.at = here(r)};
    const char *from = r->at, *to;

    while (r->at < r->end && is_name(*r->at))
        step(r);
    to = r->at;
    skip_blanks(r);
    if (to == from || r->at == r->end || *r->at != '=') {
        conf_fault(r->conf, here(r),
                   to == from ? "a line begins with a name or a [" : "a = is missing");
        return;
    }
    step(r);
    skip_blanks(r);
    entry.value_at = here(r);
    entry.key = strndup(from, (size_t)(to - from));
    entry.value = malloc((size_t)(r->end - r->at) + 1);
    if (entry.key != NULL && entry.value != NULL) {
        bool quoted = r->at < r->end && *r->at == '"';

        if (quoted ? read_quoted(r, entry.value) : read_plain(r, entry.value)) {
            add_entry(r, entry);
            return;
        }
    } else {
        r->conf->no_memory = true;
    }
    free(entry.key);
    free(entry.value);
}

static void read_line(struct reader *r)
{
    const char *zero = memchr(r->at, '\0', (size_t)(r->end - r->at));

    if (zero != NULL) {
        while (r->at < zero)
            step(r);
        conf_fault(r->conf, here(r), "a byte 0: this is no text");
        return;
    }
    skip_blanks(r);
    if (r->at == r->end || *r->at == '#' || *r->at == ';')
        return;
    if (*r->at == '[')
        read_section(r);
    else
        read_entry(r);
}

static const char *keep_name(struct conf *conf, const char *file)
{
    char **more = conf_grow(conf, conf->files, conf->file_count, sizeof(*more));
    char *name = strdup(file);

    if (more != NULL)
        conf->files = more;
    if (more == NULL || name == NULL) {
        conf->no_memory = true;
        free(name);
        return "";
    }
    return conf->files[conf->file_count++] = name;
}

void conf_parse(struct conf *conf, const char *file, const char *bytes, size_t len)
{
    struct reader r = {.conf = conf, .file = keep_name(conf, file)};
    const char *end = bytes + len;

    if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        bytes += 3; /* an editor's mark */
    while (bytes < end) {
        const char *feed = memchr(bytes, '\n', (size_t)(end - bytes));

        r.at = bytes;
        r.end = feed == NULL ? end : feed;
        r.line++;
        r.column = 1;
        bytes = feed == NULL ? end : feed + 1;
        if (r.end > r.at && r.end[-1] == '\r')
            r.end--;
        read_line(&r);
    }
    free(r.section);
}

void conf_free(struct conf *conf)
{
    for (size_t i = 0; i < conf->count; i++) {
        free(conf->entries[i].section);
        free(conf->entries[i].key);
        free(conf->entries[i].value);
    }
    for (size_t i = 0; i < conf->error_count; i++)
        free(conf->errors[i].text);
    for (size_t i = 0; i < conf->file_count; i++)
        free(conf->files[i]);
    free(conf->entries);
    free(conf->errors);
    free(conf->files);
    *conf = (struct conf){0};
}

/* Whether it would be read as something else if it stood there as it is. */
static bool wants_quotes(const char *value)
{
    size_t len = strlen(value);

    if (len == 0 || value[0] == '"' || value[0] == ';' || is_blank(value[0]) ||
        is_blank(value[len - 1]))
        return true;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)value[i] < ' ' || value[i] == 0x7f ||
            (value[i] == ';' && is_blank(value[i - 1])))
            return true;
    return false;
}

char *conf_quote(const char *value)
{
    char *text, *to;

    if (!wants_quotes(value))
        return strdup(value);
    text = to = malloc(strlen(value) * 4 + 3);
    if (text == NULL)
        return NULL;
    *to++ = '"';
    for (; *value != '\0'; value++) {
        if ((unsigned char)*value < ' ' || *value == 0x7f)
            to += sprintf(to, "\\x%02x", (unsigned)(unsigned char)*value);
        else if (*value == '"' || *value == '\\')
            to += sprintf(to, "\\%c", *value);
        else
            *to++ = *value;
    }
    *to++ = '"';
    *to = '\0';
    return text;
}
