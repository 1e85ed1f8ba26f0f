/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_ERRHANDLINGAPI_H
#define LIBCOMM_WIN32_ERRHANDLINGAPI_H

/* The last error. */

#include <winbase.h>

#endif
