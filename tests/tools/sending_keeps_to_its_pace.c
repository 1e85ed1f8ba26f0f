/* SPDX-License-Identifier: MIT */
/* Whatever the pace, all bytes go out once and in order, none before it is due, and by proof none
 * before the device has shown that it is ready. */
#include "tests/tools/dice.h"
#include "tools/common/pace.h"

#include "harness.h"

#include <string.h>

#define MS ((uint64_t)1000000)

/* Sends all there is, telling time and, if `echo`, what the device says; gives the time it took. */
static uint64_t send_all(struct pace *pace, const char *echo_with, struct bytes *out)
{
    uint64_t now_ns = 0, again_ns;
    const void *data;
    size_t len;
    enum pace_state state;

    while ((state = pace_next(pace, now_ns, &data, &len, &again_ns)) != PACE_DONE) {
        if (!CHECK(state == PACE_WAIT || state == PACE_SEND))
            break;
        if (state == PACE_WAIT) {
            CHECK(again_ns > now_ns);
            now_ns = again_ns;
            continue;
        }
        CHECK(len > 0);
        bytes_add(out, data, len);
        pace_sent(pace, len, now_ns);
        for (size_t i = out->len - len; echo_with != NULL && i < out->len; i++) {
            pace_received(pace, &out->data[i], 1, now_ns + MS);
            if (out->data[i] == '\r')
                pace_received(pace, echo_with, strlen(echo_with), now_ns + 5 * MS);
        }
    }
    return now_ns;
}

static void time_passes_after_bytes_and_lines(void)
{
    static const struct {
        const char *when, *text;
        uint64_t char_ms, line_ms, took_ms;
    } cases[] = {
        {"at once",  "ab\rcd\r",   0, 0,   0  },
        {"by bytes", "abc",        2, 0,   6  },
        {"by lines", "ab\r\ncd\n", 0, 100, 200},
        {"by CR",    "ab\r\rcd",   0, 100, 200},
        {"by both",  "ab\rc",      2, 100, 106},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct pace pace;
        struct bytes out = {.data = NULL};

        pace_init(&pace, &(struct pace_options){.char_ns = cases[i].char_ms * MS,
                                                .line_ns = cases[i].line_ms * MS});
        pace_add(&pace, cases[i].text, strlen(cases[i].text));
        CHECK_EQ_WHEN(cases[i].when, send_all(&pace, NULL, &out), cases[i].took_ms * MS);
        CHECK_EQ_WHEN(cases[i].when, strcmp(out.data, cases[i].text), 0);
        bytes_fini(&out);
        pace_fini(&pace);
    }
}

static void an_echo_or_a_prompt_lets_the_next_go(void)
{
    static const enum pace_proof proofs[] = {PACE_BY_ECHO, PACE_BY_LINE, PACE_BY_PROMPT};
    struct match prompt;
    char error[64];
    size_t at;

    CHECK(match_init(&prompt, "=> ", MATCH_LITERAL, false, error, sizeof(error), &at));
    for (size_t i = 0; i < ARRAY_LEN(proofs); i++) {
        struct pace pace;
        struct bytes out = {.data = NULL};
        const char *text = "setenv a b\rboot\r";

        pace_init(&pace, &(struct pace_options){.proof = proofs[i], .prompt = &prompt});
        pace_add(&pace, text, strlen(text));
        CHECK_EQ(send_all(&pace, "\r\nok\r\n=> ", &out), 0);
        CHECK_EQ(strcmp(out.data, text), 0);
        CHECK(pace.proofs >= (proofs[i] == PACE_BY_ECHO ? 14 : 2));
        CHECK_EQ(pace.proof_worst_ns, proofs[i] == PACE_BY_PROMPT ? 5 * MS : MS);
        bytes_fini(&out);
        pace_fini(&pace);
    }
    match_fini(&prompt);
}

static void without_a_proof_it_stalls(void)
{
    struct pace pace;
    const void *data;
    size_t len;
    uint64_t again_ns;

    pace_init(&pace, &(struct pace_options){.proof = PACE_BY_LINE, .proof_ns = 500 * MS});
    pace_add(&pace, "ab\rcd\r", 6);
    CHECK_EQ(pace_next(&pace, 0, &data, &len, &again_ns), PACE_SEND);
    CHECK_EQ(len, 3);
    pace_sent(&pace, 3, 0);
    pace_received(&pace, "xa", 2, MS);
    CHECK_EQ(pace_next(&pace, MS, &data, &len, &again_ns), PACE_WAIT);
    CHECK_EQ(again_ns, 500 * MS);
    CHECK_EQ(pace_next(&pace, 500 * MS, &data, &len, &again_ns), PACE_STALLED);
    pace_skip(&pace);
    CHECK_EQ(pace_next(&pace, 500 * MS, &data, &len, &again_ns), PACE_SEND);
    CHECK(len == 3 && memcmp(data, "cd\r", 3) == 0);
    pace_clear(&pace);
    CHECK_EQ(pace_next(&pace, 500 * MS, &data, &len, &again_ns), PACE_DONE);
    pace_fini(&pace);
}

static void all_bytes_go_out_in_order_whatever_is_taken(void)
{
    static uint8_t bytes[1000];
    struct dice dice = {21};

    for (int round = 0; round < 50; round++) {
        struct pace pace;
        struct bytes out = {.data = NULL};
        const void *data;
        size_t len, added = 0;
        uint64_t now_ns = 0, again_ns;
        enum pace_state state;

        dice_bytes(&dice, bytes, sizeof(bytes));
        pace_init(&pace, &(struct pace_options){.char_ns = dice_below(&dice, 2) * MS,
                                                .line_ns = dice_below(&dice, 3) * MS});
        do {
            size_t more = dice_below(&dice, 100);

            more = more > sizeof(bytes) - added ? sizeof(bytes) - added : more;
            pace_add(&pace, bytes + added, more);
            added += more;
            state = pace_next(&pace, now_ns, &data, &len, &again_ns);
            if (state == PACE_SEND) {
                len = 1 + dice_below(&dice, len);
                bytes_add(&out, data, len);
                pace_sent(&pace, len, now_ns);
            }
            now_ns = state == PACE_WAIT ? again_ns : now_ns;
        } while (state != PACE_DONE || added < sizeof(bytes));
        CHECK_EQ(out.len, sizeof(bytes));
        CHECK(memcmp(out.data, bytes, sizeof(bytes)) == 0);
        bytes_fini(&out);
        pace_fini(&pace);
    }
}

static void escapes_become_bytes_and_pauses(void)
{
    static const struct {
        const char *text, *bytes;
        size_t len, wrong_at;
    } cases[] = {
        {"a\\r\\n\\t\\e\\\\",          "a\r\n\t\033\\",                        6, 0},
        {"\\x06\\xfF\\0",              "\x06\xff",                             3, 0},
        {"\\u{e9}\\u{4e2d}\\u{1f600}", "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80", 9, 0},
        {"a\\p250b",                   "ab",                                   2, 0},
        {"ab\\q",                      NULL,                                   0, 2},
        {"ab\\",                       NULL,                                   0, 2},
        {"\\x6",                       NULL,                                   0, 0},
        {"x\\u{110000}",               NULL,                                   0, 1},
        {"\\u{d800}",                  NULL,                                   0, 0},
        {"\\p",                        NULL,                                   0, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct escapes escapes;
        size_t at;
        bool ok = escapes_read(&escapes, cases[i].text, &at);

        CHECK_EQ_WHEN(cases[i].text, ok, cases[i].bytes != NULL);
        if (!ok) {
            CHECK_EQ_WHEN(cases[i].text, at, cases[i].wrong_at);
            continue;
        }
        CHECK_EQ_WHEN(cases[i].text, escapes.bytes.len, cases[i].len);
        CHECK_EQ_WHEN(cases[i].text, memcmp(escapes.bytes.data, cases[i].bytes, cases[i].len), 0);
        escapes_fini(&escapes);
    }
}

static void a_pause_is_kept_where_it_stands(void)
{
    struct pace pace;
    struct escapes escapes;
    struct bytes out = {.data = NULL};
    size_t at;

    pace_init(&pace, &(struct pace_options){.char_ns = 0});
    CHECK(escapes_read(&escapes, "ab\\p250c\\p100\\p50", &at));
    pace_add(&pace, "x", 1);
    pace_add_escapes(&pace, &escapes);
    pace_add_escapes(&pace, &escapes);
    CHECK_EQ(send_all(&pace, NULL, &out), 800 * MS);
    CHECK_EQ(strcmp(out.data, "xabcabc"), 0);
    escapes_fini(&escapes);
    bytes_fini(&out);
    pace_fini(&pace);
}

COMM_TEST_MAIN(TEST(time_passes_after_bytes_and_lines), TEST(an_echo_or_a_prompt_lets_the_next_go),
               TEST(without_a_proof_it_stalls), TEST(all_bytes_go_out_in_order_whatever_is_taken),
               TEST(escapes_become_bytes_and_pauses), TEST(a_pause_is_kept_where_it_stands))
