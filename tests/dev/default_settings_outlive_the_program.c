/* SPDX-License-Identifier: MIT */
/* Get and SetDefaultCommConfig and the dialog: which names are ports, what is refused, where
 * defaults are kept, and that nothing else in that file is touched. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libcomm/serial.h>

#include "libcomm/dev/serial/defaultline.h"
#include "libcomm/dev/serial/names.h"
#include "libcomm/dev/serial/ttys.h"
#include "libcomm/plat/testing.h"

#include "harness.h"

#define PORTS 8 /* COM1 to COM8, all of them one pty */
#define SIZE (DWORD)sizeof(COMMCONFIG)

/* ---- ports and files ---- */

static int master;
static char map[PATH_MAX];

static const char *in_dir(const char *name)
{
    static char path[PATH_MAX + 256];

    snprintf(path, sizeof path, "%s/%s", comm_test_dir(), name);
    return path;
}

/* An empty map file of this test's own, and ports that are there. */
static void begin(const char *name)
{
    char device[64];

    snprintf(map, sizeof map, "%s", in_dir(name));
    setenv("LIBCOMM_PORTS", map, 1);
    master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0)
        comm_test_skip("there are no pseudo-terminals");
    CHECK(grantpt(master) == 0 && unlockpt(master) == 0);
    CHECK_EQ(ptsname_r(master, device, sizeof device), 0);
    for (uint32_t n = 1; n <= PORTS; n++)
        CHECK_EQ(ci_names_map(n, device), ERROR_SUCCESS);
}

static void end(void)
{
    for (uint32_t n = 1; n <= PORTS; n++)
        CHECK_EQ(ci_names_map(n, NULL), ERROR_SUCCESS);
    ci_names_forget();
    close(master);
}

static void file_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

static const char *file_text(const char *path)
{
    static char text[1 << 16];
    FILE *file = fopen(path, "re");
    size_t len = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;

    text[len] = '\0';
    if (file != NULL)
        fclose(file);
    return text;
}

static void check_file(const char *when, const char *expected)
{
    const char *text = file_text(map);

    comm_check(strcmp(text, expected) == 0, __FILE__, __LINE__, "%s: the file is\n%s", when, text);
}

/* ---- calls ---- */

static DWORD outcome(BOOL done)
{
    DWORD error = GetLastError();

    SetLastError(ERROR_SUCCESS);
    return done ? ERROR_SUCCESS : error;
}

static DWORD get(const char *name, COMMCONFIG *config)
{
    DWORD size = SIZE, error;

    memset(config, 0xAA, sizeof *config);
    error = outcome(GetDefaultCommConfigA(name, config, &size));
    CHECK_EQ(size, SIZE);
    return error;
}

static DWORD set_baud(const char *name, DWORD baud)
{
    COMMCONFIG config;

    CHECK_EQ(get(name, &config), ERROR_SUCCESS);
    config.dcb.BaudRate = baud;
    return outcome(SetDefaultCommConfigA(name, &config, SIZE));
}

static DWORD baud_of(const char *name)
{
    COMMCONFIG config;

    CHECK_EQ(get(name, &config), ERROR_SUCCESS);
    return config.dcb.BaudRate;
}

/* ---- what is asked for ---- */

static void a_port_nobody_has_set_is_9600_8n1(void)
{
    COMMCONFIG config;

    begin("unset");
    CHECK_EQ(get("COM3", &config), ERROR_SUCCESS);
    CHECK_EQ(config.dwSize, 52);
    CHECK_EQ(config.wVersion, 1);
    CHECK_EQ(config.dwProviderSubType, PST_RS232);
    CHECK_EQ(config.dwProviderOffset | config.dwProviderSize | config.wcProviderData[0], 0);
    CHECK_EQ(config.dcb.DCBlength, 28);
    CHECK_EQ(config.dcb.BaudRate, 9600);
    CHECK_EQ(config.dcb.ByteSize, 8);
    CHECK_EQ(config.dcb.Parity, NOPARITY);
    CHECK_EQ(config.dcb.StopBits, ONESTOPBIT);
    CHECK_EQ(config.dcb.fBinary, 1);
    CHECK(access(map, F_OK) != 0); /* asking leaves nothing behind */
    end();
}

static const struct {
    const char *name;
    DWORD error;
} names[] = {
    {"COM3",                    ERROR_SUCCESS},
    {"com3",                    ERROR_SUCCESS},
    {"Com8",                    ERROR_SUCCESS},
    {"com1:",                   ERROR_BADKEY },
    {"com0",                    ERROR_BADKEY },
    {"com01",                   ERROR_BADKEY },
    {"",                        ERROR_BADKEY },
    {"c",                       ERROR_BADKEY },
    {"com",                     ERROR_BADKEY },
    {"com3x",                   ERROR_BADKEY },
    {"com 3",                   ERROR_BADKEY },
    {"com-3",                   ERROR_BADKEY },
    {" com3",                   ERROR_BADKEY },
    {"lpt3",                    ERROR_BADKEY },
    {"\\\\.\\COM3",             ERROR_BADKEY },
    {"com97",                   ERROR_BADKEY }, /* there is none */
    {"com999999999",            ERROR_BADKEY },
    {"com99999999999999999999", ERROR_BADKEY },
};

static void a_port_goes_by_its_plain_name(void)
{
    begin("names");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        COMMCONFIG config;
        WCHAR wide[64];
        DWORD size = SIZE;

        for (size_t n = 0; n <= strlen(names[i].name); n++)
            wide[n] = (WCHAR)names[i].name[n];
        CHECK_EQ_WHEN(names[i].name, get(names[i].name, &config), names[i].error);
        CHECK_EQ_WHEN(names[i].name, outcome(GetDefaultCommConfigW(wide, &config, &size)),
                      names[i].error);
        ci_settings_to_dcb(&(struct ci_settings){.baud = 1, .bits = 8, .chars = {.xon = 1}},
                           &config.dcb);
        CHECK_EQ_WHEN(names[i].name, outcome(SetDefaultCommConfigA(names[i].name, &config, SIZE)),
                      names[i].error);
        CHECK_EQ_WHEN(names[i].name, outcome(SetDefaultCommConfigW(wide, &config, SIZE)),
                      names[i].error);
        config.dwSize = SIZE;
        CHECK_EQ_WHEN(names[i].name, outcome(CommConfigDialogA(names[i].name, NULL, &config)),
                      names[i].error != 0 ? names[i].error : ERROR_NOT_SUPPORTED);
        CHECK_EQ_WHEN(names[i].name, outcome(CommConfigDialogW(wide, NULL, &config)),
                      names[i].error != 0 ? names[i].error : ERROR_NOT_SUPPORTED);
    }
    end();
}

static void a_pointer_that_is_needed_must_be_there(void)
{
    COMMCONFIG config = {.dwSize = SIZE};
    DWORD size = SIZE;

    begin("pointers");
    CHECK_EQ(outcome(GetDefaultCommConfigA(NULL, &config, &size)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(outcome(GetDefaultCommConfigA("com3", NULL, &size)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(outcome(GetDefaultCommConfigA("com3", &config, NULL)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(outcome(GetDefaultCommConfigW(NULL, &config, &size)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(outcome(SetDefaultCommConfigA(NULL, &config, size)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(outcome(SetDefaultCommConfigA("com3", NULL, size)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(outcome(SetDefaultCommConfigW(NULL, &config, size)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(outcome(CommConfigDialogA(NULL, NULL, &config)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(outcome(CommConfigDialogA("com3", NULL, NULL)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(outcome(CommConfigDialogW(NULL, NULL, &config)), ERROR_INVALID_PARAMETER);
    end();
}

static void room_that_is_too_small_is_named(void)
{
    COMMCONFIG config = {.dwSize = SIZE - 1};
    DWORD size = SIZE - 1;

    begin("room");
    CHECK_EQ(outcome(GetDefaultCommConfigA("com3", &config, &size)), ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, SIZE);
    CHECK_EQ(config.dcb.BaudRate, 0);
    size = SIZE + 100;
    CHECK_EQ(outcome(GetDefaultCommConfigA("com3", &config, &size)), ERROR_SUCCESS);
    CHECK_EQ(size, SIZE);
    CHECK_EQ(outcome(SetDefaultCommConfigA("com3", &config, SIZE - 1)), ERROR_INVALID_PARAMETER);
    config.dwSize = SIZE - 1;
    CHECK_EQ(outcome(CommConfigDialogA("com3", NULL, &config)), ERROR_INSUFFICIENT_BUFFER);
    end();
}

/* ---- what is kept ---- */

static void what_was_set_is_found_again(void)
{
    COMMCONFIG set, got;

    begin("set");
    CHECK_EQ(get("com3", &set), ERROR_SUCCESS);
    CHECK(BuildCommDCBA("baud=57600 parity=e data=7 stop=2 xon=on octs=on dtr=hs rts=tg idsr=on",
                        &set.dcb));
    set.dcb.XonLim = 65535;
    set.dcb.XoffLim = 7;
    set.dcb.XonChar = (char)0xFE;
    set.dcb.XoffChar = (char)0xFF;
    set.dcb.ErrorChar = '?';
    set.dcb.EofChar = 26;
    set.dcb.EvtChar = '\n';
    set.dcb.fErrorChar = set.dcb.fNull = set.dcb.fAbortOnError = set.dcb.fTXContinueOnXoff = 1;
    CHECK_EQ(outcome(SetDefaultCommConfigW(u"com3", &set, SIZE)), ERROR_SUCCESS);
    CHECK_EQ(get("com3", &got), ERROR_SUCCESS);
    CHECK(memcmp(&set, &got, sizeof got) == 0);
    check_file("in words",
               "COM3.default = baud=57600 data=7 parity=e stop=2 control=2147483722 flow=2147483855"
               " xonlimit=65535 xofflimit=7 xonchar=254 xoffchar=255 errorchar=63 eofchar=26"
               " eventchar=10\n");
    CHECK_EQ(baud_of("com4"), 9600);
    end();
}

static void what_no_port_would_take_is_not_kept(void)
{
    COMMCONFIG config;

    begin("refused");
    CHECK_EQ(set_baud("com3", 1200), ERROR_SUCCESS);
    CHECK_EQ(set_baud("com3", 0), ERROR_INVALID_PARAMETER);
    CHECK_EQ(get("com3", &config), ERROR_SUCCESS);
    config.dcb.XonChar = config.dcb.XoffChar;
    CHECK_EQ(outcome(SetDefaultCommConfigA("com3", &config, SIZE)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(baud_of("com3"), 1200);
    end();
}

#define OTHERS "# ports\n\nCOM3 = /dev/ttyUSB0 # mine\nCOM33.default = baud=300\nnonsense \t\n"
#define REST                                                                                    \
    " data=8 parity=n stop=1 control=1 flow=64 xonlimit=2048 xofflimit=512 xonchar=17 xoffchar" \
    "=19 errorchar=0 eofchar=0 eventchar=0\n"

static void other_lines_stay_as_they_are(void)
{
    begin("others");
    file_write(map, OTHERS);
    CHECK_EQ(set_baud("com3", 1200), ERROR_SUCCESS);
    check_file("a line is added", OTHERS "COM3.default = baud=1200" REST);
    CHECK_EQ(set_baud("com4", 2400), ERROR_SUCCESS);
    check_file("and another",
               OTHERS "COM3.default = baud=1200" REST "COM4.default = baud=2400" REST);
    CHECK_EQ(set_baud("com3", 4800), ERROR_SUCCESS);
    check_file("and replaced where it is",
               OTHERS "COM3.default = baud=4800" REST "COM4.default = baud=2400" REST);
    file_write(map, "COM3.default = baud=1\ncom3.DEFAULT=baud=2\n#\n COM3.default\t= x");
    CHECK_EQ(set_baud("com3", 4800), ERROR_SUCCESS);
    check_file("and once only", "COM3.default = baud=4800" REST "#\n");
    file_write(map, "# no end of line");
    CHECK_EQ(set_baud("com3", 4800), ERROR_SUCCESS);
    check_file("behind a line without an end", "# no end of line\nCOM3.default = baud=4800" REST);
    end();
}

static void the_file_stays_what_it_is(void)
{
    struct stat st;
    char link[PATH_MAX];

    begin("real");
    file_write(map, "# mine\n");
    CHECK_EQ(chmod(map, 0640), 0);
    snprintf(link, sizeof link, "%s", in_dir("link"));
    CHECK_EQ(symlink("real", link), 0);
    setenv("LIBCOMM_PORTS", link, 1);
    CHECK_EQ(set_baud("com3", 1200), ERROR_SUCCESS);
    CHECK(lstat(link, &st) == 0 && S_ISLNK(st.st_mode));
    CHECK(lstat(map, &st) == 0 && S_ISREG(st.st_mode));
    CHECK_EQ(st.st_mode & 07777, 0640);
    check_file("through a link", "# mine\nCOM3.default = baud=1200" REST);
    CHECK(access(in_dir("real.new"), F_OK) != 0);
    end();
}

static void what_a_dead_writer_left_is_no_hindrance(void)
{
    begin("dead");
    file_write(in_dir("dead.new"), "COM3.default = baud=50\n");
    CHECK_EQ(set_baud("com3", 1200), ERROR_SUCCESS);
    CHECK_EQ(baud_of("com3"), 1200);
    CHECK(access(in_dir("dead.new"), F_OK) != 0);
    end();
}

static void a_directory_that_is_not_there_is_made(void)
{
    begin("unused");
    unsetenv("LIBCOMM_PORTS");
    setenv("XDG_CONFIG_HOME", in_dir("config"), 1);
    CHECK_EQ(set_baud("com3", 1200), ERROR_SUCCESS);
    CHECK(access(in_dir("config/libcomm/ports"), F_OK) == 0);
    CHECK_EQ(baud_of("com3"), 1200);
    unsetenv("XDG_CONFIG_HOME");
    setenv("HOME", in_dir("home"), 1);
    CHECK_EQ(mkdir(in_dir("home"), 0700), 0);
    CHECK_EQ(set_baud("com3", 2400), ERROR_SUCCESS);
    CHECK(access(in_dir("home/.config/libcomm/ports"), F_OK) == 0);
    CHECK_EQ(baud_of("com3"), 2400);
    end();
}

static void the_machines_file_is_asked_behind_the_users(void)
{
    const struct ci_roots roots = ci_roots;
    char etc[PATH_MAX];

    begin("unused");
    snprintf(etc, sizeof etc, "%s", in_dir("etc"));
    CHECK(mkdir(etc, 0700) == 0 && mkdir(in_dir("etc/libcomm"), 0700) == 0);
    file_write(in_dir("etc/libcomm/ports"), "COM3.default = baud=300\nCOM4.default = baud=600\n");
    unsetenv("LIBCOMM_PORTS");
    setenv("XDG_CONFIG_HOME", in_dir("user"), 1);
    CHECK_EQ(mkdir(in_dir("user"), 0700), 0);
    ci_roots.etc = etc;
    CHECK_EQ(baud_of("com3"), 300);
    CHECK_EQ(set_baud("com3", 1200), ERROR_SUCCESS);
    CHECK_EQ(baud_of("com3"), 1200);
    CHECK_EQ(baud_of("com4"), 600);
    ci_roots = roots;
    unsetenv("XDG_CONFIG_HOME");
    end();
}

static void where_nothing_can_be_written_the_program_remembers(void)
{
    static const char *const places[] = {"", "plain/ports", "a_directory", "too/far/off/ports"};

    begin("unused");
    file_write(in_dir("plain"), "");
    CHECK_EQ(mkdir(in_dir("a_directory"), 0700), 0);
    for (DWORD i = 0; i < ARRAY_LEN(places); i++) {
        setenv("LIBCOMM_PORTS", places[i][0] != '\0' ? in_dir(places[i]) : "", 1);
        CHECK_EQ_WHEN(places[i], set_baud("com5", 1000 + i), ERROR_SUCCESS);
        CHECK_EQ_WHEN(places[i], baud_of("com5"), 1000 + i);
        CHECK_EQ_WHEN(places[i], baud_of("com6"), 9600);
    }
    setenv("LIBCOMM_PORTS", map, 1); /* it can be written again */
    CHECK_EQ(set_baud("com5", 50), ERROR_SUCCESS);
    file_write(map, "COM5.default = baud=75\n");
    CHECK_EQ(baud_of("com5"), 75);
    end();
}

/* ---- what people write ---- */

static const struct {
    const char *text; /* behind `COM3.default =` */
    DWORD baud;       /* 0: it makes no sense */
} values[] = {
    {"",                                 9600},
    {" baud=300",                        300 },
    {"baud=300\r",                       300 },
    {"\tBAUD=300\t data=7 ",             300 },
    {" data=7 Parity=E Stop=2 baud=300", 300 },
    {" baud=300 # slow",                 300 },
    {" baud=300 baud=600",               600 },
    {" baud=300 control=3",              0   },
    {" baud=300 data=9",                 0   },
    {" baud=300 data=264",               0   },
    {" baud=300 stop=1.5",               0   },
    {" baud=300 parity=x",               0   },
    {" baud=300 xonchar=256",            0   },
    {" baud=300 xonchar=19",             0   },
    {" baud=300 xonlimit=65536",         0   },
    {" baud=300 xonlimit=4294967295",    0   },
    {" baud=300 color=red",              0   },
    {" baud=300 data",                   0   },
    {" baud=300 =8",                     0   },
    {" baud=",                           0   },
    {" baud=0",                          0   },
    {" baud= 300",                       0   },
    {" baud=300 data=8=8",               0   },
    {" 300,n,8,1",                       0   },
};

static void a_line_that_makes_no_sense_is_skipped(void)
{
    char text[256];

    begin("values");
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        snprintf(text, sizeof text,
                 "#COM3.default = baud=1\nCOM33.default = baud=1\nCOM3.default "
                 "=%s\nCOM3.default = baud=1234\nCOM3.default = baud=1\n",
                 values[i].text);
        file_write(map, text);
        CHECK_EQ_WHEN(values[i].text, baud_of("com3"), values[i].baud != 0 ? values[i].baud : 1234);
    }
    end();
}

static void every_setting_survives_as_text(void)
{
    srandom(3);
    for (size_t i = 0; i < 20000; i++) {
        char line[CI_DEFAULT_LINE_ROOM];
        uint32_t number = 1 + (uint32_t)random();
        struct ci_settings set, got;
        DCB dcb, back;
        const char *value;

        for (size_t n = 0; n < sizeof dcb; n++)
            ((unsigned char *)&dcb)[n] = (unsigned char)random();
        dcb.BaudRate = 1 + dcb.BaudRate % 0x0FFFFFFF;
        dcb.ByteSize = (BYTE)(6 + dcb.ByteSize % 3);
        dcb.Parity %= 5;
        dcb.StopBits = dcb.StopBits % 2 == 0 ? ONESTOPBIT : TWOSTOPBITS;
        dcb.fDtrControl = dcb.fDtrControl & 1u;
        if (dcb.XonChar == dcb.XoffChar)
            dcb.XonChar++;
        ci_settings_from_dcb(&set, &dcb);
        ci_settings_to_dcb(&set, &dcb);
        ci_default_line_write(line, number, &set);
        value = ci_default_line_value(line, number);
        if (value == NULL || !ci_default_line_read(value, &got)) {
            CHECK_EQ_WHEN(line, i, -1);
            continue;
        }
        ci_settings_to_dcb(&got, &back);
        if (memcmp(&dcb, &back, sizeof dcb) != 0)
            CHECK_EQ_WHEN(line, i, -1);
    }
}

/* ---- many at once, and too little of everything ---- */

#define ROUNDS 50

static void *set_often(void *arg)
{
    char name[8];

    snprintf(name, sizeof name, "com%u", (unsigned)(uintptr_t)arg);
    for (DWORD i = 1; i <= ROUNDS; i++) {
        CHECK_EQ(set_baud(name, i), ERROR_SUCCESS);
        CHECK_EQ(baud_of(name), i);
    }
    return NULL;
}

static void nobody_undoes_what_another_one_sets(void)
{
    pthread_t threads[PORTS];

    begin("many");
    for (uintptr_t i = 0; i < PORTS; i++)
        threads[i] = comm_spawn(set_often, (void *)(i + 1));
    for (size_t i = 0; i < PORTS; i++)
        comm_join(threads[i]);
    for (unsigned i = 1; i <= PORTS; i++) {
        char name[8];

        snprintf(name, sizeof name, "com%u", i);
        CHECK_EQ(baud_of(name), ROUNDS);
    }
    end();
}

static void running_out_of_anything_leaves_the_file_whole(void)
{
    COMMCONFIG config;

    begin("faults");
    file_write(map, OTHERS);
    CHECK_EQ(get("com3", &config), ERROR_SUCCESS);
    config.dcb.BaudRate = 1200;
    for (unsigned nth = 0, failed = 1; failed != 0; nth++) {
        DWORD error;

        ci_testing_fail(CI_FAULT_MEMORY, nth, false);
        error = outcome(SetDefaultCommConfigW(u"com3", &config, SIZE));
        failed = ci_testing_requests() > nth;
        ci_testing_fail(0, 0, false);
        CHECK_EQ(error, failed != 0 ? ERROR_NOT_ENOUGH_MEMORY : ERROR_SUCCESS);
        if (error != ERROR_SUCCESS)
            check_file("no memory", OTHERS);
    }
    check_file("memory at last", OTHERS "COM3.default = baud=1200" REST);
    config.dcb.BaudRate = 600;
    for (unsigned nth = 0, failed = 1; failed != 0; nth++) {
        ci_testing_fail(CI_FAULT_DESCRIPTOR, nth, false);
        CHECK_EQ(outcome(SetDefaultCommConfigA("com3", &config, SIZE)), ERROR_SUCCESS);
        failed = ci_testing_requests() > nth;
        ci_testing_fail(0, 0, false);
        CHECK_EQ(baud_of("com3"), 600);
    }
    check_file("descriptors at last", OTHERS "COM3.default = baud=600" REST);
    end();
}

COMM_TEST_MAIN(TEST(a_port_nobody_has_set_is_9600_8n1), TEST(a_port_goes_by_its_plain_name),
               TEST(a_pointer_that_is_needed_must_be_there), TEST(room_that_is_too_small_is_named),
               TEST(what_was_set_is_found_again), TEST(what_no_port_would_take_is_not_kept),
               TEST(other_lines_stay_as_they_are), TEST(the_file_stays_what_it_is),
               TEST(what_a_dead_writer_left_is_no_hindrance),
               TEST(a_directory_that_is_not_there_is_made),
               TEST(the_machines_file_is_asked_behind_the_users),
               TEST(where_nothing_can_be_written_the_program_remembers),
               TEST(a_line_that_makes_no_sense_is_skipped), TEST(every_setting_survives_as_text),
               TEST(nobody_undoes_what_another_one_sets),
               TEST(running_out_of_anything_leaves_the_file_whole))
