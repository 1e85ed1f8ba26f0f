/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_WINNLS_H
#define LIBCOMM_WIN32_WINNLS_H

/* Code pages and conversion. */

#include <winbase.h>

#endif
