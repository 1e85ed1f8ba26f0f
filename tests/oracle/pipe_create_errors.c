/* SPDX-License-Identifier: MIT */
/* What CreateNamedPipe refuses: names that are no pipe's, modes that contradict themselves, counts
 * out of range.  The refusal is INVALID_HANDLE_VALUE, never NULL. */
#include <windows.h>
#include "say.h"

#define DUPLEX PIPE_ACCESS_DUPLEX

static char good[64];

static void say_create(const char *line, const char *name, DWORD open, DWORD mode, DWORD max)
{
    HANDLE h;

    SAY_HANDLE(line, h, CreateNamedPipe(name, open, mode, max, 64, 64, 0, NULL));
    if (h != INVALID_HANDLE_VALUE)
        CloseHandle(h);
}

static void say_names(void)
{
    say_create("name.null", NULL, DUPLEX, 0, 1);
    say_create("name.empty", "", DUPLEX, 0, 1);
    say_create("name.word", "oracle", DUPLEX, 0, 1);
    say_create("name.words", "not a pipe", DUPLEX, 0, 1);
    say_create("name.no_device", "\\pipe\\oracle", DUPLEX, 0, 1);
    say_create("name.disk_file", "C:\\oracle", DUPLEX, 0, 1);
    say_create("name.root", "\\\\.\\pipe\\", DUPLEX, 0, 1);
    say_create("name.root_bare", "\\\\.\\pipe", DUPLEX, 0, 1);
    say_create("name.remote", "\\\\oracle-no-host\\pipe\\oracle", DUPLEX, 0, 1);
}

/* The whole string counts, prefix included. */
static void say_length(const char *line, int length)
{
    char name[400];
    int start = snprintf(name, sizeof(name), "%s_", good);

    memset(name + start, 'x', (size_t)(length - start));
    name[length] = '\0';
    say_create(line, name, DUPLEX, 0, 1);
}

static void say_modes(void)
{
    say_create("open.no_direction", good, 0, 0, 1);
    say_create("open.only_flags", good, FILE_FLAG_OVERLAPPED, 0, 1);
    say_create("open.unknown_bit", good, DUPLEX | 0x00000010, 0, 1);
    say_create("mode.message_reads_of_bytes", good, DUPLEX, PIPE_READMODE_MESSAGE, 1);
    say_create("mode.message_reads_nowait", good, DUPLEX, PIPE_READMODE_MESSAGE | PIPE_NOWAIT, 1);
    say_create("mode.byte_reads_of_messages", good, DUPLEX, PIPE_TYPE_MESSAGE, 1);
    say_create("mode.messages", good, DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 1);
    say_create("mode.reject_remote", good, DUPLEX, PIPE_REJECT_REMOTE_CLIENTS, 1);
    say_create("mode.unknown_bit", good, DUPLEX, 0x00000100, 1);
}

static void say_counts(void)
{
    say_create("max.0", good, DUPLEX, 0, 0);
    say_create("max.1", good, DUPLEX, 0, 1);
    say_create("max.255", good, DUPLEX, 0, PIPE_UNLIMITED_INSTANCES);
    say_create("max.256", good, DUPLEX, 0, 256);
    say_create("max.all_bits", good, DUPLEX, 0, 0xFFFFFFFF);
}

/* A later instance is held to the same rules as the first. */
static void say_second(void)
{
    HANDLE first = CreateNamedPipe(good, DUPLEX, 0, 4, 64, 64, 0, NULL);

    say_create("second.message_reads", good, DUPLEX, PIPE_READMODE_MESSAGE, 4);
    say_create("second.no_direction", good, 0, 0, 4);
    say_create("second.good", good, DUPLEX, 0, 4);
    CloseHandle(first);
}

int main(void)
{
    snprintf(good, sizeof(good), "\\\\.\\pipe\\oracle_create_%lu",
             (unsigned long)GetCurrentProcessId());
    say_names();
    say_length("length.256", 256);
    say_length("length.300", 300);
    say_modes();
    say_counts();
    say_second();
    return 0;
}
