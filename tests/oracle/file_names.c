/* SPDX-License-Identifier: MIT */
/* Names that are no plain file: a directory on the way that is missing, a directory itself (every
 * run finds an empty one called "directory" where it starts), nothing at all, characters that are
 * special to one side only. */
#include <windows.h>
#include "say.h"

static void say_open(const char *name, const char *path, DWORD access, DWORD disposition,
                     DWORD flags)
{
    HANDLE f;

    SAY_HANDLE(name, f, open_file(path, access, disposition, flags));
    if (f != INVALID_HANDLE_VALUE)
        CloseHandle(f);
}

static void say_directory(void)
{
    char buf[4] = "abc";
    DWORD n = 99;
    HANDLE d;

    SAY_HEX("directory.attributes", GetFileAttributes("directory") & FILE_ATTRIBUTE_DIRECTORY);
    say_open("directory.plain", "directory", GENERIC_READ, OPEN_EXISTING, 0);
    say_open("directory.write", "directory", GENERIC_WRITE, OPEN_EXISTING, 0);
    say_open("directory.create_new", "directory", GENERIC_READ | GENERIC_WRITE, CREATE_NEW, 0);
    say_open("directory.current", ".", GENERIC_READ, OPEN_EXISTING, 0);
    SAY_HANDLE("directory.backup", d,
               open_file("directory", GENERIC_READ, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS));
    SAY_BOOL("directory.read", ReadFile(d, buf, 3, &n, NULL));
    SAY("directory.read.bytes", n);
    CloseHandle(d);
    SAY_BOOL("directory.delete_as_file", DeleteFile("directory"));
}

int main(void)
{
    say_open("empty", "", GENERIC_READ, OPEN_EXISTING, 0);
    say_open("missing", "missing", GENERIC_READ, OPEN_EXISTING, 0);
    say_open("missing_directory.open", "nowhere/file", GENERIC_READ, OPEN_EXISTING, 0);
    say_open("missing_directory.create", "nowhere/file", GENERIC_WRITE, CREATE_ALWAYS, 0);
    say_directory();
    make_file("directory/inside", "abc");
    say_open("slash", "directory/inside", GENERIC_READ, OPEN_EXISTING, 0);
    say_open("backslash", "directory\\inside", GENERIC_READ, OPEN_EXISTING, 0);
    make_file("plain", "abc");
    say_open("file_as_directory", "plain/file", GENERIC_READ, OPEN_EXISTING, 0);
    say_open("question_mark", "a?b", GENERIC_WRITE, CREATE_ALWAYS, 0);
    say_open("angle", "a<b", GENERIC_WRITE, CREATE_ALWAYS, 0);
    say_open("space", "a name with spaces", GENERIC_WRITE, CREATE_ALWAYS, 0);
    say_open("device.nul", "NUL", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    return 0;
}
