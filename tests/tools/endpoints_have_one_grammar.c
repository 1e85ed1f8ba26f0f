/* SPDX-License-Identifier: MIT */
/* What a name may look like, and what is said when it leads nowhere or to too much. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pty.h"
#include "talk.h"
#include "tree.h"

/* ---- the grammar ---- */

static const struct {
    const char *name;
    enum tool_status status;
} names[] = {
    {"/dev/ttyUSB0",                    TOOL_OK   },
    {"ttyUSB0",                         TOOL_OK   },
    {"COM3",                            TOOL_OK   },
    {"",                                TOOL_USAGE},
    {"usb:serial=A1",                   TOOL_OK   },
    {"usb:vid=0403,pid=6001,if=1",      TOOL_OK   },
    {"usb:",                            TOOL_USAGE},
    {"usb:serial",                      TOOL_USAGE},
    {"usb:serial=",                     TOOL_USAGE},
    {"usb:vid=xyz",                     TOOL_USAGE},
    {"usb:vid=10000",                   TOOL_USAGE},
    {"usb:colour=red",                  TOOL_USAGE},
    {"topology:1-2.3:1.0",              TOOL_OK   },
    {"topology:",                       TOOL_USAGE},
    {"pipe:name",                       TOOL_OK   },
    {"pipe:a name?message&listen",      TOOL_OK   },
    {"pipe:\\\\.\\pipe\\name?byte",     TOOL_OK   },
    {"pipe:",                           TOOL_USAGE},
    {"pipe:name?loud",                  TOOL_USAGE},
    {"pipe:name?message=1",             TOOL_USAGE},
    {"unix:/run/x",                     TOOL_OK   },
    {"unix:/run/x?listen",              TOOL_OK   },
    {"unix:/run/what?",                 TOOL_OK   },
    {"unix:",                           TOOL_USAGE},
    {"unix:?listen",                    TOOL_OK   },
    {"pty:",                            TOOL_OK   },
    {"pty:/tmp/link",                   TOOL_OK   },
    {"exec:cat",                        TOOL_OK   },
    {"exec:",                           TOOL_USAGE},
    {"loop:",                           TOOL_OK   },
    {"loop:1",                          TOOL_USAGE},
    {"sim:dmm",                         TOOL_OK   },
    {"sim:psu?eol=crlf&seed=1&delay=2", TOOL_OK   },
    {"sim:",                            TOOL_USAGE},
    {"sim:dmm?eol=none",                TOOL_USAGE},
};

static void a_name_is_understood_or_refused_with_a_sentence(void)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct tool_fail fail = {.text = ""};

        CHECK_EQ_WHEN(names[i].name, tool_end_check(names[i].name, &fail), names[i].status);
        CHECK_EQ_WHEN(names[i].name, fail.text[0] != '\0', names[i].status != TOOL_OK);
    }
}

static void a_name_that_is_too_long_is_refused(void)
{
    char name[400] = "exec:";
    struct tool_fail fail;

    memset(name + 5, 'x', 300);
    CHECK_EQ(tool_end_check(name, &fail), TOOL_USAGE);
    memcpy(name, "unix:", 5);
    name[5 + 120] = '\0';
    CHECK_EQ(tool_end_check(name, &fail), TOOL_USAGE);
}

/* ---- what is there ---- */

/* Must fail so. */
static void check_fails(const char *name, enum tool_status status)
{
    struct talk talk;
    struct tool_end *end;

    talk_open(&talk);
    end = tool_end_open(&talk.loop, name, NULL, &talk.fail);
    if (!CHECK(end == NULL))
        tool_end_close(end);
    else
        CHECK_EQ_WHEN(name, talk.fail.status, status);
    CHECK(talk.fail.text[0] != '\0');
    talk_close(&talk);
}

static void what_leads_nowhere_is_not_found(void)
{
    char name[300];

    setenv("LIBCOMM_PIPE_DIR", comm_test_dir(), 1);
    check_fails("/dev/no-such-port", TOOL_NOT_FOUND);
    check_fails("no-such-port", TOOL_NOT_FOUND);
    check_fails("COM777", TOOL_NOT_FOUND);
    check_fails("usb:serial=nobody-has-this", TOOL_NOT_FOUND);
    check_fails("topology:99-99:1.0", TOOL_NOT_FOUND);
    check_fails("pipe:no-such-pipe", TOOL_NOT_FOUND);
    snprintf(name, sizeof name, "unix:%.90s/none", comm_test_dir());
    check_fails(name, TOOL_NOT_FOUND);
}

static void what_is_no_port_is_refused_and_left_alone(void)
{
    char name[300];
    int fd;

    snprintf(name, sizeof name, "%.255s/file", comm_test_dir());
    fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    close(fd);
    check_fails(name, TOOL_USAGE);
    snprintf(name, sizeof name, "%.255s/fifo", comm_test_dir());
    CHECK_EQ(mkfifo(name, 0600), 0);
    check_fails(name, TOOL_USAGE);
    check_fails("/dev/null", TOOL_USAGE);
}

static void what_somebody_has_is_busy(void)
{
    struct tool_end *end;
    struct talk talk;
    struct pty pty;

    pty_open(&pty);
    talk_open(&talk);
    end = talk_end(&talk, pty.path);
    check_fails(pty.path, TOOL_BUSY);
    tool_end_close(end);
    setenv("LIBCOMM_PIPE_DIR", comm_test_dir(), 1);
    end = talk_end(&talk, "pipe:mine?listen");
    check_fails("pipe:mine?listen", TOOL_OWNED);
    tool_end_close(end);
    talk_close(&talk);
    pty_close(&pty);
}

/* ---- USB ---- */

static const struct tree_usb adapters[] = {
    {"1-1:1.0", "00", "0403", "6001", "Maker", "Adapter", "A1"},
    {"1-2:1.0", "00", "0403", "6001", "Maker", "Adapter", "B2"},
};

/* The name of a port must open this one. */
static void check_opens(const char *name, const char *node)
{
    struct tool_end *end;
    struct talk talk;

    talk_open(&talk);
    end = talk_end(&talk, name);
    CHECK(strcmp(end->address, tree_node(node)) == 0);
    CHECK(end->identity.known);
    tool_end_close(end);
    talk_close(&talk);
}

static void an_adapter_is_found_by_what_it_is(void)
{
    tree_begin();
    tree_usb("ttyUSB0", &adapters[0]);
    tree_usb("ttyUSB1", &adapters[1]);
    check_opens("usb:serial=A1", "ttyUSB0");
    check_opens("usb:vid=0403,serial=B2", "ttyUSB1");
    check_opens("topology:1-2:1.0", "ttyUSB1");
    check_fails("usb:serial=A1,if=1", TOOL_NOT_FOUND);
    tree_end();
}

static void several_that_fit_are_refused_and_listed(void)
{
    struct talk talk;

    tree_begin();
    tree_usb("ttyUSB0", &adapters[0]);
    tree_usb("ttyUSB1", &adapters[1]);
    talk_open(&talk);
    CHECK(tool_end_open(&talk.loop, "usb:vid=0403", NULL, &talk.fail) == NULL);
    CHECK_EQ(talk.fail.status, TOOL_USAGE);
    CHECK(strstr(talk.fail.text, "2 ports") != NULL);
    CHECK(strstr(talk.fail.text, "A1") != NULL && strstr(talk.fail.text, "B2") != NULL);
    talk_close(&talk);
    tree_end();
}

COMM_TEST_MAIN(TEST(a_name_is_understood_or_refused_with_a_sentence),
               TEST(a_name_that_is_too_long_is_refused), TEST(what_leads_nowhere_is_not_found),
               TEST(what_is_no_port_is_refused_and_left_alone), TEST(what_somebody_has_is_busy),
               TEST(an_adapter_is_found_by_what_it_is),
               TEST(several_that_fit_are_refused_and_listed))
