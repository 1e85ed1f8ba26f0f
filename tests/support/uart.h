/* SPDX-License-Identifier: MIT */
/* A pseudo-terminal whose slave claims to be a UART: the door to the kernel is replaced at link
 * time, so that a test can be the driver.  Bytes still go through the pty. */
#ifndef COMM_TESTS_SUPPORT_UART_H
#define COMM_TESTS_SUPPORT_UART_H

#include <asm/termbits.h>
#include <linux/serial.h>
#include <stdbool.h>

/* What the driver says; errors and negative numbers are errnos. */
struct uart {
    struct serial_icounter_struct counts;
    int counts_error;
    int lines;  /* TIOCM_*: inputs and outputs */
    int unsent; /* TIOCOUTQ */
    int empty;  /* TEMT, or -ENOTTY */
    int break_error;
    bool breaking;
    int rs485_error;
    struct serial_rs485 rs485;
    int serial_error;
    struct serial_struct serial;
    bool keeps_output;    /* takes a flush and gives up nothing */
    bool forgets_latency; /* takes the flag and loses it */
    tcflag_t cannot;      /* bits of c_cflag that it leaves as they are */
    unsigned clock;       /* it divides this for its speeds; 0: any */
    struct termios2 termios;
    /* One letter a call: o O output stopped and going, x X flow characters, f output given up,
     * B b break on and off, L l lines up and down, t settings. */
    char log[256];
};
extern struct uart uart;

/* A 16550 at rest, 9600 8N1. */
void uart_reset(void);
/* Its adapter saves up what it has to tell for so long; text, as sysfs has it.  Until uart_reset().
 */
void uart_has_timer(const char *ms);
/* While other threads may ask. */
void uart_becomes_empty(bool empty);
void uart_loses_a_byte(void);
/* It has something unsent, and its register is not empty, just the next so many times it is asked.
 */
void uart_is_busy_for(unsigned unsent, unsigned empty);

#endif
