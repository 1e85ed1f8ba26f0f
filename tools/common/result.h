/* SPDX-License-Identifier: MIT */
/* How a run went, as it stands in what `--json` prints: status, reason, times. */
#ifndef TOOLS_RESULT_H
#define TOOLS_RESULT_H

#include <stdint.h>

#include "tools/common/json.h"
#include "tools/common/status.h"

struct result {
    int64_t started_us; /* since 1970 */
    int64_t began_us;   /* by the clock that only goes on */
};

void result_begin(struct result *result);
/* Into the object that is open in `json`: "status", "reason", "started", "elapsed_us".  A NULL
 * reason is what the status means. */
void result_put(const struct result *result, struct json *json, enum tool_status status,
                const char *reason);
/* What a status means, in few words. */
const char *result_meaning(enum tool_status status);

#endif
