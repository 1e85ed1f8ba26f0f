/* SPDX-License-Identifier: MIT */
/* What can be told of a port without opening it.  The library names it; driver, age and holder are
 * in files of the kernel that anybody may read. */
#include "tools/termctl/termctl.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

static void read_line(const char *path, char *text, size_t room)
{
    FILE *file = fopen(path, "re");

    text[0] = '\0';
    if (file == NULL)
        return;
    if (fgets(text, (int)room, file) == NULL)
        text[0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    fclose(file);
}

/* Which driver serves it, by the link that the kernel has to it.  Newer kernels put two levels of
 * their own, "port" and "ctrl", between a serial port and what drives it. */
static void look_driver(struct port *port, const char *sys)
{
    static const char *const levels[] = {"device", "device/..", "device/../.."};
    const char *name = "";
    char path[400], target[400];

    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        ssize_t len;

        snprintf(path, sizeof(path), "%s/%s/driver", sys, levels[i]);
        len = readlink(path, target, sizeof(target) - 1);
        target[len < 0 ? 0 : len] = '\0';
        name = base_of(target);
        if (strcmp(name, "port") != 0 && strcmp(name, "ctrl") != 0)
            break;
    }
    snprintf(port->driver, sizeof(port->driver), "%.60s", name);
}

static void look_age(struct port *port)
{
    struct statx st;
    int64_t since;

    port->age_s = -1;
    if (statx(AT_FDCWD, port->info.path, 0, STATX_BTIME | STATX_CTIME, &st) != 0)
        return;
    since = st.stx_mask & STATX_BTIME ? st.stx_btime.tv_sec : st.stx_ctime.tv_sec;
    port->age_s = (int64_t)time(NULL) - since;
    if (port->age_s < 0)
        port->age_s = 0; /* the clock was set back */
}

static void look_one(struct port *port)
{
    char sys[100], path[140], text[20];

    port->holder = 0;
    port->latency_ms = -1;
    snprintf(sys, sizeof(sys), "/sys/class/tty/%.60s", base_of(port->info.path));
    look_driver(port, sys);
    look_age(port);
    port->denied = port->info.path[0] != '\0' && access(port->info.path, R_OK | W_OK) != 0;
    snprintf(path, sizeof(path), "%s/device/latency_timer", sys);
    read_line(path, text, sizeof(text));
    if (isdigit((unsigned char)text[0]))
        port->latency_ms = atoi(text);
}

static void note_holder(struct port *ports, size_t count, const char *target, int pid)
{
    char path[64];

    for (size_t i = 0; i < count; i++) {
        if (ports[i].holder != 0 || strcmp(ports[i].info.path, target) != 0)
            continue;
        ports[i].holder = pid;
        snprintf(path, sizeof(path), "/proc/%d/comm", pid);
        read_line(path, ports[i].holder_program, sizeof(ports[i].holder_program));
    }
}

/* One process's descriptors; those of others' processes cannot be read, which means nothing. */
static void look_process(struct port *ports, size_t count, int pid)
{
    char path[64];
    struct dirent *entry;
    DIR *dir;

    snprintf(path, sizeof(path), "/proc/%d/fd", pid);
    dir = opendir(path);
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char target[260];
        ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

        if (len <= 0)
            continue;
        target[len] = '\0';
        if (strncmp(target, "/dev/", 5) == 0)
            note_holder(ports, count, target, pid);
    }
    if (dir != NULL)
        closedir(dir);
}

void port_look(struct port *port, size_t count)
{
    DIR *dir = opendir("/proc");
    struct dirent *entry;

    for (size_t i = 0; i < count; i++)
        look_one(&port[i]);
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        int pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;

        if (pid > 0 && pid != (int)getpid())
            look_process(port, count, pid);
    }
    if (dir != NULL)
        closedir(dir);
}

struct port *ports_list(size_t *count, DWORD *error)
{
    DWORD found = 0, room = 8;
    COMM_PORT_INFO *infos = NULL;
    struct port *ports = NULL;

    do { /* there may be more each time */
        free(infos);
        room = found > room ? found : room * 2;
        infos = calloc(room, sizeof(*infos));
        *error = infos == NULL ? ERROR_NOT_ENOUGH_MEMORY : CommListPorts(infos, room, &found);
    } while (*error == ERROR_MORE_DATA);
    *count = *error == ERROR_SUCCESS ? found : 0;
    if (*error == ERROR_FILE_NOT_FOUND)
        *error = ERROR_SUCCESS;
    if (*count > 0)
        ports = calloc(*count, sizeof(*ports));
    if (*count > 0 && ports == NULL)
        *error = ERROR_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; ports != NULL && i < *count; i++) {
        ports[i].info = infos[i];
        snprintf(ports[i].name, sizeof(ports[i].name), "\\\\.\\COM%u", (unsigned)infos[i].number);
    }
    free(infos);
    if (ports == NULL)
        *count = 0;
    return ports;
}

/* COM and digits, in either case. */
static bool is_com(const char *text)
{
    return strncasecmp(text, "COM", 3) == 0 && isdigit((unsigned char)text[3]) &&
           strspn(text + 3, "0123456789") == strlen(text + 3);
}

/* A device that is told by what it is gets a number of this process for it. */
static void map_name(struct port *port, const char *text)
{
    enum { NUMBER = 4000 };

    if (CommMapPort(NUMBER, text))
        snprintf(port->name, sizeof(port->name), "\\\\.\\COM%d", NUMBER);
    else
        snprintf(port->name, sizeof(port->name), "%s", text);
}

static bool is_same(const COMM_PORT_INFO *info, const char *name, const char *real)
{
    char com[40];

    snprintf(com, sizeof(com), "\\\\.\\COM%u", (unsigned)info->number);
    return strcasecmp(com, name) == 0 || (real != NULL && strcmp(info->path, real) == 0);
}

void port_name(struct port *port, const char *text)
{
    size_t count;
    DWORD error;
    char *real;
    struct port *ports;

    *port = (struct port){.age_s = -1, .latency_ms = -1};
    if (is_com(text))
        snprintf(port->name, sizeof(port->name), "\\\\.\\COM%s", text + 3);
    else if (strncmp(text, "usb:", 4) == 0 || strncmp(text, "topology:", 9) == 0)
        map_name(port, text);
    else
        snprintf(port->name, sizeof(port->name), "%s%s", strchr(text, '/') != NULL ? "" : "/dev/",
                 text);
    real = realpath(port->name, NULL);
    ports = ports_list(&count, &error);
    for (size_t i = 0; i < count; i++)
        if (is_same(&ports[i].info, port->name, real))
            port->info = ports[i].info;
    if (port->info.path[0] == '\0' && real != NULL)
        snprintf(port->info.path, sizeof(port->info.path), "%s", real);
    free(ports);
    free(real);
}

enum tool_status port_status(const struct port *port, DWORD error)
{
    switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
        return TOOL_NOT_FOUND;
    case ERROR_ACCESS_DENIED: /* one code for both: who may open it finds it in use */
        return access(port->info.path, R_OK | W_OK) != 0 ? TOOL_DENIED : TOOL_BUSY;
    case ERROR_SHARING_VIOLATION:
        return TOOL_BUSY;
    case ERROR_OPEN_FAILED: /* more than one port is that */
    case ERROR_INVALID_NAME:
    case ERROR_INVALID_PARAMETER:
    case ERROR_INVALID_FUNCTION: /* it is a file, but no port */
        return TOOL_USAGE;
    case ERROR_NOT_ENOUGH_MEMORY:
        return TOOL_INTERNAL;
    default:
        return TOOL_LOST;
    }
}
