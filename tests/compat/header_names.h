/* SPDX-License-Identifier: MIT */
/* The body of one translation unit that has windows.h and the system's headers: it gives back what
 * each of the two must still mean, through a function named WHICH. */
#include <strsafe.h>
#include <tchar.h>
#include <process.h>

/* Names that windows.h must leave alone. */
struct names_left_alone {
    int near, far, interface, small, IN, OUT;
};

int WHICH(void);

int WHICH(void)
{
    struct names_left_alone names = {1, 2, 3, 4, 5, 6};
    const char *const text = "near and far";
    struct pollfd fds[2];
    struct stat st;
    SYSTEM_INFO info;
    WCHAR wide[16];
    LONG count = 0;

    memset(fds, 0, sizeof fds);
    GetSystemInfo(&info);
    if (names.near + names.far + names.interface + names.small + names.IN + names.OUT != 21)
        return 1;
    if (stat("/", &st) != 0 || !S_ISDIR(st.st_mode) ||
        info.dwPageSize != (DWORD)sysconf(_SC_PAGESIZE))
        return 2;
    if (InterlockedIncrement(&count) != 1 || lstrlenA(text) != (int)strlen(text))
        return 3;
    if (FAILED(StringCchPrintfW(wide, ARRAYSIZE(wide), TEXT16("%d%%"), 7)) || lstrlenW(wide) != 2)
        return 4;
    if (_tcslen(_T("four")) != 4 || sizeof(wchar_t) != 4 || wcslen(L"five!") != 5)
        return 5;
    if (WEXITSTATUS(0x100) != 1 || MAX_PATH != 260 || ERROR_IO_PENDING != 997 || EAGAIN != 11)
        return 6;
#ifdef __cplusplus
    if (std::min(2, 1) != 1 || std::max(2, 1) != 2 || std::numeric_limits<int>::max() != INT_MAX)
        return 7;
#else
    if (min(2, 1) != 1 || max(2, 1) != 2)
        return 7;
#endif
    return 0;
}
