/* SPDX-License-Identifier: MIT */
/* Options inside the name of an endpoint: "?eol=crlf&seed=7". */
#ifndef TOOLS_SUBOPTIONS_H
#define TOOLS_SUBOPTIONS_H

#include <stdbool.h>

#include "tools/common/fail.h"

/* What stands behind the '?', divided by '&': calls `take` for each, value NULL when there is no
 * '='. False, with a sentence, as soon as one is not taken. */
bool tool_options(const char *options, bool (*take)(void *arg, const char *key, const char *value),
                  void *arg, struct tool_fail *fail);

#endif
