/* SPDX-License-Identifier: MIT */
/* Default settings as text and back: one table of names serves both ways. */
#include "libcomm/dev/serial/defaultline.h"

#include <stdio.h>
#include <string.h>

#include "libcomm/dev/serial/words.h"

#define RX_USUAL 4096
#define RX_MOST UINT16_MAX /* the limits of a DCB have 16 bits */
#define BLANKS " \t\r"

static const struct field {
    const char *name;
    size_t place;
    size_t size;         /* 1 or 4 */
    const char *choices; /* NULL: a number */
} fields[] = {
#define FIELD(name, member, choices)                                                              \
    {                                                                                             \
        name, offsetof(struct ci_settings, member), sizeof(((struct ci_settings *)NULL)->member), \
            choices                                                                               \
    }
    FIELD("baud", baud, NULL),
    FIELD("data", bits, NULL),
    FIELD("parity", parity, "n o e m s"),
    FIELD("stop", stop, "1 1.5 2"),
    FIELD("control", control, NULL),
    FIELD("flow", flow, NULL),
    FIELD("xonlimit", xon_limit, NULL),
    FIELD("xofflimit", xoff_limit, NULL),
    FIELD("xonchar", chars.xon, NULL),
    FIELD("xoffchar", chars.xoff, NULL),
    FIELD("errorchar", chars.error, NULL),
    FIELD("eofchar", chars.eof, NULL),
    FIELD("eventchar", chars.event, NULL),
#undef FIELD
};

/* ---- writing ---- */

static uint32_t field_get(const struct field *field, const struct ci_settings *settings)
{
    const char *at = (const char *)settings + field->place;
    uint32_t value;

    if (field->size == 1)
        return (uint8_t)*at;
    memcpy(&value, at, sizeof value);
    return value;
}

static struct ci_word choice_word(const char *choices, uint32_t which)
{
    struct ci_word word = ci_word_take(&choices, " ");

    for (; which > 0 && *choices != '\0'; which--) {
        choices++;
        word = ci_word_take(&choices, " ");
    }
    return word;
}

static int field_write(char *at, size_t room, const struct field *field, uint32_t value)
{
    struct ci_word word;

    if (field->choices == NULL)
        return snprintf(at, room, " %s=%u", field->name, value);
    word = choice_word(field->choices, value);
    return snprintf(at, room, " %s=%.*s", field->name, (int)word.len, word.at);
}

void ci_default_line_write(char line[CI_DEFAULT_LINE_ROOM], uint32_t number,
                           const struct ci_settings *settings)
{
    int len = snprintf(line, CI_DEFAULT_LINE_ROOM, "COM%u.default =", number);

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        len += field_write(line + len, CI_DEFAULT_LINE_ROOM - (size_t)len, &fields[i],
                           field_get(&fields[i], settings));
}

/* ---- reading ---- */

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, BLANKS);
}

const char *ci_default_line_value(const char *line, uint32_t number)
{
    struct ci_word name;
    char key[sizeof "COM4294967295.default"];

    line = skip_blanks(line);
    name = ci_word_take(&line, BLANKS "=\n");
    line = skip_blanks(line);
    snprintf(key, sizeof key, "COM%u.default", number);
    return *line == '=' && ci_word_is(name, key) ? line + 1 : NULL;
}

static bool field_set(const struct field *field, struct ci_settings *settings, uint32_t value)
{
    char *at = (char *)settings + field->place;

    if (field->size == 1) {
        *at = (char)value;
        return value <= UINT8_MAX;
    }
    memcpy(at, &value, sizeof value);
    return true;
}

static bool field_read(struct ci_settings *settings, struct ci_word name, struct ci_word value)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        uint32_t number;
        int choice;

        if (!ci_word_is(name, fields[i].name))
            continue;
        if (fields[i].choices == NULL)
            return ci_word_number(value, &number) && field_set(&fields[i], settings, number);
        choice = ci_word_choice(value, fields[i].choices);
        return choice >= 0 && field_set(&fields[i], settings, (uint32_t)choice);
    }
    return false;
}

bool ci_default_line_read(const char *value, struct ci_settings *settings)
{
    ci_settings_default(settings, RX_USUAL);
    while (strchr("\n#", *(value = skip_blanks(value))) == NULL) { /* finds the '\0' too */
        struct ci_word name = ci_word_take(&value, BLANKS "=\n");

        if (*value != '=')
            return false;
        value++;
        if (!field_read(settings, name, ci_word_take(&value, BLANKS "\n")))
            return false;
    }
    return ci_settings_valid(settings, RX_MOST, 0);
}
