/* SPDX-License-Identifier: MIT */
/* What to call a USB port.  Where libserialport was there when this was built it is asked, so that
 * programs agree on the words; else, and for what it does not know, what sysfs says stands. */
#ifndef CI_DEV_SERIAL_LABELS_H
#define CI_DEV_SERIAL_LABELS_H

#include <libcomm/native.h>

struct ci_tty;

/* Description, ids and names in *info, for any tty. */
void ci_labels_put(const struct ci_tty *tty, COMM_PORT_INFO *info);

#endif
