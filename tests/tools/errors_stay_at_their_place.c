/* SPDX-License-Identifier: MIT */
/* Damaged bytes, breaks and edges of lines are told where they came in the stream, and the bytes
 * around them are whole, however the stream is cut. */
#include "talk.h"
#include "tools/common/marks.h"

/* Pieces as text: bytes as they are, {E:status byte}, {L:status}. */
struct said {
    char text[512];
    size_t len;
};

static void say_piece(struct said *said, const struct tool_piece *piece)
{
    char *at = said->text + said->len;
    size_t room = sizeof said->text - said->len;

    if (piece->mark == TOOL_MARK_BYTES)
        said->len += (size_t)snprintf(at, room, "%.*s", (int)piece->len, (const char *)piece->data);
    else if (piece->mark == TOOL_MARK_LINES)
        said->len += (size_t)snprintf(at, room, "{L:%02x}", piece->status);
    else
        said->len += (size_t)snprintf(at, room, "{E:%02x %.*s}", piece->status, (int)piece->len,
                                      (const char *)piece->data);
}

static void decode(struct tool_marks *marks, const uint8_t *in, size_t len, struct said *said)
{
    struct tool_piece piece;

    while (tool_marks_next(marks, &in, &len, &piece))
        say_piece(said, &piece);
}

static void every_split_of_a_marked_stream_gives_the_same_pieces(void)
{
    static const uint8_t in[] = {'a',  'b', 0xF7, 0,   'c',  0xF7, 1,    0x08, 'x', 'd',
                                 0xF7, 2,   0x02, 'e', 0xF7, 3,    0x31, 0xF7, 0};
    static const char whole[] = "ab\xF7"
                                "c{E:08 x}d{E:02 }e{L:31}\xF7";

    for (size_t first = 0; first <= sizeof in; first++)
        for (size_t second = first; second <= sizeof in; second++) {
            struct tool_marks marks = {.count = 0};
            struct said said = {.len = 0};

            decode(&marks, in, first, &said);
            decode(&marks, in + first, second - first, &said);
            decode(&marks, in + second, sizeof in - second, &said);
            CHECK(strcmp(said.text, whole) == 0);
        }
}

static void a_damaged_byte_is_told_between_its_neighbours(void)
{
    struct tool_line line = tool_line_default;
    struct tool_marks marks = {.count = 0};
    struct tool_op op = {.done = talk_nothing};
    struct said said = {.len = 0};
    struct tool_end *end;
    struct talk talk;
    DWORD near, far;
    HANDLE cable;
    uint8_t buf[64];
    char name[32];

    talk_open(&talk);
    cable = CommCreateNullModem(0, 0, 0);
    CHECK(CommGetNullModemPorts(cable, &near, &far));
    snprintf(name, sizeof name, "COM%u", (unsigned)near);
    line.marks = true;
    end = tool_end_open(&talk.loop, name, &line, &talk.fail);
    if (!CHECK(end != NULL))
        exit(EXIT_FAILURE);
    CHECK(CommInjectNullModem(cable, near, COMM_INJECT_BYTES, "a\xF7", 2));
    CHECK(CommInjectNullModem(cable, near, COMM_INJECT_FRAME, "x", 1));
    CHECK(CommInjectNullModem(cable, near, COMM_INJECT_BYTES, "b", 1));
    while (said.len == 0 || said.text[said.len - 1] != 'b') {
        tool_end_read(end, &op, buf, sizeof buf);
        if (!talk_until(&talk, &op) || !CHECK(op.count > 0))
            break;
        decode(&marks, buf, op.count, &said);
    }
    if (!CHECK(strcmp(said.text, "a\xF7{E:08 x}b") == 0))
        printf("      %s\n", said.text);
    tool_end_close(end);
    CloseHandle(cable);
    talk_close(&talk);
}

COMM_TEST_MAIN(TEST(every_split_of_a_marked_stream_gives_the_same_pieces),
               TEST(a_damaged_byte_is_told_between_its_neighbours))
