/* SPDX-License-Identifier: MIT */
/* strsafe and the _s functions: results, what is left in the buffer, and that the byte behind the
 * room is never touched. */
#include "harness.h"

#include <errno.h>
#include <libcomm/compat.h>
#include <libcomm/compat_crt.h>
#include <string.h>

#define GUARD '#'

/* A room inside a larger buffer that is all guards; the same for both widths. */
static char buf[32];
static WCHAR buf16[32];
static char shown[64];

static void fill(const char *text)
{
    memset(buf, GUARD, sizeof(buf));
    strcpy(buf, text);
    for (size_t i = 0; i < ARRAY_LEN(buf16); i++)
        buf16[i] = i <= strlen(text) ? (WCHAR)text[i] : GUARD;
}

static const char *wide_text(void)
{
    WideCharToMultiByte(CP_UTF8, 0, buf16, -1, shown, sizeof(shown), NULL, NULL);
    return shown;
}

static void check_both(const char *when, size_t room, const char *expected)
{
    comm_check(strcmp(buf, expected) == 0, __FILE__, __LINE__, "%s: A leaves \"%s\", not \"%s\"",
               when, buf, expected);
    comm_check(strcmp(wide_text(), expected) == 0, __FILE__, __LINE__,
               "%s: W leaves \"%s\", not \"%s\"", when, shown, expected);
    CHECK_EQ_WHEN(when, buf[room], GUARD);
    CHECK_EQ_WHEN(when, buf16[room], GUARD);
}

static const struct {
    const char *when, *before;
    size_t room, most; /* most SIZE_MAX: the form without it */
    bool append;
    HRESULT result;
    const char *after;
} rows[] = {
    {"a copy fits exactly",             "",   7, SIZE_MAX, false, S_OK,                          "source"  },
    {"a copy is one too long",          "",   6, SIZE_MAX, false, STRSAFE_E_INSUFFICIENT_BUFFER, "sourc"   },
    {"a room of one holds the NUL",     "",   1, SIZE_MAX, false, STRSAFE_E_INSUFFICIENT_BUFFER, ""        },
    {"only some of it is wanted",       "",   4, 3,        false, S_OK,                          "sou"     },
    {"more is wanted than there is",    "",   8, 20,       false, S_OK,                          "source"  },
    {"some, but even that is too long", "",   3, 3,        false, STRSAFE_E_INSUFFICIENT_BUFFER, "so"      },
    {"none of it is wanted",            "",   3, 0,        false, S_OK,                          ""        },
    {"appending fits exactly",          "ab", 9, SIZE_MAX, true,  S_OK,                          "absource"},
    {"appending is one too long",       "ab", 8, SIZE_MAX, true,  STRSAFE_E_INSUFFICIENT_BUFFER,
     "absourc"                                                                                             },
    {"some is appended",                "ab", 8, 2,        true,  S_OK,                          "abso"    },
};

static HRESULT call(size_t i, bool wide, bool bytes)
{
    size_t unit = wide && bytes ? sizeof(WCHAR) : 1;
    size_t room = rows[i].room * unit, most = rows[i].most * unit;
    bool all = rows[i].most == SIZE_MAX;

    if (rows[i].append) {
        if (bytes)
            return wide  ? all ? StringCbCatW(buf16, room, u"source")
                               : StringCbCatNW(buf16, room, u"source", most)
                    : all ? StringCbCatA(buf, room, "source")
                         : StringCbCatNA(buf, room, "source", most);
        return wide  ? all ? StringCchCatW(buf16, room, u"source")
                           : StringCchCatNW(buf16, room, u"source", most)
                : all ? StringCchCatA(buf, room, "source")
                     : StringCchCatNA(buf, room, "source", most);
    }
    if (bytes)
        return wide  ? all ? StringCbCopyW(buf16, room, u"source")
                           : StringCbCopyNW(buf16, room, u"source", most)
                : all ? StringCbCopyA(buf, room, "source")
                     : StringCbCopyNA(buf, room, "source", most);
    return wide  ? all ? StringCchCopyW(buf16, room, u"source")
                       : StringCchCopyNW(buf16, room, u"source", most)
            : all ? StringCchCopyA(buf, room, "source")
                 : StringCchCopyNA(buf, room, "source", most);
}

static void strsafe_cuts_and_says_so(void)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (int bytes = 0; bytes < 2; bytes++) {
            fill(rows[i].before);
            buf[rows[i].room] = GUARD;
            buf16[rows[i].room] = GUARD;
            CHECK_EQ_WHEN(rows[i].when, call(i, false, bytes), rows[i].result);
            CHECK_EQ_WHEN(rows[i].when, call(i, true, bytes), rows[i].result);
            check_both(rows[i].when, rows[i].room, rows[i].after);
        }
    }
}

static void strsafe_refuses_what_makes_no_sense(void)
{
    size_t len = 99;

    fill("kept");
    CHECK_EQ(StringCchCopyA(buf, 0, "x"), STRSAFE_E_INVALID_PARAMETER);
    CHECK_EQ(StringCchCopyA(buf, (size_t)STRSAFE_MAX_CCH + 1, "x"), STRSAFE_E_INVALID_PARAMETER);
    CHECK_EQ(StringCchCatA(buf, 4, "x"), STRSAFE_E_INVALID_PARAMETER);      /* no NUL in the room */
    CHECK_EQ(StringCbPrintfW(buf16, 1, u"x"), STRSAFE_E_INVALID_PARAMETER); /* half a unit */
    check_both("nothing was possible", 5, "kept");
    CHECK_EQ(StringCchLengthA("four", 4, &len), STRSAFE_E_INVALID_PARAMETER);
    CHECK_EQ(len, 0);
    CHECK_EQ(StringCchLengthA("four", 5, &len), S_OK);
    CHECK_EQ(len, 4);
    CHECK_EQ(StringCbLengthW(u"four", 10, &len), S_OK);
    CHECK_EQ(len, 8);
    CHECK_EQ(StringCbLengthW(u"four", 9, &len), STRSAFE_E_INVALID_PARAMETER);
    CHECK_EQ(StringCchLengthW(NULL, 9, &len), STRSAFE_E_INVALID_PARAMETER);
}

static void printing_cuts_and_says_so(void)
{
    fill("");
    buf[6] = GUARD;
    CHECK_EQ(StringCchPrintfA(buf, 6, "%d-%s", 123, "45"), STRSAFE_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(StringCbPrintfW(buf16, 12, u"%d-%s", 123, u"45"), STRSAFE_E_INSUFFICIENT_BUFFER);
    check_both("one unit is missing", 6, "123-4");
    CHECK_EQ(StringCbPrintfA(buf, 7, "%d-%s", 123, "45"), S_OK);
    CHECK_EQ(StringCchPrintfW(buf16, 7, u"%d-%s", 123, u"45"), S_OK);
    check_both("it fits exactly", 7, "123-45");
}

static void the_s_functions_give_all_or_an_empty_string(void)
{
    fill("");
    CHECK_EQ(strcpy_s(buf, 7, "source"), 0);
    CHECK_EQ(comm_wcscpy_s(buf16, 7, u"source"), 0);
    check_both("a copy fits exactly", 7, "source");
    CHECK_EQ(strcat_s(buf, 7, "s"), ERANGE);
    CHECK_EQ(comm_wcscat_s(buf16, 7, u"s"), ERANGE);
    check_both("appending is one too long", 7, "");
    CHECK_EQ(strncpy_s(buf, 4, "source", _TRUNCATE), STRUNCATE);
    CHECK_EQ(comm_wcsncpy_s(buf16, 4, u"source", _TRUNCATE), STRUNCATE);
    check_both("cutting was asked for", 7, "sou");
    CHECK_EQ(strncat_s(buf, 7, "source", 2), 0);
    CHECK_EQ(comm_wcsncat_s(buf16, 7, u"source", 2), 0);
    check_both("some is appended", 7, "souso");
    CHECK_EQ(strcpy_s(buf, 7, NULL), EINVAL);
    CHECK_EQ(comm_wcscpy_s(buf16, 7, NULL), EINVAL);
    check_both("there is no source", 7, "");
    CHECK_EQ(strcpy_s(NULL, 7, "x"), EINVAL);
    CHECK_EQ(sprintf_s(buf, 4, "%s", "four"), -1);
    CHECK_EQ(comm_swprintf_s(buf16, 4, u"%s", u"four"), -1);
    check_both("printing is one too long", 7, "");
    CHECK_EQ(sprintf_s(buf, 5, "%s", "four"), 4);
    CHECK_EQ(comm_swprintf_s(buf16, 5, u"%s", u"four"), 4);
    check_both("printing fits exactly", 7, "four");
}

static void the_older_printf_calls_keep_their_older_manners(void)
{
    fill("");
    CHECK_EQ(_snprintf(buf, 3, "%d", 1234), -1); /* cut, and no NUL */
    CHECK_EQ(comm_snwprintf(buf16, 3, u"%d", 1234), -1);
    CHECK_EQ(memcmp(buf, "123#", 4), 0);
    CHECK_EQ(buf16[2] == '3' && buf16[3] == GUARD, true);
    CHECK_EQ(_snprintf(buf, 4, "%d", 1234), 4); /* all of it, and still no NUL */
    CHECK_EQ(memcmp(buf, "1234#", 5), 0);
    CHECK_EQ(_snprintf(buf, 5, "%d", 1234), 4);
    CHECK_EQ(buf[4], '\0');
    CHECK_EQ(_snprintf_s(buf, 5, _TRUNCATE, "%d", 123456), -1);
    CHECK_EQ(comm_snwprintf_s(buf16, 5, _TRUNCATE, u"%d", 123456), -1);
    check_both("cutting was asked for", 5, "1234");
    CHECK_EQ(_snprintf_s(buf, 5, 2, "%d", 123456), -1);
    CHECK_EQ(comm_snwprintf_s(buf16, 5, 2, u"%d", 123456), -1);
    check_both("two units were asked for", 5, "12");
}

static void results_translate_between_error_codes_and_hresults(void)
{
    CHECK_EQ(HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER), STRSAFE_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(HRESULT_FROM_WIN32(ERROR_SUCCESS), S_OK);
    CHECK_EQ(HRESULT_FROM_WIN32((DWORD)E_FAIL), E_FAIL);
    CHECK_EQ(HRESULT_CODE(STRSAFE_E_END_OF_FILE), ERROR_HANDLE_EOF);
    CHECK_EQ(HRESULT_FACILITY(STRSAFE_E_END_OF_FILE), FACILITY_WIN32);
    CHECK(SUCCEEDED(S_FALSE) && FAILED(E_POINTER) && FAILED(STRSAFE_E_INVALID_PARAMETER));
}

COMM_TEST_MAIN(TEST(strsafe_cuts_and_says_so), TEST(strsafe_refuses_what_makes_no_sense),
               TEST(printing_cuts_and_says_so), TEST(the_s_functions_give_all_or_an_empty_string),
               TEST(the_older_printf_calls_keep_their_older_manners),
               TEST(results_translate_between_error_codes_and_hresults))
