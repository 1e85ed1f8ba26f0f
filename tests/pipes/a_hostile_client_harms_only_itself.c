/* SPDX-License-Identifier: MIT */
/* A client that has been let in holds a socket, a page and a bell, and may do with them what it
 * likes.  Its server comes back from every call, hears the end once, and goes on with the next. */
#include "hostile.h"

#include <libcomm/native.h>

#include "libcomm/plat/engine.h"

#include <pthread.h>
#include <stdatomic.h>

enum { QUOTA = 512, FOR_EVER = 1 << 20 };

struct victim {
    char name[AT_NAME];
    HANDLE server;
    struct hostile client;
};

static void victim_open(struct victim *v, DWORD mode)
{
    strcpy(v->name, fresh_name(""));
    v->server = make_pipe(here, v->name, mode, QUOTA);
    hostile_open(&v->client, v->name);
}

/* The instance is as good as new: the next client, a friend, gets in and is heard. */
static void victim_goes_on(struct victim *v)
{
    HANDLE friend;
    struct said said;

    CHECK_SAID(at_disconnect(here, v->server), 0, 0);
    CHECK_PENDS(at_connect(here, 9, v->server));
    friend = open_pipe(here, v->name);
    CHECK_SAID(at_await(here, 9), 0, 0);
    CHECK_SAID(at_put(here, friend, "hello", 5), 0, 5);
    said = at_get(here, v->server, 64);
    CHECK_SAID(said, 0, 5);
    CHECK_DATA(said, "hello", 5);
    CHECK_SAID(at_close(here, friend), 0, 0);
    CHECK_SAID(at_close(here, v->server), 0, 0);
}

/* ---- the bell ---- */

/* Each reading rings, and nobody hushes; whatever its flags. */
static void a_bell_that_nobody_hushes_blocks_nobody(void)
{
    struct victim v;
    int flags;

    victim_open(&v, BYTES);
    flags = fcntl(v.client.bell, F_GETFL);
    CHECK_EQ(fcntl(v.client.bell, F_SETFL, flags & ~O_NONBLOCK), 0);
    atomic_store(&v.client.page->flow[0].want_credit, 1);
    for (int i = 0; i < 1000; i++) {
        CHECK(raw_send(v.client.data, "x"));
        CHECK_SAID(at_get(here, v.server, 1), 0, 1);
    }
    CHECK(atomic_load(&v.client.page->flow[0].bytes_consumed) == 1000);
    hostile_close(&v.client);
    victim_goes_on(&v);
}

static bool bell_fill(int bell)
{
    char dings[4096] = "";

    while (send(bell, dings, sizeof dings, MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
        continue;
    return errno == EAGAIN;
}

/* A full bell is a bell: the write it was rung for ends when its quota has room. */
static void a_bell_that_is_full_says_no_more_than_that_it_rang(void)
{
    struct victim v;
    char got[64];

    victim_open(&v, BYTES);
    CHECK_PENDS(at_write(here, 0, v.server, NULL, QUOTA + 64));
    CHECK(bell_fill(v.client.bell));
    CHECK_EQ(recv(v.client.data, got, 64, MSG_WAITALL), 64);
    CHECK_SAID(at_look(here, 0), ERROR_IO_INCOMPLETE, AT_ANY); /* it has not said so */
    atomic_store(&v.client.page->flow[1].bytes_consumed, 64);
    (void)bell_fill(v.client.bell);
    CHECK_SAID(at_await(here, 0), 0, QUOTA + 64);
    hostile_close(&v.client);
    victim_goes_on(&v);
}

static unsigned wakes(void)
{
    return atomic_load(&ci_engine.io_wakes);
}

/* Stands still for a while: that something does not happen can only be seen in time. */
static void let_it_spin(void)
{
    HANDLE never = CreateEventA(NULL, TRUE, FALSE, NULL);

    CHECK_EQ(WaitForSingleObject(never, 50), WAIT_TIMEOUT);
    CloseHandle(never);
}

/* A copy waits for room, and its bell rings although nobody has asked for that. */
static void a_bell_rung_for_nothing_is_hushed(void)
{
    struct victim v;
    struct said said;
    unsigned before;
    DWORD quota = 1 << 20;

    strcpy(v.name, fresh_name(""));
    v.server = make_pipe(here, v.name, BYTES, quota);
    hostile_open(&v.client, v.name);
    CHECK_EQ(setsockopt(CommGetFd(v.server), SOL_SOCKET, SO_SNDBUF, &(int){8192}, sizeof(int)), 0);
    said = at_put(here, v.server, NULL, quota);
    CHECK_SAID(said, 0, quota); /* within the quota, and most of it a copy */
    CHECK(raw_send(v.client.bell, "!"));
    let_it_spin();
    before = wakes();
    let_it_spin();
    CHECK(wakes() - before < 10);
    hostile_close(&v.client);
    victim_goes_on(&v);
}

static void who_lets_go_of_the_bell_is_gone(void)
{
    struct victim v;

    victim_open(&v, BYTES);
    CHECK_PENDS(at_write(here, 0, v.server, NULL, QUOTA + 64));
    hostile_let_go(&v.client.bell);
    CHECK_SAID(at_await(here, 0), ERROR_BROKEN_PIPE, AT_ANY);
    CHECK_SAID(at_write(here, 0, v.server, "x", 1), ERROR_NO_DATA, 0);
    hostile_close(&v.client);
    victim_goes_on(&v);
}

/* ---- the page ---- */

/* Empty messages, as many as the page claims, would keep a server busy for ever. */
static void check_end_comes(struct victim *v)
{
    struct said said = at_get(here, v->server, 64);

    if (said.ok) /* one may be believed */
        said = at_get(here, v->server, 64);
    CHECK_SAID(said, ERROR_BROKEN_PIPE, 0);
}

static void records_that_are_owed_for_ever_end_with_the_socket(void)
{
    static const DWORD modes[] = {MESSAGES, JOINED};

    for (size_t i = 0; i < ARRAY_LEN(modes); i++)
        for (int half = 0; half < 2; half++) {
            struct victim v;

            victim_open(&v, modes[i]);
            CHECK(raw_send(v.client.data, "last"));
            atomic_store(&v.client.page->flow[0].records_sent, UINT64_MAX / 2);
            if (half)
                CHECK_EQ(shutdown(v.client.data, SHUT_WR), 0);
            else
                hostile_let_go(&v.client.data);
            CHECK_SAID(at_get(here, v.server, 64), 0, 4);
            check_end_comes(&v);
            hostile_close(&v.client);
            victim_goes_on(&v);
        }
}

static void what_is_cut_for_ever_ends_with_the_socket(void)
{
    static const DWORD modes[] = {BYTES, MESSAGES};

    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        struct victim v;

        victim_open(&v, modes[i]);
        for (unsigned r = 0; r < PI_RANGES; r++) {
            atomic_store(&v.client.page->range[0][r].bytes, UINT64_MAX);
            atomic_store(&v.client.page->range[0][r].end, UINT64_MAX);
        }
        atomic_store(&v.client.page->flow[0].ranges, 1);
        atomic_store(&v.client.page->flow[0].records_sent, UINT64_MAX / 2);
        CHECK(raw_send(v.client.data, "never read"));
        CHECK_SAID(at_peek(here, v.server, 64), 0, AT_ANY);
        hostile_let_go(&v.client.data);
        check_end_comes(&v);
        hostile_close(&v.client);
        victim_goes_on(&v);
    }
}

struct scribbler {
    struct pi_page *page;
    _Atomic bool over;
};

static const uint64_t likely[] = {0,         1, 3, QUOTA, UINT32_MAX, INT64_MAX, UINT64_MAX - 1,
                                  UINT64_MAX};

/* Words of the page change under the server's hands at any moment. */
static void *scribble(void *arg)
{
    struct scribbler *s = arg;
    _Atomic uint64_t *word = (_Atomic uint64_t *)(void *)s->page;
    uint64_t seed = 88172645463325252u;

    while (!atomic_load(&s->over)) {
        uint64_t n = noise(&seed), what = noise(&seed);

        if (n % 8 != 0)
            what = what % 2 ? likely[what / 2 % ARRAY_LEN(likely)]
                            : atomic_load(&word[n / 8 % (PI_PAGE_BYTES / 8)]) + what / 2 % 5 - 2;
        atomic_store(&word[n / 8 % (PI_PAGE_BYTES / 8)], what);
    }
    return NULL;
}

/* Every call returns or can be taken back; what it returns is the client's affair. */
static void one_of_everything(struct victim *v, uint64_t *seed)
{
    char bytes[128] = "";
    struct said said;

    (void)send(v->client.data, bytes, noise(seed) % sizeof bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)at_peek(here, v->server, 32);
    said = at_read(here, 0, v->server, 1 + noise(seed) % 64);
    if (said.error == ERROR_IO_PENDING) {
        (void)at_cancel(here, 0);
        CHECK(at_await(here, 0).error != WAIT_TIMEOUT);
    }
    said = at_write(here, 1, v->server, NULL, 1 + noise(seed) % (2 * QUOTA));
    if (said.error == ERROR_IO_PENDING) {
        (void)recv(v->client.data, bytes, sizeof bytes, MSG_DONTWAIT);
        (void)send(v->client.bell, bytes, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
        (void)at_cancel(here, 1);
        CHECK(at_await(here, 1).error != WAIT_TIMEOUT);
    }
    while (recv(v->client.data, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        continue;
}

static void a_page_full_of_noise_is_survived(void)
{
    static const DWORD modes[] = {BYTES, MESSAGES, JOINED};

    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        struct victim v;
        struct scribbler s = {.over = false};
        uint64_t seed = 1 + i;
        pthread_t thread;
        bool pending;

        victim_open(&v, modes[i]);
        s.page = v.client.page;
        thread = comm_spawn(scribble, &s);
        for (int round = 0; round < 300; round++)
            one_of_everything(&v, &seed);
        pending = at_flush(here, 2, v.server).error == ERROR_IO_PENDING;
        hostile_let_go(&v.client.data);
        if (pending)
            CHECK(at_await(here, 2).error != WAIT_TIMEOUT);
        atomic_store(&s.over, true);
        comm_join(thread);
        hostile_close(&v.client);
        victim_goes_on(&v);
    }
}

/* ---- descriptors nobody asked for ---- */

static void descriptors_among_the_data_go_nowhere(void)
{
    static const DWORD modes[] = {BYTES, MESSAGES};

    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        struct victim v;
        int fds[MOST_FDS];
        unsigned before;

        victim_open(&v, modes[i]);
        for (int f = 0; f < MOST_FDS; f++)
            fds[f] = v.client.bell;
        before = open_fds();
        for (int round = 0; round < 8; round++) {
            atomic_store(&v.client.page->flow[0].bigs, (uint32_t)round % 2);
            CHECK(send_with(v.client.data, "data", 4, fds, MOST_FDS));
            CHECK_SAID(at_peek(here, v.server, 64), 0, AT_ANY);
            CHECK_SAID(at_get(here, v.server, 64), 0, 4);
        }
        CHECK(open_fds() <= before);
        hostile_close(&v.client);
        victim_goes_on(&v);
    }
}

static void a_raw_clients_descriptors_go_nowhere_either(void)
{
    static const DWORD modes[] = {BYTES, MESSAGES};

    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        char name[AT_NAME];
        HANDLE server;
        int client, fds[MOST_FDS];
        unsigned before;

        strcpy(name, fresh_name(""));
        server = make_pipe(here, name, modes[i], QUOTA);
        CHECK_PENDS(at_connect(here, 0, server));
        client = raw_client(name, modes[i] == BYTES ? SOCK_STREAM : SOCK_SEQPACKET);
        CHECK_SAID(at_await(here, 0), 0, 0);
        for (int f = 0; f < MOST_FDS; f++)
            fds[f] = client;
        before = open_fds();
        for (int round = 0; round < 4; round++) {
            CHECK(send_with(client, "data", 4, fds, MOST_FDS));
            CHECK_SAID(at_peek(here, server, 64), 0, AT_ANY);
            CHECK_SAID(at_get(here, server, 2), i == 0 ? 0 : ERROR_MORE_DATA, 2);
            CHECK_SAID(at_get(here, server, 64), 0, 2);
        }
        CHECK(open_fds() <= before);
        close(client);
        CHECK_SAID(at_get(here, server, 64), ERROR_BROKEN_PIPE, 0);
        CHECK_SAID(at_close(here, server), 0, 0);
    }
}

/* ---- memory files that are none ---- */

#define BIG_MAGIC 0x4D44464D4D50504Eull

static int memory_file(size_t len, int seals)
{
    int fd = memfd_create("hostile", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    raw_must(fd >= 0 && ftruncate(fd, (off_t)len) == 0 && fcntl(fd, F_ADD_SEALS, seals) == 0,
             "memfd");
    return fd;
}

#define TIGHT (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static void a_memory_file_that_could_change_is_only_its_record(void)
{
    static const struct {
        const char *when;
        uint64_t magic, len; /* in the record */
        size_t size;         /* of the file */
        int seals;
        unsigned fds;
    } cases[] = {
        {"it can be written",        BIG_MAGIC,     8,          8, F_SEAL_SHRINK | F_SEAL_GROW, 1       },
        {"it can shrink",            BIG_MAGIC,     8,          8, F_SEAL_GROW | F_SEAL_WRITE,  1       },
        {"it has no seals",          BIG_MAGIC,     8,          8, 0,                           1       },
        {"it is shorter than said",  BIG_MAGIC,     9,          8, TIGHT,                       1       },
        {"it is said to be immense", BIG_MAGIC,     UINT64_MAX, 8, TIGHT,                       1       },
        {"it is empty",              BIG_MAGIC,     0,          0, TIGHT,                       1       },
        {"there is none",            BIG_MAGIC,     8,          8, TIGHT,                       0       },
        {"there are two",            BIG_MAGIC,     8,          8, TIGHT,                       2       },
        {"there are very many",      BIG_MAGIC,     8,          8, TIGHT,                       MOST_FDS},
        {"the magic is another",     BIG_MAGIC + 1, 8,          8, TIGHT,                       1       },
    };
    struct victim v;

    victim_open(&v, MESSAGES);
    atomic_store(&v.client.page->flow[0].bigs, 1);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t note[2] = {cases[i].magic, cases[i].len};
        int file = memory_file(cases[i].size, cases[i].seals), fds[MOST_FDS];
        unsigned before = open_fds();
        struct said said;

        for (int f = 0; f < MOST_FDS; f++)
            fds[f] = file;
        CHECK(send_with(v.client.data, note, sizeof note, fds, cases[i].fds));
        CHECK_SAID_WHEN(cases[i].when, at_peek(here, v.server, 64), 0, AT_ANY);
        said = at_get(here, v.server, 64);
        CHECK_SAID_WHEN(cases[i].when, said, 0, sizeof note);
        CHECK_DATA(said, note, sizeof note);
        CHECK(open_fds() <= before); /* it may just be closing its copies of what it has sent */
        close(file);
    }
    hostile_close(&v.client);
    victim_goes_on(&v);
}

/* What it has truncated it cannot truncate under a reader. */
static void a_sealed_memory_file_is_read_whole(void)
{
    struct victim v;
    uint64_t note[2] = {BIG_MAGIC, 4};
    int file = memory_file(4, 0);
    struct said said;

    victim_open(&v, MESSAGES);
    atomic_store(&v.client.page->flow[0].bigs, 1);
    CHECK_EQ(pwrite(file, "file", 4, 0), 4);
    CHECK_EQ(fcntl(file, F_ADD_SEALS, TIGHT), 0);
    CHECK(send_with(v.client.data, note, sizeof note, &file, 1));
    CHECK_SAID(at_get(here, v.server, 2), ERROR_MORE_DATA, 2);
    CHECK(ftruncate(file, 0) != 0);
    close(file);
    said = at_get(here, v.server, 64);
    CHECK_SAID(said, 0, 2);
    CHECK_DATA(said, "le", 2);
    hostile_close(&v.client);
    victim_goes_on(&v);
}

/* ---- who does not stop ---- */

struct flood {
    int to;
    _Atomic bool over;
};

static void *send_nothing_for_ever(void *arg)
{
    struct flood *flood = arg;

    while (!atomic_load(&flood->over))
        (void)send(flood->to, "", 0, MSG_NOSIGNAL | MSG_DONTWAIT);
    return NULL;
}

/* A read of bytes passes over them, but not for ever. */
static void a_flood_of_empty_messages_holds_up_no_read(void)
{
    struct victim v;
    struct flood flood = {.over = false};
    pthread_t thread;
    struct said said;

    victim_open(&v, JOINED);
    CHECK(raw_send(v.client.data, "a"));
    flood.to = v.client.data;
    thread = comm_spawn(send_nothing_for_ever, &flood);
    said = at_get(here, v.server, 64);
    CHECK_SAID(said, 0, 1);
    CHECK_DATA(said, "a", 1);
    for (int i = 0; i < 100; i++)
        CHECK_SAID(at_peek(here, v.server, 0), 0, AT_ANY);
    atomic_store(&flood.over, true);
    comm_join(thread);
    hostile_close(&v.client);
    victim_goes_on(&v);
}

/* ---- who does not read ---- */

static void a_client_that_does_not_read_holds_up_its_own_writes(void)
{
    static const DWORD modes[] = {BYTES, MESSAGES};

    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        struct victim v;

        victim_open(&v, modes[i]);
        CHECK_PENDS(at_write(here, 0, v.server, NULL, FOR_EVER));
        CHECK_PENDS(at_write(here, 1, v.server, NULL, 1));
        CHECK_PENDS(at_flush(here, 2, v.server));
        CHECK(raw_send(v.client.data, "still")); /* the other way is free */
        CHECK_SAID(at_get(here, v.server, 64), 0, 5);
        CHECK_SAID(at_cancel(here, 1), 0, AT_ANY);
        CHECK_SAID(at_await(here, 1), ERROR_OPERATION_ABORTED, AT_ANY);
        CHECK_SAID(at_disconnect(here, v.server), 0, 0);
        CHECK_SAID(at_await(here, 0), ERROR_PIPE_NOT_CONNECTED, AT_ANY);
        CHECK_SAID(at_await(here, 2), ERROR_PIPE_NOT_CONNECTED, AT_ANY);
        hostile_close(&v.client);
        CHECK_SAID(at_close(here, v.server), 0, 0);
    }
}

FAR_TEST_MAIN(TEST(a_bell_that_nobody_hushes_blocks_nobody),
              TEST(a_bell_that_is_full_says_no_more_than_that_it_rang),
              TEST(a_bell_rung_for_nothing_is_hushed), TEST(who_lets_go_of_the_bell_is_gone),
              TEST(records_that_are_owed_for_ever_end_with_the_socket),
              TEST(what_is_cut_for_ever_ends_with_the_socket),
              TEST(a_page_full_of_noise_is_survived), TEST(descriptors_among_the_data_go_nowhere),
              TEST(a_raw_clients_descriptors_go_nowhere_either),
              TEST(a_memory_file_that_could_change_is_only_its_record),
              TEST(a_sealed_memory_file_is_read_whole),
              TEST(a_flood_of_empty_messages_holds_up_no_read),
              TEST(a_client_that_does_not_read_holds_up_its_own_writes))
