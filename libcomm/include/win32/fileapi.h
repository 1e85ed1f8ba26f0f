/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_FILEAPI_H
#define LIBCOMM_WIN32_FILEAPI_H

/* Files: open, read, write, lock, size. */

#include <winbase.h>

#endif
