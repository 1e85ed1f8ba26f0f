/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_WINCON_H
#define LIBCOMM_WIN32_WINCON_H

/* Console control events. */

#include <winbase.h>

#endif
