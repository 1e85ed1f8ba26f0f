/* SPDX-License-Identifier: MIT */
/* What is due at a port happens in time although no thread waits for it and no call is made; and
 * where nothing is due, nothing happens. */
#include "waits.h"

#include <dirent.h>
#include <stdlib.h>
#include <time.h>

/* Long enough for the engine to have taken over what nobody drives, in every mode. */
#define TAKEN_OVER_MS 60u

static void rest_ms(unsigned ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

    while (nanosleep(&t, &t) != 0)
        ;
}

/* Without any call of the library; GetOverlappedResult would be one. */
static void ends_by_itself(const char *when, const struct port *port, struct request *request,
                           DWORD status, DWORD count)
{
    if (!request_finishes(request))
        CancelIoEx(port->near, &request->ov);
    request_ends(when, request, status, count);
    CHECK(is_set(request->ov.hEvent));
    request_close(request);
}

/* ---- events and bytes ---- */

static void dollar(DCB *dcb)
{
    dcb->EvtChar = '$';
}

static void bytes_are_taken_and_told_of_as_they_come(struct port *port)
{
    struct wait wait;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, dollar);
    CHECK(SetCommMask(port->near, EV_RXCHAR | EV_RXFLAG));
    wait_pends(port, &wait);
    rest_ms(TAKEN_OVER_MS);
    port_send(port, "a$b", 3);
    ends_by_itself("a wait", port, &wait.request, STATUS_SUCCESS, sizeof(DWORD));
    CHECK((wait.events & EV_RXCHAR) != 0);
    CHECK((wait.events & ~(DWORD)(EV_RXCHAR | EV_RXFLAG)) == 0);
    CHECK_EQ(wait.events | latched(port), EV_RXCHAR | EV_RXFLAG);
    CHECK(port_wait_queued(port, 3));
}

/* ---- time limits ---- */

static void a_read_times_out(struct port *port)
{
    struct request read;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_read_times(port, 0, 0, 100);
    read_pends(port, &read, 5);
    ends_by_itself("no byte came", port, &read, STATUS_TIMEOUT, 0);
    read_pends(port, &read, 5);
    rest_ms(TAKEN_OVER_MS);
    port_send(port, "ab", 2);
    ends_by_itself("two came", port, &read, STATUS_TIMEOUT, 2);
}

static void an_interval_passes(struct port *port)
{
    struct request read;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_read_times(port, 30, 0, 0);
    read_pends(port, &read, 5);
    rest_ms(TAKEN_OVER_MS);
    port_send(port, "ab", 2);
    ends_by_itself("two came", port, &read, STATUS_TIMEOUT, 2);
}

/* Bytes that another call finds start the clock too. */
static void an_interval_passes_whoever_received_the_bytes(struct port *port)
{
    struct request read;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_read_times(port, 20, 0, 0);
    for (int i = 0; i < 20; i++) {
        read_pends(port, &read, 5);
        if (i % 2 == 0)
            rest_ms(TAKEN_OVER_MS);
        port_send(port, "ab", 2);
        (void)port_queued(port);
        ends_by_itself("two came", port, &read, STATUS_TIMEOUT, 2);
    }
}

struct waiter {
    HANDLE event;
    struct sleeper sleeper;
    DWORD result;
};

static void *wait_asleep(void *arg)
{
    struct waiter *waiter = arg;

    sleeper_announce(&waiter->sleeper);
    waiter->result = WaitForSingleObject(waiter->event, SOON_MS);
    return NULL;
}

/* Who waits sleeps until what was due when it fell asleep; others make things due earlier. */
static void a_waiter_hears_of_time_limits_that_others_start(struct port *port)
{
    struct request read;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_read_times(port, 20, 0, 0);
    for (int i = 0; i < 200; i++) {
        struct waiter waiter = {.result = WAIT_FAILED};
        pthread_t thread;

        read_pends(port, &read, 5);
        waiter.event = read.ov.hEvent;
        thread = comm_spawn(wait_asleep, &waiter);
        wait_until_asleep(&waiter.sleeper);
        port_send(port, "ab", 2);
        while (port_received(port) != 2u * (unsigned)(i + 1))
            ;
        comm_join(thread);
        if (!CHECK_EQ(waiter.result, WAIT_OBJECT_0))
            CancelIoEx(port->near, &read.ov);
        transfer_ends("two came", port, &read, STATUS_TIMEOUT, 2);
    }
}

static void a_write_times_out(struct port *port)
{
    struct request write;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_write_times(port, 0, 100);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    request_open(&write, true);
    CHECK(!WriteFile(port->near, "abc", 3, NULL, &write.ov) && GetLastError() == ERROR_IO_PENDING);
    ends_by_itself("it was held", port, &write, STATUS_TIMEOUT, 0);
}

/* ---- sending ---- */

#define LONG_WRITE (100u << 10)

/* The release may fill the device at once, and only then is there room to wait for. */
static void a_released_write_goes_as_the_peer_receives(struct port *port)
{
    char *bytes = calloc(1, LONG_WRITE);
    struct request write;
    unsigned got = 0;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    request_open(&write, true);
    CHECK(!WriteFile(port->near, bytes, LONG_WRITE, NULL, &write.ov) &&
          GetLastError() == ERROR_IO_PENDING);
    rest_ms(TAKEN_OVER_MS);
    CHECK(EscapeCommFunction(port->near, SETXON));
    for (unsigned n = 1024; n == 1024 && got < LONG_WRITE; got += n)
        n = port_receive(port, bytes, 1024) ? 1024 : 0;
    CHECK_EQ(got, LONG_WRITE);
    ends_by_itself("it was released", port, &write, STATUS_SUCCESS, LONG_WRITE);
    free(bytes);
}

static void xon_xoff_in(DCB *dcb)
{
    dcb->fInX = TRUE;
    dcb->XonLim = 2048;
    dcb->XoffLim = 512;
}

/* Reads that are over when the call returns leave nobody behind who would do it later. */
static void a_read_that_makes_room_lets_the_peer_go_on(struct port *port)
{
    char bytes[3584] = {0};
    struct request read;
    DWORD count;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, xon_xoff_in);
    port_send(port, bytes, sizeof bytes);
    port_expect(port, "\x13", 1);
    request_open(&read, true);
    CHECK(ReadFile(port->near, bytes, sizeof bytes, &count, &read.ov));
    port_expect(port, "\x11", 1);
    request_close(&read);
}

/* ---- nothing ---- */

/* How often the library's thread went to sleep or was stopped; -1: there is none. */
static long engine_switches(void)
{
    DIR *dir = opendir("/proc/self/task");
    char path[300], line[128];
    long sum = -1;

    for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
        bool engine = false;
        long switches = 0, n;
        FILE *status;

        snprintf(path, sizeof path, "/proc/self/task/%s/status", e->d_name);
        status = fopen(path, "re");
        while (status != NULL && fgets(line, sizeof line, status) != NULL) {
            engine = engine || strcmp(line, "Name:\tcomm-engine\n") == 0;
            if (sscanf(line, "voluntary_ctxt_switches: %ld", &n) == 1)
                switches = n;
        }
        if (status != NULL)
            fclose(status);
        if (engine)
            sum = switches;
    }
    if (dir != NULL)
        closedir(dir);
    return sum;
}

static bool engine_rests(void *unused)
{
    long before = engine_switches();

    (void)unused;
    rest_ms(300);
    return engine_switches() == before;
}

static void an_idle_port_wakes_nobody(struct port *port)
{
    long before;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RXCHAR | EV_TXEMPTY | EV_ERR | EV_BREAK));
    port_send(port, "a", 1);
    CHECK(port_wait_queued(port, 1));
    comm_wait_until(engine_rests, NULL);
    before = engine_switches();
    CHECK(before >= 0);
    rest_ms(2000);
    CHECK_EQ(engine_switches(), before);
}

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void slowest(DCB *dcb)
{
    dcb->BaudRate = 300;
}

static void check_cost(const char *when, double seconds, uint64_t elapsed_ms)
{
    comm_check(seconds * 1000 < 0.05 * (double)elapsed_ms, __FILE__, __LINE__,
               "%s: %.0f ms of processor in %llu ms", when, seconds * 1000,
               (unsigned long long)elapsed_ms);
}

/* 60 characters at 300 baud are 2 s. */
static void a_write_that_drains_costs_next_to_nothing(struct port *port)
{
    static const char bytes[60];
    struct request write;
    uint64_t start_ms;
    double start;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, slowest);
    for (int waited = 0; waited < 2; waited++) {
        write_pends(port, &write, bytes, sizeof bytes);
        start_ms = steady_ms();
        start = cpu_seconds();
        if (waited)
            CHECK_EQ(WaitForSingleObject(write.ov.hEvent, SOON_MS), WAIT_OBJECT_0);
        else
            rest_ms(2000);
        check_cost(waited ? "waited for" : "not waited for", cpu_seconds() - start,
                   steady_ms() - start_ms);
        ends_by_itself("it drained", port, &write, STATUS_SUCCESS, sizeof bytes);
    }
}

PORT_TEST_MAIN(ON_BOTH(bytes_are_taken_and_told_of_as_they_come), ON_BOTH(a_read_times_out),
               ON_BOTH(an_interval_passes), ON_BOTH(an_interval_passes_whoever_received_the_bytes),
               ON_BOTH(a_waiter_hears_of_time_limits_that_others_start), ON_BOTH(a_write_times_out),
               ON_BOTH(a_released_write_goes_as_the_peer_receives),
               ON_BOTH(a_read_that_makes_room_lets_the_peer_go_on),
               ON_BOTH(an_idle_port_wakes_nobody),
               ON_PACED_CABLE(a_write_that_drains_costs_next_to_nothing))
