/* SPDX-License-Identifier: MIT */
/* Writing JSON.  A comma goes before whatever follows something in its object or array, and after a
 * key there is none, so the callers need not count. */
#include "tools/common/json.h"

#include "tools/common/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(struct json *json, const char *bytes, size_t len)
{
    if (json->failed)
        return;
    if (json->len + len + 1 > json->room) {
        size_t room = (json->len + len + 1) * 2;
        char *text = realloc(json->text, room);

        if (text == NULL) {
            json->failed = true;
            return;
        }
        json->text = text;
        json->room = room;
    }
    memcpy(json->text + json->len, bytes, len);
    json->len += len;
    json->text[json->len] = '\0';
}

/* Before a value or a key. */
static void part(struct json *json)
{
    if (json->comma)
        put(json, ",", 1);
    json->comma = true;
}

void json_begin(struct json *json, char bracket)
{
    part(json);
    put(json, &bracket, 1);
    json->comma = false;
}

void json_end(struct json *json, char bracket)
{
    put(json, &bracket, 1);
    json->comma = true;
}

void json_key(struct json *json, const char *key)
{
    json_text(json, key);
    put(json, ":", 1);
    json->comma = false;
}

static void put_escaped(struct json *json, unsigned code)
{
    static const char names[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *name = code < 0x80 && code != 0 ? strchr(names, (int)code) : NULL;
    char escape[8];

    if (name != NULL)
        snprintf(escape, sizeof(escape), "\\%c", letters[name - names]);
    else
        snprintf(escape, sizeof(escape), "\\u%04x", code & 0xffff);
    put(json, escape, strlen(escape));
}

void json_bytes(struct json *json, const char *bytes, size_t len)
{
    part(json);
    put(json, "\"", 1);
    while (len > 0) {
        unsigned code = 0;
        size_t used = utf8_read(bytes, len, &code);

        if (used == 0)
            put_escaped(json, 0xdc00 + (unsigned char)*bytes);
        else if (code < ' ' || code == '"' || code == '\\' || code == 0x7f)
            put_escaped(json, code);
        else
            put(json, bytes, used);
        used += used == 0;
        bytes += used;
        len -= used;
    }
    put(json, "\"", 1);
}

void json_text(struct json *json, const char *text)
{
    json_bytes(json, text, strlen(text));
}

static void put_number(struct json *json, const char *text, bool exact)
{
    if (!exact) {
        json_text(json, text);
        return;
    }
    part(json);
    put(json, text, strlen(text));
}

void json_number(struct json *json, int64_t number)
{
    const int64_t most = INT64_C(1) << 53;
    char text[32];

    snprintf(text, sizeof(text), "%" PRId64, number);
    put_number(json, text, number >= -most && number <= most);
}

void json_count(struct json *json, uint64_t number)
{
    char text[32];

    snprintf(text, sizeof(text), "%" PRIu64, number);
    put_number(json, text, number <= UINT64_C(1) << 53);
}

void json_real(struct json *json, double number)
{
    char text[40];

    snprintf(text, sizeof(text), "%.10g", number);
    put_number(json, isfinite(number) ? text : "null", true);
}

void json_bool(struct json *json, bool is)
{
    put_number(json, is ? "true" : "false", true);
}

void json_null(struct json *json)
{
    put_number(json, "null", true);
}

void json_line(struct json *json)
{
    put(json, "\n", 1);
    json->comma = false;
}

void json_free(struct json *json)
{
    free(json->text);
    *json = (struct json){0};
}
