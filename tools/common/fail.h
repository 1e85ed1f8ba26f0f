/* SPDX-License-Identifier: MIT */
/* Why something could not be done: the status the tool ends with, and one sentence for people. */
#ifndef TOOLS_FAIL_H
#define TOOLS_FAIL_H

#include <stddef.h>
#include <stdint.h>

#include "tools/common/status.h"

struct tool_fail {
    enum tool_status status;
    char text[1024];
};

/* Returns `status`, so that a function can end with it. */
enum tool_status tool_fail(struct tool_fail *fail, enum tool_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with the text of an error of the library behind it. */
enum tool_status tool_fail_error(struct tool_fail *fail, enum tool_status status, const char *what,
                                 uint32_t error);
/* The text of an error, without the full stop at its end. */
void tool_error_text(uint32_t error, char *text, size_t room);

#endif
