/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_PROCESS_H
#define LIBCOMM_WIN32_PROCESS_H

/* _beginthreadex, _endthreadex, _beginthread, _endthread. */

#include <unistd.h>

#include <libcomm/compat_crt.h>
#include <windef.h>

#define _getpid getpid

#endif
