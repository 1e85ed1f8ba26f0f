/* SPDX-License-Identifier: MIT */
/* What a line can say, which file goes first, and when a file is read again. */
#include "harness.h"
#include "tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libcomm/native.h>

#include "libcomm/dev/serial/names.h"
#include "libcomm/plat/trace.h"

static void check_number(const char *when, uint32_t number, const char *port)
{
    struct ci_where where;
    uint32_t error = ci_names_find_number(number, &where);

    CHECK_EQ_WHEN(when, error, port != NULL ? ERROR_SUCCESS : ERROR_FILE_NOT_FOUND);
    if (error == ERROR_SUCCESS && port != NULL)
        CHECK(strcmp(where.path, tree_real(port)) == 0);
}

/* `lines` with the node of a port for an @. */
static void write_map(const char *path, const char *lines, const char *port)
{
    size_t before = strcspn(lines, "@");
    bool has_port = lines[before] == '@';
    char text[PATH_MAX * 2];

    snprintf(text, sizeof text, "%.*s%s%s", (int)before, lines, has_port ? tree_node(port) : "",
             has_port ? lines + before + 1 : "");
    tree_write(path, text);
}

static const struct {
    const char *when, *line; /* @: the node of a port */
    uint32_t number;         /* that it gets; 0: none */
} lines[] = {
    {"plain",                         "COM7 = @\n",                 7  },
    {"without blanks",                "COM7=@\n",                   7  },
    {"in any case",                   "com7 = @\n",                 7  },
    {"with blanks around",            "  COM7\t=\t@  \n",           7  },
    {"with a comment behind it",      "COM7 = @ # mine\n",          7  },
    {"without an end of line",        "COM7 = @",                   7  },
    {"with an end of line from DOS",  "COM7 = @\r\n",               7  },
    {"above nine",                    "COM123 = @\n",               123},
    {"behind comments and blanks",    "# ports\n\n   \nCOM7 = @\n", 7  },
    {"behind a bad line",             "nonsense\nCOM7 = @\n",       7  },
    {"in a comment",                  "#COM7 = @\n",                0  },
    {"behind a dot",                  "COM7.default = @\n",         0  },
    {"without the equals sign",       "COM7 @\n",                   0  },
    {"a relative path",               "COM7 = .@\n",                0  },
    {"nothing",                       "COM7 =\n",                   0  },
    {"number zero",                   "COM0 = @\n",                 0  },
    {"a zero in front of the number", "COM07 = @\n",                0  },
    {"another key",                   "LPT7 = @\n",                 0  },
};

static void a_line_maps_one_number(void)
{
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        tree_begin();
        tree_virtual("tnt0");
        write_map("etc/libcomm/ports", lines[i].line, "tnt0");
        if (lines[i].number != 0)
            check_number(lines[i].when, lines[i].number, "tnt0");
        else
            check_number(lines[i].when, 7, NULL);
        tree_end();
    }
}

static void the_first_that_knows_a_number_decides(void)
{
    tree_begin();
    tree_virtual("tnt0");
    tree_virtual("tnt1");
    tree_virtual("tnt2");
    tree_virtual("tnt3");
    write_map("etc/libcomm/ports", "COM7 = @\n", "tnt0");
    check_number("the machine's file", 7, "tnt0");
    write_map("home/.config/libcomm/ports", "COM7 = @\n", "tnt1");
    check_number("the user's file", 7, "tnt1");
    write_map("config/libcomm/ports", "COM7 = @\n", "tnt2");
    setenv("XDG_CONFIG_HOME", tree_path("config"), 1);
    check_number("the user's file, elsewhere", 7, "tnt2");
    write_map("mine", "COM7 = @\n", "tnt3");
    setenv("LIBCOMM_PORTS", tree_path("mine"), 1);
    check_number("the file of the environment", 7, "tnt3");
    CHECK(CommMapPort(7, tree_node("tnt0")));
    check_number("the program", 7, "tnt0");
    CHECK(CommMapPort(7, tree_node("tnt1")));
    check_number("the program, anew", 7, "tnt1");
    CHECK(CommMapPort(7, NULL));
    check_number("the program no longer", 7, "tnt3");
    CHECK(!CommMapPort(7, NULL));
    CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
    tree_end();
}

static void a_users_file_leaves_other_numbers_alone(void)
{
    tree_begin();
    tree_virtual("tnt0");
    tree_virtual("tnt1");
    write_map("etc/libcomm/ports", "COM7 = /nowhere\nCOM8 = @\n", "tnt0");
    write_map("home/.config/libcomm/ports", "COM7 = @\n", "tnt1");
    check_number("the user's", 7, "tnt1");
    check_number("the machine's", 8, "tnt0");
    write_map("home/.config/libcomm/ports", "COM8 = /nowhere\nCOM9 = @\n", "tnt1");
    check_number("mapped to what is not there by whoever goes first", 8, NULL);
    tree_end();
}

static void the_file_of_the_environment_is_the_only_one(void)
{
    tree_begin();
    tree_virtual("tnt0");
    write_map("etc/libcomm/ports", "COM7 = @\n", "tnt0");
    write_map("home/.config/libcomm/ports", "COM8 = @\n", "tnt0");
    setenv("LIBCOMM_PORTS", tree_path("mine"), 1);
    check_number("it is not there", 7, NULL);
    check_number("it is not there", 8, NULL);
    setenv("LIBCOMM_PORTS", "", 1);
    check_number("it has no name", 7, NULL);
    check_number("it has no name", 8, NULL);
    unsetenv("LIBCOMM_PORTS");
    check_number("there is none", 8, "tnt0");
    tree_end();
}

static void a_file_that_changed_is_read_again(void)
{
    tree_begin();
    tree_virtual("tnt0");
    tree_virtual("tnt1");
    write_map("etc/libcomm/ports", "COM7 = @\n", "tnt0");
    check_number("at first", 7, "tnt0");
    write_map("etc/libcomm/ports", "COM7 = @\n", "tnt1");
    check_number("written anew", 7, "tnt1");
    tree_remove("etc/libcomm/ports");
    check_number("removed", 7, NULL);
    write_map("etc/libcomm/ports", "COM7 = @\n", "tnt0");
    check_number("there again", 7, "tnt0");
    tree_end();
}

/* ---- complaints ---- */

/* What is traced while it looks for a number, as text. */
static void traced(uint32_t number, char *text, size_t room)
{
    int kept = fcntl(2, F_DUPFD_CLOEXEC, 10), fd, n;
    struct ci_where where;

    fd = open(tree_path("trace"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    dup2(fd, 2);
    ci_tracing = true;
    (void)ci_names_find_number(number, &where);
    ci_tracing = false;
    dup2(kept, 2);
    close(kept);
    n = (int)pread(fd, text, room - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    close(fd);
}

static const struct {
    const char *line, *complaint; /* NULL: none */
} faults[] = {
    {"COM7 = ttyS0",                                   ":1: expected a path from /, usb: or topology:"},
    {"COM7 = usb:",                                    ":1: expected key=value"                       },
    {"COM7 = usb:serial",                              ":1: expected key=value"                       },
    {"COM7 = usb:serial=",                             ":1: expected key=value"                       },
    {"COM7 = usb:vid=xyz",                             ":1: vid is four hex digits"                   },
    {"COM7 = usb:vid=10403",                           ":1: vid is four hex digits"                   },
    {"COM7 = usb:pid=-1",                              ":1: pid is four hex digits"                   },
    {"COM7 = usb:if=0a",                               ":1: if is a number"                           },
    {"COM7 = usb:color=red",                           ":1: usb: knows serial, vid, pid and if"       },
    {"COM7 = usb:vid=0403,",                           ":1: expected key=value"                       },
    {"COM7 = topology:",                               ":1: topology: wants a place"                  },
    {"COM7",                                           ":1: expected COMn = device"                   },
    {"PORT7 = /dev/ttyS0",                             ":1: expected COMn in front of the ="          },
    {"COMx = /dev/ttyS0",                              ":1: this is no number of a port"              },
    {"COM7 = /a\nCOM8 = /b\nCOM7 = /c",                ":3: an earlier line has this number"          },
    {"COM7 = /dev/ttyS0",                              NULL                                           },
    {"COM7.default = 9600,n,8,1",                      NULL                                           },
    {"COM7 = usb:serial=A1,vid=0x0403,pid=6001,if=12", NULL                                           },
    {"# COM7 = nonsense",                              NULL                                           },
};

static void a_bad_line_is_reported_once_with_its_place(void)
{
    char text[2048];

    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        tree_begin();
        tree_write("etc/libcomm/ports", faults[i].line);
        traced(7, text, sizeof text);
        CHECK_EQ_WHEN(faults[i].line, text[0] != '\0', faults[i].complaint != NULL);
        if (faults[i].complaint != NULL) {
            CHECK_EQ_WHEN(faults[i].line, strstr(text, faults[i].complaint) != NULL, true);
            CHECK(strstr(text, tree_path("etc/libcomm/ports:")) != NULL);
        }
        traced(7, text, sizeof text);
        CHECK_EQ_WHEN(faults[i].line, text[0], '\0');
        tree_end();
    }
}

/* ---- adapters ---- */

static const struct tree_usb adapters[] = {
    {"1-2:1.0",   "00", "0403", "6001", "FTDI",    "FT232R", "A1"},
    {"1-3:1.0",   "00", "0403", "6001", "FTDI",    "FT232R", "A2"},
    {"1-4.1:1.0", "00", "0403", "6010", "FTDI",    "Dual",   "D1"},
    {"1-4.1:1.1", "01", "0403", "6010", "FTDI",    "Dual",   "D1"},
    {"1-5:1.0",   "00", "1a86", "7523", "QinHeng", "CH340",  NULL},
};

static const struct {
    const char *target;
    int adapter; /* of the table above; -1: none, -2: several */
} wishes[] = {
    {"usb:serial=A1",                   0 },
    {"usb:serial=A2",                   1 },
    {"usb:serial=A",                    -1},
    {"usb:serial=A11",                  -1},
    {"usb:vid=0403,pid=6001,serial=A2", 1 },
    {"usb:vid=0403,pid=6010,if=1",      3 },
    {"usb:serial=D1,if=0",              2 },
    {"usb:vid=1A86",                    4 },
    {"usb:vid=1a86,pid=7523,if=0",      4 },
    {"usb:serial=D1",                   -2},
    {"usb:vid=0403",                    -2},
    {"usb:if=0",                        -2},
    {"usb:vid=dead",                    -1},
    {"topology:1-4.1:1.1",              3 },
    {"topology:1-4.1:1.2",              -1},
    {"topology:1-4.1",                  -1},
};

static void an_adapter_is_found_by_what_is_known_of_it(void)
{
    struct ci_where where;
    char name[32];

    tree_begin();
    for (unsigned i = 0; i < ARRAY_LEN(adapters); i++) {
        snprintf(name, sizeof name, "ttyUSB%u", i);
        tree_usb(name, &adapters[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(wishes); i++) {
        uint32_t expected = wishes[i].adapter == -1   ? ERROR_FILE_NOT_FOUND
                            : wishes[i].adapter == -2 ? ERROR_OPEN_FAILED
                                                      : ERROR_SUCCESS;

        CHECK(CommMapPort(7, wishes[i].target));
        CHECK_EQ_WHEN(wishes[i].target, ci_names_find_number(7, &where), expected);
        snprintf(name, sizeof name, "ttyUSB%d", wishes[i].adapter);
        if (expected == ERROR_SUCCESS)
            CHECK_EQ_WHEN(wishes[i].target, strcmp(where.path, tree_real(name)), 0);
    }
    tree_end();
}

static void only_what_can_be_a_device_is_mapped(void)
{
    tree_begin();
    CHECK(!CommMapPort(7, "ttyS0"));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(!CommMapPort(0, "/dev/ttyS0"));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(!CommMapPort(7, "usb:serial"));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(!CommMapPort(7, ""));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    tree_end();
}

COMM_TEST_MAIN(TEST(a_line_maps_one_number), TEST(the_first_that_knows_a_number_decides),
               TEST(a_users_file_leaves_other_numbers_alone),
               TEST(the_file_of_the_environment_is_the_only_one),
               TEST(a_file_that_changed_is_read_again),
               TEST(a_bad_line_is_reported_once_with_its_place),
               TEST(an_adapter_is_found_by_what_is_known_of_it),
               TEST(only_what_can_be_a_device_is_mapped))
