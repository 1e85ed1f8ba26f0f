/* SPDX-License-Identifier: MIT */
/* Ten thousand bytes, each at some moment around the beginning of a wait: before it, during it,
 * while it is being issued.  Every wait ends, and finds the byte there. */
#include "waits.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <unistd.h>

#define ROUNDS 10000

struct peer {
    struct port *port;
    sem_t go;
    _Atomic bool stop;
};

/* Up to some 20 us, another time each round. */
static void dawdle(unsigned *seed)
{
    volatile unsigned left;

    *seed = *seed * 1103515245u + 12345u;
    for (left = (*seed >> 16) % 5000; left > 0;)
        left = left - 1;
}

static void *peer_run(void *arg)
{
    struct peer *peer = arg;
    unsigned seed = 1;

    for (;;) {
        while (sem_wait(&peer->go) != 0)
            continue;
        if (atomic_load(&peer->stop))
            return NULL;
        dawdle(&seed);
        port_send(peer->port, "x", 1);
    }
}

static bool round_run(struct port *port, unsigned *seed)
{
    struct wait wait;

    dawdle(seed);
    if (!wait_start(port, &wait))
        return false;
    if (!CHECK_EQ(WaitForSingleObject(wait.request.ov.hEvent, SOON_MS), WAIT_OBJECT_0)) {
        wait_cancel(port, &wait);
        return false;
    }
    wait_ends("a byte came", port, &wait, EV_RXCHAR);
    expect_queued("a byte came", port, "x", 1);
    return true;
}

static void every_wait_around_an_arrival_ends(struct port *port)
{
    struct peer peer = {.port = port};
    unsigned seed = 7, rounds = 0, all = port_less(port, ROUNDS);
    pthread_t thread;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RXCHAR));
    sem_init(&peer.go, 0, 0);
    thread = comm_spawn(peer_run, &peer);
    do {
        sem_post(&peer.go);
    } while (round_run(port, &seed) && ++rounds < all);
    CHECK_EQ(rounds, all);
    atomic_store(&peer.stop, true);
    sem_post(&peer.go);
    comm_join(thread);
    sem_destroy(&peer.go);
    CHECK_EQ(latched(port), 0);
}

PORT_TEST_MAIN(ON_BOTH(every_wait_around_an_arrival_ends))
