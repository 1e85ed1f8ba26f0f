/* SPDX-License-Identifier: MIT */
/* What is read is JSON without anything that two readers could understand differently; what is
 * written is one line that any reader takes. */
#include "tests/support/harness.h"
#include "tools/common/json.h"
#include "tools/common/say.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In memory that ends where the text ends. */
static cJSON *read_text(const char *bytes, size_t len, char *why, size_t room)
{
    char *copy = malloc(len == 0 ? 1 : len);
    cJSON *value;

    memcpy(copy, bytes, len);
    value = json_read(copy, len, why, room);
    free(copy);
    return value;
}

static void what_is_right_is_taken(void)
{
    static const struct {
        const char *text, *same; /* as cJSON prints it */
    } cases[] = {
        {"{}",                                                    "{}"                             },
        {" { \"a\" : [ 1 , -2.5e+1 , true , false , null ] } \n",
         "{\"a\":[1,-25,true,false,null]}"                                                         },
        {"9007199254740992",                                      NULL                             },
        {"-9007199254740992",                                     NULL                             },
        {"1e300",                                                 NULL                             },
        {"0",                                                     "0"                              },
        {"\"\\u00e4\\n\\\"\\/\"",                                 "\"\xc3\xa4\\n\\\"/\""           },
        {"\"\\ud83d\\ude00\"",                                    "\"\xf0\x9f\x98\x80\""           },
        {"\"18446744073709551615\"",                              "\"18446744073709551615\""       },
        {"{\"a\":{\"a\":1},\"A\":2}",                             "{\"a\":{\"a\":1},\"A\":2}"      },
        {"[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]",                       "[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char why[100] = "";
        cJSON *value = read_text(cases[i].text, strlen(cases[i].text), why, sizeof(why));
        char *printed = value == NULL ? NULL : cJSON_PrintUnformatted(value);

        comm_check(value != NULL, __FILE__, __LINE__, "%s: %s", cases[i].text, why);
        comm_check(printed != NULL &&
                       (cases[i].same == NULL || strcmp(printed, cases[i].same) == 0),
                   __FILE__, __LINE__, "%s: %s", cases[i].text, printed == NULL ? "" : printed);
        free(printed);
        cJSON_Delete(value);
    }
}

static void what_could_be_misunderstood_is_refused(void)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"",                                  "byte 1: this begins no value"                  },
        {"{} {}",                             "byte 4: something stands after the value"      },
        {"{}x",                               "byte 3: something stands after the value"      },
        {"9007199254740993",                  "byte 17: a number over 2^53 has to be a string"},
        {"-9007199254740993",                 "byte 18: a number over 2^53 has to be a string"},
        {"123456789012345678901234567890",    "byte 31: a number over 2^53 has to be a string"},
        {"1e999",                             "byte 6: a number is too big"                   },
        {"01",                                "byte 2: something stands after the value"      },
        {"+1",                                "byte 1: this begins no value"                  },
        {"1.",                                "byte 3: a digit is missing"                    },
        {".5",                                "byte 1: this begins no value"                  },
        {"1e",                                "byte 3: a digit is missing"                    },
        {"NaN",                               "byte 1: this begins no value"                  },
        {"nul",                               "byte 1: this begins no value"                  },
        {"\"a\\u0000\"",                      "byte 9: a text has no \\u0000"                 },
        {"\"\\ud800\"",                       "byte 8: half of a pair"                        },
        {"\"\\udc80\"",                       "byte 8: half of a pair"                        },
        {"\"\\ud800\\u0041\"",                "byte 14: half of a pair"                       },
        {"\"\\u12g4\"",                       "byte 6: an escape has four hex digits"         },
        {"\"\\q\"",                           "byte 3: there is no such escape"               },
        {"\"a\nb\"",                          "byte 3: a control byte in a text"              },
        {"\"\xff\"",                          "byte 2: this is no UTF-8"                      },
        {"\"\xc0\x80\"",                      "byte 2: this is no UTF-8"                      },
        {"\"abc",                             "byte 5: the closing \" is missing"             },
        {"\"\\",                              "byte 3: there is no such escape"               },
        {"{\"a\":1,\"a\":2}",                 "a key is there twice"                          },
        {"[{\"a\":1,\"\\u0061\":2}]",         "a key is there twice"                          },
        {"{\"a\" 1}",                         "byte 6: a : is missing"                        },
        {"{\"a\":1 \"b\":2}",                 "byte 8: a , or } is missing"                   },
        {"{a:1}",                             "byte 2: a \" is missing"                       },
        {"{\"a\":1,}",                        "byte 8: a \" is missing"                       },
        {"[1,]",                              "byte 4: this begins no value"                  },
        {"[1",                                "byte 3: a , or ] is missing"                   },
        {"[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", "byte 16: too deep"                             },
        {"'a'",                               "byte 1: this begins no value"                  },
        {"/* */1",                            "byte 1: this begins no value"                  },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char why[100] = "";
        cJSON *value = read_text(cases[i].text, strlen(cases[i].text), why, sizeof(why));

        comm_check(value == NULL && strcmp(why, cases[i].why) == 0, __FILE__, __LINE__, "%s: %s",
                   cases[i].text, why);
        cJSON_Delete(value);
    }
    CHECK(read_text("1\0", 2, (char[100]){0}, 100) == NULL);
}

static void a_line_is_written_without_a_blank(void)
{
    struct json json = {0};

    json_begin(&json, '{');
    json_key(&json, "a");
    json_number(&json, -5);
    json_key(&json, "b");
    json_begin(&json, '[');
    json_bool(&json, true);
    json_null(&json);
    json_real(&json, 0.5);
    json_real(&json, NAN);
    json_begin(&json, '{');
    json_end(&json, '}');
    json_text(&json, "");
    json_end(&json, ']');
    json_key(&json, "c");
    json_count(&json, UINT64_MAX);
    json_key(&json, "d");
    json_count(&json, UINT64_C(1) << 53);
    json_key(&json, "e");
    json_number(&json, INT64_MIN);
    json_end(&json, '}');
    CHECK(!json.failed);
    comm_check(strcmp(json.text, "{\"a\":-5,\"b\":[true,null,0.5,null,{},\"\"],"
                                 "\"c\":\"18446744073709551615\",\"d\":9007199254740992,"
                                 "\"e\":\"-9223372036854775808\"}") == 0,
               __FILE__, __LINE__, "%s", json.text);
    json_free(&json);
}

static void bytes_that_are_no_text_are_escaped(void)
{
    struct json json = {0};

    json_bytes(&json, "a\0\n\"\\\x7f\xff\xc3\xa4\xed\xa0\x80\xc3", 13);
    comm_check(
        strcmp(json.text,
               "\"a\\u0000\\n\\\"\\\\\\u007f\\udcff\xc3\xa4\\udced\\udca0\\udc80\\udcc3\"") == 0,
        __FILE__, __LINE__, "%s", json.text);
    json_free(&json);
}

/* Pieces at random: never read outside (the sanitizers look), and what is taken is taken again as
 * cJSON prints it. */
static void what_is_taken_once_is_taken_again(void)
{
    static const char *const pieces[] = {"{",      "}",
                                         "[",      "]",
                                         ",",      ":",
                                         "\"",     "\"a\"",
                                         "\"b\":", "1",
                                         "-",      ".5",
                                         "e9",     "true",
                                         "null",   "\\u",
                                         "00e4",   "d83d",
                                         " ",      "\xc3\xa4",
                                         "\xff",   "9007199254740993"};
    unsigned long seed = 99;
    int taken = 0;

    for (int round = 0; round < 40000; round++) {
        char text[200] = "", why[100] = "";
        cJSON *value;

        for (int n = 0; n < 12; n++) {
            seed = seed * 6364136223846793005ul + 1442695040888963407ul;
            strcat(text, pieces[(seed >> 33) % ARRAY_LEN(pieces)]);
            if ((seed >> 60) < 3)
                break;
        }
        value = read_text(text, strlen(text), why, sizeof(why));
        if (value != NULL) {
            char *printed = cJSON_PrintUnformatted(value);
            cJSON *again = json_read(printed, strlen(printed), why, sizeof(why));

            comm_check(again != NULL, __FILE__, __LINE__, "%s: %s", text, why);
            cJSON_Delete(again);
            free(printed);
            taken++;
        } else {
            CHECK(why[0] != '\0');
        }
        cJSON_Delete(value);
    }
    CHECK(taken > 100);
}

static void what_is_said_stays_one_line(void)
{
    char text[] = "a\nb\033[2J\x7f\xc3\xa4\xff\xc2\x9b\xe2\x80\xa8z";

    say_tame(text);
    comm_check(strcmp(text, "a?b?[2J?\xc3\xa4???z") == 0, __FILE__, __LINE__, "%s", text);
}

COMM_TEST_MAIN(TEST(what_is_right_is_taken), TEST(what_could_be_misunderstood_is_refused),
               TEST(a_line_is_written_without_a_blank), TEST(bytes_that_are_no_text_are_escaped),
               TEST(what_is_taken_once_is_taken_again), TEST(what_is_said_stays_one_line))
