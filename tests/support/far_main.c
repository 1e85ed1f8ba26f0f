/* SPDX-License-Identifier: MIT */
/* The main function of a file of pipe tests: directories of its own, each test at each place, and a
 * look at what the pipes have left behind. */
#include "far.h"

#include "serve.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "\\\\.\\pipe\\"

static struct {
    const struct far_test *tests;
    size_t count;
    char pipes[300], links[300];
} file_of;

/* ---- names ---- */

const char *fresh_name(const char *suffix)
{
    static char names[8][AT_NAME];
    static unsigned given;
    char *name = names[given % 8];

    snprintf(name, AT_NAME, PREFIX "t%d.%u%s", (int)getpid(), given, suffix);
    given++;
    return name;
}

const char *name_key(const char *name)
{
    return name + strlen(PREFIX);
}

void name_sweep(const char *name)
{
    HANDLE pipe = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE, 0, 1,
                                   0, 0, 0, NULL);

    if (CHECK(pipe != INVALID_HANDLE_VALUE))
        CHECK(CloseHandle(pipe));
}

/* ---- directories ---- */

const char *pipe_dir(void)
{
    return file_of.pipes;
}

const char *link_dir(void)
{
    return file_of.links;
}

static void make_dir(char *path, size_t room, const char *name, const char *variable)
{
    snprintf(path, room, "%s/%s", comm_test_dir(), name);
    if (mkdir(path, 0700) == 0 && chmod(path, 0700) == 0 && setenv(variable, path, 1) == 0)
        return;
    perror(path);
    exit(EXIT_FAILURE);
}

static bool is_empty(const char *path)
{
    DIR *dir = opendir(path);
    bool empty = dir != NULL;

    if (dir == NULL)
        perror(path);
    for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        printf("LEAK  left in the directory: %s/%s\n", path, e->d_name);
        empty = false;
    }
    if (dir != NULL)
        closedir(dir);
    return empty;
}

/* ---- tests ---- */

static const struct {
    const char *when;
    bool there, serves;
} ways[] = {
    {"with both ends in this process",        false, false},
    {"with the client in a second process",   true,  false},
    {"with both ends here and roles swapped", false, true },
    {"with the server in a second process",   true,  true },
};

static const struct far_test *current_test(void)
{
    const char *name = CU_get_current_test()->pName;

    for (size_t i = 0; i < file_of.count; i++) {
        if (strcmp(file_of.tests[i].name, name) == 0)
            return &file_of.tests[i];
    }
    abort();
}

static void run_one_way(const struct far_test *test, size_t way)
{
    unsigned failures = CU_get_number_of_failures();
    struct place far;

    if (ways[way].there)
        place_open_there(&far);
    else
        place_open_here(&far);
    far.serves = ways[way].serves;
    test->with(&far);
    place_close(&far);
    if (CU_get_number_of_failures() != failures)
        printf("note  %s failed %s\n", test->name, ways[way].when);
    fflush(stdout); /* a later way may never end */
}

static void run_test(void)
{
    const struct far_test *test = current_test();

    place_open_here(here);
    if (test->run != NULL)
        test->run();
    for (size_t way = 0; test->with != NULL && way < ARRAY_LEN(ways); way++) {
        if (!ways[way].serves || test->swapped)
            run_one_way(test, way);
    }
    place_close(here);
}

int far_test_main(int argc, char **argv, const char *file, const struct far_test *tests,
                  size_t count)
{
    struct comm_test *runs = calloc(count, sizeof *runs);
    int status;
    bool clean;

    if (argc == 3 && strcmp(argv[1], "--far") == 0) {
        free(runs);
        return place_serve(atoi(argv[2]));
    }
    make_dir(file_of.pipes, sizeof file_of.pipes, "pipes", "LIBCOMM_PIPE_DIR");
    make_dir(file_of.links, sizeof file_of.links, "links", "TMPDIR");
    file_of.tests = tests;
    file_of.count = count;
    for (size_t i = 0; runs != NULL && i < count; i++)
        runs[i] = (struct comm_test){.name = tests[i].name, .run = run_test};
    status = comm_test_main(argc, argv, file, runs, count);
    free(runs);
    clean = is_empty(pipe_dir());
    clean = is_empty(link_dir()) && clean; /* both are looked at */
    return clean ? status : EXIT_FAILURE;
}
