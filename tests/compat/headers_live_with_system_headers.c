/* SPDX-License-Identifier: MIT */
/* windows.h before and after some sixty headers of the system, in C and in C++.  Most of the test
 * is that this compiles; what is left to see at run time is that names kept their meaning. */
#include <windows.h>

#include "system_headers.h"

#define TEXT16(quoted) u##quoted
#define WHICH windows_first_c
#include "header_names.h"

#include "harness.h"

int system_first_c(void);
int windows_first_cpp(void);
int system_first_cpp(void);

static const struct {
    const char *when;
    int (*result)(void);
} units[] = {
    {"C, windows.h first",              windows_first_c  },
    {"C, the system's headers first",   system_first_c   },
    {"C++, windows.h first",            windows_first_cpp},
    {"C++, the system's headers first", system_first_cpp },
};

static void windows_h_and_the_systems_headers_leave_each_others_names_alone(void)
{
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        CHECK_EQ_WHEN(units[i].when, units[i].result(), 0);
}

COMM_TEST_MAIN(TEST(windows_h_and_the_systems_headers_leave_each_others_names_alone))
