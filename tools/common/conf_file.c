/* SPDX-License-Identifier: MIT */
/* Configuration files on the disk: where they are, and those that include others.  A file that is
 * included stands where its line stands, and begins before any section. */
#include "tools/common/conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 8, LONGEST = 4 << 20 };

/* All of a file, NULL with errno. */
static char *slurp(const char *path, size_t *len)
{
    FILE *file = fopen(path, "re");
    char *bytes = NULL;
    size_t room = 0;
    int error = 0;

    if (file == NULL)
        return NULL;
    *len = 0;
    for (;;) {
        char *more = realloc(bytes, room = room == 0 ? 4096 : room * 2);
        size_t got;

        if (more == NULL || room > LONGEST) {
            bytes = more == NULL ? bytes : more;
            error = more == NULL ? ENOMEM : EFBIG;
            break;
        }
        bytes = more;
        errno = 0; /* a directory opens, and says so only now */
        got = fread(bytes + *len, 1, room - *len, file);
        *len += got;
        if (*len < room) {
            error = ferror(file) ? errno : 0;
            break;
        }
    }
    fclose(file);
    if (error != 0) {
        free(bytes);
        bytes = NULL;
        errno = error;
    }
    return bytes;
}

/* What an included name means: absolute, from the home directory, or beside the file that has it.
 */
static char *resolve(const char *from, const char *name)
{
    const char *slash = strrchr(from, '/'), *home = getenv("HOME");
    char *path = NULL;
    int len = slash == NULL ? 0 : (int)(slash - from) + 1;

    if (strncmp(name, "~/", 2) == 0 && home != NULL)
        return asprintf(&path, "%s%s", home, name + 1) < 0 ? NULL : path;
    if (name[0] == '/')
        len = 0;
    return asprintf(&path, "%.*s%s", len, from, name) < 0 ? NULL : path;
}

static bool load(struct conf *conf, const char *path, int level, int depth);

static void include(struct conf *conf, const struct conf_entry *entry, int depth)
{
    char *path = resolve(entry->at.file, entry->value);

    if (path == NULL)
        conf->no_memory = true;
    else if (depth == DEEPEST)
        conf_fault(conf, entry->value_at, "files that include files, %d deep: is it a circle?",
                   depth);
    else if (!load(conf, path, entry->level, depth + 1))
        conf_fault(conf, entry->value_at, "%s cannot be read: %s", path, strerror(errno));
    free(path);
}

/* Takes over what was found in one file; what it includes goes where it is included. */
static void take(struct conf *conf, struct conf *found, int level, int depth)
{
    for (size_t i = 0; i < found->error_count; i++)
        conf_fault(conf, found->errors[i].at, "%s", found->errors[i].text);
    for (size_t i = 0; i < found->count; i++) {
        struct conf_entry *entry = &found->entries[i], *more;

        entry->level = level;
        if (strcmp(entry->key, "include") == 0) {
            include(conf, entry, depth);
            continue;
        }
        more = conf_grow(conf, conf->entries, conf->count, sizeof(*more));
        if (more == NULL)
            return;
        conf->entries = more;
        conf->entries[conf->count++] = *entry;
        *entry = (struct conf_entry){0}; /* it belongs to `conf` now */
    }
}

/* The name of a file is kept by the conf that keeps the places. */
static void take_names(struct conf *conf, struct conf *found)
{
    for (size_t i = 0; i < found->file_count; i++) {
        char **more = conf_grow(conf, conf->files, conf->file_count, sizeof(*more));

        if (more == NULL)
            continue; /* it may be in use: better lost than gone */
        conf->files = more;
        conf->files[conf->file_count++] = found->files[i];
    }
    found->file_count = 0;
}

/* False with errno if the file cannot be read. */
static bool load(struct conf *conf, const char *path, int level, int depth)
{
    struct conf found = {0};
    size_t len;
    char *bytes = slurp(path, &len);

    if (bytes == NULL)
        return false;
    conf_parse(&found, path, bytes, len);
    free(bytes);
    take(conf, &found, level, depth);
    take_names(conf, &found);
    conf->no_memory |= found.no_memory;
    conf_free(&found);
    return true;
}

bool conf_read(struct conf *conf, const char *path, int level, bool must_be)
{
    struct conf_place whole = {"", 0, 0};
    int error;

    if (load(conf, path, level, 0))
        return true;
    error = errno;
    if (must_be || (error != ENOENT && error != ENOTDIR)) {
        struct conf name = {0};

        conf_parse(&name, path, "", 0); /* keeps the name for the place */
        take_names(conf, &name);
        if (conf->file_count > 0)
            whole.file = conf->files[conf->file_count - 1];
        conf_free(&name);
        conf_fault(conf, whole, "cannot be read: %s", strerror(error));
    }
    return false;
}

char *conf_user_path(const char *program)
{
    const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char *path;

    if (base != NULL && base[0] == '/') /* the rules want any other ignored */
        return asprintf(&path, "%s/%s/config", base, program) < 0 ? NULL : path;
    if (home == NULL || home[0] != '/')
        return NULL;
    return asprintf(&path, "%s/.config/%s/config", home, program) < 0 ? NULL : path;
}

char *conf_system_path(const char *program, size_t nth)
{
    const char *dirs = getenv("XDG_CONFIG_DIRS");
    char *path;

    if (dirs == NULL || *dirs == '\0')
        dirs = "/etc/xdg";
    for (;; dirs++) {
        size_t len = strcspn(dirs, ":");

        if (len > 0 && dirs[0] == '/' && nth-- == 0)
            return asprintf(&path, "%.*s/%s/config", (int)len, dirs, program) < 0 ? NULL : path;
        dirs += len;
        if (*dirs == '\0')
            return NULL;
    }
}
