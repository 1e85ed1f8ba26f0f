/* SPDX-License-Identifier: MIT */
/* What every test file uses: CUnit underneath, one process per file, one line per test, and a file
 * that leaks a descriptor, a thread, an object or an operation fails.
 *
 * A file is a promise, a function is a sentence, a table row says `when`:
 *
 *     static void an_auto_reset_event_releases_one_waiter(void) { ... CHECK_EQ(got, WAIT_OBJECT_0);
 * } COMM_TEST_MAIN(TEST(an_auto_reset_event_releases_one_waiter))
 *
 * Arguments of the program are names of functions to run; without any, all run.  The CHECK macros
 * may be used in any thread; CUnit's own CU_ASSERT macros only in the thread that runs the test. */
#ifndef COMM_TESTS_SUPPORT_HARNESS_H
#define COMM_TESTS_SUPPORT_HARNESS_H

#include <CUnit/CUnit.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

struct comm_test {
    const char *name;
    void (*run)(void);
};

#define TEST(function)                       \
    {                                        \
        .name = #function, .run = (function) \
    }

#define COMM_TEST_MAIN(...)                                                   \
    int main(int argc, char **argv)                                           \
    {                                                                         \
        static const struct comm_test tests[] = {__VA_ARGS__};                \
                                                                              \
        return comm_test_main(argc, argv, __FILE__, tests, ARRAY_LEN(tests)); \
    }

#ifdef __SANITIZE_THREAD__
#define COMM_THREAD_SANITIZER 1
#elif defined(__has_feature)
#define COMM_THREAD_SANITIZER __has_feature(thread_sanitizer)
#else
#define COMM_THREAD_SANITIZER 0
#endif

/* Each gives whether it held; a failed one is noted and the test goes on. */
#define CHECK(condition) comm_check((condition), __FILE__, __LINE__, "%s", #condition)
#define CHECK_EQ(got, expected) \
    comm_check_eq(NULL, (long long)(got), (long long)(expected), #got, __FILE__, __LINE__)
#define CHECK_EQ_WHEN(when, got, expected) \
    comm_check_eq((when), (long long)(got), (long long)(expected), #got, __FILE__, __LINE__)

int comm_test_main(int argc, char **argv, const char *file, const struct comm_test *tests,
                   size_t count);

bool comm_check(bool holds, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool comm_check_eq(const char *when, long long got, long long expected, const char *what,
                   const char *file, int line);

/* Ends the whole file: exit status 77, or 1 if something failed before.  Any thread. */
_Noreturn void comm_test_skip(const char *reason);

/* A fresh directory of this process, removed with all it holds at exit.  The same one each time. */
const char *comm_test_dir(void);

/* A thread that owes nothing to the library.  What cannot be started or joined ends the file as
 * failed. */
pthread_t comm_spawn(void *(*body)(void *), void *arg);
void *comm_join(pthread_t thread);

/* How long to wait for what does not take long: 5 s, 20 s under a sanitizer, or as
 * $COMM_TEST_PATIENCE_MS says, where everything is slow. */
unsigned comm_test_patience_ms(void);

/* For what has no waitable handle: asks until `condition` holds, within that time; past it the test
 * has failed and false is returned. */
#define comm_wait_until(condition, arg) \
    comm_wait_until_at((condition), (arg), #condition, __FILE__, __LINE__)
bool comm_wait_until_at(bool (*condition)(void *arg), void *arg, const char *what, const char *file,
                        int line);
/* The same without a check: whether it came to hold in time. */
bool comm_poll_until(bool (*condition)(void *arg), void *arg);

#endif
