/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_WINIOCTL_H
#define LIBCOMM_WIN32_WINIOCTL_H

/* Control codes: CTL_CODE, and those of serial ports. */

#include <winbase.h>

#endif
