/* SPDX-License-Identifier: MIT */
/* CommDescribePortError, in each situation a user meets. */
#include "harness.h"
#include "tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libcomm/native.h>

static char text[1024];

static const char *explained(const char *name, DWORD error)
{
    size_t len = CommDescribePortError(name, error, text, sizeof text);

    CHECK_EQ(len, strlen(text));
    return text;
}

/* One sentence, with its paths below the machine's root. */
static void check_sentence(const char *got, const char *expected)
{
    CHECK(strcmp(got, expected) == 0);
    if (strcmp(got, expected) != 0)
        printf("      %s\n      expected %s\n", got, expected);
}

static void check_says(const char *got, const char *part)
{
    CHECK(strstr(got, part) != NULL);
    if (strstr(got, part) == NULL)
        printf("      %s\n      expected in it: %s\n", got, part);
}

static void without_ports_it_says_that_there_are_none(void)
{
    tree_begin();
    check_sentence(explained("COM9", ERROR_FILE_NOT_FOUND),
                   "there is no COM9; no port is there at all");
    tree_end();
}

static void it_says_which_ports_are_there(void)
{
    char expected[1024];

    tree_begin();
    tree_native("ttyS0", "4");
    tree_native("ttyS1", "4");
    snprintf(expected, sizeof expected, "there is no COM9; there are COM1 (%s), COM2 (%s)",
             tree_node("ttyS0"), tree_node("ttyS1"));
    check_sentence(explained("\\\\.\\COM9", ERROR_FILE_NOT_FOUND), expected);
    snprintf(expected, sizeof expected, "there is no %s; there are ", tree_node("ttyUSB0"));
    check_says(explained(tree_node("ttyUSB0"), ERROR_FILE_NOT_FOUND), expected);
    tree_end();
}

static void it_says_what_a_number_is_mapped_to_and_where(void)
{
    char expected[1024];

    tree_begin();
    tree_write("etc/libcomm/ports",
               "# mine\nCOM9 = /dev/serial/by-id/usb-gone\nCOM8 = /dev/null\n");
    snprintf(expected, sizeof expected,
             "COM9 is mapped to /dev/serial/by-id/usb-gone by %s:2, which is not there; ",
             tree_path("etc/libcomm/ports"));
    check_says(explained("COM9", ERROR_FILE_NOT_FOUND), expected);
    snprintf(expected, sizeof expected,
             "COM8 is mapped to /dev/null by %s:3, which is no serial "
             "port; ",
             tree_path("etc/libcomm/ports"));
    check_says(explained("COM8", ERROR_FILE_NOT_FOUND), expected);
    CHECK(CommMapPort(9, "usb:serial=A1"));
    check_says(explained("COM9", ERROR_FILE_NOT_FOUND),
               "COM9 is mapped to usb:serial=A1 by this program, which is not there; ");
    tree_end();
}

static void it_names_all_that_would_do(void)
{
    char expected[1024];

    tree_begin();
    tree_usb("ttyUSB0", &(struct tree_usb){"1-1:1.0", "00", "0403", "6001", NULL, NULL, NULL});
    tree_usb("ttyUSB1", &(struct tree_usb){"1-2:1.0", "00", "0403", "6001", NULL, NULL, NULL});
    tree_usb("ttyUSB2", &(struct tree_usb){"1-3:1.0", "00", "1a86", "7523", NULL, NULL, NULL});
    CHECK(CommMapPort(4, "usb:vid=0403"));
    snprintf(expected, sizeof expected,
             "COM4 is mapped to usb:vid=0403 by this program, and more than one port is that: "
             "%s, %s",
             tree_node("ttyUSB0"), tree_node("ttyUSB1"));
    check_sentence(explained("COM4", ERROR_OPEN_FAILED), expected);
    tree_end();
}

static void it_says_that_this_program_has_the_port(void)
{
    char expected[256];
    int fd;

    tree_begin();
    tree_native("ttyS0", "4");
    fd = open(tree_real("ttyS0"), O_RDWR | O_NOCTTY | O_CLOEXEC);
    snprintf(expected, sizeof expected, "COM1 (%s) is open in this program already",
             tree_real("ttyS0"));
    check_sentence(explained("COM1", ERROR_ACCESS_DENIED), expected);
    close(fd);
    tree_end();
}

static bool is_there(void *path)
{
    return access(path, F_OK) == 0;
}

/* A child that has the port open until its standard input ends. */
static FILE *start_holder(const char *path, int *pid)
{
    char command[512];
    FILE *child;
    FILE *told;

    snprintf(command, sizeof command, "echo $$ >%s; exec 3<>%s; echo ready >%s; read x",
             tree_path("pid"), path, tree_path("ready"));
    child = popen(command, "w");
    comm_wait_until(is_there, (void *)(uintptr_t)tree_path("ready"));
    told = fopen(tree_path("pid"), "r");
    CHECK(told != NULL && fscanf(told, "%d", pid) == 1);
    if (told != NULL)
        fclose(told);
    return child;
}

static void it_says_which_program_has_the_port(void)
{
    char expected[256];
    FILE *child;
    int pid = 0;

    tree_begin();
    tree_native("ttyS0", "4");
    child = start_holder(tree_real("ttyS0"), &pid);
    snprintf(expected, sizeof expected, "COM1 (%s) is open in process %d (sh)", tree_real("ttyS0"),
             pid);
    check_sentence(explained("COM1", ERROR_ACCESS_DENIED), expected);
    fputs("\n", child);
    pclose(child);
    tree_end();
}

static void it_says_which_group_is_missing(void)
{
    char expected[256];
    struct stat st;

    if (geteuid() == 0)
        comm_test_skip("root may open everything");
    tree_begin();
    tree_native("ttyS0", "4");
    CHECK_EQ(stat(tree_real("ttyS0"), &st), 0);
    CHECK_EQ(chmod(tree_real("ttyS0"), 0), 0); /* ours, as a pty always is */
    check_says(explained("COM1", ERROR_ACCESS_DENIED), " may not be opened: it belongs to user ");
    check_says(text, " with mode 0000");
    tree_end();
    snprintf(expected, sizeof expected, "/dev/ttyS0");
    if (stat(expected, &st) != 0 || access(expected, R_OK) == 0 || (st.st_mode & 0060) != 0060)
        return; /* nothing here that is for a group */
    check_says(explained("/dev/ttyS0", ERROR_ACCESS_DENIED), "/dev/ttyS0 is for group ");
    check_says(text, ", which this process is not in: as root, run `usermod -aG ");
}

static void other_errors_keep_their_text(void)
{
    tree_begin();
    tree_native("ttyS0", "4");
    check_says(explained("COM1", ERROR_INVALID_PARAMETER), "COM1 (");
    CHECK(strlen(text) > strlen("COM1 (): ") + strlen(tree_real("ttyS0")));
    check_says(explained("COM1", 0x12345), ": error 74565");
    tree_end();
}

static void it_counts_what_did_not_fit(void)
{
    const char *all = "there is no COM9; no port is there at all";
    char small[12];

    tree_begin();
    CHECK_EQ(CommDescribePortError("COM9", ERROR_FILE_NOT_FOUND, small, sizeof small), strlen(all));
    CHECK(strncmp(small, all, sizeof small - 1) == 0 && small[sizeof small - 1] == '\0');
    CHECK_EQ(CommDescribePortError("COM9", ERROR_FILE_NOT_FOUND, NULL, 0), strlen(all));
    CHECK_EQ(CommDescribePortError(NULL, ERROR_FILE_NOT_FOUND, small, sizeof small), 0);
    CHECK_EQ(small[0], '\0');
    tree_end();
}

static void the_last_error_is_left_alone(void)
{
    tree_begin();
    SetLastError(4711);
    explained("COM9", ERROR_FILE_NOT_FOUND);
    CHECK_EQ(GetLastError(), 4711);
    tree_end();
}

COMM_TEST_MAIN(TEST(without_ports_it_says_that_there_are_none), TEST(it_says_which_ports_are_there),
               TEST(it_says_what_a_number_is_mapped_to_and_where), TEST(it_names_all_that_would_do),
               TEST(it_says_that_this_program_has_the_port),
               TEST(it_says_which_program_has_the_port), TEST(other_errors_keep_their_text),
               TEST(it_counts_what_did_not_fit), TEST(the_last_error_is_left_alone),
               TEST(it_says_which_group_is_missing))
