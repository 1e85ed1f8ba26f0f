/* SPDX-License-Identifier: MIT */
/* What happened: events latched for whoever waits, errors kept until they are asked for. */
#include "libcomm/dev/serial/com_part.h"

/* Only what is asked for at this moment is latched. */
void ci_com_record(struct ci_com *com, uint32_t events)
{
    com->history |= events & com->mask;
}

void ci_com_error(struct ci_com *com, uint32_t errors)
{
    com->errors |= errors;
    if ((com->set.control & SERIAL_ERROR_ABORT) != 0)
        com->aborted = com->abort = true;
}

static void tell(struct ci_com *com, uint32_t news)
{
    com->waiting = false;
    com->told = true;
    com->news = news;
}

void ci_com_tell(struct ci_com *com)
{
    if (!com->waiting || com->history == 0)
        return;
    tell(com, com->history);
    com->history = 0;
}

void ci_com_mask(struct ci_com *com, uint32_t mask)
{
    if (com->waiting)
        tell(com, 0);
    com->history &= mask;
    com->mask = mask;
    ci_com_filter_make(com);
}

bool ci_com_wait(struct ci_com *com, uint32_t *events)
{
    if (com->history != 0) {
        *events = com->history;
        com->history = 0;
        return true;
    }
    com->waiting = true;
    com->told = false;
    com->emptied = false;
    return false;
}

void ci_com_wait_stop(struct ci_com *com)
{
    com->waiting = com->told = false;
}

uint32_t ci_com_errors(struct ci_com *com)
{
    uint32_t errors = com->errors;

    com->errors = 0;
    com->aborted = false;
    return errors;
}
