/* SPDX-License-Identifier: MIT */
/* Standard output as a stream that remembers why a write failed: a reader that went away (`| head
 * -1`) is the end of the work, a full disk is a failure. */
#ifndef TOOLS_OUT_H
#define TOOLS_OUT_H

#include <stdbool.h>
#include <stdio.h>

#include "tools/common/status.h"

/* First: a reader that goes away is an error of the write, and no signal. */
void out_begin(void);

/* The stream, made at the first call; NULL for want of memory. */
FILE *out_stream(void);
/* Writes out what is in the stream.  False once nothing more can be written. */
bool out_flush(void);
/* Flushes, says what failed if anything did, and gives the status that a run with `status` ends
 * with. */
enum tool_status out_end(enum tool_status status);

#endif
