/* SPDX-License-Identifier: MIT */
/* Who owns a name answers those who open it and sends clients to those who serve it.  What he sends
 * is looked at before it is used, and what is not as it should be is closed again. */
#include "hostile.h"

#include <pthread.h>
#include <sys/eventfd.h>

enum { QUOTA = 512 };

#define SHUT (F_SEAL_SHRINK | F_SEAL_GROW)

/* ---- things to send ---- */

static int unix_socket(int type)
{
    return socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
}

/* Of a pair: the other end is closed. */
static int half(int type)
{
    int pair[2];

    raw_must(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) == 0, "socketpair");
    close(pair[1]);
    return pair[0];
}

static int stream(void)
{
    return half(SOCK_STREAM);
}

static int records(void)
{
    return half(SOCK_SEQPACKET);
}

static int datagrams(void)
{
    return half(SOCK_DGRAM);
}

static int event(void)
{
    return eventfd(0, EFD_CLOEXEC);
}

static int null_device(void)
{
    return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static int internet(void)
{
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* One that listens is always readable once somebody has knocked. */
static int listening(void)
{
    int fd = unix_socket(SOCK_STREAM);
    struct sockaddr_un none = {.sun_family = AF_UNIX};

    raw_must(bind(fd, (struct sockaddr *)&none, sizeof none.sun_family) == 0 && listen(fd, 1) == 0,
             "listen");
    return fd;
}

static int page_file(size_t len, int seals, uint32_t magic, uint16_t version)
{
    struct pi_page page = {.magic = magic, .version = version};
    int fd = memfd_create("page", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    raw_must(fd >= 0 && ftruncate(fd, (off_t)len) == 0, "memfd");
    raw_must(len == 0 || pwrite(fd, &page, len < sizeof page ? len : sizeof page, 0) > 0, "pwrite");
    raw_must(fcntl(fd, F_ADD_SEALS, seals) == 0, "F_ADD_SEALS");
    return fd;
}

static int page(void)
{
    return page_file(PI_PAGE_BYTES, SHUT, PI_PAGE_MAGIC, PI_PAGE_VERSION);
}

static int page_that_shrinks(void)
{
    return page_file(PI_PAGE_BYTES, F_SEAL_GROW, PI_PAGE_MAGIC, PI_PAGE_VERSION);
}

static int page_without_seals(void)
{
    return page_file(PI_PAGE_BYTES, 0, PI_PAGE_MAGIC, PI_PAGE_VERSION);
}

static int page_too_short(void)
{
    return page_file(64, SHUT, PI_PAGE_MAGIC, PI_PAGE_VERSION);
}

static int page_of_nothing(void)
{
    return page_file(0, SHUT, PI_PAGE_MAGIC, PI_PAGE_VERSION);
}

static int page_too_long(void)
{
    return page_file(2 * PI_PAGE_BYTES, SHUT, PI_PAGE_MAGIC, PI_PAGE_VERSION);
}

static int page_to_read_only(void)
{
    return page_file(PI_PAGE_BYTES, SHUT | F_SEAL_WRITE, PI_PAGE_MAGIC, PI_PAGE_VERSION);
}

static int page_of_another_kind(void)
{
    return page_file(PI_PAGE_BYTES, SHUT, PI_PAGE_MAGIC + 1, PI_PAGE_VERSION);
}

static int page_of_another_version(void)
{
    return page_file(PI_PAGE_BYTES, SHUT, PI_PAGE_MAGIC, PI_PAGE_VERSION + 1);
}

/* ---- answering one who opens ---- */

struct lie {
    const char *when;
    size_t len; /* of the answer; 0: none */
    uint16_t version, op;
    uint32_t status;
    int (*make[4])(void); /* what goes along */
    DWORD error;          /* what the client is told */
};

#define ANSWER PI_CTL_OPEN | PI_CTL_REPLY
#define GOOD 96, PI_CTL_VERSION, ANSWER, 0

static const struct lie lies[] = {
    {"he hangs up",                   0,                           0,                                                                        0,                                                                                                       0, {NULL}, ERROR_FILE_NOT_FOUND},
    {"his answer is short",                         95,                                PI_CTL_VERSION,                                                                                                        ANSWER,                                                                                                                                                                                           0, {records, page, stream}, 0},
    {"his version is another",                 96,       9,ANSWER,0, {records, page, stream}, 0},
    {"he answers another question",
     96,                                   PI_CTL_VERSION,
     PI_CTL_WAIT | PI_CTL_REPLY,
     0, {records, page, stream},
     0},
    {"he does not answer but ask",                              96,                                  PI_CTL_VERSION,                                                                                                         PI_CTL_OPEN,                                                                                                                                                                                                                                                                                                                                                    0, {records, page, stream}, 0},
    {"nothing comes along",                              GOOD,         {NULL},                                                                                                             0                                                                                                                                                                                                                                              },
    {"too little comes along",                               GOOD,                                                          {records, page},                                                                                                       0                                                                                                                                                                              },
    {"too much comes along",                    GOOD,                                              {records, page, stream, stream},0},
    {"it comes along with a refusal",
     96,     PI_CTL_VERSION,
     ANSWER,                                                         ERROR_PIPE_BUSY,
     {records, page, stream},
     0},
    {"he refuses",        96, PI_CTL_VERSION, ANSWER, ERROR_PIPE_BUSY, {NULL}, ERROR_PIPE_BUSY},
    {"the data is a stream",          GOOD,              {stream, page, stream},          0                                                                                                                         },
    {"the data is datagrams", GOOD,                                                           {datagrams, page, stream},                                                                                                                 0                                                                                                                                                                                                                                         },
    {"the data is a device",         GOOD,                                                            {null_device, page, stream},                                                                                                                                    0                                                                                                                                                                                                                               },
    {"the data is far away",                 GOOD,                                      {internet, page, stream},                                                                                               0                                                                                                                                                                                               },
    {"the data is a page",                               GOOD,                                     {page, page, stream},                                                                                                0                                                                                                                                                                   },
    {"the page is a device",                               GOOD,                                    {records, null_device, stream},                                                                                                        0  },
    {"the page is a socket",                               GOOD,                                     {records, stream, stream},                                                                                                 0},
    {"the page can shrink",                               GOOD,                                     {records, page_that_shrinks, stream},                                                                                         0},
    {"the page has no seals",                               GOOD,                                       {records, page_without_seals, stream},                                                                             0},
    {"the page is short",                               GOOD,                                     {records, page_too_short, stream},                                                                           0},
    {"the page is empty",                               GOOD,                                     {records, page_of_nothing, stream},                                                                           0                                                                                                                  },
    {"the page is long",                               GOOD,                                      {records, page_too_long, stream},                                                                            0                                                                                                                                                                                                                                  },
    {"the page cannot be written",                               GOOD,                                    {records, page_to_read_only, stream},                                                                          0                                                                                                                                                                                                  },
    {"the page is none",                               GOOD,                                        {records, page_of_another_kind, stream},                                                                              0                                                                                                                                                                                   },
    {"the page is newer",                               GOOD,                                        {records, page_of_another_version, stream},                                                                              0                                                                                                                                                                 },
    {"the bell is an event",                               GOOD,                                         {records, page, event},                                                                               0},
    {"the bell is a device",                               GOOD,                               {records, page, null_device},                                                                     0},
    {"the bell listens",                               GOOD,                                         {records, page, listening},                                                                               0},
    {"the bell takes records",                               GOOD,                                        {records, page, records},                                                                              0},
    {"the bell is far away",                               GOOD,                                     {records, page, internet},                                                                           0},
};

struct owner {
    char name[AT_NAME];
    int door;
    const struct lie *lie;
};

static void owner_stand_at_door(struct owner *o)
{
    char door[AT_NAME];

    snprintf(door, sizeof door, "%s:ctl", name_key(o->name));
    o->door = raw_listen(pipe_dir(), door, SOCK_SEQPACKET, 8);
}

static void owner_open(struct owner *o)
{
    strcpy(o->name, fresh_name(""));
    owner_stand_at_door(o);
}

static void file_remove(const char *name, const char *suffix)
{
    char path[2 * AT_NAME];

    snprintf(path, sizeof path, "%s/%s%s", pipe_dir(), name_key(name), suffix);
    unlink(path);
}

static void owner_close(struct owner *o)
{
    close(o->door);
    file_remove(o->name, ":ctl");
}

static void tell(int to, const struct lie *lie, struct pi_ctl *answer)
{
    int fds[4];
    unsigned count = 0;

    for (; count < 4 && lie->make[count] != NULL; count++)
        fds[count] = lie->make[count]();
    if (lie->len > 0)
        CHECK(send_with(to, answer, lie->len, fds, count));
    while (count > 0)
        close(fds[--count]);
}

static void *answer_once(void *arg)
{
    struct owner *o = arg;
    struct pi_ctl request, answer = record_of(o->lie->op);
    int caller = accept4(o->door, NULL, NULL, SOCK_CLOEXEC);

    CHECK(recv(caller, &request, sizeof request, 0) == sizeof request);
    answer.version = o->lie->version;
    answer.status = o->lie->status;
    answer.id = request.id;
    answer.pipe_mode = PIPE_TYPE_MESSAGE;
    answer.access = 1;
    tell(caller, o->lie, &answer);
    close(caller);
    return NULL;
}

static void no_lie_opens_a_pipe(void)
{
    unsigned before = open_fds();

    for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
        struct owner o = {.lie = &lies[i]};
        struct said said;
        pthread_t thread;

        owner_open(&o);
        thread = comm_spawn(answer_once, &o);
        said = at_open(here, o.name, BOTH_WAYS, FILE_FLAG_OVERLAPPED);
        comm_join(thread);
        if (said.ok)
            CHECK_SAID(at_close(here, said.handle), 0, 0);
        comm_check(!said.ok && (lies[i].error == 0 || said.error == lies[i].error), __FILE__,
                   __LINE__, "%s: %s, error %u", lies[i].when, said.ok ? "TRUE" : "FALSE",
                   said.error);
        owner_close(&o);
        CHECK(open_fds() <= before);
    }
}

/* With the truth it works: the table above is about what is wrong in it. */
static void the_truth_does(void)
{
    static const struct lie truth = {
        "", GOOD, {records, page, stream},
          0
    };
    struct owner o = {.lie = &truth};
    struct said said;
    pthread_t thread;

    owner_open(&o);
    thread = comm_spawn(answer_once, &o);
    said = at_open(here, o.name, BOTH_WAYS, FILE_FLAG_OVERLAPPED);
    comm_join(thread);
    CHECK_SAID(said, 0, 0);
    CHECK_SAID(at_get(here, said.handle, 64), ERROR_BROKEN_PIPE, 0);
    CHECK_SAID(at_close(here, said.handle), 0, 0);
    owner_close(&o);
}

/* ---- sending clients to one who serves ---- */

struct serving {
    struct owner owner;  /* stands at the door */
    struct place holder; /* has the lock */
    int line;
    struct said said;
};

static void *register_it(void *arg)
{
    struct serving *s = arg;
    struct pi_ctl request, answer = record_of(PI_CTL_CREATE | PI_CTL_REPLY);

    s->line = accept4(s->owner.door, NULL, NULL, SOCK_CLOEXEC);
    CHECK(recv(s->line, &request, sizeof request, 0) == sizeof request);
    answer.id = request.id;
    answer.pipe_mode = PIPE_TYPE_MESSAGE;
    answer.max_instances = PIPE_UNLIMITED_INSTANCES;
    CHECK(send_with(s->line, &answer, sizeof answer, NULL, 0));
    return NULL;
}

/* In the place of a real owner's door. */
static void serving_open(struct serving *s)
{
    struct at_pipe pipe = one_pipe(MESSAGES, QUOTA);
    pthread_t thread;

    pipe.max = PIPE_UNLIMITED_INSTANCES;
    strcpy(s->owner.name, fresh_name(""));
    place_open_there(&s->holder);
    (void)made(at_create(&s->holder, s->owner.name, pipe));
    file_remove(s->owner.name, ":ctl");
    owner_stand_at_door(&s->owner);
    thread = comm_spawn(register_it, s);
    s->said = at_create(here, s->owner.name, pipe);
    comm_join(thread);
    CHECK_SAID(s->said, 0, 0);
}

/* The next one to own the name is the server itself, and the first to come in is a friend. */
static void serving_close(struct serving *s)
{
    HANDLE friend = NULL;
    struct said said = {0};

    place_kill(&s->holder);
    close(s->line);
    close(s->owner.door);
    for (unsigned long end = now_ms() + SOON_MS; !said.ok && now_ms() < end;) {
        said = at_open(here, s->owner.name, BOTH_WAYS, FILE_FLAG_OVERLAPPED);
        friend = said.handle;
    }
    CHECK_SAID(said, 0, 0);
    CHECK_SAID(at_put(here, friend, "hello", 5), 0, 5);
    CHECK_SAID(at_get(here, s->said.handle, 64), 0, 5);
    CHECK_SAID(at_close(here, friend), 0, 0);
    CHECK_SAID(at_close(here, s->said.handle), 0, 0);
    place_close(&s->holder);
}

static const struct lie gifts[] = {
    {"the client is a stream", 96, PI_CTL_VERSION, PI_CTL_ASSIGN, 0, {stream, page, stream},     0},
    {"the client is a device",
     96,                           PI_CTL_VERSION,
     PI_CTL_ASSIGN,                                               0,
     {null_device, page, stream},
     0                                                                                            },
    {"the page can shrink",
     96,                           PI_CTL_VERSION,
     PI_CTL_ASSIGN,                                               0,
     {records, page_that_shrinks, stream},
     0                                                                                            },
    {"the page is a socket",   96, PI_CTL_VERSION, PI_CTL_ASSIGN, 0, {records, records, stream}, 0},
    {"the bell is an event",   96, PI_CTL_VERSION, PI_CTL_ASSIGN, 0, {records, page, event},     0},
    {"the bell listens",       96, PI_CTL_VERSION, PI_CTL_ASSIGN, 0, {records, page, listening}, 0},
};

/* Each of them is given back at once, and the instance listens on. */
static void a_client_that_is_none_takes_no_instance(void)
{
    struct serving s;

    serving_open(&s);
    CHECK_PENDS(at_connect(here, 0, s.said.handle));
    for (size_t i = 0; i < ARRAY_LEN(gifts); i++) {
        struct pi_ctl record = record_of(PI_CTL_ASSIGN);

        record.id = 1; /* its first round */
        tell(s.line, &gifts[i], &record);
        CHECK_SAID_WHEN(gifts[i].when, at_look(here, 0), ERROR_IO_INCOMPLETE, AT_ANY);
    }
    serving_close(&s);
}

/* Of an earlier round, and far more than one. */
static void clients_of_another_round_take_no_instance(void)
{
    struct serving s;
    static const struct lie late = {
        "", GOOD, {records, page, stream},
          0
    };

    serving_open(&s);
    CHECK_PENDS(at_connect(here, 0, s.said.handle));
    for (uint32_t i = 0; i < 200; i++) {
        struct pi_ctl record = record_of(PI_CTL_ASSIGN);

        record.id = i + 2;
        tell(s.line, &late, &record);
    }
    CHECK_SAID(at_look(here, 0), ERROR_IO_INCOMPLETE, AT_ANY);
    serving_close(&s);
}

static const struct lie nonsense[] = {
    {"it is short",          95, PI_CTL_VERSION, PI_CTL_ASSIGN, 0, {records, page, stream}, 0},
    {"it is newer",          96, 9,              PI_CTL_ASSIGN, 0, {records, page, stream}, 0},
    {"nothing comes along",  96, PI_CTL_VERSION, PI_CTL_ASSIGN, 0, {NULL},                  0},
    {"too much comes along",
     96,                         PI_CTL_VERSION,
     PI_CTL_ASSIGN,                                             0,
     {records, page, stream, page},
     0                                                                                       },
    {"it is no client",      96, PI_CTL_VERSION, PI_CTL_OPEN,   0, {records, page, stream}, 0},
    {"it is a failure",      96, PI_CTL_VERSION, PI_CTL_ASSIGN, 5, {NULL},                  0},
};

/* He is no owner any more; once his lock is gone somebody else is. */
static void an_owner_that_sends_nonsense_is_left(void)
{
    for (size_t i = 0; i < ARRAY_LEN(nonsense); i++) {
        struct pi_ctl record = record_of(nonsense[i].op);
        struct serving s;
        char byte;

        serving_open(&s);
        record.id = 1;
        record.version = nonsense[i].version;
        record.status = nonsense[i].status;
        tell(s.line, &nonsense[i], &record);
        CHECK_EQ_WHEN(nonsense[i].when, recv(s.line, &byte, 1, 0), 0);
        serving_close(&s);
    }
}

FAR_TEST_MAIN(TEST(no_lie_opens_a_pipe), TEST(the_truth_does),
              TEST(a_client_that_is_none_takes_no_instance),
              TEST(clients_of_another_round_take_no_instance),
              TEST(an_owner_that_sends_nonsense_is_left))
