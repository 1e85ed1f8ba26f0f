/* SPDX-License-Identifier: MIT */
/* Which error a status becomes.  The status is written into an OVERLAPPED by hand and
 * GetOverlappedResult is asked about it: a finished operation is answered from memory alone, so the
 * handle may be anything. */
#include <windows.h>
#include "say.h"

static const DWORD failures[] = {
    0x80000005, 0x80000006, 0x8000000A, 0x8000001A, 0xC0000001, 0xC0000002, 0xC0000003, 0xC0000004,
    0xC0000005, 0xC0000008, 0xC000000D, 0xC000000E, 0xC000000F, 0xC0000010, 0xC0000011, 0xC0000017,
    0xC0000022, 0xC0000023, 0xC0000024, 0xC0000030, 0xC0000033, 0xC0000034, 0xC0000035, 0xC000003A,
    0xC000003B, 0xC000003C, 0xC000003E, 0xC0000043, 0xC0000044, 0xC0000046, 0xC0000047, 0xC000004B,
    0xC0000054, 0xC0000055, 0xC0000056, 0xC0000061, 0xC000007E, 0xC000007F, 0xC000009A, 0xC000009C,
    0xC000009D, 0xC00000A2, 0xC00000A3, 0xC00000AB, 0xC00000AC, 0xC00000AD, 0xC00000AE, 0xC00000AF,
    0xC00000B0, 0xC00000B1, 0xC00000B2, 0xC00000B3, 0xC00000B4, 0xC00000B5, 0xC00000BA, 0xC00000BB,
    0xC00000BE, 0xC00000BF, 0xC00000D9, 0xC00000E8, 0xC000010D, 0xC000011F, 0xC0000120, 0xC0000121,
    0xC0000128, 0xC000013B, 0xC000013C, 0xC000013D, 0xC0000140, 0xC000014B, 0xC0000184, 0xC0000185,
    0xC0000194, 0xC00001A1, 0xC0000206, 0xC0000207, 0xC000020C, 0xC000020D, 0xC0000225, 0xC0000235,
    0xC0000236, 0xC000023B, 0xC000023C, 0xC000023D, 0xC000023F, 0xC0000240, 0xC0000241, 0xC00002B6,
};

/* Success and news, which are success as well: a tty read that timed out, a serial counter that
 * did. */
static const DWORD successes[] = {0x00000000, 0x00000102, 0x40000008, 0x4000000C};

static DWORD miscounted; /* answers that did not give the count lying in the OVERLAPPED */

static void say_status(DWORD status, DWORD count)
{
    OVERLAPPED ov = {0};
    DWORD n = 99;
    char name[16];

    ov.Internal = status;
    ov.InternalHigh = count;
    snprintf(name, sizeof(name), "%08lX", (unsigned long)status);
    SAY_BOOL(name, GetOverlappedResult(INVALID_HANDLE_VALUE, &ov, &n, FALSE));
    miscounted += n != count;
}

int main(void)
{
    DWORD i;
    DWORD n = 99;
    OVERLAPPED ov = {0};

    for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
        say_status(failures[i], i + 1);
    SAY("failures.miscounted", miscounted);
    miscounted = 0;
    for (i = 0; i < sizeof(successes) / sizeof(successes[0]); i++)
        say_status(successes[i], 1000 + i);
    SAY("successes.miscounted", miscounted);
    SAY_BOOL_ERROR("success_keeps_last_error", GetOverlappedResult(NULL, &ov, &n, TRUE));
    SAY("bytes_of_nothing", n);
    return 0;
}
