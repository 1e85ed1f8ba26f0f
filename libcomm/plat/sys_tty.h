/* SPDX-License-Identifier: MIT */
/* The part of the door to the kernel that ttys need.  Like sys.h: a count or a negative errno.  The
 * kernel's own structs are used, from <asm/termbits.h> and <linux/serial.h>; the former cannot
 * stand beside <termios.h>. */
#ifndef CI_PLAT_SYS_TTY_H
#define CI_PLAT_SYS_TTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct serial_icounter_struct;
struct serial_rs485;
struct serial_struct;
struct termios2;

/* Speed and format.  Setting never waits for output and drops no input. */
int ci_sys_tty_get(int fd, struct termios2 *termios);
int ci_sys_tty_set(int fd, const struct termios2 *termios);

/* Queues: TCIFLUSH, TCOFLUSH, TCIOFLUSH; TCOOFF, TCOON, TCIOFF, TCION. */
int ci_sys_tty_flush(int fd, int queue);
int ci_sys_tty_flow(int fd, int action);
int ci_sys_tty_unsent(int fd);
/* 1: the shift register is empty; 0: it is not; -ENOTTY: who knows. */
int ci_sys_tty_empty(int fd);

/* Lines: TIOCM_*. */
int ci_sys_tty_lines(int fd);
int ci_sys_tty_lines_set(int fd, int lines, bool on);
int ci_sys_tty_counts(int fd, struct serial_icounter_struct *counts);
/* Until an input line changes, 0; or -EINTR.  Blocks.  The thread that waits says so first; from
 * then on the second call, with its number, ends one wait, if it is in one at that moment. */
int ci_sys_tty_wait(int fd);
void ci_sys_tty_wait_begins(void);
void ci_sys_tty_wait_ends(uint32_t tid);
/* Switching it on waits until everything is sent. */
int ci_sys_tty_break(int fd, bool on);

/* What some drivers have. */
int ci_sys_tty_serial_get(int fd, struct serial_struct *serial);
int ci_sys_tty_serial_set(int fd, const struct serial_struct *serial);
int ci_sys_tty_rs485_get(int fd, struct serial_rs485 *rs485);
/* What was granted comes back. */
int ci_sys_tty_rs485_set(int fd, struct serial_rs485 *rs485);

/* Exclusivity.  1, 0 or negative; the lock never waits: -EAGAIN. */
int ci_sys_tty_exclusive(int fd);
int ci_sys_tty_exclude(int fd, bool others);
int ci_sys_flock(int fd, bool locked);
bool ci_sys_process_exists(int pid);

#endif
