/* SPDX-License-Identifier: MIT */
/* Names as CreateFile takes them, up to the device they lead to.  Opening it is another promise. */
#include "harness.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libcomm/native.h>
#include <libcomm/serial.h>

#include "libcomm/dev/serial/names.h"

static const struct {
    const char *name;
    uint32_t number;
} names[] = {
    {"COM1",                           1     },
    {"com1",                           1     },
    {"Com9",                           9     },
    {"COM1:",                          1     },
    {"\\\\.\\COM1",                    1     },
    {"\\\\.\\com10",                   10    },
    {"\\\\.\\COM10:",                  10    },
    {"//./COM10",                      10    },
    {"\\\\?\\COM256",                  256   },
    {"\\\\.\\COM999999",               999999},
    {"COM0",                           0     },
    {"COM10",                          0     },
    {"COM10:",                         0     },
    {"COM",                            0     },
    {"COM:",                           0     },
    {"COM1::",                         0     },
    {"COM1:x",                         0     },
    {"COM1x",                          0     },
    {"COMX",                           0     },
    {"xCOM1",                          0     },
    {"./COM1",                         0     },
    {"\\COM1",                         0     },
    {"\\\\.\\COM",                     0     },
    {"\\\\.\\COM0",                    0     },
    {"\\\\.\\COM01",                   0     },
    {"\\\\.\\COM1\\x",                 0     },
    {"\\\\.\\COM-1",                   0     },
    {"\\\\x\\COM1",                    0     },
    {"",                               0     },
    {"\\\\.\\COM99999999999999999999", 0     },
};

static void names_of_ports_have_a_number(void)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        CHECK_EQ_WHEN(names[i].name, ci_names_number(names[i].name), names[i].number);
        if (names[i].number != 0)
            CHECK_EQ_WHEN(names[i].name, ci_names_claim(names[i].name), true);
    }
}

static bool leads_to(const char *name, const char *path)
{
    struct ci_where where;

    return CHECK_EQ_WHEN(name, ci_names_find(name, &where), ERROR_SUCCESS) &&
           CHECK(where.cable == NULL) && CHECK(strcmp(where.path, path) == 0);
}

static void all_spellings_lead_to_one_device(void)
{
    static const char *const spellings[] = {"COM1", "com1", "COM1:", "\\\\.\\COM1", "//./com1"};

    tree_begin();
    tree_virtual("tnt0");
    CHECK(CommMapPort(1, tree_node("tnt0")));
    for (size_t i = 0; i < ARRAY_LEN(spellings); i++)
        leads_to(spellings[i], tree_real("tnt0"));
    tree_end();
}

static void numbers_above_nine_want_the_prefix(void)
{
    HANDLE file;

    tree_begin();
    tree_virtual("tnt0");
    CHECK(CommMapPort(10, tree_node("tnt0")));
    leads_to("\\\\.\\COM10", tree_real("tnt0"));
    CHECK(!ci_names_claim("COM10"));
    file = CreateFileA("COM10", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(file == INVALID_HANDLE_VALUE);
    CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
    file = CreateFileA("\\\\.\\COM10", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(file != INVALID_HANDLE_VALUE && CloseHandle(file));
    tree_end();
}

static void check_lost(const char *when, const char *name)
{
    struct ci_where where;

    CHECK_EQ_WHEN(when, ci_names_claim(name), true);
    CHECK_EQ_WHEN(when, ci_names_find(name, &where), ERROR_FILE_NOT_FOUND);
}

static void check_no_open(const char *name)
{
    HANDLE port = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);

    CHECK_EQ_WHEN(name, port == INVALID_HANDLE_VALUE, true);
    CHECK_EQ_WHEN(name, GetLastError(), ERROR_FILE_NOT_FOUND);
}

static void a_port_that_is_not_there_cannot_be_opened(void)
{
    tree_begin();
    check_no_open("COM9");
    check_no_open("COM99");
    check_no_open("\\\\.\\COM99");
    check_no_open(tree_node("ttyUSB0"));
    CHECK(OpenCommPort(99, GENERIC_READ, 0) == INVALID_HANDLE_VALUE);
    CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
    tree_end();
}

/* One after the other, so each is closed before the next. */
static void every_spelling_opens_the_device(void)
{
    static const char *const spellings[] = {"COM1", "com1", "COM1:", "\\\\.\\COM1", "//./com1"};
    HANDLE port;

    tree_begin();
    tree_virtual("tnt0");
    CHECK(CommMapPort(1, tree_node("tnt0")));
    for (size_t i = 0; i < ARRAY_LEN(spellings); i++) {
        port = CreateFileA(spellings[i], GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0,
                           NULL);
        CHECK_EQ_WHEN(spellings[i], port != INVALID_HANDLE_VALUE && CloseHandle(port), true);
    }
    port = OpenCommPort(1, GENERIC_READ | GENERIC_WRITE, FILE_FLAG_OVERLAPPED);
    CHECK(port != INVALID_HANDLE_VALUE && CloseHandle(port));
    tree_end();
}

static void a_name_that_leads_nowhere_is_not_found(void)
{
    tree_begin();
    check_lost("nothing is mapped", "\\\\.\\COM99");
    CHECK(CommMapPort(99, tree_node("ttyUSB7")));
    check_lost("it is mapped to what is not there", "\\\\.\\COM99");
    tree_write("file", "");
    CHECK(CommMapPort(99, tree_path("file")));
    check_lost("it is mapped to a file", "\\\\.\\COM99");
    CHECK(CommMapPort(99, "/dev/null"));
    check_lost("it is mapped to another device", "\\\\.\\COM99");
    CHECK(CommMapPort(99, "usb:serial=nobody"));
    check_lost("it is mapped to an absent adapter", "\\\\.\\COM99");
    CHECK(CommMapPort(99, "topology:1-1:1.0"));
    check_lost("it is mapped to an empty place", "\\\\.\\COM99");
    tree_end();
}

static void a_path_to_a_terminal_is_a_port(void)
{
    struct ci_where where;
    char link[PATH_MAX];

    tree_begin();
    tree_virtual("tnt0");
    snprintf(link, sizeof link, "%s", tree_node("alias"));
    CHECK_EQ(symlink(tree_node("tnt0"), link), 0);
    CHECK(ci_names_claim(tree_real("tnt0")));
    CHECK(ci_names_claim(link));
    CHECK_EQ(ci_names_find(link, &where), ERROR_SUCCESS);
    CHECK(strcmp(where.path, tree_real("tnt0")) == 0);
    CHECK(where.explicit_path);
    tree_end();
}

static void sysfs_says_what_a_terminal_is(void)
{
    struct stat st;

    tree_begin();
    CHECK(!ci_names_claim("/dev/null"));
    CHECK_EQ(stat("/dev/null", &st), 0);
    tree_write("sys/dev/char/1:3/uevent", "");
    CHECK_EQ(symlink("../../../class/tty", tree_path("sys/dev/char/1:3/subsystem")), 0);
    CHECK(ci_names_claim("/dev/null"));
    tree_end();
}

static void other_paths_are_left_to_others(void)
{
    static const char *const others[] = {"/dev/tty",  "/dev/ptmx", "/dev/zero", "/dev",
                                         "/dev/nope", "CONIN$",    "NUL",       "\\\\.\\pipe\\x"};

    tree_begin();
    tree_write("file", "");
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        CHECK_EQ_WHEN(others[i], ci_names_claim(others[i]), false);
    CHECK(!ci_names_claim(tree_path("file")));
    tree_end();
}

static void the_place_of_an_absent_port_is_no_place_for_a_file(void)
{
    struct ci_where where;

    tree_begin();
    CHECK(ci_names_claim(tree_node("ttyUSB0")));
    CHECK(ci_names_claim(tree_node("serial/by-id/usb-Maker_Thing-if00-port0")));
    CHECK_EQ(ci_names_find(tree_node("ttyUSB0"), &where), ERROR_FILE_NOT_FOUND);
    tree_write("dev/ttynotes", "");
    CHECK(!ci_names_claim(tree_node("ttynotes"))); /* somebody did make one */
    tree_end();
}

COMM_TEST_MAIN(TEST(names_of_ports_have_a_number), TEST(all_spellings_lead_to_one_device),
               TEST(numbers_above_nine_want_the_prefix),
               TEST(a_port_that_is_not_there_cannot_be_opened),
               TEST(every_spelling_opens_the_device), TEST(a_name_that_leads_nowhere_is_not_found),
               TEST(a_path_to_a_terminal_is_a_port), TEST(sysfs_says_what_a_terminal_is),
               TEST(other_paths_are_left_to_others),
               TEST(the_place_of_an_absent_port_is_no_place_for_a_file))
