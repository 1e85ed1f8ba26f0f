/* SPDX-License-Identifier: MIT */
/* A terminal: what comes on standard input goes out of the port, what the port receives comes on
 * standard output, until the input ends.
 * Usage: terminal PORT [SETTINGS], as in terminal COM3 115200,n,8,1 */
#include <libcomm/native.h>
#include <libcomm/serial.h>

#include <stdio.h>
#include <unistd.h>

static HANDLE port;

static DWORD WINAPI show(void *unused)
{
    char buf[512];
    DWORD n;

    (void)unused;
    while (ReadFile(port, buf, sizeof(buf), &n, NULL)) {
        if (n > 0 && write(STDOUT_FILENO, buf, n) < 0)
            break;
    }
    return 0; /* main has closed the port, or it was unplugged */
}

static int complain(const char *name, DWORD error)
{
    char why[512];

    CommDescribePortError(name, error, why, sizeof(why));
    fprintf(stderr, "%s: %s\n", name, why);
    return 1;
}

int main(int argc, char *argv[])
{
    COMMTIMEOUTS any = {MAXDWORD, MAXDWORD, MAXDWORD - 1, 0, 0}; /* a read ends with what comes */
    DCB dcb = {.DCBlength = sizeof(dcb)};
    HANDLE shower;
    char buf[512];
    ssize_t n;
    DWORD written;

    if (argc < 2) {
        fprintf(stderr, "usage: %s PORT [SETTINGS]\n", argv[0]);
        return 2;
    }
    port = CreateFileA(argv[1], GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (port == INVALID_HANDLE_VALUE)
        return complain(argv[1], GetLastError());
    if (!GetCommState(port, &dcb) || (argc > 2 && !BuildCommDCBA(argv[2], &dcb)) ||
        !SetCommState(port, &dcb) || !SetCommTimeouts(port, &any))
        return complain(argv[1], GetLastError());
    shower = CreateThread(NULL, 0, show, NULL, 0, NULL);
    while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0) {
        if (!WriteFile(port, buf, (DWORD)n, &written, NULL))
            break;
    }
    CloseHandle(port); /* ends the read, too */
    WaitForSingleObject(shower, INFINITE);
    return n == 0 ? 0 : 1;
}
