/* SPDX-License-Identifier: MIT */
/* quicken PORT...    16550s that do 921600 baud, and are left at that speed for whoever opens them
 * next: at 9600 a port of ours gives its driver so little at a time that a megabyte takes as long
 * as on a real wire. */
#include <errno.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static void must(int result, const char *port)
{
    if (result >= 0)
        return;
    fprintf(stderr, "quicken: %s: %s\n", port, strerror(errno));
    exit(EXIT_FAILURE);
}

static void quicken(const char *port)
{
    int fd = open(port, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    struct serial_struct serial;
    struct termios t;

    must(fd, port);
    must(ioctl(fd, TIOCGSERIAL, &serial), port);
    serial.baud_base = 921600;
    must(ioctl(fd, TIOCSSERIAL, &serial), port);
    must(tcgetattr(fd, &t), port);
    cfmakeraw(&t);
    cfsetspeed(&t, B921600);
    must(tcsetattr(fd, TCSANOW, &t), port);
    close(fd);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        quicken(argv[i]);
    return EXIT_SUCCESS;
}
