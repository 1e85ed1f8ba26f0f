/* SPDX-License-Identifier: MIT */
/* What the verbs of termctl have in common: the contract, the run they are in, and ports by the
 * names that people give them. */
#ifndef TERMCTL_H
#define TERMCTL_H

#include <libcomm/native.h>
#include <libcomm/serial.h>

#include "tools/common/result.h"
#include "tools/common/settings.h"

extern const struct contract termctl_contract;

struct run {
    const struct args *args;
    const struct settings *settings;
    struct result result;
    bool json;
};

/* The verbs.  Each says what went wrong and gives the status. */
enum tool_status verb_list(struct run *run);
enum tool_status verb_info(struct run *run);

/* ---- ports ---- */

/* A port and what the machine tells of it without opening it. */
struct port {
    COMM_PORT_INFO info;
    char name[300];  /* as CreateFile takes it */
    char driver[64]; /* "": not known */
    int64_t age_s;   /* -1: not known */
    bool denied;     /* we may not open it */
    int holder;      /* pid of who has it open; 0: nobody, as far as can be seen */
    char holder_program[64];
    int latency_ms; /* of an adapter that has such a timer; -1 */
};

/* All of them, malloc()ed; NULL for none, or with `*error`. */
struct port *ports_list(size_t *count, DWORD *error);
/* Fills in what is not in port->info: driver, age, rights, holder. */
void port_look(struct port *port, size_t count);
/* What a name means, a profile's or COM3, ttyUSB0, a path, usb:..., topology:...; the device need
 * not be there. */
void port_name(struct port *port, const char *text);
/* The status that stands for the error of opening it. */
enum tool_status port_status(const struct port *port, DWORD error);

/* Waits for the next notice of a port; `deadline_us` by the clock that only goes on, -1 for none.
 * False with *status and said when that is impossible, or time is up. */
bool notice_wait(HANDLE notices, COMM_PORT_NOTICE *notice, int64_t deadline_us,
                 enum tool_status *status);
/* When --wait ends: *limited is false if it never does.  False if --wait is not on. */
bool wait_deadline(const struct run *run, int64_t *deadline_us);

/* ---- what several verbs write ---- */

/* Into the open object of `json`: what a port is. */
void port_put(const struct port *port, struct json *json);
/* A line of JSON to standard output. */
void line_put(struct json *json);
/* The last line of a verb with --json, if it is on; `reason` may be NULL.  Gives `status`. */
enum tool_status result_end(struct run *run, enum tool_status status, const char *reason);

#endif
