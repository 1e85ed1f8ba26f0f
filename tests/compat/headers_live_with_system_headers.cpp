// SPDX-License-Identifier: MIT
// windows.h first, then the system's headers, in C++.
#include <windows.h>

#include "system_headers_cpp.h"

#define TEXT16(quoted) u##quoted
#define WHICH windows_first_cpp
extern "C" int windows_first_cpp(void);
#include "header_names.h"
