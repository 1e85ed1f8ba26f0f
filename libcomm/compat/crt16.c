/* SPDX-License-Identifier: MIT */
/* The wcs functions of the C library on 16-bit units.  Plain loops: what they are used on are
 * names and messages. */
#include <stdlib.h>
#include <string.h>

#include <libcomm/compat_crt.h>

#include "libcomm/compat/units.h"
#include "libcomm/plat/sys.h"

size_t comm_wcslen(const WCHAR *s)
{
    return ci_units_len(s, SIZE_MAX, true);
}

size_t comm_wcsnlen(const WCHAR *s, size_t most)
{
    return ci_units_len(s, most, true);
}

WCHAR *comm_wcscpy(WCHAR *dest, const WCHAR *src)
{
    return memcpy(dest, src, (comm_wcslen(src) + 1) * sizeof(WCHAR));
}

/* As strncpy: filled up with NULs, and without one when src has count units or more. */
WCHAR *comm_wcsncpy(WCHAR *dest, const WCHAR *src, size_t count)
{
    size_t len = comm_wcsnlen(src, count);

    memcpy(dest, src, len * sizeof(WCHAR));
    memset(dest + len, 0, (count - len) * sizeof(WCHAR));
    return dest;
}

WCHAR *comm_wcscat(WCHAR *dest, const WCHAR *src)
{
    comm_wcscpy(dest + comm_wcslen(dest), src);
    return dest;
}

WCHAR *comm_wcsncat(WCHAR *dest, const WCHAR *src, size_t count)
{
    WCHAR *end = dest + comm_wcslen(dest);
    size_t len = comm_wcsnlen(src, count);

    memcpy(end, src, len * sizeof(WCHAR));
    end[len] = 0;
    return dest;
}

int comm_wcsncmp(const WCHAR *a, const WCHAR *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
        if (a[i] == 0)
            break;
    }
    return 0;
}

int comm_wcscmp(const WCHAR *a, const WCHAR *b)
{
    return comm_wcsncmp(a, b, SIZE_MAX);
}

int comm_wcsnicmp(const WCHAR *a, const WCHAR *b, size_t count)
{
    return ci_units_compare(a, b, count, true, true);
}

int comm_wcsicmp(const WCHAR *a, const WCHAR *b)
{
    return ci_units_compare(a, b, SIZE_MAX, true, true);
}

/* ---- looking for units ---- */

static bool is_in(WCHAR unit, const WCHAR *set)
{
    for (; *set != 0; set++) {
        if (*set == unit)
            return true;
    }
    return false;
}

WCHAR *comm_wcschr(const WCHAR *s, WCHAR unit)
{
    for (;; s++) {
        if (*s == unit)
            return (WCHAR *)(uintptr_t)s;
        if (*s == 0)
            return NULL;
    }
}

WCHAR *comm_wcsrchr(const WCHAR *s, WCHAR unit)
{
    const WCHAR *found = NULL;

    for (;; s++) {
        if (*s == unit)
            found = s;
        if (*s == 0)
            return (WCHAR *)(uintptr_t)found;
    }
}

WCHAR *comm_wcsstr(const WCHAR *s, const WCHAR *what)
{
    size_t len = comm_wcslen(what);

    for (;; s++) {
        if (comm_wcsncmp(s, what, len) == 0)
            return (WCHAR *)(uintptr_t)s;
        if (*s == 0)
            return NULL;
    }
}

size_t comm_wcsspn(const WCHAR *s, const WCHAR *set)
{
    size_t len = 0;

    while (s[len] != 0 && is_in(s[len], set))
        len++;
    return len;
}

size_t comm_wcscspn(const WCHAR *s, const WCHAR *set)
{
    size_t len = 0;

    while (s[len] != 0 && !is_in(s[len], set))
        len++;
    return len;
}

WCHAR *comm_wcspbrk(const WCHAR *s, const WCHAR *set)
{
    s += comm_wcscspn(s, set);
    return *s != 0 ? (WCHAR *)(uintptr_t)s : NULL;
}

WCHAR *comm_wcstok_s(WCHAR *s, const WCHAR *set, WCHAR **next)
{
    WCHAR *token = s != NULL ? s : *next;

    token += comm_wcsspn(token, set);
    *next = token + comm_wcscspn(token, set);
    if (*token == 0)
        return NULL;
    if (**next != 0)
        *(*next)++ = 0;
    return token;
}

WCHAR *comm_wcsdup(const WCHAR *s)
{
    size_t bytes = (comm_wcslen(s) + 1) * sizeof(WCHAR);
    WCHAR *copy = ci_sys_alloc(bytes);

    return copy != NULL ? memcpy(copy, s, bytes) : NULL;
}

/* ---- kinds of units ---- */

int comm_towupper(int unit)
{
    return unit > 0 ? (int)ci_char_upper((uint32_t)unit) : unit;
}

int comm_towlower(int unit)
{
    return unit > 0 ? (int)ci_char_lower((uint32_t)unit) : unit;
}

int comm_iswdigit(int unit)
{
    return unit >= '0' && unit <= '9';
}

int comm_iswspace(int unit)
{
    return unit == ' ' || (unit >= '\t' && unit <= '\r') || unit == 0x85 || unit == 0xA0 ||
           (unit >= 0x2000 && unit <= 0x200A) || unit == 0x2028 || unit == 0x2029 ||
           unit == 0x202F || unit == 0x3000;
}

/* A letter is what has two cases; the few without (as the German sharp s) are not told apart. */
int comm_iswalpha(int unit)
{
    return comm_towupper(unit) != unit || comm_towlower(unit) != unit || unit == 0xDF;
}

int comm_iswalnum(int unit)
{
    return comm_iswdigit(unit) || comm_iswalpha(unit);
}

/* ---- numbers ---- */

#define NUMBER_ROOM 72 /* sign, 0x, 64 binary digits */

/* The ASCII that a number may begin with, at the same offsets.  Returns how much was skipped. */
static size_t number_copy(char *to, const WCHAR *s)
{
    size_t skipped = 0, len = 0;

    while (comm_iswspace(s[skipped]))
        skipped++;
    s += skipped;
    while (*s == '0' && s[1] == '0') { /* zeros beyond count do not matter, and need no room */
        s++;
        skipped++;
    }
    for (; len + 1 < NUMBER_ROOM && s[len] > ' ' && s[len] < 0x7F; len++)
        to[len] = (char)s[len];
    to[len] = '\0';
    return skipped;
}

static void set_end(WCHAR **end, const WCHAR *s, size_t skipped, size_t read)
{
    if (end != NULL)
        *end = (WCHAR *)(uintptr_t)(read > 0 ? s + skipped + read : s);
}

long comm_wcstol(const WCHAR *s, WCHAR **end, int base)
{
    char text[NUMBER_ROOM], *stop;
    size_t skipped = number_copy(text, s);
    long value = strtol(text, &stop, base);

    set_end(end, s, skipped, (size_t)(stop - text));
    return value;
}

unsigned long comm_wcstoul(const WCHAR *s, WCHAR **end, int base)
{
    char text[NUMBER_ROOM], *stop;
    size_t skipped = number_copy(text, s);
    unsigned long value = strtoul(text, &stop, base);

    set_end(end, s, skipped, (size_t)(stop - text));
    return value;
}

int comm_wtoi(const WCHAR *s)
{
    return (int)comm_wcstol(s, NULL, 10);
}

LONGLONG comm_wtoi64(const WCHAR *s)
{
    return comm_wcstol(s, NULL, 10);
}
