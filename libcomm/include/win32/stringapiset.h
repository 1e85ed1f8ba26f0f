/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_STRINGAPISET_H
#define LIBCOMM_WIN32_STRINGAPISET_H

/* Conversion between UTF-8 and UTF-16. */

#include <winbase.h>

#endif
