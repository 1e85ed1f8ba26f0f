/* SPDX-License-Identifier: MIT */
/* Serial ports, by name and by what they are.  Which device is meant is settled before anything is
 * opened, because opening one raises its DTR. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/common/endpoint/kind.h"

/* ---- names ---- */

/* 0: not the name of a port. */
static DWORD com_number(const char *name)
{
    char *end;
    unsigned long number;

    if (strncmp(name, "\\\\.\\", 4) == 0)
        name += 4;
    if (strncasecmp(name, "COM", 3) != 0 || !isdigit((unsigned char)name[3]))
        return 0;
    number = strtoul(name + 3, &end, 10);
    return *end == '\0' && number <= 0xFFFFFFFFu ? (DWORD)number : 0;
}

static enum tool_status port_check(const char *rest, struct tool_fail *fail)
{
    if (rest[0] == '\0')
        return tool_fail(fail, TOOL_USAGE, "a port needs a name");
    return TOOL_OK;
}

/* What CreateFile takes. */
static void device_of(const char *name, char *device, size_t room)
{
    DWORD number = com_number(name);

    if (number != 0)
        snprintf(device, room, "\\\\.\\COM%u", (unsigned)number);
    else if (strchr(name, '/') == NULL)
        snprintf(device, room, "/dev/%s", name);
    else
        snprintf(device, room, "%s", name);
}

/* Its path; "" for a simulated one. */
static void path_of(const char *device, char *path, size_t room)
{
    DWORD number = com_number(device);
    COMM_PORT_INFO *ports;
    size_t count;

    if (number == 0) {
        snprintf(path, room, "%s", device);
        return;
    }
    path[0] = '\0';
    ports = tool_ports(&count);
    for (size_t i = 0; i < count; i++)
        if (ports[i].number == number)
            snprintf(path, room, "%s", ports[i].path);
    free(ports);
}

/* ---- opening ---- */

static enum tool_status status_of(const char *path, DWORD error)
{
    if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND)
        return TOOL_NOT_FOUND;
    if (error != ERROR_ACCESS_DENIED && error != ERROR_SHARING_VIOLATION)
        return TOOL_NOT_FOUND;
    if (path[0] != '\0' && access(path, R_OK | W_OK) != 0)
        return TOOL_DENIED;
    return TOOL_BUSY;
}

static enum tool_status explain(const char *device, const char *path, DWORD error,
                                struct tool_fail *fail)
{
    char text[sizeof fail->text];

    if (CommDescribePortError(device, error, text, sizeof text) == 0)
        return tool_fail_error(fail, status_of(path, error), device, error);
    return tool_fail(fail, status_of(path, error), "%s", text);
}

/* Nothing is opened that cannot be a port: opening a FIFO or a device may do something. */
static bool is_something_else(const char *path)
{
    struct stat st;

    return path[0] != '\0' && stat(path, &st) == 0 && !S_ISCHR(st.st_mode);
}

static bool is_port(HANDLE file)
{
    DCB dcb = {.DCBlength = sizeof dcb};

    return GetCommState(file, &dcb) || GetLastError() != ERROR_INVALID_FUNCTION;
}

enum tool_status tool_port_open(struct tool_end *end, const char *device, struct tool_fail *fail)
{
    char path[256];
    enum tool_status status;

    path_of(device, path, sizeof path);
    if (is_something_else(path))
        return tool_fail(fail, TOOL_USAGE, "%s is no serial port", path);
    end->file = CreateFileA(device, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                            FILE_FLAG_OVERLAPPED, NULL);
    if (end->file == INVALID_HANDLE_VALUE)
        return explain(device, path, GetLastError(), fail);
    if (is_port(end->file))
        status = tool_line_apply(end->file, &end->line, end->name, fail);
    else
        status = tool_fail(fail, TOOL_USAGE, "%s is no serial port", path);
    if (status != TOOL_OK) {
        CloseHandle(end->file);
        return status;
    }
    end->serial = true;
    snprintf(end->address, sizeof end->address, "%s", path);
    if (path[0] != '\0')
        tool_identity_of(path, &end->identity);
    return TOOL_OK;
}

static enum tool_status port_open(struct tool_end *end, const char *rest, struct tool_fail *fail)
{
    char device[300];

    device_of(rest, device, sizeof device);
    return tool_port_open(end, device, fail);
}

const struct tool_end_kind tool_end_port = {
    .prefix = "",
    .size = sizeof(struct tool_end),
    .check = port_check,
    .open = port_open,
};

/* ---- by what it is ---- */

struct wish {
    char serial[128], topology[64];
    long vid, pid, interface; /* -1: any */
};

static bool number_of(const char *value, int base, long most, long *number)
{
    char *end;

    if (value == NULL || !isxdigit((unsigned char)value[0]))
        return false;
    *number = strtol(value, &end, base);
    return *end == '\0' && *number <= most;
}

static bool wish_take(struct wish *wish, const char *key, const char *value)
{
    if (strcmp(key, "vid") == 0)
        return number_of(value, 16, 0xFFFF, &wish->vid);
    if (strcmp(key, "pid") == 0)
        return number_of(value, 16, 0xFFFF, &wish->pid);
    if (strcmp(key, "if") == 0)
        return number_of(value, 10, 255, &wish->interface);
    if (strcmp(key, "serial") != 0 || value[0] == '\0')
        return false;
    snprintf(wish->serial, sizeof wish->serial, "%s", value);
    return true;
}

/* `serial=..,vid=..`: false when it cannot be understood. */
static bool wish_parse(struct wish *wish, const char *text)
{
    char copy[256], *save = NULL;
    bool any = false;

    *wish = (struct wish){.vid = -1, .pid = -1, .interface = -1};
    snprintf(copy, sizeof copy, "%s", text);
    for (char *key = strtok_r(copy, ",", &save); key != NULL; key = strtok_r(NULL, ",", &save)) {
        char *equals = strchr(key, '=');

        if (equals == NULL)
            return false;
        *equals = '\0';
        if (!wish_take(wish, key, equals + 1))
            return false;
        any = true;
    }
    return any;
}

static bool fits(const struct wish *wish, const COMM_PORT_INFO *port)
{
    if (wish->topology[0] != '\0')
        return strcmp(wish->topology, port->topology) == 0;
    return port->transport == COMM_PORT_USB && (wish->vid < 0 || wish->vid == port->usb_vid) &&
           (wish->pid < 0 || wish->pid == port->usb_pid) &&
           (wish->interface < 0 || wish->interface == port->usb_interface) &&
           (wish->serial[0] == '\0' || strcmp(wish->serial, port->usb_serial) == 0);
}

static void list(char *text, size_t room, const COMM_PORT_INFO *port)
{
    size_t at = strlen(text);

    snprintf(text + at, room - at, "%s%s (%.60s, serial %.40s, at %.40s)", at == 0 ? "" : ", ",
             port->path, port->description, port->usb_serial[0] != '\0' ? port->usb_serial : "none",
             port->topology);
}

static enum tool_status find(const struct wish *wish, const char *name, char *path, size_t room,
                             struct tool_fail *fail)
{
    char found[768] = "";
    COMM_PORT_INFO *ports;
    size_t count, fitting = 0;

    ports = tool_ports(&count);
    for (size_t i = 0; i < count; i++)
        if (fits(wish, &ports[i])) {
            fitting++;
            snprintf(path, room, "%s", ports[i].path);
            list(found, sizeof found, &ports[i]);
        }
    free(ports);
    if (fitting == 1)
        return TOOL_OK;
    if (fitting == 0)
        return tool_fail(fail, TOOL_NOT_FOUND, "%s: no port fits", name);
    return tool_fail(fail, TOOL_USAGE, "%s: %zu ports fit: %s", name, fitting, found);
}

static enum tool_status find_and_open(struct tool_end *end, const struct wish *wish,
                                      struct tool_fail *fail)
{
    char path[256];
    enum tool_status status = find(wish, end->name, path, sizeof path, fail);

    return status == TOOL_OK ? tool_port_open(end, path, fail) : status;
}

static enum tool_status usb_check(const char *rest, struct tool_fail *fail)
{
    struct wish wish;

    if (wish_parse(&wish, rest))
        return TOOL_OK;
    return tool_fail(fail, TOOL_USAGE,
                     "usb:%s: it takes serial=.., vid=HEX, pid=HEX and if=N, divided by commas",
                     rest);
}

static enum tool_status usb_open(struct tool_end *end, const char *rest, struct tool_fail *fail)
{
    struct wish wish;

    wish_parse(&wish, rest);
    return find_and_open(end, &wish, fail);
}

const struct tool_end_kind tool_end_usb = {
    .prefix = "usb:",
    .size = sizeof(struct tool_end),
    .check = usb_check,
    .open = usb_open,
};

static enum tool_status topology_check(const char *rest, struct tool_fail *fail)
{
    if (rest[0] == '\0' || strlen(rest) >= sizeof((struct wish *)NULL)->topology)
        return tool_fail(fail, TOOL_USAGE, "topology:%s: it takes a place such as 1-2.3:1.0", rest);
    return TOOL_OK;
}

static enum tool_status topology_open(struct tool_end *end, const char *rest,
                                      struct tool_fail *fail)
{
    struct wish wish = {.vid = -1};

    snprintf(wish.topology, sizeof wish.topology, "%s", rest);
    return find_and_open(end, &wish, fail);
}

const struct tool_end_kind tool_end_topology = {
    .prefix = "topology:",
    .size = sizeof(struct tool_end),
    .check = topology_check,
    .open = topology_open,
};
