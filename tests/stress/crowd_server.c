/* SPDX-License-Identifier: MIT */
/* A server process: some instances behind a completion port with two threads, some served by a
 * thread each with blocking calls.  Each session is settled once its client has gone. */
#include "crowd.h"

#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

#include "leaks.h"

enum { PORTED = 6, BLOCKING = 4, PORT_THREADS = 2, AT_ONCE = 64 * 1024 };

enum post_state { POST_CONNECTS, POST_READS, POST_ANSWERS };

/* An instance. */
struct post {
    OVERLAPPED ov; /* first: a packet leads here */
    HANDLE pipe;
    enum crowd_kind kind;
    bool whole; /* it reads messages */
    enum post_state state;
    struct crowd_sieve sieve;
    struct crowd_session *session; /* NULL: nothing has come yet */
    size_t answer;                 /* bytes to write */
    uint64_t random;
    uint32_t answers;
    unsigned char *in, *out;
};

static HANDLE port;
static struct post posts[PORTED + BLOCKING];

static bool one_in(struct post *post, uint32_t n)
{
    return stress_random(&post->random) % n == 0;
}

/* ---- making ---- */

static void post_make(struct post *post, bool blocking)
{
    static const DWORD quotas[] = {0, 300, 4096, 65536};
    DWORD quota = quotas[stress_random(&post->random) % ARRAY_LEN(quotas)];
    DWORD mode = post->kind == CROWD_MESSAGES ? PIPE_TYPE_MESSAGE : PIPE_TYPE_BYTE;

    post->whole = post->kind == CROWD_MESSAGES && !one_in(post, 4);
    post->pipe = CreateNamedPipeA(crowd_name(post->kind),
                                  PIPE_ACCESS_DUPLEX | (blocking ? 0 : FILE_FLAG_OVERLAPPED),
                                  mode | (post->whole ? PIPE_READMODE_MESSAGE : 0),
                                  PIPE_UNLIMITED_INSTANCES, quota, quota, 20, NULL);
    CROWD_NEED(post->pipe != INVALID_HANDLE_VALUE, "CreateNamedPipe");
    if (!blocking)
        CROWD_NEED(CreateIoCompletionPort(post->pipe, port, (ULONG_PTR)post, 0) == port, "port");
}

static void post_open(struct post *post, unsigned server, unsigned number)
{
    post->random = crowd->seed + server * 1000003u + number * 7919u + 1;
    post->kind = number % 2 == 0 ? CROWD_MESSAGES : CROWD_BYTES;
    post->in = malloc(AT_ONCE);
    post->out = malloc(sizeof(struct crowd_head) + CROWD_MOST);
    CROWD_NEED(post->in != NULL && post->out != NULL, "malloc");
    post_make(post, number >= PORTED);
}

static void post_close(struct post *post)
{
    free(post->in);
    free(post->out);
}

/* ---- what came in ---- */

/* NULL: nothing of it had to arrive, and its place in the books is another's by now. */
static struct crowd_session *session_of(const struct crowd_sieve *sieve)
{
    struct crowd_client *client = &crowd->client[sieve->client];

    for (unsigned i = 0; i < CROWD_SESSIONS; i++)
        if (atomic_load(&client->session[i].id) == sieve->session)
            return &client->session[i];
    CROWD_NEED(sieve->session >> CROWD_LIFE_SHIFT <= atomic_load(&client->doomed),
               "%u/%llu is not open", sieve->client, (unsigned long long)sieve->session);
    return NULL;
}

static void meet(struct post *post)
{
    post->session = session_of(&post->sieve);
    if (post->session == NULL)
        return;
    CROWD_NEED(post->session->kind == post->kind, "%u/%llu asked for the other pipe",
               post->sieve.client, (unsigned long long)post->sieve.session);
    CROWD_NEED(!atomic_exchange(&post->session->met, true), "%u/%llu was here before",
               post->sieve.client, (unsigned long long)post->sieve.session);
}

static void frame_came(struct post *post)
{
    struct crowd_head *head = &post->sieve.head;

    if (post->session == NULL)
        meet(post);
    if (post->whole)
        CROWD_NEED(head->blanks == post->sieve.blanks, "%u empty messages came instead of %u",
                   post->sieve.blanks, head->blanks);
    post->sieve.blanks = 0;
    if (post->session != NULL)
        atomic_fetch_add(&post->session->arrived, 1);
    atomic_fetch_add_explicit(&crowd->frames, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&crowd->bytes, head->len, memory_order_relaxed);
    if (head->answer != CROWD_NO_ANSWER)
        post->answer = crowd_frame(post->out, &(struct crowd_head){.client = head->client,
                                                                   .session = head->session,
                                                                   .number = post->answers++,
                                                                   .len = head->answer});
}

/* One read: after a whole message there is a whole frame, and nothing else. */
static void post_heard(struct post *post, size_t len, bool more)
{
    const unsigned char *at = post->in;
    bool complete = false;

    if (len == 0 && post->whole) {
        post->sieve.blanks++;
        return;
    }
    while (len > 0) {
        size_t used;

        CROWD_NEED(post->answer == 0, "something came behind a question");
        CROWD_NEED(!post->whole || !complete, "a message goes on behind its frame");
        complete = crowd_sift(&post->sieve, at, len, &used);
        if (complete)
            frame_came(post);
        at += used;
        len -= used;
    }
    if (post->whole)
        CROWD_NEED(complete == !more, "a message of %u/%llu ends at %zu of its frame",
                   post->sieve.client, (unsigned long long)post->sieve.session, post->sieve.got);
}

/* ---- the end of a session ---- */

/* The client is gone, and there is nothing more to read. */
static void settle(struct post *post, bool sent_away)
{
    struct crowd_session *s = post->session;
    struct crowd_client *client = &crowd->client[post->sieve.client];
    uint32_t arrived, least;
    bool killed;

    if (s == NULL)
        return;
    killed = s->life <= atomic_load(&client->doomed);
    arrived = atomic_load(&s->arrived);
    least = killed ? atomic_load(&s->safe) : atomic_load(&s->told);
    if (sent_away)
        least = 0;
    else
        CROWD_NEED(killed || atomic_load(&s->closed),
                   "%u/%llu ended although its client goes on, after %u frames", post->sieve.client,
                   (unsigned long long)post->sieve.session, arrived);
    CROWD_NEED(arrived >= least, "%u/%llu lost frames: %u arrived, %u were written, %s",
               post->sieve.client, (unsigned long long)post->sieve.session, arrived, least,
               killed ? "killed" : "alive");
    CROWD_NEED(arrived <= atomic_load(&s->begun), "%u/%llu: %u frames arrived, %u were begun",
               post->sieve.client, (unsigned long long)post->sieve.session, arrived,
               atomic_load(&s->begun));
    /* a write that was taken back goes even if a part of it was read */
    if (post->kind == CROWD_MESSAGES && !sent_away)
        CROWD_NEED(post->sieve.got == 0 || atomic_load(&s->begun) > atomic_load(&s->told),
                   "%u/%llu: half a message is all that came", post->sieve.client,
                   (unsigned long long)post->sieve.session);
    atomic_store(&s->settled, true);
    atomic_fetch_add(&crowd->settled, 1);
}

static void post_forget(struct post *post)
{
    post->session = NULL;
    post->sieve = (struct crowd_sieve){.known = false};
    post->answer = post->answers = 0;
}

/* Sends away a client that may be in the middle of something. */
static void send_away(struct post *post)
{
    struct crowd_session *s = post->session;

    atomic_store(&s->sent_away, true);
    atomic_fetch_add(&crowd->sent_away, 1);
    CROWD_NEED(DisconnectNamedPipe(post->pipe), "DisconnectNamedPipe");
    settle(post, true);
    post_forget(post);
}

/* After this it may connect again. */
static void post_renew(struct post *post, bool blocking)
{
    settle(post, false);
    post_forget(post);
    if (one_in(post, 4)) {
        CROWD_NEED(CloseHandle(post->pipe), "CloseHandle");
        post_make(post, blocking);
    } else {
        CROWD_NEED(DisconnectNamedPipe(post->pipe), "DisconnectNamedPipe");
    }
}

static bool is_end(DWORD error)
{
    if (error == ERROR_OPERATION_ABORTED && atomic_load(&crowd->servers_stop))
        return true; /* its client has not come */
    return error == ERROR_BROKEN_PIPE || error == ERROR_NO_DATA;
}

/* ---- by a completion port ---- */

static DWORD begin(struct post *post, enum post_state state)
{
    DWORD answer = (DWORD)post->answer;
    BOOL ok = FALSE;

    /* all of it first: another thread may have the packet before the call returns */
    post->state = state;
    if (state == POST_ANSWERS)
        post->answer = 0;
    memset(&post->ov, 0, sizeof post->ov);
    switch (state) {
    case POST_CONNECTS:
        ok = ConnectNamedPipe(post->pipe, &post->ov);
        break;
    case POST_READS:
        ok = ReadFile(post->pipe, post->in, 1 + stress_random(&post->random) % AT_ONCE, NULL,
                      &post->ov);
        break;
    case POST_ANSWERS:
        ok = WriteFile(post->pipe, post->out, answer, NULL, &post->ov);
        break;
    }
    return ok || GetLastError() == ERROR_IO_PENDING || GetLastError() == ERROR_MORE_DATA
               ? 0
               : GetLastError();
}

/* Begins something a packet will tell of; a call that fails at once tells of nothing. */
static void post_go_on(struct post *post)
{
    enum post_state state = post->answer > 0 ? POST_ANSWERS : POST_READS;
    DWORD error;

    if (post->session != NULL && post->answer == 0 && one_in(post, 400)) {
        send_away(post);
        state = POST_CONNECTS;
    }
    for (;;) {
        error = begin(post, state);
        if (error == 0)
            return;
        if (state == POST_CONNECTS && (error == ERROR_PIPE_CONNECTED || error == ERROR_NO_DATA)) {
            state = POST_READS; /* it was faster, and may have left something behind */
            continue;
        }
        CROWD_NEED(is_end(error) && state != POST_CONNECTS, "call %d failed with %u", (int)state,
                   (unsigned)error);
        if (state == POST_ANSWERS) { /* what it has written is still to be read */
            state = POST_READS;
            continue;
        }
        post_renew(post, false);
        state = POST_CONNECTS;
    }
}

static void post_told(struct post *post, DWORD error, DWORD count)
{
    switch (post->state) {
    case POST_CONNECTS:
        CROWD_NEED(error == 0, "ConnectNamedPipe ended with %u", (unsigned)error);
        break;
    case POST_READS:
        if (is_end(error)) {
            post_renew(post, false);
            error = begin(post, POST_CONNECTS);
            if (error == 0)
                return;
            CROWD_NEED(error == ERROR_PIPE_CONNECTED || error == ERROR_NO_DATA,
                       "ConnectNamedPipe failed with %u", (unsigned)error);
            break;
        }
        CROWD_NEED(error == 0 || error == ERROR_MORE_DATA, "ReadFile ended with %u",
                   (unsigned)error);
        post_heard(post, count, error == ERROR_MORE_DATA);
        break;
    case POST_ANSWERS:
        CROWD_NEED(error == 0 || is_end(error), "WriteFile ended with %u", (unsigned)error);
        break;
    }
    post_go_on(post);
}

static void *port_serve(void *arg)
{
    for (;;) {
        OVERLAPPED *ov = NULL;
        ULONG_PTR key = 0;
        DWORD count = 0;
        BOOL ok = GetQueuedCompletionStatus(port, &count, &key, &ov, INFINITE);
        DWORD error = ok ? 0 : GetLastError();

        CROWD_NEED(ok || ov != NULL, "GetQueuedCompletionStatus");
        if (ov == NULL)
            return arg;
        post_told((struct post *)(void *)ov, error, count);
    }
}

/* ---- by blocking calls ---- */

/* False: the client is gone. */
static bool post_serve_once(struct post *post)
{
    DWORD count = 0, len = 1 + stress_random(&post->random) % AT_ONCE;
    BOOL ok;

    if (post->answer > 0) {
        DWORD answer = (DWORD)post->answer;

        post->answer = 0;
        ok = WriteFile(post->pipe, post->out, answer, &count, NULL);
        CROWD_NEED(ok ? count == answer : is_end(GetLastError()), "WriteFile of %u", answer);
        return true;
    }
    ok = ReadFile(post->pipe, post->in, len, &count, NULL);
    if (!ok && is_end(GetLastError()))
        return false;
    CROWD_NEED(ok || GetLastError() == ERROR_MORE_DATA, "ReadFile");
    post_heard(post, count, !ok);
    return true;
}

static void *block_serve(void *arg)
{
    struct post *post = arg;

    while (!atomic_load(&crowd->servers_stop)) {
        if (!ConnectNamedPipe(post->pipe, NULL)) {
            if (GetLastError() == ERROR_OPERATION_ABORTED)
                continue;
            CROWD_NEED(GetLastError() == ERROR_PIPE_CONNECTED || GetLastError() == ERROR_NO_DATA,
                       "ConnectNamedPipe");
        }
        while (post_serve_once(post))
            continue;
        post_renew(post, true);
    }
    return NULL;
}

/* ---- the process ---- */

/* A thread that waits for a client may begin to do so at any moment. */
static void end_blocking(HANDLE *thread, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        while (WaitForSingleObject(thread[i], 5) == WAIT_TIMEOUT)
            (void)CancelSynchronousIo(thread[i]);
        CROWD_NEED(CloseHandle(thread[i]), "CloseHandle");
    }
}

static DWORD WINAPI block_thread(void *post)
{
    block_serve(post);
    return 0;
}

static void end_ported(pthread_t *thread)
{
    for (unsigned i = 0; i < PORT_THREADS; i++)
        CROWD_NEED(PostQueuedCompletionStatus(port, 0, 0, NULL), "PostQueuedCompletionStatus");
    for (unsigned i = 0; i < PORT_THREADS; i++)
        comm_join(thread[i]);
}

void crowd_serve(unsigned number)
{
    pthread_t ported[PORT_THREADS];
    HANDLE blocking[BLOCKING];

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    comm_leaks_begin();
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    CROWD_NEED(port != NULL, "CreateIoCompletionPort");
    for (unsigned i = 0; i < ARRAY_LEN(posts); i++)
        post_open(&posts[i], number, i);
    for (unsigned i = 0; i < PORTED; i++) {
        DWORD error = begin(&posts[i], POST_CONNECTS);

        CROWD_NEED(error == 0, "ConnectNamedPipe: %u", (unsigned)error);
    }
    for (unsigned i = 0; i < PORT_THREADS; i++)
        ported[i] = comm_spawn(port_serve, NULL);
    for (unsigned i = 0; i < BLOCKING; i++)
        blocking[i] = CreateThread(NULL, 0, block_thread, &posts[PORTED + i], 0, NULL);
    atomic_fetch_add(&crowd->servers_ready, 1);
    while (!atomic_load(&crowd->servers_stop))
        usleep(10000);
    end_blocking(blocking, BLOCKING);
    end_ported(ported);
    for (unsigned i = 0; i < ARRAY_LEN(posts); i++)
        CROWD_NEED(CloseHandle(posts[i].pipe), "CloseHandle");
    CROWD_NEED(CloseHandle(port), "CloseHandle");
    for (unsigned i = 0; i < ARRAY_LEN(posts); i++)
        post_close(&posts[i]);
    CROWD_NEED(comm_leaks_end() == 0, "a server has kept something");
    exit(0);
}
