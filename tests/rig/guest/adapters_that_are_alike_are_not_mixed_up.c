/* SPDX-License-Identifier: MIT */
/* Cheap adapters have all the same serial number.  Who asks for one of them by that is refused, and
 * by their sockets they can be told apart. */
#include <stdio.h>
#include <string.h>

#include <libcomm/native.h>

#include "adapters.h"
#include "harness.h"
#include "udev.h"

#define NUMBER 41u
#define NAME "\\\\.\\COM41"

static COMM_PORT_INFO ports[32];

/* Those that call themselves so, first in `ports`. */
static DWORD count_of(const char *serial)
{
    COMM_PORT_INFO all[ARRAY_LEN(ports)];
    DWORD count = 0, found = 0;

    if (CommListPorts(all, ARRAY_LEN(all), &count) != ERROR_SUCCESS)
        return 0;
    for (DWORD i = 0; i < count; i++)
        if (strcmp(all[i].usb_serial, serial) == 0)
            ports[found++] = all[i];
    return found;
}

static bool are_alike(void *unused)
{
    (void)unused;
    return count_of("RIGA") == 2;
}

/* As other tests expect to find them. */
static bool differ(void *unused)
{
    (void)unused;
    return count_of("RIGA") == 1 && count_of("RIGB") == 1;
}

static DWORD error_of_opening(const char *device)
{
    HANDLE port;
    DWORD error = ERROR_SUCCESS;

    CHECK(CommMapPort(NUMBER, device));
    SetLastError(0);
    port = CreateFileA(NAME, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                       FILE_FLAG_OVERLAPPED, NULL);
    if (port == INVALID_HANDLE_VALUE)
        error = GetLastError();
    else
        CHECK(CloseHandle(port));
    CHECK(CommMapPort(NUMBER, NULL));
    return error;
}

static void make_alike(void)
{
    CHECK(adapters_do("unplug B") && adapters_do("name B RIGA") && adapters_do("plug B"));
    comm_wait_until(are_alike, NULL);
    udev_settle();
}

static void make_different(void)
{
    static char name[] = ADAPTER_B;

    CHECK(adapters_do("unplug B") && adapters_do("name B RIGB") && adapters_do("plug B"));
    comm_wait_until(differ, NULL);
    comm_wait_until(udev_has_link, name);
    udev_settle();
}

static void a_serial_number_that_two_have_is_refused(void)
{
    CHECK_EQ(error_of_opening("usb:serial=RIGA"), ERROR_SUCCESS);
    make_alike();
    CHECK_EQ(error_of_opening("usb:serial=RIGA"), ERROR_OPEN_FAILED);
    make_different();
    CHECK_EQ(error_of_opening("usb:serial=RIGA"), ERROR_SUCCESS);
}

static void sockets_tell_them_apart(void)
{
    make_alike();
    CHECK(strcmp(ports[0].topology, ports[1].topology) != 0);
    CHECK(ports[0].number != ports[1].number);
    for (int i = 0; i < 2; i++) {
        char device[128];

        snprintf(device, sizeof device, "topology:%s", ports[i].topology);
        CHECK_EQ(error_of_opening(device), ERROR_SUCCESS);
        snprintf(device, sizeof device, "/dev/serial/by-topology/%s", ports[i].topology);
        CHECK_EQ(error_of_opening(device), ERROR_SUCCESS);
    }
    make_different();
}

COMM_TEST_MAIN(TEST(a_serial_number_that_two_have_is_refused), TEST(sockets_tell_them_apart))
