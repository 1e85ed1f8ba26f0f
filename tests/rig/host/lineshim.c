/* SPDX-License-Identifier: MIT */
/* Gives QEMU's `-chardev serial,path=PTY` modem lines.  A pty has none, so QEMU's 16550 would see
 * all its inputs low for ever.  Loaded into QEMU by LD_PRELOAD, this answers for the ptys named in
 * $LINESHIM, FILE:PTY:PTY..., out of FILE, which whoever started QEMU maps as well (wired.py). What
 * a pty forgets, parity and the number of bits, is kept there too. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define SIZE 4096
#define ENDS_MAX 8
#define OUTPUTS (TIOCM_DTR | TIOCM_RTS)

/* Stores of one word each, by one side only. */
struct end {
    _Atomic uint32_t outputs; /* TIOCM_DTR, TIOCM_RTS: by QEMU */
    _Atomic uint32_t inputs;  /* TIOCM_CTS, _DSR, _CAR, _RNG: by the host */
    _Atomic uint32_t breaks;  /* sent so far */
    uint32_t unused;
    _Atomic uint32_t cflag, speed;
    uint32_t unused_too[2];
};

static struct end *ends; /* NULL: there are none */
static dev_t devices[ENDS_MAX];
static size_t count;
static int (*real_ioctl)(int fd, unsigned long request, ...);
static int (*real_tcsendbreak)(int fd, int duration);
static int (*real_tcsetattr)(int fd, int action, const struct termios *termios);

static void find(void *pointer, const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);

    memcpy(pointer, &found, sizeof found);
}

static void *map(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    void *memory =
        fd < 0 ? MAP_FAILED : mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (fd >= 0)
        close(fd);
    return memory == MAP_FAILED ? NULL : memory;
}

__attribute__((constructor)) static void begin(void)
{
    const char *given = getenv("LINESHIM");
    char *list = given != NULL ? strdup(given) : NULL;
    char *rest, *path = list != NULL ? strtok_r(list, ":", &rest) : NULL;
    struct end *memory = path != NULL ? map(path) : NULL;
    struct stat st;

    find(&real_ioctl, "ioctl");
    find(&real_tcsendbreak, "tcsendbreak");
    find(&real_tcsetattr, "tcsetattr");
    while (memory != NULL && count < ENDS_MAX && (path = strtok_r(NULL, ":", &rest)) != NULL) {
        if (stat(path, &st) == 0)
            devices[count++] = st.st_rdev;
    }
    ends = memory;
    free(list);
}

static struct end *end_of(int fd)
{
    struct stat st;

    if (ends == NULL || fstat(fd, &st) != 0 || !S_ISCHR(st.st_mode))
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (devices[i] == st.st_rdev)
            return &ends[i];
    }
    return NULL;
}

int ioctl(int fd, unsigned long request, ...)
{
    struct end *end = request == TIOCMGET || request == TIOCMSET ? end_of(fd) : NULL;
    va_list list;
    void *argument;

    va_start(list, request);
    argument = va_arg(list, void *);
    va_end(list);
    if (end == NULL)
        return real_ioctl(fd, request, argument);
    if (request == TIOCMSET)
        end->outputs = *(uint32_t *)argument & OUTPUTS;
    else
        *(uint32_t *)argument = end->outputs | (end->inputs & ~(uint32_t)OUTPUTS);
    return 0;
}

int tcsendbreak(int fd, int duration)
{
    struct end *end = end_of(fd);

    if (end == NULL)
        return real_tcsendbreak(fd, duration);
    end->breaks++;
    return 0;
}

int tcsetattr(int fd, int action, const struct termios *termios)
{
    struct end *end = end_of(fd);

    if (end != NULL) {
        end->cflag = termios->c_cflag;
        end->speed = cfgetospeed(termios);
    }
    return real_tcsetattr(fd, action, termios);
}
