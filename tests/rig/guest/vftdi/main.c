/* SPDX-License-Identifier: MIT */
/* Two FT232R adapters on a null-modem cable, for a guest without hardware: the kernel's ftdi_sio
 * drives them over vhci-hcd, and line errors, timing and modem lines are ours.  It says so on
 * standard output once both are plugged in, and lives until it is killed. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "door.h"

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Until something is to be read, or it is time. */
static void wait_for(struct pollfd *fds, nfds_t count, uint64_t due_ns)
{
    uint64_t now = now_ns(), left = due_ns > now ? due_ns - now : 0;
    struct timespec t = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};

    if (ppoll(fds, count, due_ns == CHIP_NEVER ? NULL : &t, NULL) < 0)
        for (nfds_t i = 0; i < count; i++)
            fds[i].revents = 0;
}

static void run(struct cable *cable, int door)
{
    uint64_t due = 0;

    for (;;) {
        struct pollfd fds[ENDS + 1] = {
            [ENDS] = {.fd = door, .events = POLLIN}
        };

        for (unsigned i = 0; i < ENDS; i++)
            fds[i] = (struct pollfd){.fd = cable->end[i].fd, .events = POLLIN};
        wait_for(fds, ENDS + 1, due);
        for (unsigned i = 0; i < ENDS; i++)
            if (fds[i].revents != 0)
                adapter_hear(&cable->end[i]);
        if (fds[ENDS].revents != 0)
            door_serve(door, cable, now_ns());
        due = cable_run(cable, now_ns());
    }
}

int main(void)
{
    static struct cable cable;
    int door = door_open(), error;

    if (door < 0) {
        fprintf(stderr, "vftdi: %s: %s\n", DOOR_PATH, strerror(-door));
        return 1;
    }
    cable_init(&cable);
    for (unsigned i = 0; i < ENDS; i++) {
        error = adapter_plug(&cable, i);
        if (error != 0) {
            fprintf(stderr, "vftdi: no adapter %c: %s\n", (char)('A' + i), strerror(-error));
            return 1;
        }
    }
    printf("vftdi: plugged in\n");
    fflush(stdout);
    run(&cable, door);
}
