/* SPDX-License-Identifier: MIT */
/* Where in the file system a pipe or socket will appear that is not there yet, watched. */
#ifndef TOOLS_PLACE_H
#define TOOLS_PLACE_H

#include "tools/common/watch.h"

struct tool_place {
    struct tool_watch watch;
    int fd; /* of inotify; -1: not watching */
    char directory[512];
    void (*changed)(struct tool_place *place);
    void *owner; /* the user's */
};

/* `name` is that of an endpoint; false for those that are not files, and when nothing can be
 * watched. */
bool tool_place_init(struct tool_place *place, struct tool_loop *loop, const char *name,
                     void (*changed)(struct tool_place *place), void *owner);
/* Calls `changed` once, after something came to the directory, or to the one it will be made in.
 * Look whether it is there after this and before the loop goes on, and nothing is missed. */
void tool_place_next(struct tool_place *place);
/* As tool_watch_close. */
void tool_place_close(struct tool_place *place);

#endif
