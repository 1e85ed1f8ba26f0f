/* SPDX-License-Identifier: MIT */
/* Whatever line end and rate an instrument wants, asking it finds them, and nothing else is taken
 * for an answer. */
#include "tools/common/finder.h"

#include "harness.h"

#include <stdio.h>
#include <string.h>

static const uint32_t rates[] = {9600, 115200};

/* An instrument, and how it hears and speaks. */
struct instrument {
    const char *when;
    uint32_t rate;
    const char *wants, *ends; /* lines end with, answers end with */
    bool echoes;
    const char *answer;
    bool found;
};

/* What it says to some bytes at a rate. */
static size_t respond(const struct instrument *it, uint32_t rate, const char *sent, char *out,
                      size_t room)
{
    char line[64];

    out[0] = '\0';
    if (rate != it->rate)
        return (size_t)snprintf(out, room, "\xf8\x80\x1e\xff");
    snprintf(line, sizeof(line), "*IDN?%s", it->wants);
    if (it->echoes)
        snprintf(out, room, "%s", sent);
    if (strstr(sent, line) != NULL)
        snprintf(out + strlen(out), room - strlen(out), "%s%s", it->answer, it->ends);
    return strlen(out);
}

static void any_end_at_any_rate_is_found(void)
{
    static const struct instrument instruments[] = {
        {"LF",            9600,   "\n",   "\n",   false, "Seed,psu,1,2", true },
        {"CR",            9600,   "\r",   "\r",   false, "Seed,psu,1,2", true },
        {"CRLF",          115200, "\r\n", "\r\n", false, "Seed,psu,1,2", true },
        {"other ends",    115200, "\r",   "\r\n", false, "Seed,psu,1,2", true },
        {"no end at all", 9600,   "\n",   "",     false, "Seed,psu,1,2", true },
        {"an echo",       115200, "\r",   "\n",   true,  "Seed,psu,1,2", true },
        {"nobody",        4800,   "\r",   "\n",   false, "Seed,psu,1,2", false},
        {"only an echo",  9600,   "?",    "\n",   true,  "Seed,psu,1,2", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(instruments) * 2; i++) {
        const struct instrument *it = &instruments[i / 2];
        struct finder finder;
        uint64_t now_ns = 0;
        int tries = 0;

        finder_init(&finder, rates, ARRAY_LEN(rates));
        while (finder_time(&finder, now_ns) == FINDER_SEND) {
            uint32_t rate;
            const char *sent = finder_request(&finder, now_ns, &rate);
            char said[128];
            size_t len = respond(it, rate, sent, said, sizeof(said));

            tries++;
            for (size_t at = 0; at < len; at += i & 1 ? 1 : len)
                finder_received(&finder, said + at, i & 1 ? 1 : len, now_ns);
            now_ns = finder.due_ns;
        }
        CHECK_EQ_WHEN(it->when, finder.state, it->found ? FINDER_FOUND : FINDER_NONE);
        CHECK(tries <= 6);
        if (it->found && finder.state == FINDER_FOUND) {
            CHECK_EQ_WHEN(it->when, finder_rate(&finder), it->rate);
            CHECK_EQ_WHEN(it->when, strcmp(finder.rx_eol, it->ends), 0);
            CHECK_EQ_WHEN(it->when, strcmp(finder.answer.data, it->answer), 0);
            CHECK_EQ_WHEN(it->when, finder.echoes, it->echoes);
            CHECK(strstr(finder_tx_eol(&finder), it->wants) != NULL);
        }
        finder_fini(&finder);
    }
}

COMM_TEST_MAIN(TEST(any_end_at_any_rate_is_found))
