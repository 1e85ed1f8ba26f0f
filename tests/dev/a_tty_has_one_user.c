/* SPDX-License-Identifier: MIT */
/* A tty that is open here is opened by nobody else, and one that somebody else has is not opened
 * here: by any of its names, from any process, by root too. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "libcomm/plat/testing.h"
#include "line.h"

static int try_open(const char *path)
{
    struct ci_settings found;
    struct ci_line *line;
    int error = ci_tty_open(path, &line, &found);

    if (error == 0)
        line_shut(line);
    return error;
}

static void a_second_open_is_refused_by_any_name(void)
{
    struct tty_line t;
    char alias[200], twice[200];

    snprintf(alias, sizeof alias, "%s/alias", comm_test_dir());
    snprintf(twice, sizeof twice, "%s/twice", comm_test_dir());
    line_open(&t, false);
    CHECK_EQ(symlink(t.pty.path, alias), 0);
    CHECK_EQ(symlink(alias, twice), 0);
    CHECK_EQ(try_open(t.pty.path), -EBUSY);
    CHECK_EQ(try_open(alias), -EBUSY);
    CHECK_EQ(try_open(twice), -EBUSY);
    line_shut(t.line);
    CHECK_EQ(try_open(twice), 0);
    CHECK_EQ(unlink(alias), 0);
    CHECK_EQ(unlink(twice), 0);
    pty_close(&t.pty);
}

static void a_closed_one_is_free_for_everybody(void)
{
    struct tty_line t;
    int fd, exclusive = 1;

    for (int round = 0; round < 3; round++) {
        line_open(&t, false);
        line_shut(t.line);
        CHECK_EQ(try_open(t.pty.path), 0);
        fd = open(t.pty.path, O_RDWR | O_NOCTTY | O_CLOEXEC);
        CHECK_EQ(flock(fd, LOCK_EX | LOCK_NB), 0);
        CHECK_EQ(ioctl(fd, TIOCGEXCL, &exclusive), 0);
        CHECK_EQ(exclusive, 0);
        close(fd);
        pty_close(&t.pty);
    }
}

static void a_port_that_is_lost_holds_nothing(void)
{
    struct tty_line t;

    line_open(&t, false);
    t.line->ops->lost(t.line);
    t.line->ops->lost(t.line);
    CHECK_EQ(t.line->fd, -1);
    CHECK_EQ(try_open(t.pty.path), 0);
    line_close(&t);
}

static int is_killed(void *path)
{
    struct ci_settings found;
    struct ci_line *line;

    NEED(ci_tty_open(path, &line, &found) == 0);
    raise(SIGKILL);
    return 0;
}

/* Else whoever keeps the master had to begin anew. */
static void a_killed_user_leaves_a_pty_usable(void)
{
    struct pty pty;
    struct child child;

    pty_open(&pty);
    child = child_start(is_killed, pty.path);
    CHECK_EQ(child_line(&child), -1);
    CHECK_EQ(try_open(pty.path), 0);
    pty_close(&pty);
}

/* ---- other processes ---- */

/* Begun before the port is opened, so that it knows nothing of this process's table. */
struct stranger {
    struct child child;
    char path[64];
    uid_t uid;
    int start[2], error;
    int (*act)(struct stranger *stranger);
};

static int opens(struct stranger *stranger)
{
    NEED(try_open(stranger->path) == stranger->error);
    return 0;
}

static int stranger_run(void *arg)
{
    struct stranger *stranger = arg;
    char go;

    close(stranger->start[1]);
    NEED(read(stranger->start[0], &go, 1) == 1);
    NEED(stranger->uid == 0 || setresuid(stranger->uid, stranger->uid, stranger->uid) == 0);
    return stranger->act(stranger);
}

static void stranger_begin(struct stranger *stranger, const struct pty *pty, int error)
{
    snprintf(stranger->path, sizeof stranger->path, "%s", pty->path);
    stranger->error = error;
    CHECK_EQ(pipe2(stranger->start, O_CLOEXEC), 0);
    stranger->child = child_start(stranger_run, stranger);
}

static void stranger_end(struct stranger *stranger)
{
    CHECK_EQ(write(stranger->start[1], "", 1), 1);
    CHECK_EQ(child_line(&stranger->child), 0);
    close(stranger->start[0]);
    close(stranger->start[1]);
}

static void another_process_is_refused(void)
{
    struct tty_line t = {.line = NULL};
    struct stranger same = {.act = opens}, nobody = {.act = opens, .uid = 65534};

    pty_open(&t.pty);
    CHECK_EQ(chmod(t.pty.path, 0666), 0);
    stranger_begin(&same, &t.pty, -EBUSY); /* may well be root */
    if (getuid() == 0)
        stranger_begin(&nobody, &t.pty, -EBUSY);
    CHECK_EQ(ci_tty_open(t.pty.path, &t.line, &t.found), 0);
    stranger_end(&same);
    if (getuid() == 0)
        stranger_end(&nobody);
    line_close(&t);
}

static int opens_too(void *path)
{
    NEED(try_open(path) == -EBUSY);
    return 0;
}

static void a_forked_child_is_refused(void)
{
    struct tty_line t;
    struct child child;

    line_open(&t, false);
    child = child_start(opens_too, t.pty.path);
    CHECK_EQ(child_line(&child), 0);
    line_close(&t);
}

static void what_others_have_is_refused(void)
{
    struct pty pty;
    int fd;

    pty_open(&pty);
    fd = open(pty.path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK_EQ(try_open(pty.path), 0); /* who says nothing is not heard */
    CHECK_EQ(flock(fd, LOCK_EX | LOCK_NB), 0);
    CHECK_EQ(try_open(pty.path), -EBUSY);
    CHECK_EQ(flock(fd, LOCK_UN), 0);
    CHECK_EQ(ioctl(fd, TIOCEXCL), 0);
    CHECK_EQ(try_open(pty.path), -EBUSY);
    CHECK_EQ(ioctl(fd, TIOCNXCL), 0);
    CHECK_EQ(try_open(pty.path), 0);
    close(fd);
    pty_close(&pty);
}

static void a_refused_open_leaves_the_user_alone(void)
{
    struct tty_line t;

    line_open(&t, false);
    CHECK_EQ(try_open(t.pty.path), -EBUSY);
    CHECK_EQ(pty_iflag(&t.pty), 0);
    pty_send(&t.pty, "a", 1);
    CHECK_EQ(line_receive(t.line, (uint8_t[1]){0}, 1, 1), 1);
    CHECK_EQ(try_open(t.pty.path), -EBUSY);
    line_close(&t);
}

/* ---- the holder ---- */

static int only_opens(void *arg)
{
    const char *path = arg;
    int fd = open(path, O_RDWR | O_NOCTTY);

    NEED(fd >= 0);
    NEED(ci_tty_holder(path) == getpid());
    return 0;
}

static void the_holder_is_found(void)
{
    struct tty_line t = {.line = NULL};
    struct child child;

    pty_open(&t.pty);
    CHECK_EQ(ci_tty_holder(t.pty.path), 0);
    child = child_start(only_opens, t.pty.path);
    CHECK_EQ(child_line(&child), 0);
    CHECK_EQ(ci_tty_open(t.pty.path, &t.line, &t.found), 0);
    CHECK_EQ(ci_tty_holder(t.pty.path), getpid());
    line_shut(t.line);
    CHECK_EQ(ci_tty_holder(t.pty.path), 0);
    CHECK_EQ(ci_tty_holder("/dev/nosuch"), 0);
    pty_close(&t.pty);
}

/* ---- what is no tty, and what runs out ---- */

static void only_ttys_are_opened(void)
{
    char path[200];
    int fd;

    snprintf(path, sizeof path, "%s/file", comm_test_dir());
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    close(fd);
    CHECK_EQ(try_open(path), -ENOTTY);
    CHECK_EQ(try_open("/dev/null"), -ENOTTY);
    CHECK_EQ(try_open("/dev"), -ENOTTY);
    CHECK_EQ(try_open("/dev/nosuch"), -ENOENT);
    CHECK_EQ(unlink(path), 0);
}

static void an_open_that_fails_leaves_nothing(void)
{
    struct pty pty;
    int error = -1;

    pty_open(&pty);
    for (unsigned nth = 0; error != 0 && nth < 20; nth++) {
        ci_testing_fail(CI_FAULT_MEMORY | CI_FAULT_DESCRIPTOR, nth, false);
        error = try_open(pty.path);
        ci_testing_fail(0, 0, false);
        CHECK(error == 0 || error == -ENOMEM || error == -EMFILE);
        CHECK_EQ(try_open(pty.path), 0);
    }
    CHECK_EQ(error, 0);
    pty_close(&pty);
}

COMM_TEST_MAIN(TEST(a_second_open_is_refused_by_any_name), TEST(a_closed_one_is_free_for_everybody),
               TEST(a_port_that_is_lost_holds_nothing), TEST(a_killed_user_leaves_a_pty_usable),
               TEST(another_process_is_refused), TEST(a_forked_child_is_refused),
               TEST(what_others_have_is_refused), TEST(a_refused_open_leaves_the_user_alone),
               TEST(the_holder_is_found), TEST(only_ttys_are_opened),
               TEST(an_open_that_fails_leaves_nothing))
