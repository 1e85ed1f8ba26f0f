/* SPDX-License-Identifier: MIT */
/* What is not there is waited for without looking around; what was lost is opened again if it is
 * the same device, at whatever path, and another device at its path is refused. */
#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "pty.h"
#include "talk.h"
#include "tools/common/reconnect.h"
#include "tree.h"

struct wait {
    struct talk talk;
    struct tool_reconnect reconnect;
    struct tool_end *end; /* once it is open */
    int told;
    char text[1024];
};

static void is_open(struct tool_reconnect *reconnect, struct tool_end *end)
{
    ((struct wait *)reconnect->owner)->end = end;
}

static void is_told(struct tool_reconnect *reconnect, const char *text)
{
    struct wait *wait = reconnect->owner;

    wait->told++;
    snprintf(wait->text, sizeof wait->text, "%s", text);
}

static void wait_begin(struct wait *wait)
{
    memset(wait, 0, sizeof *wait);
    talk_open(&wait->talk);
    wait->reconnect = (struct tool_reconnect){
        .loop = &wait->talk.loop, .opened = is_open, .told = is_told, .owner = wait};
}

static void wait_start(struct wait *wait, const char *name, struct tool_end *lost)
{
    wait->end = NULL;
    wait->told = 0;
    CHECK(tool_reconnect_start(&wait->reconnect, name, NULL, lost));
    if (lost != NULL)
        tool_end_close(lost);
}

static bool until_told(struct wait *wait, int times)
{
    while (wait->told < times && wait->end == NULL &&
           tool_loop_round(&wait->talk.loop, TALK_ROUND_MS))
        ;
    return CHECK_EQ(wait->told, times) && CHECK(wait->end == NULL);
}

static bool until_open(struct wait *wait)
{
    while (wait->end == NULL && tool_loop_round(&wait->talk.loop, TALK_ROUND_MS))
        ;
    return CHECK(wait->end != NULL);
}

static void wait_end(struct wait *wait)
{
    tool_reconnect_stop(&wait->reconnect);
    while (!tool_reconnect_idle(&wait->reconnect) &&
           CHECK(tool_loop_round(&wait->talk.loop, TALK_ROUND_MS)))
        ;
    if (wait->end != NULL)
        tool_end_close(wait->end);
    talk_close(&wait->talk);
}

/* ---- waiting for what is not there ---- */

static const struct tree_usb ours = {"1-1:1.0", "00", "0403", "6001", "Maker", "Adapter", "A1"};
static const struct tree_usb ours_elsewhere = {"1-3:1.0", "00",      "0403", "6001",
                                               "Maker",   "Adapter", "A1"};
static const struct tree_usb other = {"1-1:1.0", "00", "0403", "6001", "Maker", "Adapter", "B2"};
static const struct tree_usb nameless = {"1-1:1.0", "00", "1a86", "7523", "Maker", "Clone", NULL};
static const struct tree_usb nameless_elsewhere = {"1-4:1.0", "00",    "1a86", "7523",
                                                   "Maker",   "Clone", NULL};

static void an_absent_port_is_opened_when_it_comes(void)
{
    static const char *const names[] = {"usb:serial=A1", "topology:1-1:1.0"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct wait wait;

        tree_begin();
        tree_native("ttyS0", "4"); /* so that there is a directory to watch */
        wait_begin(&wait);
        wait_start(&wait, names[i], NULL);
        until_told(&wait, 1);
        tree_usb("ttyUSB0", &ours);
        until_open(&wait);
        wait_end(&wait);
        tree_end();
    }
}

static void an_absent_path_is_opened_when_it_comes(void)
{
    struct wait wait;
    struct pty pty;
    char link[300];

    pty_open(&pty);
    snprintf(link, sizeof link, "%.255s/dut", comm_test_dir());
    wait_begin(&wait);
    wait_start(&wait, link, NULL);
    until_told(&wait, 1);
    CHECK(strstr(wait.text, link) != NULL);
    CHECK_EQ(symlink(pty.path, link), 0);
    until_open(&wait);
    wait_end(&wait);
    unlink(link);
    pty_close(&pty);
}

static void an_absent_pipe_or_socket_is_opened_when_it_comes(void)
{
    char socket[200];
    const char *const names[] = {"pipe:later", socket};

    snprintf(socket, sizeof socket, "unix:%.90s/later", comm_test_dir());
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char directory[300], listen[300];
        struct tool_end *server;
        struct wait wait;

        snprintf(directory, sizeof directory, "%.255s/made/later", comm_test_dir());
        setenv("LIBCOMM_PIPE_DIR", directory, 1); /* not there yet either */
        wait_begin(&wait);
        wait_start(&wait, names[i], NULL);
        until_told(&wait, 1);
        snprintf(listen, sizeof listen, "%s?listen", names[i]);
        server = talk_end(&wait.talk, listen);
        until_open(&wait);
        wait_end(&wait);
        tool_end_close(server);
    }
}

static void a_busy_port_is_tried_again_after_a_second(void)
{
    uint64_t began = tool_now_ns();
    struct tool_end *holder;
    struct wait wait;
    struct pty pty;

    pty_open(&pty);
    wait_begin(&wait);
    holder = talk_end(&wait.talk, pty.path);
    wait_start(&wait, pty.path, NULL);
    until_told(&wait, 1);
    CHECK_EQ(wait.reconnect.fail.status, TOOL_BUSY);
    tool_end_close(holder);
    until_open(&wait);
    CHECK(tool_now_ns() - began >= 900000000);
    CHECK_EQ(wait.told, 1);
    wait_end(&wait);
    pty_close(&pty);
}

static void a_wait_that_is_given_up_opens_nothing(void)
{
    struct wait wait;

    wait_begin(&wait);
    wait_start(&wait, "usb:serial=nobody", NULL);
    until_told(&wait, 1);
    CHECK(!tool_reconnect_start(&wait.reconnect, "COM1", NULL, NULL)); /* it runs already */
    wait_end(&wait);
    CHECK(wait.end == NULL);
}

struct rest {
    struct tool_timer timer;
    int periods;
    long at[3];
};

enum { SHORT_MS = 200, LONG_MS = 1000 };

static void rest_over(struct tool_timer *timer)
{
    struct rest *rest = timer->owner;
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    rest->at[rest->periods++] = usage.ru_nvcsw;
    if (rest->periods == 3)
        tool_loop_stop(timer->loop);
    else
        tool_timer_set(timer, rest->periods == 1 ? SHORT_MS * 1000 : LONG_MS * 1000);
}

/* As in the_loop_brings_everything_back: a wake-up has an echo of some milliseconds. */
static void waiting_for_an_absent_port_wakes_nobody_up(void)
{
    struct rest rest = {.periods = 0};
    struct wait wait;

    if (COMM_THREAD_SANITIZER) {
        comm_test_skip("the thread sanitizer has a thread of its own, which wakes up by the clock");
        return;
    }

    tree_begin(); /* where nothing comes or goes */
    wait_begin(&wait);
    wait_start(&wait, "usb:serial=nobody", NULL);
    until_told(&wait, 1);
    CHECK(tool_timer_init(&rest.timer, &wait.talk.loop, rest_over, &rest));
    tool_timer_set(&rest.timer, SHORT_MS * 1000);
    tool_loop_run(&wait.talk.loop);
    if (!CHECK(rest.at[2] - rest.at[1] <= rest.at[1] - rest.at[0] + 6))
        printf("      %ld switches in a short rest, %ld in a long one\n", rest.at[1] - rest.at[0],
               rest.at[2] - rest.at[1]);
    tool_timer_fini(&rest.timer);
    wait_end(&wait);
    tree_end();
}

/* ---- coming back ---- */

/* Opens ttyUSB0, which is `usb`, and loses it. */
static void lose(struct wait *wait, const struct tree_usb *usb)
{
    struct tool_op op = {.done = talk_nothing};
    struct tool_end *end;
    char buf[4], path[300];

    tree_native("ttyS0", "4");
    tree_usb("ttyUSB0", usb);
    snprintf(path, sizeof path, "%s", tree_node("ttyUSB0"));
    end = talk_end(&wait->talk, path);
    tool_end_read(end, &op, buf, sizeof buf);
    tree_hang_up("ttyUSB0");
    tree_take_node("ttyUSB0");
    tree_remove("sys/class/tty/ttyUSB0");
    talk_until(&wait->talk, &op);
    CHECK_EQ(tool_end_status(end, &op), TOOL_LOST);
    wait_start(wait, path, end);
    until_told(wait, 1);
}

static void the_same_adapter_is_opened_at_its_new_path(void)
{
    struct wait wait;

    tree_begin();
    wait_begin(&wait);
    lose(&wait, &ours);
    tree_usb("ttyUSB5", &ours_elsewhere);
    if (until_open(&wait)) {
        CHECK(strcmp(wait.end->address, tree_node("ttyUSB5")) == 0);
        CHECK(strstr(wait.end->name, "ttyUSB0") != NULL); /* what the user called it */
    }
    wait_end(&wait);
    tree_end();
}

static void another_adapter_of_the_same_make_is_not_ours(void)
{
    struct wait wait;

    tree_begin();
    wait_begin(&wait);
    lose(&wait, &ours);
    tree_usb("ttyUSB1", &other);
    tree_usb("ttyUSB2", &ours_elsewhere);
    if (until_open(&wait))
        CHECK(strcmp(wait.end->identity.serial, "A1") == 0);
    wait_end(&wait);
    tree_end();
}

static void another_adapter_at_its_path_is_refused_and_told(void)
{
    static const struct tree_usb stranger = {"1-2:1.0", "00",      "0403", "6001",
                                             "Maker",   "Adapter", "B2"};
    struct wait wait;

    tree_begin();
    wait_begin(&wait);
    lose(&wait, &ours);
    tree_usb("ttyUSB0", &stranger);
    until_told(&wait, 2);
    CHECK(strstr(wait.text, "not opened") != NULL);
    CHECK(strstr(wait.text, "serial B2") != NULL && strstr(wait.text, "serial A1") != NULL);
    tree_usb("ttyUSB5", &ours_elsewhere);
    if (until_open(&wait))
        CHECK(strcmp(wait.end->identity.serial, "A1") == 0);
    wait_end(&wait);
    tree_end();
}

static void one_without_a_serial_number_is_ours_only_in_its_socket(void)
{
    struct tool_identity a = {.known = true, .vid = 1, .pid = 2, .topology = "1-1:1.0"}, b = a;

    CHECK(tool_identity_same(&a, &b));
    snprintf(b.topology, sizeof b.topology, "1-4:1.0");
    CHECK(!tool_identity_same(&a, &b));
    snprintf(a.serial, sizeof a.serial, "S");
    snprintf(b.serial, sizeof b.serial, "S");
    CHECK(tool_identity_same(&a, &b));
    b.interface = 1;
    CHECK(!tool_identity_same(&a, &b));
    a.known = false;
    CHECK(!tool_identity_same(&a, &a)); /* never by path alone */
}

static void a_clone_comes_back_in_its_own_socket(void)
{
    struct wait wait;

    tree_begin();
    wait_begin(&wait);
    lose(&wait, &nameless);
    tree_usb("ttyUSB1", &nameless_elsewhere);
    tree_usb("ttyUSB2", &nameless);
    if (until_open(&wait))
        CHECK(strcmp(wait.end->identity.topology, "1-1:1.0") == 0);
    wait_end(&wait);
    tree_end();
}

/* ---- ptys ---- */

/* A pty whose slave has this path; numbers are used again at once. */
static bool pty_open_as(struct pty *pty, const char *path)
{
    struct pty tries[64];
    size_t count = 0;
    bool found = false;

    while (!found && count < ARRAY_LEN(tries)) {
        pty_open(&tries[count]);
        found = strcmp(tries[count++].path, path) == 0;
    }
    if (found)
        *pty = tries[--count];
    while (count > 0)
        pty_close(&tries[--count]);
    return found;
}

static bool clock_has_gone_on(void *born_ns)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec > *(uint64_t *)born_ns;
}

static void another_pty_of_the_same_number_is_refused(void)
{
    struct tool_op op = {.done = talk_nothing};
    struct tool_end *end;
    struct wait wait;
    struct pty pty, again;
    char buf[4];
    int peek;

    pty_open(&pty);
    wait_begin(&wait);
    end = talk_end(&wait.talk, pty.path);
    tool_end_read(end, &op, buf, sizeof buf);
    comm_wait_until(clock_has_gone_on, &end->identity.born_ns);
    pty_hang_up(&pty);
    talk_until(&wait.talk, &op);
    CHECK_EQ(tool_end_status(end, &op), TOOL_LOST);
    if (!pty_open_as(&again, pty.path)) {
        tool_end_close(end);
        wait_end(&wait);
        comm_test_skip("somebody else has the number now");
    }
    wait_start(&wait, pty.path, end);
    until_told(&wait, 1);
    CHECK(strstr(wait.text, "not opened") != NULL);
    peek = open(again.path, O_RDWR | O_NOCTTY | O_CLOEXEC); /* nobody has it */
    CHECK(peek >= 0);
    close(peek);
    wait_end(&wait);
    pty_close(&again);
}

COMM_TEST_MAIN(TEST(an_absent_port_is_opened_when_it_comes),
               TEST(an_absent_path_is_opened_when_it_comes),
               TEST(an_absent_pipe_or_socket_is_opened_when_it_comes),
               TEST(a_busy_port_is_tried_again_after_a_second),
               TEST(a_wait_that_is_given_up_opens_nothing),
               TEST(waiting_for_an_absent_port_wakes_nobody_up),
               TEST(the_same_adapter_is_opened_at_its_new_path),
               TEST(another_adapter_of_the_same_make_is_not_ours),
               TEST(another_adapter_at_its_path_is_refused_and_told),
               TEST(one_without_a_serial_number_is_ours_only_in_its_socket),
               TEST(a_clone_comes_back_in_its_own_socket),
               TEST(another_pty_of_the_same_number_is_refused))
