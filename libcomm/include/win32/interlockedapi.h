/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_INTERLOCKEDAPI_H
#define LIBCOMM_WIN32_INTERLOCKEDAPI_H

/* Interlocked arithmetic. */

#include <winbase.h>

#endif
