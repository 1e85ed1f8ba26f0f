/* SPDX-License-Identifier: MIT */
/* FormatMessage: a text for every code of the headers, and the template language of message texts
 * in both encodings. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libcomm/comm.h>

#include "harness.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/testing.h"
#include "libcomm/plat/utf.h"

#define HEADER "libcomm/include/libcomm/types.h"
#define SYSTEM_TEXT (FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS)

/* The header lies beside this source, or above the directory the test runs in. */
static FILE *header_open(void)
{
    char path[4096] = __FILE__;
    char *tests = strstr(path, "tests/plat/");
    FILE *file = NULL;

    if (tests != NULL) {
        snprintf(tests, sizeof(path) - (size_t)(tests - path), HEADER);
        file = fopen(path, "r");
    }
    for (int up = 0; file == NULL && up < 6; up++) {
        snprintf(path, sizeof(path), "%.*s" HEADER, up * 3, "../../../../../../");
        file = fopen(path, "r");
    }
    return file;
}

static void every_code_of_the_header_has_its_name_and_a_sentence(void)
{
    FILE *header = header_open();
    char line[256], name[128];
    unsigned code, found = 0;

    if (!CHECK(header != NULL))
        return;
    while (fgets(line, sizeof(line), header) != NULL) {
        const char *text;

        if (sscanf(line, "#define %127s %u", name, &code) != 2 || strncmp(name, "ERROR_", 6) != 0)
            continue;
        found++;
        text = ci_error_text(code);
        CHECK_EQ_WHEN(name, ci_error_name(code) != NULL && strcmp(ci_error_name(code), name) == 0,
                      true);
        CHECK_EQ_WHEN(name, text != NULL && strlen(text) > 8 && text[strlen(text) - 1] == '.',
                      true);
        CHECK_EQ_WHEN(name, text != NULL && strpbrk(text, "%\r\n") == NULL, true);
    }
    fclose(header);
    CHECK(found > 80);
}

static void no_other_code_has_a_name_and_no_two_share_a_text(void)
{
    static const char *texts[4096];
    size_t count = 0;

    for (uint32_t code = 0; code < 0x20000; code++) {
        const char *text = ci_error_text(code);

        CHECK((ci_error_name(code) == NULL) == (text == NULL));
        if (text == NULL || !CHECK(count < ARRAY_LEN(texts)))
            continue;
        for (size_t i = 0; i < count; i++)
            CHECK(strcmp(texts[i], text) != 0);
        texts[count++] = text;
    }
    CHECK(count > 80);
    CHECK(ci_error_name(16999) == NULL && ci_error_name(0xFFFFFFFF) == NULL);
    CHECK(strcmp(ci_error_name(258), "WAIT_TIMEOUT") == 0);
    CHECK(strcmp(ci_error_name(0), "ERROR_SUCCESS") == 0);
}

static void a_system_text_is_a_line(void)
{
    char text[256] = "";
    DWORD len;

    SetLastError(77);
    len = FormatMessageA(SYSTEM_TEXT, NULL, ERROR_IO_PENDING,
                         MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT), text, sizeof(text), NULL);
    CHECK_EQ(len, strlen(text));
    CHECK(len > 2 && strcmp(text + len - 2, "\r\n") == 0);
    CHECK_EQ(strncmp(text, ci_error_text(997), len - 2), 0);
    CHECK_EQ(GetLastError(), 77);
}

static void an_error_code_inside_an_hresult_has_the_same_text(void)
{
    char plain[256] = "", wrapped[256] = "";

    CHECK(FormatMessageA(SYSTEM_TEXT, NULL, 5, 0, plain, sizeof(plain), NULL) > 0);
    CHECK(FormatMessageA(SYSTEM_TEXT, NULL, 0x80070005, 0, wrapped, sizeof(wrapped), NULL) > 0);
    CHECK(strcmp(plain, wrapped) == 0);
}

static void an_errno_carried_in_an_error_code_has_the_text_of_the_system(void)
{
    char text[256] = "";

    CHECK(FormatMessageA(SYSTEM_TEXT, NULL, ci_errno_error(CI_DOM_FILE, ESTALE), 0, text,
                         sizeof(text), NULL) > 0);
    CHECK_EQ(strncmp(text, strerror(ESTALE), strlen(strerror(ESTALE))), 0);
}

static void what_cannot_be_formatted_fails_with_its_code(void)
{
    static const struct {
        const char *when;
        const char *source;
        DWORD flags, id, size, error;
    } cases[] = {
        {"nobody knows the code",       NULL,         FORMAT_MESSAGE_FROM_SYSTEM,  16999, 64, 317},
        {"the text is in a module",     NULL,         FORMAT_MESSAGE_FROM_HMODULE, 5,     64, 317},
        {"the text is from nowhere",    "text",       0,                           5,     64, 87 },
        {"there is no template",        NULL,         FORMAT_MESSAGE_FROM_STRING,  0,     64, 87 },
        {"the template is empty",       "",           FORMAT_MESSAGE_FROM_STRING,  0,     64, 235},
        {"no room for the last byte",   "abc",        FORMAT_MESSAGE_FROM_STRING,  0,     3,  122},
        {"no room at all",              "abc",        FORMAT_MESSAGE_FROM_STRING,  0,     0,  122},
        {"an insert without values",    "%1",         FORMAT_MESSAGE_FROM_STRING,  0,     64, 87 },
        {"a format of no kind",         "%1!f!",      FORMAT_MESSAGE_FROM_STRING,  0,     64, 87 },
        {"a format without an end",     "%1!d",       FORMAT_MESSAGE_FROM_STRING,  0,     64, 87 },
        {"a field wider than any text", "%1!99999d!", FORMAT_MESSAGE_FROM_STRING,  0,     64, 87 },
    };
    DWORD_PTR values[2] = {1, 2};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bool none = strcmp(cases[i].when, "an insert without values") == 0;
        char text[64] = "kept";

        SetLastError(77);
        CHECK_EQ_WHEN(cases[i].when,
                      FormatMessageA(cases[i].flags | FORMAT_MESSAGE_ARGUMENT_ARRAY,
                                     cases[i].source, cases[i].id, 0, text, cases[i].size,
                                     none ? NULL : (va_list *)values),
                      0);
        CHECK_EQ_WHEN(cases[i].when, GetLastError(), cases[i].error);
        CHECK_EQ_WHEN(cases[i].when, strcmp(text, "kept"), 0);
    }
    SetLastError(77);
    CHECK_EQ(FormatMessageA(SYSTEM_TEXT, NULL, 5, 0, NULL, 64, NULL), 0);
    CHECK_EQ(GetLastError(), 87);
}

static void a_buffer_that_just_fits_is_enough(void)
{
    char text[4] = "";
    WCHAR wide[3] = {0};
    static const WCHAR smile[] = COMM_WIDE_("\U0001F600");

    CHECK_EQ(FormatMessageA(FORMAT_MESSAGE_FROM_STRING, "abc", 0, 0, text, 4, NULL), 3);
    CHECK(strcmp(text, "abc") == 0);
    CHECK_EQ(FormatMessageW(FORMAT_MESSAGE_FROM_STRING, smile, 0, 0, wide, 3, NULL), 2);
    CHECK_EQ(memcmp(wide, smile, sizeof(smile)), 0);
    CHECK_EQ(FormatMessageW(FORMAT_MESSAGE_FROM_STRING, smile, 0, 0, wide, 2, NULL), 0);
    CHECK_EQ(GetLastError(), 122);
}

static void an_allocated_buffer_holds_at_least_what_was_asked_for(void)
{
    char *text = (char *)"not yet";
    WCHAR *wide = NULL;

    CHECK_EQ(FormatMessageA(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ALLOCATE_BUFFER, "abc", 0,
                            0, (LPSTR)&text, 100, NULL),
             3);
    CHECK(strcmp(text, "abc") == 0);
    memset(text, 'x', 100);
    CHECK(LocalFree(text) == NULL);
    CHECK_EQ(FormatMessageW(SYSTEM_TEXT | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, 5, 0, (LPWSTR)&wide,
                            0, NULL),
             strlen(ci_error_text(5)) + 2);
    CHECK(wide != NULL && wide[0] == (WCHAR)ci_error_text(5)[0]);
    CHECK(LocalFree(wide) == NULL);
    text = (char *)"not yet";
    CHECK_EQ(FormatMessageA(SYSTEM_TEXT | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, 16999, 0,
                            (LPSTR)&text, 0, NULL),
             0);
    CHECK(text == NULL);
    CHECK(LocalFree(NULL) == NULL);
}

static const uint16_t wide_word[] = {'w', 0xEF, 'd', 'e', 0};

/* Every row runs through the A and the W form; the values of %1 to %6 are below. */
static const struct {
    const char *when;
    DWORD flags;
    const char *source, *expected;
} templates[] = {
    {"nothing to expand",              0,                             "plain",                           "plain"                          },
    {"strings in any order",           0,                             "%2-%1-%2",                        "two-one-two"                    },
    {"a percent sign",                 0,                             "100%%",                           "100%"                           },
    {"a percent sign at the end",      0,                             "100%",                            "100%"                           },
    {"escaped punctuation",            0,                             "%! %. %x%",                       "! . x%"                         },
    {"a blank, a tab, a return",       0,                             "a%b%t%rb",                        "a \t\rb"                        },
    {"a hard line break",              0,                             "a%nb",                            "a\r\nb"                         },
    {"line breaks of the text",        0,                             "a\nb\r\nc\rd",                    "a\r\nb\r\nc\r\nd"               },
    {"an end before the end",          0,                             "a%0b\n",                          "a"                              },
    {"numbers",                        0,                             "%3!d! %3!u! %3!x! %3!X!",         "-7 4294967289 fffffff9 FFFFFFF9"},
    {"fields",                         0,                             "[%4!5d!|%4!-5d!|%4!05d!|%4!+d!]", "[   42|42   |00042|+42]"        },
    {"a precision",                    0,                             "[%4!6.4d!|%3!.3d!|%1!.2s!]",      "[  0042|-007|on]"               },
    {"a number with its base",         0,                             "%4!#x! %4!#o! %4!#X!",            "0x2a 052 0X2A"                  },
    {"64 bits",                        0,                             "%5!I64d! %5!llx! %5!ld!",         "1099511627777 10000000001 1"    },
    {"16 and 8 bits",                  0,                             "%3!hu! %3!hhu!",                  "65529 249"                      },
    {"a pointer",                      0,                             "%5!p!",                           "0000010000000001"               },
    {"a character",                    0,                             "%4!c!%4!3c!",                     "*  *"                           },
    {"a string in a field",            0,                             "[%1!5s!|%1!-5s!]",                "[  one|one  ]"                  },
    {"a wide string",                  0,                             "[%6!ls!|%6!6ws!]",                "[w\u00efde|  w\u00efde]"        },
    {"inserts kept as they are",       FORMAT_MESSAGE_IGNORE_INSERTS, "%1 %2!d! %12%%%n",
     "%1 %2!d! %12%\r\n"                                                                                                                  },
    {"one line, whatever the text",    0xFF,                          "a\nb\r\nc%nd",                    "a b c\r\nd"                     },
    {"lines of eight",                 8,                             "one two three four",              "one two\r\nthree\r\nfour"       },
    {"lines of three",                 3,                             "longer a b c",                    "longer\r\na b\r\nc"             },
    {"lines that break by themselves", 8,                             "one%ntwo three",                  "one\r\ntwo\r\nthree"            },
    {"lines with inserts",             5,                             "%1 %2 %1",                        "one\r\ntwo\r\none"              },
};

static DWORD format_wide(DWORD flags, const char *source, DWORD_PTR *values, char *out, size_t room)
{
    uint16_t wide_source[256], wide_out[256] = {0};
    uint16_t one[] = {'o', 'n', 'e', 0}, two[] = {'t', 'w', 'o', 0};
    DWORD len;

    values[0] = (DWORD_PTR)one;
    values[1] = (DWORD_PTR)two;
    ci_utf8_to_16(source, strlen(source) + 1, wide_source, ARRAY_LEN(wide_source));
    len =
        FormatMessageW(flags, wide_source, 0, 0, wide_out, ARRAY_LEN(wide_out), (va_list *)values);
    CHECK_EQ(ci_utf16_len(wide_out), len);
    ci_utf16_to_8(wide_out, len + 1, out, room);
    return len;
}

static void templates_expand_alike_in_both_encodings(void)
{
    for (size_t i = 0; i < ARRAY_LEN(templates); i++) {
        DWORD flags =
            templates[i].flags | FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY;
        DWORD_PTR values[99] = {(DWORD_PTR) "one", (DWORD_PTR) "two",   (DWORD_PTR)(LONG)-7, 42,
                                0x10000000001,     (DWORD_PTR)wide_word};
        char narrow[256] = "", wide[1024] = "";
        DWORD len;

        len = FormatMessageA(flags, templates[i].source, 0, 0, narrow, sizeof(narrow),
                             (va_list *)values);
        CHECK_EQ_WHEN(templates[i].when, len, strlen(templates[i].expected));
        if (!CHECK_EQ_WHEN(templates[i].when, strcmp(narrow, templates[i].expected), 0))
            printf("# %s\n", narrow);
        format_wide(flags, templates[i].source, values, wide, sizeof(wide));
        if (!CHECK_EQ_WHEN(templates[i].when, strcmp(wide, templates[i].expected), 0))
            printf("# %s\n", wide);
    }
}

static DWORD format_list(char *out, DWORD size, const char *source, ...)
{
    va_list list;
    DWORD len;

    va_start(list, source);
    len = FormatMessageA(FORMAT_MESSAGE_FROM_STRING, source, 0, 0, out, size, &list);
    va_end(list);
    return len;
}

static void values_come_from_an_argument_list_too(void)
{
    char out[128] = "";

    CHECK_EQ(format_list(out, sizeof(out), "%1 %3!d! %2!u! %3!d!", "text", 7u, -8), 12);
    CHECK(strcmp(out, "text -8 7 -8") == 0);
    CHECK_EQ(format_list(out, sizeof(out), "[%1!*.*s!] %4", 6, 2, "text", "end"), 12);
    CHECK(strcmp(out, "[    te] end") == 0);
    CHECK_EQ(format_list(out, sizeof(out), "[%1!*d!]%3!s!", 4, 42, "!"), 7);
    CHECK(strcmp(out, "[  42]!") == 0);
    CHECK_EQ(format_list(out, sizeof(out), "%1!S! %2", wide_word, NULL), 12);
    CHECK(strcmp(out, "w\u00efde (null)") == 0);
    CHECK_EQ(format_list(out, sizeof(out), "%11%10", "a", "b", "c", "d", "e", "f", "g", "h", "i",
                         "ten", "eleven"),
             9);
    CHECK(strcmp(out, "eleventen") == 0);
}

/* A precision bounds what is read: the string may lack its terminator. */
static void a_precision_bounds_what_is_read(void)
{
    char *unended = malloc(3);
    char out[16] = "";

    for (int i = 0; i < 3; i++)
        unended[i] = (char)('a' + i);
    CHECK_EQ(format_list(out, sizeof(out), "%1!.3s!", unended), 3);
    CHECK(strcmp(out, "abc") == 0);
    free(unended);
}

static void running_out_of_memory_leaves_nothing_behind(void)
{
    DWORD flags = FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY |
                  FORMAT_MESSAGE_ALLOCATE_BUFFER | 40;
    DWORD_PTR values[1] = {(DWORD_PTR)wide_word};
    unsigned nth = 0;
    DWORD len;

    do {
        char *text = (char *)"not yet";

        SetLastError(77);
        ci_testing_fail(CI_FAULT_MEMORY, nth++, false);
        len = FormatMessageA(flags, "%1!300S! and so on", 0, 0, (LPSTR)&text, 0, (va_list *)values);
        ci_testing_fail(0, 0, false);
        CHECK_EQ(GetLastError(), len == 0 ? 8 : 77);
        CHECK((text == NULL) == (len == 0));
        LocalFree(text);
    } while (len == 0 && nth < 100);
    CHECK(nth > 4 && nth < 100);
}

COMM_TEST_MAIN(TEST(every_code_of_the_header_has_its_name_and_a_sentence),
               TEST(no_other_code_has_a_name_and_no_two_share_a_text),
               TEST(a_system_text_is_a_line),
               TEST(an_error_code_inside_an_hresult_has_the_same_text),
               TEST(an_errno_carried_in_an_error_code_has_the_text_of_the_system),
               TEST(what_cannot_be_formatted_fails_with_its_code),
               TEST(a_buffer_that_just_fits_is_enough),
               TEST(an_allocated_buffer_holds_at_least_what_was_asked_for),
               TEST(templates_expand_alike_in_both_encodings),
               TEST(values_come_from_an_argument_list_too), TEST(a_precision_bounds_what_is_read),
               TEST(running_out_of_memory_leaves_nothing_behind))
