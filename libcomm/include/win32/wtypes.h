/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_WTYPES_H
#define LIBCOMM_WIN32_WTYPES_H

/* Scalar types. */

#include <windef.h>

#endif
