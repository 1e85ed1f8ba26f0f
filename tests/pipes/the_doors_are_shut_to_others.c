/* SPDX-License-Identifier: MIT */
/* What a pipe puts into its directory is its user's alone, whatever the umask, and gone with the
 * last server. */
#include "connected.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { QUOTA = 512 };

static struct stat look_at(const char *dir, const char *entry)
{
    char path[1024];
    struct stat st = {0};

    snprintf(path, sizeof path, "%s/%s", dir, entry);
    CHECK_EQ(lstat(path, &st), 0);
    return st;
}

/* Entries of the directory; every socket among them must be 0600, nothing open to others. */
static unsigned entries(const char *path)
{
    DIR *dir = opendir(path);
    unsigned count = 0;

    if (!CHECK(dir != NULL))
        return 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        struct stat st;

        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        st = look_at(path, e->d_name);
        count++;
        if (S_ISSOCK(st.st_mode))
            CHECK_EQ_WHEN(e->d_name, st.st_mode & 07777, 0600);
        else
            CHECK_EQ_WHEN(e->d_name, st.st_mode & 0077, 0);
        CHECK_EQ_WHEN(e->d_name, st.st_uid, geteuid());
    }
    closedir(dir);
    return count;
}

static void sockets_are_0600_whatever_the_umask(void)
{
    static const DWORD modes[] = {BYTES, MESSAGES};
    mode_t umask_before = umask(0);

    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        const char *name = fresh_name("");
        HANDLE server = make_pipe(here, name, modes[i], QUOTA);
        struct stat door = look_at(pipe_dir(), name_key(name));

        CHECK(S_ISSOCK(door.st_mode));
        CHECK(entries(pipe_dir()) >= 2); /* the door and what belongs to it */
        CHECK_SAID(at_close(here, server), 0, 0);
        CHECK_EQ(entries(pipe_dir()), 0);
    }
    umask(umask_before);
    CHECK_EQ(look_at(pipe_dir(), ".").st_mode & 07777, 0700);
}

static void only_a_pipe_of_bytes_has_a_link_for_other_programs(void)
{
    const char *name = fresh_name("");
    HANDLE bytes = make_pipe(here, name, BYTES, QUOTA), messages;
    char link[AT_NAME + 16];

    snprintf(link, sizeof link, "CoreFxPipe_%s", name_key(name));
    CHECK(S_ISLNK(look_at(link_dir(), link).st_mode));
    CHECK_SAID(at_close(here, bytes), 0, 0);
    messages = make_pipe(here, fresh_name(""), MESSAGES, QUOTA);
    CHECK_EQ(entries(link_dir()), 0);
    CHECK_SAID(at_close(here, messages), 0, 0);
}

/* Somebody else's file of the link's name is left alone, and the pipe works without its link. */
static void a_stranger_in_the_links_place_is_left_there(struct place *far)
{
    const char *name = fresh_name("");
    char path[1024];
    HANDLE server, client;
    FILE *stranger;

    snprintf(path, sizeof path, "%s/CoreFxPipe_%s", link_dir(), name_key(name));
    stranger = fopen(path, "wx");
    CHECK(stranger != NULL && fclose(stranger) == 0);
    server = make_pipe(here, name, BYTES, QUOTA);
    client = open_pipe(far, name);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
    CHECK_EQ(unlink(path), 0);
}

/* A name is no path out of the directory. */
static void a_name_that_looks_like_a_path_stays_in_the_directory(struct place *far)
{
    static const char *const names[] = {"\\\\?\\pipe\\../escape", "\\\\?\\pipe\\..",
                                        "\\\\?\\pipe\\.", "\\\\?\\pipe\\/tmp/escape",
                                        "\\\\.\\pipe\\a:ctl"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        HANDLE server = make_pipe(here, names[i], BYTES, QUOTA);

        CHECK_SAID(at_close(far, open_pipe(far, names[i])), 0, 0);
        CHECK_SAID(at_close(here, server), 0, 0);
        CHECK_EQ(access("/tmp/escape", F_OK), -1);
    }
    CHECK_EQ(entries(pipe_dir()), 0);
}

FAR_TEST_MAIN(TEST(sockets_are_0600_whatever_the_umask),
              TEST(only_a_pipe_of_bytes_has_a_link_for_other_programs),
              TWICE(a_stranger_in_the_links_place_is_left_there),
              TWICE(a_name_that_looks_like_a_path_stays_in_the_directory))
