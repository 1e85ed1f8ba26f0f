/* SPDX-License-Identifier: MIT */
/* A pseudo-terminal that others open as if it were a port.  We hold its other side open too, so
 * that those who come and go leave no trace. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "tools/common/endpoint/kind.h"

struct pty_end {
    struct tool_end end; /* first */
    int slave;
    char link[256]; /* "": none */
};

static struct pty_end *pty_of(struct tool_end *end)
{
    return (struct pty_end *)(void *)end;
}

static enum tool_status pty_check(const char *rest, struct tool_fail *fail)
{
    (void)rest; /* a link may have any name */
    (void)fail;
    return TOOL_OK;
}

static void make_raw(int fd)
{
    struct termios t;

    if (tcgetattr(fd, &t) != 0)
        return;
    cfmakeraw(&t);
    tcsetattr(fd, TCSANOW, &t);
}

/* 0 or an errno. */
static int pty_make(struct pty_end *pty, int *master)
{
    struct tool_end *end = &pty->end;
    int error = 0;

    *master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*master < 0)
        return errno;
    if (grantpt(*master) != 0 || unlockpt(*master) != 0 ||
        ptsname_r(*master, end->address, sizeof end->address) != 0)
        error = errno;
    else
        pty->slave = open(end->address, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (error == 0 && pty->slave < 0)
        error = errno;
    if (error != 0) {
        close(*master);
        return error;
    }
    make_raw(pty->slave);
    return 0;
}

/* Only a link is ever replaced. */
static int link_make(const char *target, const char *link)
{
    struct stat st;

    if (lstat(link, &st) == 0 && S_ISLNK(st.st_mode))
        unlink(link);
    return symlink(target, link) == 0 ? 0 : errno;
}

static bool pty_close(struct tool_end *end)
{
    struct pty_end *pty = pty_of(end);

    if (pty->link[0] != '\0')
        unlink(pty->link);
    CloseHandle(end->file);
    close(pty->slave);
    return true;
}

static enum tool_status pty_open(struct tool_end *end, const char *rest, struct tool_fail *fail)
{
    struct pty_end *pty = pty_of(end);
    int master, error = pty_make(pty, &master);
    enum tool_status status;

    if (error != 0)
        return tool_fail(fail, TOOL_INTERNAL, "%s: %s", end->name, strerror(error));
    status = tool_end_wrap(end, master, COMM_KIND_STREAM, fail);
    if (status != TOOL_OK) {
        close(pty->slave);
        return status;
    }
    if (rest[0] == '\0')
        return TOOL_OK;
    error = link_make(end->address, rest);
    if (error == 0) {
        snprintf(pty->link, sizeof pty->link, "%s", rest);
        return TOOL_OK;
    }
    (void)pty_close(end);
    return tool_fail(fail, error == EACCES ? TOOL_DENIED : TOOL_OWNED, "%s: %s", rest,
                     strerror(error));
}

const struct tool_end_kind tool_end_pty = {
    .prefix = "pty:",
    .size = sizeof(struct pty_end),
    .check = pty_check,
    .open = pty_open,
    .close = pty_close,
};
