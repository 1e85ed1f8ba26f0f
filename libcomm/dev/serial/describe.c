/* SPDX-License-Identifier: MIT */
/* Why a port could not be opened, in words a user can act on.  "Access denied" is the same number
 * whether a modem manager holds the port or a group is missing; people lose days over that. */
#include <libcomm/native.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcomm/dev/serial/cable.h"
#include "libcomm/dev/serial/names.h"
#include "libcomm/dev/serial/portmap.h"
#include "libcomm/dev/serial/target.h"
#include "libcomm/dev/serial/tty.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_dir.h"

struct words {
    char *text;
    size_t room, len; /* len: of all that was said, whether or not it fits */
};

__attribute__((format(printf, 2, 3))) static void say(struct words *words, const char *format, ...)
{
    size_t at = words->len < words->room ? words->len : words->room;
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(at < words->room ? words->text + at : NULL, words->room - at, format, args);
    va_end(args);
    if (n > 0)
        words->len += (size_t)n;
}

/* What is asked about. */
struct question {
    const char *name; /* as it was given */
    uint32_t number;  /* 0: a path */
    struct ci_where where;
};

static void say_who(struct words *words, const struct question *q)
{
    if (q->number == 0)
        say(words, "%s", q->name);
    else if (q->where.path[0] != '\0')
        say(words, "COM%u (%s)", (unsigned)q->number, q->where.path);
    else
        say(words, "COM%u", (unsigned)q->number);
}

/* ---- denied ---- */

static bool is_ours(const struct stat *st)
{
    return st->st_uid == geteuid();
}

static void say_permissions(struct words *words, const struct question *q, const struct stat *st)
{
    unsigned both = S_IRUSR | S_IWUSR, mode = st->st_mode & 07777;
    char user[64], group[64];

    ci_sys_user_name(st->st_uid, user, sizeof user);
    ci_sys_group_name(st->st_gid, group, sizeof group);
    say_who(words, q);
    if (is_ours(st) || (mode & (both >> 3)) != (both >> 3))
        say(words, " may not be opened: it belongs to user %s and group %s, with mode %04o", user,
            group, mode);
    else if (ci_sys_in_group(st->st_gid))
        say(words,
            " may not be opened, although this process is in its group %s: something else"
            " keeps it out, such as a sandbox",
            group);
    else if (ci_sys_joined_group(st->st_gid))
        say(words, " is for group %s, which this user joined after logging in: log in again",
            group);
    else
        say(words,
            " is for group %s, which this process is not in: as root, run"
            " `usermod -aG %s USER`, and log in again",
            group, group);
}

static void say_holder(struct words *words, const struct question *q)
{
    pid_t holder = ci_tty_holder(q->where.path);
    char path[64], program[64];

    say_who(words, q);
    if (holder <= 0) {
        say(words, " is in use by a process that cannot be seen from here");
        return;
    }
    if ((uint32_t)holder == ci_sys_pid()) {
        say(words, " is open in this program already");
        return;
    }
    snprintf(path, sizeof path, "/proc/%d/comm", (int)holder);
    say(words, " is open in process %d", (int)holder);
    if (ci_sys_read_text(path, program, sizeof program) > 0)
        say(words, " (%s)", program);
}

static void say_denied(struct words *words, const struct question *q)
{
    struct stat st;

    if (ci_sys_access(q->where.path, R_OK | W_OK) != 0 && ci_sys_stat(q->where.path, &st) == 0)
        say_permissions(words, q, &st);
    else
        say_holder(words, q);
}

/* ---- not there ---- */

static void say_what_is_there(struct words *words)
{
    const char *separator = "; there are ";
    struct ci_list ports;

    if (ci_names_list(&ports) != ERROR_SUCCESS || ci_list_empty(&ports)) {
        say(words, "; no port is there at all");
        ci_names_list_free(&ports);
        return;
    }
    CI_LIST_EACH (link, after, &ports) {
        const struct ci_listed *port = CI_CONTAINER(link, struct ci_listed, link);

        say(words, "%sCOM%u (%s)", separator, (unsigned)port->number,
            port->cable != NULL ? "simulated" : port->tty.node);
        separator = ", ";
    }
    ci_names_list_free(&ports);
}

static void say_all_that_fit(struct words *words, const char *target)
{
    const char *separator = ": ";
    struct ci_list ttys;

    ci_list_init(&ttys);
    (void)ci_ttys_scan(&ttys);
    CI_LIST_EACH (link, after, &ttys) {
        const struct ci_tty *tty = CI_CONTAINER(link, struct ci_tty, link);

        if (!ci_target_fits(target, tty))
            continue;
        say(words, "%s%s", separator, tty->node);
        separator = ", ";
    }
    ci_ttys_free(&ttys);
}

struct mapped {
    uint32_t number;
    bool found;
    char target[PATH_MAX], by[PATH_MAX + 32];
};

static void note_mapping(const struct ci_mapping *mapping, void *arg)
{
    struct mapped *mapped = arg;

    if (mapping->number != mapped->number)
        return;
    mapped->found = true;
    snprintf(mapped->target, sizeof mapped->target, "%s", mapping->target);
    if (mapping->file != NULL)
        snprintf(mapped->by, sizeof mapped->by, "by %s:%u", mapping->file, mapping->line);
    else
        snprintf(mapped->by, sizeof mapped->by, "by this program");
}

static void say_mapped(struct words *words, const struct mapped *mapped, uint32_t error)
{
    struct stat st;

    say(words, "COM%u is mapped to %s %s", (unsigned)mapped->number, mapped->target, mapped->by);
    if (error == ERROR_OPEN_FAILED) {
        say(words, ", and more than one port is that");
        say_all_that_fit(words, mapped->target);
        return;
    }
    if (mapped->target[0] == '/' && ci_sys_stat(mapped->target, &st) == 0)
        say(words, ", which is no serial port");
    else
        say(words, ", which is not there");
    say_what_is_there(words);
}

static void say_absent(struct words *words, const struct question *q, uint32_t error)
{
    struct mapped mapped = {.number = q->number};

    if (q->number != 0)
        ci_names_each_mapping(note_mapping, &mapped);
    if (mapped.found) {
        say_mapped(words, &mapped, error);
        return;
    }
    say(words, "there is no ");
    say_who(words, q);
    say_what_is_there(words);
}

/* ---- the answer ---- */

static void say_code(struct words *words, const struct question *q, uint32_t error)
{
    const char *text = ci_error_text(error);

    say_who(words, q);
    if (text != NULL)
        say(words, ": %s", text);
    else
        say(words, ": error %u", (unsigned)error);
}

static void answer(struct words *words, struct question *q, uint32_t error)
{
    uint32_t found = ci_names_find(q->name, &q->where);

    if (found != ERROR_SUCCESS && (error == ERROR_FILE_NOT_FOUND || error == ERROR_OPEN_FAILED))
        say_absent(words, q, found);
    else if (found == ERROR_SUCCESS && error == ERROR_ACCESS_DENIED && q->where.cable == NULL)
        say_denied(words, q);
    else
        say_code(words, q, error);
}

size_t CommDescribePortError(const char *name, DWORD error, char *text, size_t room)
{
    struct words words = {.text = text, .room = text != NULL ? room : 0};
    struct question q = {.name = name};
    uint32_t kept = ci_last_error();

    if (words.room > 0)
        text[0] = '\0';
    if (name == NULL)
        return 0;
    q.number = ci_names_number(name);
    answer(&words, &q, error);
    if (q.where.cable != NULL)
        ci_cable_put(q.where.cable);
    ci_set_last_error(kept);
    return words.len;
}
