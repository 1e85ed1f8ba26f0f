/* SPDX-License-Identifier: MIT */
/* The decisions about files, and records in their formats; lines of text are in capture_text.c. */
#include "tools/common/capture.h"

#include "tools/common/capture_text.h"
#include "tools/common/width.h"

#include <stdio.h>
#include <string.h>

#define SECOND ((int64_t)1000000000)

static const char *const formats[CAPTURE_FORMATS] = {"raw", "text", "hex", "jsonl"};

void capture_init(struct capture *capture, const struct capture_options *options,
                  const struct stamp_base *base)
{
    *capture = (struct capture){.options = *options, .base = *base};
}

void capture_fini(struct capture *capture)
{
    bytes_fini(&capture->side[0].line);
    bytes_fini(&capture->side[1].line);
    bytes_fini(&capture->out);
}

const char *capture_format_name(enum capture_format format)
{
    return formats[format];
}

bool capture_format_of(const char *name, enum capture_format *format)
{
    for (int i = 0; i < CAPTURE_FORMATS; i++) {
        if (strcmp(name, formats[i]) == 0) {
            *format = (enum capture_format)i;
            return true;
        }
    }
    return false;
}

/* Which hour, day, ... a time is in, by the local clock. */
static uint64_t period_of(const struct capture *capture, uint64_t at_ns)
{
    int64_t ns = (int64_t)at_ns + capture->base.wall_ns + capture->base.utc_offset_s * SECOND;

    if (capture->options.rotate_ns == 0 || ns < 0)
        return 0;
    return (uint64_t)ns / capture->options.rotate_ns;
}

void capture_begin(struct capture *capture, uint64_t at_ns)
{
    capture->written = 0;
    capture->before_ns = 0;
    capture->period = period_of(capture, at_ns);
}

bool capture_rotates(const struct capture *capture, const struct ring_record *record)
{
    const struct capture_options *options = &capture->options;

    if (capture->written == 0) /* never an empty file */
        return false;
    if (options->rotate_bytes != 0 && capture->written >= options->rotate_bytes &&
        capture->side[0].line.len + capture->side[1].line.len == 0)
        return true;
    return period_of(capture, record->stamp_ns) != capture->period;
}

static void add_raw(struct capture *capture, const struct ring_record *record)
{
    if (record->kind == RING_DATA && (record->dir == RING_RX || capture->options.both))
        bytes_add(&capture->out, record->data, record->len);
}

/* One character of a JSON string, which must be UTF-8 all through. */
static void add_json_char(struct bytes *out, const uint8_t *data, size_t len, uint32_t code)
{
    static const char *const named = "\"\"\\\\\nn\rr\tt\bb\ff";
    const char *found = code == 0 || code > 0x7f ? NULL : strchr(named, (int)code);

    if (found != NULL && (found - named) % 2 != 0)
        found = NULL; /* the letter of a pair is a letter */
    if (found != NULL) {
        bytes_byte(out, '\\');
        bytes_byte(out, (unsigned char)found[1]);
    } else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
        bytes_format(out, "\\u%04x", code);
    } else {
        bytes_add(out, data, len);
    }
}

static void add_json_text(struct bytes *out, const uint8_t *data, size_t len)
{
    bytes_byte(out, '"');
    for (size_t at = 0; at < len;) {
        uint32_t code = 0;
        int got = width_decode(data + at, len - at, &code);

        add_json_char(out, data + at, got > 0 ? (size_t)got : 1, got > 0 ? code : '?');
        at += got > 0 ? (size_t)got : 1;
    }
    bytes_byte(out, '"');
}

static bool is_utf8(const uint8_t *data, size_t len)
{
    uint32_t code;

    for (size_t at = 0; at < len;) {
        int got = width_decode(data + at, len - at, &code);

        if (got <= 0)
            return false;
        at += (size_t)got;
    }
    return true;
}

static void add_hex_text(struct bytes *out, const uint8_t *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        bytes_byte(out, (unsigned char)digits[data[i] >> 4]);
        bytes_byte(out, (unsigned char)digits[data[i] & 15]);
    }
}

static void add_names(struct bytes *out, const char *key, unsigned bits, const char *const names[],
                      size_t count)
{
    const char *comma = "";

    bytes_format(out, ",\"%s\":[", key);
    for (size_t i = 0; i < count; i++) {
        if (bits >> i & 1) {
            bytes_format(out, "%s\"%s\"", comma, names[i]);
            comma = ",";
        }
    }
    bytes_byte(out, ']');
}

/* Bytes that are text are text; others are hex, so that nothing is lost. */
static void add_json(struct capture *capture, const struct ring_record *record)
{
    static const char *const kinds[] = {"data", "notice", "error", "lines", "mark"};
    static const char *const errors[] = {"framing", "parity", "overrun", "break", "full"};
    static const char *const lines[] = {"cts", "dsr", "ri", "dcd", "dtr", "rts"};
    struct bytes *out = &capture->out;
    char stamp[STAMP_ROOM];

    stamp_format(stamp, STAMP_EPOCH, &capture->base, record->stamp_ns, 0);
    bytes_format(out, "{\"t\":\"%s\",\"kind\":\"%s\"", stamp, kinds[record->kind]);
    if (record->kind == RING_DATA || record->kind == RING_ERROR)
        bytes_format(out, ",\"dir\":\"%s\"", record->dir == RING_RX ? "rx" : "tx");
    if (record->kind == RING_ERROR)
        add_names(out, "errors", record->detail, errors, 5);
    if (record->kind == RING_LINES) {
        add_names(out, "on", record->detail & 0xff, lines, 6);
        add_names(out, "changed", record->detail >> 8, lines, 6);
    }
    if (record->kind == RING_MARK)
        bytes_format(out, ",\"n\":%u", record->detail);
    if (record->len > 0 && is_utf8(record->data, record->len)) {
        bytes_text(out, ",\"text\":");
        add_json_text(out, record->data, record->len);
    } else if (record->len > 0) {
        bytes_text(out, ",\"hex\":\"");
        add_hex_text(out, record->data, record->len);
        bytes_byte(out, '"');
    }
    bytes_text(out, "}\n");
}

void capture_record(struct capture *capture, const struct ring_record *record)
{
    size_t before = capture->out.len;

    capture->records++;
    capture->data += record->kind == RING_DATA ? record->len : 0;
    if (capture->options.format == CAPTURE_RAW)
        add_raw(capture, record);
    else if (capture->options.format == CAPTURE_JSONL)
        add_json(capture, record);
    else
        capture_text_record(capture, record);
    capture->written += capture->out.len - before;
}

void capture_end(struct capture *capture)
{
    size_t before = capture->out.len;

    capture_text_end(capture);
    capture->written += capture->out.len - before;
}

/* A word in a template; '/' would lead into another directory. */
static bool put_word(char *out, size_t room, size_t *len, const char *word)
{
    for (; *word != '\0'; word++) {
        if (*len + 1 >= room)
            return false;
        out[(*len)++] = *word == '/' ? '-' : *word;
    }
    return true;
}

bool capture_name(char *out, size_t room, const char *format, const struct stamp_base *base,
                  uint64_t at_ns, const char *port, const char *profile, unsigned n)
{
    char dated[4096], number[16];
    const struct {
        const char *name, *word;
    } words[] = {
        {"{port}",    port   },
        {"{profile}", profile},
        {"{n}",       number }
    };
    size_t len = 0;

    snprintf(number, sizeof(number), "%u", n);
    if (room == 0 || !stamp_date(dated, sizeof(dated), format, base, at_ns))
        return false;
    for (const char *at = dated; *at != '\0';) {
        size_t i = 0, count = sizeof(words) / sizeof(words[0]);

        while (i < count && strncmp(at, words[i].name, strlen(words[i].name)) != 0)
            i++;
        if (i < count && !put_word(out, room, &len, words[i].word))
            return false;
        if (i == count && len + 1 >= room)
            return false;
        if (i == count)
            out[len++] = *at;
        at += i < count ? strlen(words[i].name) : 1;
    }
    out[len] = '\0';
    return true;
}
