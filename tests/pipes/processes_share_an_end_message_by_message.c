/* SPDX-License-Identifier: MIT */
/* A parent and its child at the same end, at the same time: each message goes to one of them,
 * whole; and each is woken for what it waits for, whoever of them hears the bell. */
#include "connected.h"

#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "child.h"

enum { MESSAGES_SENT = 4000, LONGEST = 900, LONGER = 4000 };

/* What the two have read, in memory they share. */
static struct tally {
    _Atomic uint8_t seen[MESSAGES_SENT];
    _Atomic unsigned count, torn;
} * tally;

struct message {
    uint32_t number, len;
    unsigned char bytes[LONGEST];
};

static DWORD message_fill(struct message *m, uint32_t number)
{
    m->number = number;
    m->len = number * 7919u % LONGEST;
    memset(m->bytes, (int)(number & 0xFF), m->len);
    return (DWORD)(offsetof(struct message, bytes) + m->len);
}

static bool message_is_whole(const struct message *m, DWORD len)
{
    if (len < offsetof(struct message, bytes) || m->number >= MESSAGES_SENT ||
        len != offsetof(struct message, bytes) + m->len)
        return false;
    for (uint32_t i = 0; i < m->len; i++)
        if (m->bytes[i] != (m->number & 0xFF))
            return false;
    return true;
}

/* Until the last has come, to whomever. */
static void read_all(HANDLE end)
{
    struct message m;
    DWORD len;

    while (ReadFile(end, &m, sizeof m, &len, NULL) && len > 0) {
        if (!message_is_whole(&m, len))
            atomic_fetch_add(&tally->torn, 1);
        else if (atomic_fetch_add(&tally->seen[m.number], 1) != 0)
            atomic_fetch_add(&tally->torn, 1);
        atomic_fetch_add(&tally->count, 1);
    }
}

static int child_reads_all(void *end)
{
    read_all(*(HANDLE *)end);
    return 0;
}

static void *parent_reads_all(void *end)
{
    read_all(*(HANDLE *)end);
    return NULL;
}

static void tally_new(void)
{
    tally = mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(tally != MAP_FAILED);
}

/* The writer is a third process, so that the parent's end is the only one it has. */
static void every_message_goes_to_one_reader_whole(void)
{
    struct place far;
    struct link l;
    struct child child;
    pthread_t reader;
    struct message m;

    tally_new();
    place_open_there(&far);
    far.serves = false;
    link_open_kind(&l, &far, (struct link_kind){.mode = MESSAGES, .out = 8192, .in = 8192});
    /* once a longer one has come, each is looked at before it is taken */
    CHECK_SAID(at_put(&far, l.away, NULL, LONGER), 0, LONGER);
    CHECK_SAID(at_get(here, l.near, LONGER), 0, LONGER);
    child = child_start(child_reads_all, &l.near);
    reader = comm_spawn(parent_reads_all, &l.near);
    for (uint32_t i = 0; i < MESSAGES_SENT; i++) {
        DWORD len = message_fill(&m, i);

        if (!CHECK_SAID(at_put(&far, l.away, &m, len), 0, len))
            break;
    }
    /* an empty message for each of them */
    CHECK_SAID(at_put(&far, l.away, "", 0), 0, 0);
    CHECK_SAID(at_put(&far, l.away, "", 0), 0, 0);
    CHECK_EQ(child_line(&child), 0);
    comm_join(reader);
    CHECK_EQ(atomic_load(&tally->count), MESSAGES_SENT);
    CHECK_EQ(atomic_load(&tally->torn), 0);
    link_close(&l);
    place_close(&far);
    munmap(tally, sizeof *tally);
}

/* ---- the bell ---- */

enum { QUOTA = 1000, OVER = 1500, HALF = 750 };

/* Each of the two has a write in wait; what is read sets the first free, and then the second. */
static int child_writes(void *end)
{
    OVERLAPPED ov = {.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
    char bytes[OVER] = {0};
    DWORD count = 0;

    atomic_store(&tally->count, 1);
    NEED(!WriteFile(*(HANDLE *)end, bytes, OVER, NULL, &ov) && GetLastError() == ERROR_IO_PENDING);
    atomic_store(&tally->count, 2);
    NEED(GetOverlappedResult(*(HANDLE *)end, &ov, &count, TRUE) && count == OVER);
    NEED(CloseHandle(ov.hEvent));
    return 0;
}

static bool child_waits(void *unused)
{
    (void)unused;
    return atomic_load(&tally->count) == 2;
}

static void a_bell_that_one_hears_wakes_both(void)
{
    struct place far;
    struct link l;
    struct child child;

    tally_new();
    place_open_there(&far);
    far.serves = false;
    link_open_kind(&l, &far, (struct link_kind){.mode = BYTES, .out = QUOTA, .in = QUOTA});
    child = child_start(child_writes, &l.near);
    comm_wait_until(child_waits, NULL);
    CHECK_PENDS(at_write(here, 0, l.near, NULL, OVER));
    for (int i = 0; i < 2 * OVER / HALF; i++)
        CHECK_SAID(at_get(&far, l.away, HALF), 0, HALF);
    CHECK_SAID(at_await(here, 0), 0, OVER);
    CHECK_EQ(child_line(&child), 0);
    link_close(&l);
    place_close(&far);
    munmap(tally, sizeof *tally);
}

FAR_TEST_MAIN(TEST(every_message_goes_to_one_reader_whole), TEST(a_bell_that_one_hears_wakes_both))
