/* SPDX-License-Identifier: MIT */
/* What a place does when it is asked: one request in, one answer out, the same in this process and
 * at the end of a socket.  Only far.c and far_main.c
 * use this. */
#ifndef COMM_TESTS_SUPPORT_SERVE_H
#define COMM_TESTS_SUPPORT_SERVE_H

#include "far.h"

enum verb {
    VERB_CREATE,
    VERB_OPEN,
    VERB_DUPLICATE,
    VERB_CLOSE,
    VERB_CONNECT,
    VERB_READ,
    VERB_WRITE,
    VERB_TRANSACT,
    VERB_FLUSH,
    VERB_WAIT,
    VERB_CALL,
    VERB_LOOK,
    VERB_AWAIT,
    VERB_HOLDS,
    VERB_CANCEL,
    VERB_CANCEL_CALL,
    VERB_CANCEL_ALL,
    VERB_CANCEL_OWN,
    VERB_DISCONNECT,
    VERB_PEEK,
    VERB_SET_MODE,
    VERB_GET_MODE,
    VERB_INFO,
    VERB_CLIENT_PID,
    VERB_SERVER_PID,
    VERB_IMPERSONATE,
    VERB_IS_SET,
    VERB_BECOME,
    VERB_QUIT, /* another process only: count is what it has leaked */
};

/* Slots beyond the test's own: for what is waited for within one call. */
enum { SLOT_NOW = AT_SLOTS, SLOT_COUNT };

struct ask {
    enum verb verb;
    unsigned slot;
    HANDLE handle;
    DWORD len, room, word[6];
    bool pattern; /* no data: the bytes are made here */
    struct at_pipe pipe;
    char name[AT_NAME];
    unsigned char data[AT_DATA];
};

struct served *served_new(void);
/* Ends what is still pending. */
void served_free(struct served *served);
void serve(struct served *served, const struct ask *ask, struct said *said);

/* far.c: the second process, from its first answer to its last.  Returns its exit status. */
int place_serve(int link);

#endif
