/* SPDX-License-Identifier: MIT */
/*
 * The control protocol of both tools, without the pipe it goes over.
 *
 * Each message is a JSON object on a line of its own:
 *
 *     > {"id":1,"op":"hello","version":1}
 *     < {"id":1,"ok":true,"version":1,"program":"termctl"}
 *     > {"id":2,"op":"send","tx":"*IDN?\n"}
 *     < {"id":2,"ok":false,"err":"absent","why":"ttyUSB0 was unplugged"}
 *     < {"ev":"state","to":"present"}
 *
 * A client says hello first, and once.  A reply has the id of its request.  `err` is one of a
 * closed list.  Bytes that are no text go as base64, under the key with 64 at its end.
 */
#ifndef TOOLS_CTL_H
#define TOOLS_CTL_H

#include "tools/common/json.h"
#include "tools/common/status.h"

enum { CTL_VERSION = 1, CTL_LONGEST = 1 << 20 /* of a line, in bytes */ };

enum ctl_side { CTL_SERVER, CTL_CLIENT };

enum ctl_kind { CTL_REQUEST, CTL_REPLY, CTL_EVENT };

enum ctl_error {
    CTL_NOPORT,
    CTL_PERM,
    CTL_BUSY,
    CTL_FENCED,
    CTL_TIMEOUT,
    CTL_ABSENT,
    CTL_USAGE,
    CTL_LOST,
    CTL_INTERNAL,
};

/* One that was received; it keeps what the pointers lead to until ctl_message_free(). */
struct ctl_message {
    cJSON *json;
    enum ctl_kind kind;
    int64_t id;       /* of requests and replies; -1: none that could be read */
    const char *name; /* of the operation or the event */
    bool ok;          /* of a reply */
    enum ctl_error error;
    const char *why; /* NULL: nothing was said */
};

enum ctl_got {
    CTL_MESSAGE,
    CTL_MORE,  /* nothing whole is there */
    CTL_WRONG, /* a line that is no message of this side: a server answers it with ctl_refuse() */
    CTL_OVER,  /* a line without end, or no memory: the connection is to be closed */
};

/* What one side has received. */
struct ctl {
    enum ctl_side side;
    bool greeted; /* the first message was as it has to be */
    bool over;
    char *bytes;
    size_t from; /* where what was not taken yet begins */
    size_t len, room;
    size_t seen; /* up to here there is no line feed in it */
    char why[160];
};

void ctl_init(struct ctl *ctl, enum ctl_side side);
void ctl_fini(struct ctl *ctl);
/* Takes bytes as they came; false once the connection is over. */
bool ctl_give(struct ctl *ctl, const char *bytes, size_t len);
/* The next message, as long as there is one.  After CTL_WRONG, message->id and ctl->why say more.
 */
enum ctl_got ctl_next(struct ctl *ctl, struct ctl_message *message);
void ctl_message_free(struct ctl_message *message);

/* The bytes under `key`, or under `key`64; malloc()ed, NULL with the reason. */
char *ctl_bytes(const struct ctl_message *message, const char *key, size_t *len, const char **why);

/* Messages to be sent: begin, add keys with json_key() and so on, end.  The line feed is in the
 * text. */
void ctl_begin_request(struct json *json, int64_t id, const char *op);
void ctl_begin_reply(struct json *json, int64_t id);
void ctl_begin_event(struct json *json, const char *event);
void ctl_end(struct json *json);
void ctl_put_bytes(struct json *json, const char *key, const char *bytes, size_t len);
void ctl_hello(struct json *json, int64_t id);
void ctl_greet(struct json *json, int64_t id, const char *program);
/* A reply that says no; without an id (-1) it is null. */
void ctl_refuse(struct json *json, int64_t id, enum ctl_error error, const char *why);

const char *ctl_error_name(enum ctl_error error);
/* How a program ends that got this answer. */
enum tool_status ctl_error_status(enum ctl_error error);

#endif
