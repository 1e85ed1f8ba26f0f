/* SPDX-License-Identifier: MIT */
/* The stream is a cookie, since stdio forgets the errno of a write that an earlier call made. */
#include "tools/common/out.h"

#include "tools/common/say.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static FILE *stream;
static int failed; /* errno of the first write that failed */

void out_begin(void)
{
    signal(SIGPIPE, SIG_IGN);
}

/* All of it, on a descriptor that may not block, since whoever started us may share it. */
static ssize_t write_all(void *cookie, const char *bytes, size_t len)
{
    size_t done = 0;

    (void)cookie;
    while (failed == 0 && done < len) {
        ssize_t wrote = write(STDOUT_FILENO, bytes + done, len - done);
        struct pollfd ready = {.fd = STDOUT_FILENO, .events = POLLOUT};

        if (wrote >= 0)
            done += (size_t)wrote;
        else if (errno == EAGAIN)
            (void)poll(&ready, 1, -1);
        else if (errno != EINTR)
            failed = errno;
    }
    return failed != 0 ? 0 : (ssize_t)len; /* 0 is how a cookie tells an error */
}

FILE *out_stream(void)
{
    cookie_io_functions_t functions = {.write = write_all};

    if (stream == NULL)
        stream = fopencookie(NULL, "w", functions);
    return stream;
}

bool out_flush(void)
{
    return stream != NULL && fflush(stream) == 0 && failed == 0;
}

enum tool_status out_end(enum tool_status status)
{
    if (stream != NULL) {
        if (fclose(stream) != 0 && failed == 0)
            failed = errno;
        stream = NULL;
    }
    if (failed == 0 || failed == EPIPE)
        return status;
    say_error("standard output: %s", strerror(failed));
    return TOOL_OUTPUT;
}
