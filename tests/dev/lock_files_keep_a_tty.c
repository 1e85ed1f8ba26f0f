/* SPDX-License-Identifier: MIT */
/* Programs older than flock(2) write their number into a file in /var/lock: what it says is
 * respected, and said. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libcomm/plat/sys_compat.h"
#include "libcomm/plat/sys_dir.h"
#include "line.h"

/* ---- a pty has no such file, so it is called something else here ---- */

ssize_t __real_ci_sys_readlink(const char *path, char *to, size_t room);
ssize_t __wrap_ci_sys_readlink(const char *path, char *to, size_t room);
int __real_ci_sys_realpath(const char *path, char to[PATH_MAX]);
int __wrap_ci_sys_realpath(const char *path, char to[PATH_MAX]);

static bool as_it_is;

/* /dev/pts/3 becomes /dev/tst/3. */
static bool is_pts(const char *path)
{
    return !as_it_is && strncmp(path, "/dev/pts/", 9) == 0;
}

ssize_t __wrap_ci_sys_readlink(const char *path, char *to, size_t room)
{
    ssize_t len = __real_ci_sys_readlink(path, to, room);

    if (len > 9 && is_pts(to))
        memcpy(to, "/dev/tst/", 9);
    return len;
}

int __wrap_ci_sys_realpath(const char *path, char to[PATH_MAX])
{
    int error = __real_ci_sys_realpath(path, to);

    if (error == 0 && is_pts(to))
        memcpy(to, "/dev/tst/", 9);
    return error;
}

/* ---- files ---- */

struct locked {
    struct pty pty;
    char file[80];
};

static void locked_open(struct locked *l)
{
    char dir[PATH_MAX];

    if (realpath("/var/lock", dir) == NULL || access(dir, W_OK) != 0)
        comm_test_skip("nothing can be written to /var/lock");
    pty_open(&l->pty);
    if (strncmp(l->pty.path, "/dev/pts/", 9) != 0)
        comm_test_skip("pseudo-terminals have other names here");
    snprintf(l->file, sizeof l->file, "/var/lock/LCK..tst_%s", l->pty.path + 9);
    unlink(l->file);
}

static void locked_close(struct locked *l)
{
    unlink(l->file);
    pty_close(&l->pty);
}

static void file_say(const struct locked *l, const char *text)
{
    int fd = open(l->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void file_says(const struct locked *l, const char *expected)
{
    int fd = open(l->file, O_RDONLY | O_CLOEXEC);
    char text[32] = "";

    CHECK(fd >= 0 && read(fd, text, sizeof text - 1) > 0);
    CHECK(strcmp(text, expected) == 0);
    close(fd);
}

static int open_it(struct locked *l, struct ci_line **line)
{
    struct ci_settings found;

    return ci_tty_open(l->pty.path, line, &found);
}

static int child_status(pid_t pid)
{
    int status = -1;

    CHECK_EQ(waitpid(pid, &status, 0), pid);
    return status;
}

/* A number that is nobody's. */
static pid_t dead_pid(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    CHECK_EQ(child_status(pid), 0);
    return pid;
}

static void an_open_port_has_a_file_with_our_number(void)
{
    struct locked l;
    struct ci_line *line;
    char expected[32];

    locked_open(&l);
    CHECK_EQ(open_it(&l, &line), 0);
    snprintf(expected, sizeof expected, "%10d\n", getpid());
    file_says(&l, expected);
    line_shut(line);
    CHECK(access(l.file, F_OK) != 0);
    locked_close(&l);
}

static void a_lost_port_has_none(void)
{
    struct locked l;
    struct ci_line *line;

    locked_open(&l);
    CHECK_EQ(open_it(&l, &line), 0);
    line->ops->lost(line);
    CHECK(access(l.file, F_OK) != 0);
    line_shut(line);
    locked_close(&l);
}

static void a_living_owner_keeps_it(void)
{
    struct locked l;
    struct ci_line *line;
    char text[32];

    locked_open(&l);
    snprintf(text, sizeof text, "%10d\n", getppid());
    file_say(&l, text);
    CHECK_EQ(open_it(&l, &line), -EBUSY);
    CHECK_EQ(ci_tty_holder(l.pty.path), getppid());
    file_says(&l, text);
    unlink(l.file);
    CHECK_EQ(open_it(&l, &line), 0); /* the other means were given up */
    line_shut(line);
    locked_close(&l);
}

static void what_nobody_understands_is_respected(void)
{
    struct locked l;
    struct ci_line *line;

    locked_open(&l);
    file_say(&l, "busy\n");
    CHECK_EQ(open_it(&l, &line), -EBUSY);
    file_say(&l, "");
    CHECK_EQ(open_it(&l, &line), -EBUSY);
    locked_close(&l);
}

static void a_dead_owner_is_replaced(void)
{
    struct locked l;
    struct ci_line *line;
    char text[32];

    locked_open(&l);
    snprintf(text, sizeof text, "%10d\n", dead_pid());
    file_say(&l, text);
    CHECK_EQ(open_it(&l, &line), 0);
    snprintf(text, sizeof text, "%10d\n", getpid());
    file_says(&l, text);
    line_shut(line);
    file_say(&l, text); /* of another process, that had our number */
    CHECK_EQ(open_it(&l, &line), 0);
    line_shut(line);
    CHECK(access(l.file, F_OK) != 0);
    locked_close(&l);
}

static void a_program_that_ends_leaves_none(void)
{
    struct locked l;
    struct ci_line *line;
    pid_t pid;

    locked_open(&l);
    fflush(NULL);
    pid = fork();
    if (pid == 0)
        exit(open_it(&l, &line) == 0 && access(l.file, F_OK) == 0 ? 0 : 1);
    CHECK_EQ(child_status(pid), 0);
    CHECK(access(l.file, F_OK) != 0);
    CHECK_EQ(open_it(&l, &line), 0);
    fflush(NULL);
    pid = fork();
    if (pid == 0)
        exit(0); /* it is not the child's */
    CHECK_EQ(child_status(pid), 0);
    CHECK(access(l.file, F_OK) == 0);
    line_shut(line);
    locked_close(&l);
}

static void a_pty_has_none(void)
{
    struct locked l;
    struct ci_line *line;
    char file[80];
    int before;

    locked_open(&l);
    snprintf(file, sizeof file, "/var/lock/LCK..pts_%.20s", l.pty.path + 9);
    before = access(file, F_OK); /* of some program that was killed */
    as_it_is = true;
    CHECK_EQ(open_it(&l, &line), 0);
    CHECK(access(l.file, F_OK) != 0);
    CHECK_EQ(access(file, F_OK), before);
    line_shut(line);
    as_it_is = false;
    locked_close(&l);
}

COMM_TEST_MAIN(TEST(an_open_port_has_a_file_with_our_number), TEST(a_lost_port_has_none),
               TEST(a_living_owner_keeps_it), TEST(what_nobody_understands_is_respected),
               TEST(a_dead_owner_is_replaced), TEST(a_program_that_ends_leaves_none),
               TEST(a_pty_has_none))
