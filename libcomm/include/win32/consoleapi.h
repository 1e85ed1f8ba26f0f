/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_CONSOLEAPI_H
#define LIBCOMM_WIN32_CONSOLEAPI_H

/* SetConsoleCtrlHandler. */

#include <winbase.h>

#endif
