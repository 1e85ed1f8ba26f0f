/* SPDX-License-Identifier: MIT */
/* Debug builds only: which OVERLAPPED structures are in use.  Two pending operations on one
 * structure work as far as they can, but no program that does that is right, so it is named with
 * the call that did it. */
#ifndef CI_OP_LIVE_H
#define CI_OP_LIVE_H

#include "libcomm/op/op.h"

#ifdef NDEBUG
static inline void ci_live_add(struct ci_op *op)
{
    (void)op;
}
static inline void ci_live_remove(struct ci_op *op)
{
    (void)op;
}
static inline void ci_live_forget(void)
{
}
#else
/* The file's lock is held in both. */
void ci_live_add(struct ci_op *op);
void ci_live_remove(struct ci_op *op);
void ci_live_forget(void);
#endif

/* "ReadFile" and so on: what a program called to make this operation. */
const char *ci_op_name(const struct ci_op *op);

#endif
