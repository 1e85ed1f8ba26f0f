/* SPDX-License-Identifier: MIT */
/* CreatePipe: a byte pipe of one instance whose quota is what was asked for, with one end to read
 * and one to write, and an end that comes when the writer has gone. */
#include <windows.h>
#include "say.h"

static HANDLE reader, writer;

static void say_info(const char *title, const char *step, HANDLE h)
{
    DWORD flags = 99, out = 99, in = 99, max = 99, state = 99;
    char line[48];

    snprintf(line, sizeof(line), "%s.%s", title, step);
    SAY_BOOL(line, GetNamedPipeInfo(h, &flags, &out, &in, &max));
    SAY_HEX(say_name(line, "flags"), flags);
    SAY(say_name(line, "out"), out);
    SAY(say_name(line, "in"), in);
    SAY(say_name(line, "max"), max);
    SAY_BOOL(say_name(line, "state"),
             GetNamedPipeHandleState(h, &state, NULL, NULL, NULL, NULL, 0));
    SAY_HEX(say_name(line, "state.bits"), state);
    SAY(say_name(line, "type"), GetFileType(h));
}

static void say_created(const char *title, DWORD size)
{
    SAY_BOOL(title, CreatePipe(&reader, &writer, NULL, size));
    say_info(title, "reader", reader);
    say_info(title, "writer", writer);
    CloseHandle(reader);
    CloseHandle(writer);
}

static void say_rights(void)
{
    char buf[16] = "abc";
    DWORD n = 99, avail = 99;

    CreatePipe(&reader, &writer, NULL, 0);
    SAY_BOOL("rights.write_reader", WriteFile(reader, buf, 3, &n, NULL));
    SAY_BOOL("rights.read_writer", ReadFile(writer, buf, sizeof(buf), &n, NULL));
    SAY_BOOL("rights.peek_writer", PeekNamedPipe(writer, NULL, 0, NULL, &avail, NULL));
    SAY_BOOL("rights.write", WriteFile(writer, "abcd", 4, &n, NULL));
    SAY_BOOL("rights.peek", PeekNamedPipe(reader, NULL, 0, NULL, &avail, NULL));
    SAY("rights.peek.avail", avail);
    SAY_BOOL("rights.read", ReadFile(reader, buf, sizeof(buf), &n, NULL));
    SAY("rights.read.bytes", n);
    SAY_BOOL("rights.flush", FlushFileBuffers(writer));
    CloseHandle(reader);
    CloseHandle(writer);
}

static void say_ends(void)
{
    static char data[32768], buf[40000];
    DWORD n = 99, i;

    for (i = 0; i < sizeof(data); i++)
        data[i] = (char)(i % 251);
    CreatePipe(&reader, &writer, NULL, sizeof(data) + 24);
    SAY_BOOL("drain.write", WriteFile(writer, data, sizeof(data), &n, NULL));
    SAY("drain.write.bytes", n);
    CloseHandle(writer);
    SAY_BOOL("drain.read", ReadFile(reader, buf, sizeof(buf), &n, NULL));
    SAY("drain.read.bytes", n);
    SAY("drain.read.same", memcmp(data, buf, sizeof(data)) == 0);
    SAY_BOOL("drain.end", ReadFile(reader, buf, sizeof(buf), &n, NULL));
    SAY("drain.end.bytes", n);
    CloseHandle(reader);

    CreatePipe(&reader, &writer, NULL, 0);
    CloseHandle(reader);
    SAY_BOOL("no_reader.write", WriteFile(writer, data, 1, &n, NULL));
    SAY_BOOL("no_reader.write_nothing", WriteFile(writer, data, 0, &n, NULL));
    CloseHandle(writer);
}

static void say_inheritable(void)
{
    SECURITY_ATTRIBUTES sa = {sizeof(sa), NULL, TRUE};
    DWORD flags = 99;

    SAY_BOOL("inherit", CreatePipe(&reader, &writer, &sa, 0));
    GetHandleInformation(reader, &flags);
    SAY("inherit.reader", flags);
    GetHandleInformation(writer, &flags);
    SAY("inherit.writer", flags);
    CloseHandle(reader);
    CloseHandle(writer);
}

int main(void)
{
    say_created("size_0", 0);
    say_created("size_1", 1);
    say_created("size_5000", 5000);
    say_rights();
    say_ends();
    say_inheritable();
    return 0;
}
