/* SPDX-License-Identifier: MIT */
/* The five dispositions, each on a file that is there and on one that is not: what comes back,
 * which last error even when it worked, and whether the old content survived. */
#include <windows.h>
#include "say.h"

static const struct {
    const char *when;
    DWORD disposition;
    int sets_error; /* success promises a last error too */
} rows[] = {
    {"create_new",        CREATE_NEW,        0},
    {"create_always",     CREATE_ALWAYS,     1},
    {"open_existing",     OPEN_EXISTING,     0},
    {"open_always",       OPEN_ALWAYS,       1},
    {"truncate_existing", TRUNCATE_EXISTING, 0},
    {"zero",              0,                 0},
    {"six",               6,                 0},
};

static void say_size(const char *name, const char *path)
{
    HANDLE f = open_file(path, GENERIC_READ, OPEN_EXISTING, 0);

    if (f == INVALID_HANDLE_VALUE) {
        say_line(say_name(name, "size"), "no file", "-");
        return;
    }
    SAY(say_name(name, "size"), GetFileSize(f, NULL));
    CloseHandle(f);
}

static void say_open(const char *name, const char *path, DWORD disposition, int sets_error)
{
    HANDLE f;

    if (sets_error)
        SAY_HANDLE_ERROR(
            name, f,
            open_file(path, GENERIC_READ | GENERIC_WRITE, disposition, FILE_ATTRIBUTE_NORMAL));
    else
        SAY_HANDLE(
            name, f,
            open_file(path, GENERIC_READ | GENERIC_WRITE, disposition, FILE_ATTRIBUTE_NORMAL));
    if (f != INVALID_HANDLE_VALUE)
        CloseHandle(f);
}

static void say_row(size_t i)
{
    char path[32], name[64];

    snprintf(path, sizeof(path), "old%u", (unsigned)i);
    make_file(path, "content");
    snprintf(name, sizeof(name), "%s.exists", rows[i].when);
    say_open(name, path, rows[i].disposition, rows[i].sets_error);
    say_size(name, path);
    snprintf(path, sizeof(path), "new%u", (unsigned)i);
    snprintf(name, sizeof(name), "%s.missing", rows[i].when);
    say_open(name, path, rows[i].disposition, rows[i].sets_error);
    say_size(name, path);
}

/* Windows refuses to truncate what was not opened for writing, with 5 or 87 depending on its age.
 */
static void say_truncate_reader(void)
{
    HANDLE f;

    make_file("reader", "content");
    f = open_file("reader", GENERIC_READ, TRUNCATE_EXISTING, 0);
    SAY("truncate_reader.refused", f == INVALID_HANDLE_VALUE);
    if (f != INVALID_HANDLE_VALUE)
        CloseHandle(f);
}

int main(void)
{
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        say_row(i);
    say_truncate_reader();
    return 0;
}
