/* SPDX-License-Identifier: MIT */
#include "door.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WORDS 4u

int door_open(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = DOOR_PATH};
    int door = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (door < 0)
        return -errno;
    unlink(DOOR_PATH);
    if (bind(door, (const struct sockaddr *)&address, sizeof address) != 0)
        return -errno;
    return door;
}

struct request {
    const char *word[WORDS]; /* "" when there are fewer */
    struct cable *cable;
    struct adapter *adapter;
    unsigned end;
    uint64_t now_ns;
    char *answer; /* what follows OK */
    size_t room;
};

struct named {
    const char *name;
    unsigned value;
};

static bool look_up(const struct named *names, size_t count, const char *name, unsigned *value)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i].name, name) == 0) {
            *value = names[i].value;
            return true;
        }
    return false;
}

/* ---- verbs: each true when it did what was asked ---- */

static bool get(struct request *r)
{
    const struct chip *chip = &r->adapter->chip;

    snprintf(r->answer, r->room,
             "plugged %d baud %u bits %u parity %d stop %d dtr %d rts %d break %d flow %u "
             "latency %u stopped %d tx %zu rx %zu empty %d sent %lu",
             r->adapter->fd >= 0, chip_baud(chip), chip->bits, (int)chip->parity, (int)chip->stop,
             chip->dtr, chip->rts, chip->breaking, chip->flow, chip->latency_ms, chip->stopped,
             chip->tx_len, chip->rx_len, chip_is_empty(chip), chip->sent);
    return true;
}

static bool plug(struct request *r)
{
    return adapter_plug(r->cable, r->end) == 0;
}

static bool unplug(struct request *r)
{
    adapter_unplug(r->adapter);
    return true;
}

static bool name(struct request *r)
{
    if (r->adapter->fd >= 0 || strlen(r->word[2]) >= sizeof r->adapter->serial)
        return false;
    snprintf(r->adapter->serial, sizeof r->adapter->serial, "%s", r->word[2]);
    return true;
}

static bool cut(struct request *r)
{
    return r->cable->cut = true;
}

static bool join(struct request *r)
{
    r->cable->cut = false;
    return true;
}

static bool line(struct request *r)
{
    static const struct named lines[] = {
        {"cts", CHIP_CTS},
        {"dsr", CHIP_DSR},
        {"ri",  CHIP_RI },
        {"dcd", CHIP_DCD},
    };
    unsigned which;

    if (!look_up(lines, sizeof lines / sizeof lines[0], r->word[2], &which))
        return false;
    r->adapter->forced &= (uint8_t)~which;
    r->adapter->forced_to &= (uint8_t)~which;
    if (strcmp(r->word[3], "auto") != 0)
        r->adapter->forced |= (uint8_t)which;
    if (strcmp(r->word[3], "1") == 0)
        r->adapter->forced_to |= (uint8_t)which;
    return true;
}

static bool inject(struct request *r)
{
    static const struct named kinds[] = {
        {"none", 0           },
        {"pe",   CHIP_PARITY },
        {"fe",   CHIP_FRAME  },
        {"oe",   CHIP_OVERRUN},
        {"bi",   CHIP_BREAK  },
    };
    char pair[3] = "";
    unsigned errors;

    if (!look_up(kinds, sizeof kinds / sizeof kinds[0], r->word[2], &errors))
        return false;
    for (const char *hex = r->word[3]; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
        if (!chip_has_room(&r->adapter->chip))
            return false;
        memcpy(pair, hex, 2);
        chip_receive(&r->adapter->chip, (uint8_t)strtoul(pair, NULL, 16), (uint8_t)errors,
                     r->now_ns);
    }
    return true;
}

static const struct verb {
    const char *name;
    bool (*run)(struct request *r);
    bool wants_adapter;
} verbs[] = {
    {"get",    get,    true },
    {"plug",   plug,   true },
    {"unplug", unplug, true },
    {"name",   name,   true },
    {"line",   line,   true },
    {"inject", inject, true },
    {"cut",    cut,    false},
    {"join",   join,   false},
};

/* ---- requests ---- */

static void split(struct request *r, char *text)
{
    char *rest = NULL, *word = strtok_r(text, " \n", &rest);

    for (unsigned i = 0; i < WORDS; i++) {
        r->word[i] = word != NULL ? word : "";
        word = word != NULL ? strtok_r(NULL, " \n", &rest) : NULL;
    }
}

static bool run(struct request *r)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(verbs[i].name, r->word[0]) != 0)
            continue;
        if (verbs[i].wants_adapter) {
            if (strcmp(r->word[1], "A") != 0 && strcmp(r->word[1], "B") != 0)
                return false;
            r->end = (unsigned)(r->word[1][0] - 'A');
            r->adapter = &r->cable->end[r->end];
        }
        return verbs[i].run(r);
    }
    return false;
}

void door_serve(int door, struct cable *cable, uint64_t now_ns)
{
    char text[512], answer[512] = "OK ";
    struct sockaddr_un from;
    socklen_t from_len = sizeof from;
    struct request r = {
        .cable = cable, .now_ns = now_ns, .answer = answer + 3, .room = sizeof answer - 3};
    ssize_t len = recvfrom(door, text, sizeof text - 1, 0, (struct sockaddr *)&from, &from_len);

    if (len < 0)
        return;
    text[len] = '\0';
    split(&r, text);
    if (!run(&r))
        snprintf(answer, sizeof answer, "ERR");
    (void)sendto(door, answer, strlen(answer), 0, (const struct sockaddr *)&from, from_len);
}
