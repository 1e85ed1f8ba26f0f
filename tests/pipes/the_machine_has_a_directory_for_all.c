/* SPDX-License-Identifier: MIT */
/* A pipe that is open to all lies in the machine's directory, if root has made one, and is found
 * there by programs whose own directory is another; all other pipes stay in their user's own. */
#include "connected.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipes/dir.h"

enum { QUOTA = 512 };

/* Root's and sticky on every machine. */
#define MACHINE "/dev/shm"

__attribute__((constructor)) static void use_another(void)
{
    pi_dir_machine = MACHINE;
}

/* This process and those it makes from now on have an own directory under `runtime`. */
static void move_to(const char *runtime)
{
    static char path[300];
    struct stat st;

    if (stat(MACHINE, &st) != 0 || st.st_uid != 0 || (st.st_mode & 01777) != 01777)
        comm_test_skip(MACHINE " is not root's and sticky");
    snprintf(path, sizeof path, "%s/%s", comm_test_dir(), runtime);
    (void)mkdir(path, 0700);
    CHECK_EQ(chmod(path, 0700), 0);
    unsetenv("LIBCOMM_PIPE_DIR");
    setenv("XDG_RUNTIME_DIR", path, 1);
}

static bool is_there(const char *name, const char *suffix)
{
    char path[400];

    snprintf(path, sizeof path, MACHINE "/%s%s", name_key(name), suffix);
    return access(path, F_OK) == 0;
}

static HANDLE make_for_all(struct place *place, const char *name, DWORD max)
{
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);

    pipe.for_all = true;
    pipe.max = max;
    return made(at_create(place, name, pipe));
}

static bool waited_for(struct place *place, const char *name)
{
    struct said said = at_wait(place, 0, name, SOON_MS);

    return said.error == ERROR_IO_PENDING ? at_await(place, 0).ok : said.ok;
}

static void a_pipe_for_all_is_found_from_other_directories(void)
{
    const char *name = fresh_name("");
    struct place far;
    HANDLE server, client;
    struct said said;

    move_to("near");
    server = make_for_all(here, name, 1);
    CHECK(is_there(name, "") && is_there(name, ":ctl") && is_there(name, ":lock"));
    move_to("far");
    place_open_there(&far);
    CHECK(waited_for(&far, name));
    client = open_pipe(&far, name);
    CHECK_SAID(at_put(&far, client, "abc", 3), 0, 3);
    said = at_get(here, server, 8);
    CHECK_SAID(said, 0, 3);
    CHECK_EQ(at_get_mode(&far, client).word[1], 1);
    CHECK_SAID(at_open(&far, name, BOTH_WAYS, 0), ERROR_PIPE_BUSY, 0);
    CHECK_SAID(at_close(&far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
    CHECK(!is_there(name, "") && !is_there(name, ":ctl") && !is_there(name, ":lock"));
    place_close(&far);
}

static void a_pipe_for_its_user_stays_in_his_directory(void)
{
    const char *name = fresh_name("");
    struct place far;
    HANDLE server;

    move_to("near");
    server = make_pipe(here, name, MESSAGES, QUOTA);
    CHECK(!is_there(name, "") && !is_there(name, ":lock"));
    move_to("far");
    place_open_there(&far);
    CHECK_SAID(at_open(&far, name, BOTH_WAYS, 0), ERROR_FILE_NOT_FOUND, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
    place_close(&far);
}

static void an_own_pipe_goes_before_the_machines(void)
{
    const char *name = fresh_name("");
    struct place far;
    HANDLE server, own, client;
    struct said said;

    move_to("near");
    server = make_for_all(here, name, 1);
    move_to("far");
    place_open_there(&far);
    own = make_pipe(&far, name, BYTES, QUOTA);
    client = open_pipe(here, name); /* this process serves the name itself */
    CHECK_EQ(at_server_pid(here, client).word[0], getpid());
    CHECK_SAID(at_close(here, client), 0, 0);
    client = open_pipe(&far, name);
    said = at_server_pid(&far, client);
    CHECK_EQ(said.word[0], far.pid);
    CHECK_SAID(at_close(&far, client), 0, 0);
    CHECK_SAID(at_close(&far, own), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
    place_close(&far);
}

static void instances_for_all_join_across_directories(void)
{
    const char *name = fresh_name("");
    struct place far;
    HANDLE first, second, a, b;

    move_to("near");
    first = make_for_all(here, name, 2);
    move_to("far");
    place_open_there(&far);
    second = make_for_all(&far, name, 2);
    a = open_pipe(&far, name);
    b = open_pipe(&far, name);
    CHECK_EQ(at_server_pid(&far, a).word[0], getpid());
    CHECK_EQ(at_server_pid(&far, b).word[0], far.pid);
    CHECK_SAID(at_close(&far, a), 0, 0);
    CHECK_SAID(at_close(&far, b), 0, 0);
    CHECK_SAID(at_close(here, first), 0, 0);
    CHECK_SAID(at_close(&far, second), 0, 0);
    CHECK(!is_there(name, ""));
    place_close(&far);
}

/* The new owner's files are where the old one's were. */
static void a_name_for_all_is_inherited_in_its_place(void)
{
    const char *name = fresh_name("");
    struct place far;
    HANDLE first, second, client;

    move_to("far");
    place_open_there(&far);
    first = make_for_all(&far, name, 2);
    move_to("near");
    second = make_for_all(here, name, 2);
    CHECK(first != NULL);
    place_kill(&far);
    client = open_pipe(here, name);
    CHECK_EQ(at_server_pid(here, client).word[0], getpid());
    CHECK(is_there(name, ""));
    CHECK_SAID(at_close(here, client), 0, 0);
    CHECK_SAID(at_close(here, second), 0, 0);
    CHECK(!is_there(name, "") && !is_there(name, ":ctl") && !is_there(name, ":lock"));
}

static void a_directory_that_was_asked_for_is_the_only_one(void)
{
    const char *name = fresh_name("");
    HANDLE server;

    move_to("near");
    setenv("LIBCOMM_PIPE_DIR", pipe_dir(), 1);
    server = make_for_all(here, name, 1);
    CHECK(!is_there(name, ""));
    CHECK_SAID(at_close(here, server), 0, 0);
}

static void a_directory_that_cannot_be_trusted_is_none(void)
{
    const char *name = fresh_name("");
    char path[300];
    HANDLE server;

    move_to("near");
    snprintf(path, sizeof path, "%s/open", comm_test_dir());
    CHECK_EQ(mkdir(path, 0777), 0);
    CHECK_EQ(chmod(path, 0777), 0);
    pi_dir_machine = path;
    server = make_for_all(here, name, 1);
    CHECK_EQ(rmdir(path), 0); /* it is still empty */
    CHECK_SAID(at_open(here, fresh_name(""), BOTH_WAYS, 0), ERROR_FILE_NOT_FOUND, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
    pi_dir_machine = MACHINE;
}

FAR_TEST_MAIN(TEST(a_pipe_for_all_is_found_from_other_directories),
              TEST(a_pipe_for_its_user_stays_in_his_directory),
              TEST(an_own_pipe_goes_before_the_machines),
              TEST(instances_for_all_join_across_directories),
              TEST(a_name_for_all_is_inherited_in_its_place),
              TEST(a_directory_that_was_asked_for_is_the_only_one),
              TEST(a_directory_that_cannot_be_trusted_is_none))
