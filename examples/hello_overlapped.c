/* SPDX-License-Identifier: MIT */
/* An overlapped write and an overlapped read of a file, each started at once and waited for later.
 * The README shows this program without these lines. */
#include <libcomm/comm.h>
#include <stdio.h>

int main(void)
{
    char text[6] = "";
    DWORD count = 0;
    OVERLAPPED ov = {.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL)};
    HANDLE file = CreateFile("hello.txt", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
                             FILE_FLAG_OVERLAPPED | FILE_FLAG_DELETE_ON_CLOSE, NULL);

    if (!WriteFile(file, "hello", 5, NULL, &ov) && GetLastError() != ERROR_IO_PENDING)
        return 1;
    WaitForSingleObject(ov.hEvent, INFINITE); /* or for this event and 63 other objects */
    if (!GetOverlappedResult(file, &ov, &count, FALSE) || count != 5)
        return 1;
    if (!ReadFile(file, text, 5, NULL, &ov) && GetLastError() != ERROR_IO_PENDING)
        return 1;
    if (!GetOverlappedResult(file, &ov, &count, TRUE)) /* TRUE: waits by itself */
        return 1;
    printf("read %u bytes: %s\n", count, text);
    return CloseHandle(file) && CloseHandle(ov.hEvent) ? 0 : 1;
}
