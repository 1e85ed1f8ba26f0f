/* SPDX-License-Identifier: MIT */
/* The control protocol, without a pipe: lines in any pieces, messages of either side, what is
 * refused. */
#include "tests/support/harness.h"
#include "tools/common/base64.h"
#include "tools/common/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything that comes out of a side, as text: one part a message. */
static void drain(struct ctl *ctl, char *text, size_t room)
{
    struct ctl_message m;
    enum ctl_got got;

    while ((got = ctl_next(ctl, &m)) == CTL_MESSAGE || got == CTL_WRONG) {
        size_t used = strlen(text);

        if (got == CTL_WRONG)
            snprintf(text + used, room - used, "!%d %s|", (int)m.id, ctl->why);
        else if (m.kind == CTL_REPLY)
            snprintf(text + used, room - used, "%d %s%s%s|", (int)m.id,
                     m.ok ? "ok" : ctl_error_name(m.error), m.why != NULL ? " " : "",
                     m.why != NULL ? m.why : "");
        else
            snprintf(text + used, room - used, "%d %s|", (int)m.id, m.name);
        ctl_message_free(&m);
    }
    if (got == CTL_OVER)
        strncat(text, "over", room - strlen(text) - 1);
}

static void check_side(enum ctl_side side, const char *given, const char *expected)
{
    struct ctl ctl;
    char text[600] = "";

    ctl_init(&ctl, side);
    CHECK(ctl_give(&ctl, given, strlen(given)));
    drain(&ctl, text, sizeof(text));
    comm_check(strcmp(text, expected) == 0, __FILE__, __LINE__, "%s: %s", given, text);
    ctl_fini(&ctl);
}

#define HELLO "{\"id\":1,\"op\":\"hello\",\"version\":1}\n"
#define GREETING "{\"id\":1,\"ok\":true,\"version\":1,\"program\":\"x\"}\n"

static void a_server_takes_requests_after_hello(void)
{
    static const struct {
        const char *given, *expected;
    } cases[] = {
        {HELLO,                                               "1 hello|"                                             },
        {HELLO "{\"op\":\"send\",\"id\":0,\"tx\":\"a\"}\r\n", "1 hello|0 send|"                                      },
        {"{\"id\":7,\"op\":\"send\"}\n" HELLO,                "!7 hello comes first|1 hello|"                        },
        {HELLO HELLO,                                         "1 hello|!1 hello was said already|"                   },
        {"{\"id\":1,\"op\":\"hello\"}\n",                     "!1 version 1 is spoken here|"                         },
        {"{\"id\":1,\"op\":\"hello\",\"version\":2}\n",       "!1 version 1 is spoken here|"                         },
        {"{\"id\":-1,\"op\":\"x\"}\n",                        "!-1 id has to be a whole number, 0 or more|"          },
        {"{\"id\":1.5,\"op\":\"x\"}\n",                       "!-1 id has to be a whole number, 0 or more|"          },
        {"{\"id\":1e30,\"op\":\"x\"}\n",                      "!-1 id has to be a whole number, 0 or more|"          },
        {"{\"id\":\"1\",\"op\":\"x\"}\n",                     "!-1 id has to be a whole number, 0 or more|"          },
        {"{\"op\":\"x\"}\n",                                  "!-1 id has to be a whole number, 0 or more|"          },
        {"{\"id\":3}\n",                                      "!3 op has to be the name of an operation|"            },
        {"{\"id\":3,\"op\":\"Send\"}\n",                      "!3 op has to be the name of an operation|"            },
        {"{\"id\":3,\"op\":\"\"}\n",                          "!3 op has to be the name of an operation|"            },
        {"{\"id\":3,\"op\":7}\n",                             "!3 op has to be the name of an operation|"            },
        {"[1]\n",                                             "!-1 a message is an object|"                          },
        {"\n",                                                "!-1 byte 2: this begins no value|"                    },
        {"{\"id\":1,\"id\":2,\"op\":\"x\"}\n",                "!-1 a key is there twice|"                            },
        {"{} {}\n" HELLO,                                     "!-1 byte 4: something stands after the value|1 hello|"},
        {"{\"id\":1,\"op\":\"hello\",\"version\":1}",         ""                                                     }, /* its line is not at an end */
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check_side(CTL_SERVER, cases[i].given, cases[i].expected);
}

static void a_client_takes_replies_and_events(void)
{
    static const struct {
        const char *given, *expected;
    } cases[] = {
        {GREETING "{\"ev\":\"state\",\"to\":\"absent\"}\n",                      "1 ok|-1 state|"                             },
        {GREETING "{\"id\":2,\"ok\":false,\"err\":\"busy\",\"why\":\"held\"}\n",
         "1 ok|2 busy held|"                                                                                                  },
        {"{\"id\":null,\"ok\":false,\"err\":\"usage\"}\n",                       "-1 usage|"                                  },
        {"{\"id\":1,\"ok\":true,\"version\":9}\n",
         "!1 the first answer has no version that is known here|"                                                             },
        {"{\"ev\":\"state\"}\n",                                                 "!-1 hello comes first|"                     },
        {GREETING "{\"ev\":\"\"}\n",                                             "1 ok|!-1 ev has to be the name of an event|"},
        {GREETING "{\"id\":2,\"ok\":false,\"err\":\"strange\"}\n",
         "1 ok|!2 err has to be one of the list, where ok is false|"                                                          },
        {GREETING "{\"id\":2,\"ok\":false}\n",
         "1 ok|!2 err has to be one of the list, where ok is false|"                                                          },
        {GREETING "{\"id\":2,\"ok\":true,\"err\":\"busy\"}\n",
         "1 ok|!2 err has to be one of the list, where ok is false|"                                                          },
        {GREETING "{\"id\":2,\"ok\":1}\n",                                       "1 ok|!2 ok has to be true or false|"        },
        {GREETING "{\"ok\":true}\n",                                             "1 ok|!-1 a reply has the id of its request|"},
        {GREETING "{\"id\":2,\"ok\":false,\"err\":\"busy\",\"why\":1}\n",
         "1 ok|!2 why has to be a text|"                                                                                      },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check_side(CTL_CLIENT, cases[i].given, cases[i].expected);
}

static void pieces_make_no_difference(void)
{
    static const char given[] =
        HELLO "{\"id\":2,\"op\":\"a\"}\n[]\n{\"id\":3,\"op\":\"b\",\"tx\":\"\xc3\xa4\"}\n";
    char whole[300] = "";
    struct ctl ctl;

    ctl_init(&ctl, CTL_SERVER);
    ctl_give(&ctl, given, strlen(given));
    drain(&ctl, whole, sizeof(whole));
    ctl_fini(&ctl);
    CHECK(strcmp(whole, "1 hello|2 a|!-1 a message is an object|3 b|") == 0);
    for (size_t i = 0; i <= strlen(given); i++) {
        for (size_t j = i; j <= strlen(given); j++) {
            char text[300] = "";

            ctl_init(&ctl, CTL_SERVER);
            ctl_give(&ctl, given, i);
            drain(&ctl, text, sizeof(text));
            ctl_give(&ctl, given + i, j - i);
            drain(&ctl, text, sizeof(text));
            ctl_give(&ctl, given + j, strlen(given) - j);
            drain(&ctl, text, sizeof(text));
            CHECK(strcmp(text, whole) == 0);
            ctl_fini(&ctl);
        }
    }
}

static void a_line_without_end_ends_the_connection(void)
{
    char *bytes = malloc(CTL_LONGEST + 1);
    struct ctl_message m;
    struct ctl ctl;

    memset(bytes, ' ', CTL_LONGEST + 1);
    ctl_init(&ctl, CTL_SERVER);
    CHECK(ctl_give(&ctl, bytes, CTL_LONGEST));
    CHECK_EQ(ctl_next(&ctl, &m), CTL_MORE);
    CHECK(ctl_give(&ctl, bytes, 1));
    CHECK_EQ(ctl_next(&ctl, &m), CTL_OVER);
    CHECK(!ctl_give(&ctl, bytes, 1));
    ctl_fini(&ctl);
    free(bytes);
}

static void what_one_side_writes_the_other_reads(void)
{
    struct json out = {0}, in = {0};

    ctl_hello(&out, 1);
    ctl_begin_request(&out, 2, "line.set");
    ctl_put_bytes(&out, "tx", "\xff\0a", 3);
    ctl_end(&out);
    check_side(CTL_SERVER, out.text, "1 hello|2 line.set|");
    ctl_greet(&in, 1, "termctl");
    ctl_begin_event(&in, "state");
    json_key(&in, "to");
    json_text(&in, "present");
    ctl_end(&in);
    ctl_refuse(&in, 2, CTL_ABSENT, "unplugged\n");
    ctl_refuse(&in, -1, CTL_USAGE, NULL);
    check_side(CTL_CLIENT, in.text, "1 ok|-1 state|2 absent unplugged\n|-1 usage|");
    json_free(&out);
    json_free(&in);
}

static void bytes_that_are_no_text_arrive_whole(void)
{
    for (unsigned n = 0; n < 70; n++) {
        char bytes[70], *got;
        struct json json = {0};
        struct ctl_message m = {0};
        char whyt[100];
        const char *why = NULL;
        size_t len = 99;

        for (unsigned i = 0; i < n; i++)
            bytes[i] = (char)(i * 37 + n * 11);
        json_begin(&json, '{');
        ctl_put_bytes(&json, "rx", bytes, n);
        json_end(&json, '}');
        m.json = json_read(json.text, json.len, whyt, sizeof(whyt));
        got = ctl_bytes(&m, "rx", &len, &why);
        CHECK(got != NULL && len == n && memcmp(got, bytes, n) == 0);
        free(got);
        ctl_message_free(&m);
        json_free(&json);
    }
}

static void base64_is_read_by_the_letter(void)
{
    static const char *const wrong[] = {"A",    "AA",   "AAA",      "AA=A", "A===", "====",
                                        "AB==", "AAB=", "AA==AAAA", "AA A", "AAA-", "\377AAA"};
    char bytes[16], text[BASE64_ROOM(6)];
    size_t len;

    base64_write("foobar", 6, text);
    CHECK(strcmp(text, "Zm9vYmFy") == 0);
    base64_write("fooba", 5, text);
    CHECK(strcmp(text, "Zm9vYmE=") == 0);
    base64_write("foob", 4, text);
    CHECK(strcmp(text, "Zm9vYg==") == 0);
    CHECK(base64_read("Zm9vYg==", 8, bytes, &len) && len == 4 && memcmp(bytes, "foob", 4) == 0);
    CHECK(base64_read("", 0, bytes, &len) && len == 0);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        CHECK_EQ_WHEN(wrong[i], base64_read(wrong[i], strlen(wrong[i]), bytes, &len), false);
}

static void every_error_has_its_name_and_status(void)
{
    CHECK(strcmp(ctl_error_name(CTL_NOPORT), "noport") == 0);
    CHECK(strcmp(ctl_error_name(CTL_INTERNAL), "internal") == 0);
    CHECK(ctl_error_name((enum ctl_error)(CTL_INTERNAL + 1)) == NULL);
    for (int error = CTL_NOPORT; error <= CTL_INTERNAL; error++)
        CHECK(ctl_error_status((enum ctl_error)error) != TOOL_OK);
    CHECK_EQ(ctl_error_status(CTL_BUSY), TOOL_BUSY);
}

COMM_TEST_MAIN(TEST(a_server_takes_requests_after_hello), TEST(a_client_takes_replies_and_events),
               TEST(pieces_make_no_difference), TEST(a_line_without_end_ends_the_connection),
               TEST(what_one_side_writes_the_other_reads),
               TEST(bytes_that_are_no_text_arrive_whole), TEST(base64_is_read_by_the_letter),
               TEST(every_error_has_its_name_and_status))
