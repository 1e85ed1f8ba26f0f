/* SPDX-License-Identifier: MIT */
/* Adapters that save up what they receive, for 16 ms if nobody objects.  The flag of the serial
 * core is asked first, since it needs no rights; some drivers have an attribute instead. */
#include <fcntl.h>
#include <linux/tty_flags.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "libcomm/dev/serial/tty_line.h"
#include "libcomm/dev/serial/ttys.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_tty.h"

static bool flag_get(struct ci_tty_line *tty, struct serial_struct *serial)
{
    memset(serial, 0, sizeof *serial);
    return ci_sys_tty_serial_get(tty->line.fd, serial) == 0;
}

/* Drivers that know no such flag take it and forget it. */
static bool flag_set(struct ci_tty_line *tty, bool on)
{
    struct serial_struct serial;

    if (!flag_get(tty, &serial))
        return false;
    serial.flags &= ~(int)ASYNC_LOW_LATENCY;
    serial.flags |= on ? (int)ASYNC_LOW_LATENCY : 0;
    return ci_sys_tty_serial_set(tty->line.fd, &serial) == 0 && flag_get(tty, &serial) &&
           ((serial.flags & (int)ASYNC_LOW_LATENCY) != 0) == on;
}

static int attribute_open(const struct ci_tty_line *tty, int flags)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/dev/char/%u:%u/device/latency_timer", ci_roots.sys,
             major(tty->device), minor(tty->device));
    return ci_sys_open(path, flags, 0);
}

static bool attribute_write(const struct ci_tty_line *tty, const char *ms)
{
    int fd = attribute_open(tty, O_WRONLY);
    bool written;

    if (fd < 0)
        return false;
    written = ci_sys_write(fd, ms, strlen(ms)) > 0;
    ci_sys_close(fd);
    return written;
}

static bool attribute_read(const struct ci_tty_line *tty, char text[TTY_LATENCY_TEXT])
{
    int fd = attribute_open(tty, O_RDONLY);
    ssize_t len;

    if (fd < 0)
        return false;
    len = ci_sys_read(fd, text, TTY_LATENCY_TEXT - 1);
    ci_sys_close(fd);
    text[len > 0 ? len : 0] = '\0';
    return len > 0;
}

uint64_t ci_tty_latency_ns(const struct ci_tty_line *tty)
{
    char text[TTY_LATENCY_TEXT];

    return attribute_read(tty, text) ? strtoul(text, NULL, 10) * CI_NS_PER_MS : 0;
}

static int hurry(struct ci_tty_line *tty)
{
    struct serial_struct serial;

    if (tty->pty || tty->latency != TTY_AS_IT_WAS)
        return 0; /* a pty waits for nothing */
    if (flag_get(tty, &serial) && (serial.flags & (int)ASYNC_LOW_LATENCY) != 0)
        return 0;
    if (flag_set(tty, true))
        tty->latency = TTY_BY_FLAG;
    else if (attribute_read(tty, tty->latency_saved) && attribute_write(tty, "1"))
        tty->latency = TTY_BY_ATTRIBUTE;
    return tty->latency != TTY_AS_IT_WAS ? 0 : -ENOTSUP;
}

static void relax(struct ci_tty_line *tty)
{
    if (tty->latency == TTY_BY_FLAG)
        flag_set(tty, false);
    else if (tty->latency == TTY_BY_ATTRIBUTE)
        attribute_write(tty, tty->latency_saved);
    tty->latency = TTY_AS_IT_WAS;
}

static int settle(struct ci_tty_line *tty)
{
    if (tty->hurry_asked || tty->hurry_needed)
        return hurry(tty);
    relax(tty);
    return 0;
}

int ci_tty_low_latency(struct ci_line *line, bool on)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);

    if (tty->line.fd < 0)
        return -EIO;
    tty->hurry_asked = on;
    return settle(tty);
}

/* Only where there is a timer to be shortened: elsewhere the flag has effects of its own, which
 * nobody asked for. */
void ci_tty_hurry(struct ci_line *line, bool on)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);

    if (tty->line.fd < 0 || tty->status_ns == 0)
        return;
    tty->hurry_needed = on;
    (void)settle(tty);
}

void ci_tty_latency_restore(struct ci_tty_line *tty)
{
    tty->hurry_asked = tty->hurry_needed = false;
    relax(tty);
}
