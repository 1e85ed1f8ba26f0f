/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_MINWINDEF_H
#define LIBCOMM_WIN32_MINWINDEF_H

/* Scalar types. */

#include <windef.h>

#endif
