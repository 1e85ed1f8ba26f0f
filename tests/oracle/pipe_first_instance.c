/* SPDX-License-Identifier: MIT */
/* FILE_FLAG_FIRST_PIPE_INSTANCE: the creation succeeds for the first instance of a name only, and a
 * name is free again as soon as no server end is left, whoever else still holds a client end. */
#include <windows.h>
#include "say.h"

static char name[64];

static HANDLE create(DWORD flags, DWORD max)
{
    return CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | flags, 0, max, 64, 64, 0, NULL);
}

static void close_if_open(HANDLE h)
{
    if (h != INVALID_HANDLE_VALUE)
        CloseHandle(h);
}

static void say_taken(void)
{
    HANDLE first, second, third;

    SAY_HANDLE("free.first", first, create(FILE_FLAG_FIRST_PIPE_INSTANCE, 2));
    SAY_HANDLE("taken.first", second, create(FILE_FLAG_FIRST_PIPE_INSTANCE, 2));
    close_if_open(second);
    SAY_HANDLE("taken.any", second, create(0, 2));
    SAY_HANDLE("full.first", third, create(FILE_FLAG_FIRST_PIPE_INSTANCE, 2));
    close_if_open(third);
    CloseHandle(first);
    SAY_HANDLE("second_left.first", third, create(FILE_FLAG_FIRST_PIPE_INSTANCE, 2));
    close_if_open(third);
    CloseHandle(second);
    SAY_HANDLE("free_again.first", first, create(FILE_FLAG_FIRST_PIPE_INSTANCE, 2));
    CloseHandle(first);
}

/* A plain creation may come after one with the flag, and the flag changes nothing for clients. */
static void say_client_left(void)
{
    HANDLE server = create(FILE_FLAG_FIRST_PIPE_INSTANCE, 1), client, next, second_client;

    SAY_HANDLE("client", client, open_file(name, GENERIC_READ, OPEN_EXISTING, 0));
    SAY_HANDLE("connected.first", next, create(FILE_FLAG_FIRST_PIPE_INSTANCE, 1));
    close_if_open(next);
    CloseHandle(server);
    SAY_HANDLE("client_left.open", second_client, open_file(name, GENERIC_READ, OPEN_EXISTING, 0));
    SAY_HANDLE("client_left.first", next, create(FILE_FLAG_FIRST_PIPE_INSTANCE, 1));
    SAY_HANDLE("client_left.open_new", second_client,
               open_file(name, GENERIC_READ, OPEN_EXISTING, 0));
    CloseHandle(second_client);
    CloseHandle(next);
    CloseHandle(client);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_first_%lu",
             (unsigned long)GetCurrentProcessId());
    say_taken();
    say_client_left();
    return 0;
}
