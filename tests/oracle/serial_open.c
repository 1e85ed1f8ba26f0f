/* SPDX-License-Identifier: MIT */
/* Which names lead to a port, and which arguments of CreateFile it takes. */
#include "port.h"

static void try_open(const char *line, const char *name, DWORD access, DWORD share, DWORD how,
                     DWORD flags)
{
    HANDLE h;

    port_name();
    SAY_HANDLE(line, h, CreateFileA(name, access, share, NULL, how, flags, NULL));
    if (h != INVALID_HANDLE_VALUE)
        CloseHandle(h);
}

static void say_names(void)
{
    static const struct {
        const char *line, *name;
    } names[] = {
        {"device",      "\\\\.\\COM42"   },
        {"small",       "\\\\.\\com42"   },
        {"slashes",     "//./COM42"      },
        {"colon",       "\\\\.\\COM42:"  },
        {"two_colons",  "\\\\.\\COM42::" },
        {"plain",       "COM42"          },
        {"plain_colon", "COM42:"         },
        {"missing",     "\\\\.\\COM4242" },
        {"zero",        "\\\\.\\COM0"    },
        {"none",        "\\\\.\\COM"     },
        {"leading",     "\\\\.\\COM042"  },
        {"longer",      "\\\\.\\COM42x"  },
        {"below",       "\\\\.\\COM42\\x"},
        {"space",       "\\\\.\\COM42 "  },
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        try_open(say_name("name", names[i].line), names[i].name, GENERIC_READ | GENERIC_WRITE, 0,
                 OPEN_EXISTING, 0);
}

static void say_arguments(void)
{
    DWORD all = GENERIC_READ | GENERIC_WRITE;

    try_open("read_only", PORT, GENERIC_READ, 0, OPEN_EXISTING, 0);
    try_open("write_only", PORT, GENERIC_WRITE, 0, OPEN_EXISTING, 0);
    try_open("query", PORT, 0, 0, OPEN_EXISTING, 0);
    try_open("shared", PORT, all, FILE_SHARE_READ | FILE_SHARE_WRITE, OPEN_EXISTING, 0);
    try_open("open_always", PORT, all, 0, OPEN_ALWAYS, 0);
    try_open("create_new", PORT, all, 0, CREATE_NEW, 0);
    try_open("create_always", PORT, all, 0, CREATE_ALWAYS, 0);
    try_open("truncate", PORT, all, 0, TRUNCATE_EXISTING, 0);
    try_open("attributes", PORT, all, 0, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL);
    try_open("flags", PORT, all, 0, OPEN_EXISTING,
             FILE_FLAG_OVERLAPPED | FILE_FLAG_NO_BUFFERING | FILE_FLAG_WRITE_THROUGH);
}

static void say_exclusive(void)
{
    HANDLE h = port_open(0), second;

    SAY_HANDLE("second", second,
               CreateFileA(PORT, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                           OPEN_EXISTING, 0, NULL));
    if (second != INVALID_HANDLE_VALUE)
        CloseHandle(second);
    CloseHandle(h);
    SAY_HANDLE("after_close", second,
               CreateFileA(PORT, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL));
    CloseHandle(second);
}

static void say_wide(void)
{
    static const WCHAR name[] = {'\\', '\\', '.', '\\', 'C', 'O', 'M', '4', '2', 0};
    HANDLE h;

    SAY_HANDLE("wide", h, CreateFileW(name, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL));
    CloseHandle(h);
}

/* A port is a character device, and a file in no other way. */
static void say_facts(void)
{
    HANDLE h = port_open(0), copy = NULL;
    LARGE_INTEGER at, to;

    SAY("type", GetFileType(h));
    to.QuadPart = 100;
    SAY_BOOL("seek", SetFilePointerEx(h, to, &at, FILE_BEGIN));
    SAY_BOOL("duplicate", DuplicateHandle(GetCurrentProcess(), h, GetCurrentProcess(), &copy, 0,
                                          FALSE, DUPLICATE_SAME_ACCESS));
    CloseHandle(h);
    SAY("copy.type", GetFileType(copy));
    SAY_BOOL("copy.close", CloseHandle(copy));
    SAY_BOOL("copy.close_again", CloseHandle(copy));
}

int main(void)
{
    say_names();
    say_arguments();
    say_exclusive();
    say_wide();
    say_facts();
    return 0;
}
