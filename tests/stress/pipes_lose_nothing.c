/* SPDX-License-Identifier: MIT */
/* Four server processes and sixty-four clients on two pipe names.  Clients are killed and stopped
 * at any moment; and everything a WriteFile has reported as written arrives, once, whole and in
 * order, but for what was only a copy in a process that was killed. */
#include "crowd.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STALLED_MS = 60000, PEACE = 8 /* clients that are never disturbed */, KILLED_AT_LEAST = 10 };

struct process {
    pid_t pid; /* 0: none */
    bool killed, stopped;
};

static struct process client[CROWD_CLIENTS], server[CROWD_SERVERS];
static uint64_t dice;

/* This process makes no call of the library: its children shall find it untouched. */
static pid_t start(void (*body)(unsigned), unsigned number)
{
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid < 0) {
        perror("fork");
        exit(EXIT_FAILURE);
    }
    if (pid == 0)
        body(number);
    return pid;
}

static void client_start(unsigned i)
{
    atomic_fetch_add(&crowd->client[i].life, 1);
    client[i] = (struct process){.pid = start(crowd_visit, i)};
}

/* Reaps who has ended; false: nobody has. */
static bool client_reap(unsigned i, int flags)
{
    int status;

    if (client[i].pid == 0 || waitpid(client[i].pid, &status, flags) != client[i].pid)
        return false;
    if (client[i].killed)
        CHECK(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
    else if (!CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0))
        printf("      client %u ended with status 0x%x\n", i, (unsigned)status);
    client[i].pid = 0;
    return true;
}

/* ---- what happens to clients ---- */

static void client_kill(unsigned i)
{
    atomic_store(&crowd->client[i].doomed, atomic_load(&crowd->client[i].life));
    client[i].killed = true;
    atomic_fetch_add(&crowd->killed, 1);
    CHECK(kill(client[i].pid, SIGKILL) == 0);
}

static void client_stop(unsigned i, bool stop)
{
    client[i].stopped = stop;
    CHECK(kill(client[i].pid, stop ? SIGSTOP : SIGCONT) == 0);
}

static void disturb(void)
{
    unsigned i = PEACE + stress_random(&dice) % (CROWD_CLIENTS - PEACE);

    if (client[i].pid == 0 || client[i].killed)
        return;
    if (client[i].stopped)
        client_stop(i, false);
    else if (stress_random(&dice) % 4 == 0)
        client_kill(i);
    else if (stress_random(&dice) % 3 == 0)
        client_stop(i, true);
}

/* ---- the watchdog ---- */

static void describe(void)
{
    for (unsigned i = 0; i < CROWD_CLIENTS; i++) {
        const struct crowd_client *c = &crowd->client[i];

        printf("      client %u, life %u%s%s, at line %u\n", i, atomic_load(&c->life),
               client[i].stopped ? ", stopped" : "", client[i].pid == 0 ? ", gone" : "",
               atomic_load(&c->doing));
        for (unsigned k = 0; k < CROWD_SESSIONS; k++) {
            const struct crowd_session *s = &c->session[k];

            if (!crowd_over(c, s))
                printf("        session %llu: begun %u, told %u, safe %u, arrived %u%s%s\n",
                       (unsigned long long)atomic_load(&s->id), atomic_load(&s->begun),
                       atomic_load(&s->told), atomic_load(&s->safe), atomic_load(&s->arrived),
                       atomic_load(&s->met) ? ", met" : "",
                       atomic_load(&s->closed) ? ", closed" : "");
        }
    }
}

static bool goes_on(void)
{
    static uint64_t seen;
    static int64_t since_ms;
    uint64_t now = atomic_load(&crowd->settled);

    if (now != seen || since_ms == 0)
        since_ms = stress_now_ms();
    seen = now;
    if (!CHECK_EQ(atomic_load(&crowd->failed), 0)) /* it has said what */
        return false;
    if (stress_now_ms() - since_ms < STALLED_MS)
        return true;
    describe();
    return CHECK(stress_now_ms() - since_ms < STALLED_MS); /* something is settled each minute */
}

/* ---- the run ---- */

static bool all_over(void)
{
    for (unsigned i = 0; i < CROWD_CLIENTS; i++)
        for (unsigned k = 0; k < CROWD_SESSIONS; k++)
            if (!crowd_over(&crowd->client[i], &crowd->client[i].session[k]))
                return false;
    return true;
}

static bool run_for(unsigned long seconds)
{
    int64_t end_ms;

    for (unsigned i = 0; i < CROWD_CLIENTS; i++)
        client_start(i);
    end_ms = stress_now_ms() + (int64_t)seconds * 1000;
    /* a loaded machine may leave this process no time for what it is here for */
    while (stress_now_ms() < end_ms || atomic_load(&crowd->killed) < KILLED_AT_LEAST) {
        if (!goes_on())
            return false;
        for (unsigned i = 0; i < CROWD_CLIENTS; i++)
            if (client_reap(i, WNOHANG))
                client_start(i);
        for (unsigned n = stress_random(&dice) % 4; n > 0; n--)
            disturb();
        usleep(stress_random(&dice) % 8000);
    }
    return true;
}

/* Nobody is disturbed any more; who lives finishes what it is at. */
static bool wind_up(void)
{
    unsigned left = CROWD_CLIENTS;

    atomic_store(&crowd->stop, true);
    for (unsigned i = 0; i < CROWD_CLIENTS; i++)
        if (client[i].pid != 0 && client[i].stopped)
            client_stop(i, false);
    while (left > 0 || !all_over()) {
        if (!goes_on())
            return false;
        left = 0;
        for (unsigned i = 0; i < CROWD_CLIENTS; i++)
            left += client[i].pid != 0 && !client_reap(i, WNOHANG);
        usleep(2000);
    }
    return true;
}

static void end_all(void)
{
    for (unsigned i = 0; i < CROWD_CLIENTS; i++) {
        if (client[i].pid == 0)
            continue;
        kill(client[i].pid, SIGKILL);
        waitpid(client[i].pid, NULL, 0);
    }
    for (unsigned i = 0; i < CROWD_SERVERS; i++) {
        kill(server[i].pid, SIGKILL);
        waitpid(server[i].pid, NULL, 0);
    }
}

static void servers_end(void)
{
    atomic_store(&crowd->servers_stop, true);
    for (unsigned i = 0; i < CROWD_SERVERS; i++) {
        int status = 0;

        CHECK(waitpid(server[i].pid, &status, 0) == server[i].pid);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

static void report(void)
{
    printf("      %llu sessions, %llu frames, %llu MB; %llu killed, %llu sent away, %llu waits\n",
           (unsigned long long)atomic_load(&crowd->settled),
           (unsigned long long)atomic_load(&crowd->frames),
           (unsigned long long)atomic_load(&crowd->bytes) / 1000000,
           (unsigned long long)atomic_load(&crowd->killed),
           (unsigned long long)atomic_load(&crowd->sent_away),
           (unsigned long long)atomic_load(&crowd->busy));
}

static bool is_empty(const char *path)
{
    DIR *dir = opendir(path);
    unsigned entries = 0;

    while (dir != NULL && readdir(dir) != NULL)
        entries++;
    return dir != NULL && closedir(dir) == 0 && entries == 2;
}

static bool servers_are_ready(void *unused)
{
    (void)unused;
    return atomic_load(&crowd->servers_ready) == CROWD_SERVERS || atomic_load(&crowd->failed) > 0;
}

static void what_was_written_arrives_once_whole_and_in_order(void)
{
    unsigned long seconds = stress_setting("COMM_STRESS_SECONDS", STRESS_SECONDS);
    char dir[300];

    snprintf(dir, sizeof dir, "%s/pipes", comm_test_dir());
    CHECK(mkdir(dir, 0700) == 0 && chmod(dir, 0700) == 0);
    setenv("LIBCOMM_PIPE_DIR", dir, 1);
    setenv("TMPDIR", comm_test_dir(), 1);
    crowd_make(stress_seed());
    dice = crowd->seed;
    for (unsigned i = 0; i < CROWD_SERVERS; i++)
        server[i].pid = start(crowd_serve, i);
    if (comm_wait_until(servers_are_ready, NULL) && run_for(seconds) && wind_up())
        servers_end();
    else
        end_all();
    report();
    CHECK(atomic_load(&crowd->failed) > 0 || is_empty(dir));
    CHECK(atomic_load(&crowd->settled) > 0);
    crowd_unmake();
}

COMM_TEST_MAIN(TEST(what_was_written_arrives_once_whole_and_in_order))
