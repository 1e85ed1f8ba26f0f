/* SPDX-License-Identifier: MIT */
/* Bytes and messages through a socket: however they are read, peeked at and thrown away, they come
 * in order and whole, and nothing comes twice.  One in four inputs is a peer that lies about what
 * it has sent; then only nothing may break. */
#include "fuzz.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pipes/carrier.h"

enum { MOST = 48, LONGEST = 5000 };

struct fuzz {
    struct fuzz_input in;
    struct pi_carrier reader, writer;
    bool lies, closed;
    /* The model: lengths of messages, of which `first` is the oldest that is not all read. */
    size_t len[MOST], largest;
    unsigned first, count;
    size_t at; /* in the oldest */
};

/* Byte i of message m. */
static uint8_t content(unsigned m, size_t i)
{
    return (uint8_t)(m * 37 + i * 11 + i / 251);
}

static size_t some_length(struct fuzz *f)
{
    uint8_t n = fuzz_byte(&f->in);

    return n < 8 ? n : n < 0xF0 ? (size_t)n * 4 : (size_t)LONGEST - n;
}

/* ---- writing ---- */

static void note(struct fuzz *f, size_t len)
{
    f->len[f->count++] = len;
    if (len > f->largest)
        f->largest = len;
}

static void do_write(struct fuzz *f)
{
    uint8_t bytes[LONGEST];
    size_t len = some_length(f);

    if (f->closed || f->count == MOST || (len == 0 && !f->reader.records))
        return;
    for (size_t i = 0; i < len; i++)
        bytes[i] = content(f->count, i);
    if (pi_carrier_write(&f->writer, bytes, len) == (ssize_t)len)
        note(f, len);
}

static void do_write_big(struct fuzz *f)
{
    uint8_t bytes[LONGEST];
    size_t len = some_length(f);

    if (f->closed || f->count == MOST || !f->reader.records || len == 0)
        return;
    for (size_t i = 0; i < len; i++)
        bytes[i] = content(f->count, i);
    f->reader.bigs = true; /* it is counted before it goes */
    if (pi_carrier_write_big(&f->writer, bytes, len) == 0)
        note(f, len);
}

static void do_close(struct fuzz *f)
{
    if (!f->closed)
        close(f->writer.fd);
    f->closed = true;
}

/* ---- reading ---- */

static void before(struct fuzz *f)
{
    f->reader.owed = f->count - f->first;
    if (!f->lies)
        return;
    f->reader.owed = fuzz_number(&f->in, 8);
    f->reader.bigs = fuzz_byte(&f->in) % 2 == 0;
}

static bool nothing_left(const struct fuzz *f)
{
    return f->first == f->count;
}

/* The model's next `len` bytes are these; then it is so much further. */
static void advance(struct fuzz *f, const uint8_t *bytes, size_t len)
{
    while (!nothing_left(f) && (len > 0 || (!f->reader.records && f->at == f->len[f->first]))) {
        size_t rest = f->len[f->first] - f->at, n = len < rest ? len : rest;

        for (size_t i = 0; bytes != NULL && i < n; i++)
            FUZZ_MUST(*bytes++ == content(f->first, f->at + i));
        f->at += n;
        len -= n;
        if (f->at < f->len[f->first] || (f->reader.records && len == 0))
            break;
        f->first++;
        f->at = 0;
    }
    FUZZ_MUST(len == 0);
}

/* So many messages are finished. */
static void settle(struct fuzz *f, unsigned was, uint64_t records)
{
    unsigned should = was + (unsigned)records;

    FUZZ_MUST(should <= f->count && f->first <= should);
    while (f->first < should) { /* read to its last byte, or empty */
        FUZZ_MUST(f->at == f->len[f->first] || f->len[f->first] == 0);
        f->first++;
        f->at = 0;
    }
}

static void check_none(struct fuzz *f, int error)
{
    FUZZ_MUST(nothing_left(f));
    FUZZ_MUST(error == (f->closed ? -EPIPE : -EAGAIN));
}

static void do_read(struct fuzz *f)
{
    static uint8_t bytes[LONGEST];
    struct pi_taken taken;
    size_t len = some_length(f);
    bool whole = fuzz_byte(&f->in) % 2 == 0, was_there = !nothing_left(f);
    unsigned was = f->first;
    int error;

    before(f);
    error = pi_carrier_read(&f->reader, bytes, len, whole, len >= f->largest, &taken);
    FUZZ_MUST(error != 0 || taken.bytes <= len);
    if (f->lies)
        return;
    if (error != 0) {
        check_none(f, error);
        return;
    }
    FUZZ_MUST(was_there || len == 0);
    advance(f, bytes, taken.bytes);
    if (!f->reader.records)
        return;
    settle(f, was, taken.records);
    FUZZ_MUST(len == 0 || taken.bytes > 0 || taken.records > 0);
    FUZZ_MUST(!whole || taken.records <= 1);
    FUZZ_MUST(!whole || taken.more == (taken.records == 0));
}

static void do_peek(struct fuzz *f)
{
    static uint8_t bytes[LONGEST];
    size_t len = some_length(f), got = 0, total = 0, message = 0;
    int error;

    before(f);
    error = pi_carrier_peek(&f->reader, bytes, len, &got, &total, &message);
    FUZZ_MUST(error != 0 || got <= len);
    if (f->lies)
        return;
    if (error != 0) {
        check_none(f, error);
        return;
    }
    FUZZ_MUST(!nothing_left(f) && got <= total);
    if (f->reader.records) {
        FUZZ_MUST(message == f->len[f->first] - f->at);
        for (size_t i = 0; i < got; i++)
            FUZZ_MUST(bytes[i] == content(f->first, f->at + i));
    }
}

static void do_discard(struct fuzz *f)
{
    struct pi_taken taken;
    size_t len = 1 + some_length(f);
    unsigned was = f->first;
    int error;

    before(f);
    error = pi_carrier_discard(&f->reader, len, &taken);
    if (f->lies)
        return;
    if (error != 0) {
        check_none(f, error);
        return;
    }
    FUZZ_MUST(f->reader.records || taken.bytes <= len);
    advance(f, NULL, taken.bytes);
    if (f->reader.records)
        settle(f, was, taken.records);
}

static void do_raw(struct fuzz *f)
{
    uint8_t bytes[16];

    if (!f->lies || f->closed)
        return;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = fuzz_byte(&f->in);
    (void)pi_carrier_write(&f->writer, bytes, sizeof bytes);
}

static void (*const calls[])(struct fuzz *) = {
    do_write, do_read, do_write, do_peek,  do_write_big, do_discard, do_write, do_read,
    do_write, do_read, do_write, do_close, do_peek,      do_discard, do_raw,   do_read,
};

static void open_pair(struct fuzz *f, uint8_t how)
{
    bool records = how % 2 == 0;
    int fd[2];

    FUZZ_MUST(socketpair(AF_UNIX, (records ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_CLOEXEC, 0, fd) ==
              0);
    f->reader = (struct pi_carrier){.fd = fd[0], .records = records};
    f->writer = (struct pi_carrier){.fd = fd[1], .records = records};
    f->lies = how % 8 / 2 == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz f = {
        .in = {data, data + size}
    };

    open_pair(&f, fuzz_byte(&f.in));
    for (int i = 0; i < 200 && f.in.at < f.in.end; i++)
        calls[fuzz_byte(&f.in) % (sizeof calls / sizeof calls[0])](&f);
    do_close(&f);
    for (unsigned left = 8 * MOST; !f.lies && !nothing_left(&f) && left > 0; left--)
        do_read(&f); /* of what is left every bit, 0 bytes at a time or 1 */
    pi_carrier_drain(&f.reader);
    close(f.reader.fd);
    return 0;
}
