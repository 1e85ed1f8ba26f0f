/* SPDX-License-Identifier: MIT */
/* An instrument answers the same over a pty, a pipe, a socket, a program and a simulated cable; and
 * whatever it is, its loss has one status and a cancelled read is no loss. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pty.h"
#include "talk.h"
#include "tools/common/sim/serve.h"
#include "tools/common/timer.h"

static struct sim *make_sim(const char *text)
{
    struct sim_options options;
    struct tool_fail fail;
    const char *model = NULL;

    CHECK_EQ(sim_parse(text, &model, &options, &fail), TOOL_OK);
    return sim_new(model, &options);
}

/* An instrument at an end that others open, and where to do that. */
static struct sim_server *serve(struct talk *talk, const char *name, char *address, size_t room)
{
    struct tool_end *end = talk_end(talk, name);

    snprintf(address, room, "%s", end->address);
    return sim_serve(end, make_sim("psu"));
}

static void ask_all(struct talk *talk, struct tool_end *end)
{
    talk_ask(talk, end, "*IDN?\n", "LIBCOMM,SIM-PSU,0001,1.0");
    talk_ask(talk, end, "VOLT 5\nVOLT?\n", "5.000");
    talk_ask(talk, end, "VOLT 99\nSYST:ERR?\n", "-222,\"Data out of range\"");
}

/* ---- the same over all ---- */

static void an_instrument_on_a_pty_is_opened_by_its_path(void)
{
    struct sim_server *server;
    struct tool_end *end;
    struct talk talk;
    char path[256];

    talk_open(&talk);
    server = serve(&talk, "pty:", path, sizeof path);
    end = talk_end(&talk, path);
    CHECK(end->serial);
    ask_all(&talk, end);
    tool_end_close(end);
    end = talk_end(&talk, path); /* the next one finds settings and no leavings */
    talk_ask(&talk, end, "VOLT?\n", "5.000");
    tool_end_close(end);
    sim_server_close(server);
    talk_close(&talk);
}

static void a_pty_has_the_link_that_was_asked_for(void)
{
    struct tool_end *end, *port;
    struct talk talk;
    char name[300], link[280];
    struct stat st;

    talk_open(&talk);
    snprintf(link, sizeof link, "%.255s/dut", comm_test_dir());
    snprintf(name, sizeof name, "pty:%s", link);
    CHECK_EQ(symlink("/nowhere", link), 0); /* what another run left */
    end = talk_end(&talk, name);
    port = talk_end(&talk, link);
    CHECK_EQ(talk_write(&talk, port, "x\n"), TOOL_OK);
    CHECK_EQ(talk_line(&talk, end, name, sizeof name), TOOL_OK);
    CHECK(strcmp(name, "x") == 0);
    tool_end_close(port);
    tool_end_close(end);
    CHECK(lstat(link, &st) != 0);
    CHECK_EQ(mkdir(link, 0700), 0); /* what is no link stays */
    snprintf(name, sizeof name, "pty:%s", link);
    CHECK(tool_end_open(&talk.loop, name, NULL, &talk.fail) == NULL);
    CHECK_EQ(talk.fail.status, TOOL_OWNED);
    talk_close(&talk);
}

static void an_instrument_on_a_pipe_serves_one_after_the_other(void)
{
    static const char *const names[][2] = {
        {"pipe:io-bytes?listen",            "pipe:io-bytes"           },
        {"pipe:io-messages?listen&message", "pipe:io-messages?message"},
    };

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct sim_server *server;
        struct tool_end *end;
        struct talk talk;
        char address[256];

        setenv("LIBCOMM_PIPE_DIR", comm_test_dir(), 1); /* 0700, and ours alone */
        talk_open(&talk);
        server = serve(&talk, names[i][0], address, sizeof address);
        end = talk_end(&talk, names[i][1]);
        ask_all(&talk, end);
        tool_end_close(end);
        while ((end = tool_end_open(&talk.loop, names[i][1], NULL, &talk.fail)) == NULL &&
               CHECK_EQ(talk.fail.status, TOOL_BUSY)) /* it has not seen him go */
            tool_loop_round(&talk.loop, TALK_ROUND_MS);
        talk_ask(&talk, end, "VOLT?\n", "5.000");
        tool_end_close(end);
        sim_server_close(server);
        talk_close(&talk);
    }
}

static void an_instrument_on_a_socket_serves_one_after_the_other(void)
{
    char address[256], name[300];
    struct sim_server *server;
    struct tool_end *end;
    struct talk talk;

    talk_open(&talk);
    snprintf(name, sizeof name, "unix:%.90s/s?listen", comm_test_dir());
    server = serve(&talk, name, address, sizeof address);
    snprintf(name, sizeof name, "unix:%s", address);
    end = talk_end(&talk, name);
    ask_all(&talk, end);
    tool_end_close(end);
    end = talk_end(&talk, name);
    talk_ask(&talk, end, "VOLT?\n", "5.000");
    tool_end_close(end);
    sim_server_close(server);
    talk_close(&talk);
}

static void a_simulated_instrument_is_a_serial_port(void)
{
    struct tool_end *end;
    struct talk talk;
    DWORD rate = 0;

    talk_open(&talk);
    end = talk_end(&talk, "sim:psu?seed=3");
    ask_all(&talk, end);
    CHECK(end->serial);
    CHECK(tool_end_rate(end, &rate));
    CHECK_EQ(rate, 115200);
    tool_end_close(end);
    talk_close(&talk);
}

static void a_slow_cable_takes_its_time(void)
{
    struct tool_op op = {.done = talk_nothing};
    struct tool_line line = tool_line_default;
    uint64_t first = 0, last = 0;
    struct tool_end *end;
    struct talk talk;
    char text[64];
    size_t len = 0;

    line.rate = 1200;
    talk_open(&talk);
    end = tool_end_open(&talk.loop, "sim:dmm", &line, &talk.fail);
    CHECK(end != NULL);
    CHECK_EQ(talk_write(&talk, end, "*IDN?\n"), TOOL_OK);
    while (len == 0 || text[len - 1] != '\n') {
        tool_end_read(end, &op, text + len, sizeof text - len);
        if (!talk_until(&talk, &op) || !CHECK(op.count > 0))
            break;
        len += op.count;
        first = first == 0 ? op.stamp_ns : first;
        last = op.stamp_ns;
    }
    CHECK_EQ(len, 25);
    CHECK(last - first >= 100000000); /* 24 bytes at 120 a second, but for what came together */
    tool_end_close(end);
    talk_close(&talk);
}

/* Where no cable keeps the pace. */
static void an_instrument_sends_as_fast_as_its_baud_rate(void)
{
    struct sim_server *server;
    struct tool_end *end, *port;
    struct talk talk;
    char path[256];
    uint64_t began;

    talk_open(&talk);
    end = talk_end(&talk, "pty:");
    snprintf(path, sizeof path, "%s", end->address);
    server = sim_serve(end, make_sim("psu?baud=1200"));
    port = talk_end(&talk, path);
    began = tool_now_ns();
    talk_ask(&talk, port, "*IDN?\n", "LIBCOMM,SIM-PSU,0001,1.0");
    CHECK(tool_now_ns() - began >= 24 * 10 * 1000000000ull / 1200);
    tool_end_close(port);
    sim_server_close(server);
    talk_close(&talk);
}

static void a_plug_gives_back_what_it_gets(void)
{
    struct tool_end *end;
    struct talk talk;

    talk_open(&talk);
    end = talk_end(&talk, "loop:");
    talk_ask(&talk, end, "there and back\n", "there and back");
    talk_ask(&talk, end, "again\n", "again");
    tool_end_close(end);
    talk_close(&talk);
}

static void a_program_answers_until_it_ends(void)
{
    struct tool_end *end;
    struct talk talk;
    char text[64];

    talk_open(&talk);
    end = talk_end(&talk, "exec:read -r a; echo \"got $a\"");
    talk_ask(&talk, end, "this\n", "got this");
    CHECK_EQ(talk_line(&talk, end, text, sizeof text), TOOL_LOST);
    tool_end_close(end);
    end = talk_end(&talk, "exec:cat"); /* and one that is still there is ended */
    talk_ask(&talk, end, "this\n", "this");
    tool_end_close(end);
    talk_close(&talk);
}

/* ---- loss ---- */

static void a_port_that_is_unplugged_is_lost(void)
{
    struct tool_op op = {.done = talk_nothing};
    struct tool_end *end;
    struct talk talk;
    struct pty pty;
    char buf[8];

    pty_open(&pty);
    talk_open(&talk);
    end = talk_end(&talk, pty.path);
    tool_end_read(end, &op, buf, sizeof buf);
    pty_hang_up(&pty);
    talk_until(&talk, &op);
    CHECK_EQ(tool_end_status(end, &op), TOOL_LOST);
    CHECK_EQ(talk_write(&talk, end, "x"), TOOL_LOST);
    tool_end_close(end);
    talk_close(&talk);
}

static const char *const kinds[] = {"loop:", "sim:dmm", "exec:cat", "pty:"};

static void a_read_that_we_cancel_is_no_loss(void)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct tool_op op = {.done = talk_nothing};
        struct tool_end *end;
        struct talk talk;
        char buf[8];

        talk_open(&talk);
        end = talk_end(&talk, kinds[i]);
        tool_end_read(end, &op, buf, sizeof buf);
        tool_op_cancel(&op);
        talk_until(&talk, &op);
        CHECK_EQ_WHEN(kinds[i], op.error, ERROR_OPERATION_ABORTED);
        CHECK_EQ_WHEN(kinds[i], tool_end_status(end, &op), TOOL_OK);
        tool_end_close(end);
        talk_close(&talk);
    }
}

static void closing_brings_back_what_is_pending(void)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct tool_op op = {.done = talk_nothing};
        struct tool_end *end;
        struct talk talk;
        char buf[8];

        talk_open(&talk);
        end = talk_end(&talk, kinds[i]);
        tool_end_read(end, &op, buf, sizeof buf);
        tool_end_close(end);
        talk_until(&talk, &op);
        CHECK(op.error != ERROR_SUCCESS);
        talk_close(&talk);
    }
}

static void the_loop_may_end_before_its_ends(void)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct tool_op op = {.done = talk_nothing};
        struct tool_end *end;
        struct talk talk;
        char buf[8];

        talk_open(&talk);
        end = talk_end(&talk, kinds[i]);
        tool_end_read(end, &op, buf, sizeof buf);
        talk_close(&talk);
        CHECK(!op.pending);
        tool_end_close(end);
    }
}

COMM_TEST_MAIN(TEST(an_instrument_on_a_pty_is_opened_by_its_path),
               TEST(a_pty_has_the_link_that_was_asked_for),
               TEST(an_instrument_on_a_pipe_serves_one_after_the_other),
               TEST(an_instrument_on_a_socket_serves_one_after_the_other),
               TEST(a_simulated_instrument_is_a_serial_port), TEST(a_slow_cable_takes_its_time),
               TEST(an_instrument_sends_as_fast_as_its_baud_rate),
               TEST(a_plug_gives_back_what_it_gets), TEST(a_program_answers_until_it_ends),
               TEST(a_port_that_is_unplugged_is_lost), TEST(a_read_that_we_cancel_is_no_loss),
               TEST(closing_brings_back_what_is_pending), TEST(the_loop_may_end_before_its_ends))
