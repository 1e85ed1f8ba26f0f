/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_NTDDSER_H
#define LIBCOMM_WIN32_NTDDSER_H

/* What the driver of a serial port takes from DeviceIoControl. */

#include <winbase.h>

#endif
