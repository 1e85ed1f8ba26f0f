/* SPDX-License-Identifier: MIT */
/* The order in which what the machine has gets the lowest free numbers, and what changes it. */
#include "harness.h"
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libcomm/native.h>
#include <libcomm/serial.h>

#include "libcomm/dev/serial/names.h"

/* The ports there are, as "1:ttyS0 2:ttyUSB0". */
static const char *ports(void)
{
    static char text[1024];
    struct ci_list list;
    size_t len = 0;

    text[0] = '\0';
    CHECK_EQ(ci_names_list(&list), ERROR_SUCCESS);
    CI_LIST_EACH (link, after, &list) {
        const struct ci_listed *port = CI_CONTAINER(link, struct ci_listed, link);

        len += (size_t)snprintf(text + len, sizeof text - len, "%s%u:%s", len > 0 ? " " : "",
                                (unsigned)port->number, port->tty.name);
    }
    ci_names_list_free(&list);
    return text;
}

static void check_ports(const char *when, const char *expected)
{
    const char *got = ports();

    CHECK_EQ_WHEN(when, strcmp(got, expected), 0);
    if (strcmp(got, expected) != 0)
        printf("      %s: %s\n      expected %s\n", when, got, expected);
}

static void add_usb(const char *name, const char *topology, const char *product, const char *serial)
{
    const char *interface = topology + strlen(topology) - 1;
    char number[8];

    snprintf(number, sizeof number, "%02x", (unsigned)atoi(interface));
    tree_usb(name, &(struct tree_usb){topology, number, "0403", "6001", "Maker", product, serial});
}

static void kinds_come_in_a_fixed_order(void)
{
    tree_begin();
    tree_virtual("rfcomm0");
    add_usb("ttyACM0", "1-1:1.0", "Modem", "M1");
    add_usb("ttyUSB0", "1-2:1.0", "Adapter", "A1");
    tree_native("ttyS10", "4");
    tree_native("ttyS2", "4");
    tree_native("ttyAMA0", "32");
    check_ports("all kinds", "1:ttyAMA0 2:ttyS2 3:ttyS10 4:ttyUSB0 5:ttyACM0 6:rfcomm0");
    tree_end();
}

static void what_is_no_port_gets_no_number(void)
{
    tree_begin();
    tree_native("ttyS0", "0"); /* the driver found nothing */
    tree_virtual("tty1");
    tree_virtual("tnt0");
    tree_native("ttyS1", "4");
    tree_take_node("ttyS1"); /* a container was not given it */
    check_ports("nothing usable", "");
    tree_end();
}

static void adapters_are_ordered_by_what_stays_the_same(void)
{
    tree_begin();
    add_usb("ttyUSB0", "1-9:1.0", "Zebra", "1");
    add_usb("ttyUSB1", "1-8:1.0", "Aardvark", "2");
    add_usb("ttyUSB2", "1-7:1.0", "Aardvark", "1");
    check_ports("by name and serial number", "1:ttyUSB2 2:ttyUSB1 3:ttyUSB0");
    tree_end();
    tree_begin();
    add_usb("ttyUSB0", "1-10:1.0", "Twin", NULL);
    add_usb("ttyUSB1", "1-2:1.0", "Twin", NULL);
    check_ports("by place, which counts", "1:ttyUSB1 2:ttyUSB0");
    tree_end();
    tree_begin();
    add_usb("ttyUSB1", "1-1:1.0", "Dual", "D");
    add_usb("ttyUSB0", "1-1:1.1", "Dual", "D");
    check_ports("by interface", "1:ttyUSB1 2:ttyUSB0");
    tree_end();
}

static void mapped_numbers_are_not_free(void)
{
    char map[512];

    tree_begin();
    tree_native("ttyS0", "4");
    tree_native("ttyS1", "4");
    tree_native("ttyS2", "4");
    snprintf(map, sizeof map, "COM2 = %s\nCOM1 = /nowhere\n", tree_node("ttyS2"));
    tree_write("etc/libcomm/ports", map);
    check_ports("one is mapped, and one that is absent", "2:ttyS2 3:ttyS0 4:ttyS1");
    tree_end();
}

static void a_device_may_be_mapped_more_than_once(void)
{
    tree_begin();
    tree_native("ttyS0", "4");
    CHECK(CommMapPort(7, tree_node("ttyS0")));
    CHECK(CommMapPort(20, tree_node("ttyS0")));
    check_ports("twice", "7:ttyS0 20:ttyS0");
    CHECK(CommMapPort(7, NULL));
    CHECK(CommMapPort(20, NULL));
    check_ports("no longer", "1:ttyS0");
    tree_end();
}

static void a_device_keeps_its_number_while_the_process_lives(void)
{
    tree_begin();
    add_usb("ttyUSB0", "1-1:1.0", "B", "1");
    add_usb("ttyUSB1", "1-2:1.0", "D", "1");
    check_ports("at first", "1:ttyUSB0 2:ttyUSB1");
    tree_take_node("ttyUSB0");
    check_ports("the first is unplugged", "2:ttyUSB1");
    add_usb("ttyUSB2", "1-3:1.0", "A", "1");
    check_ports("a new one does not take its number", "2:ttyUSB1 3:ttyUSB2");
    tree_put_node("ttyUSB0");
    check_ports("it is back", "1:ttyUSB0 2:ttyUSB1 3:ttyUSB2");
    ci_names_forget();
    check_ports("another process", "1:ttyUSB2 2:ttyUSB0 3:ttyUSB1");
    tree_end();
}

static void a_number_goes_with_the_serial_number(void)
{
    tree_begin();
    add_usb("ttyUSB0", "1-1:1.0", "A", "1");
    add_usb("ttyUSB1", "1-2:1.0", "B", "1");
    check_ports("at first", "1:ttyUSB0 2:ttyUSB1");
    tree_take_node("ttyUSB0");
    tree_take_node("ttyUSB1");
    add_usb("ttyUSB3", "1-5:1.0", "B", "1");
    check_ports("the second one in another socket", "2:ttyUSB3");
    add_usb("ttyUSB4", "1-6:1.0", "B", "1");
    check_ports("a clone of it", "2:ttyUSB3 3:ttyUSB4");
    tree_end();
}

static void a_mapping_takes_a_number_that_was_given(void)
{
    tree_begin();
    tree_native("ttyS0", "4");
    tree_native("ttyS1", "4");
    tree_native("ttyS2", "4");
    check_ports("at first", "1:ttyS0 2:ttyS1 3:ttyS2");
    CHECK(CommMapPort(1, tree_node("ttyS2")));
    check_ports("mapped away", "1:ttyS2 2:ttyS1 4:ttyS0");
    CHECK(CommMapPort(1, NULL));
    check_ports("given back", "1:ttyS0 2:ttyS1 3:ttyS2");
    tree_end();
}

COMM_TEST_MAIN(TEST(kinds_come_in_a_fixed_order), TEST(what_is_no_port_gets_no_number),
               TEST(adapters_are_ordered_by_what_stays_the_same), TEST(mapped_numbers_are_not_free),
               TEST(a_device_may_be_mapped_more_than_once),
               TEST(a_device_keeps_its_number_while_the_process_lives),
               TEST(a_number_goes_with_the_serial_number),
               TEST(a_mapping_takes_a_number_that_was_given))
