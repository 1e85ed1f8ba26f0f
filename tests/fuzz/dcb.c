/* SPDX-License-Identifier: MIT */
/* Strings as BuildCommDCB takes them.  What it refuses it leaves alone; what it takes it takes the
 * same way again. */
#include "fuzz.h"

#include <libcomm/serial.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_string(data, size);
    DCB dcb, again, untouched;
    COMMTIMEOUTS timeouts;

    memset(&dcb, 0xA5, sizeof dcb);
    dcb.DCBlength = sizeof dcb;
    untouched = again = dcb;
    if (BuildCommDCBA(text, &dcb)) {
        FUZZ_MUST(BuildCommDCBA(text, &again));
        FUZZ_MUST(memcmp(&dcb, &again, sizeof dcb) == 0);
    } else {
        FUZZ_MUST(memcmp(&dcb, &untouched, sizeof dcb) == 0);
    }
    dcb = untouched;
    memset(&timeouts, 0xA5, sizeof timeouts);
    (void)BuildCommDCBAndTimeoutsA(text, &dcb, &timeouts);
    free(text);
    return 0;
}
