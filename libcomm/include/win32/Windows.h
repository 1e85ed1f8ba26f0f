/* SPDX-License-Identifier: MIT */
/* As many sources spell it; on Windows case makes no difference. */
#include <windows.h>
