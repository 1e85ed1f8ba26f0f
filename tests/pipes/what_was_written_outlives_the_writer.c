/* SPDX-License-Identifier: MIT */
/* An end that is closed: the peer reads what was written before, then 109; its writes fail with 232
 * at once, or with 109 when they were pending.  What the closed end had not read is nobody's
 * affair. */
#include "connected.h"

enum { QUOTA = 4096 };

static const DWORD both_modes[] = {BYTES, MESSAGES};

static void what_is_left_is_read_and_then_the_pipe_is_broken(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(both_modes); i++) {
        struct link l;
        struct said said;

        link_open(&l, far, both_modes[i], QUOTA);
        CHECK_SAID(at_put(far, l.away, "unread", 6), 0, 6);
        link_close_away(&l);
        said = at_read(here, 0, l.near, 64);
        CHECK_SAID(said, 0, 6);
        CHECK_DATA(said, "unread", 6);
        said = at_read(here, 0, l.near, 64);
        CHECK_SAID(said, ERROR_BROKEN_PIPE, 0);
        CHECK_EQ(said.status, STATUS_PENDING);
        CHECK_EQ(said.information, AT_LEFT);
        CHECK(!said.set);
        CHECK_SAID(at_read(here, 0, l.near, 0), ERROR_BROKEN_PIPE, 0);
        link_close(&l);
    }
}

static void a_write_to_a_closed_end_fails_at_once_even_before_all_is_read(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(both_modes); i++) {
        struct link l;
        struct said said;

        link_open(&l, far, both_modes[i], QUOTA);
        CHECK_SAID(at_put(far, l.away, "unread", 6), 0, 6);
        link_close_away(&l);
        said = at_write(here, 0, l.near, "abc", 3);
        CHECK_SAID(said, ERROR_NO_DATA, 0);
        CHECK_EQ(said.status, STATUS_PENDING);
        CHECK(!said.set);
        CHECK_SAID(at_write(here, 0, l.near, "", 0), ERROR_NO_DATA, 0);
        CHECK_SAID(at_get(here, l.near, 64), 0, 6);
        CHECK_SAID(at_write(here, 0, l.near, "abc", 3), ERROR_NO_DATA, 0);
        link_close(&l);
    }
}

static void a_pending_read_ends_with_109(struct place *far)
{
    struct link l;
    struct said said;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_PENDS(at_read(here, 0, l.near, 8));
    CHECK_PENDS(at_read(here, BLOCKING | 1, l.near, 8));
    link_close_away(&l);
    said = at_await(here, 0);
    CHECK_SAID(said, ERROR_BROKEN_PIPE, 0);
    CHECK_EQ(said.status, STATUS_PIPE_BROKEN);
    CHECK(said.set);
    CHECK_SAID(at_await(here, 1), ERROR_BROKEN_PIPE, 0);
    link_close(&l);
}

static void a_pending_write_ends_with_109_and_not_with_232(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(both_modes); i++) {
        struct link l;
        struct said said;

        link_open(&l, far, both_modes[i], QUOTA);
        CHECK_PENDS(at_write(here, 0, l.near, NULL, QUOTA + 1));
        CHECK_SAID(at_read(far, 0, l.away, 0), i == 0 ? 0 : ERROR_MORE_DATA, 0);
        link_close_away(&l);
        said = at_await(here, 0);
        CHECK_SAID(said, ERROR_BROKEN_PIPE, 0);
        CHECK_EQ(said.status, STATUS_PIPE_BROKEN);
        CHECK(said.set);
        link_close(&l);
    }
}

/* Data that the closing end had not read must not turn into a reset for its peer. */
static void an_end_closed_with_unread_data_is_just_closed(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(both_modes); i++) {
        struct link l;
        struct said said;

        link_open(&l, far, both_modes[i], QUOTA);
        CHECK_SAID(at_put(here, l.near, "never read", 10), 0, 10);
        link_close_away(&l);
        CHECK_SAID(at_read(here, 0, l.near, 64), ERROR_BROKEN_PIPE, 0);
        link_close(&l);

        link_open(&l, far, both_modes[i], QUOTA);
        CHECK_SAID(at_put(here, l.near, "never read", 10), 0, 10);
        CHECK_SAID(at_put(far, l.away, "8 bytes.", 8), 0, 8);
        link_close_away(&l);
        said = at_read(here, 0, l.near, 64);
        CHECK_SAID(said, 0, 8);
        CHECK_DATA(said, "8 bytes.", 8);
        CHECK_SAID(at_read(here, 0, l.near, 64), ERROR_BROKEN_PIPE, 0);
        link_close(&l);
    }
}

/* More completed writes than the kernel holds: closing does not lose the rest. */
static void every_completed_write_is_delivered_although_the_end_is_closed(struct place *far)
{
    struct link l;
    DWORD got = 0;

    link_open(&l, far, MESSAGES, QUOTA);
    for (int n = 0; n < QUOTA; n++) {
        unsigned char byte = (unsigned char)n;

        CHECK_SAID(at_write(here, 0, l.near, &byte, 1), 0, 1);
    }
    link_close_near(&l);
    for (; got < QUOTA; got++) {
        struct said said = at_get(far, l.away, 8);

        if (!CHECK_SAID(said, 0, 1) || !CHECK_EQ(said.data[0], got % 256))
            break;
    }
    CHECK_EQ(got, QUOTA);
    CHECK_SAID(at_get(far, l.away, 8), ERROR_BROKEN_PIPE, 0);
    link_close(&l);
}

/* ---- an end's own requests when it is closed ---- */

static void an_own_pending_write_is_aborted_and_what_went_before_arrives(struct place *far)
{
    enum { OWN = 100000 };

    for (size_t i = 0; i < ARRAY_LEN(both_modes); i++) {
        struct link l;
        struct said said;
        DWORD cut = 0;

        link_open(&l, far, both_modes[i], QUOTA);
        CHECK_SAID(at_put(here, l.near, "before", 6), 0, 6);
        CHECK_PENDS(at_write(here, 0, l.near, NULL, OWN));
        link_close_near(&l);
        said = at_look(here, 0);
        CHECK_SAID(said, ERROR_OPERATION_ABORTED, 0);
        CHECK(said.set);
        said = at_get(far, l.away, 6);
        CHECK_SAID(said, 0, 6);
        CHECK_DATA(said, "before", 6);
        for (said = at_get(far, l.away, 512); said.count > 0; said = at_get(far, l.away, 512))
            cut += said.count; /* what the kernel had of it may arrive */
        CHECK_SAID(said, ERROR_BROKEN_PIPE, 0);
        CHECK(cut <= OWN);
        link_close(&l);
    }
}

static void an_own_pending_read_ends_with_109(struct place *far)
{
    struct link l;
    struct said said;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_PENDS(at_read(here, 0, l.near, 8));
    link_close_near(&l);
    said = at_look(here, 0);
    CHECK_SAID(said, ERROR_BROKEN_PIPE, 0);
    CHECK_EQ(said.status, STATUS_PIPE_BROKEN);
    CHECK(said.set);
    link_close(&l);
}

FAR_TEST_MAIN(FOUR_WAYS(what_is_left_is_read_and_then_the_pipe_is_broken),
              FOUR_WAYS(a_write_to_a_closed_end_fails_at_once_even_before_all_is_read),
              FOUR_WAYS(a_pending_read_ends_with_109),
              FOUR_WAYS(a_pending_write_ends_with_109_and_not_with_232),
              FOUR_WAYS(an_end_closed_with_unread_data_is_just_closed),
              FOUR_WAYS(every_completed_write_is_delivered_although_the_end_is_closed),
              FOUR_WAYS(an_own_pending_write_is_aborted_and_what_went_before_arrives),
              FOUR_WAYS(an_own_pending_read_ends_with_109))
