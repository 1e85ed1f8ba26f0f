/* SPDX-License-Identifier: MIT */
/* GetCommPorts and CommListPorts: what they answer, and that no port notices. */
#include "harness.h"
#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <libcomm/native.h>
#include <libcomm/serial.h>

#include "libcomm/dev/serial/labels.h"
#include "libcomm/dev/serial/ttys.h"
#include "libcomm/plat/testing.h"

#define UNTOUCHED 4711u

static void three_ports(void)
{
    tree_begin();
    tree_native("ttyS0", "4");
    tree_virtual("tnt0");
    tree_virtual("tnt1");
    CHECK(CommMapPort(12, tree_node("tnt0")));
    CHECK(CommMapPort(7, tree_node("tnt1")));
}

static const struct {
    const char *when;
    ULONG count, error, filled;
} rooms[] = {
    {"there is room for none", 0, ERROR_MORE_DATA, 0},
    {"there is room for two",  2, ERROR_MORE_DATA, 2},
    {"there is room for all",  3, ERROR_SUCCESS,   3},
    {"there is room for more", 5, ERROR_SUCCESS,   3},
};

static void numbers_are_listed_lowest_first(void)
{
    static const ULONG expected[5] = {1, 7, 12};

    three_ports();
    for (size_t i = 0; i < ARRAY_LEN(rooms); i++) {
        ULONG numbers[5] = {UNTOUCHED, UNTOUCHED, UNTOUCHED, UNTOUCHED, UNTOUCHED}, found = 0;

        CHECK_EQ_WHEN(rooms[i].when, GetCommPorts(numbers, rooms[i].count, &found), rooms[i].error);
        CHECK_EQ_WHEN(rooms[i].when, found, 3);
        for (ULONG j = 0; j < ARRAY_LEN(numbers); j++)
            CHECK_EQ_WHEN(rooms[i].when, numbers[j], j < rooms[i].filled ? expected[j] : UNTOUCHED);
    }
    tree_end();
}

static void the_size_is_asked_for_with_nothing(void)
{
    ULONG found = 0;

    three_ports();
    SetLastError(UNTOUCHED);
    CHECK_EQ(GetCommPorts(NULL, 0, &found), ERROR_MORE_DATA);
    CHECK_EQ(found, 3);
    CHECK_EQ(GetLastError(), UNTOUCHED);
    tree_end();
}

static void without_ports_nothing_is_found(void)
{
    COMM_PORT_INFO info;
    ULONG number, found = UNTOUCHED;
    DWORD there = UNTOUCHED;

    tree_begin();
    CHECK_EQ(GetCommPorts(&number, 1, &found), ERROR_FILE_NOT_FOUND);
    CHECK_EQ(found, 0);
    CHECK_EQ(GetCommPorts(NULL, 0, &found), ERROR_FILE_NOT_FOUND);
    CHECK_EQ(CommListPorts(&info, 1, &there), ERROR_FILE_NOT_FOUND);
    CHECK_EQ(there, 0);
    tree_end();
}

static void bad_arguments_are_refused(void)
{
    ULONG number, found;
    COMM_PORT_INFO info;
    DWORD there;

    three_ports();
    CHECK_EQ(GetCommPorts(&number, 1, NULL), ERROR_INVALID_PARAMETER);
    CHECK_EQ(GetCommPorts(NULL, 1, &found), ERROR_INVALID_PARAMETER);
    CHECK_EQ(CommListPorts(&info, 1, NULL), ERROR_INVALID_PARAMETER);
    CHECK_EQ(CommListPorts(NULL, 1, &there), ERROR_INVALID_PARAMETER);
    tree_end();
}

static void check_text(const char *what, const char *got, const char *expected)
{
    CHECK_EQ_WHEN(what, strcmp(got, expected), 0);
    if (strcmp(got, expected) != 0)
        printf("      %s: '%s', expected '%s'\n", what, got, expected);
}

static void an_adapter_is_listed_with_all_its_names(void)
{
    static const struct tree_usb usb = {"1-2.3:1.1", "01",         "0403", "6010",
                                        "FTDI",      "Dual RS232", "D42"};
    COMM_PORT_INFO info;
    DWORD found;

    tree_begin();
    tree_usb("ttyUSB0", &usb);
    tree_link("by-id", "usb-FTDI_Dual_RS232_D42-if01-port0", "ttyUSB0");
    tree_link("by-id", "usb-Another-if00-port0", "ttyUSB1");
    tree_link("by-path", "pci-0000:00-usb-0:2.3:1.1-port0", "ttyUSB0");
    CHECK_EQ(CommListPorts(&info, 1, &found), ERROR_SUCCESS);
    CHECK_EQ(found, 1);
    CHECK_EQ(info.number, 1);
    CHECK_EQ(info.transport, COMM_PORT_USB);
    check_text("path", info.path, tree_node("ttyUSB0"));
    check_text("by_id", info.by_id, tree_node("serial/by-id/usb-FTDI_Dual_RS232_D42-if01-port0"));
    check_text("by_path", info.by_path,
               tree_node("serial/by-path/pci-0000:00-usb-0:2.3:1.1-port0"));
    check_text("topology", info.topology, "1-2.3:1.1");
    check_text("description", info.description, "Dual RS232");
    check_text("manufacturer", info.usb_manufacturer, "FTDI");
    check_text("product", info.usb_product, "Dual RS232");
    check_text("serial", info.usb_serial, "D42");
    CHECK_EQ(info.usb_vid, 0x0403);
    CHECK_EQ(info.usb_pid, 0x6010);
    CHECK_EQ(info.usb_interface, 1);
    tree_end();
}

static void what_is_not_usb_says_so(void)
{
    COMM_PORT_INFO info[3];
    DWORD found;

    tree_begin();
    tree_native("ttyS0", "4");
    tree_virtual("rfcomm0");
    tree_virtual("tnt0");
    CHECK(CommMapPort(3, tree_node("tnt0")));
    CHECK_EQ(CommListPorts(info, 3, &found), ERROR_SUCCESS);
    CHECK_EQ(info[0].transport, COMM_PORT_NATIVE);
    CHECK_EQ(info[1].transport, COMM_PORT_BLUETOOTH);
    CHECK_EQ(info[2].transport, COMM_PORT_VIRTUAL);
    for (DWORD i = 0; i < found; i++) {
        CHECK_EQ(info[i].usb_interface, -1);
        CHECK_EQ(info[i].usb_vid, 0);
        check_text("by_id", info[i].by_id, "");
        check_text("topology", info[i].topology, "");
    }
    check_text("description", info[0].description, "ttyS0");
    tree_end();
}

static void a_pty_is_listed_when_it_is_mapped(void)
{
    COMM_PORT_INFO info;
    DWORD found;

    tree_begin();
    tree_virtual("tnt0");
    CHECK(CommMapPort(3, tree_real("tnt0")));
    tree_take_node("tnt0");
    CHECK_EQ(CommListPorts(&info, 1, &found), ERROR_SUCCESS);
    CHECK_EQ(info.transport, COMM_PORT_VIRTUAL);
    check_text("path", info.path, tree_real("tnt0"));
    check_text("description", info.description, tree_real("tnt0") + strlen("/dev/"));
    tree_end();
}

static void a_cable_has_a_number_at_each_end(void)
{
    ULONG numbers[2] = {0, 0}, found = 0;
    COMM_PORT_INFO info[2];
    DWORD there = 0;
    HANDLE cable;

    tree_begin();
    cable = CommCreateNullModem(40, 41, 0);
    if (CHECK(cable != NULL)) {
        CHECK_EQ(GetCommPorts(numbers, 2, &found), ERROR_SUCCESS);
        CHECK_EQ(numbers[0], 40);
        CHECK_EQ(numbers[1], 41);
        CHECK_EQ(CommListPorts(info, 2, &there), ERROR_SUCCESS);
        CHECK_EQ(info[0].transport, COMM_PORT_VIRTUAL);
        check_text("path", info[0].path, "");
        check_text("description", info[0].description, "first end of a simulated cable");
        check_text("description", info[1].description, "second end of a simulated cable");
        CHECK(CloseHandle(cable));
        CHECK_EQ(GetCommPorts(NULL, 0, &found), ERROR_FILE_NOT_FOUND);
    }
    tree_end();
}

/* An open of a pty's slave is an event of its node; ttys of hardware would raise their lines. */
static void no_port_is_opened_to_list_it(void)
{
    int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    COMM_PORT_INFO info[3];
    ULONG numbers[3], found;
    char event[512];
    DWORD there;

    three_ports();
    CHECK(inotify_add_watch(watch, tree_real("ttyS0"), IN_OPEN) >= 0);
    CHECK(inotify_add_watch(watch, tree_real("tnt0"), IN_OPEN) >= 0);
    CHECK_EQ(GetCommPorts(numbers, 3, &found), ERROR_SUCCESS);
    CHECK_EQ(CommListPorts(info, 3, &there), ERROR_SUCCESS);
    CHECK_EQ(read(watch, event, sizeof event), -1);
    close(watch);
    tree_end();
}

static void running_out_of_memory_lists_nothing(void)
{
    COMM_PORT_INFO info[3];
    DWORD found = 0, error = ERROR_NOT_ENOUGH_MEMORY;

    three_ports();
    for (unsigned nth = 0; error == ERROR_NOT_ENOUGH_MEMORY; nth++) {
        ci_testing_fail(CI_FAULT_MEMORY, nth, false);
        error = CommListPorts(info, 3, &found);
        ci_testing_fail(0, 0, false);
        CHECK(nth > 0 || error == ERROR_NOT_ENOUGH_MEMORY);
    }
    CHECK_EQ(error, ERROR_SUCCESS);
    CHECK_EQ(found, 3);
    tree_end();
}

COMM_TEST_MAIN(TEST(numbers_are_listed_lowest_first), TEST(the_size_is_asked_for_with_nothing),
               TEST(without_ports_nothing_is_found), TEST(bad_arguments_are_refused),
               TEST(an_adapter_is_listed_with_all_its_names), TEST(what_is_not_usb_says_so),
               TEST(a_pty_is_listed_when_it_is_mapped), TEST(a_cable_has_a_number_at_each_end),
               TEST(no_port_is_opened_to_list_it), TEST(running_out_of_memory_lists_nothing))
