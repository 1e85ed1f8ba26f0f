/* SPDX-License-Identifier: MIT */
/* Directories and file names a program asks for: temporary ones, the current one, its own. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <libcomm/compat.h>

#include "libcomm/compat/out.h"
#include "libcomm/compat/units.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_compat.h"

#define TEMP_NAME_ROOM 14 /* slash, prefix, hex digits, .tmp and the NUL */

/* ---- directories ---- */

static DWORD temp_path(void *buffer, DWORD room, bool wide)
{
    const char *dir = getenv("TMPDIR");
    char path[PATH_MAX];
    size_t len;

    if (dir == NULL || *dir == '\0' || strlen(dir) + 2 > sizeof(path))
        dir = "/tmp";
    len = strlen(dir);
    snprintf(path, sizeof(path), "%s%s", dir, dir[len - 1] == '/' ? "" : "/");
    return ci_out_text(path, buffer, room, wide);
}

DWORD WINAPI GetTempPathA(DWORD nBufferLength, LPSTR lpBuffer)
{
    return temp_path(lpBuffer, nBufferLength, false);
}

DWORD WINAPI GetTempPathW(DWORD nBufferLength, LPWSTR lpBuffer)
{
    return temp_path(lpBuffer, nBufferLength, true);
}

static DWORD current_directory(void *buffer, DWORD room, bool wide)
{
    char path[PATH_MAX];
    int err = ci_sys_getcwd(path, sizeof(path));

    return err != 0 ? (DWORD)ci_fail(ci_errno_error(CI_DOM_FILE, -err))
                    : ci_out_text(path, buffer, room, wide);
}

DWORD WINAPI GetCurrentDirectoryA(DWORD nBufferLength, LPSTR lpBuffer)
{
    return current_directory(lpBuffer, nBufferLength, false);
}

DWORD WINAPI GetCurrentDirectoryW(DWORD nBufferLength, LPWSTR lpBuffer)
{
    return current_directory(lpBuffer, nBufferLength, true);
}

static bool change_directory(const char *path)
{
    int err = path != NULL ? ci_sys_chdir(path) : -ENOENT;

    if (err == -ENOTDIR)
        return ci_fail(ERROR_DIRECTORY);
    return err == 0 || ci_fail(ci_errno_error(CI_DOM_FILE, -err));
}

BOOL WINAPI SetCurrentDirectoryA(LPCSTR lpPathName)
{
    return change_directory(lpPathName);
}

BOOL WINAPI SetCurrentDirectoryW(LPCWSTR lpPathName)
{
    char *path = ci_utf8_of(lpPathName);
    bool done = (path != NULL || lpPathName == NULL) && change_directory(path);

    ci_sys_free(path);
    return done;
}

/* ---- temporary files ---- */

static void temp_name(char *to, const char *dir, const char *prefix, UINT number)
{
    size_t len = strlen(dir);

    snprintf(to, MAX_PATH, "%s%s%.3s%X.tmp", dir, len > 0 && dir[len - 1] == '/' ? "" : "/", prefix,
             (unsigned)(number & 0xFFFFu));
}

/* The number under which a file was made, or 0. */
static UINT temp_make(char *to, const char *dir, const char *prefix)
{
    UINT number = (UINT)(ci_now_ns() >> 10) & 0xFFFFu;

    for (UINT tries = 0; tries < 0x10000u; tries++, number++) {
        int fd;

        if ((number & 0xFFFFu) == 0) /* means "any" to who asks for it */
            continue;
        temp_name(to, dir, prefix, number);
        fd = ci_sys_open(to, O_RDWR | O_CREAT | O_EXCL, 0600);
        if (fd >= 0) {
            ci_sys_close(fd);
            return number & 0xFFFFu;
        }
        if (fd != -EEXIST)
            return (UINT)ci_fail(ci_errno_error(CI_DOM_FILE, -fd));
    }
    return (UINT)ci_fail(ERROR_FILE_EXISTS);
}

UINT WINAPI GetTempFileNameA(LPCSTR lpPathName, LPCSTR lpPrefixString, UINT uUnique,
                             LPSTR lpTempFileName)
{
    const char *prefix = lpPrefixString != NULL ? lpPrefixString : "";
    struct stat st;

    if (lpPathName == NULL || lpTempFileName == NULL)
        return (UINT)ci_fail(ERROR_INVALID_PARAMETER);
    if (strlen(lpPathName) > MAX_PATH - TEMP_NAME_ROOM)
        return (UINT)ci_fail(ERROR_BUFFER_OVERFLOW);
    if ((uUnique & 0xFFFFu) != 0) {
        temp_name(lpTempFileName, lpPathName, prefix, uUnique);
        return uUnique;
    }
    if (ci_sys_stat(lpPathName, &st) != 0 || !S_ISDIR(st.st_mode))
        return (UINT)ci_fail(ERROR_DIRECTORY);
    return temp_make(lpTempFileName, lpPathName, prefix);
}

UINT WINAPI GetTempFileNameW(LPCWSTR lpPathName, LPCWSTR lpPrefixString, UINT uUnique,
                             LPWSTR lpTempFileName)
{
    char *dir = ci_utf8_of(lpPathName), *prefix = ci_utf8_of(lpPrefixString);
    char name[MAX_PATH];
    UINT number = 0;

    if (lpTempFileName == NULL || lpPathName == NULL)
        ci_set_last_error(ERROR_INVALID_PARAMETER);
    else if (dir != NULL && (prefix != NULL || lpPrefixString == NULL))
        number = GetTempFileNameA(dir, prefix, uUnique, name);
    if (number != 0)
        ci_out_text(name, lpTempFileName, MAX_PATH, true);
    ci_sys_free(dir);
    ci_sys_free(prefix);
    return number;
}

/* ---- the program's own file ---- */

static DWORD module_file_name(HMODULE module, void *buffer, DWORD room, bool wide)
{
    char path[PATH_MAX];
    ssize_t len = ci_sys_readlink("/proc/self/exe", path, sizeof(path) - 1);
    uint16_t units[PATH_MAX];
    DWORD result;

    if (module != NULL)
        return (DWORD)ci_fail(ERROR_MOD_NOT_FOUND);
    if (len < 0)
        return (DWORD)ci_fail(ci_errno_error(CI_DOM_FILE, (int)-len));
    path[len] = '\0';
    result = ci_out_text(path, buffer, room, wide);
    if (result < room)
        return result;
    if (room == 0 || buffer == NULL)
        return (DWORD)ci_fail(ERROR_INSUFFICIENT_BUFFER);
    ci_out_text(path, units, PATH_MAX, true);
    ci_units_put(buffer, room, 0, wide ? (const void *)units : path, PATH_MAX, wide);
    ci_set_last_error(ERROR_INSUFFICIENT_BUFFER);
    return room;
}

DWORD WINAPI GetModuleFileNameA(HMODULE hModule, LPSTR lpFilename, DWORD nSize)
{
    return module_file_name(hModule, lpFilename, nSize, false);
}

DWORD WINAPI GetModuleFileNameW(HMODULE hModule, LPWSTR lpFilename, DWORD nSize)
{
    return module_file_name(hModule, lpFilename, nSize, true);
}
