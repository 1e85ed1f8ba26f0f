/* SPDX-License-Identifier: MIT */
/* An endpoint driven to the end of one thing at a time, as a test likes it. */
#ifndef COMM_TESTS_TOOLS_TALK_H
#define COMM_TESTS_TOOLS_TALK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "tools/common/endpoint.h"

#define TALK_ROUND_MS 20000u

struct talk {
    struct tool_loop loop;
    struct tool_fail fail;
};

static inline void talk_open(struct talk *talk)
{
    if (!CHECK(tool_loop_init(&talk->loop, NULL)))
        exit(EXIT_FAILURE);
}

static inline void talk_close(struct talk *talk)
{
    tool_loop_fini(&talk->loop);
}

static inline struct tool_end *talk_end(struct talk *talk, const char *name)
{
    struct tool_end *end = tool_end_open(&talk->loop, name, NULL, &talk->fail);

    if (!CHECK(end != NULL)) {
        printf("      %s: %s\n", name, talk->fail.text);
        exit(EXIT_FAILURE);
    }
    return end;
}

static inline void talk_nothing(struct tool_op *op)
{
    (void)op;
}

static inline bool talk_until(struct talk *talk, struct tool_op *op)
{
    while (op->pending && tool_loop_round(&talk->loop, TALK_ROUND_MS))
        ;
    return CHECK(!op->pending);
}

static inline enum tool_status talk_write(struct talk *talk, struct tool_end *end, const char *text)
{
    struct tool_op op = {.done = talk_nothing};

    tool_end_write(end, &op, text, strlen(text));
    talk_until(talk, &op);
    return tool_end_status(end, &op);
}

/* Up to and with the first LF; text without it. */
static inline enum tool_status talk_line(struct talk *talk, struct tool_end *end, char *text,
                                         size_t room)
{
    struct tool_op op = {.done = talk_nothing};
    size_t len = 0;

    do {
        tool_end_read(end, &op, text + len, room - 1 - len);
        if (!talk_until(talk, &op) || tool_end_status(end, &op) != TOOL_OK)
            break;
        len += op.count;
    } while (len < room - 1 && memchr(text, '\n', len) == NULL);
    text[len] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    return tool_end_status(end, &op);
}

static inline bool talk_ask(struct talk *talk, struct tool_end *end, const char *query,
                            const char *answer)
{
    char text[256];

    if (!CHECK_EQ(talk_write(talk, end, query), TOOL_OK) ||
        !CHECK_EQ(talk_line(talk, end, text, sizeof text), TOOL_OK))
        return false;
    if (strcmp(text, answer) == 0)
        return true;
    return comm_check(false, __FILE__, __LINE__, "%s -> %s", query, text);
}

#endif
