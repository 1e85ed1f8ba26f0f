/* SPDX-License-Identifier: MIT */
/* Which spellings are one pipe: a pipe is created by one spelling and opened by another.  Case
 * never counts; \\.\ names are tidied first, \\?\ names are taken as they are. */
#include <windows.h>
#include "say.h"

/* %lu is the number that keeps two runs apart. */
static const struct {
    const char *line, *created, *opened;
} cases[] = {
    {"same",               "\\\\.\\pipe\\oa%lu",          "\\\\.\\pipe\\oa%lu"          },
    {"case",               "\\\\.\\pipe\\oB%lu_MiXed",    "\\\\.\\pipe\\Ob%lu_mIxED"    },
    {"case_of_prefix",     "\\\\.\\pipe\\oc%lu",          "\\\\.\\PIPE\\oc%lu"          },
    {"question_prefix",    "\\\\.\\pipe\\od%lu",          "\\\\?\\pipe\\od%lu"          },
    {"slash_prefix",       "\\\\.\\pipe\\oe%lu",          "//./pipe/oe%lu"              },
    {"odd_characters",     "\\\\.\\pipe\\of%lu<>*?|\":b", "\\\\.\\pipe\\of%lu<>*?|\":b" },
    {"spaces_inside",      "\\\\.\\pipe\\og%lu a  b",     "\\\\.\\pipe\\og%lu a  b"     },
    {"component",          "\\\\.\\pipe\\oh%lu\\b",       "\\\\.\\pipe\\oh%lu\\b"       },
    {"slash_inside",       "\\\\.\\pipe\\oi%lu/b",        "\\\\.\\pipe\\oi%lu\\b"       },
    {"odd_and_slash",      "\\\\.\\pipe\\oj%lu<>*?|\"/b", "\\\\.\\pipe\\oj%lu<>*?|\"\\b"},
    {"dot_component",      "\\\\.\\pipe\\ok%lu\\b",       "\\\\.\\pipe\\ok%lu\\.\\b"    },
    {"dotdot_component",   "\\\\.\\pipe\\ol%lu\\b",       "\\\\.\\pipe\\ol%lu\\x\\..\\b"},
    {"double_backslash",   "\\\\.\\pipe\\om%lu\\b",       "\\\\.\\pipe\\om%lu\\\\b"     },
    {"trailing_dot_space", "\\\\.\\pipe\\on%lu",          "\\\\.\\pipe\\on%lu. "        },
    {"trailing_backslash", "\\\\.\\pipe\\oo%lu\\",        "\\\\.\\pipe\\oo%lu"          },
    {"both_trailing",      "\\\\.\\pipe\\op%lu\\",        "\\\\.\\pipe\\op%lu\\"        },
    {"literal_slash",      "\\\\?\\pipe\\oq%lu/b",        "\\\\.\\pipe\\oq%lu\\b"       },
    {"literal_dot",        "\\\\?\\pipe\\or%lu\\.\\b",    "\\\\.\\pipe\\or%lu\\b"       },
    {"literal_trailing",   "\\\\?\\pipe\\os%lu.",         "\\\\.\\pipe\\os%lu"          },
    {"literal_same",       "\\\\?\\pipe\\ot%lu.",         "\\\\?\\pipe\\ot%lu."         },
    {"local",              "\\\\.\\pipe\\LOCAL\\ou%lu",   "\\\\.\\pipe\\local\\ou%lu"   },
    {"prefix_of_name",     "\\\\.\\pipe\\ov%lu_long",     "\\\\.\\pipe\\ov%lu"          },
};

static void say_case(size_t i)
{
    unsigned long id = GetCurrentProcessId();
    char created[96], opened[96];
    HANDLE server, client;

    snprintf(created, sizeof(created), cases[i].created, id);
    snprintf(opened, sizeof(opened), cases[i].opened, id);
    SAY_HANDLE(say_name(cases[i].line, "create"), server,
               CreateNamedPipe(created, PIPE_ACCESS_DUPLEX, 0, 1, 64, 64, 0, NULL));
    SAY_HANDLE(say_name(cases[i].line, "open"), client,
               open_file(opened, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0));
    if (client != INVALID_HANDLE_VALUE)
        CloseHandle(client);
    if (server != INVALID_HANDLE_VALUE)
        CloseHandle(server);
}

/* The wide calls name the same pipes. */
static void say_wide(void)
{
    WCHAR wide[96];
    char narrow[96];
    HANDLE server, client;
    int i;

    snprintf(narrow, sizeof(narrow), "\\\\.\\pipe\\ow%lu", (unsigned long)GetCurrentProcessId());
    for (i = 0; narrow[i] != '\0'; i++)
        wide[i] = (WCHAR)(unsigned char)narrow[i];
    wide[i] = 0;
    SAY_HANDLE("wide.create", server,
               CreateNamedPipeW(wide, PIPE_ACCESS_DUPLEX, 0, 1, 64, 64, 0, NULL));
    SAY_HANDLE("wide.open", client, open_file(narrow, GENERIC_READ, OPEN_EXISTING, 0));
    CloseHandle(client);
    CloseHandle(server);
}

int main(void)
{
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        say_case(i);
    say_wide();
    return 0;
}
