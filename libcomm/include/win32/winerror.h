/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_WINERROR_H
#define LIBCOMM_WIN32_WINERROR_H

/* Error codes and HRESULTs. */

#include <libcomm/compat_text.h>
#include <libcomm/types.h>

#endif
