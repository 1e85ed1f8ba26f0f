/* SPDX-License-Identifier: MIT */
/* A port's life: how it is found and opened, what the engine watches for it, how it is closed. */
#include "libcomm/dev/serial/serial.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>

#include "libcomm/dev/open.h"
#include "libcomm/dev/serial/cable.h"
#include "libcomm/dev/serial/names.h"
#include "libcomm/dev/serial/tty.h"
#include "libcomm/obj/handle.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"

/* ---- what is watched ---- */

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t ci_serial_deadline_ns(const struct ci_serial *s)
{
    const struct ci_line_ops *ops = s->line->ops;
    uint64_t at = earlier(ci_com_deadline_ns(&s->com), earlier(s->look_at, s->sent_at));

    if (s->dead)
        return CI_NEVER;
    if (s->more)
        return 0;
    return ops->deadline_ns == NULL ? at : earlier(at, ops->deadline_ns(s->line));
}

static void serial_interest(struct ci_file *file, unsigned lanes, struct ci_want *want)
{
    struct ci_serial *s = ci_serial_of(file);
    uint64_t at = ci_serial_deadline_ns(s);

    (void)lanes;
    if (!s->dead && s->line->ops->interest != NULL)
        s->line->ops->interest(s->line, s->full && ci_com_sending(&s->com), want);
    want->deadline_ns = earlier(want->deadline_ns, at);
}

static bool serial_busy(const struct ci_file *file, enum ci_lane_id lane)
{
    return lane == CI_LANE_READ && !ci_serial_of(file)->dead && !file->closing;
}

/* Bytes are to be filtered, counted and answered as they come, whether anybody reads or not. */
static int watch(struct ci_serial *s)
{
    struct ci_pump *pump = &s->file.pump;
    int error = ci_lane_engage(&pump->lane[CI_LANE_READ]);

    if (error != 0)
        return error;
    ci_lane_pending(pump, CI_LANE_READ, true);
    ci_lane_refresh(pump, CI_LANE_READ);
    ci_pump_settle(pump);
    return 0;
}

/* ---- operations ---- */

/* An offset says nothing on a port, but a negative one is wrong; a write may say "at the end". */
static bool offset_wrong(const struct ci_op *op)
{
    int64_t offset = (int64_t)op->offset;

    if (op->ov == NULL || offset >= 0)
        return false;
    return op->kind == CI_OP_READ || (op->kind == CI_OP_WRITE && offset != -1);
}

static uint32_t serial_admit(struct ci_file *file, struct ci_op *op)
{
    struct ci_serial *s = ci_serial_of(file);
    uint32_t status = ci_serial_gate(s, op->kind == CI_OP_IOCTL ? op->code : 0);

    if (status == STATUS_SUCCESS && (op->segments > 0 || offset_wrong(op)))
        status = STATUS_INVALID_PARAMETER;
    if (status == STATUS_SUCCESS && (file->pump.pending & CI_LANE_BIT(CI_LANE_READ)) == 0 &&
        watch(s) != 0) /* a child of fork looks after it from its first use on */
        status = STATUS_NO_MEMORY;
    return status;
}

static void serial_issued(struct ci_file *file)
{
    ci_serial_meet(ci_serial_of(file));
}

static void serial_inherit(struct ci_file *file, bool inherit)
{
    ci_lock(&file->lock); /* the device may go, and its number lead to another file */
    if (file->fd >= 0)
        ci_sys_fcntl(file->fd, F_SETFD, inherit ? 0 : FD_CLOEXEC);
    ci_unlock(&file->lock);
}

/* ---- closing ---- */

#define CLOSE_PATIENCE_NS (500 * CI_NS_PER_MS)

/* The operations are over.  Nobody uses the line any more but this thread. */
static void serial_closed(struct ci_file *file)
{
    struct ci_serial *s = ci_serial_of(file);
    struct ci_done done;
    bool dead;

    ci_done_init(&done);
    ci_lock(&file->lock);
    dead = s->dead;
    ci_lane_pending(&file->pump, CI_LANE_READ, false);
    ci_lane_disturb(&file->pump.lane[CI_LANE_READ], &done.wakes);
    ci_source_close(&file->pump, 0);
    file->fd = -1;
    ci_unlock(&file->lock);
    ci_done_settle(&done);
    if (!dead)
        s->line->ops->close(s->line, s->com.xoff_sent, CLOSE_PATIENCE_NS);
    ci_serial_stir(s);
    ci_serial_meet(s);
}

static void serial_destroy(struct ci_file *file)
{
    struct ci_serial *s = ci_serial_of(file);

    ci_com_fini(&s->com);
    s->line->ops->free(s->line);
}

/* The parent keeps what was under way; the type-ahead is there twice. */
static void serial_forked(struct ci_file *file)
{
    struct ci_serial *s = ci_serial_of(file);

    ci_com_read_stop(&s->com);
    ci_com_write_stop(&s->com);
    ci_com_char_stop(&s->com);
    ci_com_wait_stop(&s->com);
    s->writes_ended = s->writes_begun; /* a flush in the child waits for the child's */
    s->working = s->full = s->more = s->told_room = s->watched = false;
    s->look_at = s->sent_at = s->told_due_ns = CI_NEVER;
    if (s->line->ops->forked != NULL)
        s->line->ops->forked(s->line);
}

static const struct ci_file_ops serial_ops = {
    .domain = CI_DOM_TTY,
    .type = FILE_TYPE_CHAR,
    .needs_overlapped = true,
    .unordered = true, /* attempt() itself looks who is ahead */
    .whole = true,
    .closing_status = STATUS_CANCELLED,
    .admit = serial_admit,
    .attempt = ci_serial_attempt,
    .interest = serial_interest,
    .step = ci_serial_step,
    .withdrawn = ci_serial_withdrawn,
    .withdrew = ci_serial_withdrew,
    .busy = serial_busy,
    .flush_pends = true,
    .issued = serial_issued,
    .stepped = serial_issued,
    .ioctl = ci_serial_ioctl,
    .closed = serial_closed,
    .destroy = serial_destroy,
    .inherit = serial_inherit,
    .forked = serial_forked,
};

_Static_assert(sizeof(struct ci_serial) <= CI_OBJ_MOST, "a port is an object");
static const struct ci_obj_ops serial_obj_ops = CI_FILE_OBJ_OPS("port", struct ci_serial);

struct ci_serial *ci_serial_get(HANDLE handle)
{
    struct ci_file *file = ci_file_get(handle, 0);

    if (file == NULL)
        return NULL;
    if (file->ops == &serial_ops)
        return ci_serial_of(file);
    ci_file_put(file);
    ci_fail(ERROR_INVALID_FUNCTION);
    return NULL;
}

/* ---- opening ---- */

static int line_open(const struct ci_where *where, struct ci_line **line, struct ci_settings *found)
{
    ci_settings_default(found, CI_SERIAL_TYPEAHEAD);
    if (where->cable == NULL)
        return ci_tty_open(where->path, line, found);
    return ci_cable_plug(where->cable, where->end, line);
}

static uint32_t open_error(const struct ci_where *where, int error)
{
    switch (error) {
    case -EBUSY:
    case -EACCES:
    case -EPERM:
        return ERROR_ACCESS_DENIED;
    case -ENOTTY:
        return where->explicit_path ? ERROR_INVALID_PARAMETER : ERROR_FILE_NOT_FOUND;
    case -ENOENT:
    case -ENODEV:
    case -ENXIO:
    case -EIO:
        return ERROR_FILE_NOT_FOUND;
    default:
        return ci_errno_error(CI_DOM_SYSTEM, -error);
    }
}

/* From here on the line is the port's, and goes with it. */
static int port_setup(struct ci_serial *s, const struct ci_settings *settings)
{
    struct ci_done done;
    int error;

    (void)s->line->ops->inputs(s->line, &s->com.inputs);
    error = ci_com_init(&s->com, settings, CI_SERIAL_TYPEAHEAD);
    if (error == 0 && s->file.fd >= 0)
        error = ci_pump_add_source(&s->file.pump, 0, s->file.fd);
    if (error == 0)
        error = ci_pump_add_clock(&s->file.pump, &s->clock);
    if (error == 0)
        error = s->line->ops->configure(s->line, settings, NULL);
    if (error != 0)
        return error;
    ci_done_init(&done);
    ci_lock(&s->file.lock);
    s->line->file = &s->file;
    ci_serial_work(s, &done); /* DTR and RTS */
    error = watch(s);
    ci_unlock(&s->file.lock);
    ci_done_settle(&done);
    return error;
}

static int port_new(struct ci_line *line, const struct ci_settings *settings, bool overlapped,
                    struct ci_serial **made)
{
    struct ci_obj *obj = ci_obj_new(&serial_obj_ops);
    struct ci_serial *s;
    int error;

    if (obj == NULL) {
        line->ops->close(line, false, 0);
        line->ops->free(line);
        return -ENOMEM;
    }
    s = ci_serial_of(ci_file_of(obj));
    ci_file_init(&s->file, &serial_ops, line->fd, overlapped);
    s->file.pump.standing = true;
    s->line = line;
    s->look_at = s->sent_at = s->told_due_ns = CI_NEVER;
    error = port_setup(s, settings);
    if (error == 0) {
        *made = s;
        return 0;
    }
    ci_file_closing(obj);
    ci_obj_put(obj);
    return error;
}

static uint32_t open_where(const struct ci_open *request, const struct ci_where *where,
                           HANDLE *handle)
{
    bool overlapped = (request->flags & FILE_FLAG_OVERLAPPED) != 0;
    struct ci_settings settings;
    struct ci_serial *s;
    struct ci_line *line;
    int error = line_open(where, &line, &settings);

    if (error == 0)
        error = port_new(line, &settings, overlapped, &s);
    if (error != 0)
        return open_error(where, error);
    s->number = ci_names_number(request->name);
    ci_obj_get(&s->file.obj); /* until the other end has heard of it */
    *handle = ci_handle_give(&s->file.obj, ci_file_access_map(request->access),
                             ci_open_inherits(request));
    if (*handle != NULL)
        ci_serial_meet(s);
    ci_file_put(&s->file);
    return *handle == NULL ? ERROR_NOT_ENOUGH_MEMORY : 0;
}

static HANDLE serial_open(const struct ci_open *request)
{
    struct ci_where where = {0};
    HANDLE handle = NULL;
    uint32_t error = 0;

    if (request->disposition != OPEN_EXISTING && request->disposition != OPEN_ALWAYS)
        error = ERROR_INVALID_PARAMETER;
    if (error == 0)
        error = ci_names_find(request->name, &where);
    if (error == 0)
        error = open_where(request, &where, &handle);
    if (where.cable != NULL)
        ci_cable_put(where.cable);
    if (error == 0)
        return handle;
    ci_fail(error);
    return INVALID_HANDLE_VALUE;
}

static struct ci_opener opener = {.claims = ci_names_claim, .open = serial_open};

__attribute__((constructor)) static void serial_setup(void)
{
    ci_opener_register(&opener);
}
