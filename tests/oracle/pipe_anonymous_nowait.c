/* SPDX-License-Identifier: MIT */
/* The ends of an anonymous pipe in PIPE_NOWAIT mode: the quota of 4096 is exact, and nothing is
 * written in part. */
#include <windows.h>
#include "say.h"

static HANDLE reader, writer;
static char data[8192], buf[8192];

static void say_write(const char *line, DWORD len)
{
    DWORD n = 99;

    SAY_BOOL(line, WriteFile(writer, data, len, &n, NULL));
    SAY(say_name(line, "bytes"), n);
}

static void say_read(const char *line, DWORD room)
{
    DWORD n = 99;

    SAY_BOOL(line, ReadFile(reader, buf, room, &n, NULL));
    SAY(say_name(line, "bytes"), n);
}

int main(void)
{
    DWORD mode = PIPE_NOWAIT, message = PIPE_READMODE_MESSAGE;

    CreatePipe(&reader, &writer, NULL, 0);
    SAY_BOOL("writer.message", SetNamedPipeHandleState(writer, &message, NULL, NULL));
    SAY_BOOL("reader.message", SetNamedPipeHandleState(reader, &message, NULL, NULL));
    SAY_BOOL("writer.nowait", SetNamedPipeHandleState(writer, &mode, NULL, NULL));
    SAY_BOOL("reader.nowait", SetNamedPipeHandleState(reader, &mode, NULL, NULL));
    say_read("empty", 16);
    say_write("beyond", 4097);
    say_write("most", 4000);
    say_write("too_much", 200);
    say_write("rest", 96);
    say_write("one_more", 1);
    say_read("read_1", 1);
    say_write("room_for_1", 1);
    say_write("no_room", 1);
    say_read("all", sizeof(buf));
    say_read("empty_again", sizeof(buf));
    say_write("exact", 4096);
    mode = PIPE_WAIT;
    SAY_BOOL("writer.wait", SetNamedPipeHandleState(writer, &mode, NULL, NULL));
    CloseHandle(writer);
    say_read("drain", sizeof(buf));
    say_read("end", sizeof(buf));
    CloseHandle(reader);
    return 0;
}
