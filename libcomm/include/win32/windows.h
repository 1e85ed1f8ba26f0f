/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_WINDOWS_H
#define LIBCOMM_WIN32_WINDOWS_H

/* libcomm under the name ported sources include.  Windows' header brings these C headers along, and
 * sources lean on that.  WIN32_LEAN_AND_MEAN and the version macros change nothing. */

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include <winbase.h>
#include <winerror.h>

#endif
