/* SPDX-License-Identifier: MIT */
/* Reading names: whether one is a port's, and which number it has.  The disk is only asked where a
 * path leads. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "libcomm/dev/path.h"
#include "libcomm/dev/serial/names.h"
#include "libcomm/dev/serial/portmap.h"
#include "libcomm/plat/sys.h"

static bool is_separator(char c)
{
    return c == '\\' || c == '/';
}

/* \\.\ and \\?\ in any mixture of slashes. */
static bool is_prefixed(const char *name)
{
    return is_separator(name[0]) && is_separator(name[1]) && (name[2] == '.' || name[2] == '?') &&
           is_separator(name[3]);
}

uint32_t ci_names_number(const char *name)
{
    bool prefixed = is_prefixed(name);
    size_t len;

    if (prefixed)
        name += 4;
    if (strncasecmp(name, "COM", 3) != 0)
        return 0;
    len = strcspn(name + 3, ":");
    if (name[3 + len] == ':' && name[4 + len] != '\0')
        return 0;
    return prefixed || len == 1 ? ci_port_number(name + 3, len) : 0;
}

static bool claim_path(const char *path)
{
    int error = ci_tty_check(path);

    return error == 0 || (error == -ENOENT && ci_tty_place(path));
}

bool ci_names_claim(const char *name)
{
    uint32_t unused;
    bool claimed;
    char *path;

    if (ci_names_number(name) != 0)
        return true;
    if (strchr(name, '\\') == NULL)
        return claim_path(name);
    path = ci_path_of(name, false, &unused);
    claimed = path != NULL && claim_path(path);
    ci_sys_free(path);
    return claimed;
}
