/* SPDX-License-Identifier: MIT */
/* Every reason to look again leads to the same try; what it finds decides what is waited for next.
 * The device is recognised before it is opened, since opening one raises its DTR. */
#include "tools/common/reconnect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_WAIT_S = 1, LONGEST_WAIT_S = 30 };

static void try(struct tool_reconnect *r);

static void tell(struct tool_reconnect *r)
{
    if (strcmp(r->last, r->fail.text) == 0)
        return;
    memcpy(r->last, r->fail.text, sizeof r->last);
    r->told(r, r->fail.text);
}

/* ---- what it waits for ---- */

static void noticed(struct tool_op *op)
{
    struct tool_reconnect *r = op->owner;

    if (!r->running || op->error != ERROR_SUCCESS)
        return;
    r->wait_s = FIRST_WAIT_S; /* the world has changed */
    tool_read(r->loop, &r->notice, r->notices, r->news, sizeof r->news);
    try(r);
}

static void appeared(struct tool_place *place)
{
    struct tool_reconnect *r = place->owner;

    if (r->running)
        try(r);
}

static void ran_out(struct tool_timer *timer)
{
    try(timer->owner);
}

static void wait_by_timer(struct tool_reconnect *r)
{
    tool_timer_set(&r->timer, (uint64_t)r->wait_s * 1000000);
    r->wait_s = r->wait_s * 2 > LONGEST_WAIT_S ? LONGEST_WAIT_S : r->wait_s * 2;
}

/* ---- one try ---- */

/* The path of the device that is wanted, wherever it is now. */
static bool find_wanted(const struct tool_reconnect *r, char *path, size_t room)
{
    struct tool_identity now;
    COMM_PORT_INFO *ports;
    bool found = false;
    size_t count;

    ports = tool_ports(&count);
    for (size_t i = 0; i < count && !found; i++) {
        tool_identity_of_port(&ports[i], &now);
        found = tool_identity_same(&now, &r->wanted);
        if (found)
            snprintf(path, room, "%s", ports[i].path);
    }
    free(ports);
    return found;
}

/* What is at its old path, if anything. */
static enum tool_status look_at_path(struct tool_reconnect *r, char *path, size_t room)
{
    char is[256], was[256];
    struct tool_identity now;

    if (r->wanted.path[0] == '\0' || access(r->wanted.path, F_OK) != 0)
        return tool_fail(&r->fail, TOOL_NOT_FOUND, "%s is gone: waiting for it", r->name);
    tool_identity_of(r->wanted.path, &now);
    if (tool_identity_same(&now, &r->wanted)) {
        snprintf(path, room, "%s", r->wanted.path);
        return TOOL_OK;
    }
    tool_identity_text(&now, is, sizeof is);
    tool_identity_text(&r->wanted, was, sizeof was);
    return tool_fail(&r->fail, TOOL_NOT_FOUND, "%s is now %s, and was %s: not opened",
                     r->wanted.path, is, was);
}

static struct tool_end *open_again(struct tool_reconnect *r)
{
    char path[256];
    struct tool_end *end;

    if (!find_wanted(r, path, sizeof path) && look_at_path(r, path, sizeof path) != TOOL_OK)
        return NULL;
    end = tool_end_open(r->loop, path, &r->line, &r->fail);
    if (end == NULL)
        return NULL;
    if (tool_identity_same(&end->identity, &r->wanted)) {
        snprintf(end->name, sizeof end->name, "%s", r->name);
        return end;
    }
    tool_end_close(end); /* it changed under our hands */
    tool_fail(&r->fail, TOOL_NOT_FOUND, "%s is another device: not opened", path);
    return NULL;
}

static struct tool_end *attempt(struct tool_reconnect *r)
{
    if (r->again && r->serial)
        return open_again(r);
    return tool_end_open(r->loop, r->name, &r->line, &r->fail);
}

static void try(struct tool_reconnect *r)
{
    struct tool_end *end;

    tool_timer_stop(&r->timer);
    if (r->place.fd >= 0)
        tool_place_next(&r->place);
    end = attempt(r);
    if (end != NULL) {
        tool_reconnect_stop(r);
        r->opened(r, end);
        return;
    }
    if (r->fail.status == TOOL_BUSY || r->fail.status == TOOL_DENIED)
        wait_by_timer(r);
    tell(r);
}

static void first_try(struct tool_op *op)
{
    struct tool_reconnect *r = op->owner;

    if (r->running)
        try(r);
}

/* ---- life ---- */

/* Numbers that no device gets by itself. */
enum { MAPPED_FROM = 100000, MAPPED_MOST = 100 };

/* Notices tell of ports that have a number, and a pty or a link has none until it is mapped. */
static void map_path(struct tool_reconnect *r)
{
    static DWORD next;

    if (strchr(r->name, '/') == NULL || strchr(r->name, ':') != NULL)
        return;
    r->mapped = MAPPED_FROM + next++ % MAPPED_MOST;
    if (!CommMapPort(r->mapped, r->name))
        r->mapped = 0;
}

static bool open_notices(struct tool_reconnect *r)
{
    map_path(r);
    r->notices = CommOpenPortNotices(0);
    if (r->notices == INVALID_HANDLE_VALUE) {
        r->notices = NULL;
        return false;
    }
    if (!tool_loop_join(r->loop, r->notices))
        return false;
    tool_read(r->loop, &r->notice, r->notices, r->news, sizeof r->news);
    return true;
}

bool tool_reconnect_start(struct tool_reconnect *r, const char *name, const struct tool_line *line,
                          const struct tool_end *lost)
{
    if (!tool_reconnect_idle(r))
        return false;
    snprintf(r->name, sizeof r->name, "%s", name);
    r->line = line == NULL ? tool_line_default : *line;
    r->again = lost != NULL;
    r->serial = lost != NULL && lost->serial;
    r->wanted = lost != NULL ? lost->identity : (struct tool_identity){.known = false};
    r->later = (struct tool_op){.done = first_try, .owner = r};
    r->notice = (struct tool_op){.done = noticed, .owner = r};
    r->mapped = 0;
    r->wait_s = FIRST_WAIT_S;
    r->last[0] = '\0';
    r->notices = NULL;
    r->running = tool_timer_init(&r->timer, r->loop, ran_out, r);
    if (!r->running)
        return false;
    if (!tool_place_init(&r->place, r->loop, r->name, appeared, r) && !open_notices(r)) {
        tool_reconnect_stop(r);
        return false;
    }
    tool_later(r->loop, &r->later, ERROR_SUCCESS);
    return true;
}

void tool_reconnect_stop(struct tool_reconnect *r)
{
    HANDLE notices = r->notices;

    if (!r->running)
        return;
    r->running = false;
    r->notices = NULL;
    tool_timer_fini(&r->timer);
    tool_place_close(&r->place);
    if (notices != NULL)
        CloseHandle(notices);
    if (r->mapped != 0)
        (void)CommMapPort(r->mapped, NULL);
    r->mapped = 0;
}

bool tool_reconnect_idle(const struct tool_reconnect *r)
{
    return !r->running && !r->later.pending && !r->notice.pending && !r->place.watch.op.pending;
}
