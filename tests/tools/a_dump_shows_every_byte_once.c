/* SPDX-License-Identifier: MIT */
/* The rows of a dump hold all bytes in order and break where there was silence, and what is dumped
 * can be typed in again. */
#include "tests/tools/dice.h"
#include "tools/common/checksum.h"
#include "tools/common/hexview.h"

#include "harness.h"

#include <string.h>

#define MS ((uint64_t)1000000)

static void rows_read_as_on_the_screen(void)
{
    const char *first = "\x02"
                        "1-0:0.0.0*255(1613300153)\r\n",
               *last = "!\r\n\x03\x1f";
    const struct hexview_piece pieces[] = {
        {(const uint8_t *)first,      10,                 0      },
        {(const uint8_t *)first + 10, strlen(first) - 10, 20 * MS},
        {(const uint8_t *)last,       5,                  53 * MS},
    };
    static const char *const expected[] = {
        "0000  02 31 2d 30 3a 30 2e 30  2e 30 2a 32 35 35 28 31  |.1-0:0.0.0*255(1|",
        "0010  36 31 33 33 30 30 31 35  33 29 0d 0a              |613300153)..|",
        "001c  -- gap 33.0 ms --",
        "001c  21 0d 0a 03 1f                                    |!....|",
    };
    struct hexview view;
    struct hexview_row row;
    size_t count = 0;

    hexview_begin(&view, pieces, ARRAY_LEN(pieces), 0, 20 * MS);
    while (hexview_next(&view, &row) && count < ARRAY_LEN(expected)) {
        char text[HEXVIEW_ROOM];
        size_t len = hexview_format(text, &row);

        CHECK_EQ(len, strlen(text));
        comm_check(strcmp(text, expected[count]) == 0, __FILE__, __LINE__, "\"%s\"", text);
        count++;
    }
    CHECK_EQ(count, ARRAY_LEN(expected));
    CHECK(!hexview_next(&view, &row));
}

static void any_pieces_give_the_same_rows(void)
{
    static uint8_t bytes[1000];
    struct dice dice = {31};

    for (int round = 0; round < 100; round++) {
        struct hexview_piece pieces[1001];
        struct hexview view;
        struct hexview_row row;
        struct bytes dumped = {.data = NULL}, typed = {.data = NULL};
        size_t count = 0, at;

        dice_bytes(&dice, bytes, sizeof(bytes));
        for (at = 0; at < sizeof(bytes); count++) {
            size_t part = dice_below(&dice, 40);

            part = part > sizeof(bytes) - at ? sizeof(bytes) - at : part;
            pieces[count] = (struct hexview_piece){bytes + at, part, 1};
            at += part;
            if (count == 999) {
                pieces[count].len += sizeof(bytes) - at;
                at = sizeof(bytes);
            }
        }
        hexview_begin(&view, pieces, count, 0, 0);
        while (hexview_next(&view, &row)) {
            CHECK(row.len == HEXVIEW_ROW || row.offset + row.len == sizeof(bytes));
            for (size_t i = 0; i < row.len; i++)
                bytes_format(&dumped, "%02x ", row.bytes[i]);
        }
        CHECK(hexview_read(&typed, dumped.data, &at));
        CHECK(typed.len == sizeof(bytes) && memcmp(typed.data, bytes, typed.len) == 0);
        bytes_fini(&dumped);
        bytes_fini(&typed);
    }
}

static void typed_hex_is_read_or_refused(void)
{
    static const struct {
        const char *text, *bytes;
        size_t len, wrong_at;
    } cases[] = {
        {"06 30 30 30 0d 0a",
         "\x06"
         "000\r\n",                               6, 0},
        {"0630,0x0D0a 7",     "\x06\x30\r\n\x07", 5, 0},
        {"06 \"te xt\" 1f",   "\x06te xt\x1f",    7, 0},
        {"\"a\\r\\\"\\\\\"",  "a\r\"\\",          4, 0},
        {"",                  "",                 0, 0},
        {"06 \"open",         NULL,               0, 3},
        {"06 xy",             NULL,               0, 3},
        {"\"\\q\"",           NULL,               0, 0},
        {"\"\\p100\"",        NULL,               0, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct bytes got = {.data = NULL};
        size_t at = 0;

        bytes_text(&got, "=");
        CHECK_EQ_WHEN(cases[i].text, hexview_read(&got, cases[i].text, &at),
                      cases[i].bytes != NULL);
        CHECK_EQ_WHEN(cases[i].text, got.len, cases[i].len + 1);
        if (cases[i].bytes == NULL)
            CHECK_EQ_WHEN(cases[i].text, at, cases[i].wrong_at);
        else
            CHECK_EQ_WHEN(cases[i].text, memcmp(got.data + 1, cases[i].bytes, cases[i].len), 0);
        bytes_fini(&got);
    }
}

static void sums_are_those_their_names_promise(void)
{
    static const struct {
        const char *name;
        uint32_t check; /* over "123456789" */
        const char *appended;
    } cases[] = {
        {"sum8",         0xdd,       "\xdd"            },
        {"xor",          0x31,       "\x31"            },
        {"crc8",         0xf4,       "\xf4"            },
        {"crc16/modbus", 0x4b37,     "\x37\x4b"        },
        {"crc16/ccitt",  0x29b1,     "\x29\xb1"        },
        {"crc32",        0xcbf43926, "\x26\x39\xf4\xcb"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum checksum_kind kind;
        uint8_t bytes[4];
        size_t len;

        CHECK(checksum_of_name(cases[i].name, &kind));
        CHECK_EQ_WHEN(cases[i].name, checksum_of(kind, "123456789", 9), cases[i].check);
        len = checksum_bytes(kind, cases[i].check, bytes);
        CHECK_EQ_WHEN(cases[i].name, len, strlen(cases[i].appended));
        CHECK_EQ_WHEN(cases[i].name, memcmp(bytes, cases[i].appended, len), 0);
    }
    CHECK(!checksum_of_name("crc16", &(enum checksum_kind){0}));
}

static void a_selection_is_explained(void)
{
    struct bytes out = {.data = NULL};

    hexview_numbers(&out, (const uint8_t *)"\x21\x0d\x0a\x03\x1f", 5);
    CHECK(strncmp(out.data, "u8 33  i8 33  u16le 3361  u16be 8461  u32le 50990369  f32le 4.05",
                  64) == 0);
    CHECK(strstr(out.data, "u32be 554502659") != NULL && strstr(out.data, "u64") == NULL);
    bytes_clear(&out);
    hexview_numbers(&out, (const uint8_t *)"\xff\xfe", 2);
    CHECK(strcmp(out.data, "u8 255  i8 -1  u16le 65279  i16le -257  u16be 65534  i16be -2") == 0);
    bytes_clear(&out);
    hexview_sums(&out, (const uint8_t *)"!\r\n\x03\x1f", 5);
    CHECK(strncmp(out.data, "sum8 0x5a  xor 0x3a  ", 21) == 0);
    CHECK(strstr(out.data, "crc16/modbus 0x91fb") != NULL);
    bytes_fini(&out);
}

COMM_TEST_MAIN(TEST(rows_read_as_on_the_screen), TEST(any_pieces_give_the_same_rows),
               TEST(typed_hex_is_read_or_refused), TEST(sums_are_those_their_names_promise),
               TEST(a_selection_is_explained))
