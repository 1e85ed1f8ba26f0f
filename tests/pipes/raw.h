/* SPDX-License-Identifier: MIT */
/* Programs that know unix sockets and nothing else: what they do with the paths of a pipe. */
#ifndef COMM_TESTS_PIPES_RAW_H
#define COMM_TESTS_PIPES_RAW_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "connected.h"

static inline void raw_must(bool done, const char *what)
{
    if (done)
        return;
    perror(what);
    exit(EXIT_FAILURE);
}

/* A socket that does not wait for ever. */
static inline int raw_socket(int type)
{
    const struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

    raw_must(fd >= 0, "socket");
    raw_must(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0,
             "SO_RCVTIMEO");
    return fd;
}

/* Through the directory's descriptor: its path may be longer than an address. */
static inline struct sockaddr_un raw_address(int dir, const char *entry)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int len =
        snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", dir, entry);

    raw_must(len < (int)sizeof address.sun_path, entry);
    return address;
}

/* 0, or the errno that connect() failed with; the descriptor is the caller's. */
static inline int raw_connect(int fd, const char *dir_path, const char *entry)
{
    int dir = open(dir_path, O_PATH | O_DIRECTORY | O_CLOEXEC), error;
    struct sockaddr_un address = raw_address(dir, entry);

    error = connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : errno;
    close(dir);
    return error;
}

/* A connected client of the pipe's door. */
static inline int raw_client(const char *name, int type)
{
    int fd = raw_socket(type);

    CHECK_EQ(raw_connect(fd, pipe_dir(), name_key(name)), 0);
    return fd;
}

/* A server that libcomm has not made. */
static inline int raw_listen(const char *dir_path, const char *entry, int type, int backlog)
{
    int dir = open(dir_path, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = raw_socket(type);
    struct sockaddr_un address = raw_address(dir, entry);

    raw_must(bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, backlog) == 0,
             entry);
    close(dir);
    return fd;
}

/* The name of the link for programs that look in the temporary directory. */
static inline const char *raw_link(const char *name)
{
    static char link[AT_NAME];

    snprintf(link, sizeof link, "CoreFxPipe_%s", name_key(name));
    return link;
}

static inline bool raw_send(int fd, const char *bytes)
{
    return send(fd, bytes, strlen(bytes), MSG_NOSIGNAL) == (ssize_t)strlen(bytes);
}

/* Exactly this comes next; "" is the end, or an empty message. */
static inline bool raw_hears(int fd, const char *bytes)
{
    char got[256];
    ssize_t len = recv(fd, got, sizeof got, 0);

    return len == (ssize_t)strlen(bytes) && memcmp(got, bytes, (size_t)len) == 0;
}

#endif
