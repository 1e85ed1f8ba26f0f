/* SPDX-License-Identifier: MIT */
/* What the OVERLAPPED of a read or write on a port must be: there, and not before the beginning. */
#include "port.h"

static HANDLE port;

static void say_offsets(const char *line, DWORD low, DWORD high)
{
    OVERLAPPED ov;
    char byte = 'x';

    ov_init(&ov);
    ov.Offset = low;
    ov.OffsetHigh = high;
    SAY_BOOL(say_name(line, "write"),
             WriteFile(port, &byte, 1, NULL, &ov) || GetLastError() == ERROR_IO_PENDING);
    if (ov.Internal != (ULONG_PTR)0xC000000Du && WaitForSingleObject(ov.hEvent, 500) == 0) {
        say_peer(say_name(line, "peer"), peer("receive 1"));
        peer("send 79");
    }
    ov_fini(&ov);
    ov_init(&ov);
    ov.Offset = low;
    ov.OffsetHigh = high;
    SAY_BOOL(say_name(line, "read"),
             ReadFile(port, &byte, 1, NULL, &ov) || GetLastError() == ERROR_IO_PENDING);
    if (GetLastError() != ERROR_INVALID_PARAMETER)
        WaitForSingleObject(ov.hEvent, PATIENCE_MS);
    ov_fini(&ov);
    PurgeComm(port, PURGE_RXCLEAR);
}

int main(void)
{
    char byte;
    DWORD n = 99;

    port = port_open(FILE_FLAG_OVERLAPPED);
    SAY_BOOL("no_overlapped.read", ReadFile(port, &byte, 1, &n, NULL));
    SAY("no_overlapped.read.bytes", n);
    n = 99;
    SAY_BOOL("no_overlapped.write", WriteFile(port, "x", 1, &n, NULL));
    SAY("no_overlapped.write.bytes", n);
    n = 99;
    SAY_BOOL("no_overlapped.read_nothing", ReadFile(port, &byte, 0, &n, NULL));
    SAY("no_overlapped.read_nothing.bytes", n);
    SAY_BOOL("no_overlapped.write_nothing", WriteFile(port, &byte, 0, &n, NULL));
    say_offsets("zero", 0, 0);
    say_offsets("some", 1, 0);
    say_offsets("large", 0xFFFFFFFF, 0x7FFFFFFF);
    say_offsets("end", 0xFFFFFFFF, 0xFFFFFFFF);
    say_offsets("current", 0xFFFFFFFE, 0xFFFFFFFF);
    say_offsets("negative", 0, 0x80000000);
    CloseHandle(port);
    return 0;
}
