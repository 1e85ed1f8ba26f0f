/* SPDX-License-Identifier: MIT */
/* Where pipes are: a directory that is ours alone, made if need be; anything else in its place is
 * refused with 5, and what lies in the place of a pipe's files, or no room for them, ends in an
 * error that says so and leaves nothing behind. */
#include "raw.h"

#include "child.h"

#include <dirent.h>
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

enum { QUOTA = 512 };

/* ---- a place of its own ---- */

struct site {
    char base[PATH_MAX / 2], dir[PATH_MAX];
    char *before; /* LIBCOMM_PIPE_DIR */
};

static void site_open(struct site *s)
{
    snprintf(s->base, sizeof s->base, "%s/site", comm_test_dir());
    snprintf(s->dir, sizeof s->dir, "%s/pipe", s->base);
    raw_must(mkdir(s->base, 0700) == 0, s->base);
    s->before = strdup(pipe_dir());
    raw_must(s->before != NULL && setenv("LIBCOMM_PIPE_DIR", s->dir, 1) == 0, "setenv");
}

static void tree_remove(const char *path)
{
    char command[2 * PATH_MAX];

    snprintf(command, sizeof command, "rm -rf '%s'", path);
    CHECK_EQ(system(command), 0);
}

static void site_close(struct site *s)
{
    tree_remove(s->base);
    raw_must(setenv("LIBCOMM_PIPE_DIR", s->before, 1) == 0, "setenv");
    free(s->before);
}

/* A pipe can be made here and opened. */
static void check_works(const char *when)
{
    const char *name = fresh_name("");
    struct said server = at_create(here, name, one_pipe(BYTES, QUOTA)), client;

    CHECK_SAID_WHEN(when, server, 0, 0);
    client = at_open(here, name, BOTH_WAYS, 0);
    CHECK_SAID_WHEN(when, client, 0, 0);
    CHECK_SAID_WHEN(when, at_close(here, client.handle), 0, 0);
    CHECK_SAID_WHEN(when, at_close(here, server.handle), 0, 0);
}

static void check_refused(const char *when, DWORD error)
{
    const char *name = fresh_name("");

    CHECK_SAID_WHEN(when, at_create(here, name, one_pipe(BYTES, QUOTA)), error, 0);
    CHECK_SAID_WHEN(when, at_open(here, name, BOTH_WAYS, 0), error, 0);
    CHECK_EQ_WHEN(when, WaitNamedPipeA(name, 0), FALSE);
    CHECK_EQ_WHEN(when, GetLastError(), error);
}

static mode_t mode_of(const char *path)
{
    struct stat st = {0};

    CHECK_EQ(lstat(path, &st), 0);
    return st.st_mode & 07777;
}

static unsigned entries(const char *path)
{
    DIR *dir = opendir(path);
    unsigned count = 0;

    raw_must(dir != NULL, path);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count - 2;
}

/* ---- the directory ---- */

static void it_is_made_if_it_is_not_there(void)
{
    struct site s;
    char deep[PATH_MAX + 16];

    site_open(&s);
    check_works("one level");
    CHECK_EQ(mode_of(s.dir), 0700);
    CHECK_EQ(entries(s.dir), 0);
    snprintf(deep, sizeof deep, "%s/new/pipe", s.base);
    setenv("LIBCOMM_PIPE_DIR", deep, 1);
    check_works("two levels");
    CHECK_EQ(mode_of(deep), 0700);
    site_close(&s);
}

static void make_nothing(const char *path)
{
    (void)path;
}

static void make_file(const char *path)
{
    close(open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600));
}

static void make_fifo(const char *path)
{
    CHECK_EQ(mkfifo(path, 0600), 0);
}

static void make_directory(const char *path)
{
    CHECK_EQ(mkdir(path, 0700), 0);
}

static void make_wide(const char *path)
{
    CHECK_EQ(mkdir(path, 0700), 0);
    CHECK_EQ(chmod(path, 0750), 0);
}

static void make_sticky(const char *path)
{
    CHECK_EQ(mkdir(path, 0700), 0);
    CHECK_EQ(chmod(path, 01777), 0);
}

static void make_narrow(const char *path)
{
    CHECK_EQ(mkdir(path, 0500), 0);
}

static void make_dangling(const char *path)
{
    CHECK_EQ(symlink("nowhere", path), 0);
}

/* To a directory that would do by itself. */
static void make_link(const char *path)
{
    char target[PATH_MAX + 8];

    snprintf(target, sizeof target, "%s.real", path);
    CHECK_EQ(mkdir(target, 0700), 0);
    CHECK_EQ(symlink(target, path), 0);
}

static void what_is_no_directory_of_ours_is_refused(void)
{
    static const struct {
        const char *when;
        void (*make)(const char *path);
        bool roots; /* it is fine when it belongs to root */
    } cases[] = {
        {"a file",              make_file,     false},
        {"a fifo",              make_fifo,     false},
        {"a link",              make_link,     false},
        {"a link to nowhere",   make_dangling, false},
        {"open to the group",   make_wide,     true },
        {"open to all",         make_sticky,   true },
        {"closed to ourselves", make_narrow,   true },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct site s;

        site_open(&s);
        cases[i].make(s.dir);
        if (cases[i].roots && geteuid() == 0)
            check_works(cases[i].when);
        else
            check_refused(cases[i].when, ERROR_ACCESS_DENIED);
        site_close(&s);
    }
}

static void another_users_directory_is_refused(void)
{
    if (geteuid() != 0) {
        char before[PATH_MAX];

        strcpy(before, pipe_dir());
        setenv("LIBCOMM_PIPE_DIR", "/", 1); /* root's: it may be, but we cannot make a file there */
        CHECK_SAID(at_create(here, fresh_name(""), one_pipe(BYTES, QUOTA)), ERROR_ACCESS_DENIED, 0);
        setenv("LIBCOMM_PIPE_DIR", before, 1);
    } else {
        struct site s;

        site_open(&s);
        make_directory(s.dir);
        CHECK_EQ(chown(s.dir, 65534, 65534), 0);
        check_refused("nobody's", ERROR_ACCESS_DENIED);
        site_close(&s);
    }
}

static void a_path_too_long_is_refused(void)
{
    char before[PATH_MAX], path[2 * PATH_MAX];

    strcpy(before, pipe_dir());
    memset(path, 'x', sizeof path - 1);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    setenv("LIBCOMM_PIPE_DIR", path, 1);
    CHECK(!at_create(here, fresh_name(""), one_pipe(BYTES, QUOTA)).ok);
    CHECK(!at_open(here, fresh_name(""), BOTH_WAYS, 0).ok);
    setenv("LIBCOMM_PIPE_DIR", before, 1);
}

/* ---- which directory ---- */

/* Makes a pipe, looks where its door is. */
static void check_is_in(const char *when, const char *dir)
{
    const char *name = fresh_name("");
    struct said server = at_create(here, name, one_pipe(BYTES, QUOTA));
    char door[PATH_MAX + AT_NAME];

    CHECK_SAID_WHEN(when, server, 0, 0);
    snprintf(door, sizeof door, "%s/%s", dir, name_key(name));
    comm_check(access(door, F_OK) == 0, __FILE__, __LINE__, "%s: no %s", when, door);
    CHECK_SAID_WHEN(when, at_close(here, server.handle), 0, 0);
}

static void the_runtime_directory_counts_if_it_is_ours_alone(void)
{
    struct site s;
    char runtime[PATH_MAX], tmp[64];
    bool was_there;

    site_open(&s);
    snprintf(tmp, sizeof tmp, "/tmp/libcomm-%u/pipe", geteuid());
    was_there = access(tmp, F_OK) == 0;
    unsetenv("LIBCOMM_PIPE_DIR");
    setenv("XDG_RUNTIME_DIR", s.base, 1);
    snprintf(runtime, sizeof runtime, "%s/libcomm/pipe", s.base);
    check_is_in("ours", runtime);
    CHECK_EQ(mode_of(runtime), 0700);
    CHECK_EQ(chmod(s.base, 0755), 0);
    check_is_in("open to others", tmp);
    setenv("XDG_RUNTIME_DIR", "relative", 1);
    check_is_in("no whole path", tmp);
    setenv("XDG_RUNTIME_DIR", "/nowhere/at/all", 1);
    check_is_in("not there", tmp);
    unsetenv("XDG_RUNTIME_DIR");
    check_is_in("none", tmp);
    setenv("LIBCOMM_PIPE_DIR", "", 1);
    check_is_in("a wish for nothing", tmp);
    if (!was_there) {
        CHECK_EQ(rmdir(tmp), 0);
        *strrchr(tmp, '/') = '\0';
        (void)rmdir(tmp);
    }
    site_close(&s);
}

/* ---- in the place of its files ---- */

static void a_pipes_files_replace_what_they_may(void)
{
    static const char *const files[] = {"", ":ctl", ":lock"};
    static const struct {
        const char *when;
        void (*make)(const char *path);
        DWORD error[3]; /* by file */
    } cases[] = {
        {"nothing",   make_nothing,  {0, 0, 0}                                                      },
        {"a file",    make_file,     {0, 0, 0}                                                      },
        {"a fifo",    make_fifo,     {0, 0, 0}                                                      },
        {"a link",    make_dangling, {0, 0, ERROR_ACCESS_DENIED}                                    },
        {"directory",
         make_directory,             {ERROR_ACCESS_DENIED, ERROR_ACCESS_DENIED, ERROR_ACCESS_DENIED}},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t f = 0; f < ARRAY_LEN(files); f++) {
            const char *name = fresh_name("");
            char path[PATH_MAX];
            struct said said;

            snprintf(path, sizeof path, "%s/%s%s", pipe_dir(), name_key(name), files[f]);
            cases[i].make(path);
            said = at_create(here, name, one_pipe(BYTES, QUOTA));
            CHECK_SAID_WHEN(cases[i].when, said, cases[i].error[f], 0);
            if (said.ok) {
                HANDLE client = open_pipe(here, name);

                CHECK_SAID(at_close(here, client), 0, 0);
                CHECK_SAID(at_close(here, said.handle), 0, 0);
            }
            (void)unlink(path);
            (void)rmdir(path);
            CHECK_EQ_WHEN(cases[i].when, entries(pipe_dir()), 0);
        }
}

/* ---- no room ---- */

struct disk {
    const char *options;
    bool fill;
    DWORD error;
};

static int write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    close(fd);
    return done ? 0 : -1;
}

/* Root needs no world of users of its own. */
static bool world_enter(void)
{
    char users[64], groups[64];
    unsigned uid = geteuid(), gid = getegid();

    if (uid == 0)
        return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
    snprintf(users, sizeof users, "%u %u 1", uid, uid);
    snprintf(groups, sizeof groups, "%u %u 1", gid, gid);
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
           write_text("/proc/self/uid_map", users) == 0 &&
           write_text("/proc/self/setgroups", "deny") == 0 &&
           write_text("/proc/self/gid_map", groups) == 0;
}

/* A file system that only this process sees; false: not allowed here. */
static bool disk_mount(const char *at, const char *options)
{
    return world_enter() && mount("none", at, "tmpfs", 0, options) == 0 && chmod(at, 0700) == 0;
}

static int on_a_small_disk(void *arg)
{
    const struct disk *disk = arg;
    char file[PATH_MAX], block[4096] = "";
    HANDLE server;
    int fd;

    if (!disk_mount(pipe_dir(), disk->options))
        return -77;
    snprintf(file, sizeof file, "%s/ballast", pipe_dir());
    if (disk->fill) {
        fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        while (write(fd, block, sizeof block) > 0)
            continue;
        close(fd);
    }
    server =
        CreateNamedPipeA("\\\\.\\pipe\\full", PIPE_ACCESS_DUPLEX, BYTES, 1, QUOTA, QUOTA, 0, NULL);
    if (disk->error != 0) {
        NEED(server == INVALID_HANDLE_VALUE && GetLastError() == disk->error);
    } else {
        HANDLE client;

        NEED(server != INVALID_HANDLE_VALUE);
        client = CreateFileA("\\\\.\\pipe\\full", BOTH_WAYS, 0, NULL, OPEN_EXISTING, 0, NULL);
        NEED(client != INVALID_HANDLE_VALUE);
        NEED(CloseHandle(client) && CloseHandle(server));
    }
    (void)unlink(file);
    NEED(entries(pipe_dir()) == 0);
    return 0;
}

/* The lock is made but nothing fits into it, which is no matter; or not even the doors are made. */
static void a_full_disk_is_told(void)
{
    static const struct disk disks[] = {
        {"size=16k,nr_inodes=100", true,  0              },
        {"size=16k,nr_inodes=2",   false, ERROR_DISK_FULL},
        {"size=16k,nr_inodes=3",   false, ERROR_DISK_FULL},
    };

    for (size_t i = 0; i < ARRAY_LEN(disks); i++) {
        struct child child = child_start(on_a_small_disk, (void *)(uintptr_t)&disks[i]);
        int line = child_line(&child);

        if (line == -77)
            comm_test_skip("no file system can be mounted here");
        CHECK_EQ_WHEN(disks[i].options, line, 0);
    }
}

FAR_TEST_MAIN(TEST(it_is_made_if_it_is_not_there), TEST(what_is_no_directory_of_ours_is_refused),
              TEST(another_users_directory_is_refused), TEST(a_path_too_long_is_refused),
              TEST(the_runtime_directory_counts_if_it_is_ours_alone),
              TEST(a_pipes_files_replace_what_they_may), TEST(a_full_disk_is_told))
