/* SPDX-License-Identifier: MIT */
#include "tools/common/result.h"

#include <stdio.h>
#include <time.h>

static int64_t now_us(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void result_begin(struct result *result)
{
    result->started_us = now_us(CLOCK_REALTIME);
    result->began_us = now_us(CLOCK_MONOTONIC);
}

const char *result_meaning(enum tool_status status)
{
    static const char *const meanings[] = {
        [TOOL_OK] = "done",
        [TOOL_UNMET] = "expectation not met",
        [TOOL_USAGE] = "wrong usage or configuration",
        [TOOL_NOT_FOUND] = "not found",
        [TOOL_BUSY] = "busy",
        [TOOL_DENIED] = "permission denied",
        [TOOL_LOST] = "device lost",
        [TOOL_LINK] = "link event",
        [TOOL_REFUSED] = "setting refused",
        [TOOL_TRANSFER] = "transfer failed",
        [TOOL_OUTPUT] = "output not written",
        [TOOL_INTERNAL] = "internal error",
        [TOOL_SLO] = "service level broken",
        [TOOL_NO_DAEMON] = "daemon not running",
        [TOOL_OWNED] = "name already owned",
    };

    if ((size_t)status < sizeof(meanings) / sizeof(meanings[0]))
        return meanings[status];
    return status == TOOL_TIME ? "time limit reached" : status > TOOL_SIGNAL ? "signal" : "failed";
}

void result_put(const struct result *result, struct json *json, enum tool_status status,
                const char *reason)
{
    time_t seconds = (time_t)(result->started_us / 1000000);
    struct tm utc;
    char date[32], text[48];

    gmtime_r(&seconds, &utc);
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text, sizeof(text), "%s.%06dZ", date, (int)(result->started_us % 1000000));
    json_key(json, "status");
    json_number(json, status);
    json_key(json, "reason");
    json_text(json, reason != NULL ? reason : result_meaning(status));
    json_key(json, "started");
    json_text(json, text);
    json_key(json, "elapsed_us");
    json_number(json, now_us(CLOCK_MONOTONIC) - result->began_us);
}
