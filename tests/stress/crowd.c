/* SPDX-License-Identifier: MIT */
/* The books and the frames. */
#include "crowd.h"

#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAGIC 0x43524F57u
#define PLACES 65521u /* of the pattern, where a frame's data may begin */

struct crowd *crowd;

void crowd_make(uint64_t seed)
{
    uint64_t random = seed;

    crowd = mmap(NULL, sizeof *crowd, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (crowd == MAP_FAILED) {
        perror("mmap");
        exit(EXIT_FAILURE);
    }
    crowd->seed = seed;
    crowd->owner = getpid();
    for (size_t i = 0; i < sizeof crowd->pattern; i++)
        crowd->pattern[i] = (unsigned char)stress_random(&random);
}

void crowd_unmake(void)
{
    munmap(crowd, sizeof *crowd);
    crowd = NULL;
}

const char *crowd_name(enum crowd_kind kind)
{
    static _Thread_local char name[64];

    snprintf(name, sizeof name, "\\\\.\\pipe\\crowd%d.%s", crowd->owner,
             kind == CROWD_MESSAGES ? "messages" : "bytes");
    return name;
}

void crowd_fail(const char *file, int line, const char *what, const char *format, ...)
{
    char text[300];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (atomic_fetch_add(&crowd->failed, 1) == 0) /* what goes wrong after that follows from it */
        fprintf(stderr, "%s:%d: process %d: %s: %s (last error %u)\n", file, line, (int)getpid(),
                what, text, (unsigned)GetLastError());
    for (;;)
        pause();
}

bool crowd_over(const struct crowd_client *client, const struct crowd_session *s)
{
    if (atomic_load(&s->id) == 0 || atomic_load(&s->settled))
        return true;
    if (s->life <= atomic_load(&client->doomed))
        return atomic_load(&s->safe) == 0 && !atomic_load(&s->met);
    return atomic_load(&s->closed) && atomic_load(&s->begun) == 0;
}

/* ---- frames ---- */

static const unsigned char *data_of(const struct crowd_head *head)
{
    uint64_t place = head->client * 7919u + head->session * 104729u + head->number * 31u +
                     (head->answer == CROWD_NO_ANSWER ? 17u : 0);

    return crowd->pattern + place % PLACES;
}

size_t crowd_frame(unsigned char *to, const struct crowd_head *head)
{
    struct crowd_head h = *head;

    h.magic = MAGIC;
    memcpy(to, &h, sizeof h);
    memcpy(to + sizeof h, data_of(&h), h.len);
    return sizeof h + h.len;
}

static void look_at_head(struct crowd_sieve *s)
{
    const struct crowd_head *h = &s->head;

    CROWD_NEED(h->magic == MAGIC && h->client < CROWD_CLIENTS && h->len <= CROWD_MOST,
               "no frame begins here: %08x, behind frame %u of %u/%llu", h->magic, s->number,
               s->client, (unsigned long long)s->session);
    if (!s->known) {
        s->known = true;
        s->client = h->client;
        s->session = h->session;
    }
    CROWD_NEED(h->client == s->client && h->session == s->session,
               "a frame of %u/%llu came to %u/%llu", h->client, (unsigned long long)h->session,
               s->client, (unsigned long long)s->session);
    CROWD_NEED(h->number == s->number, "%u/%llu: frame %u came in the place of %u", h->client,
               (unsigned long long)h->session, h->number, s->number);
}

bool crowd_sift(struct crowd_sieve *s, const unsigned char *data, size_t len, size_t *used)
{
    size_t room = sizeof s->head - s->got, at;

    *used = 0;
    if (s->got < sizeof s->head) {
        *used = len < room ? len : room;
        memcpy((unsigned char *)&s->head + s->got, data, *used);
        s->got += *used;
        if (s->got < sizeof s->head)
            return false;
        look_at_head(s);
    }
    at = s->got - sizeof s->head;
    room = s->head.len - at;
    if (room > len - *used)
        room = len - *used;
    CROWD_NEED(memcmp(data + *used, data_of(&s->head) + at, room) == 0,
               "%u/%llu: frame %u is torn near byte %zu of %u", s->client,
               (unsigned long long)s->session, s->number, at, s->head.len);
    *used += room;
    s->got += room;
    if (s->got < sizeof s->head + s->head.len)
        return false;
    s->got = 0;
    s->number++;
    return true;
}
