/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_HEAPAPI_H
#define LIBCOMM_WIN32_HEAPAPI_H

/* Heaps. */

#include <winbase.h>

#endif
