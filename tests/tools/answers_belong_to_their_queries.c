/* SPDX-License-Identifier: MIT */
/* Every answer goes to the query it answers, early or late, and blocks are taken by count; into
 * what reads the bytes were cut makes no difference. */
#include "tests/tools/dice.h"
#include "tools/common/query.h"

#include "harness.h"

#include <stdio.h>
#include <string.h>

#define MS ((uint64_t)1000000)

static char told[4096];

static void tell(void *arg, const struct query_transaction *one)
{
    static const char *const words[] = {"command", "waiting", "answered", "missed", "late", "lost"};
    size_t len = strlen(told);

    (void)arg;
    snprintf(told + len, sizeof(told) - len, "%u %s", (unsigned)one->number, words[one->state]);
    len = strlen(told);
    if (one->state == QUERY_ANSWERED || one->state == QUERY_LATE)
        snprintf(told + len, sizeof(told) - len, " <%s> %u %u",
                 one->answer.text.len > 0 ? one->answer.text.data : "",
                 (unsigned)((one->answer.first_ns - one->sent_ns) / MS),
                 (unsigned)((one->answer.last_ns - one->sent_ns) / MS));
    strcat(told, "; ");
}

static void tell_unasked(void *arg, const struct query_answer *answer)
{
    size_t len = strlen(told);

    (void)arg;
    snprintf(told + len, sizeof(told) - len, "unasked <%s>; ",
             answer->text.len > 0 ? answer->text.data : "");
}

static void begin(struct query *query, enum query_end end)
{
    told[0] = '\0';
    query_init(query, &(struct query_options){.end = end, .first_byte_ns = 1000 * MS}, tell,
               tell_unasked, NULL);
}

static void receive(struct query *query, uint64_t at_ms, const char *text)
{
    query_received(query, text, strlen(text), at_ms * MS);
}

static void check_told(const char *when, struct query *query, const char *expected)
{
    comm_check(strcmp(told, expected) == 0, __FILE__, __LINE__, "%s: \"%s\" instead of \"%s\"",
               when, told, expected);
    query_fini(query);
}

static void times_are_to_the_first_and_the_last_byte(void)
{
    struct query query;

    begin(&query, QUERY_END_LF);
    query_sent(&query, "*IDN?\r\n", 100 * MS);
    CHECK(!query_is_idle(&query));
    CHECK_EQ(query_time(&query, 100 * MS), 1100 * MS);
    receive(&query, 118, "Seed");
    receive(&query, 171, ",a,b,c\r\n");
    CHECK(query_is_idle(&query));
    CHECK_EQ(query_time(&query, 9000 * MS), 0);
    query_sent(&query, "INST:NSEL 1", 200 * MS);
    query_sent(&query, "DISP:TEXT \"why?\"", 200 * MS);
    CHECK(query_is_idle(&query));
    check_told("answer", &query, "1 answered <Seed,a,b,c> 18 71; 2 command; 3 command; ");
}

static void a_late_answer_goes_to_its_own_query(void)
{
    struct query query;

    begin(&query, QUERY_END_LF);
    query_sent(&query, "MEAS:A?", 0);
    CHECK_EQ(query_time(&query, 999 * MS), 1000 * MS);
    query_time(&query, 1000 * MS);
    receive(&query, 1500, "1\n");
    check_told("before the next", &query, "1 missed; 1 late <1> 1500 1500; ");

    begin(&query, QUERY_END_LF);
    query_sent(&query, "MEAS:A?", 0);
    query_time(&query, 1000 * MS);
    query_sent(&query, "MEAS:B?", 1000 * MS);
    receive(&query, 1100, "1\n2\n");
    check_told("after the next", &query,
               "1 missed; 1 late <1> 1100 1100; 2 answered <2> 100 100; ");

    begin(&query, QUERY_END_LF);
    query_sent(&query, "MEAS:A?", 0);
    query_time(&query, 1000 * MS);
    query_sent(&query, "MEAS:B?", 1000 * MS);
    receive(&query, 1100, "2\n");
    CHECK(!query_is_idle(&query));
    CHECK_EQ(query_time(&query, 1200 * MS), 2000 * MS);
    query_time(&query, 2000 * MS);
    check_told("it never came", &query, "1 missed; 1 lost; 2 answered <2> 100 100; ");
}

static void the_form_of_an_answer_tells_at_once(void)
{
    static const struct {
        const char *when, *first, *second, *answer, *expected;
    } cases[] = {
        {"an error",           "MEAS:POW?", "SYST:ERR?", "-113,\"Undefined header\"\n",
         "1 missed; 1 lost; 2 answered <-113,\"Undefined header\"> 17 17; "                                                  },
        {"no error",           "MEAS:POW?", "SYST:ERR?", "5.01\n",                      "1 missed; 1 late <5.01> 1017 1017; "},
        {"a late error",       "SYST:ERR?", "MEAS:POW?", "+0,\"No error\"\n",
         "1 missed; 1 late <+0,\"No error\"> 1017 1017; "                                                                    },
        {"a name",             "MEAS:POW?", "*IDN?",     "a,b,c,d\n",
         "1 missed; 1 lost; 2 answered <a,b,c,d> 17 17; "                                                                    },
        {"no answer of *OPC?", "*OPC?",     "CONF?",     "VOLT 1\n",
         "1 missed; 1 lost; 2 answered <VOLT 1> 17 17; "                                                                     },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct query query;

        begin(&query, QUERY_END_LF);
        query_sent(&query, cases[i].first, 0);
        query_time(&query, 1000 * MS);
        query_sent(&query, cases[i].second, 1000 * MS);
        receive(&query, 1017, cases[i].answer);
        check_told(cases[i].when, &query, cases[i].expected);
    }
}

static void what_is_never_answered_is_lost_in_the_end(void)
{
    struct query query;

    begin(&query, QUERY_END_LF);
    receive(&query, 0, "hello\n");
    query_sent(&query, "MEAS:A?", 0);
    query_time(&query, 1000 * MS);
    CHECK_EQ(query_time(&query, 1000 * MS), 11000 * MS);
    query_time(&query, 11000 * MS);
    receive(&query, 11001, "1\n");
    check_told("lost", &query, "unasked <hello>; 1 missed; 1 lost; unasked <1>; ");
}

static void ends_are_found_as_the_instrument_sends_them(void)
{
    static const struct {
        enum query_end end;
        const char *bytes, *expected;
    } cases[] = {
        {QUERY_END_LF,   "a\r\nb\n",          "1 answered <a> 0 0; 2 answered <b> 0 0; "           },
        {QUERY_END_CR,   "a\rb\r",            "1 answered <a> 0 0; 2 answered <b> 0 0; "           },
        {QUERY_END_CRLF, "a\nb\r\nc\r\n",     "1 answered <a\nb> 0 0; 2 answered <c> 0 0; "        },
        {QUERY_END_ANY,  "a\r\nb\r",          "1 answered <a> 0 0; 2 answered <b> 0 0; "           },
        {QUERY_END_ANY,  "a\nb\n",            "1 answered <a> 0 0; 2 answered <b> 0 0; "           },
        {QUERY_END_LF,   "#15ab\ncd\n#H1F\n", "1 answered <#15ab\ncd> 0 0; 2 answered <#H1F> 0 0; "},
        {QUERY_END_LF,   "1,#12\n\n\nx#15\n", "1 answered <1,#12\n\n> 0 0; 2 answered <x#15> 0 0; "},
        {QUERY_END_LF,   "#0ab\n\"#15\"\n",   "1 answered <#0ab> 0 0; 2 answered <\"#15\"> 0 0; "  },
        {QUERY_END_LF,   "#\n#2\n",           "1 answered <#> 0 0; 2 answered <#2> 0 0; "          },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases) * 2; i++) {
        struct query query;
        const char *bytes = cases[i / 2].bytes;

        begin(&query, cases[i / 2].end);
        query_sent(&query, "A?", 0);
        query_sent(&query, "B?", 0);
        for (size_t at = 0; i & 1 && bytes[at] != '\0'; at++)
            query_received(&query, bytes + at, 1, 0);
        if (!(i & 1))
            receive(&query, 0, bytes);
        check_told(bytes, &query, cases[i / 2].expected);
    }
}

static void blocks_hold_any_bytes_in_any_split(void)
{
    static char whole[3000];
    struct dice dice = {9};

    for (int round = 0; round < 200; round++) {
        struct query_frame frame;
        struct bytes content = {.data = NULL};
        size_t count = 1 + dice_below(&dice, 2000), at = 0, len;
        bool ended = false;

        len = (size_t)snprintf(whole, sizeof(whole), "#4%04u", (unsigned)count);
        dice_bytes(&dice, (uint8_t *)whole + len, count);
        len += count;
        whole[len++] = '\n';
        query_frame_init(&frame, QUERY_END_LF);
        while (at < len && !ended) {
            size_t part = 1 + dice_below(&dice, len - at);

            at += query_frame_take(&frame, whole + at, part, &ended, &content);
        }
        CHECK(ended && at == len);
        /* a CR at the end of the block is the block's own */
        CHECK_EQ(content.len, len - 1);
        CHECK(content.len == len - 1 && memcmp(content.data, whole, len - 1) == 0);
        bytes_fini(&content);
    }
}

static void an_answer_without_an_end_is_complete_when_it_is_quiet(void)
{
    struct query query;

    told[0] = '\0';
    query_init(&query,
               &(struct query_options){
                   .end = QUERY_END_LF, .first_byte_ns = 1000 * MS, .idle_ns = 50 * MS},
               tell, tell_unasked, NULL);
    query_sent(&query, "A?", 0);
    receive(&query, 10, "5.0");
    CHECK_EQ(query_time(&query, 20 * MS), 60 * MS);
    receive(&query, 59, "1");
    query_time(&query, 109 * MS);
    check_told("quiet", &query, "1 answered <5.01> 10 59; ");
}

static void errors_are_drained_after_commands(void)
{
    CHECK(query_drains("VOLT 5", NULL));
    CHECK(!query_drains("MEAS:VOLT?", "5.0"));
    CHECK(query_drains("SYST:ERR?", "-113,\"Undefined header\""));
    CHECK(query_drains(":system:error:next? ", "+101,\"x\""));
    CHECK(!query_drains("SYST:ERR?", "+0,\"No error\""));
    CHECK(!query_drains("SYST:ERR?", NULL));
    CHECK(!query_drains("SYST:ERR?", "5.0"));
}

COMM_TEST_MAIN(TEST(times_are_to_the_first_and_the_last_byte),
               TEST(a_late_answer_goes_to_its_own_query), TEST(the_form_of_an_answer_tells_at_once),
               TEST(what_is_never_answered_is_lost_in_the_end),
               TEST(ends_are_found_as_the_instrument_sends_them),
               TEST(blocks_hold_any_bytes_in_any_split),
               TEST(an_answer_without_an_end_is_complete_when_it_is_quiet),
               TEST(errors_are_drained_after_commands))
