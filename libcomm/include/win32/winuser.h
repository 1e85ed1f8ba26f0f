/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_WINUSER_H
#define LIBCOMM_WIN32_WINUSER_H

/* wsprintf, the one call of that header that has to do with text. */

#include <winbase.h>

#endif
