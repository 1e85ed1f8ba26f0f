/* SPDX-License-Identifier: MIT */
/* A writer whose pending write waits for its quota, or whose copy waits for room in the socket; the reader that
 * makes both; and a hostile one who rings when nobody asked and takes the writer's asking back (pipes/end.c,
 * credit_step; pipes/page.h, want_credit; pipes/read.c, consumed).
 * Shows that the writer is done once the reader has read, as long as nobody took its asking back for good, and that
 * each ring wakes it once at most: a bell that nobody hushes would wake it for ever. */
#define RINGS 2 /* the stranger's */

bit consumed, want, bell; /* in the page; and whether the bell can be heard */
bit room;                 /* in the socket: what copies wait for */
byte rings, wakes;
bit done;
bit copy;  /* it is a copy that waits, and asks for nothing */
bit nasty; /* the stranger may take the asking back */

/* head_done() or push_copy(): asks, and looks again. */
inline try_it()
{
    if
    :: copy -> done = done || room
    :: else ->
        if
        :: consumed -> done = 1
        :: else ->
            want = 1;
#ifndef BUG_ASK_WITHOUT_LOOKING
            if
            :: consumed -> done = 1
            :: else
            fi
#endif
        fi
    fi
}

active proctype writer()
{
    bit asked, heard;

    if
    :: copy = 1
    :: copy = 0
    fi;
    try_it();
    do
    :: done -> break
    :: else ->
end_waits:
        if
        :: bell -> wakes++
        :: copy && room
        fi;
        assert(wakes <= rings);
        asked = want;
#ifndef BUG_HUSH_AFTER_LOOKING
        if
        :: asked -> bell = 0
        :: else
        fi;
#endif
        try_it();
#ifdef BUG_HUSH_AFTER_LOOKING
        if
        :: asked -> bell = 0
        :: else
        fi;
#endif
#ifndef BUG_DEAF_UNLESS_ASKED
        if
        :: !asked && !done ->
            atomic { heard = bell; bell = 0 };
            if
            :: heard -> try_it()
            :: else
            fi
        :: else
        fi
#endif
    od;
    want = 0
}

active proctype reader()
{
    consumed = 1;
    room = 1;
    if
    :: want -> atomic { rings++; bell = 1 }
    :: else
    fi;
    (done || nasty)
}

active proctype stranger()
{
    byte i;

    if
    :: nasty = 1
    :: skip
    fi;
    do
    :: i < RINGS ->
        i++;
        atomic { rings++; bell = 1 };
        if
        :: nasty -> want = 0
        :: skip
        fi
    :: break
    od
}
