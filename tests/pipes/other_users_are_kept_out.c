/* SPDX-License-Identifier: MIT */
/* Two users, one directory that belongs to root and is sticky: a pipe is its user's alone unless
 * made for all, and a server without the right takes on nobody's identity.  Needs root to play
 * both. */
#include "connected.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { QUOTA = 512, STRANGER = 65534 };

/* Before the first call about a pipe. */
static void open_the_directory_to_all(void)
{
    static bool done;

    if (done)
        return;
    if (geteuid() != 0)
        comm_test_skip("needs root, to be two users");
    if (chmod(comm_test_dir(), 0755) != 0 || chmod(pipe_dir(), 01777) != 0) {
        perror(pipe_dir());
        exit(EXIT_FAILURE);
    }
    done = true;
}

static void stranger_open(struct place *far)
{
    place_open_there(far);
    CHECK_SAID(at_become(far, STRANGER), 0, 0);
}

static void a_pipe_without_attributes_is_its_users_alone(void)
{
    const char *name = fresh_name("");
    struct place far;
    HANDLE server;

    open_the_directory_to_all();
    stranger_open(&far);
    server = make_pipe(here, name, BYTES, QUOTA);
    CHECK_SAID(at_open(&far, name, BOTH_WAYS, 0), ERROR_ACCESS_DENIED, 0);
    CHECK_SAID(at_close(here, open_pipe(here, name)), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
    place_close(&far);
}

static void a_pipe_made_for_all_is_for_all(void)
{
    const char *name = fresh_name("");
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);
    struct place far;
    HANDLE server, client;

    open_the_directory_to_all();
    stranger_open(&far);
    pipe.for_all = true;
    server = made(at_create(here, name, pipe));
    client = open_pipe(&far, name);
    CHECK_SAID(at_put(&far, client, "abc", 3), 0, 3);
    CHECK_SAID(at_get(here, server, 8), 0, 3);
    CHECK_SAID(at_close(&far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
    place_close(&far);
}

/* ---- a server that may not become its client ---- */

/* Whether all four user numbers of the thread are the stranger's. */
static bool is_the_strangers(const char *path)
{
    unsigned uid[4] = {0};
    char line[128];
    FILE *status = fopen(path, "re");

    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (sscanf(line, "Uid: %u %u %u %u", &uid[0], &uid[1], &uid[2], &uid[3]) == 4)
            break;
    }
    if (status != NULL)
        fclose(status);
    return uid[0] == STRANGER && uid[1] == STRANGER && uid[2] == STRANGER && uid[3] == STRANGER;
}

static void check_threads(pid_t pid)
{
    char tasks[64];
    unsigned threads = 0;
    DIR *dir;

    snprintf(tasks, sizeof tasks, "/proc/%d/task", (int)pid);
    dir = opendir(tasks);
    for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
        char path[512];

        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s/status", tasks, e->d_name);
        CHECK(is_the_strangers(path));
        threads++;
    }
    if (dir != NULL)
        closedir(dir);
    CHECK(threads > 0);
}

static void a_server_without_the_right_stays_itself(void)
{
    const char *name = fresh_name("");
    struct at_pipe pipe = one_pipe(MESSAGES, QUOTA);
    struct place far;
    HANDLE server, client;

    open_the_directory_to_all();
    stranger_open(&far);
    pipe.for_all = true;
    server = made(at_create(&far, name, pipe));
    client = open_pipe(here, name);
    CHECK_SAID(at_put(here, client, "abc", 3), 0, 3);
    CHECK_SAID(at_get(&far, server, 8), 0, 3);
    CHECK_SAID(at_impersonate(&far, server), ERROR_PRIVILEGE_NOT_HELD, 0);
    check_threads(far.pid);
    CHECK_SAID(at_put(&far, server, "still here", 10), 0, 10);
    CHECK_SAID(at_get(here, client, 64), 0, 10);
    CHECK_SAID(at_close(here, client), 0, 0);
    CHECK_SAID(at_close(&far, server), 0, 0);
    place_close(&far);
}

/* ---- a client that does not want that ---- */

static const struct {
    const char *when;
    DWORD flags;
    bool may;
} allowances[] = {
    {"nothing is said",             0,                                               true },
    {"a level without the mark",    SECURITY_IDENTIFICATION,                         true },
    {"anonymous",                   SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS,      false},
    {"identification",              SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, false},
    {"impersonation",               SECURITY_SQOS_PRESENT | SECURITY_IMPERSONATION,  true },
    {"delegation, and as it stood", SECURITY_SQOS_PRESENT | SECURITY_DELEGATION,     true },
};

static void a_client_decides_whether_its_server_acts_as_it(void)
{
    struct place far;

    open_the_directory_to_all();
    stranger_open(&far);
    for (size_t i = 0; i < ARRAY_LEN(allowances); i++) {
        const char *name = fresh_name("");
        struct at_pipe pipe = one_pipe(BYTES, QUOTA);
        HANDLE server, client;
        BOOL became;

        pipe.for_all = true;
        server = made(at_create(here, name, pipe));
        client = made(at_open(&far, name, BOTH_WAYS, FILE_FLAG_OVERLAPPED | allowances[i].flags));
        CHECK_SAID(at_put(&far, client, "abc", 3), 0, 3);
        CHECK_SAID(at_get(here, server, 8), 0, 3);
        became = ImpersonateNamedPipeClient(server);
        CHECK_EQ_WHEN(allowances[i].when, became, allowances[i].may);
        if (!became)
            CHECK_EQ(GetLastError(), ERROR_PRIVILEGE_NOT_HELD);
        CHECK_EQ_WHEN(allowances[i].when, geteuid() == STRANGER, allowances[i].may);
        CHECK(RevertToSelf());
        CHECK_EQ(geteuid(), 0);
        CHECK_SAID(at_close(&far, client), 0, 0);
        CHECK_SAID(at_close(here, server), 0, 0);
    }
    place_close(&far);
}

FAR_TEST_MAIN(TEST(a_pipe_without_attributes_is_its_users_alone),
              TEST(a_pipe_made_for_all_is_for_all), TEST(a_server_without_the_right_stays_itself),
              TEST(a_client_decides_whether_its_server_acts_as_it))
