/* SPDX-License-Identifier: MIT */
/* Looking at an end without moving anything: peek, modes, facts; and the one call that both writes
 * and reads. */
#include <libcomm/pipes.h>

#include <errno.h>
#include <pwd.h>
#include <string.h>

#include "libcomm/plat/clock.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"
#include "libcomm/plat/utf.h"
#include "pipes/pipe.h"
#include "pipes/remote.h"

/* ---- PeekNamedPipe ---- */

struct look {
    size_t got, total, message;
};

static uint32_t peek_gate(struct pi_end *end)
{
    uint32_t status = pi_end_gate(end);

    if (status == 0)
        return 0;
    return end->side == PI_CLIENT ? ERROR_PIPE_NOT_CONNECTED : ERROR_BAD_PIPE;
}

static size_t cut_of(const struct pi_end *end, size_t total)
{
    uint64_t cut = pi_read_cut_ahead(end);

    return cut < total ? (size_t)cut : total; /* the peer may have written anything */
}

/* No error: another process is reading just now. */
#define LOOK_AGAIN UINT32_MAX
#define LOOKS 50u /* a millisecond apart; then what it has in hand counts as read */

static uint32_t peek_locked(struct pi_end *end, void *buf, size_t len, struct look *look)
{
    uint32_t error = peek_gate(end);
    size_t room = SIZE_MAX;
    int failed;

    *look = (struct look){0};
    if (error != 0)
        return error;
    failed = pi_read_enter(end);
    if (failed != 0)
        return LOOK_AGAIN;
    failed = pi_read_skip_cut(end, &room);
    if (failed == 0)
        failed = pi_carrier_peek(&end->carrier, buf, len < room ? len : room, &look->got,
                                 &look->total, &look->message);
    if (failed == 0)
        look->total += (size_t)pi_read_waiting(end) - cut_of(end, look->total);
    pi_read_leave(end);
    if (failed == -EAGAIN && pi_read_ended(end))
        failed = -EPIPE;
    if (failed == -EPIPE)
        return pi_end_fate(end) == PI_PAGE_DISCONNECTED ? ERROR_PIPE_NOT_CONNECTED
                                                        : ERROR_BROKEN_PIPE;
    return failed == 0 || failed == -EAGAIN ? 0 : ci_errno_error(CI_DOM_STREAM, -failed);
}

static uint32_t peek_patiently(struct pi_end *end, void *buf, size_t len, struct look *look)
{
    for (unsigned looks = LOOKS; looks > 0; looks--) {
        uint32_t error;

        ci_lock(&end->file.lock);
        error = peek_locked(end, buf, len, look);
        ci_unlock(&end->file.lock);
        if (error != LOOK_AGAIN)
            return error;
        ci_sys_poll(NULL, 0, CI_NS_PER_MS);
    }
    return 0;
}

static bool peek(HANDLE handle, void *buf, DWORD len, DWORD *got, DWORD *total, DWORD *left)
{
    struct pi_end *end = pi_end_of_handle(handle, FILE_READ_DATA);
    struct look look;
    uint32_t error;

    if (end == NULL)
        return false;
    error = peek_patiently(end, buf, len, &look);
    pi_end_put(end);
    if (error != 0)
        return ci_fail(error);
    if (got != NULL)
        *got = (DWORD)look.got;
    if (total != NULL)
        *total = (DWORD)look.total;
    if (left != NULL) /* a stream has messages of no length: less than nothing is left of one */
        *left = (DWORD)(look.message - look.got);
    return true;
}

BOOL PeekNamedPipe(HANDLE handle, LPVOID buf, DWORD len, LPDWORD got, LPDWORD total, LPDWORD left)
{
    CI_TRACED_BOOL(peek(handle, buf, len, got, total, left), "PeekNamedPipe %s %u",
                   ci_trace_handle(handle), len);
}

/* ---- TransactNamedPipe ---- */

static bool transact(HANDLE handle, void *in, DWORD in_len, void *out, DWORD out_len, DWORD *count,
                     OVERLAPPED *ov)
{
    struct ci_request request = {
        .handle = handle,
        .access = FILE_READ_DATA,
        .kind = CI_OP_TRANSACT,
        .lane = CI_LANE_READ,
        .ov = ov,
        .buf = out,
        .len = out_len,
        .out = in,
        .out_len = in_len,
        .count = count,
    };
    struct pi_end *end = pi_end_of_handle(handle, FILE_WRITE_DATA);

    if (end == NULL)
        return false;
    pi_end_put(end);
    return ci_issue(&request);
}

BOOL TransactNamedPipe(HANDLE handle, LPVOID in, DWORD in_len, LPVOID out, DWORD out_len,
                       LPDWORD count, LPOVERLAPPED ov)
{
    CI_TRACED_BOOL(transact(handle, in, in_len, out, out_len, count, ov),
                   "TransactNamedPipe %s %u%s", ci_trace_handle(handle), in_len,
                   ov == NULL ? "" : " overlapped");
}

/* ---- modes ---- */

/* A client that was disconnected answers nothing any more. */
static bool answers(struct pi_end *end)
{
    return end->side == PI_SERVER || pi_end_fate(end) != PI_PAGE_DISCONNECTED;
}

static uint32_t mode_set_locked(struct pi_end *end, const DWORD *mode)
{
    if (!answers(end))
        return ERROR_PIPE_NOT_CONNECTED;
    if (mode == NULL)
        return 0;
    if ((*mode & ~(DWORD)(PIPE_READMODE_MESSAGE | PIPE_NOWAIT)) != 0)
        return ERROR_INVALID_PARAMETER;
    if ((*mode & PIPE_READMODE_MESSAGE) != 0 && !end->message)
        return ERROR_INVALID_PARAMETER;
    end->mode = *mode;
    return 0;
}

static bool mode_set(HANDLE handle, const DWORD *mode, const DWORD *collected, const DWORD *after)
{
    struct pi_end *end = pi_end_of_handle(handle, FILE_WRITE_ATTRIBUTES);
    uint32_t error = ERROR_INVALID_PARAMETER;

    if (end == NULL)
        return false;
    if (collected == NULL && after == NULL) {
        ci_lock(&end->file.lock);
        error = mode_set_locked(end, mode);
        ci_unlock(&end->file.lock);
    }
    pi_end_put(end);
    return error == 0 || ci_fail(error);
}

BOOL SetNamedPipeHandleState(HANDLE handle, LPDWORD mode, LPDWORD collected, LPDWORD after)
{
    CI_TRACED_BOOL(mode_set(handle, mode, collected, after), "SetNamedPipeHandleState %s %x",
                   ci_trace_handle(handle), mode == NULL ? 0 : *mode);
}

/* ---- facts ---- */

struct facts {
    uint32_t mode, uid;
    bool answers, has_client;
};

static struct facts facts_of(struct pi_end *end)
{
    struct facts facts;

    ci_lock(&end->file.lock);
    facts = (struct facts){.mode = end->mode,
                           .uid = end->client.uid,
                           .answers = answers(end),
                           .has_client = end->client.pid != 0};
    ci_unlock(&end->file.lock);
    return facts;
}

/* A pipe whose servers are gone has none. */
static void counts_of(struct pi_end *end, uint32_t *count, uint32_t *most)
{
    *count = *most = 0;
    if (end->key == NULL)
        pi_instance_counts(end, count, most);
    else if (pi_pipe_counts(end->key, count, most) != 0 &&
             pi_remote_counts(end->key, count, most) != 0)
        *count = 0;
}

static uint32_t user_name(struct pi_end *end, const struct facts *facts, char *name, size_t room)
{
    char memory[4096];
    struct passwd entry, *found = NULL;

    if (end->side == PI_CLIENT)
        return ERROR_INVALID_PARAMETER;
    if (!facts->has_client)
        return ERROR_CANNOT_IMPERSONATE;
    if (getpwuid_r(facts->uid, &entry, memory, sizeof memory, &found) != 0 || found == NULL)
        return ERROR_NOT_FOUND;
    if (strlen(entry.pw_name) >= room)
        return ERROR_INSUFFICIENT_BUFFER;
    strcpy(name, entry.pw_name);
    return 0;
}

static uint32_t state_get(struct pi_end *end, DWORD *state, DWORD *instances, char *user,
                          size_t user_room)
{
    struct facts facts = facts_of(end);
    uint32_t count, most, error;

    if (!facts.answers)
        return ERROR_PIPE_NOT_CONNECTED;
    error = user == NULL ? 0 : user_name(end, &facts, user, user_room);
    if (error != 0)
        return error;
    if (state != NULL)
        *state = facts.mode;
    if (instances != NULL) {
        counts_of(end, &count, &most);
        *instances = count < PIPE_UNLIMITED_INSTANCES ? count : PIPE_UNLIMITED_INSTANCES;
    }
    return 0;
}

static bool handle_state(HANDLE handle, DWORD *state, DWORD *instances, bool collection, char *user,
                         size_t user_room)
{
    struct pi_end *end = pi_end_of_handle(handle, FILE_READ_ATTRIBUTES);
    uint32_t error;

    if (end == NULL)
        return false;
    error =
        collection ? ERROR_INVALID_PARAMETER : state_get(end, state, instances, user, user_room);
    pi_end_put(end);
    return error == 0 || ci_fail(error);
}

BOOL GetNamedPipeHandleStateA(HANDLE handle, LPDWORD state, LPDWORD instances, LPDWORD collected,
                              LPDWORD after, LPSTR user, DWORD user_room)
{
    CI_TRACED_BOOL(
        handle_state(handle, state, instances, collected != NULL || after != NULL, user, user_room),
        "GetNamedPipeHandleState %s", ci_trace_handle(handle));
}

#define USER_ROOM 256

BOOL GetNamedPipeHandleStateW(HANDLE handle, LPDWORD state, LPDWORD instances, LPDWORD collected,
                              LPDWORD after, LPWSTR user, DWORD user_room)
{
    char narrow[USER_ROOM];

    if (!GetNamedPipeHandleStateA(handle, state, instances, collected, after,
                                  user == NULL ? NULL : narrow, sizeof narrow))
        return FALSE;
    if (user != NULL && ci_utf8_to_16(narrow, strlen(narrow) + 1, user, user_room) > user_room)
        return ci_fail(ERROR_INSUFFICIENT_BUFFER);
    return TRUE;
}

static uint32_t info_get(struct pi_end *end, DWORD *flags, DWORD *out, DWORD *in, DWORD *most)
{
    uint32_t count, limit;

    if (!facts_of(end).answers)
        return ERROR_PIPE_NOT_CONNECTED;
    if (flags != NULL)
        *flags = (end->side == PI_SERVER ? PIPE_SERVER_END : PIPE_CLIENT_END) |
                 (end->message ? PIPE_TYPE_MESSAGE : PIPE_TYPE_BYTE);
    if (out != NULL)
        *out = end->quota[1];
    if (in != NULL)
        *in = end->quota[0];
    if (most != NULL) {
        counts_of(end, &count, &limit);
        *most = limit;
    }
    return 0;
}

static bool info(HANDLE handle, DWORD *flags, DWORD *out, DWORD *in, DWORD *most)
{
    struct pi_end *end = pi_end_of_handle(handle, FILE_READ_ATTRIBUTES);
    uint32_t error;

    if (end == NULL)
        return false;
    error = info_get(end, flags, out, in, most);
    pi_end_put(end);
    return error == 0 || ci_fail(error);
}

BOOL GetNamedPipeInfo(HANDLE handle, LPDWORD flags, LPDWORD out, LPDWORD in, LPDWORD most)
{
    CI_TRACED_BOOL(info(handle, flags, out, in, most), "GetNamedPipeInfo %s",
                   ci_trace_handle(handle));
}
