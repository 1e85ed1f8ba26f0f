/* SPDX-License-Identifier: MIT */
/* HANDLE_FLAG_INHERIT is kept with a handle and told to who asks; but a program that is executed
 * gets no end of a pipe: it could not keep the counts in the page.  So it never holds one open. */
#include "connected.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { QUOTA = 512 };

/* A program that has nothing to do until its input ends. */
struct program {
    pid_t pid;
    int input, output;
};

/* It says which descriptors it has, and stays. */
static struct program program_start(void)
{
    struct program p;
    int in[2], out[2];

    CHECK(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
    p.pid = fork();
    if (p.pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        execl("/bin/sh", "sh", "-c", "ls -l /proc/$$/fd; echo; cat >/dev/null", (char *)NULL);
        _exit(127);
    }
    CHECK(p.pid > 0);
    close(in[0]);
    close(out[1]);
    p.input = in[1];
    p.output = out[0];
    return p;
}

/* Sockets and event descriptors among those it has; it runs by then. */
static unsigned program_kept(const struct program *p)
{
    FILE *output = fdopen(dup(p->output), "r");
    char line[300];
    unsigned kept = 0;

    while (output != NULL && fgets(line, sizeof line, output) != NULL && line[0] != '\n') {
        if (strstr(line, "socket:") == NULL && strstr(line, "[eventfd]") == NULL)
            continue;
        printf("      %s", line);
        kept++;
    }
    CHECK(output != NULL && fclose(output) == 0);
    return kept;
}

static void program_end(struct program *p)
{
    int status = -1;

    close(p->input);
    close(p->output);
    CHECK(waitpid(p->pid, &status, 0) == p->pid && status == 0);
}

/* What this process itself was given may be a socket. */
static unsigned kept_before(void)
{
    struct program p = program_start();
    unsigned kept = program_kept(&p);

    program_end(&p);
    return kept;
}

static void an_inheritable_end_is_closed_when_its_process_has_closed_it(void)
{
    const char *name = fresh_name("");
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);
    unsigned before = kept_before();
    HANDLE server, client;
    struct program program;
    DWORD flags = 0;

    pipe.inheritable = true;
    server = made(at_create(here, name, pipe));
    client = open_pipe(here, name);
    CHECK(SetHandleInformation(client, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
    CHECK(GetHandleInformation(client, &flags));
    CHECK_EQ(flags, HANDLE_FLAG_INHERIT);
    program = program_start();
    CHECK_EQ(program_kept(&program), before);
    CHECK_SAID(at_put(here, server, "abc", 3), 0, 3);
    CHECK_SAID(at_close(here, server), 0, 0);
    CHECK_SAID(at_get(here, client, 8), 0, 3);
    CHECK_SAID(at_get(here, client, 8), ERROR_BROKEN_PIPE, 0);
    CHECK_SAID(at_open(here, name, BOTH_WAYS, 0), ERROR_FILE_NOT_FOUND, 0);
    CHECK_SAID(at_close(here, client), 0, 0);
    program_end(&program);
}

static void an_inheritable_anonymous_pipe_ends_with_its_writer(void)
{
    SECURITY_ATTRIBUTES security = {.nLength = sizeof security, .bInheritHandle = TRUE};
    unsigned before = kept_before();
    struct program program;
    HANDLE in, out;
    DWORD count = 0;
    char byte;

    CHECK(CreatePipe(&in, &out, &security, 0));
    program = program_start();
    CHECK_EQ(program_kept(&program), before);
    CHECK(CloseHandle(out));
    CHECK(!ReadFile(in, &byte, 1, &count, NULL));
    CHECK_EQ(GetLastError(), ERROR_BROKEN_PIPE);
    CHECK(CloseHandle(in));
    program_end(&program);
}

FAR_TEST_MAIN(TEST(an_inheritable_end_is_closed_when_its_process_has_closed_it),
              TEST(an_inheritable_anonymous_pipe_ends_with_its_writer))
