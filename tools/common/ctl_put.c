/* SPDX-License-Identifier: MIT */
/* Messages to be sent, and what is in those that came: bytes and errors. */
#include "tools/common/ctl.h"

#include "tools/common/base64.h"
#include "tools/common/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum tool_status status;
} errors[] = {
    [CTL_NOPORT] = {"noport",   TOOL_NOT_FOUND},
    [CTL_PERM] = {"perm",     TOOL_DENIED   },
    [CTL_BUSY] = {"busy",     TOOL_BUSY     },
    [CTL_FENCED] = {"fenced",   TOOL_BUSY     },
    [CTL_TIMEOUT] = {"timeout",  TOOL_UNMET    },
    [CTL_ABSENT] = {"absent",   TOOL_LOST     },
    [CTL_USAGE] = {"usage",    TOOL_USAGE    },
    [CTL_LOST] = {"lost",     TOOL_LOST     },
    [CTL_INTERNAL] = {"internal", TOOL_INTERNAL },
};

const char *ctl_error_name(enum ctl_error error)
{
    return (size_t)error < sizeof(errors) / sizeof(errors[0]) ? errors[error].name : NULL;
}

enum tool_status ctl_error_status(enum ctl_error error)
{
    return (size_t)error < sizeof(errors) / sizeof(errors[0]) ? errors[error].status
                                                              : TOOL_INTERNAL;
}

static void put_id(struct json *json, int64_t id)
{
    json->comma = false;
    json_begin(json, '{');
    json_key(json, "id");
    if (id < 0)
        json_null(json);
    else
        json_number(json, id);
}

void ctl_begin_request(struct json *json, int64_t id, const char *op)
{
    put_id(json, id);
    json_key(json, "op");
    json_text(json, op);
}

void ctl_begin_reply(struct json *json, int64_t id)
{
    put_id(json, id);
    json_key(json, "ok");
    json_bool(json, true);
}

void ctl_begin_event(struct json *json, const char *event)
{
    json->comma = false;
    json_begin(json, '{');
    json_key(json, "ev");
    json_text(json, event);
}

void ctl_end(struct json *json)
{
    json_end(json, '}');
    json_line(json);
}

void ctl_hello(struct json *json, int64_t id)
{
    ctl_begin_request(json, id, "hello");
    json_key(json, "version");
    json_number(json, CTL_VERSION);
    ctl_end(json);
}

void ctl_greet(struct json *json, int64_t id, const char *program)
{
    ctl_begin_reply(json, id);
    json_key(json, "version");
    json_number(json, CTL_VERSION);
    json_key(json, "program");
    json_text(json, program);
    ctl_end(json);
}

void ctl_refuse(struct json *json, int64_t id, enum ctl_error error, const char *why)
{
    put_id(json, id);
    json_key(json, "ok");
    json_bool(json, false);
    json_key(json, "err");
    json_text(json, ctl_error_name(error));
    if (why != NULL && why[0] != '\0') {
        json_key(json, "why");
        json_text(json, why);
    }
    ctl_end(json);
}

static bool is_text(const char *bytes, size_t len)
{
    while (len > 0) {
        unsigned code;
        size_t used = utf8_read(bytes, len, &code);

        if (used == 0 || code == 0)
            return false;
        bytes += used;
        len -= used;
    }
    return true;
}

void ctl_put_bytes(struct json *json, const char *key, const char *bytes, size_t len)
{
    char key64[80], *text;

    if (is_text(bytes, len)) {
        json_key(json, key);
        json_bytes(json, bytes, len);
        return;
    }
    text = malloc(BASE64_ROOM(len));
    if (text == NULL) {
        json->failed = true;
        return;
    }
    snprintf(key64, sizeof(key64), "%s64", key);
    base64_write(bytes, len, text);
    json_key(json, key64);
    json_text(json, text);
    free(text);
}

char *ctl_bytes(const struct ctl_message *message, const char *key, size_t *len, const char **why)
{
    char key64[80], *bytes;
    const cJSON *plain = cJSON_GetObjectItemCaseSensitive(message->json, key), *coded;
    const char *text;

    snprintf(key64, sizeof(key64), "%s64", key);
    coded = cJSON_GetObjectItemCaseSensitive(message->json, key64);
    text = cJSON_GetStringValue(plain != NULL ? plain : coded);
    *why = plain != NULL && coded != NULL ? "bytes are given twice"
           : text == NULL                 ? "bytes are missing"
                                          : NULL;
    if (*why != NULL)
        return NULL;
    *len = strlen(text);
    bytes = malloc(*len + 1);
    if (bytes == NULL) {
        *why = "not enough memory";
    } else if (plain != NULL) {
        memcpy(bytes, text, *len);
    } else if (!base64_read(text, *len, bytes, len)) {
        *why = "this is no base64";
        free(bytes);
        bytes = NULL;
    }
    return bytes;
}
