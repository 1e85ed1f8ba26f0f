/* SPDX-License-Identifier: MIT */
/* The same bytes make the same lines and the same text, into whatever reads they were cut, and what
 * happens between the bytes keeps its place. */
#include "tests/tools/dice.h"
#include "tools/common/lines.h"

#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS ((uint64_t)1000000)

struct model {
    struct ring ring;
    struct lines lines;
};

static void model_init(struct model *model, struct lines_options options)
{
    CHECK(ring_init(&model->ring, 0));
    lines_init(&model->lines, &model->ring, &options);
}

static void model_fini(struct model *model)
{
    lines_fini(&model->lines);
    ring_fini(&model->ring);
}

static void receive(struct model *model, uint64_t at_ns, const char *bytes)
{
    ring_data(&model->ring, RING_RX, at_ns, bytes, strlen(bytes));
    CHECK(lines_step(&model->lines));
}

static void transmit(struct model *model, uint64_t at_ns, const char *bytes)
{
    ring_data(&model->ring, RING_TX, at_ns, bytes, strlen(bytes));
    CHECK(lines_step(&model->lines));
}

static size_t text_of(const struct lines *lines, uint64_t number, enum lines_style style,
                      uint64_t now_ns, char *out, size_t room)
{
    struct lines_text text;
    struct lines_glyph glyph;
    size_t len = 0;

    lines_text_begin(&text, lines, number, style, 0, now_ns);
    while (lines_text_next(&text, &glyph) && len + glyph.len < room) {
        memcpy(out + len, glyph.text, glyph.len);
        len += glyph.len;
    }
    out[len] = '\0';
    return len;
}

static void check_text(const char *when, const struct lines *lines, uint64_t number,
                       enum lines_style style, uint64_t now_ns, const char *expected)
{
    char text[512];

    text_of(lines, number, style, now_ns, text, sizeof(text));
    comm_check(strcmp(text, expected) == 0, __FILE__, __LINE__, "%s: \"%s\" instead of \"%s\"",
               when, text, expected);
}

/* Puts bytes into a model, in pieces that `dice` chooses; with NULL, one by one. */
static void pour(struct model *model, const uint8_t *bytes, size_t len, struct dice *dice)
{
    for (size_t at = 0; at < len;) {
        size_t part = dice == NULL ? 1 : 1 + dice_below(dice, 50);
        enum ring_dir dir = at / 997 % 3 == 2 ? RING_TX : RING_RX;

        if (part > 997 - at % 997)
            part = 997 - at % 997; /* the direction changes at the same bytes each time */
        if (part > len - at)
            part = len - at;
        ring_data(&model->ring, dir, at / 997 * MS, bytes + at, part);
        at += part;
        if (dice == NULL || dice_below(dice, 4) == 0)
            CHECK(lines_step(&model->lines));
    }
    CHECK(lines_step(&model->lines));
}

static size_t differences(const struct lines *a, const struct lines *b)
{
    static char texts[2][1 << 18];
    size_t wrong = a->end != b->end;

    for (uint64_t n = a->first; n < a->end && n < b->end; n++) {
        const struct line *one = lines_at(a, n), *other = lines_at(b, n);

        wrong += one->len != other->len || one->eol != other->eol || one->flags != other->flags ||
                 one->dir != other->dir || one->first_ns != other->first_ns ||
                 one->last_ns != other->last_ns;
        for (int style = LINES_CARET; style <= LINES_ESCAPES; style++) {
            text_of(a, n, (enum lines_style)style, 0, texts[0], sizeof(texts[0]));
            text_of(b, n, (enum lines_style)style, 0, texts[1], sizeof(texts[1]));
            wrong += strcmp(texts[0], texts[1]) != 0;
        }
        memset(texts[0], 0, one->len + 1);
        wrong += lines_bytes(a, n, 0, (uint8_t *)texts[0], sizeof(texts[0])) != one->len;
        wrong += lines_bytes(b, n, 0, (uint8_t *)texts[1], sizeof(texts[1])) != other->len;
        wrong += memcmp(texts[0], texts[1], one->len) != 0;
    }
    return wrong;
}

static void any_split_of_the_bytes_gives_the_same_lines(void)
{
    static uint8_t bytes[20000];

    for (unsigned round = 0; round < 32; round++) {
        struct dice dice = {round};
        enum lines_eol eol = (enum lines_eol)(round % 4);
        struct lines_options options = {
            .eol = {eol,   eol           },
            .hidden = {false, round % 8 == 7},
            .turn_ends = round & 4,
            .by_gap = round % 16 == 15,
            .gap_ns = round & 8 ? MS / 2 : 0,
        };
        struct model single, split;

        dice_bytes(&dice, bytes, sizeof(bytes));
        model_init(&single, options);
        model_init(&split, options);
        pour(&single, bytes, sizeof(bytes), NULL);
        pour(&split, bytes, sizeof(bytes), &dice);
        CHECK(single.lines.end > 5);
        CHECK_EQ_WHEN("random", differences(&single.lines, &split.lines), 0);
        model_fini(&single);
        model_fini(&split);
    }
}

static void lines_end_where_their_side_says(void)
{
    static const struct {
        const char *bytes;
        enum lines_eol eol;
        const char *lines[4];
    } cases[] = {
        {"a\nb\r\nc\rd",     LINES_ANY,  {"a", "b", "c", "d"} },
        {"a\r\r\n\nb",       LINES_ANY,  {"a", "", "", "b"}   },
        {"a\r\nb\rc\n",      LINES_LF,   {"a^M", "b^Mc"}      },
        {"a\r\nb\rc\n",      LINES_CR,   {"a", "^Jb", "c^J"}  },
        {"a\nb\rc\r\nd\r\n", LINES_CRLF, {"a^Jb^Mc", "d"}     },
        {"\x01\x7f\033[0m",  LINES_ANY,  {"^A^?^[[0m"}        },
        {"a\tb",             LINES_ANY,  {"a       b"}        },
        {"caf\xe9 \xc3\xa9", LINES_ANY,  {"caf\\xe9 \xc3\xa9"}},
        {"\xc2\x9b"
         "2J",      LINES_ANY,
         {"\\xc2\\x9b2J"}                                     },
        {"\xe4\xb8\n",       LINES_ANY,  {"\\xe4\\xb8"}       },
        {"\xf0\x9f\x98\x80", LINES_ANY,  {"\xf0\x9f\x98\x80"} },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct model model;
        char one[2] = "";

        model_init(&model, (struct lines_options){
                               .eol = {cases[i].eol, cases[i].eol}
        });
        for (const char *byte = cases[i].bytes; *byte != '\0'; byte++) {
            one[0] = *byte;
            receive(&model, 0, one);
        }
        for (size_t n = 0; n < 4 && cases[i].lines[n] != NULL; n++)
            check_text(cases[i].bytes, &model.lines, n, LINES_CARET, 0, cases[i].lines[n]);
        CHECK(model.lines.end == 4 || cases[i].lines[model.lines.end] == NULL);
        model_fini(&model);
    }
}

static void a_cut_character_is_awaited_but_not_for_ever(void)
{
    struct model model;

    model_init(&model, (struct lines_options){.gap_ns = 20 * MS});
    receive(&model, 0, "x\xe4\xb8");
    check_text("it may still come", &model.lines, 0, LINES_CARET, 20 * MS, "x");
    check_text("it did not come", &model.lines, 0, LINES_CARET, 21 * MS, "x\\xe4\\xb8");
    receive(&model, 20 * MS, "\xad!");
    check_text("it came", &model.lines, 0, LINES_CARET, 99 * MS, "x\xe4\xb8\xad!");
    receive(&model, 100 * MS, "\n\xe4\xb8");
    receive(&model, 121 * MS, "\xad");
    check_text("too late", &model.lines, 1, LINES_CARET, 121 * MS, "\\xe4\\xb8\\xad");
    model_fini(&model);
}

static void both_sides_and_events_are_told_apart(void)
{
    struct model model;
    const struct line *line;

    model_init(&model, (struct lines_options){.turn_ends = true});
    receive(&model, 1, "=> ");
    transmit(&model, 2, "run\r");
    receive(&model, 3, "ok ba");
    ring_event(&model.ring, RING_ERROR, RING_RX, RING_FRAMING, 4, NULL);
    receive(&model, 4, "d\r\n");
    ring_event(&model.ring, RING_LINES, RING_RX, RING_CTS << 8 | RING_CTS | RING_DSR << 8, 5, NULL);
    ring_event(&model.ring, RING_MARK, RING_RX, 1, 6, "DUT reset");
    CHECK(lines_step(&model.lines));
    CHECK_EQ(model.lines.end, 6);
    check_text("a prompt", &model.lines, 0, LINES_CARET, 9, "=> ");
    check_text("sent", &model.lines, 1, LINES_ESCAPES, 9, "run\\r");
    CHECK_EQ(lines_at(&model.lines, 1)->dir, RING_TX);
    check_text("an answer", &model.lines, 2, LINES_ESCAPES, 9, "ok bad\\r\\n");
    line = lines_at(&model.lines, 2);
    CHECK(line->flags == LINES_ERROR && line->error_at == 5);
    CHECK(line->first_ns == 3 && line->last_ns == 4);
    check_text("an error", &model.lines, 3, LINES_CARET, 9, "framing error");
    check_text("edges", &model.lines, 4, LINES_CARET, 9, "CTS on, DSR off");
    check_text("a mark", &model.lines, 5, LINES_CARET, 9, "DUT reset");
    CHECK_EQ(lines_at(&model.lines, 5)->kind, RING_MARK);
    model_fini(&model);
}

static void a_silence_makes_frames(void)
{
    struct model model;

    model_init(&model, (struct lines_options){.by_gap = true, .gap_ns = 20 * MS});
    receive(&model, 0, "/?!\r\n");
    receive(&model, 20 * MS, "\x06");
    receive(&model, 41 * MS, "\x02 1-0\r\n");
    check_text("together", &model.lines, 0, LINES_ESCAPES, 99 * MS, "/?!\\r\\n\\x06");
    check_text("apart", &model.lines, 1, LINES_ESCAPES, 99 * MS, "\\x02 1-0\\r\\n");
    model_fini(&model);
}

static void rows_are_as_wide_as_the_view(void)
{
    struct model model;
    struct lines_text text;
    struct lines_glyph glyph;

    model_init(&model, (struct lines_options){.gap_ns = 0});
    receive(&model, 0,
            "abcdefgh\xe4\xb8\xad\xe4\xb8\xad"
            "e\xcc\x81\n\n");
    CHECK_EQ(lines_rows(&model.lines, 0, LINES_CARET, 80, 0), 1);
    CHECK_EQ(lines_rows(&model.lines, 0, LINES_CARET, 9, 0), 2);
    CHECK_EQ(lines_rows(&model.lines, 0, LINES_CARET, 5, 0), 3);
    CHECK_EQ(lines_rows(&model.lines, 0, LINES_CARET, 1, 0), 11);
    CHECK_EQ(lines_rows(&model.lines, 1, LINES_CARET, 5, 0), 1);
    lines_text_begin(&text, &model.lines, 0, LINES_CARET, 9, 0);
    while (lines_text_next(&text, &glyph))
        CHECK(glyph.column + glyph.width <= 9);
    CHECK(glyph.width == 0 && glyph.row == 1 && glyph.column == 5);
    model_fini(&model);
}

static void long_lines_are_cut_and_old_ones_forgotten(void)
{
    struct model model;
    static char many[LINES_LONGEST * 2 + 11];
    uint64_t number;

    memset(many, 'x', sizeof(many) - 1);
    model_init(&model, (struct lines_options){.most = 1000});
    receive(&model, 0, many);
    CHECK_EQ(model.lines.end, 3);
    CHECK(lines_at(&model.lines, 0)->len == LINES_LONGEST);
    CHECK_EQ(lines_at(&model.lines, 0)->flags, LINES_CUT);
    CHECK_EQ(lines_at(&model.lines, 2)->len, 10);
    for (int i = 0; i < 20000; i++) {
        char some[32];

        snprintf(some, sizeof(some), "%d is a number\n", i);
        receive(&model, 0, some);
        ring_trim(&model.ring, lines_place(&model.lines));
    }
    CHECK_EQ(model.lines.end - model.lines.first, 1000);
    CHECK(lines_at(&model.lines, model.lines.first - 1) == NULL);
    number = model.lines.end - 1;
    check_text("the last", &model.lines, number, LINES_CARET, 0, "19999 is a number");
    check_text("the first", &model.lines, number - 999, LINES_CARET, 0, "19000 is a number");
    CHECK(ring_resident(&model.ring) <= 2 * RING_BLOCK);
    model_fini(&model);
}

static void what_the_ring_forgets_is_no_line_any_more(void)
{
    struct model model;

    CHECK(ring_init(&model.ring, 64 << 10));
    lines_init(&model.lines, &model.ring, &(struct lines_options){.gap_ns = 0});
    for (int i = 0; i < 20000; i++)
        receive(&model, 0, "a line like any other\n");
    for (uint64_t n = model.lines.first; n < model.lines.end; n++)
        check_text("kept", &model.lines, n, LINES_CARET, 0, "a line like any other");
    CHECK(model.lines.end - model.lines.first < 3000);
    model_fini(&model);
}

COMM_TEST_MAIN(TEST(any_split_of_the_bytes_gives_the_same_lines),
               TEST(lines_end_where_their_side_says),
               TEST(a_cut_character_is_awaited_but_not_for_ever),
               TEST(both_sides_and_events_are_told_apart), TEST(a_silence_makes_frames),
               TEST(rows_are_as_wide_as_the_view), TEST(long_lines_are_cut_and_old_ones_forgotten),
               TEST(what_the_ring_forgets_is_no_line_any_more))
