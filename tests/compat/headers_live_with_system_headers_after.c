/* SPDX-License-Identifier: MIT */
/* The system's headers first, then windows.h, in C. */
#include "system_headers.h"

#include <windows.h>

#define TEXT16(quoted) u##quoted
#define WHICH system_first_c
#include "header_names.h"
