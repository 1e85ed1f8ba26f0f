/* SPDX-License-Identifier: MIT */
/* Default settings of ports that need not be open: asking for them, storing them, and the dialog
 * that Windows has for them. */
#include <string.h>

#include <libcomm/serial.h>

#include "libcomm/dev/path.h"
#include "libcomm/dev/serial/cable.h"
#include "libcomm/dev/serial/defaults.h"
#include "libcomm/dev/serial/names.h"
#include "libcomm/dev/serial/portmap.h"
#include "libcomm/dev/serial/words.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"

#define LIMIT_MOST UINT16_MAX /* a port may have any type-ahead; a DCB's limits have 16 bits */

/* `COM7`, without colon or prefix; 0: it is no name of a port. */
static uint32_t number_of(const char *name)
{
    struct ci_word com = {name, strnlen(name, 3)};

    return ci_word_is(com, "com") ? ci_port_number(name + 3, strlen(name + 3)) : 0;
}

/* 0, ERROR_BADKEY: there is no such port, or another error code. */
static uint32_t port_find(const char *name, uint32_t *number)
{
    struct ci_where where;
    uint32_t error;

    *number = number_of(name);
    if (*number == 0)
        return ERROR_BADKEY;
    error = ci_names_find_number(*number, &where);
    if (error == ERROR_FILE_NOT_FOUND)
        return ERROR_BADKEY;
    if (error == ERROR_SUCCESS && where.cable != NULL)
        ci_cable_put(where.cable);
    return error == ERROR_NOT_ENOUGH_MEMORY ? error : ERROR_SUCCESS;
}

/* The W forms differ from the A forms in the name alone. */
static bool narrow(const WCHAR *wide, char **name)
{
    *name = wide != NULL ? ci_path_narrow(wide) : NULL;
    return wide == NULL || *name != NULL;
}

/* ---- asking ---- */

static void config_fill(COMMCONFIG *config, const struct ci_settings *settings)
{
    memset(config, 0, sizeof *config);
    config->dwSize = sizeof *config;
    config->wVersion = 1;
    config->dwProviderSubType = PST_RS232;
    ci_settings_to_dcb(settings, &config->dcb);
}

static bool default_get(const char *name, COMMCONFIG *config, DWORD *size)
{
    struct ci_settings settings;
    uint32_t number, error;

    if (name == NULL || config == NULL || size == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    if (*size < sizeof *config) {
        *size = sizeof *config;
        return ci_fail(ERROR_INSUFFICIENT_BUFFER);
    }
    error = port_find(name, &number);
    if (error != ERROR_SUCCESS)
        return ci_fail(error);
    ci_default_find(number, &settings);
    config_fill(config, &settings);
    *size = sizeof *config;
    return true;
}

BOOL GetDefaultCommConfigA(const char *name, COMMCONFIG *config, DWORD *size)
{
    CI_TRACED_BOOL(default_get(name, config, size), "GetDefaultCommConfig %s", name);
}

BOOL GetDefaultCommConfigW(const WCHAR *wide, COMMCONFIG *config, DWORD *size)
{
    char *name;
    BOOL done;

    if (!narrow(wide, &name))
        return ci_fail(ERROR_NOT_ENOUGH_MEMORY);
    done = GetDefaultCommConfigA(name, config, size);
    ci_sys_free(name);
    return done;
}

/* ---- storing ---- */

static bool default_set(const char *name, const COMMCONFIG *config, DWORD size)
{
    struct ci_settings settings;
    uint32_t number, error;

    if (name == NULL || config == NULL || size < sizeof *config)
        return ci_fail(ERROR_INVALID_PARAMETER);
    error = port_find(name, &number);
    if (error != ERROR_SUCCESS)
        return ci_fail(error);
    ci_settings_from_dcb(&settings, &config->dcb);
    if (!ci_settings_valid(&settings, LIMIT_MOST, 0))
        return ci_fail(ERROR_INVALID_PARAMETER);
    return ci_default_keep(number, &settings) == 0 ? true : ci_fail(ERROR_NOT_ENOUGH_MEMORY);
}

BOOL SetDefaultCommConfigA(const char *name, COMMCONFIG *config, DWORD size)
{
    CI_TRACED_BOOL(default_set(name, config, size), "SetDefaultCommConfig %s", name);
}

BOOL SetDefaultCommConfigW(const WCHAR *wide, COMMCONFIG *config, DWORD size)
{
    char *name;
    BOOL done;

    if (!narrow(wide, &name))
        return ci_fail(ERROR_NOT_ENOUGH_MEMORY);
    done = SetDefaultCommConfigA(name, config, size);
    ci_sys_free(name);
    return done;
}

/* ---- the dialog ---- */

/* There is nobody to talk to; but programs see first whether what they ask makes sense. */
static bool dialog(const char *name, const COMMCONFIG *config)
{
    uint32_t number, error;

    if (name == NULL || config == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    if (config->dwSize < sizeof *config)
        return ci_fail(ERROR_INSUFFICIENT_BUFFER);
    error = port_find(name, &number);
    return ci_fail(error != ERROR_SUCCESS ? error : ERROR_NOT_SUPPORTED);
}

BOOL CommConfigDialogA(const char *name, HWND window, COMMCONFIG *config)
{
    (void)window;
    CI_TRACED_BOOL(dialog(name, config), "CommConfigDialog %s", name);
}

BOOL CommConfigDialogW(const WCHAR *wide, HWND window, COMMCONFIG *config)
{
    char *name;
    BOOL done;

    if (!narrow(wide, &name))
        return ci_fail(ERROR_NOT_ENOUGH_MEMORY);
    done = CommConfigDialogA(name, window, config);
    ci_sys_free(name);
    return done;
}
