/* SPDX-License-Identifier: MIT */
/* The machine's beginning and end. */
#include "libcomm/dev/serial/com.h"

#include <errno.h>

#include "libcomm/dev/serial/com_part.h"
#include "libcomm/plat/sys.h"

int ci_com_init(struct ci_com *com, const struct ci_settings *settings, uint32_t rx_size)
{
    com->rx.byte = ci_sys_alloc(rx_size);
    com->rx.stamp = ci_sys_alloc(CI_STAMPS * sizeof *com->rx.stamp);
    if (com->rx.byte == NULL || com->rx.stamp == NULL) {
        ci_com_fini(com);
        return -ENOMEM;
    }
    com->rx.size = rx_size;
    ci_com_set(com, settings); /* from DTR and RTS disabled to whatever they are to be */
    return 0;
}

void ci_com_fini(struct ci_com *com)
{
    ci_sys_free(com->rx.byte);
    ci_sys_free(com->rx.stamp);
    com->rx.byte = NULL;
    com->rx.stamp = NULL;
}
