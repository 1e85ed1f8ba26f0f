/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_THREADPOOLLEGACYAPISET_H
#define LIBCOMM_WIN32_THREADPOOLLEGACYAPISET_H

/* QueueUserWorkItem and UnregisterWaitEx. */

#include <winbase.h>

#endif
