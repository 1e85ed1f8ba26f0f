/* SPDX-License-Identifier: MIT */
/* A Linux program that uses libcomm: its headers under their own names. */
#include <libcomm/comm.h>

int main(void)
{
    SetLastError(ERROR_IO_PENDING);
    return GetLastError() == ERROR_IO_PENDING && sizeof(OVERLAPPED) == 32 ? 0 : 1;
}
