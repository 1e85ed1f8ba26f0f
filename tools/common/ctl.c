/* SPDX-License-Identifier: MIT */
/* Receiving messages: lines are cut out of whatever pieces the bytes came in, and each is looked at
 * before anybody acts on it. */
#include "tools/common/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NAME = 64 };

void ctl_init(struct ctl *ctl, enum ctl_side side)
{
    *ctl = (struct ctl){.side = side};
}

void ctl_fini(struct ctl *ctl)
{
    free(ctl->bytes);
    ctl->bytes = NULL;
    ctl->from = ctl->len = ctl->room = ctl->seen = 0;
    ctl->over = true;
}

bool ctl_give(struct ctl *ctl, const char *bytes, size_t len)
{
    if (ctl->over)
        return false;
    if (ctl->from > 0) { /* once for all lines that were taken */
        memmove(ctl->bytes, ctl->bytes + ctl->from, ctl->len - ctl->from);
        ctl->len -= ctl->from;
        ctl->seen -= ctl->from;
        ctl->from = 0;
    }
    if (ctl->len + len > ctl->room) {
        size_t room = (ctl->len + len) * 2;
        char *more = realloc(ctl->bytes, room);

        if (more == NULL) {
            ctl->over = true;
            return false;
        }
        ctl->bytes = more;
        ctl->room = room;
    }
    if (len > 0)
        memcpy(ctl->bytes + ctl->len, bytes, len);
    ctl->len += len;
    return true;
}

/* How long the first line is, with its end; 0 if it is not whole. */
static size_t line_len(struct ctl *ctl)
{
    const char *feed = NULL;
    size_t end = ctl->len;

    if (ctl->len > ctl->seen)
        feed = memchr(ctl->bytes + ctl->seen, '\n', ctl->len - ctl->seen);
    if (feed != NULL)
        end = (size_t)(feed - ctl->bytes) + 1;
    ctl->seen = end;
    ctl->over = end - ctl->from > CTL_LONGEST;
    return feed == NULL || ctl->over ? 0 : end - ctl->from;
}

static bool wrong(struct ctl *ctl, const char *why)
{
    snprintf(ctl->why, sizeof(ctl->why), "%s", why);
    return false;
}

static const cJSON *get(const struct ctl_message *message, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(message->json, key);
}

/* Words of small letters and digits, with dots and dashes between. */
static bool is_name(const cJSON *item)
{
    const char *text = cJSON_GetStringValue(item);

    return text != NULL && text[0] >= 'a' && text[0] <= 'z' && strlen(text) <= LONGEST_NAME &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-") == strlen(text);
}

static bool read_id(struct ctl_message *message)
{
    const cJSON *id = get(message, "id");

    if (!cJSON_IsNumber(id) || id->valuedouble < 0 || id->valuedouble > 9007199254740992.0 ||
        id->valuedouble != (double)(int64_t)id->valuedouble)
        return false;
    message->id = (int64_t)id->valuedouble;
    return true;
}

static bool read_request(struct ctl *ctl, struct ctl_message *message)
{
    const cJSON *op = get(message, "op"), *version = get(message, "version");
    bool hello;

    if (!read_id(message))
        return wrong(ctl, "id has to be a whole number, 0 or more");
    if (!is_name(op))
        return wrong(ctl, "op has to be the name of an operation");
    message->kind = CTL_REQUEST;
    message->name = op->valuestring;
    hello = strcmp(message->name, "hello") == 0;
    if (!hello)
        return ctl->greeted || wrong(ctl, "hello comes first");
    if (ctl->greeted)
        return wrong(ctl, "hello was said already");
    if (!cJSON_IsNumber(version) || version->valuedouble != CTL_VERSION)
        return wrong(ctl, "version 1 is spoken here");
    ctl->greeted = true;
    return true;
}

static bool read_error(struct ctl_message *message)
{
    const char *name = cJSON_GetStringValue(get(message, "err"));
    const char *known;

    for (int error = 0; name != NULL && (known = ctl_error_name((enum ctl_error)error)) != NULL;
         error++) {
        if (strcmp(name, known) == 0) {
            message->error = (enum ctl_error)error;
            return true;
        }
    }
    return false;
}

static bool read_reply(struct ctl *ctl, struct ctl_message *message)
{
    const cJSON *ok = get(message, "ok"), *why = get(message, "why");

    message->kind = CTL_REPLY;
    if (!read_id(message) && !cJSON_IsNull(get(message, "id")))
        return wrong(ctl, "a reply has the id of its request");
    if (!cJSON_IsBool(ok))
        return wrong(ctl, "ok has to be true or false");
    if (why != NULL && !cJSON_IsString(why))
        return wrong(ctl, "why has to be a text");
    message->ok = cJSON_IsTrue(ok);
    message->why = cJSON_GetStringValue(why);
    if (message->ok ? get(message, "err") != NULL : !read_error(message))
        return wrong(ctl, "err has to be one of the list, where ok is false");
    if (!ctl->greeted && message->ok) {
        const cJSON *version = get(message, "version");

        if (!cJSON_IsNumber(version) || version->valuedouble != CTL_VERSION)
            return wrong(ctl, "the first answer has no version that is known here");
        ctl->greeted = true;
    }
    return true;
}

static bool read_event(struct ctl *ctl, struct ctl_message *message)
{
    message->kind = CTL_EVENT;
    if (!is_name(get(message, "ev")))
        return wrong(ctl, "ev has to be the name of an event");
    message->name = get(message, "ev")->valuestring;
    return ctl->greeted || wrong(ctl, "hello comes first");
}

static bool read_message(struct ctl *ctl, struct ctl_message *message, const char *bytes,
                         size_t len)
{
    message->json = json_read(bytes, len, ctl->why, sizeof(ctl->why));
    if (message->json == NULL)
        return false;
    if (!cJSON_IsObject(message->json))
        return wrong(ctl, "a message is an object");
    if (ctl->side == CTL_SERVER)
        return read_request(ctl, message);
    return get(message, "ev") != NULL ? read_event(ctl, message) : read_reply(ctl, message);
}

enum ctl_got ctl_next(struct ctl *ctl, struct ctl_message *message)
{
    size_t len = ctl->over ? 0 : line_len(ctl);
    bool right;

    *message = (struct ctl_message){.id = -1};
    if (len == 0)
        return ctl->over ? CTL_OVER : CTL_MORE;
    ctl->why[0] = '\0';
    right = read_message(ctl, message, ctl->bytes + ctl->from, len);
    ctl->from += len;
    if (right)
        return CTL_MESSAGE;
    cJSON_Delete(message->json);
    *message = (struct ctl_message){.id = message->id};
    return CTL_WRONG;
}

void ctl_message_free(struct ctl_message *message)
{
    cJSON_Delete(message->json);
    *message = (struct ctl_message){.id = -1};
}
