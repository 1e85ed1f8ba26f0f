/* SPDX-License-Identifier: MIT */
/* Deleting: by name, and by the last handle closing.  While somebody has the file open, his sharing
 * decides. */
#include <windows.h>
#include "say.h"

#define ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

static HANDLE open_sharing(DWORD share, DWORD flags)
{
    return CreateFile("file", GENERIC_READ, share, NULL, OPEN_EXISTING, flags, NULL);
}

static void say_there(const char *name)
{
    SAY(say_name(name, "there"), GetFileAttributes("file") != INVALID_FILE_ATTRIBUTES);
}

static void say_by_name(void)
{
    HANDLE f;

    SAY_BOOL("missing", DeleteFile("file"));
    SAY_BOOL("missing_directory", DeleteFile("nowhere/file"));
    SAY_BOOL("empty_name", DeleteFile(""));
    make_file("file", "abc");
    SAY_BOOL("delete", DeleteFile("file"));
    say_there("delete");
    make_file("file", "abc");
    f = open_sharing(FILE_SHARE_READ | FILE_SHARE_WRITE, 0);
    SAY_BOOL("open_not_shared", DeleteFile("file"));
    say_there("open_not_shared");
    CloseHandle(f);
    f = open_sharing(ALL, 0);
    SAY_BOOL("open_shared", DeleteFile("file"));
    CloseHandle(f);
    say_there("open_shared.closed");
}

static void say_on_close(void)
{
    char buf[4];
    DWORD n = 0;
    HANDLE f, second;

    make_file("file", "abc");
    f = CreateFile("file", GENERIC_READ | DELETE, ALL, NULL, OPEN_EXISTING,
                   FILE_FLAG_DELETE_ON_CLOSE, NULL);
    say_there("on_close.open");
    SAY_HANDLE("on_close.second_not_sharing", second,
               open_sharing(FILE_SHARE_READ | FILE_SHARE_WRITE, 0));
    SAY_HANDLE("on_close.second_sharing", second, open_sharing(ALL, 0));
    CloseHandle(second);
    say_there("on_close.second_closed");
    SAY_BOOL("on_close.read", ReadFile(f, buf, 3, &n, NULL));
    SAY_BOOL("on_close.close", CloseHandle(f));
    say_there("on_close.closed");
}

/* The handle that deletes is closed first: the file is doomed, and there until the other one goes.
 */
static void say_doomed(void)
{
    char buf[4];
    DWORD n = 0;
    HANDLE f, second, third;

    make_file("file", "abc");
    f = CreateFile("file", GENERIC_READ | DELETE, ALL, NULL, OPEN_EXISTING,
                   FILE_FLAG_DELETE_ON_CLOSE, NULL);
    second = open_sharing(ALL, 0);
    CloseHandle(f);
    SAY_BOOL("doomed.read", ReadFile(second, buf, 3, &n, NULL));
    SAY_HANDLE("doomed.open", third, open_sharing(ALL, 0));
    if (third != INVALID_HANDLE_VALUE)
        CloseHandle(third);
    CloseHandle(second);
    say_there("doomed.closed");
}

static void say_duplicates(void)
{
    HANDLE self = GetCurrentProcess();
    HANDLE f, copy;

    f = CreateFile("file", GENERIC_WRITE | DELETE, ALL, NULL, CREATE_NEW, FILE_FLAG_DELETE_ON_CLOSE,
                   NULL);
    DuplicateHandle(self, f, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS);
    CloseHandle(f);
    say_there("duplicate.first_closed");
    CloseHandle(copy);
    say_there("duplicate.both_closed");
}

int main(void)
{
    say_by_name();
    say_on_close();
    say_doomed();
    say_duplicates();
    return 0;
}
