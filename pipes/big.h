/* SPDX-License-Identifier: MIT */
/* Messages larger than a socket takes as one record: a sealed memory file goes through the socket
 * instead, in a record that says how long the message is.  Only between ends with a status page. */
#ifndef PI_BIG_H
#define PI_BIG_H

#include <stdbool.h>
#include <stddef.h>

/* One that has been taken out of the socket and is not read to its end. */
struct pi_big {
    const char *data; /* NULL: none */
    size_t len, at;
};

/* Negative errno, or 0. */
int pi_big_send(int fd, const void *data, size_t len);
/* If the head record stands for such a message, it is taken out of the socket: 1.  0: it does not;
 * or a negative errno, and it is still there. */
int pi_big_take(int fd, struct pi_big *big);
/* Copies up to `len` bytes of what is left, without moving on. */
size_t pi_big_look(const struct pi_big *big, void *buf, size_t len);
/* Moves on; true when that was the last of it, and it is gone. */
bool pi_big_skip(struct pi_big *big, size_t len);

#endif
