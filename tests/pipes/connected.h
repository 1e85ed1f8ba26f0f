/* SPDX-License-Identifier: MIT */
/* A connected pipe: one end here, the other at the far place.  Which of them is the server is the
 * place's affair (far->serves), so that what holds for both ends is tested on both. */
#ifndef COMM_TESTS_PIPES_CONNECTED_H
#define COMM_TESTS_PIPES_CONNECTED_H

#include <string.h>

#include "far.h"

#define BOTH_WAYS (GENERIC_READ | GENERIC_WRITE)

/* What a pipe is and how its two ends read. */
enum {
    BYTES = PIPE_TYPE_BYTE,
    MESSAGES = PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE,
    JOINED = PIPE_TYPE_MESSAGE, /* messages read as bytes */
};

struct link_kind {
    DWORD mode, out, in;
    bool synchronous; /* both ends; else both are overlapped */
};

struct link {
    struct place *far;
    char name[AT_NAME];
    HANDLE near, away; /* NULL: closed */
};

/* For the parameters of a pipe of one instance. */
static inline struct at_pipe one_pipe(DWORD mode, DWORD quota)
{
    return (struct at_pipe){.open_mode = PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED,
                            .pipe_mode = mode,
                            .max = 1,
                            .out = quota,
                            .in = quota};
}

static inline HANDLE made(struct said said)
{
    CHECK_SAID(said, 0, 0);
    return said.ok ? said.handle : NULL;
}

static inline HANDLE make_pipe(struct place *place, const char *name, DWORD mode, DWORD quota)
{
    return made(at_create(place, name, one_pipe(mode, quota)));
}

static inline HANDLE open_pipe(struct place *place, const char *name)
{
    return made(at_open(place, name, BOTH_WAYS, FILE_FLAG_OVERLAPPED));
}

static inline void link_open_kind(struct link *l, struct place *far, struct link_kind kind)
{
    struct place *server = far->serves ? far : here, *client = far->serves ? here : far;
    DWORD flags = kind.synchronous ? 0 : FILE_FLAG_OVERLAPPED;
    struct at_pipe pipe = one_pipe(kind.mode, 0);
    HANDLE s, c;

    pipe.open_mode = PIPE_ACCESS_DUPLEX | flags;
    pipe.out = kind.out;
    pipe.in = kind.in;
    strcpy(l->name, fresh_name(""));
    s = made(at_create(server, l->name, pipe));
    c = made(at_open(client, l->name, BOTH_WAYS, flags));
    if (kind.mode == MESSAGES)
        CHECK_SAID(at_set_mode(client, c, PIPE_READMODE_MESSAGE), 0, 0);
    l->far = far;
    l->near = far->serves ? c : s;
    l->away = far->serves ? s : c;
}

/* Overlapped, duplex, with the same quota both ways. */
static inline void link_open(struct link *l, struct place *far, DWORD mode, DWORD quota)
{
    link_open_kind(l, far, (struct link_kind){.mode = mode, .out = quota, .in = quota});
}

static inline void link_close_near(struct link *l)
{
    if (l->near != NULL)
        CHECK_SAID(at_close(here, l->near), 0, 0);
    l->near = NULL;
}

static inline void link_close_away(struct link *l)
{
    if (l->away != NULL)
        CHECK_SAID(at_close(l->far, l->away), 0, 0);
    l->away = NULL;
}

/* Ends that are still open. */
static inline void link_close(struct link *l)
{
    link_close_away(l);
    link_close_near(l);
}

#endif
