/* SPDX-License-Identifier: MIT */
/* Wrapped descriptors: anything that can be polled, as a file.  The kind says whose rules the
 * errors follow. */
#ifndef CI_DEV_STREAM_H
#define CI_DEV_STREAM_H

#include <libcomm/types.h>

#include "libcomm/op/file.h"

enum ci_stream_kind { CI_STREAM_PIPE, CI_STREAM_SOCKET, CI_STREAM_TTY, CI_STREAM_KINDS };

/* A file over fd, which it owns from now on; on failure (a negative errno) fd is still the
 * caller's. */
int ci_stream_new(int fd, enum ci_stream_kind kind, bool overlapped, struct ci_file **made);
/* A synchronous file over a standard descriptor, which is neither changed nor ever closed. */
HANDLE ci_stream_wrap_std(int fd);

#endif
