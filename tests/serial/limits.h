/* SPDX-License-Identifier: MIT */
/* Knowing that no time limit is running, instead of hoping so after a while: a look at the port's
 * machine, which no public call gives. */
#ifndef COMM_TESTS_SERIAL_LIMITS_H
#define COMM_TESTS_SERIAL_LIMITS_H

#include "libcomm/dev/serial/serial.h"
#include "libcomm/plat/clock.h"
#include "port.h"

/* When the first of the requests under way is over if nothing happens; CI_NEVER. */
static inline uint64_t limit_ns(const struct port *port)
{
    struct ci_serial *s = ci_serial_get(port->near);
    uint64_t at;

    if (!CHECK(s != NULL))
        return 0;
    ci_lock(&s->file.lock);
    at = ci_com_deadline_ns(&s->com);
    ci_unlock(&s->file.lock);
    ci_file_put(&s->file);
    return at;
}

/* Not within a year, at any rate. */
static inline bool is_endless(const struct port *port)
{
    return limit_ns(port) > ci_now_ns() + 365 * 86400ull * 1000 * CI_NS_PER_MS;
}

#endif
