/* SPDX-License-Identifier: MIT */
/* The project's rules in a real udev: every adapter has names that libcomm would give it as well,
 * and nobody but the group may use it; one that is configured has a name by purpose and the timer
 * that was asked for, and others are kept away from it. */
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libcomm/native.h>

#include "adapters.h"
#include "harness.h"
#include "udev.h"

#define PORTS_MOST 16u

/* RIGB is the one that is configured (suites/adapters.rules). */
#define PLAIN ADAPTER_A
#define CONFIGURED ADAPTER_B
#define NAMED "/dev/serial/by-name/balance"

/* What libcomm says of the port behind a name. */
static COMM_PORT_INFO info_of(const char *name)
{
    COMM_PORT_INFO ports[PORTS_MOST], none = {0};
    char node[PATH_MAX];
    DWORD count = 0;

    if (!CHECK(realpath(name, node) != NULL) ||
        !CHECK_EQ(CommListPorts(ports, PORTS_MOST, &count), ERROR_SUCCESS))
        return none;
    for (DWORD i = 0; i < count; i++)
        if (strcmp(ports[i].path, node) == 0)
            return ports[i];
    comm_check(false, __FILE__, __LINE__, "%s is not in libcomm's list", node);
    return none;
}

static void leads_to(const char *name, const char *node)
{
    char real[PATH_MAX] = "";

    comm_check(realpath(name, real) != NULL && strcmp(real, node) == 0, __FILE__, __LINE__,
               "%s leads to %s, not to \"%s\"", name, node, real);
}

static void names_lead_to_what_libcomm_calls_so(void)
{
    static const char *const adapters[] = {PLAIN, CONFIGURED};

    for (size_t i = 0; i < ARRAY_LEN(adapters); i++) {
        COMM_PORT_INFO info = info_of(adapters[i]);
        char name[512];

        snprintf(name, sizeof name, "/dev/serial/by-topology/%s", info.topology);
        leads_to(name, info.path);
        snprintf(name, sizeof name, "/dev/serial/by-serial/%04x:%04x:%s:%02x", info.usb_vid,
                 info.usb_pid, info.usb_serial, (unsigned)info.usb_interface);
        leads_to(name, info.path);
        leads_to(info.by_id, info.path);
        leads_to(info.by_path, info.path);
    }
}

static void a_port_belongs_to_the_group(void)
{
    const struct group *group = getgrnam("dialout");
    struct stat st;

    if (!CHECK(group != NULL) || !CHECK_EQ(stat(PLAIN, &st), 0))
        return;
    CHECK_EQ(st.st_gid, group->gr_gid);
    CHECK_EQ(st.st_mode & 07777, 0660);
}

static long timer_of(const char *name)
{
    COMM_PORT_INFO info = info_of(name);
    char path[PATH_MAX], text[16] = "";
    FILE *file;

    snprintf(path, sizeof path, "/sys/class/tty/%s/device/latency_timer",
             strrchr(info.path, '/') + 1);
    file = fopen(path, "re");
    if (!CHECK(file != NULL))
        return -1;
    CHECK(fgets(text, sizeof text, file) != NULL);
    fclose(file);
    return strtol(text, NULL, 10);
}

static void a_configured_adapter_has_its_name_and_its_timer(void)
{
    leads_to(NAMED, info_of(CONFIGURED).path);
    CHECK_EQ(timer_of(CONFIGURED), 3);
    CHECK_EQ(timer_of(PLAIN), 16);
}

static void has(const char *device, const char *property, const char *expected)
{
    char value[256];

    udev_property(device, property, value, sizeof value);
    comm_check(strcmp(value, expected) == 0, __FILE__, __LINE__, "%s of %s is \"%s\", not \"%s\"",
               property, device, value, expected);
}

static void modem_manager_is_kept_from_configured_adapters_only(void)
{
    has(CONFIGURED, "ID_MM_PORT_IGNORE", "1");
    has(PLAIN, "ID_MM_PORT_IGNORE", "");
}

/* "1-1" of "1-1:1.0" */
static void usb_device_of(const char *name, char *path, size_t room)
{
    COMM_PORT_INFO info = info_of(name);

    info.topology[strcspn(info.topology, ":")] = '\0';
    snprintf(path, room, "/sys/bus/usb/devices/%s", info.topology);
}

static void braille_software_is_kept_from_configured_adapters_only(void)
{
    char device[PATH_MAX];

    usb_device_of(CONFIGURED, device, sizeof device);
    has(device, "BRLTTY_BRAILLE_DRIVER", "");
    has(device, "SYSTEMD_WANTS", "");
    CHECK(access("/run/brltty-took-RIGB", F_OK) != 0);
    usb_device_of(PLAIN, device, sizeof device);
    has(device, "BRLTTY_BRAILLE_DRIVER", "bm");
    CHECK(access("/run/brltty-took-RIGA", F_OK) == 0);
}

static void systemd_hears_of_ports(void)
{
    char tags[256];

    udev_property(PLAIN, "CURRENT_TAGS", tags, sizeof tags);
    CHECK(strstr(tags, ":systemd:") != NULL);
    has(PLAIN, "SYSTEMD_WANTS", "");
    has(CONFIGURED, "SYSTEMD_WANTS", "balance.service");
}

static void names_go_and_come_with_the_adapter(void)
{
    static char named[] = NAMED, configured[] = CONFIGURED, topology[512];
    char *const names[] = {topology, named, configured};

    snprintf(topology, sizeof topology, "/dev/serial/by-topology/%s", info_of(CONFIGURED).topology);
    CHECK(adapters_do("unplug B"));
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        comm_wait_until(udev_has_no_link, names[i]);
    CHECK(adapters_do("plug B"));
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        comm_wait_until(udev_has_link, names[i]);
    udev_settle();
    CHECK_EQ(timer_of(CONFIGURED), 3);
}

COMM_TEST_MAIN(TEST(names_lead_to_what_libcomm_calls_so), TEST(a_port_belongs_to_the_group),
               TEST(a_configured_adapter_has_its_name_and_its_timer),
               TEST(modem_manager_is_kept_from_configured_adapters_only),
               TEST(braille_software_is_kept_from_configured_adapters_only),
               TEST(systemd_hears_of_ports), TEST(names_go_and_come_with_the_adapter))
