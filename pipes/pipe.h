/* SPDX-License-Identifier: MIT */
/* The names of this process: which pipes it owns, which instances they have, which of them listen,
 * and who waits for one that does.
 *
 * One lock, `names`, guards all of it; it ranks outside every end's lock. */
#ifndef PI_PIPE_H
#define PI_PIPE_H

#include <stdbool.h>
#include <stdint.h>

#include "pipes/dir.h"
#include "pipes/end.h"
#include "pipes/name.h"

struct pi_doors;

struct pi_pipe {
    struct ci_list link; /* in the table */
    struct pi_name name;
    bool message;
    uint32_t direction; /* PIPE_ACCESS_* */
    uint32_t max_instances;
    uint32_t default_timeout_ms;
    uint32_t count;           /* server ends that are open */
    uint32_t elsewhere;       /* of those, in other processes */
    struct ci_list instances; /* pi_instance.in_pipe */
    struct ci_list listening; /* pi_instance.listening: who gets the next client first */
    struct ci_list waiters;   /* pi_waiter.link */
    struct pi_doors *doors;   /* for other processes */
};

/* Somebody in WaitNamedPipe. */
struct pi_waiter {
    struct ci_list link;
    /* Under the lock, once, and the waiter is out of the list: 0, or why it waits in vain. */
    void (*tell)(struct pi_waiter *waiter, uint32_t error, struct ci_wakes *wakes);
};

/* What CreateNamedPipe asks for, checked as far as one can without knowing the pipe. */
struct pi_create {
    uint32_t direction, open_mode, pipe_mode, max_instances;
    uint32_t quota[2]; /* inbound, outbound */
    uint32_t timeout_ms;
    unsigned mode;     /* of the files: who may open the pipe */
    enum pi_dir where; /* the files are */
};

/* A server end that listens, in *made with one reference; or an error code.  The name may be owned
 * by this process, become so, or be another one's. */
uint32_t pi_pipe_create(const struct pi_name *name, const struct pi_create *ask,
                        struct pi_end **made);
/* A server end by itself, LISTENING, in no name yet; NULL: no memory. */
struct pi_end *pi_instance_new(const struct pi_create *ask, bool message);
/* After ConnectNamedPipe: it gets in line if it listens again, and who waits for that is told. */
void pi_end_enlist(struct pi_end *end);
/* It listens no more, whatever it does next. */
void pi_end_unlist(struct pi_end *end);
/* A client that another process, the owner of the name, has sent to the end gets there before the
 * call returns.  No lock is held. */
void pi_end_arrivals(struct pi_end *end);
/* The same for the next one that comes through the line; the end is NULL when it is closed already.
 * A negative errno like pi_line_take(). */
int pi_end_arrival(struct pi_end *end, struct pi_line *line);
/* Its last handle is gone, and perhaps the name with it. */
void pi_end_unname(struct pi_end *end);

/* An instance of another process joins a pipe owned by this one; `joined` is called under the lock,
 * before it gets its first client. */
uint32_t pi_instance_join(struct pi_instance *instance, const struct pi_name *name,
                          const struct pi_create *ask, bool again, bool listens,
                          void (*joined)(struct pi_instance *instance, const struct pi_pipe *pipe));
void pi_instance_enlist(struct pi_instance *instance);
void pi_instance_unlist(struct pi_instance *instance);
void pi_instance_leave(struct pi_instance *instance);

/* The owner at the other end of the line is gone.  0: this process owns the name now, the end is in
 * its place, and the line is the caller's; ERROR_PIPE_BUSY: another process owns it;
 * ERROR_INVALID_HANDLE: the end has left the line already. */
uint32_t pi_end_inherit_name(struct pi_end *end, struct pi_line *line, const struct pi_name *name,
                             const struct pi_create *ask);
/* The end has a line to another owner, who was told whether it listens.  False as above. */
bool pi_end_set_line(struct pi_end *end, struct pi_line *was, struct pi_line *line, bool told);

/* What a client gets: `fd` and `link` (NULL: a raw server) are the caller's. */
struct pi_opened {
    int fd;
    struct pi_link *link;
    bool message, duplex;
    uint32_t quota[2];
    uint32_t server_pid;
};
struct pi_caller {
    uint32_t access; /* specific rights */
    struct ci_peer who;
    bool outward;  /* it is another process */
    bool withheld; /* its server may not act as it */
};
/* Connects a client to the instance that has listened longest.  ERROR_FILE_NOT_FOUND: this process
 * does not own the name. */
uint32_t pi_pipe_open(const struct pi_name *name, const struct pi_caller *caller,
                      struct pi_opened *opened);

/* Whether a name that nobody serves may be served in a moment, when its next owner is at work. */
bool pi_pipe_returns(const struct pi_name *name);

/* A raw client that waits at `listener` gets the next instance.  -EAGAIN: there is no instance, or
 * no client; or another negative errno. */
int pi_pipe_admit(const struct pi_name *name, int listener);

/* Whether a client could be served now: 0; ERROR_PIPE_BUSY, and the waiter is in the list;
 * ERROR_FILE_NOT_FOUND.  *default_ms is the pipe's. */
uint32_t pi_pipe_wait(const struct pi_name *name, struct pi_waiter *waiter, uint32_t *default_ms);
/* It gives up; false: it was told meanwhile. */
bool pi_waiter_leave(struct pi_waiter *waiter);

/* Open server ends, and the limit.  ERROR_FILE_NOT_FOUND: not owned by this process. */
uint32_t pi_pipe_counts(const char *key, uint32_t *count, uint32_t *most);
/* The same for the pipe of a server end; an end without a name is the only one there can be. */
void pi_instance_counts(struct pi_end *end, uint32_t *count, uint32_t *most);

#endif
