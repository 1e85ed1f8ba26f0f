/* SPDX-License-Identifier: MIT */
/* GetStdHandle in a child whose descriptors 0, 1 and 2 were arranged before it first asked. */
#include "disk.h"

#include <fcntl.h>
#include <sys/wait.h>

#define IN STD_INPUT_HANDLE
#define OUT STD_OUTPUT_HANDLE
#define ERR STD_ERROR_HANDLE

/* Runs `body` in a child; its count of failed expectations is the result.  What it expects it says
 * with EXPECT. */
static int failures;
#define EXPECT(condition)                                              \
    do                                                                 \
        if (!(condition) && ++failures > 0)                            \
            dprintf(error_fd, "      %d: %s\n", __LINE__, #condition); \
    while (0)
static int error_fd; /* where the parent's standard error went */

static void in_child(void (*body)(void))
{
    int status = -1;
    pid_t pid;

    comm_test_dir(); /* the parent's, which removes it */
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        error_fd = fcntl(2, F_DUPFD_CLOEXEC, 100);
        body();
        _exit(failures);
    }
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, 0);
}

static void put(int fd, const char *path, int flags)
{
    int opened = open(path, flags, 0600);

    if (opened != fd) {
        dup2(opened, fd);
        close(opened);
    }
}

static void files_body(void)
{
    char buf[8];
    DWORD n = 0;
    HANDLE in, out;

    put(0, disk_make("in", "0123456789"), O_RDONLY);
    put(1, disk_make("out", ""), O_WRONLY);
    EXPECT(read(0, buf, 3) == 3); /* the program has read already, in its own way */
    in = GetStdHandle(IN);
    out = GetStdHandle(OUT);
    EXPECT(GetStdHandle(IN) == in);
    EXPECT(GetFileType(in) == FILE_TYPE_DISK);
    EXPECT(ReadFile(in, buf, 4, &n, NULL) && n == 4 && memcmp(buf, "3456", 4) == 0);
    EXPECT(read(0, buf, 8) == 3 && memcmp(buf, "789", 3) == 0);
    EXPECT(ReadFile(in, buf, 4, &n, NULL) && n == 0);
    EXPECT(SetFilePointer(in, 1, NULL, FILE_BEGIN) == 1);
    EXPECT(read(0, buf, 1) == 1 && buf[0] == '1');
    EXPECT(WriteFile(out, "ab", 2, &n, NULL) && n == 2);
    EXPECT(write(1, "cd", 2) == 2);
    EXPECT(WriteFile(out, "ef", 2, &n, NULL) && n == 2);
    EXPECT(outcome(WriteFile(in, "x", 1, &n, NULL)) == ERROR_ACCESS_DENIED);
    EXPECT(outcome(ReadFile(out, buf, 1, &n, NULL)) == ERROR_ACCESS_DENIED);
    EXPECT(CloseHandle(out));
    EXPECT(write(1, "g", 1) == 1); /* the descriptor is the program's */
}

static void a_redirected_file_shares_its_position_with_the_program(void)
{
    in_child(files_body);
    CHECK(disk_holds(disk_path("out"), "abcdefg"));
}

static void append_body(void)
{
    DWORD n;

    put(1, disk_make("log", "0123456789"), O_WRONLY | O_APPEND);
    EXPECT(WriteFile(GetStdHandle(OUT), "abc", 3, &n, NULL) && n == 3);
}

static void output_that_appends_goes_on_appending(void)
{
    in_child(append_body);
    CHECK(disk_holds(disk_path("log"), "0123456789abc"));
}

static void pipe_body(void)
{
    int ends[2];
    char buf[8];
    DWORD n = 0;
    HANDLE in;

    EXPECT(pipe(ends) == 0);
    dup2(ends[0], 0);
    close(ends[0]);
    in = GetStdHandle(IN);
    EXPECT(GetFileType(in) == FILE_TYPE_PIPE);
    EXPECT(write(ends[1], "abc", 3) == 3);
    EXPECT(ReadFile(in, buf, 8, &n, NULL) && n == 3);
    EXPECT((fcntl(0, F_GETFL) & O_NONBLOCK) == 0);
    close(ends[1]);
    EXPECT(outcome(ReadFile(in, buf, 8, &n, NULL)) == ERROR_BROKEN_PIPE);
}

static void a_pipe_as_input_is_a_stream(void)
{
    in_child(pipe_body);
}

static void null_body(void)
{
    char byte;
    DWORD n = 9;

    put(0, "/dev/null", O_RDONLY);
    close(2);
    EXPECT(GetFileType(GetStdHandle(IN)) == FILE_TYPE_CHAR);
    EXPECT(ReadFile(GetStdHandle(IN), &byte, 1, &n, NULL) && n == 0);
    EXPECT(GetStdHandle(ERR) == NULL);
    put(2, "/dev/null", O_WRONLY);
    EXPECT(GetFileType(GetStdHandle(ERR)) == FILE_TYPE_CHAR);
}

static void the_null_device_and_a_closed_descriptor_are_what_they_are(void)
{
    in_child(null_body);
}

static void set_body(void)
{
    HANDLE file = disk_open(disk_make("set", ""), DISK_RW, OPEN_EXISTING, 0);
    DWORD n;

    EXPECT(SetStdHandle(OUT, file));
    EXPECT(GetStdHandle(OUT) == file);
    EXPECT(WriteFile(GetStdHandle(OUT), "abc", 3, &n, NULL));
    EXPECT(SetStdHandle(OUT, NULL));
    EXPECT(GetStdHandle(OUT) == NULL);
    EXPECT(outcome(SetStdHandle((DWORD)-13, file)) == ERROR_INVALID_HANDLE);
    EXPECT(outcome(SetStdHandle(0, file)) == ERROR_INVALID_HANDLE);
    EXPECT(GetStdHandle((DWORD)-13) == INVALID_HANDLE_VALUE);
    EXPECT(GetLastError() == ERROR_INVALID_HANDLE);
}

static void a_program_may_put_another_handle_there(void)
{
    in_child(set_body);
    CHECK(disk_holds(disk_path("set"), "abc"));
}

COMM_TEST_MAIN(TEST(a_redirected_file_shares_its_position_with_the_program),
               TEST(output_that_appends_goes_on_appending), TEST(a_pipe_as_input_is_a_stream),
               TEST(the_null_device_and_a_closed_descriptor_are_what_they_are),
               TEST(a_program_may_put_another_handle_there))
