/* SPDX-License-Identifier: MIT */
/* Reading a map file.  A line that cannot be understood costs nobody but itself: the ports in the
 * other lines still have their numbers. */
#include "libcomm/dev/serial/portmap.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "libcomm/dev/serial/target.h"
#include "libcomm/dev/serial/ttys.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"

#define FILE_MOST (1 << 20) /* bytes; what is bigger is no map */

/* ---- entries ---- */

struct ci_mapping *ci_mapping_new(uint32_t number, const char *target)
{
    size_t size = strlen(target) + 1;
    struct ci_mapping *entry = ci_sys_alloc(sizeof *entry + size);

    if (entry == NULL)
        return NULL;
    ci_list_init(&entry->link);
    entry->number = number;
    memcpy(entry->target, target, size);
    return entry;
}

const struct ci_mapping *ci_mapping_find(const struct ci_list *entries, uint32_t number)
{
    for (const struct ci_list *link = entries->next; link != entries; link = link->next) {
        const struct ci_mapping *entry = CI_CONTAINER(link, const struct ci_mapping, link);

        if (entry->number == number)
            return entry;
    }
    return NULL;
}

void ci_mappings_free(struct ci_list *entries)
{
    struct ci_list *link;

    while ((link = ci_list_pop(entries)) != NULL)
        ci_sys_free(CI_CONTAINER(link, struct ci_mapping, link));
}

/* ---- lines ---- */

#define DIGITS_MOST 9

uint32_t ci_port_number(const char *text, size_t len)
{
    uint32_t number = 0;

    if (len == 0 || len > DIGITS_MOST || text[0] == '0')
        return 0;
    for (size_t i = 0; i < len; i++) {
        if (!isdigit((unsigned char)text[i]))
            return 0;
        number = number * 10 + (uint32_t)(text[i] - '0');
    }
    return number;
}

static char *trim(char *text)
{
    size_t len;

    while (isspace((unsigned char)*text))
        text++;
    len = strlen(text);
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        text[--len] = '\0';
    return text;
}

/* By-id names may have a '#' in them: one that begins a comment stands first or behind a blank. */
static void cut_comment(char *line)
{
    for (char *at = line; (at = strchr(at, '#')) != NULL; at++)
        if (at == line || isspace((unsigned char)at[-1])) {
            *at = '\0';
            return;
        }
}

/* NULL with *number 0: there is nothing for us in this line. */
static const char *line_read(char *line, uint32_t *number, char **target)
{
    char *key, *equals;

    *number = 0;
    cut_comment(line);
    key = trim(line);
    if (*key == '\0')
        return NULL;
    equals = strchr(key, '=');
    if (equals == NULL)
        return "expected COMn = device";
    *equals = '\0';
    key = trim(key);
    if (strncasecmp(key, "COM", 3) != 0)
        return "expected COMn in front of the =";
    if (ci_port_number(key + 3, strcspn(key + 3, ".")) == 0)
        return "this is no number of a port";
    if (strchr(key, '.') != NULL)
        return NULL;
    *target = trim(equals + 1);
    *number = ci_port_number(key + 3, strlen(key + 3));
    return ci_target_fault(*target);
}

static int line_add(struct ci_portmap *map, char *line, unsigned line_number)
{
    char *target = NULL;
    uint32_t number;
    const char *fault = line_read(line, &number, &target);
    struct ci_mapping *entry;

    if (fault == NULL && number != 0 && ci_mapping_find(&map->entries, number) != NULL)
        fault = "an earlier line has this number";
    if (fault != NULL)
        ci_trace_note("%s:%u: %s; the line is skipped", map->path, line_number, fault);
    if (fault != NULL || number == 0)
        return 0;
    entry = ci_mapping_new(number, target);
    if (entry == NULL)
        return -ENOMEM;
    entry->file = map->path;
    entry->line = line_number;
    ci_list_append(&map->entries, &entry->link);
    return 0;
}

static int text_read(struct ci_portmap *map, char *text)
{
    int error = 0;

    for (unsigned line = 1; text != NULL && error == 0; line++) {
        char *end = strchr(text, '\n');

        if (end != NULL)
            *end++ = '\0';
        error = line_add(map, text, line);
        text = end;
    }
    return error;
}

/* ---- the file ---- */

/* A program that runs with more rights than its user has does not ask the user's files. */
static bool users_file(char path[PATH_MAX])
{
    const char *config = secure_getenv("XDG_CONFIG_HOME"), *home = secure_getenv("HOME");
    int n = -1;

    if (config != NULL && config[0] == '/')
        n = snprintf(path, PATH_MAX, "%s/libcomm/ports", config);
    else if (home != NULL && home[0] == '/')
        n = snprintf(path, PATH_MAX, "%s/.config/libcomm/ports", home);
    return n >= 0 && n < PATH_MAX;
}

bool ci_portmap_file(unsigned i, char path[PATH_MAX])
{
    const char *only = secure_getenv("LIBCOMM_PORTS");

    if (only != NULL)
        return i == 0 && only[0] != '\0' && snprintf(path, PATH_MAX, "%s", only) < PATH_MAX;
    if (i == 0)
        return users_file(path);
    return snprintf(path, PATH_MAX, "%s/libcomm/ports", ci_roots.etc) < PATH_MAX;
}

static int bytes_read(int fd, char *text, size_t size)
{
    size_t got = 0;

    while (got < size) {
        ssize_t n = ci_sys_read(fd, text + got, size - got);

        if (n < 0)
            return (int)n;
        if (n == 0)
            break; /* it has shrunk meanwhile */
        got += (size_t)n;
    }
    text[got] = '\0';
    return 0;
}

int ci_portmap_text(int fd, char **text)
{
    struct stat st;
    int error = ci_sys_fstat(fd, &st);

    if (error == 0 && (!S_ISREG(st.st_mode) || st.st_size > FILE_MOST))
        error = -EFBIG;
    if (error != 0)
        return error;
    *text = ci_sys_alloc((size_t)st.st_size + 1);
    if (*text == NULL)
        return -ENOMEM;
    error = bytes_read(fd, *text, (size_t)st.st_size);
    if (error != 0)
        ci_sys_free(*text);
    return error;
}

static int file_read(struct ci_portmap *map)
{
    int fd = ci_sys_open(map->path, O_RDONLY | O_NONBLOCK, 0);
    char *text = NULL;
    int error = fd < 0 ? fd : ci_portmap_text(fd, &text);

    if (error == 0) {
        error = text_read(map, text);
        ci_sys_free(text);
    } else {
        ci_trace_note("%s: cannot be read: %s", map->path, strerror(-error));
    }
    if (fd >= 0)
        ci_sys_close(fd);
    return error;
}

static bool is_as_it_was(const struct ci_portmap *map, const char *path, const struct stat *st)
{
    return strcmp(map->path, path) == 0 && map->present && map->device == st->st_dev &&
           map->inode == st->st_ino && map->size == st->st_size &&
           map->changed.tv_sec == st->st_ctim.tv_sec && map->changed.tv_nsec == st->st_ctim.tv_nsec;
}

static void forget(struct ci_portmap *map)
{
    ci_mappings_free(&map->entries);
    map->present = false;
}

/* Also of a file that could not be read, so that it is complained about once. */
static void remember(struct ci_portmap *map, const char *path, const struct stat *st)
{
    snprintf(map->path, sizeof map->path, "%s", path);
    map->present = true;
    map->device = st->st_dev;
    map->inode = st->st_ino;
    map->size = st->st_size;
    map->changed = st->st_ctim;
}

void ci_portmap_init(struct ci_portmap *map)
{
    map->path[0] = '\0';
    map->present = false;
    ci_list_init(&map->entries);
}

int ci_portmap_refresh(struct ci_portmap *map, const char *path)
{
    struct stat st;
    int error;

    if (path == NULL || strlen(path) >= sizeof map->path || ci_sys_stat(path, &st) != 0 ||
        !S_ISREG(st.st_mode)) {
        forget(map);
        return 0;
    }
    if (is_as_it_was(map, path, &st))
        return 0;
    forget(map);
    remember(map, path, &st);
    error = file_read(map);
    if (error != -ENOMEM)
        return 0;
    forget(map); /* and read it again next time */
    return error;
}
