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
/* The same with a handle to it, or neither: after a failure the descriptor is as it was. */
int ci_stream_wrap(int fd, enum ci_stream_kind kind, bool overlapped, uint32_t access,
                   HANDLE *handle);
/* Two files over the two ends of one connection, which nobody has handles to yet: -ENOMEM or 0. */
int ci_stream_pair(struct ci_file *a, struct ci_file *b);
/* A synchronous file over a standard descriptor, which is neither changed nor ever closed. */
HANDLE ci_stream_wrap_std(int fd);

#endif
