/* SPDX-License-Identifier: MIT */
/* From numbers to devices.  Nothing is kept of what the machine has but the numbers given so far:
 * ports come and go, so each question is answered afresh. */
#include "libcomm/dev/serial/names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libcomm/types.h>

#include "libcomm/dev/path.h"
#include "libcomm/dev/serial/cable.h"
#include "libcomm/dev/serial/portmap.h"
#include "libcomm/dev/serial/target.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/lock.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_dir.h"

/* An end of a cable under a number. */
struct plug {
    struct ci_list link;
    uint32_t number;
    struct ci_cable *cable; /* borrowed */
    unsigned end;
};

/* The number a device of this machine was given. */
struct given {
    struct ci_list link;
    uint32_t number;
    char identity[];
};

#define FILES CI_PORTMAP_FILES

static struct {
    struct ci_lock lock;
    struct ci_list plugs;          /* guarded by lock */
    struct ci_list mapped;         /* guarded by lock: ci_mapping, by the program */
    struct ci_list given;          /* guarded by lock */
    struct ci_portmap file[FILES]; /* guarded by lock */
} names = {
    .lock = CI_LOCK_INIT(CI_RANK_LEAF),
    .plugs = {&names.plugs,  &names.plugs },
    .mapped = {&names.mapped, &names.mapped},
    .given = {&names.given,  &names.given },
};

__attribute__((constructor)) static void names_setup(void)
{
    for (int i = 0; i < FILES; i++)
        ci_portmap_init(&names.file[i]);
    ci_fork_lock_add(&names.lock);
}

/* ---- the table ---- */

static uint32_t find_error(int error)
{
    switch (-error) {
    case 0:
        return ERROR_SUCCESS;
    case ENOENT:
    case ENOTDIR:
    case ENOTTY:
    case ENODEV:
    case ENXIO:
    case ELOOP:
        return ERROR_FILE_NOT_FOUND;
    case ENOTUNIQ:
        return ERROR_OPEN_FAILED;
    default:
        return ci_errno_error(CI_DOM_FILE, -error);
    }
}

static int files_refresh_locked(void)
{
    int error = 0;

    for (unsigned i = 0; i < FILES; i++) {
        char path[PATH_MAX];
        int failed = ci_portmap_refresh(&names.file[i], ci_portmap_file(i, path) ? path : NULL);

        error = error != 0 ? error : failed;
    }
    return error;
}

/* By precedence. */
static struct ci_list *mappings_locked(unsigned i)
{
    return i == 0 ? &names.mapped : &names.file[i - 1].entries;
}

static const struct ci_mapping *mapping_find_locked(uint32_t number)
{
    const struct ci_mapping *found = NULL;

    for (unsigned i = 0; i <= FILES && found == NULL; i++)
        found = ci_mapping_find(mappings_locked(i), number);
    return found;
}

static struct plug *plug_find_locked(uint32_t number)
{
    CI_LIST_EACH (link, after, &names.plugs) {
        struct plug *plug = CI_CONTAINER(link, struct plug, link);

        if (plug->number == number)
            return plug;
    }
    return NULL;
}

void ci_names_each_mapping(void (*each)(const struct ci_mapping *mapping, void *arg), void *arg)
{
    ci_lock(&names.lock);
    (void)files_refresh_locked(); /* then those of the files are missing */
    for (unsigned i = 0; i <= FILES; i++) {
        CI_LIST_EACH (link, after, mappings_locked(i)) {
            const struct ci_mapping *mapping = CI_CONTAINER(link, struct ci_mapping, link);

            if (mapping_find_locked(mapping->number) == mapping &&
                plug_find_locked(mapping->number) == NULL)
                each(mapping, arg);
        }
    }
    ci_unlock(&names.lock);
}

/* ---- numbers that nobody mapped ---- */

/* A device's serial number goes with it; without one, the place has to do. */
static const char *identity_of(const struct ci_tty *tty)
{
    if (tty->on_usb && tty->usb.serial[0] != '\0')
        return tty->stable;
    return tty->topology[0] != '\0' ? tty->topology : tty->name;
}

static struct ci_listed *listed_find(const struct ci_list *ports, uint32_t number)
{
    for (const struct ci_list *link = ports->next; link != ports; link = link->next) {
        struct ci_listed *port = CI_CONTAINER(link, struct ci_listed, link);

        if (port->number == number)
            return port;
    }
    return NULL;
}

/* Twins with one serial number have one identity: the second in line finds it in use. */
static struct given *given_find_locked(const char *identity, const struct ci_list *ports)
{
    CI_LIST_EACH (link, after, &names.given) {
        struct given *given = CI_CONTAINER(link, struct given, link);

        if (strcmp(given->identity, identity) == 0 && listed_find(ports, given->number) == NULL)
            return given;
    }
    return NULL;
}

static bool is_given_locked(uint32_t number)
{
    CI_LIST_EACH (link, after, &names.given)
        if (CI_CONTAINER(link, struct given, link)->number == number)
            return true;
    return false;
}

/* 0: no memory. */
static uint32_t number_give_locked(const struct ci_tty *tty, const struct ci_list *ports)
{
    const char *identity = identity_of(tty);
    struct given *given = given_find_locked(identity, ports);
    uint32_t number = 1;

    if (given != NULL)
        return given->number;
    given = ci_sys_alloc(sizeof *given + strlen(identity) + 1);
    if (given == NULL)
        return 0;
    while (listed_find(ports, number) != NULL || is_given_locked(number))
        number++;
    given->number = number;
    memcpy(given->identity, identity, strlen(identity) + 1);
    ci_list_append(&names.given, &given->link);
    return number;
}

/* ---- the list ---- */

static struct ci_listed *listed_add(struct ci_list *ports, uint32_t number)
{
    struct ci_listed *port = ci_sys_alloc(sizeof *port);
    struct ci_list *at = ports->next;

    if (port == NULL)
        return NULL;
    port->number = number;
    while (at != ports && CI_CONTAINER(at, struct ci_listed, link)->number < number)
        at = at->next;
    ci_list_insert_before(&port->link, at);
    return port;
}

static void listed_free(struct ci_listed *port)
{
    ci_list_del(&port->link);
    if (port->cable != NULL)
        ci_cable_put(port->cable);
    ci_sys_free(port);
}

void ci_names_list_free(struct ci_list *ports)
{
    struct ci_list *link;

    while ((link = ci_list_first(ports)) != NULL)
        listed_free(CI_CONTAINER(link, struct ci_listed, link));
}

static struct ci_tty *tty_find(const struct ci_list *ttys, const char *real)
{
    for (const struct ci_list *link = ttys->next; link != ttys; link = link->next) {
        struct ci_tty *tty = CI_CONTAINER(link, struct ci_tty, link);

        if (strcmp(tty->real, real) == 0)
            return tty;
    }
    return NULL;
}

static int list_plugs_locked(struct ci_list *ports)
{
    CI_LIST_EACH (link, after, &names.plugs) {
        const struct plug *plug = CI_CONTAINER(link, struct plug, link);
        struct ci_listed *port = listed_add(ports, plug->number);

        if (port == NULL)
            return -ENOMEM;
        ci_cable_get(plug->cable);
        port->cable = plug->cable;
        port->end = plug->end;
    }
    return 0;
}

/* Also what is not there: its number is taken. */
static int list_mapping(struct ci_list *ports, const struct ci_list *ttys,
                        const struct ci_mapping *mapping)
{
    struct ci_listed *port;
    struct ci_tty *known;

    if (listed_find(ports, mapping->number) != NULL)
        return 0;
    port = listed_add(ports, mapping->number);
    if (port == NULL)
        return -ENOMEM;
    port->error = find_error(ci_target_find(mapping->target, ttys, port->tty.real));
    if (port->error != 0)
        return 0;
    known = tty_find(ttys, port->tty.real);
    if (known != NULL)
        port->tty = *known;
    else
        ci_tty_describe(&port->tty);
    return 0;
}

static int list_mapped_locked(struct ci_list *ports, const struct ci_list *ttys)
{
    int error = 0;

    for (unsigned i = 0; i <= FILES; i++) {
        CI_LIST_EACH (link, after, mappings_locked(i))
            if (error == 0)
                error = list_mapping(ports, ttys, CI_CONTAINER(link, struct ci_mapping, link));
    }
    return error;
}

static bool is_listed(const struct ci_list *ports, const struct ci_tty *tty)
{
    for (const struct ci_list *link = ports->next; link != ports; link = link->next) {
        const struct ci_listed *port = CI_CONTAINER(link, const struct ci_listed, link);

        if (port->cable == NULL && port->error == 0 && strcmp(port->tty.real, tty->real) == 0)
            return true;
    }
    return false;
}

static int list_others_locked(struct ci_list *ports, const struct ci_list *ttys)
{
    for (const struct ci_list *link = ttys->next; link != ttys; link = link->next) {
        const struct ci_tty *tty = CI_CONTAINER(link, const struct ci_tty, link);
        struct ci_listed *port = NULL;
        uint32_t number;

        if (is_listed(ports, tty))
            continue;
        number = number_give_locked(tty, ports);
        if (number != 0)
            port = listed_add(ports, number);
        if (port == NULL)
            return -ENOMEM;
        port->tty = *tty;
    }
    return 0;
}

/* Every number that is taken; ttys: what the machine has. */
static uint32_t list_locked(struct ci_list *ports, struct ci_list *ttys)
{
    int error = files_refresh_locked();

    if (error == 0)
        error = ci_ttys_scan(ttys);
    if (error == 0)
        error = list_plugs_locked(ports);
    if (error == 0)
        error = list_mapped_locked(ports, ttys);
    if (error == 0)
        error = list_others_locked(ports, ttys);
    return error == 0 ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
}

static uint32_t list_all(struct ci_list *ports)
{
    struct ci_list ttys;
    uint32_t error;

    ci_list_init(ports);
    ci_list_init(&ttys);
    ci_lock(&names.lock);
    error = list_locked(ports, &ttys);
    ci_unlock(&names.lock);
    ci_ttys_free(&ttys);
    if (error != ERROR_SUCCESS)
        ci_names_list_free(ports);
    return error;
}

uint32_t ci_names_list(struct ci_list *ports)
{
    uint32_t error = list_all(ports);

    CI_LIST_EACH (link, after, ports)
        if (CI_CONTAINER(link, struct ci_listed, link)->error != 0)
            listed_free(CI_CONTAINER(link, struct ci_listed, link));
    return error;
}

/* ---- finding ---- */

/* What needs no look at the whole machine: a cable, or a path. */
static bool find_quickly_locked(uint32_t number, struct ci_where *where, uint32_t *error)
{
    const struct plug *plug = plug_find_locked(number);
    const struct ci_mapping *mapping = NULL;

    *error = ERROR_SUCCESS;
    if (plug != NULL) {
        ci_cable_get(plug->cable);
        where->cable = plug->cable;
        where->end = plug->end;
        return true;
    }
    if (files_refresh_locked() == 0)
        mapping = mapping_find_locked(number);
    if (mapping == NULL || mapping->target[0] != '/')
        return false;
    *error = find_error(ci_target_find(mapping->target, NULL, where->path));
    return true;
}

static uint32_t find_among_all(uint32_t number, struct ci_where *where)
{
    struct ci_list ports;
    uint32_t error = list_all(&ports);
    const struct ci_listed *port;

    if (error != ERROR_SUCCESS)
        return error;
    port = listed_find(&ports, number);
    error = port == NULL ? ERROR_FILE_NOT_FOUND : port->error;
    if (error == ERROR_SUCCESS && port->cable != NULL) { /* it has come this very moment */
        ci_cable_get(port->cable);
        where->cable = port->cable;
        where->end = port->end;
    } else if (error == ERROR_SUCCESS) {
        memcpy(where->path, port->tty.real, sizeof where->path);
    }
    ci_names_list_free(&ports);
    return error;
}

uint32_t ci_names_find_number(uint32_t number, struct ci_where *where)
{
    uint32_t error;
    bool found;

    memset(where, 0, sizeof *where);
    ci_lock(&names.lock);
    found = find_quickly_locked(number, where, &error);
    ci_unlock(&names.lock);
    return found ? error : find_among_all(number, where);
}

static uint32_t find_path(const char *name, struct ci_where *where)
{
    uint32_t error;
    char *path = ci_path_of(name, false, &error);

    if (path == NULL)
        return error;
    where->explicit_path = true;
    error = find_error(ci_sys_realpath(path, where->path));
    ci_sys_free(path);
    return error;
}

uint32_t ci_names_find(const char *name, struct ci_where *where)
{
    uint32_t number = ci_names_number(name);

    if (number != 0)
        return ci_names_find_number(number, where);
    memset(where, 0, sizeof *where);
    return find_path(name, where);
}

/* ---- changing the table ---- */

uint32_t ci_names_add_cable(uint32_t number, struct ci_cable *cable, unsigned end)
{
    struct plug *plug = number == 0 ? NULL : ci_sys_alloc(sizeof *plug);
    bool taken;

    if (plug == NULL)
        return number == 0 ? ERROR_INVALID_PARAMETER : ERROR_NOT_ENOUGH_MEMORY;
    plug->number = number;
    plug->cable = cable;
    plug->end = end;
    ci_lock(&names.lock);
    taken = plug_find_locked(number) != NULL;
    if (!taken)
        ci_list_append(&names.plugs, &plug->link);
    ci_unlock(&names.lock);
    if (taken)
        ci_sys_free(plug);
    return taken ? ERROR_ALREADY_EXISTS : ERROR_SUCCESS;
}

void ci_names_remove_cable(const struct ci_cable *cable)
{
    ci_lock(&names.lock);
    CI_LIST_EACH (link, after, &names.plugs) {
        struct plug *plug = CI_CONTAINER(link, struct plug, link);

        if (plug->cable == cable) {
            ci_list_del(link);
            ci_sys_free(plug);
        }
    }
    ci_unlock(&names.lock);
}

static bool unmap_locked(uint32_t number)
{
    CI_LIST_EACH (link, after, &names.mapped) {
        struct ci_mapping *entry = CI_CONTAINER(link, struct ci_mapping, link);

        if (entry->number == number) {
            ci_list_del(link);
            ci_sys_free(entry);
            return true;
        }
    }
    return false;
}

uint32_t ci_names_map(uint32_t number, const char *path)
{
    struct ci_mapping *entry = NULL;
    bool was_mapped;

    if (number == 0 || (path != NULL && ci_target_fault(path) != NULL))
        return ERROR_INVALID_PARAMETER;
    if (path != NULL && (entry = ci_mapping_new(number, path)) == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    ci_lock(&names.lock);
    was_mapped = unmap_locked(number);
    if (entry != NULL)
        ci_list_append(&names.mapped, &entry->link);
    ci_unlock(&names.lock);
    return entry != NULL || was_mapped ? ERROR_SUCCESS : ERROR_FILE_NOT_FOUND;
}

void ci_names_forget(void)
{
    struct ci_list *link;

    ci_lock(&names.lock);
    ci_mappings_free(&names.mapped);
    while ((link = ci_list_pop(&names.given)) != NULL)
        ci_sys_free(CI_CONTAINER(link, struct given, link));
    for (int i = 0; i < FILES; i++) {
        ci_mappings_free(&names.file[i].entries);
        ci_portmap_init(&names.file[i]);
    }
    ci_unlock(&names.lock);
}
