/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_SYSINFOAPI_H
#define LIBCOMM_WIN32_SYSINFOAPI_H

/* Ticks, dates, the machine. */

#include <winbase.h>

#endif
