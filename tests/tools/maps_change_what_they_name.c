/* SPDX-License-Identifier: MIT */
/* A map changes the bytes it names, in its direction, and no others; what is captured stays as it
 * came. */
#include "tests/tools/dice.h"
#include "tools/common/capture.h"
#include "tools/common/maps.h"

#include "harness.h"

#include <string.h>

static void check_bytes(const char *when, struct bytes *got, const char *expected, size_t len)
{
    comm_check(got->len == len && (len == 0 || memcmp(got->data, expected, len) == 0), __FILE__,
               __LINE__, "%s: %zu bytes \"%s\" instead of \"%s\"", when, got->len,
               got->len > 0 ? got->data : "", expected);
    bytes_fini(got);
}

static void each_name_does_what_it_says(void)
{
    static const struct {
        const char *names, *bytes, *received, *sent;
    } cases[] = {
        {"",                      "a\r\n\b\x7f", "a\r\n\b\x7f", "a\r\n\b\x7f"},
        {"rx-cr-lf",              "a\rb\n",      "a\nb\n",      "a\rb\n"     },
        {"ICRNL,OCRNL",           "a\rb\n",      "a\nb\n",      "a\nb\n"     },
        {"i:crlf o:lfcr",         "a\rb\n",      "a\nb\n",      "a\rb\r"     },
        {"INLCRNL, ONLCRNL",      "a\rb\n",      "a\rb\r\n",    "a\rb\r\n"   },
        {"rx-cr-drop,tx-lf-drop", "a\rb\n",      "ab\n",        "a\rb"       },
        {"i:bsdel,ODELBS",        "\b\x7f",      "\x7f\x7f",    "\b\b"       },
        {"rx-ctrl-hex",           "\x01 \r\x7f", "[01] \r[7f]", "\x01 \r\x7f"},
        {"i:8bithex,i:spchex",    "\xe9 a",      "[e9][20]a",   "\xe9 a"     },
        {"i:crhex,i:crlf",        "\r",          "[0d]",        "\r"         },
        {"OLTU",                  "aZ\xe9",      "aZ\xe9",      "AZ\xe9"     },
        {"rx-7bit",               "\xe1\x41",    "aA",          "\xe1\x41"   },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct maps maps = {.tx_eol = LINES_CR};
        struct bytes received = {.data = NULL}, sent = {.data = NULL};
        size_t at, len = strlen(cases[i].bytes);

        CHECK(maps_add(&maps, cases[i].names, &at));
        maps_apply(maps.rx, cases[i].bytes, len, &received);
        maps_apply(maps.tx, cases[i].bytes, len, &sent);
        check_bytes(cases[i].names, &received, cases[i].received, strlen(cases[i].received));
        check_bytes(cases[i].names, &sent, cases[i].sent, strlen(cases[i].sent));
    }
}

static void an_unknown_name_changes_nothing(void)
{
    struct maps maps = {.rx = MAPS_CR_LF};
    size_t at = 0;
    enum lines_eol eol = LINES_CR;

    CHECK(!maps_add(&maps, "tx-lf-cr, sideways", &at));
    CHECK_EQ(at, 10);
    CHECK(maps.rx == MAPS_CR_LF && maps.tx == 0);
    CHECK(maps_eol_of("any", true, &eol) && eol == LINES_ANY);
    CHECK(!maps_eol_of("any", false, &eol));
    CHECK(!maps_eol_of("LF ", true, &eol));
}

static void lines_are_sent_with_their_end(void)
{
    static const struct {
        enum lines_eol eol;
        bool bs;
        const char *typed, *sent;
    } cases[] = {
        {LINES_CR,   false, "a\nb\r\nc\x7f", "a\rb\rc\x7f"},
        {LINES_LF,   true,  "a\rb\x7f",      "a\nb\b"     },
        {LINES_CRLF, false, "a\n\n",         "a\r\n\r\n"  },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct maps maps = {.tx_eol = cases[i].eol, .tx_bs = cases[i].bs};
        struct bytes sent = {.data = NULL};

        maps_send(&maps, cases[i].typed, strlen(cases[i].typed), &sent);
        check_bytes(cases[i].typed, &sent, cases[i].sent, strlen(cases[i].sent));
    }
}

static void reads_make_no_difference(void)
{
    static uint8_t data[2000];
    struct dice dice = {4};

    for (int round = 0; round < 100; round++) {
        unsigned flags = dice_roll(&dice) & 0x3ffff;
        struct bytes whole = {.data = NULL}, split = {.data = NULL};

        dice_bytes(&dice, data, sizeof(data));
        maps_apply(flags, data, sizeof(data), &whole);
        for (size_t at = 0; at < sizeof(data);) {
            size_t part = 1 + dice_below(&dice, 9);

            part = part > sizeof(data) - at ? sizeof(data) - at : part;
            maps_apply(flags, data + at, part, &split);
            at += part;
        }
        check_bytes("split", &split, whole.data, whole.len);
        bytes_fini(&whole);
    }
}

static void what_is_captured_is_what_came(void)
{
    static uint8_t data[2000];
    struct dice dice = {6};

    for (int round = 0; round < 20; round++) {
        struct capture capture;
        struct ring_record record = {.kind = RING_DATA, .data = data, .len = sizeof(data)};
        struct bytes view = {.data = NULL};

        dice_bytes(&dice, data, sizeof(data));
        capture_init(&capture, &(struct capture_options){.format = CAPTURE_RAW},
                     &(struct stamp_base){.wall_ns = 0});
        capture_begin(&capture, 0);
        maps_apply(dice_roll(&dice) & 0x3ffff, record.data, record.len, &view);
        capture_record(&capture, &record);
        CHECK_EQ(capture.out.len, sizeof(data));
        CHECK(memcmp(capture.out.data, data, sizeof(data)) == 0);
        bytes_fini(&view);
        capture_fini(&capture);
    }
}

COMM_TEST_MAIN(TEST(each_name_does_what_it_says), TEST(an_unknown_name_changes_nothing),
               TEST(lines_are_sent_with_their_end), TEST(reads_make_no_difference),
               TEST(what_is_captured_is_what_came))
