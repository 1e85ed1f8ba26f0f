/* SPDX-License-Identifier: MIT */
/* Sentences for people, without the line end that a terminal or a log adds itself. */
#include "tools/common/fail.h"

#include <libcomm/comm.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum tool_status tool_fail(struct tool_fail *fail, enum tool_status status, const char *format, ...)
{
    va_list args;

    fail->status = status;
    va_start(args, format);
    vsnprintf(fail->text, sizeof fail->text, format, args);
    va_end(args);
    return status;
}

void tool_error_text(uint32_t error, char *text, size_t room)
{
    DWORD len = FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL,
                               error, 0, text, (DWORD)room, NULL);

    if (len == 0) {
        snprintf(text, room, "error %u", (unsigned)error);
        return;
    }
    while (len > 0 && strchr("\r\n. ", text[len - 1]) != NULL)
        text[--len] = '\0';
}

enum tool_status tool_fail_error(struct tool_fail *fail, enum tool_status status, const char *what,
                                 uint32_t error)
{
    char text[512];

    tool_error_text(error, text, sizeof text);
    return tool_fail(fail, status, "%s: %s (%u)", what, text, (unsigned)error);
}
