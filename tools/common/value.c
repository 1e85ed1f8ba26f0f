/* SPDX-License-Identifier: MIT */
/* Reading the values of options.  A value is quoted in the reason as it was given, except what
 * would act on the terminal that shows it. */
#include "tools/common/value.h"

#include "tools/common/say.h"

#include <stdarg.h>
#include <string.h>

enum { SHOWN = 60 };

static bool refuse(char *why, size_t room, const char *text, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* 'text' and what is wrong with it. */
static bool refuse(char *why, size_t room, const char *text, const char *format, ...)
{
    char shown[SHOWN + 1];
    size_t len = 0;
    va_list args;
    int used;

    for (; *text != '\0' && len < SHOWN; text++)
        shown[len++] = *text;
    shown[len] = '\0';
    say_tame(shown);
    used = snprintf(why, room, "'%s%s' ", shown, *text == '\0' ? "" : "...");
    if (used < 0 || (size_t)used >= room)
        return false;
    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it was started just now */
    vsnprintf(why + used, room - (size_t)used, format, args);
    va_end(args);
    return false;
}

static bool read_word(const struct contract *c, const struct contract_row *row, const char *text,
                      size_t len, struct value *value, char *why, size_t room)
{
    const struct contract_row *word = contract_value(c, row, text, len);
    char name[SHOWN];

    snprintf(name, sizeof(name), "%.*s", (int)(len < SHOWN ? len : SHOWN), text);
    if (word == NULL)
        return refuse(why, room, name, "is none of %s", row->arg);
    if (word->when != CONTRACT_NOW && row->when == CONTRACT_NOW)
        return refuse(why, room, name, "is not in this version");
    value->word = word;
    return true;
}

static bool read_words(const struct contract *c, const struct contract_row *row, const char *text,
                       struct value *value, char *why, size_t room)
{
    for (;;) {
        size_t len = strcspn(text, ",");

        if (!read_word(c, row, text, len, value, why, room))
            return false;
        if (text[len] == '\0')
            return true;
        text += len + 1;
    }
}

static bool read_identity(const char *text, char *why, size_t room)
{
    static const char *const keys[] = {"serial", "vid", "pid", "vid:pid", "if", "tid", "driver"};

    for (const char *at = text;;) {
        size_t len = strcspn(at, "=,"), i = 0;

        while (i < sizeof(keys) / sizeof(keys[0]) &&
               (strlen(keys[i]) != len || memcmp(keys[i], at, len) != 0))
            i++;
        if (i == sizeof(keys) / sizeof(keys[0]) || at[len] != '=' || at[len + 1] == ',' ||
            at[len + 1] == '\0')
            return refuse(why, room, text,
                          "is no identity: serial=, vid=, pid=, vid:pid=, if=, tid=, driver=, "
                          "with commas between them");
        at += strcspn(at, ",");
        if (*at++ == '\0')
            return true;
    }
}

static bool read_span(const char *text, struct value *value)
{
    value->is_time = amount_time(text, 0, &value->number) && value->number > 0;
    return value->is_time || (amount_size(text, &value->number) && value->number > 0);
}

static bool read_count(const struct contract_row *row, const char *text, struct value *value,
                       char *why, size_t room)
{
    if (amount_count(text, &value->number) && value->number >= row->least &&
        value->number <= row->most)
        return true;
    return refuse(why, room, text, "is no whole number from %u to %u", (unsigned)row->least,
                  (unsigned)row->most);
}

static bool read_rate(const char *text, struct value *value, char *why, size_t room)
{
    uint32_t rate;

    if (!amount_rate(text, &rate))
        return refuse(why, room, text, "is no rate: 115200, 57.6k and 1.5M are");
    value->number = rate;
    return true;
}

static bool read_time(enum contract_type type, const char *text, struct value *value, char *why,
                      size_t room)
{
    uint64_t unit = type == CONTRACT_US ? 1 : type == CONTRACT_MS ? 1000 : 1000000;

    return amount_time(text, unit, &value->number) ||
           refuse(why, room, text, "is no time: 20, 1.5s, 200ms, 50us and 1h are");
}

bool value_read(const struct contract *c, const struct contract_row *row, enum contract_type type,
                const char *text, struct value *value, char *why, size_t room)
{
    *value = (struct value){0};
    switch (type) {
    case CONTRACT_FLAG:
        return refuse(why, room, text, "is too much: it takes no value");
    case CONTRACT_RATE:
        return read_rate(text, value, why, room);
    case CONTRACT_FRAMING:
        return amount_framing(text, &value->framing) ||
               refuse(why, room, text, "is no framing: 8n1, 7e1 and 5o1.5 are");
    case CONTRACT_COUNT:
        return read_count(row, text, value, why, room);
    case CONTRACT_WORD:
        return read_word(c, row, text, strlen(text), value, why, room);
    case CONTRACT_WORDS:
        return read_words(c, row, text, value, why, room);
    case CONTRACT_SIZE:
        return amount_size(text, &value->number) ||
               refuse(why, room, text, "is no size: 4096, 64k, 50M and 1G are");
    case CONTRACT_SPAN:
        return read_span(text, value) ||
               refuse(why, room, text, "is neither a size (50M) nor a time (1h)");
    case CONTRACT_US:
    case CONTRACT_MS:
    case CONTRACT_SEC:
        return read_time(type, text, value, why, room);
    case CONTRACT_PACE:
        return strcmp(text, "echo") == 0 || (strncmp(text, "prompt=", 7) == 0 && text[7] != '\0') ||
               refuse(why, room, text, "is neither echo nor prompt=PATTERN");
    case CONTRACT_IDENTITY:
        return read_identity(text, why, room);
    case CONTRACT_PAIR:
        return (strchr(text, '=') != NULL && text[0] != '=') ||
               refuse(why, room, text, "is not of the form KEY=VALUE");
    case CONTRACT_FILE:
        return *text != '\0' || refuse(why, room, text, "is no name of a file");
    case CONTRACT_TEXT:
        return true;
    }
    return false;
}

bool value_read_flag(const char *text, bool *on)
{
    static const char *const words[2][4] = {
        {"off", "no",  "false", "0"},
        {"on",  "yes", "true",  "1"}
    };

    for (unsigned is_on = 0; is_on < 2; is_on++) {
        for (unsigned i = 0; i < 4; i++) {
            if (strcmp(text, words[is_on][i]) == 0) {
                *on = is_on;
                return true;
            }
        }
    }
    return false;
}
