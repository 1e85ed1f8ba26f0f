/* SPDX-License-Identifier: MIT */
/* What several verbs write, and how they wait for a port. */
#include "tools/termctl/termctl.h"

#include "tools/common/out.h"
#include "tools/common/say.h"

#include <time.h>

static void put_text(struct json *json, const char *key, const char *text)
{
    json_key(json, key);
    if (text[0] == '\0')
        json_null(json);
    else
        json_text(json, text);
}

static void put_known(struct json *json, const char *key, int64_t number)
{
    json_key(json, key);
    if (number < 0)
        json_null(json);
    else
        json_number(json, number);
}

static void put_usb(const COMM_PORT_INFO *info, struct json *json)
{
    char id[8];

    json_key(json, "usb");
    if (info->transport != COMM_PORT_USB) {
        json_null(json);
        return;
    }
    json_begin(json, '{');
    snprintf(id, sizeof(id), "%04x", info->usb_vid);
    put_text(json, "vid", id);
    snprintf(id, sizeof(id), "%04x", info->usb_pid);
    put_text(json, "pid", id);
    put_known(json, "interface", info->usb_interface);
    put_text(json, "manufacturer", info->usb_manufacturer);
    json_end(json, '}');
}

static void put_holder(const struct port *port, struct json *json)
{
    json_key(json, "state");
    json_text(json, port->holder > 0 ? "busy" : port->denied ? "denied" : "free");
    json_key(json, "holder");
    if (port->holder == 0) {
        json_null(json);
        return;
    }
    json_begin(json, '{');
    json_key(json, "pid");
    json_number(json, port->holder);
    put_text(json, "program", port->holder_program);
    json_end(json, '}');
}

void port_put(const struct port *port, struct json *json)
{
    const COMM_PORT_INFO *info = &port->info;

    put_text(json, "path", info->path);
    put_known(json, "com", info->number > 0 ? (int64_t)info->number : -1);
    put_text(json, "by_id", info->by_id);
    put_text(json, "by_path", info->by_path);
    put_text(json, "driver", port->driver);
    put_text(json, "description", info->description);
    put_text(json, "product", info->usb_product);
    put_text(json, "serial", info->usb_serial);
    put_text(json, "topology", info->topology);
    put_usb(info, json);
    put_known(json, "age_s", port->age_s);
    put_holder(port, json);
}

void line_put(struct json *json)
{
    FILE *out = out_stream();

    if (out != NULL && !json->failed) {
        fwrite(json->text, 1, json->len, out);
        fputc('\n', out);
    }
    json_free(json);
}

enum tool_status result_end(struct run *run, enum tool_status status, const char *reason)
{
    struct json json = {0};

    if (!run->json)
        return status;
    json_begin(&json, '{');
    json_key(&json, "event");
    json_text(&json, "result");
    result_put(&run->result, &json, status, reason);
    json_end(&json, '}');
    line_put(&json);
    return status;
}

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

bool wait_deadline(const struct run *run, int64_t *deadline_us)
{
    const struct setting *wait = settings_get(run->settings, "wait");

    if (!settings_on(run->settings, "wait"))
        return false;
    *deadline_us = -1;
    if (wait->text[0] != 'o') /* neither on nor off: a time */
        *deadline_us = now_us() + (int64_t)(wait->value.number < INT64_MAX / 2 ? wait->value.number
                                                                               : INT64_MAX / 2);
    return true;
}

bool notice_wait(HANDLE notices, COMM_PORT_NOTICE *notice, int64_t deadline_us,
                 enum tool_status *status)
{
    OVERLAPPED read = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    bool began = read.hEvent != NULL && (ReadFile(notices, notice, sizeof(*notice), NULL, &read) ||
                                         GetLastError() == ERROR_IO_PENDING);
    DWORD got = 0, wait = WAIT_OBJECT_0;
    bool came = false;

    while (began && !came) {
        int64_t left_ms = deadline_us < 0 ? INFINITE : (deadline_us - now_us() + 999) / 1000;

        left_ms = left_ms < 0 ? 0 : deadline_us >= 0 && left_ms > 86400000 ? 86400000 : left_ms;
        wait = WaitForSingleObject(read.hEvent, (DWORD)left_ms);
        if (wait == WAIT_TIMEOUT && deadline_us > now_us())
            continue; /* a day is over */
        if (wait == WAIT_TIMEOUT)
            CancelIoEx(notices, &read);
        came = GetOverlappedResult(notices, &read, &got, TRUE) && got > 0;
        break;
    }
    *status = came ? TOOL_OK : began && wait == WAIT_TIMEOUT ? TOOL_NOT_FOUND : TOOL_INTERNAL;
    if (*status == TOOL_INTERNAL)
        say_error("ports cannot be watched: error %u", (unsigned)GetLastError());
    if (read.hEvent != NULL)
        CloseHandle(read.hEvent);
    return came;
}
