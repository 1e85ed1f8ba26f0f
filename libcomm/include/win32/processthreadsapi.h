/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_PROCESSTHREADSAPI_H
#define LIBCOMM_WIN32_PROCESSTHREADSAPI_H

/* Threads, thread local storage, the process. */

#include <winbase.h>

#endif
