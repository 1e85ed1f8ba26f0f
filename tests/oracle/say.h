/* SPDX-License-Identifier: MIT */
/* How an oracle program speaks: one fact per line, "name: value error", with nothing in it that
 * changes from run to run.  Every value is cast here and nowhere else, because DWORD is a long on
 * one side and an int on the other.
 *
 * The error is the thread's last error when the call failed, and "-" when it did not: a call that
 * succeeds may leave anything there.  Where success promises something about the last error, the
 * SAY_..._ERROR forms print it always, as "kept" when the call did not touch it. */
#ifndef ORACLE_SAY_H
#define ORACLE_SAY_H

#include <stdio.h>
#include <windows.h>

#define SAY_KEPT 0x2ABCDEFu /* planted in the last error before a call: no code of anybody's */

/* A line is written out at once: what was said before a crash is part of the transcript. */
static inline void say_line(const char *name, const char *value, const char *error)
{
    printf("%s: %s %s\n", name, value, error);
    fflush(stdout);
}

static inline void say_text(const char *name, const char *value, DWORD error, int show_error)
{
    char text[16];

    snprintf(text, sizeof(text), "%lu", (unsigned long)error);
    if (!show_error)
        say_line(name, value, "-");
    else
        say_line(name, value, error == SAY_KEPT ? "kept" : text);
}

static inline void say_number(const char *name, const char *format, DWORD value)
{
    char text[16];

    snprintf(text, sizeof(text), format, (unsigned long)value);
    say_line(name, text, "-");
}

static inline void say_bool(const char *name, BOOL value, DWORD error, int always)
{
    say_text(name, value ? "TRUE" : "FALSE", error, !value || always);
}

static inline void say_wait(const char *name, DWORD value, DWORD error)
{
    char text[16];

    snprintf(text, sizeof(text), "%lu", (unsigned long)value);
    say_text(name, value == WAIT_FAILED ? "FAILED" : text, error, value == WAIT_FAILED);
}

/* A handle's value is nobody's business; which of the two failures was returned is. */
static inline void say_handle(const char *name, HANDLE value, DWORD error, int always)
{
    int failed = value == NULL || value == INVALID_HANDLE_VALUE;
    const char *text = value == NULL ? "NULL" : failed ? "INVALID" : "handle";

    say_text(name, text, error, failed || always);
}

/* A plain value, and a status or a mask. */
#define SAY(name, value) say_number(name, "%lu", (DWORD)(value))
#define SAY_HEX(name, value) say_number(name, "%08lX", (DWORD)(value))

#define SAY_CALL_(call, type, report) \
    do {                              \
        type value_;                  \
        DWORD error_;                 \
        SetLastError(SAY_KEPT);       \
        value_ = (call);              \
        error_ = GetLastError();      \
        report;                       \
    } while (0)

/* Calls that return BOOL, a wait result, a handle (stored in `h`), or a DWORD that says failure
 * with all bits set. */
#define SAY_BOOL(name, call) SAY_CALL_(call, BOOL, say_bool(name, value_, error_, 0))
#define SAY_BOOL_ERROR(name, call) SAY_CALL_(call, BOOL, say_bool(name, value_, error_, 1))
#define SAY_WAIT(name, call) SAY_CALL_(call, DWORD, say_wait(name, value_, error_))
#define SAY_HANDLE(name, h, call) \
    SAY_CALL_((h) = (call), HANDLE, say_handle(name, value_, error_, 0))
#define SAY_HANDLE_ERROR(name, h, call) \
    SAY_CALL_((h) = (call), HANDLE, say_handle(name, value_, error_, 1))

/* The name of a row of a table: "table.row". */
static inline const char *say_name(const char *table, const char *row)
{
    static char name[2][96]; /* two, so that one line may use two names */
    static int turn;

    turn = !turn;
    snprintf(name[turn], sizeof(name[turn]), "%s.%s", table, row);
    return name[turn];
}

/* A value that was a handle a moment ago.  Use it before anything else is created. */
static inline HANDLE stale_handle(void)
{
    HANDLE h = CreateEvent(NULL, TRUE, FALSE, NULL);

    CloseHandle(h);
    return h;
}

/* Makes a file that holds `text`; the directory is fresh, so nothing is in the way. */
static inline void make_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");

    if (f != NULL) {
        fputs(text, f);
        fclose(f);
    }
}

static inline HANDLE open_file(const char *path, DWORD access, DWORD disposition, DWORD flags)
{
    return CreateFile(path, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                      disposition, flags, NULL);
}

#endif
