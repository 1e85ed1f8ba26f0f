/* SPDX-License-Identifier: MIT */
/* Who may transact: an end that reads messages, has a peer, may do both, and has nothing unread. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000
#define MESSAGES (PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE)

static char name[64];
static HANDLE server, client;

/* An error may come at once or through the OVERLAPPED: the same answer for us. */
static void say_transact(const char *line, HANDLE h)
{
    char request[4] = "ask", reply[16];
    OVERLAPPED ov = {0};
    DWORD n = 99;

    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    if (TransactNamedPipe(h, request, 3, reply, sizeof(reply), NULL, &ov)) {
        SAY(line, 0);
    } else if (GetLastError() != ERROR_IO_PENDING) {
        SAY(line, GetLastError());
    } else if (WaitForSingleObject(ov.hEvent, 0) == WAIT_TIMEOUT) {
        CancelIoEx(h, &ov);
        WaitForSingleObject(ov.hEvent, PATIENCE_MS);
        SAY(line, ERROR_IO_PENDING);
    } else {
        GetOverlappedResult(h, &ov, &n, FALSE);
        SAY(line, GetLastError());
    }
    CloseHandle(ov.hEvent);
}

static void create(DWORD mode)
{
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, mode, 1, 64, 64, 0, NULL);
}

static void open_client(DWORD mode)
{
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    SetNamedPipeHandleState(client, &mode, NULL, NULL);
}

static void open_pair(void)
{
    create(MESSAGES);
    open_client(PIPE_READMODE_MESSAGE);
}

static void say_life(void)
{
    create(MESSAGES);
    say_transact("server.listening", server);
    open_client(PIPE_READMODE_MESSAGE);
    say_transact("client.connected", client);
    say_transact("server.unread_request", server); /* cancelled by the client, but sent */
    DisconnectNamedPipe(server);
    say_transact("server.disconnected", server);
    say_transact("client.disconnected", client);
    CloseHandle(client);
    CloseHandle(server);

    open_pair();
    say_transact("server.connected", server);
    CloseHandle(client);
    say_transact("server.closing", server);
    CloseHandle(server);
}

static void say_unread(void)
{
    DWORD n = 99;

    open_pair();
    WriteFile(server, "unread", 6, &n, NULL);
    say_transact("client.unread", client);
    CloseHandle(server);
    say_transact("client.closing_data", client);
    CloseHandle(client);
}

static void say_mode(const char *line, DWORD mode, DWORD client_mode)
{
    create(mode);
    open_client(client_mode);
    say_transact(line, client);
    CloseHandle(client);
    CloseHandle(server);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_may_%lu",
             (unsigned long)GetCurrentProcessId());
    say_life();
    say_unread();
    say_mode("byte_type", PIPE_TYPE_BYTE, PIPE_READMODE_BYTE);
    say_mode("byte_mode", MESSAGES, PIPE_READMODE_BYTE);
    say_mode("nowait", MESSAGES, PIPE_READMODE_MESSAGE | PIPE_NOWAIT); /* waits all the same */
    say_transact("stale", stale_handle());
    return 0;
}
