/* SPDX-License-Identifier: MIT */
/* Rows go on over the borders of pieces; only a silence begins a new one. */
#include "tools/common/hexview.h"

#include "tools/common/checksum.h"
#include "tools/common/escapes.h"
#include "tools/common/stamp.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

void hexview_begin(struct hexview *view, const struct hexview_piece *pieces, size_t count,
                   uint64_t offset, uint64_t silence_ns)
{
    *view = (struct hexview){
        .pieces = pieces, .count = count, .offset = offset, .silence_ns = silence_ns};
    if (count > 0)
        view->before_ns = pieces[0].at_ns;
}

/* Whether there is a silence before the next byte; moves to the piece that has it. */
static bool at_gap(struct hexview *view, uint64_t *gap_ns)
{
    const struct hexview_piece *piece;

    while (view->piece < view->count && view->used == view->pieces[view->piece].len) {
        view->piece++;
        view->used = 0;
    }
    if (view->piece == view->count)
        return false;
    piece = &view->pieces[view->piece];
    *gap_ns = piece->at_ns > view->before_ns ? piece->at_ns - view->before_ns : 0;
    return view->silence_ns > 0 && *gap_ns > view->silence_ns;
}

bool hexview_next(struct hexview *view, struct hexview_row *row)
{
    uint64_t gap_ns;

    *row = (struct hexview_row){.offset = view->offset};
    if (at_gap(view, &gap_ns)) {
        row->gap_ns = gap_ns;
        view->before_ns = view->pieces[view->piece].at_ns;
        return true;
    }
    while (row->len < HEXVIEW_ROW && !at_gap(view, &gap_ns) && view->piece < view->count) {
        const struct hexview_piece *piece = &view->pieces[view->piece];

        row->bytes[row->len++] = piece->data[view->used++];
        view->before_ns = piece->at_ns;
    }
    view->offset += row->len;
    return row->len > 0;
}

size_t hexview_format(char *out, const struct hexview_row *row)
{
    char span[STAMP_ROOM];
    size_t len;

    if (row->len == 0) {
        stamp_span(span, row->gap_ns);
        return (size_t)snprintf(out, HEXVIEW_ROOM, "%04llx  -- gap %s --",
                                (unsigned long long)row->offset, span);
    }
    len = (size_t)snprintf(out, HEXVIEW_ROOM, "%04llx ", (unsigned long long)row->offset);
    for (size_t i = 0; i < HEXVIEW_ROW; i++) {
        const char *before = i == HEXVIEW_ROW / 2 ? "  " : " ";

        if (i < row->len)
            len += (size_t)snprintf(out + len, HEXVIEW_ROOM - len, "%s%02x", before, row->bytes[i]);
        else
            len += (size_t)snprintf(out + len, HEXVIEW_ROOM - len, "%s  ", before);
    }
    len += (size_t)snprintf(out + len, HEXVIEW_ROOM - len, "  |");
    for (size_t i = 0; i < row->len; i++)
        out[len++] = row->bytes[i] >= 0x20 && row->bytes[i] < 0x7f ? (char)row->bytes[i] : '.';
    out[len++] = '|';
    out[len] = '\0';
    return len;
}

static uint64_t load(const uint8_t *data, size_t len, bool big)
{
    uint64_t value = 0;

    for (size_t i = 0; i < len; i++)
        value = value << 8 | data[big ? i : len - 1 - i];
    return value;
}

static void add_float(struct bytes *out, const uint8_t *data, size_t len, bool big)
{
    uint64_t bits = load(data, len, big);
    uint32_t low = (uint32_t)bits;
    double number;
    float small;

    if (len == 4) {
        memcpy(&small, &low, sizeof(small));
        number = (double)small;
    } else {
        memcpy(&number, &bits, sizeof(number));
    }
    bytes_format(out, "  f%zu%s %.*g", len * 8, big ? "be" : "le", len == 4 ? 7 : 15, number);
}

void hexview_numbers(struct bytes *out, const uint8_t *data, size_t len)
{
    if (len == 0)
        return;
    bytes_format(out, "u8 %u  i8 %d", data[0], (int)(int8_t)data[0]);
    for (size_t size = 2; size <= 8 && size <= len; size *= 2) {
        for (int big = 0; big < 2; big++) {
            uint64_t value = load(data, size, big);
            const char *order = big ? "be" : "le";

            bytes_format(out, "  u%zu%s %llu", size * 8, order, (unsigned long long)value);
            if (value >> (size * 8 - 1)) /* else the signed one is the same */
                bytes_format(out, "  i%zu%s %lld", size * 8, order,
                             (long long)(size == 8 ? value : value | UINT64_MAX << size * 8));
            if (size >= 4)
                add_float(out, data, size, big);
        }
    }
}

void hexview_sums(struct bytes *out, const uint8_t *data, size_t len)
{
    static const int digits[CHECKSUM_KINDS] = {2, 2, 2, 4, 4, 8};

    for (int kind = 0; kind < CHECKSUM_KINDS; kind++)
        bytes_format(out, "%s%s 0x%0*x", kind > 0 ? "  " : "",
                     checksum_name((enum checksum_kind)kind), digits[kind],
                     checksum_of((enum checksum_kind)kind, data, len));
}

static int digit_of(char c)
{
    if (!isxdigit((unsigned char)c))
        return -1;
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* Quoted text, with its escapes; gives its length with the quotes, 0 if it is wrong. */
static size_t read_quoted(struct bytes *out, const char *text)
{
    struct bytes inside = {.data = NULL};
    struct escapes escapes;
    size_t len = 1, at;
    bool ok;

    while (text[len] != '\0' && text[len] != '"')
        len += text[len] == '\\' && text[len + 1] != '\0' ? 2 : 1;
    if (text[len] == '\0')
        return 0;
    for (size_t i = 1; i < len; i++) {
        if (text[i] == '\\' && text[i + 1] == '"')
            continue; /* \" is a quote; the escapes do not know it */
        if (text[i] == '\\' && text[i + 1] == '\\')
            bytes_byte(&inside, (unsigned char)text[i++]);
        bytes_byte(&inside, (unsigned char)text[i]);
    }
    ok = escapes_read(&escapes, inside.data == NULL ? "" : inside.data, &at);
    if (ok)
        bytes_add(out, escapes.bytes.data, escapes.bytes.len);
    ok = ok && escapes.pause_count == 0;
    escapes_fini(&escapes);
    bytes_fini(&inside);
    return ok ? len + 1 : 0;
}

/* One byte as two digits, or one alone; gives its length. */
static size_t read_digits(struct bytes *out, const char *text)
{
    int high = digit_of(text[0]), low = high < 0 ? -1 : digit_of(text[1]);

    if (high < 0)
        return 0;
    bytes_byte(out, (unsigned)(low < 0 ? high : high << 4 | low));
    return low < 0 ? 1 : 2;
}

bool hexview_read(struct bytes *out, const char *text, size_t *at)
{
    size_t before = out->len;

    for (*at = 0;;) {
        size_t len;

        *at += strspn(text + *at, " \t,");
        if (text[*at] == '\0')
            return true;
        if (text[*at] == '0' && tolower((unsigned char)text[*at + 1]) == 'x' &&
            isxdigit((unsigned char)text[*at + 2]))
            *at += 2;
        len = text[*at] == '"' ? read_quoted(out, text + *at) : read_digits(out, text + *at);
        if (len == 0)
            break;
        *at += len;
    }
    bytes_drop_end(out, out->len - before);
    return false;
}
