/* SPDX-License-Identifier: MIT */
#include "plugs.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters.h"
#include "ask.h"
#include "harness.h"
#include "udev.h"

/* ---- QEMU's FTDI adapter: the host pulls it out ---- */

static bool qemu_pull(void)
{
    return rig_ask("usb unplug");
}

static bool qemu_put(void)
{
    return rig_ask("usb plug");
}

/* ---- the gadget: a device of this kernel's own, bound to its own bus ---- */

#define UDC "/sys/kernel/config/usb_gadget/rig/UDC"

static bool gadget_bind(const char *to)
{
    int fd = open(UDC, O_WRONLY | O_CLOEXEC);
    bool bound;

    if (!CHECK(fd >= 0))
        return false;
    bound = CHECK_EQ(write(fd, to, strlen(to)), (ssize_t)strlen(to));
    close(fd);
    return bound;
}

static bool gadget_pull(void)
{
    return gadget_bind("\n");
}

static bool gadget_put(void)
{
    return gadget_bind("dummy_udc.0\n");
}

/* ---- one of the virtual pair ---- */

static bool vftdi_pull(void)
{
    return adapters_do("unplug A");
}

static bool vftdi_put(void)
{
    return adapters_do("plug A");
}

static const struct plug plugs[] = {
    {"qemu",  "/dev/serial/by-serial/0403:6001:RIGQ:00",    "usb:vid=0403,pid=6001,serial=RIGQ",
     qemu_pull,                                                                                               qemu_put },
    {"acm",   "/dev/serial/by-serial/1209:0001:RIG0001:00", "usb:serial=RIG0001",                gadget_pull,
     gadget_put                                                                                                        },
    {"vftdi", ADAPTER_A,                                    "usb:serial=RIGA",                   vftdi_pull,  vftdi_put},
};

/* ---- coming and going ---- */

bool plug_comes(const struct plug *plug)
{
    bool came = comm_wait_until(udev_has_link, (void *)(uintptr_t)plug->by_serial);

    udev_settle(); /* it has other names as well */
    return came;
}

bool plug_goes(const struct plug *plug)
{
    return comm_wait_until(udev_has_no_link, (void *)(uintptr_t)plug->by_serial);
}

/* ---- all of them ---- */

void on_each_plug(void (*test)(const struct plug *plug))
{
    const char *here = getenv("LIBCOMM_TEST_PLUGS");
    unsigned ran = 0;

    for (size_t i = 0; i < ARRAY_LEN(plugs); i++) {
        unsigned failures = CU_get_number_of_failures();

        if (here == NULL || strstr(here, plugs[i].name) == NULL)
            continue;
        if (plug_comes(&plugs[i]))
            test(&plugs[i]);
        if (CU_get_number_of_failures() != failures)
            printf("note  failed on %s\n", plugs[i].name);
        fflush(stdout);
        ran++;
    }
    CHECK(ran > 0);
}
