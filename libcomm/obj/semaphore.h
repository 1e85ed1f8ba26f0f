/* SPDX-License-Identifier: MIT */
/* Semaphores: a count between zero and a maximum; a wait takes one. */
#ifndef CI_OBJ_SEMAPHORE_H
#define CI_OBJ_SEMAPHORE_H

#include "libcomm/obj/object.h"

extern const struct ci_obj_ops ci_semaphore_ops;
struct ci_semaphore_release {
    int32_t add;
    int32_t before; /* out: the count before */
};
/* `arg` is a struct ci_semaphore_release, or NULL for one.  ERROR_TOO_MANY_POSTS changes nothing.
 */
ci_raise ci_semaphore_raise;

#endif
