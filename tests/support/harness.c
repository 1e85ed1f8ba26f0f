/* SPDX-License-Identifier: MIT */
/* Runs one file's functions as CUnit tests, prints a line for each, records those that passed for
 * the check of the promises, and looks for leaks at the end. */
#include "harness.h"

#include "leaks.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_SKIPPED = 77 };

static struct {
    char stem[256];       /* the file's name without directory and suffix */
    pthread_mutex_t lock; /* CUnit's lists of failures know no threads */
    bool failed;          /* guarded by lock: anything, so far */
} self = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const char *engine_mode(void)
{
    const char *mode = getenv("LIBCOMM_ENGINE");

    return mode != NULL && *mode != '\0' ? mode : "default";
}

/* One write per line, so that files that run at the same time do not mix theirs. */
static void record(const char *what)
{
    const char *path = getenv("COMM_TEST_RECORD");
    char line[512];
    int len = snprintf(line, sizeof line, "%s:%s\t%s\n", self.stem, what, engine_mode());
    int fd;

    if (path == NULL || *path == '\0')
        return;
    fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || len >= (int)sizeof line || write(fd, line, (size_t)len) != len) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    close(fd);
}

/* ---- checks ---- */

bool comm_check(bool holds, const char *file, int line, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    pthread_mutex_lock(&self.lock);
    self.failed |= !holds;
    if (CU_get_current_test() != NULL)
        CU_assertImplementation(holds, (unsigned)line, text, file, "", CU_FALSE);
    else if (!holds)
        printf("FAIL  outside a test: %s:%d: %s\n", file, line, text);
    pthread_mutex_unlock(&self.lock);
    return holds;
}

bool comm_check_eq(const char *when, long long got, long long expected, const char *what,
                   const char *file, int line)
{
    return comm_check(got == expected, file, line,
                      "%s%s%s is %lld (0x%llx), expected %lld (0x%llx)", when != NULL ? when : "",
                      when != NULL ? ": " : "", what, got, (unsigned long long)got, expected,
                      (unsigned long long)expected);
}

static bool anything_failed(void)
{
    bool failed;

    pthread_mutex_lock(&self.lock);
    failed = self.failed || CU_get_number_of_failures() > 0;
    pthread_mutex_unlock(&self.lock);
    return failed;
}

_Noreturn void comm_test_skip(const char *reason)
{
    printf("skip  %s\n", reason);
    fflush(stdout);
    if (anything_failed())
        exit(EXIT_FAILURE);
    record("skip");
    exit(EXIT_SKIPPED);
}

/* ---- the directory ---- */

static char test_dir[256];
static pid_t test_dir_owner; /* a forked child must not remove its parent's */

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void remove_test_dir(void)
{
    if (getpid() == test_dir_owner)
        nftw(test_dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void make_test_dir(void)
{
    const char *base = getenv("TMPDIR");

    snprintf(test_dir, sizeof test_dir, "%s/comm.XXXXXX",
             base != NULL && *base != '\0' ? base : "/tmp");
    if (mkdtemp(test_dir) == NULL) {
        perror(test_dir);
        exit(EXIT_FAILURE);
    }
    test_dir_owner = getpid();
    atexit(remove_test_dir);
}

const char *comm_test_dir(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, make_test_dir);
    return test_dir;
}

/* ---- threads and waiting ---- */

static void must(int error, const char *what)
{
    if (error == 0)
        return;
    fprintf(stderr, "%s: %s\n", what, strerror(error));
    exit(EXIT_FAILURE);
}

pthread_t comm_spawn(void *(*body)(void *), void *arg)
{
    pthread_t thread;

    must(pthread_create(&thread, NULL, body, arg), "pthread_create");
    return thread;
}

void *comm_join(pthread_t thread)
{
    void *result = NULL;

    must(pthread_join(thread, &result), "pthread_join");
    return result;
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

unsigned comm_test_patience_ms(void)
{
    const char *given = getenv("COMM_TEST_PATIENCE_MS");

    return given != NULL && atoi(given) > 0 ? (unsigned)atoi(given) : COMM_TEST_PATIENCE_MS;
}

bool comm_poll_until(bool (*condition)(void *arg), void *arg)
{
    const struct timespec nap = {.tv_nsec = 1000000};
    int64_t deadline_ms = now_ms() + comm_test_patience_ms();

    for (unsigned round = 0; !condition(arg); round++) {
        if (now_ms() >= deadline_ms)
            return condition(arg);
        if (round < 100)
            sched_yield();
        else
            nanosleep(&nap, NULL);
    }
    return true;
}

bool comm_wait_until_at(bool (*condition)(void *arg), void *arg, const char *what, const char *file,
                        int line)
{
    return comm_check(comm_poll_until(condition, arg), file, line, "waited in vain until %s", what);
}

/* ---- running ---- */

static void report_test(const CU_pTest test, const CU_pSuite suite,
                        const CU_pFailureRecord failures)
{
    (void)suite;
    printf("%s  %s\n", failures == NULL ? "ok  " : "FAIL", test->pName);
    for (CU_pFailureRecord f = failures; f != NULL; f = f->pNext)
        printf("      %s:%u: %s\n", f->strFileName, f->uiLineNumber, f->strCondition);
    fflush(stdout);
    if (failures == NULL)
        record(test->pName);
}

static void name_self(const char *file)
{
    const char *slash = strrchr(file, '/');
    char *dot;

    snprintf(self.stem, sizeof self.stem, "%s", slash != NULL ? slash + 1 : file);
    dot = strrchr(self.stem, '.');
    if (dot != NULL)
        *dot = '\0';
}

static bool is_wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(name, argv[i]) == 0)
            return true;
    }
    return argc < 2;
}

int comm_test_main(int argc, char **argv, const char *file, const struct comm_test *tests,
                   size_t count)
{
    CU_pSuite suite = NULL;
    bool clean;

    name_self(file);
    if (CU_initialize_registry() == CUE_SUCCESS)
        suite = CU_add_suite(self.stem, NULL, NULL);
    for (size_t i = 0; suite != NULL && i < count; i++) {
        if (is_wanted(tests[i].name, argc, argv) &&
            !CU_add_test(suite, tests[i].name, tests[i].run))
            suite = NULL;
    }
    if (suite == NULL) {
        fprintf(stderr, "%s: %s\n", self.stem, CU_get_error_msg());
        return EXIT_FAILURE;
    }
    CU_set_test_complete_handler(report_test);
    comm_leaks_begin();
    CU_run_all_tests();
    clean = comm_leaks_end() == 0 && !anything_failed();
    if (CU_get_number_of_tests_run() == 0) {
        fprintf(stderr, "%s: no test of that name\n", self.stem);
        clean = false;
    }
    CU_cleanup_registry();
    return clean ? EXIT_SUCCESS : EXIT_FAILURE;
}
