/* SPDX-License-Identifier: MIT */
/* Each request has a socket of its own, so that no test is found to leak one. */
#include "adapters.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness.h"

#define DOOR "/run/vftdi"
#define PATIENCE_MS 20000
#define ROOM 512

/* The kernel gives it a name to be answered under. */
static int knock(void)
{
    const struct sockaddr_un nameless = {.sun_family = AF_UNIX};
    const struct sockaddr_un door = {.sun_family = AF_UNIX, .sun_path = DOOR};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && bind(fd, (const struct sockaddr *)&nameless, sizeof nameless.sun_family) == 0 &&
        connect(fd, (const struct sockaddr *)&door, sizeof door) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool ask(const char *request, char answer[ROOM])
{
    int fd = knock();
    struct pollfd one = {.fd = fd, .events = POLLIN};
    ssize_t len = -1;

    if (fd >= 0 && send(fd, request, strlen(request), 0) >= 0 && poll(&one, 1, PATIENCE_MS) == 1)
        len = recv(fd, answer, ROOM - 1, 0);
    if (fd >= 0)
        close(fd);
    answer[len > 0 ? len : 0] = '\0';
    return comm_check(strncmp(answer, "OK", 2) == 0, __FILE__, __LINE__,
                      "the adapters were asked \"%s\" and said \"%s\"", request, answer);
}

bool adapters_do(const char *format, ...)
{
    char request[ROOM], answer[ROOM];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(request, sizeof request, format, arguments);
    va_end(arguments);
    return ask(request, answer);
}

long adapter_tells(char adapter, const char *what)
{
    char request[] = {'g', 'e', 't', ' ', adapter, '\0'}, answer[ROOM], key[32];
    const char *found;

    if (!ask(request, answer))
        return -1;
    snprintf(key, sizeof key, " %s ", what);
    found = strstr(answer, key);
    if (!comm_check(found != NULL, __FILE__, __LINE__, "%s is not in \"%s\"", what, answer))
        return -1;
    return strtol(found + strlen(key), NULL, 10);
}
