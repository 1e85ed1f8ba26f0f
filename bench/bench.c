/* SPDX-License-Identifier: MIT */
/* Rounds, medians and verdicts.  A part that dies ends the whole program: a figure without one of
 * its sides would be a lie. */
#include "bench.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define SMOKE_ROUNDS 2
#define ROUNDS 21
#define SMOKE_SHARE 100 /* a smoke run does one operation of so many */

static bool smoke;
static bool missed;

void bench_die(const char *what)
{
    fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
    exit(3);
}

static double clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

double bench_now_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median_of(double *value, unsigned count)
{
    qsort(value, count, sizeof *value, compare);
    return count % 2 == 1 ? value[count / 2] : (value[count / 2 - 1] + value[count / 2]) / 2;
}

/* ---- one part ---- */

struct bench_laps bench_laps_new(unsigned room)
{
    struct bench_laps laps = {.ns = malloc(room * sizeof *laps.ns), .room = room};

    bench_need(laps.ns != NULL, "malloc");
    memset(laps.ns, 0, room * sizeof *laps.ns); /* touched now, not while measuring */
    laps.cpu_began_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    return laps;
}

void bench_lap_begin(struct bench_laps *laps)
{
    laps->lap_began_ns = bench_now_ns();
}

void bench_lap_end(struct bench_laps *laps)
{
    double now_ns = bench_now_ns();

    if (laps->count < laps->room)
        laps->ns[laps->count++] = now_ns - laps->lap_began_ns;
}

struct bench_sample bench_laps_done(struct bench_laps *laps, unsigned operations_per_lap)
{
    double cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - laps->cpu_began_ns;
    double operations = (double)operations_per_lap;
    struct bench_sample sample;

    sample.cpu_ns = cpu_ns / (operations * laps->count);
    sample.ns = median_of(laps->ns, laps->count) / operations;
    sample.extra = 0;
    free(laps->ns);
    return sample;
}

/* ---- rounds ---- */

void bench_begin(int argc, char **argv)
{
    smoke = argc == 2 && strcmp(argv[1], "--smoke") == 0;
    if (argc > 1 && !smoke) {
        fprintf(stderr, "usage: %s [--smoke]\n", argv[0]);
        exit(2);
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);
}

bool bench_smoke(void)
{
    return smoke;
}

/* The last CPU we may use: interrupts and other people's work tend to be on the first. */
static void pin(void)
{
    cpu_set_t may, one;
    size_t cpu = CPU_SETSIZE - 1;

    bench_need(sched_getaffinity(0, sizeof may, &may) == 0, "sched_getaffinity");
    while (cpu > 0 && !CPU_ISSET(cpu, &may))
        cpu--;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    bench_need(sched_setaffinity(0, sizeof one, &one) == 0, "sched_setaffinity");
}

static void part_run(bench_part *part, unsigned count, enum bench_place place, int result)
{
    struct bench_sample sample;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (place == BENCH_PINNED)
        pin();
    sample = part(count);
    bench_need(write(result, &sample, sizeof sample) == sizeof sample, "write");
    _exit(0);
}

static struct bench_sample part_in_process(bench_part *part, unsigned count, enum bench_place place)
{
    struct bench_sample sample;
    int result[2], status = 0;
    bool told;
    pid_t child;

    bench_need(pipe(result) == 0, "pipe");
    child = fork();
    bench_need(child >= 0, "fork");
    if (child == 0) {
        close(result[0]);
        part_run(part, count, place, result[1]);
    }
    close(result[1]);
    told = read(result[0], &sample, sizeof sample) == sizeof sample;
    close(result[0]);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (!told || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "bench: a part ended with status 0x%x\n", (unsigned)status);
        exit(3);
    }
    return sample;
}

struct bench_table bench_rounds(bench_part *const *part, unsigned parts, unsigned count,
                                enum bench_place place)
{
    struct bench_table table = {.parts = parts, .rounds = smoke ? SMOKE_ROUNDS : ROUNDS};

    if (smoke)
        count = count / SMOKE_SHARE + 1;
    for (unsigned round = 0; round < table.rounds; round++) {
        for (unsigned i = 0; i < parts; i++) {
            /* another one begins each time, and every other round goes backwards */
            unsigned turn = (i + round / 2) % parts;
            unsigned which = round % 2 == 0 ? turn : parts - 1 - turn;

            table.at[which][round] = part_in_process(part[which], count, place);
        }
    }
    return table;
}

static double field_of(const struct bench_sample *sample, enum bench_field field)
{
    switch (field) {
    case BENCH_NS:
        return sample->ns;
    case BENCH_CPU:
        return sample->cpu_ns;
    case BENCH_EXTRA:
        return sample->extra;
    }
    return 0;
}

double bench_median(const struct bench_table *table, unsigned part, enum bench_field field)
{
    double value[BENCH_ROUNDS];

    for (unsigned i = 0; i < table->rounds; i++)
        value[i] = field_of(&table->at[part][i], field);
    return median_of(value, table->rounds);
}

double bench_worst(const struct bench_table *table, unsigned part, enum bench_field field)
{
    double worst = 0;

    for (unsigned i = 0; i < table->rounds; i++) {
        double value = field_of(&table->at[part][i], field);

        worst = value > worst ? value : worst;
    }
    return worst;
}

double bench_ratio(const struct bench_table *table, unsigned part, unsigned floor,
                   enum bench_field field)
{
    double ratio[BENCH_ROUNDS];

    for (unsigned i = 0; i < table->rounds; i++)
        ratio[i] = field_of(&table->at[part][i], field) / field_of(&table->at[floor][i], field);
    return median_of(ratio, table->rounds);
}

/* ---- figures ---- */

struct limit {
    char text[16]; /* as in the table */
    bool none, uncounted;
    double value;
    char unit[8];
};

static bool row_is(char *row, const char *name, char **limit)
{
    char *rest = strchr(row, '\t');

    if (rest == NULL)
        return false;
    *rest = '\0';
    *limit = rest + 1;
    (*limit)[strcspn(*limit, "\t\n")] = '\0';
    return strcmp(row, name) == 0;
}

static struct limit limit_find(const char *name)
{
    FILE *file = fopen(BENCH_FIGURES, "re");
    struct limit limit = {.none = false};
    char row[512], *text = NULL, *number;

    bench_need(file != NULL, BENCH_FIGURES);
    while (text == NULL && fgets(row, sizeof row, file) != NULL)
        if (!row_is(row, name, &text))
            text = NULL;
    fclose(file);
    if (text == NULL) {
        fprintf(stderr, "bench: %s has no row %s\n", BENCH_FIGURES, name);
        exit(3);
    }
    snprintf(limit.text, sizeof limit.text, "%s", text);
    limit.none = strcmp(text, "-") == 0;
    limit.uncounted = text[0] == '~';
    limit.value = strtod(limit.uncounted ? text + 1 : text, &number);
    snprintf(limit.unit, sizeof limit.unit, "%s", limit.none ? "" : number);
    return limit;
}

static const char *verdict_on(const struct limit *limit, double value, bool excused)
{
    if (smoke)
        return "smoke";
    if (limit->none)
        return "-";
    if (value <= limit->value || excused)
        return "ok";
    if (limit->uncounted)
        return "over";
    missed = true;
    return "MISSED";
}

__attribute__((format(printf, 4, 0))) static void figure_print(const char *name, double value,
                                                               bool excused, const char *details,
                                                               va_list args)
{
    struct limit limit = limit_find(name);
    const char *verdict = verdict_on(&limit, value, excused);
    char text[24];

    snprintf(text, sizeof text, limit.unit[0] == '\0' ? "%.3f%s" : "%.4g%s", value, limit.unit);
    printf("%-20s %9s %8s %-7s ", name, text, limit.text, verdict);
    vprintf(details, args);
    printf("\n");
}

void bench_figure(const char *name, double value, const char *details, ...)
{
    va_list args;

    va_start(args, details);
    figure_print(name, value, false, details, args);
    va_end(args);
}

void bench_figure_or(const char *name, double value, bool excused, const char *details, ...)
{
    va_list args;

    va_start(args, details);
    figure_print(name, value, excused, details, args);
    va_end(args);
}

void bench_skip(const char *name, const char *reason)
{
    struct limit limit = limit_find(name);

    printf("%-20s %9s %8s %-7s %s\n", name, "-", limit.text, "skipped", reason);
}

int bench_end(void)
{
    return missed ? 1 : 0;
}

/* ---- what parts have in common ---- */

void bench_stream_pair(int fd[2])
{
    bench_need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0, "socketpair");
}

void bench_send(int fd)
{
    static const char message[BENCH_BYTES] = "a message of sixty-four bytes";

    bench_need(write(fd, message, sizeof message) == sizeof message, "write");
}

bool bench_receive(int fd)
{
    char message[BENCH_BYTES];

    return read(fd, message, sizeof message) == sizeof message;
}

void bench_echo_process(int fd)
{
    pid_t child = fork();

    bench_need(child >= 0, "fork");
    if (child == 0) {
        /* the other end of the stream above all: else it would never end */
        if (fd > 3)
            close_range(3, (unsigned)fd - 1, 0);
        close_range((unsigned)fd + 1, ~0u, 0);
        while (bench_receive(fd))
            bench_send(fd);
        _exit(0);
    }
    close(fd);
}

/* ---- other processes ---- */

pid_t bench_peer_start(void (*serve)(int fd), int fd)
{
    pid_t parent = getpid(), peer = fork();

    bench_need(peer >= 0, "fork");
    if (peer > 0)
        return peer;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent)
        serve(fd);
    _exit(0);
}

void bench_peer_end(pid_t peer)
{
    kill(peer, SIGKILL);
    waitpid(peer, NULL, 0);
}

pid_t bench_server_start(void (*serve)(int ready))
{
    int ready[2];
    char byte;
    pid_t peer;

    bench_need(pipe(ready) == 0, "pipe");
    peer = bench_peer_start(serve, ready[1]);
    bench_need(read(ready[0], &byte, 1) == 1, "read");
    close(ready[0]);
    close(ready[1]);
    return peer;
}

/* ---- what a part runs in ---- */

static char directory[64];
static pid_t directory_owner;

static void directory_remove(void)
{
    char sweep[80];

    snprintf(sweep, sizeof sweep, "rm -rf '%s'", directory);
    if (getpid() == directory_owner && system(sweep) != 0)
        fprintf(stderr, "bench: %s is left\n", directory);
}

const char *bench_directory(void)
{
    if (directory[0] != '\0')
        return directory;
    strcpy(directory, "/tmp/bench.XXXXXX");
    bench_need(mkdtemp(directory) != NULL, "mkdtemp");
    setenv("TMPDIR", directory, 1);
    directory_owner = getpid();
    atexit(directory_remove);
    return directory;
}

size_t bench_descriptors(size_t wanted)
{
    struct rlimit limit;

    bench_need(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
    if (limit.rlim_cur < wanted) {
        struct rlimit more = {.rlim_cur = wanted, .rlim_max = limit.rlim_max};

        if (more.rlim_max < wanted)
            more.rlim_max = wanted; /* needs the privilege */
        if (setrlimit(RLIMIT_NOFILE, &more) != 0) {
            more.rlim_cur = more.rlim_max = limit.rlim_max;
            (void)setrlimit(RLIMIT_NOFILE, &more);
        }
        bench_need(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
    }
    return (size_t)limit.rlim_cur;
}

double bench_private_bytes(void)
{
    FILE *file = fopen("/proc/self/smaps_rollup", "re");
    char line[256];
    double kib = -1;

    bench_need(file != NULL, "smaps_rollup");
    while (kib < 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "Private_Dirty:", 14) == 0)
            kib = strtod(line + 14, NULL);
    fclose(file);
    bench_need(kib >= 0, "Private_Dirty");
    return kib * 1024;
}
