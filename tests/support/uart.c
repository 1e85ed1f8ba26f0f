/* SPDX-License-Identifier: MIT */
/* The replaced calls; see -Wl,--wrap in tests/CMakeLists.txt. */
#include "uart.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "harness.h"
#include "libcomm/dev/serial/ttys.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_tty.h"

struct uart uart;
static char made_up[300];                                /* its sysfs */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* what changes under other threads */

#define REAL(name) __real_ci_sys_##name
#define WRAP(name) __wrap_ci_sys_##name

int REAL(fstat)(int fd, struct stat *st);
int REAL(tty_set)(int fd, const struct termios2 *termios);
int REAL(tty_flush)(int fd, int queue);

int WRAP(fstat)(int fd, struct stat *st);
int WRAP(tty_get)(int fd, struct termios2 *termios);
int WRAP(tty_set)(int fd, const struct termios2 *termios);
int WRAP(tty_flush)(int fd, int queue);
int WRAP(tty_flow)(int fd, int action);
int WRAP(tty_unsent)(int fd);
int WRAP(tty_empty)(int fd);
int WRAP(tty_lines)(int fd);
int WRAP(tty_lines_set)(int fd, int lines, bool on);
int WRAP(tty_counts)(int fd, struct serial_icounter_struct *counts);
int WRAP(tty_break)(int fd, bool on);
int WRAP(tty_serial_get)(int fd, struct serial_struct *serial);
int WRAP(tty_serial_set)(int fd, const struct serial_struct *serial);
int WRAP(tty_rs485_get)(int fd, struct serial_rs485 *rs485);
int WRAP(tty_rs485_set)(int fd, struct serial_rs485 *rs485);

void uart_reset(void)
{
    memset(&uart, 0, sizeof uart);
    ci_roots.sys = "/sys";
    uart.lines = TIOCM_CTS | TIOCM_DSR | TIOCM_CAR | TIOCM_DTR | TIOCM_RTS;
    uart.empty = 1;
    uart.serial.xmit_fifo_size = 16;
    uart.termios.c_cflag = B9600 | CS8 | CREAD;
    uart.termios.c_ospeed = uart.termios.c_ispeed = 9600;
}

void uart_has_timer(const char *ms)
{
    char path[400];
    FILE *file;

    snprintf(made_up, sizeof made_up, "%s/sys", comm_test_dir());
    snprintf(path, sizeof path, "mkdir -p %s/dev/char/4:64/device", made_up);
    CHECK_EQ(system(path), 0);
    snprintf(path, sizeof path, "%s/dev/char/4:64/device/latency_timer", made_up);
    file = fopen(path, "we");
    if (!CHECK(file != NULL))
        return;
    CHECK(fprintf(file, "%s\n", ms) > 0);
    CHECK_EQ(fclose(file), 0);
    ci_roots.sys = made_up;
}

void uart_becomes_empty(bool empty)
{
    pthread_mutex_lock(&lock);
    uart.empty = empty;
    pthread_mutex_unlock(&lock);
}

static unsigned busy_unsent, busy_empty;

void uart_is_busy_for(unsigned unsent, unsigned empty)
{
    pthread_mutex_lock(&lock);
    busy_unsent = unsent;
    busy_empty = empty;
    pthread_mutex_unlock(&lock);
}

/* One time fewer. */
static bool use_up(unsigned *times)
{
    bool any;

    pthread_mutex_lock(&lock);
    any = *times > 0;
    *times -= any;
    pthread_mutex_unlock(&lock);
    return any;
}

void uart_loses_a_byte(void)
{
    pthread_mutex_lock(&lock);
    uart.counts.overrun++;
    pthread_mutex_unlock(&lock);
}

static void note(char letter)
{
    size_t len = strlen(uart.log);

    if (len + 1 < sizeof uart.log)
        uart.log[len] = letter;
}

int WRAP(fstat)(int fd, struct stat *st)
{
    int error = REAL(fstat)(fd, st);

    if (error == 0 && S_ISCHR(st->st_mode))
        st->st_rdev = makedev(4, 64);
    return error;
}

/* ---- settings ---- */

int WRAP(tty_get)(int fd, struct termios2 *termios)
{
    (void)fd;
    *termios = uart.termios;
    return 0;
}

int WRAP(tty_set)(int fd, const struct termios2 *termios)
{
    tcflag_t kept = uart.termios.c_cflag & uart.cannot;
    struct termios2 real = *termios;

    note('t');
    uart.termios = *termios;
    uart.termios.c_cflag = (termios->c_cflag & ~uart.cannot) | kept;
    if (uart.clock != 0) {
        unsigned divisor = (uart.clock + termios->c_ospeed / 2) / termios->c_ospeed;

        uart.termios.c_ospeed = uart.clock / (divisor > 0 ? divisor : 1);
    }
    real.c_iflag &= ~(tcflag_t)PARMRK; /* it is the test that marks */
    return REAL(tty_set)(fd, &real);
}

/* ---- output ---- */

int WRAP(tty_flush)(int fd, int queue)
{
    if (queue != TCIFLUSH) {
        note('f');
        uart.unsent = uart.keeps_output ? uart.unsent : 0;
    }
    return REAL(tty_flush)(fd, queue);
}

int WRAP(tty_flow)(int fd, int action)
{
    (void)fd;
    note(action == TCOOFF ? 'o' : action == TCOON ? 'O' : action == TCIOFF ? 'x' : 'X');
    return 0;
}

int WRAP(tty_unsent)(int fd)
{
    (void)fd;
    return use_up(&busy_unsent) ? 1 : uart.unsent;
}

int WRAP(tty_empty)(int fd)
{
    int empty;

    (void)fd;
    if (use_up(&busy_empty))
        return 0;
    pthread_mutex_lock(&lock);
    empty = uart.empty;
    pthread_mutex_unlock(&lock);
    return empty;
}

/* ---- lines ---- */

int WRAP(tty_lines)(int fd)
{
    (void)fd;
    return uart.lines;
}

int WRAP(tty_lines_set)(int fd, int lines, bool on)
{
    (void)fd;
    note(on ? 'L' : 'l');
    uart.lines = on ? uart.lines | lines : uart.lines & ~lines;
    return 0;
}

int WRAP(tty_counts)(int fd, struct serial_icounter_struct *counts)
{
    (void)fd;
    pthread_mutex_lock(&lock);
    if (uart.counts_error == 0)
        *counts = uart.counts;
    pthread_mutex_unlock(&lock);
    return uart.counts_error;
}

int WRAP(tty_break)(int fd, bool on)
{
    (void)fd;
    note(on ? 'B' : 'b');
    if (uart.break_error == 0)
        uart.breaking = on;
    return uart.break_error;
}

/* ---- what some drivers have ---- */

int WRAP(tty_serial_get)(int fd, struct serial_struct *serial)
{
    (void)fd;
    if (uart.serial_error == 0)
        *serial = uart.serial;
    return uart.serial_error;
}

int WRAP(tty_serial_set)(int fd, const struct serial_struct *serial)
{
    (void)fd;
    if (uart.serial_error == 0 && !uart.forgets_latency)
        uart.serial = *serial;
    return uart.serial_error;
}

int WRAP(tty_rs485_get)(int fd, struct serial_rs485 *rs485)
{
    (void)fd;
    if (uart.rs485_error == 0)
        *rs485 = uart.rs485;
    return uart.rs485_error;
}

/* It grants no delays. */
int WRAP(tty_rs485_set)(int fd, struct serial_rs485 *rs485)
{
    (void)fd;
    if (uart.rs485_error != 0)
        return uart.rs485_error;
    rs485->delay_rts_before_send = rs485->delay_rts_after_send = 0;
    uart.rs485 = *rs485;
    return 0;
}
