/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_BASETSD_H
#define LIBCOMM_WIN32_BASETSD_H

/* Integers of pointer size. */

#include <windef.h>

#endif
