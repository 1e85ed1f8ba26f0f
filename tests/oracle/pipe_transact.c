/* SPDX-License-Identifier: MIT */
/* TransactNamedPipe writes one message and reads one, as one operation: sizes of requests and
 * replies, and a reply that does not fit. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static HANDLE server, client;

static void open_pair(void)
{
    DWORD mode = PIPE_READMODE_MESSAGE;
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_transact_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 1,
                             16, 16, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    SetNamedPipeHandleState(client, &mode, NULL, NULL);
}

static void say_request(const char *line, const char *expected)
{
    char buf[64] = "";
    DWORD n = 99;

    SAY_BOOL(line, ReadFile(server, buf, sizeof(buf), &n, NULL));
    SAY(say_name(line, "bytes"), n);
    SAY(say_name(line, "as_expected"), strcmp(buf, expected) == 0);
}

/* Request and reply are text; `room` is for the reply. */
static void say_exchange(const char *title, const char *request, const char *reply, DWORD room)
{
    char question[64], buf[64] = "", line[48];
    OVERLAPPED ov = {0};
    DWORD n = 99;

    strcpy(question, request);
    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    SAY_BOOL(title,
             TransactNamedPipe(client, question, (DWORD)strlen(request), buf, room, NULL, &ov));
    snprintf(line, sizeof(line), "%s.request", title);
    say_request(line, request);
    SAY_WAIT(say_name(title, "waits"), WaitForSingleObject(ov.hEvent, 0));
    SAY_BOOL(say_name(title, "reply"), WriteFile(server, reply, (DWORD)strlen(reply), &n, NULL));
    SAY_WAIT(say_name(title, "event"), WaitForSingleObject(ov.hEvent, PATIENCE_MS));
    SAY_BOOL(say_name(title, "result"), GetOverlappedResult(client, &ov, &n, FALSE));
    SAY(say_name(title, "bytes"), n);
    SAY(say_name(title, "as_expected"), n <= room && memcmp(buf, reply, n) == 0);
    SAY_HEX(say_name(title, "internal"), ov.Internal);
    SAY(say_name(title, "internal_high"), ov.InternalHigh);
    CloseHandle(ov.hEvent);
}

static void say_rest(const char *line)
{
    OVERLAPPED ov = {0};
    char buf[64];
    DWORD n = 99;

    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    SAY_BOOL(line, ReadFile(client, buf, sizeof(buf), &n, &ov));
    SAY(say_name(line, "bytes"), n);
    CloseHandle(ov.hEvent);
}

int main(void)
{
    open_pair();
    say_exchange("plain", "abc", "test", 64);
    say_exchange("exact", "question", "answer", 6);
    say_exchange("empty_reply", "abc", "", 64);
    say_exchange("empty_request", "", "reply", 64);
    say_exchange("nothing_at_all", "", "", 0);
    say_exchange("beyond_quota", "a question of thirty-one bytes.", "short", 64);
    say_exchange("too_long", "abc", "ten bytes!", 6);
    say_rest("too_long.rest");
    say_exchange("afterwards", "abc", "test", 64);
    CloseHandle(client);
    CloseHandle(server);
    return 0;
}
