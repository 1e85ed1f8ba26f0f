/* SPDX-License-Identifier: MIT */
/* A pseudo-terminal: its slave is a tty without a device behind it, its master is what stands in
 * for the peer and can look at how the slave is set. */
#ifndef COMM_TESTS_SUPPORT_PTY_H
#define COMM_TESTS_SUPPORT_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct termios2; /* of <asm/termbits.h>, which cannot stand beside <termios.h> */

struct pty {
    int master;    /* does not block; -1: hung up */
    char path[64]; /* of the slave */
};

/* A raw one, at 9600 8N1.  Ends the file as skipped where there are none. */
void pty_open(struct pty *pty);
/* Hangs up, if that was not done. */
void pty_close(struct pty *pty);
void pty_hang_up(struct pty *pty);

/* What the peer does, within the harness's patience; else a check has failed. */
void pty_send(struct pty *pty, const void *bytes, size_t len);
void pty_receive(struct pty *pty, void *bytes, size_t len);
/* Receives exactly these. */
bool pty_expect(struct pty *pty, const void *bytes, size_t len);
/* Takes what is there. */
size_t pty_take(struct pty *pty, void *bytes, size_t room);

/* How the slave is set. */
void pty_termios(const struct pty *pty, struct termios2 *termios);
uint32_t pty_speed(const struct pty *pty);
uint32_t pty_cflag(const struct pty *pty);
uint32_t pty_iflag(const struct pty *pty);
uint8_t pty_character(const struct pty *pty, unsigned which); /* VSTART, ... */

#endif
