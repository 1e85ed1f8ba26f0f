/* SPDX-License-Identifier: MIT */
/* Short words for tests of disk files: a file with known content, a handle to it, an OVERLAPPED
 * that points somewhere, and what a call came to as one number. */
#ifndef COMM_TESTS_DEV_DISK_H
#define COMM_TESTS_DEV_DISK_H

#include <libcomm/comm.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

#define DISK_SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define DISK_RW (GENERIC_READ | GENERIC_WRITE)
#define DISK_PATTERN 251 /* prime, so that a shifted copy never looks right */

/* The path of a name in this process's directory; four at a time and thread. */
static inline const char *disk_path(const char *name)
{
    static _Thread_local char path[4][512];
    static _Thread_local unsigned turn;

    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", comm_test_dir(), name);
    return path[turn];
}

static inline const char *disk_make(const char *name, const char *text)
{
    const char *path = disk_path(name);
    FILE *f = fopen(path, "wb");

    if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    return path;
}

/* -1: no such file. */
static inline long long disk_size(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? (long long)st.st_size : -1;
}

/* Whether the file holds exactly this. */
static inline bool disk_holds(const char *path, const char *text)
{
    size_t len = strlen(text);
    char *got = calloc(1, len + 2);
    FILE *f = fopen(path, "rb");
    bool same = f != NULL && fread(got, 1, len + 1, f) == len && memcmp(got, text, len) == 0;

    if (!same)
        printf("      %s holds \"%s\", not \"%s\"\n", path, got, text);
    if (f != NULL)
        fclose(f);
    free(got);
    return same;
}

static inline HANDLE disk_open(const char *path, DWORD access, DWORD disposition, DWORD flags)
{
    return CreateFileA(path, access, DISK_SHARE_ALL, NULL, disposition, flags, NULL);
}

/* A file with this content, opened for reading and writing. */
static inline HANDLE disk_new(const char *name, const char *text, DWORD flags)
{
    HANDLE h = disk_open(disk_make(name, text), DISK_RW, OPEN_EXISTING, flags);

    CHECK(h != INVALID_HANDLE_VALUE);
    return h;
}

static inline OVERLAPPED disk_at(uint64_t offset, HANDLE event)
{
    OVERLAPPED ov = {.InternalHigh = 0x77, .hEvent = event};

    ov.Offset = (DWORD)offset;
    ov.OffsetHigh = (DWORD)(offset >> 32);
    return ov;
}

static inline HANDLE disk_event(void)
{
    return CreateEventA(NULL, TRUE, FALSE, NULL);
}

/* 0 for success, else the last error. */
static inline DWORD outcome(BOOL ok)
{
    return ok ? 0 : GetLastError();
}

static inline DWORD open_outcome(HANDLE h)
{
    DWORD error = h == INVALID_HANDLE_VALUE ? GetLastError() : 0;

    if (h != INVALID_HANDLE_VALUE)
        CloseHandle(h);
    return error;
}

/* The result of an operation that may still be on its way. */
static inline DWORD result_of(HANDLE h, OVERLAPPED *ov, DWORD *bytes)
{
    return outcome(GetOverlappedResult(h, ov, bytes, TRUE));
}

static inline DWORD position_of(HANDLE h)
{
    return SetFilePointer(h, 0, NULL, FILE_CURRENT);
}

static inline void pattern_fill(unsigned char *buf, size_t len, size_t from)
{
    for (size_t i = 0; i < len; i++)
        buf[i] = (unsigned char)((from + i) % DISK_PATTERN);
}

static inline bool pattern_holds(const unsigned char *buf, size_t len, size_t from)
{
    for (size_t i = 0; i < len; i++)
        if (buf[i] != (unsigned char)((from + i) % DISK_PATTERN))
            return false;
    return true;
}

#endif
