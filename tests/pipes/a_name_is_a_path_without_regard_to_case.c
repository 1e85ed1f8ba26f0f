/* SPDX-License-Identifier: MIT */
/* Which spellings name one pipe: by \\.\pipe\ a name is a path like any other and is brought into
 * its normal form, by \\?\pipe\ it is taken as it is; the case of letters never matters. */
#include "connected.h"

#include <stdio.h>

enum { QUOTA = 512 };

#define PLAIN "\\\\.\\pipe\\"
#define LITERAL "\\\\?\\pipe\\"

/* %s is a component of this test's own. */
static void spell(char *name, const char *format, const char *own)
{
    const char *mark = strstr(format, "%s");

    snprintf(name, AT_NAME, "%.*s%s%s", (int)(mark - format), format, own, mark + 2);
}

struct spelling {
    const char *when, *created, *opened;
    DWORD error;
};

static const struct spelling spellings[] = {
    {"as it was made",           PLAIN "%s.a<>*?|\"/b", PLAIN "%s.a<>*?|\"/b",   0},
    {"the other separator",      PLAIN "%s.a<>*?|\"/b", PLAIN "%s.a<>*?|\"\\b",  0},
    {"a separator at the end",   PLAIN "%s\\",          PLAIN "%s\\",            0},
    {"none at the end",          PLAIN "%s\\",          PLAIN "%s",              2},
    {"one too many at the end",  PLAIN "%s",            PLAIN "%s\\",            2},
    {"other case",               PLAIN "%s.MiXed",      "\\\\.\\PIPE\\%s.mIxED", 0},
    {"other case of letters",    PLAIN "%s.\xC3\x84",   PLAIN "%s.\xC3\xA4",     0},
    {"slashes",                  PLAIN "%s",            "//./pipe/%s",           0},
    {"literally, the same",      PLAIN "%s",            LITERAL "%s",            0},
    {"a dot component",          PLAIN "%s\\b",         PLAIN "%s\\.\\b",        0},
    {"a component taken back",   PLAIN "%s\\b",         PLAIN "%s\\c\\..\\b",    0},
    {"never above the root",     PLAIN "%s",            PLAIN "..\\..\\%s",      0},
    {"a separator repeated",     PLAIN "%s\\b",         PLAIN "%s\\\\b",         0},
    {"dots and spaces behind",   PLAIN "%s\\b",         PLAIN "%s\\b. ",         0},
    {"a dot component, literal", PLAIN "%s\\b",         LITERAL "%s\\.\\b",      2},
    {"a slash, literal",         PLAIN "%s\\b",         LITERAL "%s/b",          2},
    {"a dot behind, literal",    PLAIN "%s\\b",         LITERAL "%s\\b. ",       2},
    {"made literally with dots", LITERAL "%s\\.\\b",    PLAIN "%s\\b",           2},
    {"made literally with /",    LITERAL "%s/b",        PLAIN "%s\\b",           2},
    {"literally both times",     LITERAL "%s\\.\\B. ",  LITERAL "%s\\.\\b. ",    0},
    {"another name",             PLAIN "%s.a",          PLAIN "%s.b",            2},
};

static void spellings_of_one_name_lead_to_one_pipe(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(spellings); i++) {
        const struct spelling *s = &spellings[i];
        const char *own = name_key(fresh_name(""));
        char created[AT_NAME], opened[AT_NAME];
        struct said said;
        HANDLE server;

        spell(created, s->created, own);
        spell(opened, s->opened, own);
        server = make_pipe(here, created, BYTES, QUOTA);
        said = at_open(far, opened, BOTH_WAYS, 0);
        CHECK_SAID_WHEN(s->when, said, s->error, 0);
        if (said.ok)
            CHECK_SAID(at_close(far, said.handle), 0, 0);
        CHECK_SAID(at_close(here, server), 0, 0);
    }
}

/* By every way that takes a name. */
static void every_call_brings_a_name_into_the_same_form(struct place *far)
{
    const char *own = name_key(fresh_name(""));
    char created[AT_NAME], other[AT_NAME];
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);
    HANDLE server;

    spell(created, PLAIN "%s\\b", own);
    spell(other, "\\\\.\\Pipe\\%s/./B", own);
    server = make_pipe(here, created, BYTES, QUOTA);
    CHECK_SAID(at_create(far, other, pipe), ERROR_PIPE_BUSY, 0);
    (void)at_wait(far, 0, other, NMPWAIT_NOWAIT);
    CHECK_SAID(at_await(far, 0), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

static void names_in_utf_16_are_the_same_names(struct place *far)
{
    const char *name = fresh_name("");
    WCHAR wide[AT_NAME] = {0};
    HANDLE server, client;

    for (size_t i = 0; i <= strlen(name); i++)
        wide[i] = (WCHAR)name[i];
    server = CreateNamedPipeW(wide, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, QUOTA, QUOTA,
                              0, NULL);
    CHECK(server != INVALID_HANDLE_VALUE);
    CHECK(WaitNamedPipeW(wide, NMPWAIT_NOWAIT));
    client = open_pipe(far, name);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

/* ---- length ---- */

static const struct {
    const char *when;
    int length; /* of the whole path */
    DWORD error;
} lengths[] = {
    {"200 characters", 200, 0                         },
    {"the longest",    256, 0                         },
    {"one too long",   257, ERROR_FILENAME_EXCED_RANGE},
    {"much too long",  300, ERROR_FILENAME_EXCED_RANGE},
};

static void a_path_has_up_to_256_characters(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        char name[AT_NAME];
        struct said said;
        int len = snprintf(name, sizeof name, "%s.", fresh_name(""));

        memset(name + len, 'n', (size_t)(lengths[i].length - len));
        name[lengths[i].length] = '\0';
        said = at_create(here, name, one_pipe(BYTES, QUOTA));
        CHECK_SAID_WHEN(lengths[i].when, said, lengths[i].error, 0);
        if (said.ok) {
            HANDLE client = open_pipe(far, name);

            CHECK_SAID(at_put(far, client, "abc", 3), 0, 3);
            CHECK_SAID(at_get(here, said.handle, 8), 0, 3);
            CHECK_SAID(at_close(far, client), 0, 0);
            CHECK_SAID(at_close(here, said.handle), 0, 0);
        }
    }
}

/* Two long names that differ only in their last character. */
static void long_names_are_told_apart_to_their_last_character(struct place *far)
{
    char first[AT_NAME], second[AT_NAME];
    HANDLE server;
    int len = snprintf(first, sizeof first, "%s.", fresh_name(""));

    memset(first + len, '<', (size_t)(250 - len)); /* each takes three in a file's name */
    strcpy(first + 250, "a");
    strcpy(second, first);
    second[250] = 'b';
    server = make_pipe(here, first, BYTES, QUOTA);
    CHECK_SAID(at_open(far, second, BOTH_WAYS, 0), ERROR_FILE_NOT_FOUND, 0);
    CHECK_SAID(at_close(far, open_pipe(far, first)), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

/* What is no UTF-8 is still a name, and of one pipe only. */
static void bytes_that_spell_no_character_stand_for_themselves(struct place *far)
{
    static const char *const names[] = {
        "\\\\.\\pipe\\t\xF0\x80\x80\x80", /* a NUL, the long way */
        "\\\\.\\pipe\\t\xF0\x80\x80\x80x",
        "\\\\.\\pipe\\t\xF0\x80\x81\xA1", /* an `a` */
        "\\\\.\\pipe\\ta",
        "\\\\.\\pipe\\t\xE0\x80\xAF", /* a slash */
        "\\\\.\\pipe\\t",
        "\\\\.\\pipe\\t\xC3",
        "\\\\.\\pipe\\t\x80\xFF\x01\x7F%41",
        "\\\\.\\pipe\\tA%41 \xC3\x84\xE2\x82\xAC",
    };
    HANDLE server[ARRAY_LEN(names)], client[ARRAY_LEN(names)];

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        server[i] = make_pipe(here, names[i], BYTES, QUOTA);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        client[i] = open_pipe(far, names[i]);
        CHECK_SAID_WHEN(names[i], at_put(far, client[i], names[i], 9), 0, 9);
        CHECK_SAID_WHEN(names[i], at_get(here, server[i], 64), 0, 9);
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        CHECK_SAID(at_close(far, client[i]), 0, 0);
        CHECK_SAID(at_close(here, server[i]), 0, 0);
    }
}

FAR_TEST_MAIN(TWICE(spellings_of_one_name_lead_to_one_pipe),
              TWICE(every_call_brings_a_name_into_the_same_form),
              TWICE(names_in_utf_16_are_the_same_names), TWICE(a_path_has_up_to_256_characters),
              TWICE(long_names_are_told_apart_to_their_last_character),
              TWICE(bytes_that_spell_no_character_stand_for_themselves))
