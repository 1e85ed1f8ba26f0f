/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_PROFILEAPI_H
#define LIBCOMM_WIN32_PROFILEAPI_H

/* The performance counter. */

#include <winbase.h>

#endif
