/* SPDX-License-Identifier: MIT */
/* Settings of a serial line, from the words of a user to the levels at the other end of a cable. */
#include <termios.h>

#include "pty.h"
#include "talk.h"

struct cable {
    struct talk talk;
    HANDLE handle;
    DWORD near, far;
    char name[32]; /* of the near port */
};

static void cable_open(struct cable *cable)
{
    talk_open(&cable->talk);
    cable->handle = CommCreateNullModem(0, 0, 0);
    CHECK(CommGetNullModemPorts(cable->handle, &cable->near, &cable->far));
    snprintf(cable->name, sizeof cable->name, "COM%u", (unsigned)cable->near);
}

static void cable_close(struct cable *cable)
{
    CloseHandle(cable->handle);
    talk_close(&cable->talk);
}

static struct tool_end *open_as(struct cable *cable, const struct tool_line *line)
{
    struct tool_end *end = tool_end_open(&cable->talk.loop, cable->name, line, &cable->talk.fail);

    if (!CHECK(end != NULL))
        exit(EXIT_FAILURE);
    return end;
}

static DWORD outputs(const struct cable *cable)
{
    DWORD levels = 0;

    CHECK(CommGetNullModemOutputs(cable->handle, cable->near, &levels));
    return levels & (COMM_OUTPUT_DTR | COMM_OUTPUT_RTS);
}

static void hang_up_at_the_end(const struct pty *pty)
{
    struct termios t;

    CHECK_EQ(tcgetattr(pty->master, &t), 0);
    t.c_cflag |= HUPCL;
    CHECK_EQ(tcsetattr(pty->master, TCSANOW, &t), 0);
}

/* A pty has no outputs, but the kernel is told whether it is to drop them. */
static bool kernel_drops(enum tool_level dtr, enum tool_level rts)
{
    struct tool_line line = tool_line_default;
    struct tool_end *end;
    struct talk talk;
    struct pty pty;
    bool drops;

    pty_open(&pty);
    hang_up_at_the_end(&pty);
    talk_open(&talk);
    line.dtr_close = dtr;
    line.rts_close = rts;
    end = tool_end_open(&talk.loop, pty.path, &line, &talk.fail);
    if (!CHECK(end != NULL))
        exit(EXIT_FAILURE);
    CHECK((pty_cflag(&pty) & HUPCL) != 0);
    tool_end_close(end);
    drops = (pty_cflag(&pty) & HUPCL) != 0;
    talk_close(&talk);
    pty_close(&pty);
    return drops;
}

static void lines_are_kept_at_the_end_unless_they_are_to_fall(void)
{
    CHECK(!kernel_drops(TOOL_KEEP, TOOL_KEEP));
    CHECK(!kernel_drops(TOOL_ON, TOOL_OFF));
    CHECK(kernel_drops(TOOL_OFF, TOOL_OFF));
}

/* ---- words ---- */

static const struct {
    const char *text;
    bool ok;
    int bits, stop;
    char parity;
} formats[] = {
    {"8n1",   true,  8, 2, 'n'},
    {"7E2",   true,  7, 4, 'e'},
    {"5o1.5", true,  5, 3, 'o'},
    {"8m1",   true,  8, 2, 'm'},
    {"9n1",   false, 0, 0, 0  },
    {"8x1",   false, 0, 0, 0  },
    {"8n3",   false, 0, 0, 0  },
    {"8n",    false, 0, 0, 0  },
    {"8",     false, 0, 0, 0  },
    {"",      false, 0, 0, 0  },
};

static void a_format_is_three_characters_or_refused(void)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        struct tool_line line = tool_line_default;

        CHECK_EQ_WHEN(formats[i].text, tool_line_format(&line, formats[i].text), formats[i].ok);
        CHECK_EQ_WHEN(formats[i].text, line.bits, formats[i].ok ? formats[i].bits : 8);
        CHECK_EQ_WHEN(formats[i].text, line.stop, formats[i].ok ? formats[i].stop : 2);
        CHECK_EQ_WHEN(formats[i].text, line.parity, formats[i].ok ? formats[i].parity : 'n');
    }
}

static void flow_control_has_four_names(void)
{
    enum tool_flow flow;

    CHECK(tool_flow_of("none", &flow) && flow == TOOL_FLOW_NONE);
    CHECK(tool_flow_of("rtscts", &flow) && flow == TOOL_FLOW_RTSCTS);
    CHECK(tool_flow_of("xonxoff", &flow) && flow == TOOL_FLOW_XONXOFF);
    CHECK(tool_flow_of("dtrdsr", &flow) && flow == TOOL_FLOW_DTRDSR);
    CHECK(!tool_flow_of("hardware", &flow));
}

/* ---- settings ---- */

static void a_port_is_opened_as_wished_and_set_again_while_it_is_open(void)
{
    struct tool_line line = tool_line_default;
    struct tool_end *end;
    struct cable cable;
    DCB dcb = {.DCBlength = sizeof dcb};
    DWORD rate = 0;

    cable_open(&cable);
    line.rate = 9600;
    tool_line_format(&line, "7e2");
    line.flow = TOOL_FLOW_RTSCTS;
    end = open_as(&cable, &line);
    CHECK(GetCommState(end->file, &dcb));
    CHECK(dcb.BaudRate == 9600 && dcb.ByteSize == 7 && dcb.Parity == EVENPARITY);
    CHECK(dcb.StopBits == TWOSTOPBITS && dcb.fOutxCtsFlow);
    CHECK_EQ(dcb.fRtsControl, RTS_CONTROL_HANDSHAKE);
    CHECK_EQ(tool_end_set(end, &tool_line_default, &cable.talk.fail), TOOL_OK);
    CHECK(tool_end_rate(end, &rate));
    CHECK_EQ(rate, 115200);
    CHECK(GetCommState(end->file, &dcb));
    CHECK(!dcb.fOutxCtsFlow && dcb.fRtsControl != RTS_CONTROL_HANDSHAKE);
    tool_end_close(end);
    cable_close(&cable);
}

static void a_refused_setting_changes_nothing_and_has_a_status(void)
{
    struct tool_line line = tool_line_default;
    struct tool_end *end;
    struct cable cable;
    DWORD rate = 0;

    cable_open(&cable);
    end = open_as(&cable, NULL);
    line.bits = 5;
    line.stop = 4; /* no UART does that */
    line.rate = 300;
    CHECK_EQ(tool_end_set(end, &line, &cable.talk.fail), TOOL_REFUSED);
    CHECK(strstr(cable.talk.fail.text, "5n2") != NULL);
    CHECK(tool_end_rate(end, &rate));
    CHECK_EQ(rate, 115200);
    tool_end_close(end);
    CHECK(tool_end_open(&cable.talk.loop, cable.name, &line, &cable.talk.fail) == NULL);
    CHECK_EQ(cable.talk.fail.status, TOOL_REFUSED);
    end = tool_end_open(&cable.talk.loop, "loop:", NULL, &cable.talk.fail);
    CHECK_EQ(tool_end_set(end, &tool_line_default, &cable.talk.fail), TOOL_REFUSED);
    tool_end_close(end);
    cable_close(&cable);
}

/* ---- DTR and RTS ---- */

static const struct {
    const char *when;
    enum tool_level dtr, rts;
    DWORD outputs;
} levels[] = {
    {"both on",  TOOL_ON,  TOOL_ON,  COMM_OUTPUT_DTR | COMM_OUTPUT_RTS},
    {"both off", TOOL_OFF, TOOL_OFF, 0                                },
    {"DTR only", TOOL_ON,  TOOL_OFF, COMM_OUTPUT_DTR                  },
    {"RTS only", TOOL_OFF, TOOL_ON,  COMM_OUTPUT_RTS                  },
};

static void dtr_and_rts_are_as_wished_when_a_port_is_opened(void)
{
    struct cable cable;

    cable_open(&cable);
    for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
        struct tool_line line = tool_line_default;
        struct tool_end *end;

        line.dtr = levels[i].dtr;
        line.rts = levels[i].rts;
        end = open_as(&cable, &line);
        CHECK_EQ_WHEN(levels[i].when, outputs(&cable), levels[i].outputs);
        tool_end_close(end);
    }
    cable_close(&cable);
}

static void kept_lines_do_not_move_when_settings_change(void)
{
    struct tool_line line = tool_line_default;
    struct tool_end *end;
    struct cable cable;

    cable_open(&cable);
    end = open_as(&cable, NULL);
    CHECK(tool_end_drive(end, CLRDTR) && tool_end_drive(end, SETRTS));
    CHECK_EQ(outputs(&cable), COMM_OUTPUT_RTS);
    line.rate = 300;
    CHECK_EQ(tool_end_set(end, &line, &cable.talk.fail), TOOL_OK);
    CHECK_EQ(outputs(&cable), COMM_OUTPUT_RTS);
    tool_end_close(end);
    cable_close(&cable);
}

static void inputs_are_what_the_other_end_drives(void)
{
    struct tool_end *end;
    struct cable cable;
    DWORD inputs = 0;

    cable_open(&cable);
    end = open_as(&cable, NULL);
    CHECK(CommSetNullModemLines(cable.handle, cable.near, MS_CTS_ON | MS_RING_ON, MS_CTS_ON));
    CHECK(tool_end_inputs(end, &inputs));
    CHECK_EQ(inputs & (MS_CTS_ON | MS_RING_ON), MS_CTS_ON);
    tool_end_close(end);
    cable_close(&cable);
}

static void an_untouched_port_keeps_its_settings(void)
{
    struct tool_line line = tool_line_default;
    DCB before = {.DCBlength = sizeof before}, after = before;
    struct tool_end *end;
    struct cable cable;

    cable_open(&cable);
    line.no_touch = true;
    line.rate = 300;
    end = open_as(&cable, &line);
    CHECK(GetCommState(end->file, &before));
    CHECK(before.BaudRate != 300);
    CHECK_EQ(tool_end_set(end, &line, &cable.talk.fail), TOOL_OK);
    CHECK(GetCommState(end->file, &after));
    CHECK_EQ(memcmp(&before, &after, sizeof before), 0);
    tool_end_close(end);
    cable_close(&cable);
}

COMM_TEST_MAIN(TEST(a_format_is_three_characters_or_refused), TEST(flow_control_has_four_names),
               TEST(a_port_is_opened_as_wished_and_set_again_while_it_is_open),
               TEST(a_refused_setting_changes_nothing_and_has_a_status),
               TEST(dtr_and_rts_are_as_wished_when_a_port_is_opened),
               TEST(lines_are_kept_at_the_end_unless_they_are_to_fall),
               TEST(kept_lines_do_not_move_when_settings_change),
               TEST(inputs_are_what_the_other_end_drives),
               TEST(an_untouched_port_keeps_its_settings))
