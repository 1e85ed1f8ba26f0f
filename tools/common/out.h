/* SPDX-License-Identifier: MIT */
/* Standard output as a stream that remembers why a write failed: a reader that went away (`| head
 * -1`) is the end of the work, a full disk is a failure. */
#ifndef TOOLS_OUT_H
#define TOOLS_OUT_H

#include <stdbool.h>
#include <stdio.h>

#include "tools/common/status.h"

/* Before anything is opened: the three standard descriptors are there from now on, those that were
 * closed without a use, so that nothing else gets their numbers; SIGPIPE is ignored. */
void out_guard(void);

/* The stream, made at the first call; NULL for want of memory. */
FILE *out_stream(void);
/* Writes out what is in the stream.  False once nothing more can be written. */
bool out_flush(void);
/* Flushes, says what failed if anything did, and gives the status that a run with `status` ends
 * with. */
enum tool_status out_end(enum tool_status status);

#endif
