/* SPDX-License-Identifier: MIT */
/* Keys do to a line what readline's do; whatever keys come, in whatever pieces, the cursor stays
 * between characters and the line is what it would have been. */
#include "tests/tools/dice.h"
#include "tools/common/lineedit.h"
#include "tools/common/width.h"

#include "harness.h"

#include <string.h>

/* Types all of the keys; gives the last event that was one. */
static enum lineedit_event type(struct lineedit *edit, const char *keys, size_t len)
{
    enum lineedit_event event, last = LINEEDIT_NONE;

    for (size_t at = 0; at < len;) {
        at += lineedit_keys(edit, keys + at, len - at, &event);
        last = event == LINEEDIT_NONE ? last : event;
    }
    return last;
}

static void keys_do_what_readline_does(void)
{
    static const struct {
        const char *keys, *line;
        size_t cursor;
    } cases[] = {
        {"abc",                            "abc",                   3},
        {"abc\x01x",                       "xabc",                  1},
        {"abc\x01\x05x",                   "abcx",                  4},
        {"abc\x02\x02x",                   "axbc",                  2},
        {"abc\x01\x06x",                   "axbc",                  2},
        {"abc\x02\x0b",                    "ab",                    2},
        {"abc\x02\x15",                    "c",                     0},
        {"a b/c\x17x",                     "a x",                   3},
        {"a b/c\033"
         "bx",                    "a b/xc",                5},
        {"ab cd\x01\033"
         "f!",                    "ab! cd",                3},
        {"ab cd\x01\033"
         "d",                     " cd",                   0},
        {"abc\x7f\x08",                    "a",                     1},
        {"ab\x01\x04",                     "b",                     0},
        {"ab cd\x17\x01\x19",              "cdab ",                 2},
        {"ab\x14",                         "ba",                    2},
        {"ab\033[D\033[Dx\033[Cy",         "xayb",                  3},
        {"ab\033[Hx\033[Fy\033OH\033[3~",  "aby",                   0},
        {"\xe4\xb8\xad\xc3\xa9\x7f",       "\xe4\xb8\xad",          3},
        {"\xe4\xb8\xad\xc3\xa9\x02\x02!",  "!\xe4\xb8\xad\xc3\xa9", 1},
        {"ae\xcc\x81\x7f",                 "a",                     1},
        {"a\xc3\xa9\x14",
         "\xc3\xa9"
         "a",                                                       3},
        {"ab\033[99;5~c",                  "abc",                   3},
        {"x\x14\x02\x14\x15\x0b\x17\x19y", "xy",                    2},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases) * 2; i++) {
        struct lineedit edit;
        const char *keys = cases[i / 2].keys;

        lineedit_init(&edit, NULL);
        for (size_t at = 0; (i & 1) && keys[at] != '\0'; at++)
            type(&edit, keys + at, 1);
        if (!(i & 1))
            type(&edit, keys, strlen(keys));
        comm_check(strcmp(edit.line.data, cases[i / 2].line) == 0, __FILE__, __LINE__,
                   "row %zu: \"%s\" instead of \"%s\"", i / 2, edit.line.data, cases[i / 2].line);
        CHECK_EQ_WHEN(cases[i / 2].line, edit.cursor, cases[i / 2].cursor);
        lineedit_fini(&edit);
    }
}

static void check_line(const char *when, const struct lineedit *edit, const char *expected)
{
    comm_check(strcmp(edit->line.data, expected) == 0, __FILE__, __LINE__,
               "%s: \"%s\" instead of \"%s\"", when, edit->line.data, expected);
}

static void history_is_gone_through_and_searched(void)
{
    struct lineedit_history history = {.most = 3};
    struct lineedit edit;

    CHECK(lineedit_history_add(&history, "forgotten"));
    CHECK(lineedit_history_add(&history, "print one"));
    CHECK(lineedit_history_add(&history, "run two"));
    CHECK(lineedit_history_add(&history, "run two"));
    CHECK(lineedit_history_add(&history, "print three"));
    CHECK_EQ(history.count, 3);
    lineedit_init(&edit, &history);
    type(&edit, "typed", 5);
    type(&edit, "\x10", 1);
    check_line("older", &edit, "print three");
    type(&edit, "\x10\x10\x10\x10", 4);
    check_line("the oldest", &edit, "print one");
    type(&edit, "\x0e\033[B", 4);
    check_line("newer", &edit, "print three");
    type(&edit, "\x0e\x0e", 2);
    check_line("what was typed", &edit, "typed");
    type(&edit, "\x12pr", 3);
    check_line("found", &edit, "print three");
    type(&edit, "\x12", 1);
    check_line("found further back", &edit, "print one");
    type(&edit, "\x7f\x7frun", 5);
    check_line("another", &edit, "run two");
    type(&edit, "\x05!", 2);
    check_line("found and changed", &edit, "run two!");
    CHECK(!edit.searching);
    CHECK_EQ(type(&edit, "\x12zzz\r", 5), LINEEDIT_ENTER);
    type(&edit, "\x12", 1);
    lineedit_quiet(&edit);
    CHECK(edit.searching);
    type(&edit, "\033", 1);
    lineedit_quiet(&edit);
    CHECK(!edit.searching);
    lineedit_fini(&edit);
    lineedit_history_fini(&history);
}

static void events_are_told_in_order(void)
{
    struct lineedit edit;
    enum lineedit_event event;

    lineedit_init(&edit, NULL);
    CHECK_EQ(lineedit_keys(&edit, "ab\rcd", 5, &event), 3);
    CHECK_EQ(event, LINEEDIT_ENTER);
    check_line("entered", &edit, "ab");
    lineedit_clear(&edit);
    CHECK_EQ(type(&edit, "\x04", 1), LINEEDIT_END);
    CHECK_EQ(type(&edit, "x\t", 2), LINEEDIT_COMPLETE);
    CHECK_EQ(type(&edit, "\x03", 1), LINEEDIT_CANCEL);
    check_line("cancelled", &edit, "");
    type(&edit, "\033", 1);
    lineedit_quiet(&edit);
    type(&edit, "b", 1);
    check_line("a lone ESC", &edit, "b");
    lineedit_fini(&edit);
}

static void a_paste_is_kept_apart(void)
{
    static const char keys[] = "a\033[200~one\rtwo\033[20\x03\r\n\tthree\033[201~b";
    struct lineedit edit;
    size_t lines;

    for (size_t part = 1; part < sizeof(keys); part++) {
        bool pasted = false;

        lineedit_init(&edit, NULL);
        for (size_t at = 0; at < sizeof(keys) - 1; at += part) {
            size_t len = part > sizeof(keys) - 1 - at ? sizeof(keys) - 1 - at : part;

            pasted |= type(&edit, keys + at, len) == LINEEDIT_PASTED;
        }
        CHECK(pasted);
        CHECK_EQ(strcmp(edit.paste.data, "one\rtwo\033[20\x03\r\n\tthree"), 0);
        CHECK(!lineedit_paste_is_large(&edit.paste, &lines) && lines == 3);
        check_line("around it", &edit, "ab");
        bytes_text(&edit.paste, "\nfour");
        CHECK(lineedit_paste_is_large(&edit.paste, &lines));
        lineedit_fini(&edit);
    }
}

static void words_are_completed_as_far_as_they_agree(void)
{
    static const char *const words[] = {"MEAS:VOLTage?", "MEAS:VOLTage:DC?", "MEAS:CURRent?",
                                        "*IDN?"};
    struct lineedit edit;
    size_t len;

    lineedit_init(&edit, NULL);
    type(&edit, "x meas:vol", 10);
    CHECK(strncmp(lineedit_word(&edit, &len), "meas:vol", 8) == 0 && len == 8);
    CHECK_EQ(lineedit_complete(&edit, words, ARRAY_LEN(words)), 2);
    check_line("as far as they agree", &edit, "x MEAS:VOLTage");
    type(&edit, "?", 1);
    CHECK_EQ(lineedit_complete(&edit, words, ARRAY_LEN(words)), 1);
    check_line("the only one", &edit, "x MEAS:VOLTage? ");
    type(&edit, "zz", 2);
    CHECK_EQ(lineedit_complete(&edit, words, ARRAY_LEN(words)), 0);
    check_line("none", &edit, "x MEAS:VOLTage? zz");
    lineedit_fini(&edit);
}

/* Whether the cursor is where a character begins. */
static bool is_between_characters(const struct lineedit *edit)
{
    size_t at = 0;

    while (at < edit->cursor) {
        uint32_t code;
        int got = width_decode((const uint8_t *)edit->line.data + at, edit->line.len - at, &code);

        at += got <= 0 ? 1 : (size_t)got;
    }
    return at == edit->cursor;
}

static void random_keys_in_any_pieces_break_nothing(void)
{
    static const char *const some[] = {
        "a",    "b c",  "\xc3\xa9",  "\xe4\xb8\xad", "e\xcc\x81", "\x01",   "\x02",  "\x05",
        "\x06", "\x0b", "\x15",      "\x17",         "\x19",      "\x7f",   "\x04",  "\x14",
        "\x10", "\x0e", "\x12",      "\033b",        "\033f",     "\033[D", "\033d", "\033[3~",
        "\xff", "\xe4", "\033[200~", "\033[201~",    "\t",        "\033[C",
    };
    struct dice dice = {41};

    for (int round = 0; round < 200; round++) {
        struct lineedit_history history = {.most = 0};
        struct lineedit one, other;
        char keys[600];
        size_t len = 0, at = 0;

        CHECK(lineedit_history_add(&history, "a b"));
        CHECK(lineedit_history_add(&history, "\xc3\xa9 b"));
        lineedit_init(&one, &history);
        lineedit_init(&other, &history);
        while (len < 500) {
            const char *key = some[dice_below(&dice, ARRAY_LEN(some))];

            memcpy(keys + len, key, strlen(key));
            len += strlen(key);
            type(&one, key, strlen(key));
            CHECK(one.cursor <= one.line.len);
            CHECK(is_between_characters(&one));
        }
        while (at < len) {
            size_t part = 1 + dice_below(&dice, 9);

            part = part > len - at ? len - at : part;
            type(&other, keys + at, part);
            at += part;
        }
        CHECK_EQ(strcmp(one.line.data, other.line.data), 0);
        CHECK_EQ(one.cursor, other.cursor);
        lineedit_fini(&one);
        lineedit_fini(&other);
        lineedit_history_fini(&history);
    }
}

COMM_TEST_MAIN(TEST(keys_do_what_readline_does), TEST(history_is_gone_through_and_searched),
               TEST(events_are_told_in_order), TEST(a_paste_is_kept_apart),
               TEST(words_are_completed_as_far_as_they_agree),
               TEST(random_keys_in_any_pieces_break_nothing))
