/* SPDX-License-Identifier: MIT */
/* Takes apart what a tty with PARMRK gives: FF FF is one FF, FF 00 xx is a byte xx that came
 * damaged, or a break.  It looks for FF and leaves the rest alone, so clean bytes are found where
 * they were read and cost nothing each. */
#ifndef CI_DEV_SERIAL_PARMRK_H
#define CI_DEV_SERIAL_PARMRK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ci_parmrk_state {
    CI_PARMRK_START,       /* -> AFTER_FF by a lone FF */
    CI_PARMRK_AFTER_FF,    /* -> AFTER_FF_00 by 00, -> START by anything else, which is taken */
    CI_PARMRK_AFTER_FF_00, /* -> START by anything, once it is taken */
};

struct ci_parmrk {
    const uint8_t *at, *end; /* of what was fed and is not taken yet */
    size_t escapes;          /* raw bytes behind the run that go with its last byte */
    enum ci_parmrk_state state;
    bool marked; /* there are marks in it; else every byte is itself */
};

struct ci_parmrk_run {
    const uint8_t *bytes; /* in what was fed */
    size_t len;
    bool damaged; /* then len is 1 */
};

/* Forgets what was fed and half a mark with it. */
void ci_parmrk_reset(struct ci_parmrk *decoder, bool marked);
/* More input, once next() has said that there is none; it stays where it is until the same again.
 */
void ci_parmrk_feed(struct ci_parmrk *decoder, const void *raw, size_t len);
/* The next run; the same one again until it is taken.  false: none without more input. */
bool ci_parmrk_next(struct ci_parmrk *decoder, struct ci_parmrk_run *run);
/* So much of the run that next() gave is done with. */
void ci_parmrk_took(struct ci_parmrk *decoder, const struct ci_parmrk_run *run, size_t len);

#endif
