/* SPDX-License-Identifier: MIT */
/* One try after the other: all line ends at a rate before the next rate, as a change of rate is the
 * slower of the two.  From the second on, a line end goes first, so that what is left of the try
 * before is a line of its own. */
#include "tools/common/finder.h"

#include <string.h>

static const struct {
    const char *eol, *first, *again;
} ends[] = {
    {"\n",   "*IDN?\n",   "\n*IDN?\n"    },
    {"\r",   "*IDN?\r",   "\r*IDN?\r"    },
    {"\r\n", "*IDN?\r\n", "\r\n*IDN?\r\n"},
};
enum { END_COUNT = sizeof(ends) / sizeof(ends[0]) };

void finder_init(struct finder *finder, const uint32_t *rates, size_t rate_count)
{
    *finder = (struct finder){.rates = rates, .rate_count = rate_count};
    finder->state = rate_count > 0 ? FINDER_SEND : FINDER_NONE;
}

void finder_fini(struct finder *finder)
{
    bytes_fini(&finder->received);
    bytes_fini(&finder->answer);
}

uint32_t finder_rate(const struct finder *finder)
{
    size_t rate = finder->tries / END_COUNT;

    return rate < finder->rate_count ? finder->rates[rate] : 0;
}

const char *finder_tx_eol(const struct finder *finder)
{
    return ends[finder->tries % END_COUNT].eol;
}

const char *finder_request(struct finder *finder, uint64_t now_ns, uint32_t *rate)
{
    size_t end = finder->tries % END_COUNT;

    bytes_clear(&finder->received);
    finder->echoes = false;
    finder->state = FINDER_WAIT;
    finder->due_ns = now_ns + FINDER_LIMIT_NS;
    *rate = finder_rate(finder);
    return end == 0 ? ends[end].first : ends[end].again;
}

/* The end of a line at `at`: its length, 0 for none. */
static size_t end_at(const struct bytes *bytes, size_t at)
{
    if (bytes->data[at] == '\r' && at + 1 < bytes->len && bytes->data[at + 1] == '\n')
        return 2;
    return bytes->data[at] == '\r' || bytes->data[at] == '\n' ? 1 : 0;
}

static bool is_echo(const char *line, size_t len)
{
    return len == 5 && memcmp(line, "*IDN?", 5) == 0;
}

/* At the wrong rate there is an answer as well, of a kind. */
static bool is_readable(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)line[i] < 0x20 || (unsigned char)line[i] > 0x7e)
            return false;
    }
    return len >= 2;
}

static void accept_line(struct finder *finder, size_t from, size_t at, size_t end)
{
    const char *eol = finder->received.data + at;

    bytes_clear(&finder->answer);
    bytes_add(&finder->answer, finder->received.data + from, at - from);
    finder->rx_eol = end == 2 ? "\r\n" : end == 0 ? "" : *eol == '\r' ? "\r" : "\n";
    finder->state = FINDER_FOUND;
}

/* Looks for a line that is an answer.  Before the quiet, a CR at the end may be half of an end. */
static void look(struct finder *finder, bool quiet)
{
    const struct bytes *bytes = &finder->received;
    size_t from = 0;

    for (size_t at = 0; at <= bytes->len; at++) {
        size_t end = at < bytes->len ? end_at(bytes, at) : 0;

        if ((at < bytes->len && end == 0) || (at + end == bytes->len && !quiet && end != 2))
            continue;
        if (is_echo(bytes->data + from, at - from))
            finder->echoes = true;
        else if (is_readable(bytes->data + from, at - from)) {
            accept_line(finder, from, at, end);
            return;
        }
        at += end > 0 ? end - 1 : 0;
        from = at + 1;
    }
}

void finder_received(struct finder *finder, const void *data, size_t len, uint64_t at_ns)
{
    if (finder->state != FINDER_WAIT || len == 0)
        return;
    bytes_add(&finder->received, data, len);
    finder->due_ns = at_ns + FINDER_QUIET_NS;
    look(finder, false);
}

enum finder_state finder_time(struct finder *finder, uint64_t now_ns)
{
    if (finder->state != FINDER_WAIT || now_ns < finder->due_ns)
        return finder->state;
    if (finder->received.len > 0)
        look(finder, true);
    if (finder->state != FINDER_WAIT)
        return finder->state;
    finder->tries++;
    finder->state = finder->tries < finder->rate_count * END_COUNT ? FINDER_SEND : FINDER_NONE;
    return finder->state;
}
