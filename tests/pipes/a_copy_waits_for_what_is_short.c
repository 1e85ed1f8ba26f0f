/* SPDX-License-Identifier: MIT */
/* What WriteFile has reported as done goes out, even if the kernel is out of descriptors when its
 * turn comes: it is tried again now and then, and nobody is kept busy by that. */
#include "connected.h"

#include <libcomm/native.h>

#include "libcomm/plat/engine.h"
#include "libcomm/plat/testing.h"

#include <stdatomic.h>
#include <sys/socket.h>

enum {
    QUOTA = 1 << 20,
    SNDBUF = 16 << 10,
    SMALL = 8 << 10, /* a record */
    SMALLS = 12,     /* more than the kernel takes */
    BIG = 200 << 10, /* a memory file */
    READ = 0,
};

/* Stands still for a while: that something does not happen can only be seen in time. */
static void let_it_spin(void)
{
    HANDLE never = CreateEventA(NULL, TRUE, FALSE, NULL);

    CHECK_EQ(WaitForSingleObject(never, 100), WAIT_TIMEOUT);
    CloseHandle(never);
}

static void check_is_quiet(void)
{
    unsigned requests = ci_testing_requests(), wakes = atomic_load(&ci_engine.io_wakes);

    let_it_spin();
    CHECK(ci_testing_requests() - requests < 20);
    CHECK(atomic_load(&ci_engine.io_wakes) - wakes < 20);
}

static void copies_open(struct link *l)
{
    link_open(l, here, MESSAGES, QUOTA);
    CHECK_EQ(setsockopt(CommGetFd(l->near), SOL_SOCKET, SO_SNDBUF, &(int){SNDBUF}, sizeof(int)), 0);
    for (int i = 0; i < SMALLS; i++)
        CHECK_SAID(at_put(here, l->near, NULL, SMALL), 0, SMALL);
    CHECK_SAID(at_put(here, l->near, NULL, BIG), 0, BIG);
}

static void read_smalls(struct link *l)
{
    for (int i = 0; i < SMALLS; i++)
        CHECK_SAID(at_get(here, l->away, SMALL), 0, SMALL);
}

static void a_copy_that_needs_a_descriptor_waits_for_one(void)
{
    struct link l;

    copies_open(&l);
    ci_testing_fail_all(CI_FAULT_DESCRIPTOR, 0, true);
    read_smalls(&l);
    CHECK_PENDS(at_read(here, READ, l.away, BIG));
    check_is_quiet();
    CHECK_SAID(at_look(here, READ), ERROR_IO_INCOMPLETE, AT_ANY);
    ci_testing_fail_all(0, 0, false);
    CHECK_SAID(at_await(here, READ), 0, BIG);
    CHECK(at_holds(here, READ, 0, BIG, 0));
    link_close(&l);
}

/* What is behind it keeps its place. */
static void what_was_written_after_it_comes_after_it(void)
{
    struct link l;

    copies_open(&l);
    ci_testing_fail_all(CI_FAULT_DESCRIPTOR, 0, true);
    read_smalls(&l);
    CHECK_SAID(at_put(here, l.near, "after", 5), 0, 5);
    CHECK_PENDS(at_read(here, READ, l.away, BIG));
    ci_testing_fail_all(0, 0, false);
    CHECK_SAID(at_await(here, READ), 0, BIG);
    CHECK_SAID(at_get(here, l.away, 64), 0, 5);
    link_close(&l);
}

/* The writer has closed; the engine alone looks after what is left. */
static void it_outlives_its_writers_handle(void)
{
    struct link l;

    copies_open(&l);
    ci_testing_fail_all(CI_FAULT_DESCRIPTOR, 0, true);
    link_close_near(&l);
    read_smalls(&l);
    CHECK_PENDS(at_read(here, READ, l.away, BIG));
    check_is_quiet();
    ci_testing_fail_all(0, 0, false);
    CHECK_SAID(at_await(here, READ), 0, BIG);
    CHECK_SAID(at_get(here, l.away, 64), ERROR_BROKEN_PIPE, 0);
    link_close(&l);
}

/* And goes with its reader, whatever is still short: nothing is left of it then. */
static void it_is_given_up_when_the_reader_goes(void)
{
    struct link l;
    size_t before;

    copies_open(&l);
    before = ci_testing_live_objects();
    ci_testing_fail_all(CI_FAULT_DESCRIPTOR, 0, true);
    read_smalls(&l);
    link_close_near(&l);
    link_close_away(&l);
    ci_testing_quiesce();
    CHECK(ci_testing_live_objects() <= before - 2);
    ci_testing_fail_all(0, 0, false);
}

FAR_TEST_MAIN(TEST(a_copy_that_needs_a_descriptor_waits_for_one),
              TEST(what_was_written_after_it_comes_after_it), TEST(it_outlives_its_writers_handle),
              TEST(it_is_given_up_when_the_reader_goes))
