/* SPDX-License-Identifier: MIT */
/* Paths of pipes.  What is a name leads to a file in the directory and nowhere else, and to the
 * same one when its own spelling is parsed again. */
#include "fuzz.h"

#include <ctype.h>

#include "pipes/name.h"

static void check_key(const char *key)
{
    FUZZ_MUST(key[0] != '\0' && key[0] != '.' && strlen(key) < PI_KEY_ROOM);
    for (; *key != '\0'; key++)
        FUZZ_MUST(islower((unsigned char)*key) || isdigit((unsigned char)*key) ||
                  strchr("_-.%~ABCDEF", *key) != NULL);
}

static void check_parse(const char *path)
{
    struct pi_name name, again;
    char spelled[sizeof name.spelled + 16];

    if (pi_name_parse(path, &name) != PI_NAME_GOOD)
        return;
    FUZZ_MUST(name.spelled[0] != '\0' && strlen(name.spelled) < PI_NAME_ROOM);
    check_key(name.key);
    snprintf(spelled, sizeof spelled, "\\\\?\\pipe\\%s", name.spelled);
    FUZZ_MUST(pi_name_parse(spelled, &again) == PI_NAME_GOOD);
    FUZZ_MUST(strcmp(name.key, again.key) == 0);
}

/* As it is, and behind each prefix, since few bytes begin with one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const prefixes[] = {"", "\\\\.\\pipe\\", "\\\\?\\pipe\\", "//./PIPE/"};
    char *text = fuzz_string(data, size), *path = malloc(size + 16);

    FUZZ_MUST(path != NULL);
    for (unsigned i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        sprintf(path, "%s%s", prefixes[i], text);
        (void)pi_name_claims(path);
        check_parse(path);
    }
    free(text);
    free(path);
    return 0;
}
