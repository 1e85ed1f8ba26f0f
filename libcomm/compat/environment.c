/* SPDX-License-Identifier: MIT */
/* Environment variables, in both widths. */
#include <stdlib.h>
#include <string.h>

#include <libcomm/compat.h>

#include "libcomm/compat/locks.h"
#include "libcomm/compat/out.h"
#include "libcomm/compat/units.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"

/* The lock is between these calls; who calls setenv meanwhile is on his own. */
static DWORD get(const char *name, void *buffer, DWORD room, bool wide)
{
    const char *value;
    DWORD result;

    if (name == NULL)
        return 0;
    ci_compat_lock(CI_LOCK_ENVIRONMENT);
    value = getenv(name);
    result = value != NULL ? ci_out_text(value, buffer, room, wide) : 0;
    ci_compat_unlock(CI_LOCK_ENVIRONMENT);
    if (value == NULL)
        return ci_fail(ERROR_ENVVAR_NOT_FOUND);
    if (result == 0) /* an empty value is found all the same */
        ci_set_last_error(ERROR_SUCCESS);
    return result;
}

DWORD WINAPI GetEnvironmentVariableA(LPCSTR lpName, LPSTR lpBuffer, DWORD nSize)
{
    if (lpName == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    return get(lpName, lpBuffer, nSize, false);
}

DWORD WINAPI GetEnvironmentVariableW(LPCWSTR lpName, LPWSTR lpBuffer, DWORD nSize)
{
    char *name;
    DWORD result;

    if (lpName == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    name = ci_utf8_of(lpName); /* sets the last error when there is no memory */
    result = get(name, lpBuffer, nSize, true);
    ci_sys_free(name);
    return result;
}

static bool set(const char *name, const char *value)
{
    int err;

    if (name == NULL || *name == '\0' || strchr(name, '=') != NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    ci_compat_lock(CI_LOCK_ENVIRONMENT);
    err = value != NULL ? setenv(name, value, 1) : unsetenv(name);
    ci_compat_unlock(CI_LOCK_ENVIRONMENT);
    return err == 0 || ci_fail(ERROR_NOT_ENOUGH_MEMORY);
}

BOOL WINAPI SetEnvironmentVariableA(LPCSTR lpName, LPCSTR lpValue)
{
    return set(lpName, lpValue);
}

BOOL WINAPI SetEnvironmentVariableW(LPCWSTR lpName, LPCWSTR lpValue)
{
    char *name = ci_utf8_of(lpName), *value = ci_utf8_of(lpValue);
    bool done =
        (name != NULL || lpName == NULL) && (value != NULL || lpValue == NULL) && set(name, value);

    ci_sys_free(name);
    ci_sys_free(value);
    return done;
}
