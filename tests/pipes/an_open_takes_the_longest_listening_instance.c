/* SPDX-License-Identifier: MIT */
/* CreateFile on a pipe: it never waits.  It takes the instance that has been listening longest, or
 * says why it cannot: 2 no such pipe, 5 the wrong direction, 231 nobody listens. */
#include "connected.h"

#define READ_AND_SET (GENERIC_READ | FILE_WRITE_ATTRIBUTES)

enum { QUOTA = 512 };

static struct said try_open(struct place *place, const char *name)
{
    return at_open(place, name, BOTH_WAYS, FILE_FLAG_OVERLAPPED);
}

static void a_name_nobody_made_is_not_found(struct place *far)
{
    CHECK_SAID(try_open(far, fresh_name("")), ERROR_FILE_NOT_FOUND, 0);
    CHECK_SAID(at_open_as(far, fresh_name(""), BOTH_WAYS, OPEN_ALWAYS, 0), ERROR_FILE_NOT_FOUND, 0);
    CHECK_SAID(at_open_as(far, fresh_name(""), BOTH_WAYS, CREATE_NEW, 0), ERROR_FILE_NOT_FOUND, 0);
}

static void a_new_instance_listens_before_anybody_connects_it(struct place *far)
{
    const char *name = fresh_name("");
    HANDLE server = make_pipe(here, name, BYTES, QUOTA), client = open_pipe(far, name);
    struct said said;

    CHECK_SAID(at_put(far, client, "abc", 3), 0, 3);
    CHECK_SAID(at_connect(here, 0, server), ERROR_PIPE_CONNECTED, 0);
    said = at_get(here, server, 8);
    CHECK_SAID(said, 0, 3);
    CHECK_DATA(said, "abc", 3);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

static void without_a_listening_instance_the_pipe_is_busy_at_once(struct place *far)
{
    const char *name = fresh_name("");
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);
    HANDLE server, client;
    unsigned long start;

    pipe.timeout_ms = 2 * SOON_MS;
    server = made(at_create(here, name, pipe));
    client = open_pipe(far, name);
    start = now_ms();
    CHECK_SAID(try_open(far, name), ERROR_PIPE_BUSY, 0);
    CHECK(now_ms() - start < SOON_MS);
    CHECK_SAID(at_close(far, client), 0, 0); /* closing is not listening */
    CHECK_SAID(try_open(far, name), ERROR_PIPE_BUSY, 0);
    CHECK_SAID(at_disconnect(here, server), 0, 0); /* nor is being disconnected */
    CHECK_SAID(try_open(far, name), ERROR_PIPE_BUSY, 0);
    CHECK_PENDS(at_connect(here, 0, server));
    client = open_pipe(far, name);
    CHECK_SAID(at_await(here, 0), 0, 0);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

static const struct {
    const char *when;
    DWORD direction, access, error;
} directions[] = {
    {"inbound, reading",              PIPE_ACCESS_INBOUND,  GENERIC_READ,    5},
    {"inbound, reading data",         PIPE_ACCESS_INBOUND,  FILE_READ_DATA,  5},
    {"inbound, everything",           PIPE_ACCESS_INBOUND,  GENERIC_ALL,     5},
    {"inbound, both",                 PIPE_ACCESS_INBOUND,  BOTH_WAYS,       5},
    {"inbound, writing",              PIPE_ACCESS_INBOUND,  GENERIC_WRITE,   0},
    {"outbound, writing",             PIPE_ACCESS_OUTBOUND, GENERIC_WRITE,   5},
    {"outbound, writing data",        PIPE_ACCESS_OUTBOUND, FILE_WRITE_DATA, 5},
    {"outbound, both",                PIPE_ACCESS_OUTBOUND, BOTH_WAYS,       5},
    {"outbound, reading",             PIPE_ACCESS_OUTBOUND, GENERIC_READ,    0},
    {"outbound, reading, attributes", PIPE_ACCESS_OUTBOUND, READ_AND_SET,    0},
    {"duplex, reading",               PIPE_ACCESS_DUPLEX,   GENERIC_READ,    0},
    {"duplex, writing",               PIPE_ACCESS_DUPLEX,   GENERIC_WRITE,   0},
};

static void an_open_against_the_direction_is_denied(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(directions); i++) {
        const char *name = fresh_name("");
        struct at_pipe pipe = one_pipe(BYTES, QUOTA);
        struct said said;
        HANDLE server;

        pipe.open_mode = directions[i].direction | FILE_FLAG_OVERLAPPED;
        server = made(at_create(here, name, pipe));
        said = at_open(far, name, directions[i].access, FILE_FLAG_OVERLAPPED);
        CHECK_SAID_WHEN(directions[i].when, said, directions[i].error, 0);
        if (said.ok)
            CHECK_SAID(at_close(far, said.handle), 0, 0);
        CHECK_SAID(at_close(here, server), 0, 0);
    }
}

static void the_wrong_direction_is_told_before_busy(struct place *far)
{
    const char *name = fresh_name("");
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);
    HANDLE server, client;

    pipe.open_mode = PIPE_ACCESS_INBOUND | FILE_FLAG_OVERLAPPED;
    server = made(at_create(here, name, pipe));
    client = made(at_open(far, name, GENERIC_WRITE, FILE_FLAG_OVERLAPPED));
    CHECK_SAID(at_open(far, name, GENERIC_READ, 0), ERROR_ACCESS_DENIED, 0);
    CHECK_SAID(at_open(far, name, GENERIC_WRITE, 0), ERROR_PIPE_BUSY, 0);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

static void an_open_for_nothing_takes_the_instance(struct place *far)
{
    const char *name = fresh_name("");
    HANDLE server = make_pipe(here, name, BYTES, QUOTA);
    HANDLE client = made(at_open(far, name, 0, FILE_FLAG_OVERLAPPED));

    CHECK_SAID(at_connect(here, 0, server), ERROR_PIPE_CONNECTED, 0);
    CHECK_SAID(at_read(far, 0, client, 8), ERROR_ACCESS_DENIED, 0);
    CHECK_SAID(at_write(far, 0, client, "x", 1), ERROR_ACCESS_DENIED, 0);
    CHECK_SAID(at_peek(far, client, 8), ERROR_ACCESS_DENIED, 0);
    CHECK_SAID(try_open(far, name), ERROR_PIPE_BUSY, 0);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

static void a_client_begins_with_bytes_and_waiting(struct place *far)
{
    const char *name = fresh_name("");
    HANDLE server = make_pipe(here, name, MESSAGES | PIPE_NOWAIT, QUOTA);
    HANDLE client = open_pipe(far, name);

    CHECK_EQ(at_get_mode(here, server).word[0], PIPE_READMODE_MESSAGE | PIPE_NOWAIT);
    CHECK_SAID(at_get_mode(far, client), 0, 0);
    CHECK_EQ(at_get_mode(far, client).word[0], PIPE_READMODE_BYTE | PIPE_WAIT);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

static void the_name_goes_with_the_last_server_though_a_client_stays(struct place *far)
{
    struct link l;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_SAID(at_put(here, l.near, "abc", 3), 0, 3);
    link_close_near(&l);
    CHECK_SAID(try_open(far, l.name), ERROR_FILE_NOT_FOUND, 0);
    CHECK_SAID(try_open(here, l.name), ERROR_FILE_NOT_FOUND, 0);
    CHECK_SAID(at_get(far, l.away, 8), 0, 3);
    link_close(&l);
}

static const struct {
    const char *when;
    DWORD disposition, error; /* the last error, although it opens */
} dispositions[] = {
    {"open existing", OPEN_EXISTING, 0                   },
    {"open always",   OPEN_ALWAYS,   ERROR_ALREADY_EXISTS},
};

static void open_always_says_that_the_pipe_was_there(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(dispositions); i++) {
        const char *name = fresh_name("");
        HANDLE server = make_pipe(here, name, BYTES, QUOTA);
        struct said said = at_open_as(far, name, BOTH_WAYS, dispositions[i].disposition, 0);

        CHECK_EQ_WHEN(dispositions[i].when, said.ok, TRUE);
        CHECK_EQ_WHEN(dispositions[i].when, said.error, dispositions[i].error);
        if (said.ok)
            CHECK_SAID(at_close(far, said.handle), 0, 0);
        CHECK_SAID(at_close(here, server), 0, 0);
    }
}

static void a_pipe_is_a_pipe_and_has_no_size_or_position(struct place *far)
{
    struct link l;
    LARGE_INTEGER size;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_EQ(GetFileType(l.near), FILE_TYPE_PIPE);
    CHECK_EQ(GetFileSizeEx(l.near, &size), FALSE);
    CHECK_EQ(SetEndOfFile(l.near), FALSE);
    link_close(&l);
}

static void asking_for_attributes_takes_no_instance(struct place *far)
{
    const char *name = fresh_name("");
    HANDLE server = make_pipe(here, name, BYTES, QUOTA), client;

    (void)GetFileAttributesA(name); /* whatever it says */
    client = open_pipe(far, name);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

/* ---- which instance ---- */

enum { INSTANCES = 4 };

struct fleet {
    char name[AT_NAME];
    HANDLE server[INSTANCES], client[INSTANCES];
};

static void fleet_make(struct fleet *f)
{
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);

    pipe.max = INSTANCES;
    strcpy(f->name, fresh_name(""));
    for (int i = 0; i < INSTANCES; i++)
        f->server[i] = made(at_create(here, f->name, pipe));
}

/* The next client meets this server and no other. */
static void fleet_meets(struct fleet *f, struct place *far, int server)
{
    unsigned char mark = (unsigned char)('a' + server);
    struct said said;

    f->client[server] = open_pipe(far, f->name);
    CHECK_SAID(at_put(far, f->client[server], &mark, 1), 0, 1);
    said = at_get(here, f->server[server], 8);
    CHECK_SAID(said, 0, 1);
    CHECK_EQ(said.data[0], mark);
}

static void instances_are_taken_in_the_order_they_began_to_listen(struct place *far)
{
    struct fleet f;

    fleet_make(&f);
    CHECK_PENDS(at_connect(here, 2, f.server[2]));
    fleet_meets(&f, far, 0);
    fleet_meets(&f, far, 1);
    CHECK_SAID(at_look(here, 2), ERROR_IO_INCOMPLETE, AT_ANY);
    fleet_meets(&f, far, 2);
    CHECK_SAID(at_await(here, 2), 0, 0);

    CHECK_SAID(at_disconnect(here, f.server[0]), 0, 0);
    CHECK_SAID(at_disconnect(here, f.server[2]), 0, 0);
    CHECK_SAID(at_close(far, f.client[0]), 0, 0);
    CHECK_SAID(at_close(far, f.client[2]), 0, 0);
    CHECK_PENDS(at_connect(here, 2, f.server[2]));
    CHECK_PENDS(at_connect(here, 0, f.server[0]));
    fleet_meets(&f, far, 3);
    fleet_meets(&f, far, 2);
    fleet_meets(&f, far, 0);
    CHECK_SAID(at_await(here, 2), 0, 0);
    CHECK_SAID(at_await(here, 0), 0, 0);
    CHECK_SAID(try_open(far, f.name), ERROR_PIPE_BUSY, 0);
    for (int i = 0; i < INSTANCES; i++) {
        CHECK_SAID(at_close(far, f.client[i]), 0, 0);
        CHECK_SAID(at_close(here, f.server[i]), 0, 0);
    }
}

FAR_TEST_MAIN(TWICE(a_name_nobody_made_is_not_found),
              TWICE(a_new_instance_listens_before_anybody_connects_it),
              TWICE(without_a_listening_instance_the_pipe_is_busy_at_once),
              TWICE(an_open_against_the_direction_is_denied),
              TWICE(the_wrong_direction_is_told_before_busy),
              TWICE(an_open_for_nothing_takes_the_instance),
              TWICE(a_client_begins_with_bytes_and_waiting),
              TWICE(the_name_goes_with_the_last_server_though_a_client_stays),
              TWICE(open_always_says_that_the_pipe_was_there),
              FOUR_WAYS(a_pipe_is_a_pipe_and_has_no_size_or_position),
              TWICE(asking_for_attributes_takes_no_instance),
              TWICE(instances_are_taken_in_the_order_they_began_to_listen))
