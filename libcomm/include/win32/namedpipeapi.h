/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_NAMEDPIPEAPI_H
#define LIBCOMM_WIN32_NAMEDPIPEAPI_H

#include <winbase.h>

#endif
