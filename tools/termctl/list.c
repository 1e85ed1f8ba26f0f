/* SPDX-License-Identifier: MIT */
/* The verb `list`: the ports that are there, or those that come. */
#include "tools/termctl/termctl.h"

#include "tools/common/out.h"
#include "tools/common/say.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 7, CELL = 64 };

struct row {
    char cells[COLUMNS][CELL];
};

/* "" is shown as -, and what comes from a device acts on no terminal. */
static void set_cell(char *cell, const char *text)
{
    snprintf(cell, CELL, "%.*s", CELL - 1, text[0] == '\0' ? "-" : text); /* cut, if need be */
    say_tame(cell);
}

static void set_age(char *cell, int64_t age)
{
    static const struct {
        int64_t from, unit;
        const char *name;
    } units[] = {
        {172800, 86400, "d"  },
        {7200,   3600,  "h"  },
        {120,    60,    "min"},
        {0,      1,     "s"  }
    };

    set_cell(cell, "");
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (age < units[i].from)
            continue;
        snprintf(cell, CELL, "%lld %s", (long long)(age / units[i].unit), units[i].name);
        return;
    }
}

static void set_state(char *cell, const struct port *port)
{
    char text[CELL * 2];

    snprintf(text, sizeof(text), "BUSY %d %s", port->holder, port->holder_program);
    set_cell(cell, port->holder > 0 ? text : port->denied ? "DENIED" : "free");
}

static void fill_row(struct row *row, const struct port *port)
{
    const COMM_PORT_INFO *info = &port->info;
    const char *path = info->path;
    char com[20];

    snprintf(com, sizeof(com), "COM%u", (unsigned)info->number);
    set_cell(row->cells[0], path[0] == '\0'                  ? com
                            : strncmp(path, "/dev/", 5) == 0 ? path + 5
                                                             : path);
    set_age(row->cells[1], port->age_s);
    set_cell(row->cells[2], port->driver);
    set_cell(row->cells[3], info->usb_product[0] != '\0' ? info->usb_product : info->description);
    set_cell(row->cells[4], info->usb_serial);
    set_cell(row->cells[5], info->topology);
    set_state(row->cells[6], port);
}

/* As wide as the widest cell, counted in characters. */
static size_t width_of(const char *text)
{
    size_t width = 0;

    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static void put_table(const struct port *ports, size_t count)
{
    static const struct row head = {
        {"port", "age", "driver", "product", "serial", "topology", "state"}
    };
    struct row *rows = calloc(count + 1, sizeof(*rows));
    size_t widths[COLUMNS] = {0};
    FILE *out = out_stream();

    if (rows == NULL || out == NULL) {
        free(rows);
        return;
    }
    rows[0] = head;
    for (size_t i = 0; i < count; i++)
        fill_row(&rows[i + 1], &ports[i]);
    for (size_t i = 0; i < (count + 1) * COLUMNS; i++) {
        size_t width = width_of(rows[i / COLUMNS].cells[i % COLUMNS]);

        if (width > widths[i % COLUMNS])
            widths[i % COLUMNS] = width;
    }
    for (size_t i = 0; i <= count; i++) {
        for (size_t j = 0; j < COLUMNS - 1; j++)
            fprintf(out, "%s%*s", rows[i].cells[j],
                    (int)(widths[j] - width_of(rows[i].cells[j]) + 2), "");
        fprintf(out, "%s\n", rows[i].cells[COLUMNS - 1]);
    }
    free(rows);
}

static void put_json(const struct port *ports, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct json json = {0};

        json_begin(&json, '{');
        json_key(&json, "event");
        json_text(&json, "port");
        port_put(&ports[i], &json);
        json_end(&json, '}');
        line_put(&json);
    }
}

static void put_ports(struct run *run, struct port *ports, size_t count)
{
    port_look(ports, count);
    if (run->json)
        put_json(ports, count);
    else if (count > 0)
        put_table(ports, count);
}

/* The port that a notice is of, if it is there still. */
static bool put_arrived(struct run *run, const COMM_PORT_NOTICE *notice)
{
    size_t count;
    DWORD error;
    struct port *ports = ports_list(&count, &error);
    bool found = false;

    for (size_t i = 0; !found && i < count; i++) {
        found = ports[i].info.number == notice->number;
        if (found)
            put_ports(run, &ports[i], 1);
    }
    free(ports);
    return found;
}

static enum tool_status wait_for_port(struct run *run, HANDLE notices, int64_t deadline_us)
{
    COMM_PORT_NOTICE notice;
    enum tool_status status;

    say_detail("waiting for a port");
    while (notice_wait(notices, &notice, deadline_us, &status))
        if (notice.what == COMM_PORT_ARRIVED && put_arrived(run, &notice))
            return result_end(run, TOOL_OK, NULL);
    if (status == TOOL_NOT_FOUND)
        say_error("no port arrived in time");
    return result_end(run, status, NULL);
}

static enum tool_status list_now(struct run *run, bool *any)
{
    size_t count;
    DWORD error;
    struct port *ports = ports_list(&count, &error);

    *any = count > 0;
    if (error != ERROR_SUCCESS) {
        say_error("ports cannot be listed: error %u", (unsigned)error);
        return TOOL_INTERNAL;
    }
    put_ports(run, ports, count);
    free(ports);
    return TOOL_OK;
}

enum tool_status verb_list(struct run *run)
{
    bool only_new = args_get(run->args, "new") != NULL, any = false;
    int64_t deadline_us = -1;
    bool waits = wait_deadline(run, &deadline_us) || only_new;
    HANDLE notices = NULL;
    enum tool_status status = TOOL_OK;

    if (run->args->operand_count > 0) {
        say_error("list: '%s' is too much: it takes no operand", run->args->operands[0]);
        return result_end(run, TOOL_USAGE, NULL);
    }
    if (waits) { /* before the list is made, so that no port comes unseen in between */
        notices = CommOpenPortNotices(0);
        if (notices == NULL || notices == INVALID_HANDLE_VALUE) {
            say_error("ports cannot be watched: error %u", (unsigned)GetLastError());
            return result_end(run, TOOL_INTERNAL, NULL);
        }
    }
    if (!only_new)
        status = list_now(run, &any);
    if (status == TOOL_OK && waits && !any)
        status = wait_for_port(run, notices, deadline_us);
    else
        status = result_end(run, status, NULL);
    if (!any && status == TOOL_OK && !waits)
        say_notice("no port is there");
    if (notices != NULL)
        CloseHandle(notices);
    return status;
}
