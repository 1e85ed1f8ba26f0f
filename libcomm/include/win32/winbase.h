/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_WINBASE_H
#define LIBCOMM_WIN32_WINBASE_H

/* The calls themselves, all of them; the headers that Windows splits them into include this one. */

#include <libcomm/comm.h>
#include <libcomm/compat.h>
#include <libcomm/compat_crt.h>
#include <libcomm/pipes.h>
#include <libcomm/serial.h>
#include <winnt.h>

#endif
