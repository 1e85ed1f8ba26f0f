/* SPDX-License-Identifier: MIT */
/* A virtual machine's character device as the client of a pipe of bytes: its monitor greets, obeys
 * and goes, through nothing but our socket. */
#include "programs.h"

#include <signal.h>

enum { QUOTA = 4096, SAID_MOST = 8192 };

struct monitor {
    char name[AT_NAME];
    HANDLE server;
    struct program qemu;
    char said[SAID_MOST + 1]; /* so far, and not looked at */
    size_t len;
    DWORD end; /* the error that ended it; 0: it goes on */
};

static void qemu_start(struct monitor *m)
{
    char self[] = "qemu-system-x86_64", machine[] = "-M", none[] = "none", display[] = "-display",
         bare[] = "-nodefaults", device[] = "-chardev", socket[2 * AT_NAME], monitor[] = "-mon",
         control[] = "chardev=c,mode=control";
    char *argv[] = {self,   machine, none,    display, none, bare,
                    device, socket,  monitor, control, NULL};

    snprintf(socket, sizeof socket, "socket,id=c,path=%s/%s", pipe_dir(), name_key(m->name));
    program_start(&m->qemu, argv);
}

static void monitor_open(struct monitor *m)
{
    *m = (struct monitor){0};
    strcpy(m->name, fresh_name(""));
    m->server = make_pipe(here, m->name, BYTES, QUOTA);
    CHECK_PENDS(at_connect(here, 0, m->server));
    qemu_start(m);
    CHECK_SAID(at_await(here, 0), 0, 0);
}

static void listen_on(struct monitor *m)
{
    struct said said = at_get(here, m->server, AT_DATA);

    m->end = said.ok ? 0 : said.error;
    if (!said.ok || !CHECK(m->len + said.count <= SAID_MOST))
        return;
    memcpy(m->said + m->len, said.data, said.count);
    m->len += said.count;
    m->said[m->len] = '\0';
}

/* It comes to say this; what it has said is forgotten then. */
static void check_says(struct monitor *m, const char *what)
{
    while (m->end == 0 && m->len < SAID_MOST && strstr(m->said, what) == NULL)
        listen_on(m);
    CHECK(strstr(m->said, what) != NULL);
    m->len = 0;
    m->said[0] = '\0';
}

static void ask(struct monitor *m, const char *what)
{
    CHECK_SAID(at_put(here, m->server, what, (DWORD)strlen(what)), 0, (DWORD)strlen(what));
}

static void its_monitor_greets_obeys_and_goes(void)
{
    static struct monitor m;

    monitor_open(&m);
    check_says(&m, "\"QMP\"");
    ask(&m, "{\"execute\":\"qmp_capabilities\"}\n");
    check_says(&m, "\"return\"");
    ask(&m, "{\"execute\":\"quit\"}\n");
    while (m.end == 0 && m.len < SAID_MOST)
        listen_on(&m);
    CHECK_EQ(m.end, ERROR_BROKEN_PIPE);
    CHECK_EQ(program_end(&m.qemu), 0);
    CHECK_SAID(at_close(here, m.server), 0, 0);
}

/* Its peer is a pipe like any other: disconnected, it hears the end. */
static void a_disconnect_is_the_end_to_it(void)
{
    static struct monitor m;

    monitor_open(&m);
    check_says(&m, "\"QMP\"");
    CHECK_SAID(at_disconnect(here, m.server), 0, 0);
    CHECK_PENDS(at_connect(here, 0, m.server)); /* it does not come again by itself */
    CHECK_EQ(kill(m.qemu.pid, SIGKILL), 0);
    CHECK_EQ(program_end(&m.qemu), -1);
    CHECK_SAID(at_look(here, 0), ERROR_IO_INCOMPLETE, AT_ANY);
    CHECK_SAID(at_close(here, m.server), 0, 0);
    CHECK_SAID(at_await(here, 0), ERROR_BROKEN_PIPE, 0);
}

FAR_TEST_MAIN(TEST(its_monitor_greets_obeys_and_goes), TEST(a_disconnect_is_the_end_to_it))
