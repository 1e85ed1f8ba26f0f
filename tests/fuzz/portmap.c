/* SPDX-License-Identifier: MIT */
/* Files that say which device has which number.  Whatever they say: numbers are positive, targets
 * are texts, and each entry is found by its number. */
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "libcomm/dev/serial/portmap.h"

static void check_entries(const struct ci_portmap *map)
{
    for (const struct ci_list *link = map->entries.next; link != &map->entries; link = link->next) {
        const struct ci_mapping *entry = CI_CONTAINER(link, struct ci_mapping, link);

        FUZZ_MUST(entry->number > 0);
        FUZZ_MUST(entry->target[0] != '\0' && strlen(entry->target) < 1 << 20);
        FUZZ_MUST(ci_mapping_find(&map->entries, entry->number) != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int file = memfd_create("portmap", MFD_CLOEXEC);
    struct ci_portmap map;
    char path[64];

    FUZZ_MUST(file >= 0 && write(file, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    ci_portmap_init(&map);
    FUZZ_MUST(ci_portmap_refresh(&map, path) == 0);
    check_entries(&map);
    ci_mappings_free(&map.entries);
    close(file);
    return 0;
}
