/* SPDX-License-Identifier: MIT */
/* Input and output of any kind are read and written in the loop; what a shell shares with us it
 * finds as it was, and it is told apart whether a reader went away or a disk is full. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "pty.h"
#include "tools/common/standard.h"

#define ROUND_MS 20000u

static int saved[3];

/* `fd` takes the place of descriptor 0 or 1 until stand_back. */
static void stand_in(int number, int fd)
{
    fflush(stdout);
    saved[number] = fcntl(number, F_DUPFD_CLOEXEC, 10);
    dup2(fd, number);
}

static void stand_back(int number)
{
    dup2(saved[number], number);
    close(saved[number]);
}

struct run {
    struct tool_loop loop;
    struct tool_standard s;
    bool done;
};

static void is_done(struct tool_standard *s)
{
    ((struct run *)s->owner)->done = true;
}

static void run_open(struct run *run, int number)
{
    run->done = false;
    if (!tool_loop_init(&run->loop, NULL))
        exit(EXIT_FAILURE);
    tool_standard_open(&run->s, &run->loop, number, is_done, run);
}

static void run_until_done(struct run *run)
{
    while (!run->done && tool_loop_round(&run->loop, ROUND_MS))
        ;
    CHECK(run->done);
    run->done = false;
}

static void run_close(struct run *run)
{
    tool_standard_close(&run->s);
    tool_loop_fini(&run->loop);
}

static bool blocks(int fd)
{
    return (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
}

static int file_with(const char *text, int flags)
{
    char name[512];
    int fd;

    snprintf(name, sizeof name, "%s/standard", comm_test_dir());
    fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | flags, 0600);
    CHECK_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    return fd;
}

/* ---- input ---- */

static void a_pipe_is_read_to_its_end_and_never_made_non_blocking(void)
{
    struct run run;
    char buf[8];
    bool left_alone;
    int fd[2];

    CHECK_EQ(pipe2(fd, O_CLOEXEC), 0);
    CHECK_EQ(write(fd[1], "abc", 3), 3);
    stand_in(0, fd[0]);
    run_open(&run, 0);
    tool_standard_read(&run.s, buf, sizeof buf);
    run_until_done(&run);
    CHECK(run.s.count == 3 && !run.s.ended && memcmp(buf, "abc", 3) == 0);
    tool_standard_read(&run.s, buf, sizeof buf);
    left_alone = blocks(0);
    close(fd[1]);
    run_until_done(&run);
    CHECK(run.s.ended);
    CHECK_EQ(run.s.count, 0);
    run_close(&run);
    stand_back(0);
    CHECK(left_alone);
    close(fd[0]);
}

static void a_terminal_is_read_and_never_made_non_blocking(void)
{
    struct run run;
    struct pty pty;
    char buf[8];
    int fd;

    pty_open(&pty);
    fd = open(pty.path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    stand_in(0, fd);
    run_open(&run, 0);
    tool_standard_read(&run.s, buf, sizeof buf);
    CHECK(blocks(fd));
    pty_send(&pty, "x", 1);
    run_until_done(&run);
    CHECK(run.s.count == 1 && buf[0] == 'x');
    tool_standard_read(&run.s, buf, sizeof buf);
    pty_hang_up(&pty);
    run_until_done(&run);
    CHECK(run.s.ended);
    run_close(&run);
    stand_back(0);
    close(fd);
}

static void a_file_is_read_from_where_it_stands_and_left_there(void)
{
    int fd = file_with("0123456789", 0);
    struct run run;
    char buf[4];

    lseek(fd, 3, SEEK_SET);
    stand_in(0, fd);
    run_open(&run, 0);
    tool_standard_read(&run.s, buf, sizeof buf);
    run_until_done(&run);
    CHECK(run.s.count == 4 && memcmp(buf, "3456", 4) == 0);
    run_close(&run);
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 7); /* for the next command of the script */
    run_open(&run, 0);
    tool_standard_read(&run.s, buf, sizeof buf);
    run_until_done(&run);
    CHECK_EQ(run.s.count, 3);
    tool_standard_read(&run.s, buf, sizeof buf);
    run_until_done(&run);
    CHECK(run.s.ended);
    run_close(&run);
    stand_back(0);
    close(fd);
}

static void input_that_is_not_there_has_ended(void)
{
    struct run run;
    char buf[4];
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    stand_in(0, fd);
    run_open(&run, 0);
    tool_standard_read(&run.s, buf, sizeof buf);
    run_until_done(&run);
    CHECK(run.s.ended);
    run_close(&run);
    close(0);
    tool_standard_ensure();
    CHECK(fcntl(0, F_GETFD) >= 0);
    run_open(&run, 0);
    tool_standard_read(&run.s, buf, sizeof buf);
    run_until_done(&run);
    CHECK(run.s.ended);
    run_close(&run);
    stand_back(0);
    close(fd);
}

/* ---- output ---- */

struct written {
    enum tool_status status;
    size_t count;
    bool gone;
};

/* What comes of writing to a descriptor as standard output. */
static struct written write_to(int fd, const char *text, size_t len)
{
    struct written written;
    struct run run;

    stand_in(1, fd);
    run_open(&run, 1);
    tool_standard_write(&run.s, text, len);
    run_until_done(&run);
    written = (struct written){run.s.status, run.s.count, run.s.gone};
    run_close(&run);
    stand_back(1);
    return written;
}

static void a_file_is_written_where_it_stands(void)
{
    static const struct {
        const char *when;
        int flags, at;
        const char *becomes;
    } cases[] = {
        {"in the middle", 0,        2, "01xy456789"  },
        {"appended",      O_APPEND, 2, "0123456789xy"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int fd = file_with("0123456789", cases[i].flags);
        char buf[16] = "";
        struct written written;

        lseek(fd, cases[i].at, SEEK_SET);
        written = write_to(fd, "xy", 2);
        CHECK_EQ_WHEN(cases[i].when, written.status, TOOL_OK);
        CHECK_EQ_WHEN(cases[i].when, written.count, 2);
        CHECK_EQ(pread(fd, buf, sizeof buf - 1, 0), (ssize_t)strlen(cases[i].becomes));
        CHECK(strcmp(buf, cases[i].becomes) == 0);
        if (cases[i].flags == 0)
            CHECK_EQ(lseek(fd, 0, SEEK_CUR), 4);
        close(fd);
    }
}

static void a_reader_that_went_away_is_no_fault(void)
{
    struct written written;
    int fd[2];

    CHECK_EQ(pipe2(fd, O_CLOEXEC), 0);
    close(fd[0]);
    written = write_to(fd[1], "x", 1);
    CHECK_EQ(written.status, TOOL_OK);
    CHECK(written.gone);
    close(fd[1]);
}

static void a_full_disk_is_told(void)
{
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct written written = write_to(fd, "x", 1);

    CHECK_EQ(written.status, TOOL_OUTPUT);
    CHECK_EQ(written.count, 0);
    CHECK(!written.gone);
    close(fd);
}

static void output_that_is_closed_is_told(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC); /* what tool_standard_ensure puts there */

    CHECK_EQ(write_to(fd, "x", 1).status, TOOL_OUTPUT);
    close(fd);
}

static void *drain(void *arg)
{
    static char buf[4096];
    size_t *total = arg;
    ssize_t n;

    while ((n = read((int)total[1], buf, sizeof buf)) > 0)
        total[0] += (size_t)n;
    return NULL;
}

static void more_than_a_pipe_holds_is_written_as_it_is_read(void)
{
    size_t len = 1 << 20, total[2] = {0, 0};
    char *much = calloc(1, len);
    struct written written;
    pthread_t reader;
    int fd[2];

    CHECK_EQ(pipe2(fd, O_CLOEXEC), 0);
    total[1] = (size_t)fd[0];
    reader = comm_spawn(drain, total);
    written = write_to(fd[1], much, len);
    close(fd[1]);
    comm_join(reader);
    CHECK_EQ(written.count, len);
    CHECK_EQ(total[0], len);
    close(fd[0]);
    free(much);
}

COMM_TEST_MAIN(TEST(a_pipe_is_read_to_its_end_and_never_made_non_blocking),
               TEST(a_terminal_is_read_and_never_made_non_blocking),
               TEST(a_file_is_read_from_where_it_stands_and_left_there),
               TEST(input_that_is_not_there_has_ended), TEST(a_file_is_written_where_it_stands),
               TEST(a_reader_that_went_away_is_no_fault), TEST(a_full_disk_is_told),
               TEST(output_that_is_closed_is_told),
               TEST(more_than_a_pipe_holds_is_written_as_it_is_read))
