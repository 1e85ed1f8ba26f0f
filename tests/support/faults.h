/* SPDX-License-Identifier: MIT */
/* Runs a call with the first request for memory, a descriptor, a thread, an epoll entry or room
 * elsewhere refused, then with the second, and so on until it gets all it asks for.  Each run is a
 * child of its own, so that the library is new every time and has everything to ask for. */
#ifndef COMM_TESTS_FAULTS_H
#define COMM_TESTS_FAULTS_H

#include <libcomm/native.h>

#include "harness.h"

enum { SCENE_MS = 20000 }; /* a wait that must be satisfied */

/* What a scenario works with.  `made` and `text` are what the call made, closed after each run of
 * it; the rest lasts for the child. */
struct scene {
    HANDLE event, mutex, semaphore, timer, port, thread;
    HANDLE end[2];
    HANDLE cable; /* of two ports */
    int fd;       /* 0: none */
    HANDLE made;
    OVERLAPPED ov;
    char buf[64];
    char *text; /* LocalFree */
    bool pending;
    unsigned ran; /* routines */
    /* For `prepare` to say: */
    bool heard; /* of a call that failed others may know until `undo` */
    bool once;  /* without it one waits for better times: it is refused a single time */
    /* Undoes what there is beside the handles, which are still open then. */
    void (*finish)(struct scene *scene);
};

struct scenario {
    const char *when;
    void (*prepare)(struct scene *scene); /* nothing is refused here */
    /* The call: 0, or the last error it failed with. */
    DWORD (*call)(struct scene *scene);
    /* Undoes a call, whatever it returned; nothing is refused here. */
    void (*undo)(struct scene *scene);
    bool never_fails; /* it has nothing to ask for, or can do without */
    bool everywhere;  /* requests of the library's own threads are refused too */
};

/* How many requests were refused. */
unsigned faults_run(const struct scenario *scenarios, size_t count);

/* Ends the child as failed. */
#define IN_CHILD(condition) \
    ((condition) ? (void)0 : faults_child_failed(#condition, __FILE__, __LINE__))
_Noreturn void faults_child_failed(const char *what, const char *file, int line);

/* For `prepare`. */
void scene_objects(struct scene *scene); /* event, mutex, semaphore, timer */
void scene_pair(struct scene *scene);    /* and two ends; `ov` uses the event */
void scene_port(struct scene *scene);    /* and end[0] on a port */

static inline DWORD error_unless(bool done)
{
    return done ? 0 : GetLastError();
}

static inline DWORD error_of(HANDLE handle)
{
    return error_unless(handle != NULL && handle != INVALID_HANDLE_VALUE);
}

#endif
