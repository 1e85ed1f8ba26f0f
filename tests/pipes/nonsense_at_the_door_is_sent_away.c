/* SPDX-License-Identifier: MIT */
/* Whoever comes to a pipe's control door and does not keep to the rules, or leaves halfway, is told
 * so once and forgotten, and others are served as if he had not been there. */
#include "hostile.h"

#include <sys/resource.h>

enum { QUOTA = 512 };

struct house {
    char name[AT_NAME];
    HANDLE server;
    unsigned fds;
};

static void house_open(struct house *h, DWORD max)
{
    struct at_pipe pipe = one_pipe(MESSAGES, QUOTA);

    pipe.max = max;
    strcpy(h->name, fresh_name(""));
    h->server = made(at_create(here, h->name, pipe));
    CHECK_EQ(WaitNamedPipeA(h->name, PATIENCE_MS), TRUE);
    h->fds = open_fds();
}

/* A friend gets in at the first try, through the instance that listens. */
static void check_serves(struct house *h)
{
    HANDLE friend;

    CHECK_PENDS(at_connect(here, 0, h->server));
    friend = open_pipe(here, h->name);
    CHECK_SAID(at_await(here, 0), 0, 0);
    CHECK_SAID(at_put(here, friend, "hello", 5), 0, 5);
    CHECK_SAID(at_get(here, h->server, 64), 0, 5);
    CHECK_SAID(at_close(here, friend), 0, 0);
    CHECK_SAID(at_disconnect(here, h->server), 0, 0);
}

static void house_close(struct house *h)
{
    CHECK_SAID(at_close(here, h->server), 0, 0);
}

/* A refusal, or nothing; then the end. */
static void check_sent_away(const char *when, int door)
{
    struct pi_ctl reply;
    unsigned none = 0;
    ssize_t n = recv_with(door, &reply, sizeof reply, NULL, &none);

    if (n > 0) {
        CHECK_EQ_WHEN(when, n, sizeof reply);
        CHECK_EQ_WHEN(when, reply.status, ERROR_INVALID_PARAMETER);
        CHECK_EQ_WHEN(when, reply.op & PI_CTL_REPLY, PI_CTL_REPLY);
        none = 0;
        n = recv_with(door, &reply, sizeof reply, NULL, &none);
    }
    CHECK_EQ_WHEN(when, n, n < 0 && errno == ECONNRESET ? -1 : 0);
    close(door);
}

/* ---- records ---- */

static void a_record_of_another_form_is_refused(void)
{
    static const struct {
        const char *when;
        size_t len;
        uint32_t magic;
        uint16_t version, op;
        unsigned fds;
    } cases[] = {
        {"it is empty",              0,    PI_CTL_MAGIC,     PI_CTL_VERSION,     PI_CTL_OPEN,   0       },
        {"it has one byte",          1,    PI_CTL_MAGIC,     PI_CTL_VERSION,     PI_CTL_OPEN,   0       },
        {"it is one byte short",     95,   PI_CTL_MAGIC,     PI_CTL_VERSION,     PI_CTL_OPEN,   0       },
        {"it is one byte long",      97,   PI_CTL_MAGIC,     PI_CTL_VERSION,     PI_CTL_OPEN,   0       },
        {"it is far too long",       8192, PI_CTL_MAGIC,     PI_CTL_VERSION,     PI_CTL_OPEN,   0       },
        {"its magic is another",     96,   PI_CTL_MAGIC + 1, PI_CTL_VERSION,     PI_CTL_OPEN,   0       },
        {"its version is older",     96,   PI_CTL_MAGIC,     PI_CTL_VERSION - 1, PI_CTL_OPEN,   0       },
        {"its version is newer",     96,   PI_CTL_MAGIC,     PI_CTL_VERSION + 1, PI_CTL_OPEN,   0       },
        {"it asks for nothing",      96,   PI_CTL_MAGIC,     PI_CTL_VERSION,     0,             0       },
        {"it is a provider's",       96,   PI_CTL_MAGIC,     PI_CTL_VERSION,     PI_CTL_LISTEN, 0       },
        {"it is an owner's",         96,   PI_CTL_MAGIC,     PI_CTL_VERSION,     PI_CTL_ASSIGN, 0       },
        {"it is an answer",          96,   PI_CTL_MAGIC,     PI_CTL_VERSION,     PI_CTL_REPLY,  0       },
        {"it is a known answer",     96,   PI_CTL_MAGIC,     PI_CTL_VERSION,     0x8001,        0       },
        {"nobody knows what it is",  96,   PI_CTL_MAGIC,     PI_CTL_VERSION,     0x7FFF,        0       },
        {"a descriptor comes along", 96,   PI_CTL_MAGIC,     PI_CTL_VERSION,     PI_CTL_OPEN,   1       },
        {"as many as in an answer",  96,   PI_CTL_MAGIC,     PI_CTL_VERSION,     PI_CTL_OPEN,   3       },
        {"very many come along",     96,   PI_CTL_MAGIC,     PI_CTL_VERSION,     PI_CTL_WAIT,   MOST_FDS},
        {"nothing but descriptors",  0,    PI_CTL_MAGIC,     PI_CTL_VERSION,     PI_CTL_OPEN,   2       },
    };
    struct house h;

    house_open(&h, 1);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char bytes[8192] = "";
        struct pi_ctl record = record_of(cases[i].op);
        int door = door_knock(h.name), fds[MOST_FDS];

        record.magic = cases[i].magic;
        record.version = cases[i].version;
        memcpy(bytes, &record, sizeof record);
        for (int f = 0; f < MOST_FDS; f++)
            fds[f] = door;
        CHECK(send_with(door, bytes, cases[i].len, fds, cases[i].fds));
        check_sent_away(cases[i].when, door);
    }
    check_fds(h.fds);
    check_serves(&h);
    house_close(&h);
}

/* ---- leaving halfway ---- */

static bool is_taken(void *house)
{
    return at_peek(here, ((struct house *)house)->server, 0).error != ERROR_BAD_PIPE;
}

static void a_visitor_may_leave_between_any_two_steps(void)
{
    static const struct {
        const char *when;
        uint16_t op; /* 0: it says nothing */
        bool hears;
    } cases[] = {
        {"it has come in",              0,             false},
        {"it has asked to open",        PI_CTL_OPEN,   false},
        {"it has been let in",          PI_CTL_OPEN,   true },
        {"it has asked for the counts", PI_CTL_QUERY,  false},
        {"it has asked to wait",        PI_CTL_WAIT,   false},
        {"it has asked to serve",       PI_CTL_CREATE, false},
        {"it serves",                   PI_CTL_CREATE, true },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct house h;
        int door, fds[PI_CTL_FDS];
        unsigned count = PI_CTL_FDS;
        struct pi_ctl record = record_of(cases[i].op), reply;

        house_open(&h, 2);
        record.access = cases[i].op == PI_CTL_CREATE ? PIPE_ACCESS_DUPLEX : record.access;
        record.max_instances = 2;
        door = door_knock(h.name);
        if (cases[i].op != 0)
            CHECK(send_with(door, &record, sizeof record, NULL, 0));
        if (cases[i].hears) {
            CHECK(recv_with(door, &reply, sizeof reply, fds, &count) == sizeof reply);
            for (unsigned f = 0; f < count; f++)
                close(fds[f]);
        }
        close(door);
        if (cases[i].op == PI_CTL_OPEN) { /* it took the instance with it */
            comm_wait_until(is_taken, &h);
            CHECK_SAID_WHEN(cases[i].when, at_get(here, h.server, 64), ERROR_BROKEN_PIPE, 0);
            CHECK_SAID_WHEN(cases[i].when, at_disconnect(here, h.server), 0, 0);
        }
        check_serves(&h);
        house_close(&h);
    }
}

static void who_waits_and_then_talks_is_sent_away(void)
{
    struct house h;
    struct pi_ctl record = record_of(PI_CTL_WAIT);
    HANDLE friend;
    int door;

    house_open(&h, 1);
    friend = open_pipe(here, h.name); /* nobody listens now */
    record.timeout_ms = NMPWAIT_WAIT_FOREVER;
    door = door_knock(h.name);
    CHECK(send_with(door, &record, sizeof record, NULL, 0));
    CHECK(send_with(door, &record, sizeof record, NULL, 0));
    check_sent_away("it talks", door);
    CHECK_SAID(at_close(here, friend), 0, 0);
    CHECK_SAID(at_disconnect(here, h.server), 0, 0);
    check_fds(h.fds);
    check_serves(&h);
    house_close(&h);
}

/* ---- serving badly ---- */

static int provide(struct house *h)
{
    struct pi_ctl record = record_of(PI_CTL_CREATE), reply;
    int door = door_knock(h->name);
    unsigned none = 0;

    record.access = PIPE_ACCESS_DUPLEX;
    record.pipe_mode = PIPE_TYPE_MESSAGE;
    record.max_instances = PIPE_UNLIMITED_INSTANCES;
    CHECK(send_with(door, &record, sizeof record, NULL, 0));
    CHECK(recv_with(door, &reply, sizeof reply, NULL, &none) == sizeof reply);
    CHECK_EQ(reply.status, 0);
    return door;
}

struct counted {
    struct house *house;
    DWORD instances;
};

static bool instances_are(void *arg)
{
    struct counted *c = arg;

    return at_get_mode(here, c->house->server).word[1] == c->instances;
}

static void check_instances(struct house *h, DWORD instances)
{
    struct counted wanted = {h, instances};

    comm_wait_until(instances_are, &wanted);
}

static void a_provider_that_says_nonsense_provides_no_longer(void)
{
    static const uint16_t ops[] = {
        0,     PI_CTL_OPEN, PI_CTL_WAIT, PI_CTL_CREATE, PI_CTL_QUERY, PI_CTL_ASSIGN, PI_CTL_REPLY,
        0x7FFF};
    struct house h;

    house_open(&h, PIPE_UNLIMITED_INSTANCES);
    for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
        struct pi_ctl record = record_of(ops[i]);
        int door = provide(&h);

        check_instances(&h, 2);
        CHECK(send_with(door, &record, sizeof record, NULL, 0));
        check_sent_away("provider", door);
        check_instances(&h, 1);
    }
    check_fds(h.fds);
    check_serves(&h);
    house_close(&h);
}

/* It listens and stops, over and over, and never takes a client. */
static void a_provider_may_change_its_mind_as_often_as_it_likes(void)
{
    struct house h;
    int door;

    house_open(&h, PIPE_UNLIMITED_INSTANCES);
    door = provide(&h);
    for (uint32_t i = 0; i < 1000; i++) {
        struct pi_ctl record = record_of(i % 2 == 0 ? PI_CTL_DISCONNECT : PI_CTL_LISTEN);

        record.id = i;
        CHECK(send_with(door, &record, sizeof record, NULL, 0));
    }
    check_serves(&h);
    close(door);
    check_instances(&h, 1);
    check_fds(h.fds);
    house_close(&h);
}

/* A client that was sent to it has opened the pipe, and finds it broken. */
static void who_was_sent_to_a_provider_that_dies_reads_109(void)
{
    struct house h;
    HANDLE first, second;
    int door;

    house_open(&h, PIPE_UNLIMITED_INSTANCES);
    door = provide(&h);
    first = open_pipe(here, h.name); /* to the oldest: ours */
    second = open_pipe(here, h.name);
    CHECK_PENDS(at_read(here, 1, second, 64));
    close(door);
    CHECK_SAID(at_await(here, 1), ERROR_BROKEN_PIPE, 0);
    CHECK_SAID(at_close(here, second), 0, 0);
    CHECK_SAID(at_close(here, first), 0, 0);
    CHECK_SAID(at_disconnect(here, h.server), 0, 0);
    check_serves(&h);
    house_close(&h);
}

/* ---- many who say nothing ---- */

static void thousands_who_come_and_go_leave_nothing(void)
{
    struct house h;

    house_open(&h, 1);
    for (int i = 0; i < 3000; i++)
        close(door_knock(h.name));
    check_serves(&h);
    check_fds(h.fds);
    house_close(&h);
}

enum { SILENT = 200, FEW = 64 };

struct try_open {
    const char *name;
    HANDLE handle;
};

static bool gets_in(void *arg)
{
    struct try_open *t = arg;
    struct said said = at_open(here, t->name, BOTH_WAYS, FILE_FLAG_OVERLAPPED);

    t->handle = said.handle;
    CHECK(said.ok || said.error == ERROR_TOO_MANY_OPEN_FILES);
    return said.ok;
}

/* They take all descriptors the server may have; who has something to say is served all the same,
 * long before their time is over. */
static void a_crowd_that_says_nothing_makes_room(void)
{
    struct try_open try = {.name = fresh_name("")};
    struct place far;
    struct rlimit few = {FEW, FEW};
    int silent[SILENT];
    HANDLE server;
    struct said said;

    place_open_there(&far);
    server = make_pipe(&far, try.name, BYTES, QUOTA);
    CHECK_EQ(prlimit(far.pid, RLIMIT_NOFILE, &few, NULL), 0);
    for (int i = 0; i < SILENT; i++)
        silent[i] = door_knock(try.name);
    comm_wait_until(gets_in, &try);
    CHECK_SAID(at_put(here, try.handle, "hello", 5), 0, 5);
    said = at_get(&far, server, 64);
    CHECK_SAID(said, 0, 5);
    for (int i = 0; i < SILENT; i++)
        close(silent[i]);
    CHECK_SAID(at_close(here, try.handle), 0, 0);
    CHECK_SAID(at_close(&far, server), 0, 0);
    place_close(&far);
}

FAR_TEST_MAIN(TEST(a_record_of_another_form_is_refused),
              TEST(a_visitor_may_leave_between_any_two_steps),
              TEST(who_waits_and_then_talks_is_sent_away),
              TEST(a_provider_that_says_nonsense_provides_no_longer),
              TEST(a_provider_may_change_its_mind_as_often_as_it_likes),
              TEST(who_was_sent_to_a_provider_that_dies_reads_109),
              TEST(thousands_who_come_and_go_leave_nothing),
              TEST(a_crowd_that_says_nothing_makes_room))
