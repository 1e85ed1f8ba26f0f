/* SPDX-License-Identifier: MIT */
/* COMMTIMEOUTS: five numbers, eleven cases. */
#include "libcomm/dev/serial/com.h"

#include "libcomm/plat/clock.h"

#define MOST UINT32_MAX              /* MAXDWORD */
#define SHORT_NS (32 * CI_NS_PER_MS) /* twice what FTDI adapters save up for */

static uint64_t ns_of_ms(uint64_t ms)
{
    return ms > CI_NEVER / CI_NS_PER_MS ? CI_NEVER : ms * CI_NS_PER_MS;
}

static uint64_t total_ns(size_t len, uint32_t multiplier, uint32_t constant)
{
    return ns_of_ms((uint64_t)len * multiplier + constant);
}

bool ci_timeouts_valid(const struct ci_timeouts *t)
{
    return t->read_interval != MOST || t->read_multiplier != MOST || t->read_constant != MOST;
}

/* An interval of MAXDWORD is no interval: it says that what is there is enough. */
static void rule_without_interval(struct ci_read_rule *rule, const struct ci_timeouts *t,
                                  size_t len)
{
    if (t->read_constant == MOST)
        return; /* the driver has no timer for this: it waits for all of it */
    rule->takes_what_is_there = true;
    if (t->read_multiplier == MOST) {
        rule->one_byte = true;
        rule->total_ns = ns_of_ms(t->read_constant);
    } else if (t->read_multiplier == 0 && t->read_constant == 0) {
        rule->at_once = true;
    } else {
        rule->total_ns = total_ns(len, t->read_multiplier, t->read_constant);
    }
}

struct ci_read_rule ci_read_rule(const struct ci_timeouts *t, size_t len)
{
    struct ci_read_rule rule = {.total_ns = CI_NEVER, .interval_ns = CI_NEVER};

    if (t->read_interval == MOST) {
        rule_without_interval(&rule, t, len);
        return rule;
    }
    if (t->read_interval != 0)
        rule.interval_ns = ns_of_ms(t->read_interval);
    if (t->read_multiplier != 0 || t->read_constant != 0)
        rule.total_ns = total_ns(len, t->read_multiplier, t->read_constant);
    return rule;
}

bool ci_timeouts_are_short(const struct ci_timeouts *t)
{
    struct ci_read_rule rule = ci_read_rule(t, 1);

    return rule.interval_ns < SHORT_NS || (rule.total_ns > 0 && rule.total_ns < SHORT_NS);
}

uint64_t ci_write_total_ns(const struct ci_timeouts *t, size_t len)
{
    if (t->write_multiplier == 0 && t->write_constant == 0)
        return CI_NEVER;
    return total_ns(len, t->write_multiplier, t->write_constant);
}
