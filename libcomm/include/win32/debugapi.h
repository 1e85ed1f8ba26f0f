/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_DEBUGAPI_H
#define LIBCOMM_WIN32_DEBUGAPI_H

/* OutputDebugString. */

#include <winbase.h>

#endif
