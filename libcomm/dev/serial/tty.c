/* SPDX-License-Identifier: MIT */
/* The life of a kernel tty as a line: open, claimed and raw, and put back as it was.  A tty keeps
 * its settings for the next user, so what is changed here is changed for others too. */
#include "libcomm/dev/serial/tty_line.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "libcomm/plat/clock.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_tty.h"

/* ---- closing ---- */

static void sleep_ns(uint64_t ns)
{
    ci_sys_poll(NULL, 0, ns);
}

/* Until everything left, as long as that is worth waiting for. */
static void drain(struct ci_tty_line *tty, uint64_t deadline_ns)
{
    uint64_t step = tty->char_ns < CI_NS_PER_MS ? CI_NS_PER_MS : tty->char_ns;

    while (!ci_tty_idle(&tty->line)) {
        uint64_t left = ci_left_ns(deadline_ns, ci_now_ns());

        if (left == 0)
            return;
        sleep_ns(step < left ? step : left);
    }
}

/* As serial.sys ends: no break, nothing half sent, a peer that is not held, and then silence before
 * DTR and RTS fall.  What was not sent is given up first, lest close() wait for it behind a dead
 * CTS. */
static void fall_silent(struct ci_tty_line *tty, bool xon, uint64_t patience_ns)
{
    uint64_t deadline = ci_add_ns(ci_now_ns(), patience_ns), left;

    if (tty->breaking)
        ci_tty_set_break(&tty->line, false);
    ci_tty_drop_output(&tty->line);
    ci_tty_hold(&tty->line, false);
    if (tty->pty) {
        if (xon)
            ci_tty_send_flow(&tty->line, tty->settings.chars.xon, false);
        return;
    }
    drain(tty, deadline);
    if (xon && ci_tty_send_flow(&tty->line, tty->settings.chars.xon, false) == 0)
        drain(tty, deadline);
    left = ci_left_ns(deadline, ci_now_ns());
    sleep_ns(10 * tty->char_ns < left ? 10 * tty->char_ns : left);
    ci_tty_drop_output(&tty->line);
    ci_tty_set_outputs(&tty->line, (CI_OUT_DTR | CI_OUT_RTS) & ~tty->keep, 0);
}

static void let_go(struct ci_tty_line *tty)
{
    int fd = tty->line.fd;

    if (fd < 0)
        return;
    ci_claim_give(&tty->claim, fd);
    tty->line.fd = -1;
    ci_sys_close(fd);
}

/* At once: while somebody has the device open, it comes back under another name.  A claim would
 * keep it from whoever opens it then. */
static void tty_lost(struct ci_line *line)
{
    ci_tty_watch(line, false);
    let_go(ci_tty_line_of(line));
    ci_tty_drop_input(line);
}

/* Nobody watches the descriptor any more. */
static void tty_close(struct ci_line *line, bool xon, uint64_t patience_ns)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);

    ci_tty_watch(line, false);
    if (line->fd >= 0 && !tty->inherited) {
        fall_silent(tty, xon, patience_ns);
        ci_tty_rs485_restore(tty);
        ci_tty_latency_restore(tty);
        ci_tty_settings_restore(tty);
    }
    let_go(tty);
}

static void tty_free(struct ci_line *line)
{
    ci_sys_free(line);
}

static void tty_forked(struct ci_line *line)
{
    ci_tty_line_of(line)->inherited = true;
    ci_tty_watch_forget(ci_tty_line_of(line));
}

static void tty_interest(struct ci_line *line, bool out, struct ci_want *want)
{
    if (line->fd < 0)
        return;
    want->on[want->count].source = &line->file->pump.source[0];
    want->on[want->count++].events = EPOLLIN | (out ? (uint32_t)EPOLLOUT : 0);
}

/* ---- opening ---- */

/* A read that finds nothing waits for the kernel's worker first, and costs as much as one that
 * finds something.  Less than the 125 us at which USB delivers, more than a loop takes from one
 * call to the next. */
#define FRESH_NS (50u * 1000)

static const struct ci_line_ops tty_ops = {
    .next = ci_tty_next,
    .fresh_ns = FRESH_NS,
    .took = ci_tty_took,
    .drop_input = ci_tty_drop_input,
    .send = ci_tty_send,
    .unsent = ci_tty_unsent,
    .idle = ci_tty_idle,
    .window = ci_tty_window,
    .drop_output = ci_tty_drop_output,
    .send_flow = ci_tty_send_flow,
    .passes = ci_tty_passes,
    .hold = ci_tty_hold,
    .configure = ci_tty_configure,
    .set_outputs = ci_tty_set_outputs,
    .set_break = ci_tty_set_break,
    .toggles = ci_tty_toggles,
    .inputs = ci_tty_inputs,
    .poll_ns = ci_tty_poll_ns,
    .watch = ci_tty_watch,
    .hurry = ci_tty_hurry,
    .interest = tty_interest,
    .lost = tty_lost,
    .close = tty_close,
    .free = tty_free,
    .forked = tty_forked,
};

/* Slaves of ptys, new and old. */
static bool device_is_pty(uint64_t device)
{
    unsigned number = major(device);

    return (number >= 136 && number <= 143) || number == 3;
}

/* Opening some devices does something, so only what may be a tty is opened. */
static int device_open(struct ci_tty_line *tty, const char *path)
{
    struct stat st;
    int error = ci_sys_stat(path, &st);

    if (error != 0)
        return error;
    if (!S_ISCHR(st.st_mode))
        return -ENOTTY;
    tty->line.fd = ci_sys_open(path, O_RDWR | O_NONBLOCK, 0);
    if (tty->line.fd < 0)
        return tty->line.fd;
    error = ci_sys_fstat(tty->line.fd, &st);
    if (error != 0)
        return error;
    tty->device = st.st_rdev;
    tty->pty = device_is_pty(st.st_rdev);
    error = ci_sys_tty_get(tty->line.fd, &tty->saved);
    return error == -EINVAL ? -ENOTTY : error;
}

/* Marks cost, and a pty has none; the variable is for tests, which have only ptys. */
static bool marks_wanted(const struct ci_tty_line *tty)
{
    const char *wish = getenv("LIBCOMM_TTY_PARMRK");

    return !tty->pty || (wish != NULL && strcmp(wish, "1") == 0);
}

/* The variable is for tests of what is done without. */
static bool watch_wanted(const struct ci_tty_line *tty)
{
    const char *wish = getenv("LIBCOMM_TTY_MIWAIT");

    return !tty->pty && (wish == NULL || strcmp(wish, "0") != 0);
}

static int device_prepare(struct ci_tty_line *tty)
{
    int error = ci_tty_make_raw(tty, marks_wanted(tty));

    if (error != 0)
        return error;
    ci_tty_io_init(tty);
    ci_tty_lines_init(tty);
    tty->may_watch = watch_wanted(tty);
    return 0;
}

static struct ci_tty_line *tty_new(void)
{
    struct ci_tty_line *tty = ci_sys_alloc(sizeof *tty);

    if (tty == NULL)
        return NULL;
    tty->line.ops = &tty_ops;
    tty->line.fd = -1;
    return tty;
}

int ci_tty_open(const char *path, struct ci_line **line, struct ci_settings *found)
{
    struct ci_tty_line *tty = tty_new();
    int error;

    if (tty == NULL)
        return -ENOMEM;
    error = device_open(tty, path);
    if (error == 0)
        error = ci_claim_take(&tty->claim, tty->line.fd, tty->device, tty->pty);
    if (error == 0) {
        error = device_prepare(tty);
        if (error != 0)
            ci_claim_give(&tty->claim, tty->line.fd);
    }
    if (error != 0) {
        if (tty->line.fd >= 0)
            ci_sys_close(tty->line.fd);
        ci_sys_free(tty);
        return error;
    }
    ci_tty_found(tty, found);
    tty->settings = *found;
    tty->char_ns = ci_settings_char_ns(found);
    *line = &tty->line;
    return 0;
}
