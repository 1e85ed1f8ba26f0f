/* SPDX-License-Identifier: MIT */
/* Which of several instances gets the next client: the one that has been listening longest, whether
 * or not anybody has called ConnectNamedPipe for it. */
#include <windows.h>
#include "say.h"

#define INSTANCES 4
#define PATIENCE_MS 2000

static char name[64];
static HANDLE servers[INSTANCES], clients[2 * INSTANCES];
static OVERLAPPED ov[INSTANCES];

/* The client says a byte, and only one server end has it. */
static void say_open(const char *line, DWORD slot)
{
    DWORD i, n = 99, avail, who = 99;
    char byte;

    SAY_HANDLE(line, clients[slot],
               open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0));
    if (clients[slot] == INVALID_HANDLE_VALUE)
        return;
    WriteFile(clients[slot], "x", 1, &n, NULL);
    for (i = 0; i < INSTANCES; i++) {
        avail = 0;
        if (PeekNamedPipe(servers[i], NULL, 0, NULL, &avail, NULL) && avail == 1) {
            who = i;
            ReadFile(servers[i], &byte, 1, &n, &(OVERLAPPED){0}); /* it is there: at once */
        }
    }
    SAY(say_name(line, "served_by"), who);
}

static void listen_again(const char *line, DWORD i)
{
    DisconnectNamedPipe(servers[i]);
    SAY_BOOL(line, ConnectNamedPipe(servers[i], &ov[i]));
}

int main(void)
{
    DWORD i;

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_queue_%lu",
             (unsigned long)GetCurrentProcessId());
    for (i = 0; i < INSTANCES; i++) {
        servers[i] = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, INSTANCES,
                                     64, 64, 0, NULL);
        ov[i].hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
        clients[i] = clients[i + INSTANCES] = INVALID_HANDLE_VALUE;
    }
    SAY_BOOL("connect_2", ConnectNamedPipe(servers[2], &ov[2]));
    say_open("open_0", 0);
    say_open("open_1", 1);
    SAY_WAIT("open_1.event_2", WaitForSingleObject(ov[2].hEvent, 0));
    say_open("open_2", 2);
    SAY_WAIT("open_2.event_2", WaitForSingleObject(ov[2].hEvent, PATIENCE_MS));
    listen_again("again_2", 2);
    listen_again("again_0", 0);
    say_open("open_3", 3);
    say_open("open_4", 4);
    SAY_WAIT("open_4.event_2", WaitForSingleObject(ov[2].hEvent, PATIENCE_MS));
    SAY_WAIT("open_4.event_0", WaitForSingleObject(ov[0].hEvent, 0));
    say_open("open_5", 5);
    SAY_WAIT("open_5.event_0", WaitForSingleObject(ov[0].hEvent, PATIENCE_MS));
    say_open("open_6", 6);
    for (i = 0; i < 2 * INSTANCES; i++)
        if (clients[i] != INVALID_HANDLE_VALUE)
            CloseHandle(clients[i]);
    for (i = 0; i < INSTANCES; i++) {
        CloseHandle(servers[i]);
        CloseHandle(ov[i].hEvent);
    }
    return 0;
}
