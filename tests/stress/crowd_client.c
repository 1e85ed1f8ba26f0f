/* SPDX-License-Identifier: MIT */
/* A client process: one session after the other, each opened, used and ended in some way, until it
 * has had enough or is killed. */
#include "crowd.h"

#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

#include "leaks.h"
#include "pipes/end.h"

enum { LANES = 4, LANE_MOST = 24 * 1024, ANSWER_MOST = 48 * 1024, NUMBER_OF_FRAMES = 16 };

/* A write on its way. */
struct lane {
    OVERLAPPED ov;
    unsigned char frame[sizeof(struct crowd_head) + LANE_MOST];
    DWORD len;
    bool busy;
};

static struct {
    struct crowd_client *self;
    struct crowd_session *session;
    unsigned number;
    uint64_t random;
    HANDLE pipe;
    bool overlapped, whole, sent_away;
    uint32_t blanks;
    struct crowd_sieve answers;
    OVERLAPPED ov;
    struct lane lane[LANES];
    unsigned next, oldest; /* lanes: those between are busy, and end in this order */
    unsigned char *frame, *in;
} me;

#define DOING() atomic_store_explicit(&me.self->doing, __LINE__, memory_order_relaxed)

static uint32_t roll(uint32_t n)
{
    return stress_random(&me.random) % n;
}

/* ---- the books ---- */

static void note_begun(void)
{
    atomic_fetch_add(&me.session->begun, 1);
}

static void note_told(void)
{
    atomic_fetch_add(&me.session->told, 1);
    if (atomic_load(&pi_ends_sending) == 0) /* no copy waits for room in the kernel */
        atomic_store(&me.session->safe, atomic_load(&me.session->told));
}

/* Whether a call went well; if not, the server must have sent this client away. */
static bool went_well(DWORD error, const char *what)
{
    if (error == 0)
        return true;
    CROWD_NEED(error == ERROR_PIPE_NOT_CONNECTED && atomic_load(&me.session->sent_away),
               "%s of %u/%llu failed with %u", what, me.number,
               (unsigned long long)atomic_load(&me.session->id), (unsigned)error);
    me.sent_away = true;
    return false;
}

static void session_begin(void)
{
    struct crowd_session *s = &me.self->session[me.self->sessions % CROWD_SESSIONS];
    uint32_t life = atomic_load(&me.self->life);

    DOING();
    while (!crowd_over(me.self, s))
        usleep(500);
    atomic_store(&s->id, 0);
    s->life = life;
    s->kind = roll(3) == 0 ? CROWD_BYTES : CROWD_MESSAGES;
    atomic_store(&s->closed, false);
    atomic_store(&s->begun, 0);
    atomic_store(&s->told, 0);
    atomic_store(&s->safe, 0);
    atomic_store(&s->arrived, 0);
    atomic_store(&s->met, false);
    atomic_store(&s->sent_away, false);
    atomic_store(&s->settled, false);
    atomic_store(&s->id, (uint64_t)life << CROWD_LIFE_SHIFT | ++me.self->sessions);
    me.session = s;
    me.sent_away = false;
    me.blanks = 0;
    me.answers =
        (struct crowd_sieve){.known = true, .client = me.number, .session = atomic_load(&s->id)};
}

/* ---- opening ---- */

static void wait_for_pipe(const char *name)
{
    static const DWORD patience_ms[] = {NMPWAIT_USE_DEFAULT_WAIT, 1, 30, NMPWAIT_WAIT_FOREVER};

    atomic_fetch_add_explicit(&crowd->busy, 1, memory_order_relaxed);
    DOING();
    if (!WaitNamedPipeA(name, patience_ms[roll(ARRAY_LEN(patience_ms))]))
        CROWD_NEED(GetLastError() == ERROR_SEM_TIMEOUT, "WaitNamedPipe");
}

static void open_pipe(void)
{
    const char *name = crowd_name(me.session->kind);
    DWORD mode = PIPE_READMODE_MESSAGE;

    me.overlapped = roll(3) != 0;
    for (;;) {
        DOING();
        me.pipe = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                              me.overlapped ? FILE_FLAG_OVERLAPPED : 0, NULL);
        if (me.pipe != INVALID_HANDLE_VALUE)
            break;
        CROWD_NEED(GetLastError() == ERROR_PIPE_BUSY, "CreateFile");
        wait_for_pipe(name);
    }
    me.whole = me.session->kind == CROWD_MESSAGES && roll(4) != 0;
    if (me.whole)
        (void)went_well(SetNamedPipeHandleState(me.pipe, &mode, NULL, NULL) ? 0 : GetLastError(),
                        "SetNamedPipeHandleState");
}

/* ---- one call, waited for ---- */

/* Ends whatever the call began; its error, and the count. */
static DWORD finish(BOOL ok, DWORD *count)
{
    DWORD error = ok ? 0 : GetLastError();

    if (!me.overlapped || (error != 0 && error != ERROR_IO_PENDING && error != ERROR_MORE_DATA))
        return error;
    if (roll(4) == 0)
        CROWD_NEED(WaitForSingleObject(me.ov.hEvent, INFINITE) == WAIT_OBJECT_0, "wait");
    return GetOverlappedResult(me.pipe, &me.ov, count, TRUE) ? 0 : GetLastError();
}

static OVERLAPPED *ov_of_call(void)
{
    return me.overlapped ? &me.ov : NULL;
}

static struct crowd_head head_new(uint32_t len, uint32_t answer)
{
    struct crowd_head head = {
        .client = me.number,
        .session = atomic_load(&me.session->id),
        .number = atomic_load(&me.session->begun),
        .len = len,
        .answer = answer,
        .blanks = me.blanks,
    };

    me.blanks = 0;
    return head;
}

static uint32_t some_length(uint32_t most)
{
    switch (roll(40)) {
    case 0:
        return roll(most);
    case 1:
    case 2:
    case 3:
        return roll(most < 65536 ? most : 65536);
    case 4:
    case 5:
    case 6:
    case 7:
        return roll(5000);
    default:
        return roll(200);
    }
}

static VOID CALLBACK write_done(DWORD error, DWORD count, LPOVERLAPPED ov)
{
    ov->hEvent = (HANDLE)(uintptr_t)(error == 0 && count > 0);
}

/* By a completion routine. */
static DWORD write_by_routine(size_t len)
{
    OVERLAPPED ov = {.hEvent = NULL};
    DWORD count;

    if (!WriteFileEx(me.pipe, me.frame, (DWORD)len, &ov, write_done))
        return GetLastError();
    CROWD_NEED(SleepEx(INFINITE, TRUE) == WAIT_IO_COMPLETION, "SleepEx");
    return GetOverlappedResult(me.pipe, &ov, &count, FALSE) ? 0 : GetLastError();
}

/* A frame written and waited for; false: no more of this session. */
static bool put(uint32_t len, uint32_t answer)
{
    struct crowd_head head = head_new(len, answer);
    size_t whole = crowd_frame(me.frame, &head);
    DWORD count = (DWORD)whole, error;

    note_begun();
    DOING();
    if (me.overlapped && roll(5) == 0)
        error = write_by_routine(whole);
    else
        error = finish(
            WriteFile(me.pipe, me.frame, (DWORD)whole, me.overlapped ? NULL : &count, ov_of_call()),
            &count);
    if (!went_well(error, "WriteFile"))
        return false;
    CROWD_NEED(count == whole, "%u of %zu bytes", (unsigned)count, whole);
    note_told();
    return true;
}

/* ---- answers ---- */

/* What is left of an answer that has begun to come. */
static bool get_rest(bool complete)
{
    while (!complete) {
        DWORD count = 0, error;
        size_t used;
        BOOL ok;

        DOING();
        ok = ReadFile(me.pipe, me.in, 1 + roll(ANSWER_MOST), me.overlapped ? NULL : &count,
                      ov_of_call());
        error = finish(ok, &count);
        if (error != ERROR_MORE_DATA && !went_well(error, "ReadFile"))
            return false;
        complete = crowd_sift(&me.answers, me.in, count, &used);
        CROWD_NEED(used == count, "%zu of %u bytes are answer %u of %u/%llu, %s", used,
                   (unsigned)count, me.answers.number, me.number,
                   (unsigned long long)me.answers.session,
                   me.whole                          ? "whole"
                   : me.session->kind == CROWD_BYTES ? "bytes"
                                                     : "joined");
        if (me.whole)
            CROWD_NEED(complete == (error == 0), "an answer is no whole message");
    }
    return true;
}

static bool transact(void)
{
    struct crowd_head head = head_new(some_length(CROWD_MOST), some_length(ANSWER_MOST));
    size_t whole = crowd_frame(me.frame, &head), used;
    DWORD count = 0, error;
    BOOL ok;

    note_begun();
    DOING();
    ok = TransactNamedPipe(me.pipe, me.frame, (DWORD)whole, me.in, 1 + roll(ANSWER_MOST), &count,
                           ov_of_call());
    error = finish(ok, &count);
    if (error != ERROR_MORE_DATA && !went_well(error, "TransactNamedPipe"))
        return false;
    note_told();
    return get_rest(crowd_sift(&me.answers, me.in, count, &used));
}

static bool ask(void)
{
    uint32_t answer = some_length(ANSWER_MOST);

    if (me.whole && roll(3) == 0)
        return transact();
    return put(some_length(CROWD_MOST), answer) && get_rest(false);
}

/* ---- several writes on their way ---- */

static bool lane_end(void)
{
    struct lane *lane = &me.lane[me.oldest++ % LANES];
    DWORD count = 0, error;

    DOING();
    error = GetOverlappedResult(me.pipe, &lane->ov, &count, TRUE) ? 0 : GetLastError();
    lane->busy = false;
    if (!went_well(error, "WriteFile"))
        return false;
    CROWD_NEED(count == lane->len, "%u of %u bytes", (unsigned)count, (unsigned)lane->len);
    note_told();
    return true;
}

static bool lanes_end(void)
{
    bool well = true;

    while (me.oldest != me.next)
        well = lane_end() && well; /* each must end, for its buffer's sake */
    return well;
}

static bool lane_begin(void)
{
    struct lane *lane = &me.lane[me.next % LANES];
    struct crowd_head head;

    if (lane->busy && !lane_end())
        return false;
    head = head_new(some_length(LANE_MOST), CROWD_NO_ANSWER);
    lane->len = (DWORD)crowd_frame(lane->frame, &head);
    note_begun();
    if (!WriteFile(me.pipe, lane->frame, lane->len, NULL, &lane->ov) &&
        GetLastError() != ERROR_IO_PENDING)
        return went_well(GetLastError(), "WriteFile");
    lane->busy = true;
    me.next++;
    return true;
}

/* ---- a session ---- */

static bool blank(void)
{
    DWORD count = 0, error;

    DOING();
    error = finish(WriteFile(me.pipe, "", 0, me.overlapped ? NULL : &count, ov_of_call()), &count);
    me.blanks++;
    return went_well(error, "an empty WriteFile");
}

static bool flush(void)
{
    DOING();
    return went_well(FlushFileBuffers(me.pipe) ? 0 : GetLastError(), "FlushFileBuffers");
}

static bool step(void)
{
    uint32_t dice = roll(16);

    if (me.overlapped && dice < 8)
        return lane_begin();
    if (!lanes_end())
        return false;
    if (dice < 11)
        return ask();
    if (dice == 11 && me.session->kind == CROWD_MESSAGES)
        return blank();
    if (dice == 12)
        return flush();
    return put(some_length(CROWD_MOST), CROWD_NO_ANSWER);
}

/* Takes back some of the last writes, the newest first: they have arrived or not. */
static void take_back(void)
{
    for (unsigned i = me.next; i != me.oldest && roll(3) != 0; i--)
        (void)CancelIoEx(me.pipe, &me.lane[(i - 1) % LANES].ov);
    while (me.oldest != me.next) {
        struct lane *lane = &me.lane[me.oldest++ % LANES];
        DWORD count;

        DOING();
        if (GetOverlappedResult(me.pipe, &lane->ov, &count, TRUE))
            note_told();
        else if (GetLastError() != ERROR_OPERATION_ABORTED)
            (void)went_well(GetLastError(), "WriteFile");
        lane->busy = false;
    }
}

/* Ends the process with the handle open. */
static void leave(void)
{
    atomic_store(&me.self->doomed, atomic_load(&me.self->life));
    exit(0);
}

static void session_end(bool well)
{
    if (well && atomic_load(&me.session->told) > 0 && roll(4) == 0)
        take_back();
    else if (lanes_end() && well && roll(8) == 0)
        (void)put(some_length(CROWD_MOST), roll(ANSWER_MOST)); /* does not wait for the answer */
    if (roll(60) == 0)
        leave();
    atomic_store(&me.session->closed, true);
    CROWD_NEED(CloseHandle(me.pipe), "CloseHandle");
}

static void session(void)
{
    uint32_t frames = roll(10) == 0 ? 0 : 1 + roll(NUMBER_OF_FRAMES);
    bool well = true;

    session_begin();
    open_pipe();
    while (well && !me.sent_away && frames-- > 0)
        well = step();
    session_end(well && !me.sent_away);
}

void crowd_visit(unsigned number)
{
    uint32_t sessions;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    comm_leaks_begin();
    me.number = number;
    me.self = &crowd->client[number];
    me.random = crowd->seed + number * 7919u + (uint64_t)atomic_load(&me.self->life) * 1000003u + 7;
    me.frame = malloc(sizeof(struct crowd_head) + CROWD_MOST);
    me.in = malloc(ANSWER_MOST + 1);
    CROWD_NEED(me.frame != NULL && me.in != NULL, "malloc");
    me.ov.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    for (unsigned i = 0; i < LANES; i++)
        me.lane[i].ov.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    for (sessions = 1 + roll(40); sessions > 0 && !atomic_load(&crowd->stop); sessions--)
        session();
    DOING();
    while (atomic_load(&pi_ends_sending) > 0)
        usleep(500);
    for (unsigned i = 0; i < LANES; i++)
        CROWD_NEED(CloseHandle(me.lane[i].ov.hEvent), "CloseHandle");
    CROWD_NEED(CloseHandle(me.ov.hEvent), "CloseHandle");
    free(me.frame);
    free(me.in);
    CROWD_NEED(comm_leaks_end() == 0, "a client has kept something");
    exit(0);
}
