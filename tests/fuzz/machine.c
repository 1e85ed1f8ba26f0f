/* SPDX-License-Identifier: MIT */
/* A port's machine and whatever its user calls. */
#include "fuzz.h"

#include "tests/dev/machine_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *wrong = machine_fuzz(data, size);

    if (wrong != NULL) {
        fprintf(stderr, "not %s\n", wrong);
        abort();
    }
    return 0;
}
