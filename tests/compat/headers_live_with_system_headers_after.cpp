// SPDX-License-Identifier: MIT
// The system's headers first, then windows.h, in C++.
#include "system_headers_cpp.h"

#include <windows.h>

#define TEXT16(quoted) u##quoted
#define WHICH system_first_cpp
extern "C" int system_first_cpp(void);
#include "header_names.h"
