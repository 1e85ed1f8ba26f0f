/* SPDX-License-Identifier: MIT */
/* Files have a position, which an overlapped handle does not use: it is counted here, and given
 * back to whoever shares the descriptor. */
#include "tools/common/standard.h"

#include <fcntl.h>
#include <libcomm/native.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reading from what is open for writing fails, and the other way round. */
void tool_standard_ensure(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            _exit(TOOL_INTERNAL);
}

static void tell(struct tool_standard *s)
{
    if (s->file != NULL || s->op.file == NULL)
        s->done(s);
}

static void read_done(struct tool_standard *s)
{
    s->count = s->op.count;
    s->at += s->op.count;
    s->ended = s->op.error != ERROR_SUCCESS || s->op.count == 0;
    tell(s);
}

static void write_next(struct tool_standard *s)
{
    tool_write_at(s->loop, &s->op, s->file,
                  s->appends ? TOOL_AT_END
                  : s->disk  ? s->at
                             : 0,
                  s->rest, s->left);
}

static void write_done(struct tool_standard *s)
{
    s->count += s->op.count;
    s->at += s->op.count;
    s->rest += s->op.count;
    s->left -= s->op.count;
    if (s->op.error == ERROR_SUCCESS && s->left > 0 && s->file != NULL) {
        write_next(s);
        return;
    }
    s->gone = s->op.error == ERROR_NO_DATA || s->op.error == ERROR_BROKEN_PIPE;
    s->status = s->op.error == ERROR_SUCCESS || s->gone ? TOOL_OK : TOOL_OUTPUT;
    tell(s);
}

static void standard_done(struct tool_op *op)
{
    struct tool_standard *s = op->owner;

    if (s->fd == 0)
        read_done(s);
    else
        write_done(s);
}

static void disk_facts(struct tool_standard *s)
{
    off_t at = lseek(s->fd, 0, SEEK_CUR);
    struct stat st;

    if (fstat(s->fd, &st) != 0 || !S_ISREG(st.st_mode))
        return;
    s->disk = true;
    s->appends = (fcntl(s->fd, F_GETFL) & O_APPEND) != 0;
    s->at = at < 0 ? 0 : (uint64_t)at;
}

void tool_standard_open(struct tool_standard *s, struct tool_loop *loop, int fd,
                        void (*done)(struct tool_standard *standard), void *owner)
{
    DWORD access = fd == 0 ? GENERIC_READ : GENERIC_WRITE;

    *s = (struct tool_standard){.loop = loop, .fd = fd, .done = done, .owner = owner};
    s->op.done = standard_done;
    s->op.owner = s;
    disk_facts(s);
    s->file = CommWrapFd(fd, COMM_KIND_DEFAULT, access, COMM_WRAP_DUP);
    if (s->file == INVALID_HANDLE_VALUE)
        s->file = NULL;
    else if (!tool_loop_join(loop, s->file))
        tool_standard_close(s);
}

void tool_standard_read(struct tool_standard *s, void *buf, size_t room)
{
    s->count = 0;
    tool_read_at(s->loop, &s->op, s->file, s->disk ? s->at : 0, buf, room);
}

void tool_standard_write(struct tool_standard *s, const void *buf, size_t len)
{
    s->count = 0;
    s->rest = buf;
    s->left = len;
    write_next(s);
}

void tool_standard_close(struct tool_standard *s)
{
    HANDLE file = s->file;

    s->file = NULL;
    if (file == NULL)
        return;
    CloseHandle(file);
    if (s->disk && !s->appends)
        (void)lseek(s->fd, (off_t)s->at, SEEK_SET);
}
