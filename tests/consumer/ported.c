/* SPDX-License-Identifier: MIT */
/* A ported program: its headers keep the names they have on Windows. */
#include <windows.h>

int main(void)
{
    SetLastError(ERROR_IO_PENDING);
    return GetLastError() == ERROR_IO_PENDING && sizeof(OVERLAPPED) == 32 ? 0 : 1;
}
