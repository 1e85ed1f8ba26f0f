/* SPDX-License-Identifier: MIT */
/* A kernel tty as a line, by itself: no port around it, and nobody else who would call it. */
#ifndef COMM_TESTS_DEV_LINE_H
#define COMM_TESTS_DEV_LINE_H

#include <poll.h>

#include "harness.h"
#include "libcomm/dev/serial/tty.h"
#include "pty.h"

struct tty_line {
    struct pty pty;
    struct ci_line *line;
    struct ci_settings found;
};

/* With marks in the input, as UARTs have them, or without. */
static inline void line_open(struct tty_line *t, bool marked)
{
    pty_open(&t->pty);
    t->line = NULL;
    if (marked)
        setenv("LIBCOMM_TTY_PARMRK", "1", 1);
    else
        unsetenv("LIBCOMM_TTY_PARMRK");
    CHECK_EQ(ci_tty_open(t->pty.path, &t->line, &t->found), 0);
    unsetenv("LIBCOMM_TTY_PARMRK");
}

static inline void line_shut(struct ci_line *line)
{
    line->ops->close(line, false, 0);
    line->ops->free(line);
}

static inline void line_close(struct tty_line *t)
{
    line_shut(t->line);
    pty_close(&t->pty);
}

/* Receives so many bytes, or fewer if there is an end; gives how many. */
static inline size_t line_receive(struct ci_line *line, uint8_t *to, size_t len, size_t bite)
{
    struct pollfd one = {.fd = line->fd, .events = POLLIN};
    size_t got = 0;
    struct ci_run run;
    int more;

    while (got < len) {
        more = line->ops->next(line, &run);
        if (more < 0 || (more == 0 && !CHECK(poll(&one, 1, 20000) == 1)))
            break;
        if (more == 0)
            continue;
        run.len = run.len > bite ? bite : run.len;
        run.len = run.len > len - got ? len - got : run.len;
        CHECK_EQ(run.bad, 0);
        memcpy(to + got, run.bytes, run.len);
        got += run.len;
        line->ops->took(line, run.len);
    }
    return got;
}

#endif
