/* SPDX-License-Identifier: MIT */
/* The bytes of a configuration: what is right is understood, every fault is told with its place. */
#include "tests/support/harness.h"
#include "tools/common/conf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void put(char *text, size_t room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void put(char *text, size_t room, const char *format, ...)
{
    size_t len = strlen(text);
    va_list args;

    va_start(args, format);
    vsnprintf(text + len, room - len, format, args);
    va_end(args);
}

/* Everything in a conf as one text: entries, then faults. */
static void write_all(const struct conf *conf, char *text, size_t room)
{
    text[0] = '\0';
    for (size_t i = 0; i < conf->count; i++) {
        const struct conf_entry *entry = &conf->entries[i];

        put(text, room, "%s%s%s%s=%s|", entry->section[0] ? "[" : "", entry->section,
            entry->section[0] ? "]" : "", entry->key, entry->value);
    }
    for (size_t i = 0; i < conf->error_count; i++)
        put(text, room, "%u:%u: %s|", conf->errors[i].at.line, conf->errors[i].at.column,
            conf->errors[i].text);
}

/* In memory that ends where the text ends, so that a sanitizer sees what is read behind it. */
static void parse(struct conf *conf, const char *bytes, size_t len)
{
    char *copy = malloc(len == 0 ? 1 : len);

    memcpy(copy, bytes, len);
    *conf = (struct conf){0};
    conf_parse(conf, "test", copy, len);
    free(copy);
}

static void lines_mean_what_they_look_like(void)
{
    static const struct {
        const char *bytes, *means;
    } cases[] = {
        {"",                                    ""                      },
        {"a = b",                               "a=b|"                  },
        {"a=b\n",                               "a=b|"                  },
        {"\xef\xbb\xbf"
         "a=b\r\nc=d\r\n",             "a=b|c=d|"              },
        {"   a   =   b c   \n\tc=d",            "a=b c|c=d|"            },
        {"# x\n; y\n  # z\n\n \t\na=b",         "a=b|"                  },
        {"a = b ; c",                           "a=b|"                  },
        {"a = b\t;c",                           "a=b|"                  },
        {"a = b;c",                             "a=b;c|"                },
        {"a = b # c",                           "a=b # c|"              },
        {"a = ; c",                             "a=|"                   },
        {"a =",                                 "a=|"                   },
        {"a = \"b ; c\" ; d",                   "a=b ; c|"              },
        {"a = \"  b  \"",                       "a=  b  |"              },
        {"a = \"\\t\\\"\\\\\\x41\\101\\e\"",    "a=\t\"\\AA\033|"       },
        {"a = \"\\x41b\"",                      "a=Ab|"                 }, /* two digits, not as many as there are */
        {"a = b \"c\"",                         "a=b \"c\"|"            },
        {"a = b = c",                           "a=b = c|"              },
        {"[s]\na=b\n[ profile x ] ; note\nc=d", "[s]a=b|[profile x]c=d|"},
        {"a = \xc3\xa4\xff",                    "a=\xc3\xa4\xff|"       },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct conf conf;
        char text[400];

        parse(&conf, cases[i].bytes, strlen(cases[i].bytes));
        write_all(&conf, text, sizeof(text));
        comm_check(strcmp(text, cases[i].means) == 0, __FILE__, __LINE__, "%s: %s", cases[i].bytes,
                   text);
        conf_free(&conf);
    }
}

static void every_fault_is_told_with_its_place(void)
{
    static const struct {
        const char *bytes, *means;
    } cases[] = {
        {"abc",                         "1:4: a = is missing|"                      },
        {"  abc def = 1",               "1:7: a = is missing|"                      },
        {"= 1",                         "1:1: a line begins with a name or a [|"    },
        {"\n  !x = 1\nb=1",             "b=1|2:3: a line begins with a name or a [|"},
        {"[abc",                        "1:1: the ] of this [ is missing|"          },
        {"[ ]\na=1",                    "a=1|1:1: a section has a name|"            },
        {"[s] x",                       "1:5: something stands after the section|"  },
        {"a = \"b",                     "1:5: the closing \" is missing|"           },
        {"a = \"b\\",                   "1:7: there is no such escape|"             },
        {"a = \"b\\q\"",                "1:7: there is no such escape|"             },
        {"a = \"\\x4\"",                "1:6: there is no such escape|"             },
        {"a = \"\\400\"",               "1:6: there is no such escape|"             },
        {"a = \"\\0\"",                 "1:6: a value has no byte 0|"               },
        {"a = \"b\" c",                 "1:9: something stands after the value|"    },
        {"a = \"b\"; c",                "1:8: something stands after the value|"    },
        {"a = \"\xc3\xa4\xc3\xa4\\q\"",
         "1:8: there is no such escape|"                                            }, /* columns are characters */
        {"a\n[b\n= 1\nc = 2\nd = \"",
         "c=2|1:2: a = is missing|2:1: the ] of this [ is missing|3:1: a line begins with a name "
         "or a [|5:5: the closing \" is missing|"                                   },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct conf conf;
        char text[400];

        parse(&conf, cases[i].bytes, strlen(cases[i].bytes));
        write_all(&conf, text, sizeof(text));
        comm_check(strcmp(text, cases[i].means) == 0, __FILE__, __LINE__, "%s: %s", cases[i].bytes,
                   text);
        conf_free(&conf);
    }
}

static void a_byte_0_is_a_fault_of_its_line(void)
{
    struct conf conf;

    parse(&conf, "a=1\nb\0=2\nc=3", 12);
    CHECK_EQ(conf.count, 2);
    if (CHECK_EQ(conf.error_count, 1)) {
        CHECK_EQ(conf.errors[0].at.line, 2);
        CHECK_EQ(conf.errors[0].at.column, 2);
    }
    conf_free(&conf);
}

static void a_line_may_be_of_any_length(void)
{
    enum { LEN = 300000 };
    char *bytes = malloc(LEN + 8);
    struct conf conf;

    memcpy(bytes, "key = ", 6);
    memset(bytes + 6, 'x', LEN);
    parse(&conf, bytes, LEN + 6);
    if (CHECK_EQ(conf.count, 1))
        CHECK_EQ(strlen(conf.entries[0].value), LEN);
    conf_free(&conf);
    free(bytes);
}

static unsigned long seed = 4711;

static unsigned random_below(unsigned limit)
{
    seed = seed * 6364136223846793005ul + 1442695040888963407ul;
    return (unsigned)(seed >> 33) % limit;
}

static void whatever_is_quoted_is_read_as_it_was(void)
{
    static const char pieces[] = " ;\"\\#=[]\t\n\r\x01\x7f\xc3\xa4"
                                 "abx0";

    for (int round = 0; round < 5000; round++) {
        char value[12], line[80];
        size_t len = random_below(11);
        struct conf conf;
        char *quoted;

        for (size_t i = 0; i < len; i++)
            value[i] = pieces[random_below(sizeof(pieces) - 1)];
        value[len] = '\0';
        quoted = conf_quote(value);
        snprintf(line, sizeof(line), "k = %s ; note", quoted);
        free(quoted);
        parse(&conf, line, strlen(line));
        if (!CHECK(conf.count == 1 && conf.error_count == 0 &&
                   strcmp(conf.entries[0].value, value) == 0))
            round = 5000;
        conf_free(&conf);
    }
}

/* Whatever the bytes are: the places of faults are inside of them, and no line is both an entry and
 * a fault. */
static void no_bytes_lead_astray(void)
{
    static const char *const pieces[] = {"a",  " ",  "=",    "\"",   "\\",      "x",
                                         "4",  "[",  "]",    ";",    "#",       "\n",
                                         "\r", "\t", "\xc3", "\xa4", "profile", "\xff"};

    for (int round = 0; round < 20000; round++) {
        char bytes[200];
        size_t len = 0, lines = 1;
        struct conf conf;

        for (unsigned n = random_below(30); n > 0; n--) {
            const char *piece = pieces[random_below(ARRAY_LEN(pieces))];

            memcpy(bytes + len, piece, strlen(piece));
            len += strlen(piece);
        }
        if (random_below(8) == 0)
            bytes[len++] = '\0';
        for (size_t i = 0; i < len; i++)
            lines += bytes[i] == '\n';
        parse(&conf, bytes, len);
        if (!CHECK(conf.count + conf.error_count <= lines + 1 || len == 0) ||
            !CHECK(!conf.no_memory))
            round = 20000;
        for (size_t i = 0; i < conf.error_count; i++)
            CHECK(conf.errors[i].at.line >= 1 && conf.errors[i].at.line <= lines &&
                  conf.errors[i].at.column >= 1 && conf.errors[i].at.column <= len + 1);
        conf_free(&conf);
    }
}

static void write_file(const char *name, const char *text)
{
    char path[300];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", comm_test_dir(), name);
    file = fopen(path, "w");
    if (!CHECK(file != NULL))
        return;
    fputs(text, file);
    fclose(file);
}

static void an_included_file_stands_where_its_line_stands(void)
{
    struct conf conf = {0};
    char path[300], text[400];

    write_file("main", "a=1\n[s]\ninclude = other\nb=2\ninclude = nowhere\n");
    write_file("other", "c=3\n[t]\nd=4\nbad\n");
    snprintf(path, sizeof(path), "%s/main", comm_test_dir());
    CHECK(conf_read(&conf, path, 2, true));
    write_all(&conf, text, sizeof(text));
    CHECK(strstr(text, "a=1|c=3|[t]d=4|[s]b=2|4:4: a = is missing|5:11: ") == text);
    CHECK(strstr(text, "nowhere cannot be read: No such file or directory|") != NULL);
    if (CHECK_EQ(conf.count, 4)) {
        CHECK_EQ(conf.entries[1].level, 2);
        CHECK(strstr(conf.entries[1].at.file, "/other") != NULL);
        CHECK(strstr(conf.errors[0].at.file, "/other") != NULL);
        CHECK(strstr(conf.errors[1].at.file, "/main") != NULL);
    }
    conf_free(&conf);
}

static void files_that_include_each_other_end(void)
{
    struct conf conf = {0};
    char path[300];

    write_file("one", "a=1\ninclude = two\n");
    write_file("two", "b=1\ninclude = one\n");
    snprintf(path, sizeof(path), "%s/one", comm_test_dir());
    CHECK(conf_read(&conf, path, 1, true));
    if (CHECK_EQ(conf.error_count, 1))
        CHECK(strstr(conf.errors[0].text, "is it a circle?") != NULL);
    conf_free(&conf);
}

static void a_file_that_is_not_there_is_a_fault_where_it_must_be(void)
{
    struct conf conf = {0};
    char path[300];

    snprintf(path, sizeof(path), "%s/absent", comm_test_dir());
    CHECK(!conf_read(&conf, path, 1, false));
    CHECK_EQ(conf.error_count, 0);
    CHECK(!conf_read(&conf, path, 1, true));
    if (CHECK_EQ(conf.error_count, 1))
        CHECK(strcmp(conf.errors[0].at.file, path) == 0 && conf.errors[0].at.line == 0);
    CHECK(!conf_read(&conf, comm_test_dir(), 1, false)); /* a directory is no file, and is there */
    CHECK_EQ(conf.error_count, 2);
    conf_free(&conf);
}

static void files_lie_where_xdg_has_them(void)
{
    static const struct {
        const char *config_home, *home, *path;
    } cases[] = {
        {"/x",       "/h", "/x/tool/config"        },
        {NULL,       "/h", "/h/.config/tool/config"},
        {"",         "/h", "/h/.config/tool/config"},
        {"relative", "/h", "/h/.config/tool/config"},
        {NULL,       NULL, NULL                    },
    };
    char *path;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        unsetenv("XDG_CONFIG_HOME");
        unsetenv("HOME");
        if (cases[i].config_home != NULL)
            setenv("XDG_CONFIG_HOME", cases[i].config_home, 1);
        if (cases[i].home != NULL)
            setenv("HOME", cases[i].home, 1);
        path = conf_user_path("tool");
        CHECK(cases[i].path == NULL ? path == NULL
                                    : path != NULL && strcmp(path, cases[i].path) == 0);
        free(path);
    }
    setenv("XDG_CONFIG_DIRS", "/a:relative::/b", 1);
    path = conf_system_path("tool", 0);
    CHECK(path != NULL && strcmp(path, "/a/tool/config") == 0);
    free(path);
    path = conf_system_path("tool", 1);
    CHECK(path != NULL && strcmp(path, "/b/tool/config") == 0);
    free(path);
    CHECK(conf_system_path("tool", 2) == NULL);
    unsetenv("XDG_CONFIG_DIRS");
    path = conf_system_path("tool", 0);
    CHECK(path != NULL && strcmp(path, "/etc/xdg/tool/config") == 0);
    free(path);
}

COMM_TEST_MAIN(TEST(lines_mean_what_they_look_like), TEST(every_fault_is_told_with_its_place),
               TEST(a_byte_0_is_a_fault_of_its_line), TEST(a_line_may_be_of_any_length),
               TEST(whatever_is_quoted_is_read_as_it_was), TEST(no_bytes_lead_astray),
               TEST(an_included_file_stands_where_its_line_stands),
               TEST(files_that_include_each_other_end),
               TEST(a_file_that_is_not_there_is_a_fault_where_it_must_be),
               TEST(files_lie_where_xdg_has_them))
