/* SPDX-License-Identifier: MIT */
/*
 * JSON, one object a line.
 *
 * The reader takes less than there is: what two readers could understand differently is refused.
 * The writer makes objects without a blank or a line break.  Integers that a double cannot hold
 * (over 2^53) are strings, both ways.  A byte that is no UTF-8 is written as \udcXX, the half of a
 * pair that stands for nothing else; the reader refuses such halves.
 */
#ifndef TOOLS_JSON_H
#define TOOLS_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JSON_TOO_DEEP = 16 };

/* One value, and blanks around it.  NULL with the reason and where; cJSON_Delete() ends it. Refused
 * are: whatever is not JSON by the letter, bytes that are no UTF-8, \u0000, halves of pairs, a key
 * that is there twice, numbers over 2^53 without an exponent, and those that are too big, objects
 * and arrays 16 deep. */
cJSON *json_read(const char *bytes, size_t len, char *why, size_t room);

/* A line that is being written.  Begins as {0}; after any failure nothing more is written. */
struct json {
    char *text;
    size_t len, room;
    bool comma;  /* something stands before what comes next */
    bool failed; /* no memory */
};

void json_begin(struct json *json, char bracket); /* { or [ */
void json_end(struct json *json, char bracket);   /* } or ] */
void json_key(struct json *json, const char *key);
void json_text(struct json *json, const char *text);
void json_bytes(struct json *json, const char *bytes, size_t len);
void json_number(struct json *json, int64_t number);
void json_count(struct json *json, uint64_t number);
void json_real(struct json *json, double number); /* null for what is no number */
void json_bool(struct json *json, bool is);
void json_null(struct json *json);
void json_line(struct json *json); /* a line feed; what follows is another value */
void json_free(struct json *json);

#endif
