/* SPDX-License-Identifier: MIT */
/* CreateFile: who opens which names.  Each kind of device registers what it claims; what nobody
 * claims is a path. */
#ifndef CI_DEV_OPEN_H
#define CI_DEV_OPEN_H

#include <stdbool.h>
#include <stdint.h>

#include <libcomm/types.h>

/* One call of CreateFile, checked for what holds for every kind: the disposition, the sharing bits.
 */
struct ci_open {
    const char *name; /* UTF-8, as the program gave it; never NULL or empty */
    uint32_t access;  /* as asked for, with generic bits */
    uint32_t share;   /* FILE_SHARE_* */
    uint32_t disposition;
    uint32_t flags;                      /* FILE_FLAG_* and FILE_ATTRIBUTE_* */
    const SECURITY_ATTRIBUTES *security; /* or NULL */
};

static inline bool ci_open_inherits(const struct ci_open *request)
{
    return request->security != NULL && request->security->bInheritHandle != 0;
}

struct ci_opener {
    /* Whether a name is of this kind, whatever the disk holds. */
    bool (*claims)(const char *name);
    /* A handle, or INVALID_HANDLE_VALUE with the last error set. */
    HANDLE (*open)(const struct ci_open *request);
    const struct ci_opener *next; /* the table's */
};

/* From a constructor, before the program runs; for good. */
void ci_opener_register(struct ci_opener *opener);

/* What is no device's: a path on the disk. */
HANDLE ci_disk_open(const struct ci_open *request);

#endif
