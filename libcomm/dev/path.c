/* SPDX-License-Identifier: MIT */
/* Reading names.  Nothing here opens anything; the disk is only asked which names exist. */
#include "libcomm/dev/path.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/utf.h"

#define PREFIX 4 /* of "\\?\" and "\\.\" */

char *ci_path_narrow(const WCHAR *name)
{
    size_t units = ci_utf16_len(name) + 1; /* with its zero */
    size_t room = ci_utf16_to_8(name, units, NULL, 0);
    char *text = ci_sys_alloc(room);

    if (text != NULL)
        ci_utf16_to_8(name, units, text, room);
    return text;
}

static bool is_prefixed(const char *name)
{
    return name[0] == '\\' && name[1] == '\\' && (name[2] == '?' || name[2] == '.') &&
           name[3] == '\\';
}

static const char *device_of(const char *name)
{
    static const struct {
        const char *name, *path;
    } devices[] = {
        {"NUL",     "/dev/null"},
        {"CONIN$",  "/dev/tty" },
        {"CONOUT$", "/dev/tty" },
    };

    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++)
        if (strcasecmp(name, devices[i].name) == 0)
            return devices[i].path;
    return NULL;
}

static char *copy_of(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = ci_sys_alloc(size);

    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}

static void slashes(char *path)
{
    struct stat st;

    if (strchr(path, '\\') == NULL || ci_sys_stat(path, &st) == 0)
        return;
    for (; *path != '\0'; path++)
        if (*path == '\\')
            *path = '/';
}

char *ci_path_of(const char *name, bool devices, uint32_t *error)
{
    const char *device;
    char *path;

    if (name != NULL && is_prefixed(name))
        name += PREFIX;
    if (name == NULL || name[0] == '\0') {
        *error = ERROR_PATH_NOT_FOUND;
        return NULL;
    }
    device = devices ? device_of(name) : NULL;
    path = copy_of(device != NULL ? device : name);
    if (path == NULL)
        *error = ERROR_NOT_ENOUGH_MEMORY;
    else if (device == NULL)
        slashes(path);
    return path;
}

/* Whether the directory part of a path is there. */
static bool parent_exists(const char *path)
{
    size_t len = strlen(path);
    struct stat st;
    char *parent;
    bool there;

    while (len > 0 && path[len - 1] == '/') /* "a/b/": what is missing may be b */
        len--;
    while (len > 0 && path[len - 1] != '/')
        len--;
    if (len == 0)
        return true; /* the current directory */
    parent = ci_sys_alloc(len + 1);
    if (parent == NULL)
        return true;
    memcpy(parent, path, len);
    there = ci_sys_stat(parent, &st) == 0;
    ci_sys_free(parent);
    return there;
}

uint32_t ci_path_error(const char *path, int error)
{
    if (error == ENOENT && !parent_exists(path))
        return ERROR_PATH_NOT_FOUND;
    return ci_errno_error(CI_DOM_FILE, error);
}
