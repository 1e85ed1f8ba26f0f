/* SPDX-License-Identifier: MIT */
/* System calls of ttys.  A part of the door in sys.c, apart because <asm/termbits.h>, which knows
 * every speed, forbids the C library's <termios.h>. */
#include "libcomm/plat/sys_tty.h"

#include <asm/termbits.h>
#include <errno.h>
#include <linux/serial.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int errno_or(int result)
{
    return result < 0 ? -errno : result;
}

/* ---- speed and format ---- */

int ci_sys_tty_get(int fd, struct termios2 *termios)
{
    return errno_or(ioctl(fd, TCGETS2, termios));
}

int ci_sys_tty_set(int fd, const struct termios2 *termios)
{
    return errno_or(ioctl(fd, TCSETS2, termios));
}

/* ---- queues ---- */

int ci_sys_tty_flush(int fd, int queue)
{
    return errno_or(ioctl(fd, TCFLSH, queue));
}

int ci_sys_tty_flow(int fd, int action)
{
    int r;

    do
        r = ioctl(fd, TCXONC, action);
    while (r < 0 && errno == EINTR);
    return errno_or(r);
}

int ci_sys_tty_unsent(int fd)
{
    int n = 0;

    return ioctl(fd, TIOCOUTQ, &n) < 0 ? -errno : n;
}

int ci_sys_tty_empty(int fd)
{
    unsigned state = 0;

    return ioctl(fd, TIOCSERGETLSR, &state) < 0 ? -errno : (state & TIOCSER_TEMT) != 0;
}

/* ---- lines ---- */

int ci_sys_tty_lines(int fd)
{
    int lines = 0;

    return ioctl(fd, TIOCMGET, &lines) < 0 ? -errno : lines;
}

int ci_sys_tty_lines_set(int fd, int lines, bool on)
{
    return errno_or(ioctl(fd, on ? TIOCMBIS : TIOCMBIC, &lines));
}

int ci_sys_tty_counts(int fd, struct serial_icounter_struct *counts)
{
    return errno_or(ioctl(fd, TIOCGICOUNT, counts));
}

int ci_sys_tty_wait(int fd)
{
    return errno_or(ioctl(fd, TIOCMIWAIT, TIOCM_CTS | TIOCM_DSR | TIOCM_RNG | TIOCM_CAR));
}

/* Only a signal ends that call, and only one whose handler does not restart it. */
static void wait_interrupted(int signum)
{
    (void)signum;
}

static int wait_signal;

/* The last real-time signal that the program does nothing with so far; none but threads that wait
 * ever get it from us, and nobody else gets it by accident. */
static void wait_signal_choose(void)
{
    struct sigaction now, action = {.sa_handler = wait_interrupted};

    for (wait_signal = SIGRTMAX; wait_signal > SIGRTMIN; wait_signal--) {
        if (sigaction(wait_signal, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
            break;
    }
    sigaction(wait_signal, &action, NULL);
}

void ci_sys_tty_wait_begins(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    sigset_t set;

    pthread_once(&once, wait_signal_choose);
    sigemptyset(&set);
    sigaddset(&set, wait_signal);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void ci_sys_tty_wait_ends(uint32_t tid)
{
    syscall(SYS_tgkill, getpid(), (pid_t)tid, wait_signal);
}

int ci_sys_tty_break(int fd, bool on)
{
    return errno_or(ioctl(fd, on ? TIOCSBRK : TIOCCBRK, 0));
}

/* ---- what some drivers have ---- */

int ci_sys_tty_serial_get(int fd, struct serial_struct *serial)
{
    return errno_or(ioctl(fd, TIOCGSERIAL, serial));
}

int ci_sys_tty_serial_set(int fd, const struct serial_struct *serial)
{
    return errno_or(ioctl(fd, TIOCSSERIAL, serial));
}

int ci_sys_tty_rs485_get(int fd, struct serial_rs485 *rs485)
{
    return errno_or(ioctl(fd, TIOCGRS485, rs485));
}

int ci_sys_tty_rs485_set(int fd, struct serial_rs485 *rs485)
{
    return errno_or(ioctl(fd, TIOCSRS485, rs485));
}

/* ---- exclusivity ---- */

int ci_sys_tty_exclusive(int fd)
{
    int on = 0;

    return ioctl(fd, TIOCGEXCL, &on) < 0 ? -errno : on != 0;
}

int ci_sys_tty_exclude(int fd, bool others)
{
    return errno_or(ioctl(fd, others ? TIOCEXCL : TIOCNXCL));
}

int ci_sys_flock(int fd, bool locked)
{
    return errno_or(flock(fd, locked ? LOCK_EX | LOCK_NB : LOCK_UN));
}

bool ci_sys_process_exists(int pid)
{
    return kill(pid, 0) == 0 || errno != ESRCH;
}
