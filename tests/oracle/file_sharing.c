/* SPDX-License-Identifier: MIT */
/* Two opens of one file: the second is refused with 32 when it wants what the first does not share,
 * or does not share what the first has.  Every combination of reading and writing is tried; a digit
 * is one second opener. */
#include <windows.h>
#include "say.h"

#define R GENERIC_READ
#define W GENERIC_WRITE
#define SR FILE_SHARE_READ
#define SW FILE_SHARE_WRITE
#define SD FILE_SHARE_DELETE

static const DWORD accesses[] = {R, W, R | W};
static const DWORD shares[] = {0, SR, SW, SR | SW};

static HANDLE open_shared(DWORD access, DWORD share)
{
    return CreateFile("shared", access, share, NULL, OPEN_EXISTING, 0, NULL);
}

/* For one first opener: a line of twelve answers, 1 opened, 0 refused, the refusal's error said
 * once. */
static void say_first(DWORD access, DWORD share)
{
    HANDLE first = open_shared(access, share);
    char name[32], answers[16];
    DWORD error = 0;
    int a, s, at = 0;

    for (a = 0; a < 3; a++) {
        for (s = 0; s < 4; s++) {
            HANDLE second = open_shared(accesses[a], shares[s]);

            answers[at++] = second == INVALID_HANDLE_VALUE ? '0' : '1';
            if (second == INVALID_HANDLE_VALUE)
                error = GetLastError();
            else
                CloseHandle(second);
        }
    }
    answers[at] = '\0';
    snprintf(name, sizeof(name), "first.%s%s.shares_%s%s", access & R ? "r" : "",
             access & W ? "w" : "", share & SR ? "r" : "", share & SW ? "w" : "");
    say_text(name, answers, error, error != 0);
    CloseHandle(first);
}

static void say_after_close(void)
{
    HANDLE first = open_shared(R, 0);
    HANDLE second;

    SAY_HANDLE("exclusive", second, open_shared(R, SR | SW | SD));
    CloseHandle(first);
    SAY_HANDLE("exclusive_closed", second, open_shared(R | W, 0));
    CloseHandle(second);
}

static void say_query_only(void)
{
    HANDLE first = open_shared(R | W, 0);
    HANDLE query, second;

    SAY_HANDLE("query", query, open_shared(0, 0));
    SAY("query.size", GetFileSize(query, NULL));
    CloseHandle(first);
    SAY_HANDLE("query_does_not_block", second, open_shared(R | W, 0));
    CloseHandle(second);
    CloseHandle(query);
}

static void say_failed_open(void)
{
    HANDLE first = CreateFile("shared", W, SR, NULL, OPEN_EXISTING, 0, NULL);
    HANDLE second;

    SAY_HANDLE("truncating", second,
               CreateFile("shared", W, SR | SW, NULL, CREATE_ALWAYS, 0, NULL));
    SAY("truncating.nothing_happened", GetFileSize(first, NULL));
    CloseHandle(first);
}

int main(void)
{
    int a, s;

    make_file("shared", "0123456789");
    for (a = 0; a < 3; a++)
        for (s = 0; s < 4; s++)
            say_first(accesses[a], shares[s]);
    say_after_close();
    say_query_only();
    say_failed_open();
    return 0;
}
