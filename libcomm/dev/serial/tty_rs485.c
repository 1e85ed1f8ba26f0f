/* SPDX-License-Identifier: MIT */
/* RS-485: drivers that switch RTS with each transmission, to the bit.  Where there is one, it does
 * what a DCB calls RTS_CONTROL_TOGGLE better than any program. */
#include <string.h>

#include "libcomm/dev/serial/tty_line.h"
#include "libcomm/plat/sys_tty.h"

static void to_kernel(struct serial_rs485 *to, const struct ci_rs485 *from)
{
    memset(to, 0, sizeof *to);
    to->flags = (from->enabled ? SER_RS485_ENABLED : 0) |
                (from->rts_on_send ? SER_RS485_RTS_ON_SEND : 0) |
                (from->rts_after_send ? SER_RS485_RTS_AFTER_SEND : 0) |
                (from->receives_own ? SER_RS485_RX_DURING_TX : 0) |
                (from->terminates ? SER_RS485_TERMINATE_BUS : 0);
    to->delay_rts_before_send = from->before_ms;
    to->delay_rts_after_send = from->after_ms;
}

static void from_kernel(struct ci_rs485 *to, const struct serial_rs485 *from)
{
    *to = (struct ci_rs485){
        .enabled = (from->flags & SER_RS485_ENABLED) != 0,
        .rts_on_send = (from->flags & SER_RS485_RTS_ON_SEND) != 0,
        .rts_after_send = (from->flags & SER_RS485_RTS_AFTER_SEND) != 0,
        .receives_own = (from->flags & SER_RS485_RX_DURING_TX) != 0,
        .terminates = (from->flags & SER_RS485_TERMINATE_BUS) != 0,
        .before_ms = from->delay_rts_before_send,
        .after_ms = from->delay_rts_after_send,
    };
}

/* The first change keeps what was there. */
int ci_tty_rs485(struct ci_line *line, const struct ci_rs485 *wanted, struct ci_rs485 *granted)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);
    struct serial_rs485 set;
    int error = line->fd < 0 ? -EIO : 0;

    if (error == 0 && !tty->rs485_changed)
        error = ci_sys_tty_rs485_get(line->fd, &tty->rs485_saved);
    to_kernel(&set, wanted);
    if (error == 0)
        error = ci_sys_tty_rs485_set(line->fd, &set);
    if (error != 0)
        return error == -ENOTTY ? -ENOTSUP : ci_tty_error(error);
    tty->rs485_changed = true;
    if (granted != NULL)
        from_kernel(granted, &set);
    return 0;
}

bool ci_tty_toggles(const struct ci_line *line)
{
    return ci_tty_line_of_const(line)->toggling;
}

void ci_tty_toggle(struct ci_tty_line *tty, const struct ci_settings *settings)
{
    bool on = (settings->flow & SERIAL_RTS_MASK) == SERIAL_TRANSMIT_TOGGLE;
    struct ci_rs485 wanted = {.enabled = on, .rts_on_send = on, .receives_own = on}, granted;

    if (on == tty->toggling || tty->pty)
        return;
    tty->toggling = ci_tty_rs485(&tty->line, &wanted, &granted) == 0 && granted.enabled;
}

void ci_tty_rs485_restore(struct ci_tty_line *tty)
{
    if (tty->rs485_changed)
        ci_sys_tty_rs485_set(tty->line.fd, &tty->rs485_saved);
    tty->rs485_changed = tty->toggling = false;
}
