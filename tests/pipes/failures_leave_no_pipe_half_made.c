/* SPDX-License-Identifier: MIT */
/* Making pipes, finding them and opening them, with every request these make of the system refused
 * in turn: a call that failed has made nothing, and a name that it took is free. */
#include "connected.h"
#include "faults.h"

#include "asleep.h"
#include "libcomm/plat/testing.h"

enum { QUOTA = 512 };

static char name[AT_NAME];
static struct place beside[1]; /* a second process, in scenes that have one */
static HANDLE server_beside;   /* NULL: none */

static void name_choose(void)
{
    strcpy(name, fresh_name("")); /* a child's own, since it has its number in it */
}

static HANDLE make(DWORD flags, DWORD mode, DWORD max)
{
    return CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX | flags, mode, max, QUOTA, QUOTA, 0, NULL);
}

static HANDLE open_client(void)
{
    return CreateFileA(name, BOTH_WAYS, 0, NULL, OPEN_EXISTING, 0, NULL);
}

/* Bytes go through, from a client to a server that has been connected. */
static void check_carries(HANDLE server, HANDLE client)
{
    OVERLAPPED ov = {0};
    char buf[8];
    DWORD n = 0;

    IN_CHILD(WriteFile(client, "data", 4, &n, NULL) && n == 4);
    IN_CHILD(ReadFile(server, buf, sizeof buf, &n, &ov) && n == 4);
    IN_CHILD(memcmp(buf, "data", 4) == 0);
}

/* ---- a name of its own ---- */

static void named(struct scene *s)
{
    s->heard = true;
    name_choose();
}

static DWORD make_bytes(struct scene *s)
{
    return error_of(s->made = make(FILE_FLAG_OVERLAPPED, BYTES, 1));
}

static DWORD make_messages(struct scene *s)
{
    WCHAR wide[AT_NAME];

    for (size_t i = 0; i == 0 || wide[i - 1] != 0; i++)
        wide[i] = (WCHAR)name[i];
    return error_of(s->made =
                        CreateNamedPipeW(wide, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, MESSAGES,
                                         PIPE_UNLIMITED_INSTANCES, QUOTA, QUOTA, 0, NULL));
}

/* What was made works; then, as after a failure, nobody has the name. */
static void name_is_free(struct scene *s)
{
    HANDLE again;

    if (s->made != INVALID_HANDLE_VALUE) {
        HANDLE client = open_client();

        IN_CHILD(client != INVALID_HANDLE_VALUE);
        check_carries(s->made, client);
        IN_CHILD(CloseHandle(client) && CloseHandle(s->made));
    }
    s->made = NULL;
    IN_CHILD(open_client() == INVALID_HANDLE_VALUE && GetLastError() == ERROR_FILE_NOT_FOUND);
    again = make(FILE_FLAG_FIRST_PIPE_INSTANCE, BYTES, 1);
    IN_CHILD(again != INVALID_HANDLE_VALUE && CloseHandle(again));
}

/* ---- one more instance ---- */

static void one_here(struct scene *s)
{
    s->heard = true;
    name_choose();
    s->end[0] = make(FILE_FLAG_OVERLAPPED, BYTES, 2);
    IN_CHILD(s->end[0] != INVALID_HANDLE_VALUE);
}

static void none_beside(struct scene *s)
{
    (void)s;
    if (server_beside != NULL)
        IN_CHILD(at_close(beside, server_beside).ok);
    place_close(beside);
}

static void one_beside(struct scene *s)
{
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);
    struct said said;

    s->heard = true;
    s->finish = none_beside;
    name_choose();
    place_open_there(beside);
    pipe.max = 2;
    said = at_create(beside, name, pipe);
    IN_CHILD(said.ok);
    server_beside = said.handle;
}

static DWORD make_one_more(struct scene *s)
{
    return error_of(s->made = make(FILE_FLAG_OVERLAPPED, BYTES, 2));
}

/* The number of instances, as they are counted where the name is owned. */
static DWORD instances(HANDLE server)
{
    DWORD state, count = 0;

    IN_CHILD(GetNamedPipeHandleStateA(server, &state, &count, NULL, NULL, NULL, 0));
    return count;
}

static bool two_are_free(void *unused)
{
    HANDLE second = make(FILE_FLAG_OVERLAPPED, BYTES, 2);
    bool free = second != INVALID_HANDLE_VALUE;

    (void)unused;
    if (free)
        IN_CHILD(instances(second) == 2 && CloseHandle(second));
    return free;
}

/* One that was not made takes no place of the two there are. */
static void place_is_free(struct scene *s)
{
    if (s->made != INVALID_HANDLE_VALUE)
        IN_CHILD(instances(s->made) == 2 && CloseHandle(s->made));
    s->made = NULL;
    IN_CHILD(comm_poll_until(two_are_free, NULL));
}

static const struct scenario making[] = {
    {"CreateNamedPipeA",               named,      make_bytes,    name_is_free,  false, false},
    {"CreateNamedPipeA, everywhere",   named,      make_bytes,    name_is_free,  false, true },
    {"CreateNamedPipeW",               named,      make_messages, name_is_free,  false, false},
    {"CreateNamedPipe once more",      one_here,   make_one_more, place_is_free, false, false},
    {"CreateNamedPipe beside another", one_beside, make_one_more, place_is_free, false, false},
};

static void an_instance_and_its_name_are_made_or_not_at_all(void)
{
    CHECK(faults_run(making, ARRAY_LEN(making)) > 0);
}

/* ---- opening ---- */

static DWORD open_it(struct scene *s)
{
    return error_of(s->made = open_client());
}

static void listening_here(struct scene *s)
{
    one_here(s);
    IN_CHILD(!ConnectNamedPipe(s->end[0], &s->ov) && GetLastError() == ERROR_IO_PENDING);
}

/* A client that failed to come, once its server knew of it, is one that has gone. */
static void server_listens_again(struct scene *s)
{
    HANDLE client;

    if (s->made != INVALID_HANDLE_VALUE)
        IN_CHILD(CloseHandle(s->made));
    s->made = NULL;
    (void)DisconnectNamedPipe(s->end[0]);
    IN_CHILD(!ConnectNamedPipe(s->end[0], &s->ov) && GetLastError() == ERROR_IO_PENDING);
    client = open_client();
    IN_CHILD(client != INVALID_HANDLE_VALUE && HasOverlappedIoCompleted(&s->ov));
    check_carries(s->end[0], client);
    IN_CHILD(CloseHandle(client) && DisconnectNamedPipe(s->end[0]));
    IN_CHILD(!ConnectNamedPipe(s->end[0], &s->ov) && GetLastError() == ERROR_IO_PENDING);
}

static void server_there(struct scene *s)
{
    struct said said;

    s->heard = true;
    s->finish = none_beside;
    name_choose();
    place_open_there(beside);
    said = at_create(beside, name, one_pipe(BYTES, QUOTA));
    IN_CHILD(said.ok);
    server_beside = said.handle;
}

static void server_there_again(struct scene *s)
{
    DWORD n = 0;

    if (s->made != INVALID_HANDLE_VALUE) {
        IN_CHILD(WriteFile(s->made, "data", 4, &n, NULL) && n == 4);
        IN_CHILD(at_get(beside, server_beside, 64).count == 4 && CloseHandle(s->made));
    }
    s->made = NULL;
    (void)at_disconnect(beside, server_beside);
    IN_CHILD(at_connect(beside, 0, server_beside).error == ERROR_IO_PENDING);
}

/* The client is beside, and here are the owner and what it does in the client's favour. */
static HANDLE client_beside;

static void client_there(struct scene *s)
{
    s->once = true; /* who cannot be let in waits until he can */
    s->finish = none_beside;
    listening_here(s);
    place_open_there(beside);
}

static DWORD opened_beside(struct scene *s)
{
    struct said said = at_open(beside, name, BOTH_WAYS, FILE_FLAG_OVERLAPPED);

    (void)s;
    client_beside = said.ok ? said.handle : NULL;
    return said.error;
}

static void client_there_again(struct scene *s)
{
    if (client_beside != NULL) {
        IN_CHILD(at_put(beside, client_beside, "data", 4).count == 4);
        IN_CHILD(at_close(beside, client_beside).ok);
    }
    client_beside = NULL;
    s->made = INVALID_HANDLE_VALUE;
    server_listens_again(s);
}

static const struct scenario opening[] = {
    {"CreateFile",                  listening_here, open_it,       server_listens_again, false, false},
    {"CreateFile beside the owner", server_there,   open_it,       server_there_again,   false, false},
    {"CreateFile, at the owner",    client_there,   opened_beside, client_there_again,   false, true },
};

static void a_client_gets_in_or_is_told_what_is_short(void)
{
    CHECK(faults_run(opening, ARRAY_LEN(opening)) > 0);
}

/* ---- waiting for an instance ---- */

/* In vain is an answer, too. */
static DWORD wait_for_it(struct scene *s)
{
    DWORD error = error_unless(WaitNamedPipeA(name, TICK_MS));

    (void)s;
    return error == ERROR_SEM_TIMEOUT ? 0 : error;
}

static void busy_here(struct scene *s)
{
    one_here(s);
    s->end[1] = open_client();
    IN_CHILD(s->end[1] != INVALID_HANDLE_VALUE);
}

static void busy_there(struct scene *s)
{
    server_there(s);
    s->end[1] = open_client();
    IN_CHILD(s->end[1] != INVALID_HANDLE_VALUE);
}

static void busy_for_one_beside(struct scene *s)
{
    s->once = true;
    s->finish = none_beside;
    busy_here(s);
    place_open_there(beside);
}

static DWORD waited_for_beside(struct scene *s)
{
    struct said said = at_wait(beside, 0, name, TICK_MS);

    (void)s;
    if (said.error == ERROR_IO_PENDING)
        said = at_await(beside, 0);
    return said.error == ERROR_SEM_TIMEOUT ? 0 : said.error;
}

static const struct scenario waiting[] = {
    {"WaitNamedPipe",                  one_here,            wait_for_it,       NULL, false, false},
    {"WaitNamedPipe in vain",          busy_here,           wait_for_it,       NULL, false, false},
    {"WaitNamedPipe beside the owner", server_there,        wait_for_it,       NULL, false, false},
    {"the same in vain",               busy_there,          wait_for_it,       NULL, false, false},
    {"WaitNamedPipe, at the owner",    busy_for_one_beside, waited_for_beside, NULL, false, true },
};

static void a_wait_for_an_instance_ends_or_was_refused(void)
{
    CHECK(faults_run(waiting, ARRAY_LEN(waiting)) > 0);
}

/* ---- the exchange in one call ---- */

static struct sleeper answerer;

/* Until it is cancelled; a client that went away is no reason to end. */
static DWORD WINAPI answer(void *server)
{
    char buf[16];
    DWORD n = 0;

    sleeper_announce(&answerer);
    while (ConnectNamedPipe(server, NULL) || GetLastError() != ERROR_OPERATION_ABORTED) {
        if (ReadFile(server, buf, sizeof buf, &n, NULL) && WriteFile(server, "answer", 6, &n, NULL))
            (void)ReadFile(server, buf, sizeof buf, &n, NULL); /* until the client has gone */
        (void)DisconnectNamedPipe(server);
    }
    return 0;
}

static bool answerer_waits(void *unused)
{
    (void)unused;
    return is_asleep(&answerer);
}

static void answerer_starts(struct scene *s)
{
    atomic_store(&answerer.thread, NULL);
    s->thread = CreateThread(NULL, 0, answer, s->end[0], 0, NULL);
    IN_CHILD(s->thread != NULL && comm_poll_until(answerer_waits, NULL));
}

static bool answerer_ends(void *thread)
{
    (void)CancelSynchronousIo(thread);
    return WaitForSingleObject(thread, 0) == WAIT_OBJECT_0;
}

static void answerer_stops(struct scene *s)
{
    IN_CHILD(comm_poll_until(answerer_ends, s->thread));
    IN_CHILD(CloseHandle(s->thread));
    s->thread = NULL;
}

static void answered(struct scene *s)
{
    s->heard = true;
    s->finish = answerer_stops;
    name_choose();
    s->end[0] = make(0, MESSAGES, 1);
    IN_CHILD(s->end[0] != INVALID_HANDLE_VALUE);
    answerer_starts(s);
}

static void answerer_starts_anew(struct scene *s)
{
    answerer_stops(s);
    answerer_starts(s);
}

static DWORD call_it(struct scene *s)
{
    DWORD n = 0;

    if (!CallNamedPipeA(name, (char[]){"request"}, 7, s->buf, sizeof s->buf, &n, SCENE_MS))
        return GetLastError();
    IN_CHILD(n == 6 && memcmp(s->buf, "answer", 6) == 0);
    return 0;
}

static const struct scenario calling[] = {
    {"CallNamedPipe", answered, call_it, answerer_starts_anew, false, false},
};

static void an_exchange_is_made_or_was_refused(void)
{
    CHECK(faults_run(calling, ARRAY_LEN(calling)) > 0);
}

/* ---- without a name ---- */

static DWORD make_anonymous(struct scene *s)
{
    return error_unless(CreatePipe(&s->end[0], &s->end[1], NULL, 0));
}

static void anonymous_carries(struct scene *s)
{
    char buf[8];
    DWORD n = 0;

    if (s->end[0] != NULL) {
        IN_CHILD(WriteFile(s->end[1], "data", 4, &n, NULL) && n == 4);
        IN_CHILD(ReadFile(s->end[0], buf, sizeof buf, &n, NULL) && n == 4);
        IN_CHILD(CloseHandle(s->end[0]) && CloseHandle(s->end[1]));
    }
    s->end[0] = s->end[1] = NULL;
}

static const struct scenario anonymous[] = {
    {"CreatePipe", NULL, make_anonymous, anonymous_carries, false, false},
};

static void an_anonymous_pipe_has_both_ends_or_none(void)
{
    CHECK(faults_run(anonymous, ARRAY_LEN(anonymous)) > 0);
}

/* ---- facts ---- */

static DWORD ask_everything(struct scene *s)
{
    DWORD word[4], mode = PIPE_READMODE_BYTE;
    HANDLE end = s->end[1];
    ULONG id;

    return error_unless(
        GetNamedPipeHandleStateA(end, &word[0], &word[1], NULL, NULL, NULL, 0) &&
        SetNamedPipeHandleState(end, &mode, NULL, NULL) &&
        GetNamedPipeInfo(end, &word[0], &word[1], &word[2], &word[3]) &&
        GetNamedPipeClientProcessId(end, &id) && GetNamedPipeServerProcessId(end, &id) &&
        GetNamedPipeClientSessionId(end, &id) && GetNamedPipeServerSessionId(end, &id) &&
        PeekNamedPipe(end, s->buf, sizeof s->buf, &word[0], &word[1], &word[2]));
}

static const struct scenario asking[] = {
    {"asking a client",            busy_here,  ask_everything, NULL, true, false},
    {"the same beside the server", busy_there, ask_everything, NULL, true, false},
};

static void an_end_answers_whatever_is_refused(void)
{
    (void)faults_run(asking, ARRAY_LEN(asking));
}

FAR_TEST_MAIN(TEST(an_instance_and_its_name_are_made_or_not_at_all),
              TEST(a_client_gets_in_or_is_told_what_is_short),
              TEST(a_wait_for_an_instance_ends_or_was_refused),
              TEST(an_exchange_is_made_or_was_refused),
              TEST(an_anonymous_pipe_has_both_ends_or_none),
              TEST(an_end_answers_whatever_is_refused))
