/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_HANDLEAPI_H
#define LIBCOMM_WIN32_HANDLEAPI_H

/* CloseHandle, DuplicateHandle and their like. */

#include <winbase.h>

#endif
