/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_SYNCHAPI_H
#define LIBCOMM_WIN32_SYNCHAPI_H

/* Events, mutexes, semaphores, timers, waits, critical sections and their like. */

#include <winbase.h>

#endif
