/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_STRSAFE_H
#define LIBCOMM_WIN32_STRSAFE_H

/* The StringCch and StringCb calls. */

#include <windef.h>

#include <libcomm/compat_text.h>

#endif
