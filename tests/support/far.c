/* SPDX-License-Identifier: MIT */
/* Starts the second process and carries questions to it.  It is this program with --far and the
 * number of its socket. */
#include "far.h"

#include "leaks.h"
#include "serve.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    FAR_GONE = 0xDEAD,       /* the error of every call at a place that is no more */
    ANSWER_PATIENCE_S = 100, /* more than any one call of serve.c takes */
};

struct place here[1];

static void must(bool done, const char *what)
{
    if (done)
        return;
    perror(what);
    exit(EXIT_FAILURE);
}

unsigned long now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (unsigned long)t.tv_sec * 1000 + (unsigned long)t.tv_nsec / 1000000;
}

bool said_is(const char *when, struct said said, DWORD error, DWORD count, const char *call,
             const char *file, int line)
{
    bool same = said.ok == (error == 0) && said.error == error;

    return comm_check(same && (count == AT_ANY || said.count == count), file, line,
                      "%s%s%s: %s, error %u, %u bytes; expected error %u, %d bytes",
                      when != NULL ? when : "", when != NULL ? ": " : "", call,
                      said.ok ? "TRUE" : "FALSE", said.error, said.count, error, (int)count);
}

/* ---- the second process ---- */

int place_serve(int link)
{
    struct served *served = served_new();
    struct ask ask;
    struct said said;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    comm_leaks_begin();
    while (recv(link, &ask, sizeof ask, 0) == sizeof ask) {
        if (ask.verb != VERB_QUIT) {
            serve(served, &ask, &said);
        } else {
            served_free(served);
            memset(&said, 0, sizeof said);
            said.ok = TRUE;
            said.count = (DWORD)comm_leaks_end();
        }
        if (send(link, &said, sizeof said, MSG_NOSIGNAL) != sizeof said)
            return EXIT_FAILURE;
        if (ask.verb == VERB_QUIT)
            return EXIT_SUCCESS;
    }
    return EXIT_FAILURE;
}

static pid_t start_there(int link)
{
    extern char **environ;
    char number[16], self[] = "/proc/self/exe", mark[] = "--far";
    char *argv[] = {self, mark, number, NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid = -1;

    snprintf(number, sizeof number, "%d", link);
    fflush(NULL);
    must(posix_spawn_file_actions_init(&actions) == 0 &&
             posix_spawn_file_actions_adddup2(&actions, link, link) == 0,
         "posix_spawn_file_actions"); /* onto itself: stays open there and only there */
    errno = posix_spawn(&pid, self, &actions, NULL, argv, environ);
    must(errno == 0, self);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

/* ---- places ---- */

void place_open_here(struct place *place)
{
    *place = (struct place){.served = served_new(), .pid = getpid(), .link = -1};
}

void place_open_there(struct place *place)
{
    const struct timeval patience = {.tv_sec = ANSWER_PATIENCE_S};
    int link[2];

    must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, link) == 0, "socketpair");
    must(setsockopt(link[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0,
         "SO_RCVTIMEO");
    *place = (struct place){.pid = start_there(link[1]), .link = link[0]};
    close(link[1]);
}

bool place_is_there(const struct place *place)
{
    return place->served == NULL;
}

static int place_reap(struct place *place)
{
    int status = 0;

    close(place->link);
    place->link = -1;
    must(waitpid(place->pid, &status, 0) == place->pid, "waitpid");
    return status;
}

void place_kill(struct place *place)
{
    kill(place->pid, SIGKILL);
    (void)place_reap(place);
}

void place_stop(struct place *place)
{
    int status = 0;

    kill(place->pid, SIGSTOP);
    must(waitpid(place->pid, &status, WUNTRACED) == place->pid && WIFSTOPPED(status), "SIGSTOP");
}

void place_continue(struct place *place)
{
    kill(place->pid, SIGCONT);
}

static void ask_there(struct place *place, const struct ask *ask, struct said *said)
{
    int status;

    memset(said, 0, sizeof *said);
    said->error = FAR_GONE;
    if (place->link < 0)
        return;
    if (send(place->link, ask, sizeof *ask, MSG_NOSIGNAL) == sizeof *ask &&
        recv(place->link, said, sizeof *said, 0) == sizeof *said)
        return;
    kill(place->pid, SIGKILL); /* it may merely be stuck */
    status = place_reap(place);
    comm_check(false, __FILE__, __LINE__, "the other process gave no answer to %d: status 0x%x",
               (int)ask->verb, (unsigned)status);
}

static struct said asked(struct place *place, const struct ask *ask)
{
    struct said said;

    if (place->served != NULL)
        serve(place->served, ask, &said);
    else
        ask_there(place, ask, &said);
    return said;
}

void place_close(struct place *place)
{
    const struct ask quit = {.verb = VERB_QUIT};

    if (place->served != NULL) {
        served_free(place->served);
    } else if (place->link >= 0) {
        CHECK_SAID(asked(place, &quit), 0, 0);
        if (place->link >= 0)
            CHECK_EQ(place_reap(place), 0);
    }
    *place = (struct place){.link = -1};
}

/* ---- calls: a question each ---- */

static struct ask about(enum verb verb, unsigned slot, HANDLE handle)
{
    return (struct ask){.verb = verb, .slot = slot, .handle = handle};
}

static struct said ask_slot(struct place *place, enum verb verb, unsigned slot)
{
    const struct ask ask = about(verb, slot, NULL);

    return asked(place, &ask);
}

static struct said ask_handle(struct place *place, enum verb verb, HANDLE handle)
{
    const struct ask ask = about(verb, 0, handle);

    return asked(place, &ask);
}

static struct said ask_number(struct place *place, enum verb verb, HANDLE handle, DWORD number)
{
    struct ask ask = about(verb, 0, handle);

    ask.word[0] = number;
    return asked(place, &ask);
}

static void put_name(struct ask *ask, const char *name)
{
    must(strlen(name) < sizeof ask->name, "the name is too long to be asked for");
    strcpy(ask->name, name);
}

static void put_bytes(struct ask *ask, const void *bytes, DWORD len)
{
    ask->len = len;
    ask->pattern = bytes == NULL;
    must(ask->pattern || len <= sizeof ask->data, "more bytes than travel");
    if (!ask->pattern)
        memcpy(ask->data, bytes, len);
}

struct said at_create(struct place *place, const char *name, struct at_pipe pipe)
{
    struct ask ask = about(VERB_CREATE, 0, NULL);

    put_name(&ask, name);
    ask.pipe = pipe;
    return asked(place, &ask);
}

struct said at_open_as(struct place *place, const char *name, DWORD access, DWORD disposition,
                       DWORD flags)
{
    struct ask ask = about(VERB_OPEN, 0, NULL);

    put_name(&ask, name);
    ask.word[0] = access;
    ask.word[1] = disposition;
    ask.word[2] = flags;
    return asked(place, &ask);
}

struct said at_open(struct place *place, const char *name, DWORD access, DWORD flags)
{
    return at_open_as(place, name, access, OPEN_EXISTING, flags);
}

struct said at_duplicate(struct place *place, HANDLE handle, DWORD access)
{
    return ask_number(place, VERB_DUPLICATE, handle, access);
}

struct said at_close(struct place *place, HANDLE handle)
{
    return ask_handle(place, VERB_CLOSE, handle);
}

struct said at_connect(struct place *place, unsigned slot, HANDLE handle)
{
    const struct ask ask = about(VERB_CONNECT, slot, handle);

    return asked(place, &ask);
}

struct said at_read(struct place *place, unsigned slot, HANDLE handle, DWORD len)
{
    struct ask ask = about(VERB_READ, slot, handle);

    ask.len = len;
    return asked(place, &ask);
}

struct said at_write(struct place *place, unsigned slot, HANDLE handle, const void *bytes,
                     DWORD len)
{
    struct ask ask = about(VERB_WRITE, slot, handle);

    put_bytes(&ask, bytes, len);
    return asked(place, &ask);
}

struct said at_transact(struct place *place, unsigned slot, HANDLE handle, const void *request,
                        DWORD len, DWORD room)
{
    struct ask ask = about(VERB_TRANSACT, slot, handle);

    put_bytes(&ask, request, len);
    ask.room = room;
    return asked(place, &ask);
}

struct said at_flush(struct place *place, unsigned slot, HANDLE handle)
{
    const struct ask ask = about(VERB_FLUSH, slot | BLOCKING, handle);

    return asked(place, &ask);
}

struct said at_wait(struct place *place, unsigned slot, const char *name, DWORD timeout_ms)
{
    struct ask ask = about(VERB_WAIT, slot | BLOCKING, NULL);

    put_name(&ask, name);
    ask.word[0] = timeout_ms;
    return asked(place, &ask);
}

struct said at_call(struct place *place, unsigned slot, const char *name, const void *request,
                    DWORD len, DWORD room, DWORD timeout_ms)
{
    struct ask ask = about(VERB_CALL, slot | BLOCKING, NULL);

    put_name(&ask, name);
    put_bytes(&ask, request, len);
    ask.room = room;
    ask.word[0] = timeout_ms;
    return asked(place, &ask);
}

struct said at_look(struct place *place, unsigned slot)
{
    return ask_slot(place, VERB_LOOK, slot);
}

struct said at_await(struct place *place, unsigned slot)
{
    return ask_slot(place, VERB_AWAIT, slot);
}

bool at_holds(struct place *place, unsigned slot, DWORD offset, DWORD len, DWORD from)
{
    struct ask ask = about(VERB_HOLDS, slot, NULL);

    ask.len = len;
    ask.word[0] = offset;
    ask.word[1] = from;
    return asked(place, &ask).ok;
}

struct said at_cancel(struct place *place, unsigned slot)
{
    return ask_slot(place, VERB_CANCEL, slot);
}

struct said at_cancel_call(struct place *place, unsigned slot)
{
    return ask_slot(place, VERB_CANCEL_CALL, slot);
}

struct said at_cancel_all(struct place *place, HANDLE handle)
{
    return ask_handle(place, VERB_CANCEL_ALL, handle);
}

struct said at_cancel_own(struct place *place, HANDLE handle)
{
    return ask_handle(place, VERB_CANCEL_OWN, handle);
}

/* The slot's request has been issued: its result, or that there will be none. */
static struct said result_now(struct place *place, struct said issued)
{
    bool pended = issued.error == ERROR_IO_PENDING;
    struct said said = issued;

    if (issued.ok || issued.error == ERROR_MORE_DATA)
        said = at_look(place, SLOT_NOW);
    else if (pended)
        said = at_await(place, SLOT_NOW);
    if (said.error == WAIT_TIMEOUT) {
        (void)at_cancel(place, SLOT_NOW);
        (void)at_await(place, SLOT_NOW);
    }
    said.word[0] = pended;
    return said;
}

struct said at_get(struct place *place, HANDLE handle, DWORD len)
{
    return result_now(place, at_read(place, SLOT_NOW, handle, len));
}

struct said at_put(struct place *place, HANDLE handle, const void *bytes, DWORD len)
{
    return result_now(place, at_write(place, SLOT_NOW, handle, bytes, len));
}

struct said at_flushed(struct place *place, HANDLE handle)
{
    struct said said = at_flush(place, SLOT_NOW, handle);

    return said.error == ERROR_IO_PENDING ? at_await(place, SLOT_NOW) : said;
}

struct said at_disconnect(struct place *place, HANDLE handle)
{
    return ask_handle(place, VERB_DISCONNECT, handle);
}

struct said at_peek(struct place *place, HANDLE handle, DWORD room)
{
    struct ask ask = about(VERB_PEEK, 0, handle);

    must(room <= AT_DATA, "more bytes than travel");
    ask.room = room;
    return asked(place, &ask);
}

struct said at_set_mode(struct place *place, HANDLE handle, DWORD mode)
{
    return ask_number(place, VERB_SET_MODE, handle, mode);
}

struct said at_get_mode(struct place *place, HANDLE handle)
{
    return ask_handle(place, VERB_GET_MODE, handle);
}

struct said at_info(struct place *place, HANDLE handle)
{
    return ask_handle(place, VERB_INFO, handle);
}

struct said at_client_pid(struct place *place, HANDLE handle)
{
    return ask_handle(place, VERB_CLIENT_PID, handle);
}

struct said at_server_pid(struct place *place, HANDLE handle)
{
    return ask_handle(place, VERB_SERVER_PID, handle);
}

struct said at_impersonate(struct place *place, HANDLE handle)
{
    return ask_handle(place, VERB_IMPERSONATE, handle);
}

bool at_is_set(struct place *place, HANDLE handle)
{
    return ask_handle(place, VERB_IS_SET, handle).ok;
}

struct said at_become(struct place *place, uid_t uid)
{
    must(place_is_there(place), "this process stays who it is");
    return ask_number(place, VERB_BECOME, NULL, uid);
}
