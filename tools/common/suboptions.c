/* SPDX-License-Identifier: MIT */
/* Options inside a name, which no blank and no quote divides. */
#include "tools/common/suboptions.h"

#include <string.h>

static bool take_option(const char *begin, size_t len,
                        bool (*take)(void *arg, const char *key, const char *value), void *arg)
{
    char key[128], *equals;

    if (len == 0 || len >= sizeof key)
        return false;
    memcpy(key, begin, len);
    key[len] = '\0';
    equals = strchr(key, '=');
    if (equals != NULL)
        *equals++ = '\0';
    return take(arg, key, equals);
}

bool tool_options(const char *options, bool (*take)(void *arg, const char *key, const char *value),
                  void *arg, struct tool_fail *fail)
{
    while (*options != '\0') {
        size_t len = strcspn(options, "&");

        if (!take_option(options, len, take, arg)) {
            tool_fail(fail, TOOL_USAGE, "%.*s: no option of this kind of endpoint", (int)len,
                      options);
            return false;
        }
        options += len + (options[len] == '&');
    }
    return true;
}
