/* SPDX-License-Identifier: MIT */
/* The books of the stress: connections that count the bytes put in and taken out, and one record
 * per operation that counts how often each channel reported it. */
#ifndef COMM_TESTS_LEDGER_H
#define COMM_TESTS_LEDGER_H

#include <pthread.h>
#include <stdatomic.h>

#include <libcomm/native.h>

#include "stress.h"

enum { CONNS = 6, OP_BYTES = 512, RECORDS = 16, LEDGER_MS = 60000 };

/* Two ends of a socketpair.  A duplicate of each descriptor lives on until the books are closed, so
 * that what nobody read can be counted - or not, and then a close is a hang-up for the other end.
 */
struct conn {
    _Atomic unsigned refs; /* the slot it is in, and every operation not yet settled */
    HANDLE end[2];
    int spare[2]; /* -1: none */
    bool ported, skips;
    /* by direction: what end[i] sent and end[1 - i] received, bytes and their sum */
    _Atomic uint64_t sent[2], sent_sum[2], received[2], received_sum[2];
};

struct slot {
    pthread_mutex_t lock;
    struct conn *conn; /* guarded by lock */
};

enum record_state { RECORD_FREE, RECORD_ISSUED };

/* One operation.  Belongs to one thread; others only cancel it, or bring its packet. */
struct record {
    OVERLAPPED ov; /* first: packets lead here */
    enum record_state state;
    HANDLE event;     /* its own; manual-reset unless `quiet` */
    bool quiet;       /* auto-reset: only the ledger waits for it */
    bool with_event;  /* this time */
    bool with_packet; /* this time a packet must come */
    bool with_routine;
    bool writes, dropped; /* dropped: its thread ended, the routine never runs */
    _Atomic unsigned packets, routines;
    uint64_t final, final_bytes; /* what it said when it was settled; must never change */
    unsigned packets_before, routines_before;
    struct conn *conn; /* a reference while issued */
    unsigned end;
    DWORD len;
    unsigned char bytes[OP_BYTES];
};

extern _Atomic uint64_t ledger_settled; /* operations, for the watchdog */
extern HANDLE ledger_port;

void slots_open(struct slot *slots);
void slots_close(struct slot *slots);
/* A reference, or NULL. */
struct conn *slot_get(struct slot *slot);
/* Closes both ends, under whatever is pending, and opens others. */
void slot_renew(struct slot *slot, uint32_t dice);
void conn_put(struct conn *conn);

void record_open(struct record *record, bool quiet);
void record_close(struct record *record);
/* Before the call: chooses what it asks for.  After: whether it is on its way. */
void record_begin(struct record *record, struct conn *conn, uint32_t dice);
void record_issue(struct record *record);
/* Settles a record if every channel it asked for has reported. */
bool record_settle(struct record *record);

#endif
