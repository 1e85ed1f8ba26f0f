/* SPDX-License-Identifier: MIT */
/* Makes the calls and tells what came of them.  Every call finds the last error 0, its event set,
 * its count and InternalHigh at AT_LEFT, so that what a call does to them is seen. */
#include "serve.h"

#include "asleep.h"

#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
    STALE = 0xEE,      /* a buffer before it is read into */
    PATTERN = 251,     /* prime, so that a shifted copy never looks right */
    LOOKS_ASLEEP = 20, /* times a thread was seen not to have run in between */
};

struct slot {
    struct ask ask; /* what was asked: a call in flight reads its bytes from here */
    OVERLAPPED ov;
    unsigned char *buf; /* what is read into, or a pattern that is written */
    bool used;
    HANDLE thread; /* a blocking call; NULL for an overlapped one */
    struct sleeper sleeper;
    _Atomic pid_t tid;
    atomic_bool done; /* the thread's result is in */
    struct {
        BOOL ok;
        DWORD error, count;
    } end;
    unsigned long switches; /* as last seen, of the thread */
    unsigned looks;
};

struct served {
    struct slot slots[SLOT_COUNT];
};

static _Noreturn void give_up(const char *why)
{
    fprintf(stderr, "the test asks for nonsense: %s\n", why);
    abort();
}

/* ---- a slot ---- */

static bool is_final(void *arg)
{
    struct slot *slot = arg;

    if (slot->thread != NULL)
        return atomic_load(&slot->done);
    return HasOverlappedIoCompleted(&slot->ov);
}

/* The call has not merely been issued: 997 was the answer. */
static bool is_in_flight(struct slot *slot)
{
    return slot->used && !is_final(slot);
}

static void slot_forget(struct slot *slot)
{
    if (slot->thread != NULL) {
        CHECK_EQ(WaitForSingleObject(slot->thread, PATIENCE_MS), WAIT_OBJECT_0);
        CHECK(CloseHandle(slot->thread));
    }
    free(slot->buf);
    slot->thread = NULL;
    slot->buf = NULL;
    slot->used = false;
}

static size_t buf_len(const struct ask *ask)
{
    return ask->verb == VERB_READ || ask->pattern ? ask->len : ask->room;
}

/* NULL: what was asked there before has not ended. */
static struct slot *slot_take(struct served *served, const struct ask *ask)
{
    struct slot *slot = &served->slots[ask->slot & ~BLOCKING];
    size_t len = buf_len(ask);

    if (is_in_flight(slot))
        return NULL;
    slot_forget(slot);
    slot->ask = *ask;
    slot->buf = malloc(len + 1);
    if (slot->buf == NULL)
        give_up("too large a buffer");
    memset(slot->buf, STALE, len + 1);
    for (size_t i = 0; ask->pattern && i < len; i++)
        slot->buf[i] = (unsigned char)(i % PATTERN);
    atomic_store(&slot->sleeper.thread, NULL);
    atomic_store(&slot->tid, 0);
    atomic_store(&slot->done, false);
    slot->looks = 0;
    return slot;
}

static BOOL issue(struct slot *slot, OVERLAPPED *ov, DWORD *count)
{
    struct ask *ask = &slot->ask;

    switch ((int)ask->verb) {
    case VERB_CONNECT:
        return ConnectNamedPipe(ask->handle, ov);
    case VERB_READ:
        return ReadFile(ask->handle, slot->buf, ask->len, count, ov);
    case VERB_WRITE:
        return WriteFile(ask->handle, ask->pattern ? slot->buf : ask->data, ask->len, count, ov);
    case VERB_TRANSACT:
        return TransactNamedPipe(ask->handle, ask->data, ask->len, slot->buf, ask->room, count, ov);
    case VERB_FLUSH:
        return FlushFileBuffers(ask->handle);
    case VERB_WAIT:
        return WaitNamedPipeA(ask->name, ask->word[0]);
    case VERB_CALL:
        return CallNamedPipeA(ask->name, ask->data, ask->len, slot->buf, ask->room, count,
                              ask->word[0]);
    }
    return FALSE;
}

static void tell_data(const struct slot *slot, struct said *said)
{
    size_t len = buf_len(&slot->ask);

    memcpy(said->data, slot->buf, len < AT_DATA ? len : AT_DATA);
}

/* After any call but one that answered 997: nobody else writes to the slot now. */
static void tell_overlapped(struct slot *slot, struct said *said)
{
    said->status = (DWORD)__atomic_load_n(&slot->ov.Internal, __ATOMIC_ACQUIRE);
    said->set = WaitForSingleObject(slot->ov.hEvent, 0) == WAIT_OBJECT_0;
    if (said->error == ERROR_IO_PENDING || said->error == ERROR_IO_INCOMPLETE)
        return;
    said->information = slot->ov.InternalHigh;
    tell_data(slot, said);
}

static void start_overlapped(struct slot *slot, struct said *said)
{
    HANDLE event = slot->ov.hEvent != NULL ? slot->ov.hEvent : CreateEventA(NULL, TRUE, TRUE, NULL);

    CHECK(SetEvent(event));
    slot->ov = (OVERLAPPED){.InternalHigh = AT_LEFT, .hEvent = event};
    said->count = slot->ask.verb == VERB_CONNECT ? 0 : AT_LEFT;
    SetLastError(0);
    said->ok = issue(slot, &slot->ov, &said->count);
    said->error = GetLastError();
    slot->used = said->ok || said->error == ERROR_IO_PENDING || said->error == ERROR_MORE_DATA;
    tell_overlapped(slot, said);
}

/* ---- a blocking call ---- */

static DWORD WINAPI call_and_tell(LPVOID arg)
{
    struct slot *slot = arg;
    DWORD count = 0;

    atomic_store(&slot->tid, gettid());
    sleeper_announce(&slot->sleeper);
    SetLastError(0);
    slot->end.ok = issue(slot, NULL, &count);
    slot->end.error = GetLastError();
    slot->end.count = count;
    atomic_store(&slot->done, true);
    return 0;
}

/* Voluntary switches so far of a thread that sleeps; 0 for one that runs. */
static unsigned long switches_asleep(pid_t tid)
{
    char path[64], line[128];
    unsigned long switches = 0;
    bool asleep = false;
    FILE *status;

    snprintf(path, sizeof path, "/proc/self/task/%d/status", (int)tid);
    status = fopen(path, "re");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        asleep |= strncmp(line, "State:\tS", 8) == 0;
        (void)sscanf(line, "voluntary_ctxt_switches: %lu", &switches);
    }
    if (status != NULL)
        fclose(status);
    return asleep ? switches : 0;
}

/* The library knows when a thread sleeps in one of its waits; in a call that waits otherwise, it
 * has long been asleep in the kernel's eyes. */
static bool is_at_rest(void *arg)
{
    struct slot *slot = arg;
    pid_t tid = atomic_load(&slot->tid);
    unsigned long switches;

    if (is_final(slot) || is_asleep(&slot->sleeper))
        return true;
    switches = tid == 0 ? 0 : switches_asleep(tid);
    slot->looks = switches != 0 && switches == slot->switches ? slot->looks + 1 : 0;
    slot->switches = switches;
    return slot->looks >= LOOKS_ASLEEP;
}

static void tell_blocking(struct slot *slot, DWORD pending, struct said *said)
{
    said->error = pending;
    if (!is_final(slot))
        return;
    said->ok = slot->end.ok;
    said->error = slot->end.error;
    said->count = slot->end.count;
    tell_data(slot, said);
}

static void start_blocking(struct slot *slot, struct said *said)
{
    slot->thread = CreateThread(NULL, 0, call_and_tell, slot, 0, NULL);
    if (slot->thread == NULL)
        give_up("too many threads");
    slot->used = true;
    comm_wait_until(is_at_rest, slot);
    tell_blocking(slot, ERROR_IO_PENDING, said);
}

static void do_start(struct served *served, const struct ask *ask, struct said *said)
{
    struct slot *slot = slot_take(served, ask);

    said->error = AT_BUSY;
    if (slot == NULL)
        return;
    if ((ask->slot & BLOCKING) != 0)
        start_blocking(slot, said);
    else
        start_overlapped(slot, said);
}

static void do_look(struct slot *slot, struct said *said)
{
    if (slot->thread != NULL) {
        tell_blocking(slot, ERROR_IO_INCOMPLETE, said);
        return;
    }
    said->ok = GetOverlappedResult(slot->ask.handle, &slot->ov, &said->count, FALSE);
    said->error = GetLastError();
    tell_overlapped(slot, said);
}

static void do_await(struct slot *slot, struct said *said)
{
    if (slot->thread != NULL) {
        (void)WaitForSingleObject(slot->thread, PATIENCE_MS);
        tell_blocking(slot, WAIT_TIMEOUT, said);
        return;
    }
    said->ok = GetOverlappedResultEx(slot->ask.handle, &slot->ov, &said->count, PATIENCE_MS, FALSE);
    said->error = GetLastError();
    if (is_final(slot))
        tell_overlapped(slot, said);
}

static void do_holds(struct slot *slot, const struct ask *ask, struct said *said)
{
    DWORD offset = ask->word[0], from = ask->word[1];

    said->ok = is_final(slot) && offset + ask->len <= buf_len(&slot->ask);
    for (DWORD i = 0; said->ok && i < ask->len; i++)
        said->ok = slot->buf[offset + i] == (unsigned char)((from + i) % PATTERN);
}

static void do_cancel(struct slot *slot, const struct ask *ask, struct said *said)
{
    said->ok = ask->verb == VERB_CANCEL ? CancelIoEx(slot->ask.handle, &slot->ov)
                                        : CancelSynchronousIo(slot->thread);
    said->error = GetLastError();
}

/* About a request that has been made. */
static void do_follow(struct served *served, const struct ask *ask, struct said *said)
{
    struct slot *slot = &served->slots[ask->slot & ~BLOCKING];

    said->error = AT_IDLE;
    if (!slot->used)
        return;
    if (ask->verb == VERB_LOOK)
        do_look(slot, said);
    else if (ask->verb == VERB_AWAIT)
        do_await(slot, said);
    else if (ask->verb == VERB_HOLDS)
        do_holds(slot, ask, said);
    else
        do_cancel(slot, ask, said);
}

/* ---- single calls ---- */

static void tell(struct said *said, BOOL ok)
{
    said->ok = ok;
    said->error = GetLastError();
}

static void tell_handle(struct said *said, HANDLE handle)
{
    said->handle = handle;
    tell(said, handle != INVALID_HANDLE_VALUE);
}

static void do_create(struct said *said, const struct ask *ask)
{
    const struct at_pipe *p = &ask->pipe;
    SECURITY_DESCRIPTOR all = {.Revision = SECURITY_DESCRIPTOR_REVISION,
                               .Control = SE_DACL_PRESENT};
    SECURITY_ATTRIBUTES sa = {.nLength = sizeof sa, .bInheritHandle = p->inheritable};

    if (p->for_all)
        sa.lpSecurityDescriptor = &all;
    tell_handle(said, CreateNamedPipeA(ask->name, p->open_mode, p->pipe_mode, p->max, p->out, p->in,
                                       p->timeout_ms, p->inheritable || p->for_all ? &sa : NULL));
}

static void do_duplicate(struct said *said, const struct ask *ask)
{
    HANDLE self = GetCurrentProcess();

    tell(said, DuplicateHandle(self, ask->handle, self, &said->handle, ask->word[0], FALSE,
                               ask->word[0] == 0 ? DUPLICATE_SAME_ACCESS : 0));
}

static void do_peek(struct said *said, const struct ask *ask)
{
    DWORD *w = said->word;

    w[0] = w[1] = w[2] = AT_LEFT;
    tell(said, PeekNamedPipe(ask->handle, said->data, ask->room, &w[0], &w[1], &w[2]));
    said->count = said->ok ? w[0] : 0;
}

static void do_ask(struct said *said, const struct ask *ask)
{
    DWORD *w = said->word, mode = ask->word[0];
    HANDLE h = ask->handle;

    switch ((int)ask->verb) {
    case VERB_SET_MODE:
        tell(said, SetNamedPipeHandleState(h, &mode, NULL, NULL));
        break;
    case VERB_GET_MODE:
        tell(said, GetNamedPipeHandleStateA(h, &w[0], &w[1], NULL, NULL, NULL, 0));
        break;
    case VERB_INFO:
        tell(said, GetNamedPipeInfo(h, &w[0], &w[1], &w[2], &w[3]));
        break;
    case VERB_CLIENT_PID:
        tell(said, GetNamedPipeClientProcessId(h, &w[0]));
        break;
    case VERB_SERVER_PID:
        tell(said, GetNamedPipeServerProcessId(h, &w[0]));
        break;
    case VERB_IMPERSONATE:
        tell(said, ImpersonateNamedPipeClient(h));
        if (said->ok)
            CHECK(RevertToSelf());
        break;
    }
}

/* Its own files in /proc stay readable to it. */
static BOOL become(uid_t uid)
{
    return setgroups(0, NULL) == 0 && setresgid(uid, uid, uid) == 0 &&
           setresuid(uid, uid, uid) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0;
}

static void do_call(struct said *said, const struct ask *ask)
{
    HANDLE h = ask->handle;

    switch ((int)ask->verb) {
    case VERB_OPEN:
        tell_handle(
            said, CreateFileA(ask->name, ask->word[0], 0, NULL, ask->word[1], ask->word[2], NULL));
        break;
    case VERB_CLOSE:
        tell(said, CloseHandle(h));
        break;
    case VERB_CANCEL_ALL:
        tell(said, CancelIoEx(h, NULL));
        break;
    case VERB_CANCEL_OWN:
        tell(said, CancelIo(h));
        break;
    case VERB_DISCONNECT:
        tell(said, DisconnectNamedPipe(h));
        break;
    case VERB_IS_SET:
        tell(said, WaitForSingleObject(h, 0) == WAIT_OBJECT_0);
        break;
    case VERB_BECOME:
        tell(said, become((uid_t)ask->word[0]));
        break;
    }
}

void serve(struct served *served, const struct ask *ask, struct said *said)
{
    memset(said, 0, sizeof *said);
    SetLastError(0);
    if (ask->verb == VERB_CREATE)
        do_create(said, ask);
    else if (ask->verb == VERB_DUPLICATE)
        do_duplicate(said, ask);
    else if (ask->verb == VERB_PEEK)
        do_peek(said, ask);
    else if (ask->verb >= VERB_LOOK && ask->verb <= VERB_CANCEL_CALL)
        do_follow(served, ask, said);
    else if (ask->verb >= VERB_CONNECT && ask->verb <= VERB_CALL)
        do_start(served, ask, said);
    else if (ask->verb >= VERB_SET_MODE && ask->verb <= VERB_IMPERSONATE)
        do_ask(said, ask);
    else
        do_call(said, ask);
}

/* ---- the whole ---- */

struct served *served_new(void)
{
    struct served *served = calloc(1, sizeof *served);

    if (served == NULL)
        give_up("no memory");
    return served;
}

static void slot_end(struct slot *slot)
{
    if (is_in_flight(slot)) {
        if (slot->thread != NULL)
            (void)CancelSynchronousIo(slot->thread);
        else
            (void)CancelIoEx(slot->ask.handle, &slot->ov);
        comm_wait_until(is_final, slot);
    }
    slot_forget(slot);
    if (slot->ov.hEvent != NULL)
        CHECK(CloseHandle(slot->ov.hEvent));
    slot->ov.hEvent = NULL;
}

void served_free(struct served *served)
{
    for (size_t i = 0; i < SLOT_COUNT; i++)
        slot_end(&served->slots[i]);
    free(served);
}
