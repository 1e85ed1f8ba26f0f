/* SPDX-License-Identifier: MIT */
/* Whatever is typed or received, what reads it takes it or says where it is wrong, and nothing
 * else. */
#include "tests/tools/dice.h"
#include "tools/common/escapes.h"
#include "tools/common/finder.h"
#include "tools/common/hexview.h"
#include "tools/common/lineedit.h"
#include "tools/common/maps.h"
#include "tools/common/query.h"
#include "tools/common/series.h"
#include "tools/common/trigger.h"

#include "harness.h"

#include <string.h>

enum { TEXT_MOST = 80 };

/* A text of pieces that mean something somewhere. */
static void make_text(struct dice *dice, char *out)
{
    static const char *const pieces[] = {
        "\"",    "/",      "\\", "x", "\\x4", "\\u{", "}",    "\\p9",    "hex", " ",
        "0d",    "?",      "->", ",", "send", "mark", "exit", "silence", "5",   "s",
        "ms",    "rate",   ">",  "<", "line", "CTS",  "on",   "off",     "(",   ")*",
        "[",     "i",      "-",  ".", "e9",   "\xc3", "\xa9", "beep",    "#",   "tx-cr-lf",
        "ICRNL", "i:lfcr", "=",  ":", "\t",   "\n",   "\r",   "a",       "0x",  "name",
    };
    size_t len = 0;

    out[0] = '\0';
    for (size_t n = dice_below(dice, 14); n > 0; n--) {
        const char *piece = pieces[dice_below(dice, ARRAY_LEN(pieces))];

        if (len + strlen(piece) < TEXT_MOST)
            memcpy(out + len, piece, strlen(piece) + 1);
        len = strlen(out);
    }
}

/* A right one, of which a byte may be wrong. */
static void make_trigger(struct dice *dice, char *out)
{
    static const char *const right[] = {
        "\"login: \\r\" -> send \"root\\r\", mark",
        "/a|b/i -> exit 1, beep",
        "hex 0d ?a -> break 5",
        "silence 5 ms -> pulse RTS 100",
        "rate > 1e3 -> capture on",
        "line CTS off -> run date",
        "e < -2.5 -> mark \"low\"",
    };

    memset(out, 0, TEXT_MOST);
    strcpy(out, right[dice_below(dice, ARRAY_LEN(right))]);
    if (dice_below(dice, 20) != 0)
        out[dice_below(dice, strlen(out))] = " \"/\\->,?(x0\t"[dice_below(dice, 12)];
}

static void nothing(void *arg, const struct trigger *trigger, uint64_t at_ns)
{
    (void)arg;
    CHECK(trigger->count > 0 && at_ns > 0);
}

static void any_text_is_a_trigger_or_has_an_error(void)
{
    struct trigger_table table;
    struct dice dice = {61};
    unsigned added = 0;

    trigger_table_init(&table, 1, nothing, NULL);
    for (int round = 0; round < 3000; round++) {
        char text[TEXT_MOST], error[128] = "";
        size_t at = SIZE_MAX, before = table.count;

        (round % 8 == 0 ? make_trigger : make_text)(&dice, text);
        if (trigger_add(&table, text, error, sizeof(error), &at)) {
            CHECK(table.count == before + 1 && table.triggers[before].action_count > 0);
            added++;
        } else {
            CHECK(error[0] != '\0' && table.count == before);
        }
        CHECK(at <= strlen(text));
    }
    CHECK(trigger_add(&table, "/(a|b)+/ -> beep", (char[64]){0}, 64, &(size_t){0}));
    for (uint64_t round = 1; round < 100; round++) {
        uint8_t bytes[64];

        dice_bytes(&dice, bytes, sizeof(bytes));
        trigger_received(&table, bytes, sizeof(bytes), round * 1000);
        trigger_lines(&table, dice_roll(&dice) & 0x3f3f, round * 1000);
    }
    CHECK(added > 10 && table.count == added + 1);
    trigger_table_fini(&table);
}

static void any_text_is_bytes_or_has_a_place(void)
{
    struct dice dice = {62};

    for (int round = 0; round < 20000; round++) {
        char text[TEXT_MOST];
        struct bytes hex = {.data = NULL};
        struct escapes escapes;
        struct maps maps = {.rx = 0}, before = maps;
        double value;
        size_t at = 0;

        make_text(&dice, text);
        if (escapes_read(&escapes, text, &at))
            CHECK(escapes.bytes.len <= strlen(text));
        CHECK(at <= strlen(text));
        escapes_fini(&escapes);
        if (!hexview_read(&hex, text, &at))
            CHECK(hex.len == 0 && at < strlen(text));
        bytes_fini(&hex);
        if (!maps_add(&maps, text, &at))
            CHECK(maps.rx == before.rx && maps.tx == before.tx && at < strlen(text));
        CHECK(series_number(text, &value) <= strlen(text));
        series_find(text, "name", &value);
        series_find(text, "#3", &value);
    }
}

static void count_answer(void *arg, const struct query_transaction *transaction)
{
    size_t *open = arg;

    if (transaction->state != QUERY_COMMAND && transaction->state != QUERY_MISSED)
        --*open;
}

static void whatever_is_received_every_query_ends_once(void)
{
    struct dice dice = {63};

    for (int round = 0; round < 300; round++) {
        struct query query;
        size_t open = 0;
        uint64_t now_ns = 1;

        query_init(&query,
                   &(struct query_options){.end = (enum query_end)(round % 4),
                                           .first_byte_ns = 1000,
                                           .late_ns = 3000,
                                           .idle_ns = round & 4 ? 500 : 0},
                   count_answer, NULL, &open);
        for (int step = 0; step < 200; step++) {
            char text[TEXT_MOST];

            make_text(&dice, text);
            now_ns += dice_below(&dice, 700);
            if (dice_below(&dice, 3) == 0) {
                open += query_asks(text) && strcspn(text, "\r\n?") < strcspn(text, "\r\n") &&
                        strchr(text, '"') == NULL;
                if (strchr(text, '"') == NULL)
                    query_sent(&query, text, now_ns);
            } else {
                query_received(&query, text, strlen(text), now_ns);
            }
            if (dice_below(&dice, 4) == 0)
                query_time(&query, now_ns);
        }
        for (int i = 0; i < 10; i++)
            query_time(&query, now_ns += 10000);
        CHECK_EQ(open, 0);
        CHECK(query_is_idle(&query));
        query_fini(&query);
    }
}

static void any_bytes_are_no_answer_or_one(void)
{
    static const uint32_t rates[] = {9600};
    struct dice dice = {64};

    for (int round = 0; round < 2000; round++) {
        struct finder finder;
        uint8_t bytes[40];
        uint32_t rate;
        uint64_t now_ns = 0;

        finder_init(&finder, rates, 1);
        while (finder_time(&finder, now_ns) == FINDER_SEND) {
            finder_request(&finder, now_ns, &rate);
            for (int i = 0; i < 3; i++) {
                size_t len = 1 + dice_below(&dice, sizeof(bytes));

                dice_bytes(&dice, bytes, len);
                finder_received(&finder, bytes, len, now_ns);
            }
            now_ns = finder.due_ns;
        }
        CHECK(finder.state == FINDER_FOUND || finder.state == FINDER_NONE);
        CHECK(finder.state == FINDER_NONE || finder.answer.len >= 2);
        finder_fini(&finder);
    }
}

static void any_bytes_are_keys(void)
{
    struct dice dice = {65};

    for (int round = 0; round < 500; round++) {
        struct lineedit edit;

        lineedit_init(&edit, NULL);
        for (int i = 0; i < 300; i++) {
            uint8_t key = (uint8_t)dice_roll(&dice);
            enum lineedit_event event;

            key = dice_below(&dice, 4) == 0 ? 0x1b : dice_below(&dice, 4) == 0 ? '[' : key;
            CHECK_EQ(lineedit_keys(&edit, &key, 1, &event), 1);
            CHECK(edit.cursor <= edit.line.len && lineedit_column(&edit) < 4000);
            if (event == LINEEDIT_ENTER)
                lineedit_clear(&edit);
            if (dice_below(&dice, 20) == 0)
                lineedit_quiet(&edit);
        }
        lineedit_fini(&edit);
    }
}

COMM_TEST_MAIN(TEST(any_text_is_a_trigger_or_has_an_error), TEST(any_text_is_bytes_or_has_a_place),
               TEST(whatever_is_received_every_query_ends_once),
               TEST(any_bytes_are_no_answer_or_one), TEST(any_bytes_are_keys))
