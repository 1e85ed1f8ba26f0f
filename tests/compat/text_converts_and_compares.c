/* SPDX-License-Identifier: MIT */
/* MultiByteToWideChar and back, the lstr calls, and the C library's string functions on 16-bit
 * units. */
#include "harness.h"

#include <errno.h>
#include <libcomm/comm.h>
#include <libcomm/compat.h>
#include <libcomm/compat_crt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SMILE8 "\xF0\x9F\x99\x82"
#define SMILE16 u"\xD83D\xDE42"

/* ---- conversion ---- */

static const struct {
    const char *when;
    UINT page;
    DWORD flags;
    const char *text;
    int len, room, result;
    DWORD error;
} to_wide[] = {
    {"measuring, with the NUL",         CP_UTF8, 0,                    "h\xC3\xA4",               -1, 0,  3, 0                           },
    {"measuring, by length",            CP_UTF8, 0,                    "h\xC3\xA4",               3,  0,  2, 0                           },
    {"it fits exactly",                 CP_UTF8, 0,                    SMILE8,                    -1, 3,  3, 0                           },
    {"one unit short",                  CP_UTF8, 0,                    SMILE8,                    -1, 2,  0, ERROR_INSUFFICIENT_BUFFER   },
    {"the system's code page is UTF-8", CP_ACP,  MB_PRECOMPOSED,       "h\xC3\xA4",               -1, 8,  3, 0                           },
    {"invalid, and nobody minds",       CP_UTF8, 0,
     "a\xFF"
     "b",                                                                                         -1, 8,  4, 0                           },
    {"invalid, and it matters",         CP_UTF8, MB_ERR_INVALID_CHARS,
     "a\xFF"
     "b",                                                                                         -1, 8,  0, ERROR_NO_UNICODE_TRANSLATION},
    {"cut off, and it matters",         CP_UTF8, MB_ERR_INVALID_CHARS, "a\xC3",                   2,  8,  0,
     ERROR_NO_UNICODE_TRANSLATION                                                                                                        },
    {"one byte too many",               CP_UTF8, MB_ERR_INVALID_CHARS, "a\x80",                   2,  8,  0,
     ERROR_NO_UNICODE_TRANSLATION                                                                                                        },
    {"overlong",                        CP_UTF8, MB_ERR_INVALID_CHARS, "\xC0\x80",                2,  8,  0, ERROR_NO_UNICODE_TRANSLATION},
    {"strictly valid, U+FFFD too",      CP_UTF8, MB_ERR_INVALID_CHARS, "\xEF\xBF\xBD" SMILE8 "x", -1, 8,
     5,                                                                                                      0                           },
    {"no such code page",               1252,    0,                    "a",                       -1, 8,  0, ERROR_INVALID_PARAMETER     },
    {"no such flag",                    CP_UTF8, 0x40000000,           "a",                       -1, 8,  0, ERROR_INVALID_FLAGS         },
    {"a flag that is not for UTF-8",    CP_UTF8, MB_PRECOMPOSED,       "a",                       -1, 8,  0, ERROR_INVALID_FLAGS         },
    {"nothing to convert",              CP_UTF8, 0,                    "a",                       0,  8,  0, ERROR_INVALID_PARAMETER     },
    {"no source",                       CP_UTF8, 0,                    NULL,                      -1, 8,  0, ERROR_INVALID_PARAMETER     },
    {"a negative room",                 CP_UTF8, 0,                    "a",                       -1, -1, 0, ERROR_INVALID_PARAMETER     },
};

static void utf8_becomes_utf16(void)
{
    for (size_t i = 0; i < ARRAY_LEN(to_wide); i++) {
        WCHAR out[16];
        int result;

        SetLastError(0);
        result = MultiByteToWideChar(to_wide[i].page, to_wide[i].flags, to_wide[i].text,
                                     to_wide[i].len, out, to_wide[i].room);
        CHECK_EQ_WHEN(to_wide[i].when, result, to_wide[i].result);
        CHECK_EQ_WHEN(to_wide[i].when, GetLastError(), to_wide[i].error);
    }
}

static void utf16_becomes_utf8_and_nothing_is_lost(void)
{
    static const WCHAR text[] = u"h\xE4 \xD83D\xDE42!";
    static const WCHAR half[] = {'a', 0xDE42, 0};
    char out[32];
    WCHAR back[32];
    BOOL used = 5;

    CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL), 10);
    CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, text, -1, out, 10, NULL, NULL), 10);
    CHECK_EQ(strcmp(out, "h\xC3\xA4 " SMILE8 "!"), 0);
    CHECK_EQ(MultiByteToWideChar(CP_ACP, 0, out, -1, back, 32), 7);
    CHECK_EQ(memcmp(back, text, sizeof(text)), 0);
    CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, text, -1, out, 9, NULL, NULL), 0);
    CHECK_EQ(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, half, -1, out, 32, NULL, NULL), 5);
    CHECK_EQ(strcmp(out, "a\xEF\xBF\xBD"), 0);
    CHECK_EQ(WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, half, -1, out, 32, NULL, NULL), 0);
    CHECK_EQ(GetLastError(), ERROR_NO_UNICODE_TRANSLATION);
    CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, text, -1, out, 32, NULL, &used), 0);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK_EQ(WideCharToMultiByte(CP_ACP, 0, text, -1, out, 32, "?", &used), 10);
    CHECK_EQ(used, FALSE);
    CHECK_EQ(WideCharToMultiByte(CP_ACP, WC_NO_BEST_FIT_CHARS, half, -1, out, 32, "?", &used), 5);
    CHECK_EQ(used, TRUE);
    CHECK_EQ(GetACP(), CP_UTF8);
}

/* ---- lstr ---- */

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static const struct {
    const char *a, *b;
    int exact, folded;
} orders[] = {
    {"same",         "same",     0,  0 },
    {"Same",         "same",     -1, 0 },
    {"same",         "sane",     -1, -1},
    {"same",         "sam",      1,  1 },
    {"",             "a",        -1, -1},
    {NULL,           "",         -1, -1},
    {NULL,           NULL,       0,  0 },
    {"\xC3\x84",     "\xC3\xA4", -1, 0 }, /* A and a with two dots */
    {"\xC3\x97",     "\xC3\xB7", -1, -1}, /* times and divided by are no letters */
    {"\xCE\xA9",     "\xCF\x89", -1, 0 }, /* omega */
    {"\xD0\xAF",     "\xD1\x8F", -1, 0 }, /* ya */
    {"\xC5\xBD",     "\xC5\xBE", -1, 0 }, /* Z with a hook */
    {"\xEF\xBD\x81", SMILE8,     -1, -1}, /* U+FF41, U+1F642: units would say otherwise */
};

static void both_widths_order_alike(void)
{
    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        WCHAR a[8], b[8];
        const WCHAR *wa = orders[i].a != NULL ? a : NULL, *wb = orders[i].b != NULL ? b : NULL;
        const char *when = orders[i].b != NULL ? orders[i].b : "NULL";

        if (wa != NULL)
            MultiByteToWideChar(CP_UTF8, 0, orders[i].a, -1, a, 8);
        if (wb != NULL)
            MultiByteToWideChar(CP_UTF8, 0, orders[i].b, -1, b, 8);
        CHECK_EQ_WHEN(when, sign(lstrcmpA(orders[i].a, orders[i].b)), orders[i].exact);
        CHECK_EQ_WHEN(when, sign(lstrcmpW(wa, wb)), orders[i].exact);
        CHECK_EQ_WHEN(when, sign(lstrcmpiA(orders[i].a, orders[i].b)), orders[i].folded);
        CHECK_EQ_WHEN(when, sign(lstrcmpiW(wa, wb)), orders[i].folded);
        CHECK_EQ_WHEN(when, sign(lstrcmpiW(wb, wa)), -orders[i].folded);
    }
}

static void the_lstr_calls_copy_and_append(void)
{
    char narrow[16];
    WCHAR wide[16];

    CHECK_EQ(lstrlenA(NULL), 0);
    CHECK_EQ(lstrlenW(u"four"), 4);
    CHECK(lstrcpyA(narrow, "one") == narrow);
    CHECK(lstrcatA(narrow, "two") == narrow);
    CHECK_EQ(strcmp(narrow, "onetwo"), 0);
    CHECK(lstrcpyW(wide, u"one") == wide);
    CHECK(lstrcatW(wide, u"two") == wide);
    CHECK_EQ(lstrcmpW(wide, u"onetwo"), 0);
    CHECK(lstrcpynA(narrow, "abcdef", 4) == narrow);
    CHECK_EQ(strcmp(narrow, "abc"), 0);
    CHECK(lstrcpynW(wide, u"abcdef", 4) == wide);
    CHECK_EQ(lstrcmpW(wide, u"abc"), 0);
    CHECK(lstrcpyA(narrow, NULL) == NULL);
    CHECK(lstrcatW(NULL, wide) == NULL);
}

/* ---- the C library on 16-bit units ---- */

static void strings_of_units_are_searched_and_split(void)
{
    WCHAR text[] = u"one, two,,three", *next = NULL, *copy;

    CHECK(comm_wcschr(text, 't') == text + 5);
    CHECK(comm_wcsrchr(text, 't') == text + 10);
    CHECK(comm_wcschr(text, 0) == text + 15);
    CHECK(comm_wcschr(text, 'x') == NULL);
    CHECK(comm_wcsstr(text, u"tw") == text + 5);
    CHECK(comm_wcsstr(text, u"") == text);
    CHECK(comm_wcsstr(text, u"threes") == NULL);
    CHECK(comm_wcspbrk(text, u" ,") == text + 3);
    CHECK_EQ(comm_wcsspn(text, u"eno"), 3);
    copy = comm_wcsdup(text);
    CHECK_EQ(comm_wcscmp(comm_wcstok_s(copy, u", ", &next), u"one"), 0);
    CHECK_EQ(comm_wcscmp(comm_wcstok_s(NULL, u", ", &next), u"two"), 0);
    CHECK_EQ(comm_wcscmp(comm_wcstok_s(NULL, u", ", &next), u"three"), 0);
    CHECK(comm_wcstok_s(NULL, u", ", &next) == NULL);
    free(copy);
    CHECK_EQ(comm_wcsnicmp(u"ABCd", u"abce", 3), 0);
    CHECK(comm_wcsncmp(u"abcd", u"abce", 4) < 0);
    CHECK_EQ(comm_towupper(0xE4), 0xC4);
    CHECK_EQ(comm_towlower(0x416), 0x436);
    CHECK_EQ(comm_towupper('1'), '1');
}

static void copies_of_units_pad_and_append(void)
{
    WCHAR text[8];

    memset(text, 0x55, sizeof(text));
    CHECK(comm_wcsncpy(text, u"ab", 4) == text);
    CHECK(text[1] == 'b' && text[2] == 0 && text[3] == 0 && text[4] == 0x5555);
    comm_wcscat(text, u"c");
    comm_wcsncat(text, u"defg", 2);
    CHECK_EQ(comm_wcscmp(text, u"abcde"), 0);
    CHECK_EQ(comm_wcsnlen(text, 3), 3);
}

static void numbers_are_read_from_units(void)
{
    const WCHAR *text = u"  -0x1Fz";
    WCHAR *end = NULL;

    CHECK_EQ(comm_wcstol(text, &end, 0), -0x1F);
    CHECK(end == text + 7);
    CHECK_EQ(comm_wcstoul(u"377", NULL, 8), 255);
    CHECK_EQ(comm_wtoi(u"0000000000000000000000000000000000000000000000000000000000000000000000000"
                       u"00000042 and more"),
             42);
    CHECK_EQ(comm_wtoi64(u"-9223372036854775808"), INT64_MIN);
    CHECK_EQ(comm_wcstol(u"none", &end, 10), 0);
    CHECK_EQ(*end, 'n');
}

static void streams_carry_utf8(void)
{
    FILE *file = tmpfile();
    char bytes[64] = "";
    WCHAR line[8];

    CHECK_EQ(comm_fwprintf(file, u"%s=%d\n", SMILE16, 7), 5);
    CHECK_EQ(comm_fputws(u"h\xE4 is long\nlast", file), 0);
    rewind(file);
    CHECK(fgets(bytes, sizeof(bytes), file) != NULL);
    CHECK_EQ(strcmp(bytes, SMILE8 "=7\n"), 0);
    rewind(file);
    CHECK(comm_fgetws(line, 2, file) == line); /* room for half of the first character */
    CHECK(line[0] == 0xFFFD && line[1] == 0);
    CHECK(comm_fgetws(line, 8, file) == line);
    CHECK_EQ(comm_wcscmp(line, u"=7\n"), 0);
    CHECK(comm_fgetws(line, 8, file) == line);
    CHECK_EQ(comm_wcscmp(line, u"h\xE4 is l"), 0);
    CHECK(comm_fgetws(line, 8, file) == line);
    CHECK_EQ(comm_wcscmp(line, u"ong\n"), 0);
    CHECK(comm_fgetws(line, 8, file) == line);
    CHECK_EQ(comm_wcscmp(line, u"last"), 0);
    CHECK(comm_fgetws(line, 8, file) == NULL);
    fclose(file);
}

static void a_character_is_not_split_between_two_lines_of_room(void)
{
    FILE *file = tmpfile();
    WCHAR line[8];

    fputs("ab" SMILE8 "\xC3(", file);
    rewind(file);
    CHECK(comm_fgetws(line, 4, file) == line);
    CHECK_EQ(comm_wcscmp(line, u"ab"), 0);
    CHECK(comm_fgetws(line, 8, file) == line);
    CHECK_EQ(comm_wcscmp(line, SMILE16 u"\xFFFD("), 0);
    fclose(file);
}

static void long_output_is_written_whole(void)
{
    FILE *file = tmpfile();
    long size;

    CHECK_EQ(comm_fwprintf(file, u"%5000d|%s", 1, u"\xE4"), 5002);
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    CHECK_EQ(size, 5003);
    fclose(file);
}

COMM_TEST_MAIN(TEST(utf8_becomes_utf16), TEST(utf16_becomes_utf8_and_nothing_is_lost),
               TEST(both_widths_order_alike), TEST(the_lstr_calls_copy_and_append),
               TEST(strings_of_units_are_searched_and_split), TEST(copies_of_units_pad_and_append),
               TEST(numbers_are_read_from_units), TEST(streams_carry_utf8),
               TEST(a_character_is_not_split_between_two_lines_of_room),
               TEST(long_output_is_written_whole))
