/* SPDX-License-Identifier: MIT */
/* CreatePipe: two synchronous ends of a byte pipe, one to read and one to write, with a quota and
 * modes like any other. */
#include "connected.h"

#include <stdlib.h>

struct ends {
    HANDLE reader, writer; /* NULL: closed */
};

static void ends_open(struct ends *e, DWORD size)
{
    CHECK(CreatePipe(&e->reader, &e->writer, NULL, size));
}

static void end_close(HANDLE *end)
{
    if (*end != NULL)
        CHECK_SAID(at_close(here, *end), 0, 0);
    *end = NULL;
}

static void ends_close(struct ends *e)
{
    end_close(&e->writer);
    end_close(&e->reader);
}

static const struct {
    const char *when;
    DWORD asked, given;
} sizes[] = {
    {"no size",    0,     4096 },
    {"the least",  1,     1    },
    {"an odd one", 32792, 32792},
};

static void the_size_is_exact_and_4096_if_none_is_given(void)
{
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        const char *when = sizes[i].when;
        struct ends e;
        struct said said;

        ends_open(&e, sizes[i].asked);
        said = at_info(here, e.reader);
        CHECK_SAID_WHEN(when, said, 0, 0);
        CHECK_EQ_WHEN(when, said.word[0], PIPE_SERVER_END | PIPE_TYPE_BYTE);
        CHECK_EQ_WHEN(when, said.word[1], sizes[i].given);
        CHECK_EQ_WHEN(when, said.word[2], sizes[i].given);
        CHECK_EQ_WHEN(when, said.word[3], 1);
        CHECK_EQ_WHEN(when, at_info(here, e.writer).word[0], PIPE_CLIENT_END | PIPE_TYPE_BYTE);
        ends_close(&e);
    }
}

static void what_fits_is_written_at_once_and_outlives_the_writer(void)
{
    enum { SIZE = 32768 };
    unsigned char *out = malloc(SIZE), *in = calloc(1, SIZE);
    DWORD written = 0, got = 0, count = 1;
    struct ends e;

    for (int i = 0; i < SIZE; i++)
        out[i] = (unsigned char)(i % 251);
    ends_open(&e, SIZE + 24);
    CHECK(WriteFile(e.writer, out, SIZE, &written, NULL));
    CHECK_EQ(written, SIZE);
    end_close(&e.writer);
    while (got < SIZE && CHECK(ReadFile(e.reader, in + got, SIZE - got, &count, NULL)) && count > 0)
        got += count;
    CHECK_EQ(got, SIZE);
    CHECK(memcmp(in, out, SIZE) == 0);
    CHECK_SAID(at_read(here, 0, e.reader, 1), ERROR_BROKEN_PIPE, 0);
    ends_close(&e);
    free(out);
    free(in);
}

/* The signal that would end a program is not raised. */
static void a_write_without_a_reader_fails_with_232(void)
{
    struct ends e;
    DWORD count = AT_LEFT;

    ends_open(&e, 0);
    end_close(&e.reader);
    SetLastError(0);
    CHECK_EQ(WriteFile(e.writer, "x", 1, &count, NULL), FALSE);
    CHECK_EQ(GetLastError(), ERROR_NO_DATA);
    CHECK_EQ(count, 0);
    CHECK_SAID(at_write(here, 0, e.writer, "", 0), ERROR_NO_DATA, 0);
    ends_close(&e);
}

static void each_end_goes_one_way(void)
{
    struct ends e;

    ends_open(&e, 0);
    CHECK_SAID(at_write(here, 0, e.reader, "x", 1), ERROR_ACCESS_DENIED, 0);
    CHECK_SAID(at_read(here, 0, e.writer, 1), ERROR_ACCESS_DENIED, 0);
    CHECK_SAID(at_peek(here, e.writer, 1), ERROR_ACCESS_DENIED, 0);
    CHECK_SAID(at_put(here, e.writer, "abc", 3), 0, 3);
    CHECK_EQ(at_peek(here, e.reader, 8).word[1], 3);
    CHECK_SAID(at_get(here, e.reader, 8), 0, 3);
    ends_close(&e);
}

static void a_writer_that_does_not_wait_takes_whole_writes_only(void)
{
    struct ends e;

    ends_open(&e, 4096);
    CHECK_SAID(at_set_mode(here, e.writer, PIPE_NOWAIT), 0, 0);
    CHECK_SAID(at_write(here, 0, e.writer, NULL, 4000), 0, 4000);
    CHECK_SAID(at_write(here, 0, e.writer, NULL, 200), 0, 0);
    CHECK_SAID(at_write(here, 0, e.writer, NULL, 96), 0, 96);
    CHECK_SAID(at_write(here, 0, e.writer, "x", 1), 0, 0);
    ends_close(&e);
}

static void a_reader_and_a_writer_block_for_each_other(void)
{
    struct ends e;
    struct said said;

    ends_open(&e, 4);
    CHECK_PENDS(at_read(here, BLOCKING | 0, e.reader, 8));
    CHECK_SAID(at_put(here, e.writer, "abc", 3), 0, 3);
    said = at_await(here, 0);
    CHECK_SAID(said, 0, 3);
    CHECK_DATA(said, "abc", 3);
    CHECK_PENDS(at_write(here, BLOCKING | 0, e.writer, "abcdefgh", 8));
    CHECK_SAID(at_get(here, e.reader, 3), 0, 3);
    CHECK_SAID(at_look(here, 0), ERROR_IO_INCOMPLETE, AT_ANY);
    CHECK_SAID(at_get(here, e.reader, 1), 0, 1); /* 4 are left: they fit */
    CHECK_SAID(at_await(here, 0), 0, 8);
    ends_close(&e);
}

static void both_handles_are_inherited_if_asked(void)
{
    SECURITY_ATTRIBUTES sa = {.nLength = sizeof sa, .bInheritHandle = TRUE};
    struct ends e;
    DWORD flags = 0;

    CHECK(CreatePipe(&e.reader, &e.writer, &sa, 0));
    CHECK(GetHandleInformation(e.reader, &flags));
    CHECK_EQ(flags, HANDLE_FLAG_INHERIT);
    CHECK(GetHandleInformation(e.writer, &flags));
    CHECK_EQ(flags, HANDLE_FLAG_INHERIT);
    ends_close(&e);
    ends_open(&e, 0);
    CHECK(GetHandleInformation(e.reader, &flags));
    CHECK_EQ(flags, 0);
    ends_close(&e);
}

FAR_TEST_MAIN(TEST(the_size_is_exact_and_4096_if_none_is_given),
              TEST(what_fits_is_written_at_once_and_outlives_the_writer),
              TEST(a_write_without_a_reader_fails_with_232), TEST(each_end_goes_one_way),
              TEST(a_writer_that_does_not_wait_takes_whole_writes_only),
              TEST(a_reader_and_a_writer_block_for_each_other),
              TEST(both_handles_are_inherited_if_asked))
