/* SPDX-License-Identifier: MIT */
/* Ports are files that are nothing but files: the cable refers to them and steps them. */
#include "cablerig.h"

#include "libcomm/obj/object.h"

struct port {
    struct ci_file file;
    unsigned told; /* guarded by file.lock */
};

static struct port *port_of(struct ci_file *file)
{
    return CI_CONTAINER(file, struct port, file);
}

static void port_step(struct ci_file *file, unsigned lanes, struct ci_done *done)
{
    (void)done;
    CHECK_EQ(lanes, CI_LANES_ALL);
    port_of(file)->told++;
}

static const struct ci_file_ops port_ops = {.domain = CI_DOM_TTY, .step = port_step};
static const struct ci_obj_ops port_obj_ops = CI_FILE_OBJ_OPS("port", struct port);

static struct ci_file *port_new(void)
{
    struct ci_obj *obj = ci_obj_new(&port_obj_ops);

    ci_file_init(ci_file_of(obj), &port_ops, -1, true);
    return ci_file_of(obj);
}

void rig_plug(struct rig *rig, unsigned end)
{
    rig->port[end] = port_new();
    CHECK_EQ(ci_cable_plug(rig->cable, end, &rig->line[end]), 0);
    rig->line[end]->file = rig->port[end];
    rig_configure(rig, end, 115200, 8, NOPARITY);
}

void rig_unplug(struct rig *rig, unsigned end)
{
    struct ci_line *line = rig->line[end];

    rig->line[end] = NULL;
    line->ops->close(line, false, 0);
    line->ops->free(line);
    ci_file_put(rig->port[end]);
}

void rig_open(struct rig *rig, unsigned flags)
{
    CHECK_EQ(ci_cable_new(flags, &rig->cable), 0);
    rig_plug(rig, 0);
    rig_plug(rig, 1);
}

void rig_close(struct rig *rig)
{
    for (unsigned end = 0; end < 2; end++)
        if (rig->line[end] != NULL)
            rig_unplug(rig, end);
    ci_cable_put(rig->cable);
}

struct ci_settings rig_settings(uint32_t baud, uint8_t bits, uint8_t parity)
{
    struct ci_settings settings;

    ci_settings_default(&settings, 4096);
    settings.baud = baud;
    settings.bits = bits;
    settings.parity = parity;
    return settings;
}

void rig_configure(struct rig *rig, unsigned end, uint32_t baud, uint8_t bits, uint8_t parity)
{
    struct ci_settings settings = rig_settings(baud, bits, parity);

    CHECK_EQ(rig->line[end]->ops->configure(rig->line[end], &settings, NULL), 0);
}

unsigned rig_told(struct rig *rig, unsigned end)
{
    struct port *port = port_of(rig->port[end]);
    unsigned told;

    ci_lock(&port->file.lock);
    told = port->told;
    port->told = 0;
    ci_unlock(&port->file.lock);
    return told;
}

size_t rig_send(struct rig *rig, unsigned end, const void *bytes, size_t len)
{
    ssize_t took = rig->line[end]->ops->send(rig->line[end], bytes, len);

    CHECK(took >= 0 || took == -EAGAIN);
    return took > 0 ? (size_t)took : 0;
}

size_t rig_take(struct rig *rig, unsigned end, void *bytes, size_t room)
{
    struct ci_line *line = rig->line[end];
    struct ci_run run;
    size_t got = 0;

    while (got < room && line->ops->next(line, &run) == 1) {
        size_t len = run.len < room - got ? run.len : room - got;

        memcpy((char *)bytes + got, run.bytes, len);
        line->ops->took(line, len);
        got += len;
    }
    return got;
}

void rig_check(struct rig *rig, unsigned end, const char *text, unsigned bad, const char *file,
               int at)
{
    struct ci_line *line = rig->line[end];
    size_t len = strlen(text);
    struct ci_run run;
    size_t got = 0;
    int more;

    while ((more = line->ops->next(line, &run)) == 1) {
        comm_check(run.bad == bad && (bad == 0 || run.len == 1), file, at, "%zu bytes marked %u",
                   run.len, run.bad);
        comm_check(got + run.len <= len && memcmp(run.bytes, text + got, run.len) == 0, file, at,
                   "\"%.*s\" is what comes next", (int)run.len, (const char *)run.bytes);
        line->ops->took(line, run.len);
        got += run.len;
    }
    comm_check(more == 0, file, at, "error %d", more);
    comm_check_eq(NULL, (long long)got, (long long)len, "bytes", file, at);
}

struct ci_inputs rig_inputs(struct rig *rig, unsigned end)
{
    struct ci_inputs inputs;

    CHECK_EQ(rig->line[end]->ops->inputs(rig->line[end], &inputs), 0);
    return inputs;
}

void rig_outputs(struct rig *rig, unsigned end, unsigned outputs)
{
    CHECK_EQ(rig->line[end]->ops->set_outputs(rig->line[end], CI_OUT_DTR | CI_OUT_RTS, outputs), 0);
}

uint64_t rig_sent(struct rig *rig, unsigned end)
{
    struct ci_cable_view view = {.sent = 0};

    CHECK_EQ(ci_cable_view(rig->cable, end, &view), 0);
    return view.sent;
}

bool rig_sleep(struct rig *rig)
{
    uint64_t due = CI_NEVER;
    _Atomic uint32_t nobody = 0;

    for (unsigned end = 0; end < 2; end++) {
        struct ci_line *line = rig->line[end];
        uint64_t at = line == NULL ? CI_NEVER : line->ops->deadline_ns(line);

        due = at < due ? at : due;
    }
    if (due == CI_NEVER)
        return false;
    ci_sys_futex_wait(&nobody, 0, due);
    return true;
}
