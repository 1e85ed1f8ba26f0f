/* SPDX-License-Identifier: MIT */
/* The way from a test in the guest to the host, which all further tests of the rig rely on. */
#include <string.h>

#include "ask.h"
#include "harness.h"

static void a_request_is_answered(void)
{
    char answer[64];

    CHECK(rig_ask_for(answer, sizeof answer, "lines get A"));
    CHECK(strstr(answer, "dtr=") != NULL);
}

static void one_answer_is_not_taken_for_another(void)
{
    char counted[64], lines[64];

    for (int i = 0; i < 10; i++) {
        CHECK(rig_ask_for(counted, sizeof counted, "count link"));
        CHECK(strspn(counted, "0123456789") == strlen(counted));
        CHECK(rig_ask_for(lines, sizeof lines, "lines get B"));
        CHECK(strstr(lines, "ri=0") != NULL);
    }
}

COMM_TEST_MAIN(TEST(a_request_is_answered), TEST(one_answer_is_not_taken_for_another))
