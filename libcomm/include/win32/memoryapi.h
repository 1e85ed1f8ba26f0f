/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_MEMORYAPI_H
#define LIBCOMM_WIN32_MEMORYAPI_H

/* VirtualAlloc and VirtualFree. */

#include <winbase.h>

#endif
