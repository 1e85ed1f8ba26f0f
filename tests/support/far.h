/* SPDX-License-Identifier: MIT */
/* The two sides of a pipe, each a *place* where calls are made: this process, or a second one that
 * runs the same program and does what it is told.  A test says what happens at which place and so
 * runs unchanged with both ends in one process and with the peer in another:
 *
 *     static void a_message_arrives_whole(struct place *far)
 *     {
 *         CHECK_SAID(at_put(here, near, "abc", 3), 0, 3);
 *         CHECK_SAID(at_get(far, away, 10), 0, 3);
 *     }
 *     FAR_TEST_MAIN(TWICE(a_message_arrives_whole))
 *
 * A handle means something at its own place only.  Requests that last are kept in numbered slots of
 * their place: the OVERLAPPED, its event, the buffer, or the thread that is in a blocking call.  A
 * place is used by one thread at a time. */
#ifndef COMM_TESTS_SUPPORT_FAR_H
#define COMM_TESTS_SUPPORT_FAR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <libcomm/pipes.h>

#include "harness.h"

/* Long enough never to be reached: a wait that ends so has failed. */
#define PATIENCE_MS 10000u
/* What a time that is only a figure elsewhere may take here. */
#define SOON_MS 5000u
#define TICK_MS 1u

enum {
    AT_SLOTS = 16,
    AT_DATA = 1024,   /* bytes that travel between the places; more is a pattern made there */
    AT_NAME = 640,    /* bytes of a name */
    AT_LEFT = 0x5A5A, /* InternalHigh and counts as they are before a call */
};

/* Errors of this file's own: the slot is still in use; nothing was asked for in this slot, or it
 * failed at once. */
#define AT_BUSY 0xB5Bu
#define AT_IDLE 0x1D1Eu
#define AT_ANY 0xFFFFFFFFu

/* Added to a slot's number: the call blocks in a thread of its own, without an OVERLAPPED. */
#define BLOCKING 0x100u

/* What a call came to. */
struct said {
    BOOL ok;
    DWORD error; /* the last error, which was 0 before; 997: on its way, in a thread too */
    DWORD count; /* bytes, as the call or GetOverlappedResult said */
    HANDLE handle;
    DWORD word[4];
    /* Of the slot: Internal, InternalHigh, the event (set before each call) when it returned. */
    DWORD status;
    size_t information;
    bool set;
    unsigned char data[AT_DATA]; /* what was read, as far as it fits */
};

#define CHECK_SAID(call, error, count) \
    said_is(NULL, (call), (error), (count), #call, __FILE__, __LINE__)
#define CHECK_SAID_WHEN(when, call, error, count) \
    said_is((when), (call), (error), (count), #call, __FILE__, __LINE__)
#define CHECK_DATA(said, bytes, len) CHECK(memcmp((said).data, (bytes), (len)) == 0)

/* It is on its way. */
#define CHECK_PENDS(call) CHECK_SAID(call, ERROR_IO_PENDING, AT_ANY)
#define CHECK_PENDS_WHEN(when, call) CHECK_SAID_WHEN(when, call, ERROR_IO_PENDING, AT_ANY)

/* Error 0 is TRUE with the last error left alone; the count AT_ANY is not looked at. */
bool said_is(const char *when, struct said said, DWORD error, DWORD count, const char *call,
             const char *file, int line);

/* ---- places ---- */

struct served;

struct place {
    struct served *served; /* this process's slots; NULL for another process */
    pid_t pid;
    int link;    /* to the other process; -1 when it is gone */
    bool serves; /* a hint for symmetric tests: the server's end is made there */
};

/* This process, open during each test. */
extern struct place here[1];

/* What cannot be started ends the file as failed. */
void place_open_here(struct place *place);
void place_open_there(struct place *place);
/* Fails the test if the other process has kept anything or has not ended well. */
void place_close(struct place *place);
bool place_is_there(const struct place *place);
/* SIGKILL, and waits until the process is no more. */
void place_kill(struct place *place);
/* SIGSTOP, and waits until it stands still; SIGCONT.  Ask nothing of it meanwhile. */
void place_stop(struct place *place);
void place_continue(struct place *place);

/* ---- making and opening ---- */

/* The parameters of CreateNamedPipe but the name. */
struct at_pipe {
    DWORD open_mode, pipe_mode, max, out, in, timeout_ms;
    bool inheritable;
    bool for_all; /* a descriptor whose list is there and NULL */
};

/* said.handle, and ok for a handle that is valid. */
struct said at_create(struct place *place, const char *name, struct at_pipe pipe);
struct said at_open(struct place *place, const char *name, DWORD access, DWORD flags);
struct said at_open_as(struct place *place, const char *name, DWORD access, DWORD disposition,
                       DWORD flags);
/* access 0: the same. */
struct said at_duplicate(struct place *place, HANDLE handle, DWORD access);
struct said at_close(struct place *place, HANDLE handle);

/* ---- requests in slots ---- */

struct said at_connect(struct place *place, unsigned slot, HANDLE handle);
struct said at_read(struct place *place, unsigned slot, HANDLE handle, DWORD len);
/* bytes NULL: a pattern that begins anew with each write. */
struct said at_write(struct place *place, unsigned slot, HANDLE handle, const void *bytes,
                     DWORD len);
struct said at_transact(struct place *place, unsigned slot, HANDLE handle, const void *request,
                        DWORD len, DWORD room);
/* These know no OVERLAPPED and always are in a thread. */
struct said at_flush(struct place *place, unsigned slot, HANDLE handle);
struct said at_wait(struct place *place, unsigned slot, const char *name, DWORD timeout_ms);
struct said at_call(struct place *place, unsigned slot, const char *name, const void *request,
                    DWORD len, DWORD room, DWORD timeout_ms);

/* How the request stands: 996 while it is pending. */
struct said at_look(struct place *place, unsigned slot);
/* Waits for its end; 258 when that does not come. */
struct said at_await(struct place *place, unsigned slot);
/* Whether `len` bytes of its buffer from `offset` on are the pattern from `from` on. */
bool at_holds(struct place *place, unsigned slot, DWORD offset, DWORD len, DWORD from);

struct said at_cancel(struct place *place, unsigned slot);      /* CancelIoEx */
struct said at_cancel_call(struct place *place, unsigned slot); /* CancelSynchronousIo */
struct said at_cancel_all(struct place *place, HANDLE handle);  /* CancelIoEx, NULL */
struct said at_cancel_own(struct place *place, HANDLE handle);  /* CancelIo */

/* ---- requests waited for: the count is that of the result ---- */

/* word[0]: whether it pended. */
struct said at_get(struct place *place, HANDLE handle, DWORD len);
struct said at_put(struct place *place, HANDLE handle, const void *bytes, DWORD len);
struct said at_flushed(struct place *place, HANDLE handle);

/* ---- the rest ---- */

struct said at_disconnect(struct place *place, HANDLE handle);
/* word: bytes read, available, left of the message; all AT_LEFT before the call. */
struct said at_peek(struct place *place, HANDLE handle, DWORD room);
struct said at_set_mode(struct place *place, HANDLE handle, DWORD mode);
/* word: state, instances. */
struct said at_get_mode(struct place *place, HANDLE handle);
/* word: flags, out, in, maximum of instances. */
struct said at_info(struct place *place, HANDLE handle);
/* word[0]: the number. */
struct said at_client_pid(struct place *place, HANDLE handle);
struct said at_server_pid(struct place *place, HANDLE handle);
struct said at_impersonate(struct place *place, HANDLE handle);
bool at_is_set(struct place *place, HANDLE handle);
/* The other process is this user, and nobody's group, from now on; it must have been root. */
struct said at_become(struct place *place, uid_t uid);

/* ---- names and times ---- */

/* \\.\pipe\t<pid>.<number><suffix>, never given twice; eight at a time are kept. */
const char *fresh_name(const char *suffix);
/* The last component of such a name, which is its key in the directory. */
const char *name_key(const char *name);
const char *pipe_dir(void); /* LIBCOMM_PIPE_DIR: this file's own */
const char *link_dir(void); /* TMPDIR: the same */
/* Makes and closes the name, so that what a killed owner left behind is gone. */
void name_sweep(const char *name);
unsigned long now_ms(void);

/* ---- the file's main function ---- */

struct far_test {
    const char *name;
    void (*run)(void);
    void (*with)(struct place *far);
    bool swapped; /* also with the server's end there */
};

/* In this process, and with the far side in a second one; near is the server. */
#define TWICE(function)                       \
    {                                         \
        .name = #function, .with = (function) \
    }
/* That, and the same with far as the server: for what holds for both ends. */
#define FOUR_WAYS(function)                                    \
    {                                                          \
        .name = #function, .with = (function), .swapped = true \
    }

/* TEST(), TWICE() and FOUR_WAYS() may be mixed.  The pipe directory must be empty in the end. */
#define FAR_TEST_MAIN(...)                                                   \
    int main(int argc, char **argv)                                          \
    {                                                                        \
        static const struct far_test tests[] = {__VA_ARGS__};                \
                                                                             \
        return far_test_main(argc, argv, __FILE__, tests, ARRAY_LEN(tests)); \
    }

int far_test_main(int argc, char **argv, const char *file, const struct far_test *tests,
                  size_t count);

#endif
