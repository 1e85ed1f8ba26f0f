/* SPDX-License-Identifier: MIT */
/* How other processes reach a pipe that this one owns: the files of its name.
 *
 *   D/KEY:lock  a record lock held for life: who has it is the owner
 *   D/KEY:ctl   the control door, for programs with this library
 *   D/KEY       the raw door, for all others; open only while an instance listens
 *   TMP/CoreFxPipe_NAME -> D/KEY, where .NET programs look */
#ifndef PI_DOOR_H
#define PI_DOOR_H

#include <stdbool.h>
#include <stdint.h>

#include "pipes/dir.h"

struct pi_doors;
struct pi_create;
struct pi_name;

/* Becomes the name's owner in the directory that is asked for; ask->mode says who may write to the
 * doors, and so open the pipe.
 * ERROR_PIPE_BUSY: another process is the owner. */
uint32_t pi_doors_new(const struct pi_name *name, bool message, const struct pi_create *ask,
                      struct pi_doors **made);
/* Notes how many instances are in other processes, of which one takes over if this one dies. */
void pi_doors_note(struct pi_doors *doors, uint32_t elsewhere);
/* Whether a name that nobody serves may be served in a moment: an owner is just coming or going, or
 * one has died that had instances elsewhere.  Never while this process may become its owner: who
 * closes a lock's file gives the lock up. */
bool pi_doors_return(enum pi_dir where, const char *key);
/* The raw door, while an instance listens. */
void pi_doors_open(struct pi_doors *doors, bool open);
/* The files go; what comes in afterwards finds nothing. */
void pi_doors_close(struct pi_doors *doors);
void pi_doors_put(struct pi_doors *doors);
/* In a forked child: they are the parent's. */
void pi_doors_forget(struct pi_doors *doors);

#endif
