/* SPDX-License-Identifier: MIT */
#ifndef PI_VISITOR_H
#define PI_VISITOR_H

struct pi_name;

/* Somebody has come in through the control door of a pipe: what he asks is answered, by the
 * engine's thread.  Takes fd over in any case. */
void pi_visitor_new(int fd, const struct pi_name *name);
/* Descriptors are short: those who have come in and said nothing for longest are sent away. */
void pi_visitors_press(void);

#endif
