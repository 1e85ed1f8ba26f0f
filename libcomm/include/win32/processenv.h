/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_PROCESSENV_H
#define LIBCOMM_WIN32_PROCESSENV_H

/* Environment, command line, current directory, standard handles. */

#include <winbase.h>

#endif
