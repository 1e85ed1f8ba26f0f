/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_IOAPISET_H
#define LIBCOMM_WIN32_IOAPISET_H

/* Overlapped results, cancellation, completion ports. */

#include <winbase.h>

#endif
