/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_COMMAPI_H
#define LIBCOMM_WIN32_COMMAPI_H

/* Serial ports. */

#include <winbase.h>

#endif
