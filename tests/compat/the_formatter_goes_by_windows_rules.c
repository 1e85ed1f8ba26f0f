/* SPDX-License-Identifier: MIT */
/* One formatter behind wsprintf, StringCchPrintf and the 16-bit printf calls: each row is asked of
 * the 8-bit and of the 16-bit form. */
#include "harness.h"

#include <libcomm/compat.h>
#include <libcomm/compat_crt.h>
#include <string.h>

#define ROOM 400

/* What the last pair of calls gave, brought to UTF-8. */
static char narrow[ROOM], widened[ROOM];

static void remember_wide(const WCHAR *text)
{
    CHECK(WideCharToMultiByte(CP_UTF8, 0, text, -1, widened, ROOM, NULL, NULL) > 0);
}

static void check_text(const char *form, const char *format, const char *got, const char *expected)
{
    comm_check(strcmp(got, expected) == 0, __FILE__, __LINE__, "%s \"%s\" gives \"%s\", not \"%s\"",
               form, format, got, expected);
}

/* Arguments that mean the same to both forms. */
#define SAYS(expected, format, ...)                                           \
    do {                                                                      \
        WCHAR both[ROOM];                                                     \
        CHECK_EQ(StringCchPrintfA(narrow, ROOM, format, __VA_ARGS__), S_OK);  \
        CHECK_EQ(StringCchPrintfW(both, ROOM, u##format, __VA_ARGS__), S_OK); \
        remember_wide(both);                                                  \
        check_text("A", format, narrow, expected);                            \
        check_text("W", format, widened, expected);                           \
    } while (0)

static void integers_have_the_widths_of_windows(void)
{
    SAYS("0 1 -1", "%d %d %i", 0, 1, -1);
    SAYS("4294967295", "%u", -1);
    SAYS("-2147483648 2147483647", "%ld %ld", (LONG)0x80000000, 0x7FFFFFFF);
    SAYS("4294967295 FFFFFFFF", "%lu %lX", (DWORD)0xFFFFFFFF, (DWORD)0xFFFFFFFF);
    SAYS("-1 18446744073709551615", "%lld %llu", -1LL, ~0ULL);
    SAYS("-9223372036854775808", "%I64d", (LONGLONG)INT64_MIN);
    SAYS("deadbeefcafe DEADBEEFCAFE", "%I64x %I64X", 0xDEADBEEFCAFELL, 0xDEADBEEFCAFELL);
    SAYS("7 8 9", "%I32d %Id %zu", 7, (INT_PTR)8, (size_t)9);
    SAYS("-1 65535 -1 255", "%hd %hu %hhd %hhu", 0xFFFF, 0xFFFF, 0xFF, 0xFF);
    SAYS("17 0x1f 0X1F 0", "%o %#x %#X %#x", 15, 31, 31, 0);
    SAYS("017 0", "%#o %#o", 15, 0);
}

static void width_precision_and_flags_work_together(void)
{
    SAYS("[   42][42   ][00042]", "[%5d][%-5d][%05d]", 42, 42, 42);
    SAYS("[  -42][-42  ][-0042]", "[%5d][%-5d][%05d]", -42, -42, -42);
    SAYS("[+42][ 42][+042]", "[%+d][% d][%+04d]", 42, 42, 42);
    SAYS("[  007][007  ]", "[%5.3d][%-5.3d]", 7, 7);
    SAYS("[  007]", "[%05.3d]", 7); /* a precision takes the zeros' place */
    SAYS("[]", "[%.0d]", 0);
    SAYS("[0x00ff][0x0ff]", "[%#06x][%#.3x]", 255, 255);
    SAYS("[   42][42   ]", "[%*d][%*d]", 5, 42, -5, 42);
    SAYS("[042][42]", "[%.*d][%.*d]", 3, 42, -3, 42);
    SAYS("[00000000000000000000000000000000000000000000000001]", "[%.50d]", 1);
    SAYS("0000000000001234 000000000000ABCD", "%p %p", (void *)0x1234, (void *)0xABCD);
}

static void floating_point_is_the_c_librarys(void)
{
    SAYS("3.141593 3.14 3", "%f %.2f %.0f", 3.14159265, 3.14159265, 3.14159265);
    SAYS("[   -1.50][-1.50   ][-0001.50]", "[%8.2f][%-8.2f][%08.2f]", -1.5, -1.5, -1.5);
    SAYS("+1.5 1e+10 1.500000e+00 3.", "%+.1f %g %e %#.0f", 1.5, 1e10, 1.5, 3.0);
    SAYS("[  inf][ -inf]", "[%5f][%05f]", 1e308 * 10, -1e308 * 10);
    SAYS("1.000000", "%Lf", 1.0); /* a long double is a double */
}

static void percent_signs_and_nonsense_stand_for_themselves(void)
{
    SAYS("100%", "%d%%", 100);
    SAYS("ay", "a%y", 0);
    SAYS("end", "end%", 0);
    SAYS("A B", "%c %c", 'A', 'B');
    SAYS("[  A][A  ]", "[%3c][%-3c]", 'A', 'A');
}

static void strings_are_of_the_forms_own_kind_unless_told(void)
{
    static const struct {
        const char *format_a;
        const WCHAR *format_w;
        const char *expected;
    } rows[] = {
  /* each is given a narrow and a wide string, in the order its format wants */
        {"%s|%S",      u"%S|%s",      "h\xC3\xA4|\xF0\x9F\x99\x82w"},
        {"%hs|%ls",    u"%hs|%ls",    "h\xC3\xA4|\xF0\x9F\x99\x82w"},
        {"%hS|%ws",    u"%hS|%ws",    "h\xC3\xA4|\xF0\x9F\x99\x82w"},
        {"%.1s|%.0S",  u"%.1S|%.0s",  "h|"                         },
        {"%-5.1s|%3S", u"%-5.1S|%3s", NULL                         },
    };
    const char *in = "h\xC3\xA4";
    const WCHAR in16[] = u"\U0001F642w";

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        /* widths count units, and the two forms have different ones */
        const char *a = rows[i].expected, *w = rows[i].expected;
        WCHAR wide[ROOM];

        if (a == NULL) {
            a = "h    |\xF0\x9F\x99\x82w"; /* five bytes are more than three */
            w = "h    |\xF0\x9F\x99\x82w"; /* and so are a pair and a letter: just three */
        }
        CHECK_EQ(StringCchPrintfA(narrow, ROOM, rows[i].format_a, in, in16), S_OK);
        CHECK_EQ(StringCchPrintfW(wide, ROOM, rows[i].format_w, in, in16), S_OK);
        remember_wide(wide);
        check_text("A", rows[i].format_a, narrow, a);
        check_text("W", rows[i].format_a, widened, w);
    }
}

static void strings_stop_at_their_precision_and_never_inside_a_character(void)
{
    static const WCHAR two[] = {0xD83D, 0xDE42, 0}; /* U+1F642: two units, four bytes */
    static const char unterminated[3] = {'a', 'b', 'c'};
    WCHAR wide[ROOM];

    CHECK_EQ(StringCchPrintfA(narrow, ROOM, "[%.3S][%.4S]", two, two), S_OK);
    check_text("A", "[%.3S][%.4S]", narrow, "[][\xF0\x9F\x99\x82]");
    CHECK_EQ(StringCchPrintfW(wide, ROOM, u"[%.1S][%.2S]", "\xF0\x9F\x99\x82", "\xF0\x9F\x99\x82"),
             S_OK);
    remember_wide(wide);
    check_text("W", "[%.1S][%.2S]", widened, "[][\xF0\x9F\x99\x82]");
    CHECK_EQ(StringCchPrintfA(narrow, ROOM, "%.3s", unterminated), S_OK);
    check_text("A", "%.3s", narrow, "abc");
    CHECK_EQ(StringCchPrintfW(wide, ROOM, u"%.3S", unterminated), S_OK);
    remember_wide(wide);
    check_text("W", "%.3S", widened, "abc");
}

static void what_is_no_string_is_shown_as_such(void)
{
    static const WCHAR half[] = {'x', 0xD83D, 0};
    WCHAR wide[ROOM];

    SAYS("(null)[(nu]", "%s[%.3s]", (void *)NULL, (void *)NULL);
    CHECK_EQ(StringCchPrintfA(narrow, ROOM, "%S", half), S_OK);
    check_text("A", "%S", narrow, "x\xEF\xBF\xBD");
    CHECK_EQ(StringCchPrintfW(wide, ROOM, u"%S", "\xC3("), S_OK);
    remember_wide(wide);
    check_text("W", "%S", widened, "\xEF\xBF\xBD(");
}

static void a_format_that_would_write_to_memory_fails(void)
{
    int victim = 7;

    CHECK_EQ(StringCchPrintfA(narrow, ROOM, "abc%n", &victim), STRSAFE_E_INVALID_PARAMETER);
    CHECK_EQ(narrow[0], '\0');
    CHECK_EQ(victim, 7);
}

static void wsprintf_cuts_after_1023_units(void)
{
    static char out[1100], in[1100];
    static WCHAR out16[1100];

    memset(in, 'x', sizeof(in) - 1);
    memset(out, '#', sizeof(out));
    CHECK_EQ(wsprintfA(out, "%s", in), 1023);
    CHECK_EQ(strlen(out), 1023);
    CHECK_EQ(out[1024], '#');
    CHECK_EQ(wsprintfW(out16, u"%hs", in), 1023);
    CHECK_EQ(lstrlenW(out16), 1023);
    CHECK_EQ(wsprintfA(out, "%s %lu", "ab", (DWORD)12), 5);
}

COMM_TEST_MAIN(TEST(integers_have_the_widths_of_windows),
               TEST(width_precision_and_flags_work_together),
               TEST(floating_point_is_the_c_librarys),
               TEST(percent_signs_and_nonsense_stand_for_themselves),
               TEST(strings_are_of_the_forms_own_kind_unless_told),
               TEST(strings_stop_at_their_precision_and_never_inside_a_character),
               TEST(what_is_no_string_is_shown_as_such),
               TEST(a_format_that_would_write_to_memory_fails),
               TEST(wsprintf_cuts_after_1023_units))
