/* SPDX-License-Identifier: MIT */
#ifndef BENCH_H
#define BENCH_H

/*
 * What the measuring programs share.  A figure compares parts: ours, and its floor made of bare
 * system calls.  Each part runs in a process of its own, all parts once per round and in changing
 * order, and what is judged is the median over the rounds of the ratio inside one round, so that a
 * busy machine disturbs both sides alike.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* ---- one part ---- */

/* What a part says of itself, per operation. */
struct bench_sample {
    double ns;     /* median over its laps */
    double cpu_ns; /* of the whole process, all its threads */
    double extra;  /* what the part likes to add; its meaning is the part's */
};

/* Runs `count` operations in the calling process, which it has to itself. */
typedef struct bench_sample bench_part(unsigned count);

/* Laps: a part measures several, the median of which is its time.  Records at most the number it
 * was made for. */
struct bench_laps {
    double *ns;
    unsigned count, room;
    double cpu_began_ns, lap_began_ns;
};

struct bench_laps bench_laps_new(unsigned room); /* and starts the CPU clock */
void bench_lap_begin(struct bench_laps *laps);
void bench_lap_end(struct bench_laps *laps);
/* Stops the CPU clock and frees; each lap had so many operations. */
struct bench_sample bench_laps_done(struct bench_laps *laps, unsigned operations_per_lap);

double bench_now_ns(void);

/* ---- rounds ---- */

enum bench_place {
    BENCH_PINNED,  /* every thread and process of a part on one CPU: the only stable placement */
    BENCH_ANYWHERE /* as the scheduler likes */
};

#define BENCH_PARTS 8
#define BENCH_ROUNDS 64

struct bench_table {
    unsigned parts, rounds;
    struct bench_sample at[BENCH_PARTS][BENCH_ROUNDS];
};

enum bench_field { BENCH_NS, BENCH_CPU, BENCH_EXTRA };

/* --smoke on the command line: everything runs, hardly ever, and nothing is judged. */
void bench_begin(int argc, char **argv);
bool bench_smoke(void);

struct bench_table bench_rounds(bench_part *const *part, unsigned parts, unsigned count,
                                enum bench_place place);
double bench_median(const struct bench_table *table, unsigned part, enum bench_field field);
double bench_worst(const struct bench_table *table, unsigned part, enum bench_field field);
/* Median of the rounds' ratios of one part to another. */
double bench_ratio(const struct bench_table *table, unsigned part, unsigned floor,
                   enum bench_field field);

/* ---- figures ---- */

/*
 * Prints `name value limit verdict details`.  The limit is the one in figures.tsv, with its unit;
 * there `-` is no limit, and one that begins with `~` is judged but does not count, because the
 * figure is not stable enough.  A figure that is not in the table is an error of the program.
 */
void bench_figure(const char *name, double value, const char *details, ...)
    __attribute__((format(printf, 3, 4)));
/* The same, when meeting the limit can also be had in another way. */
void bench_figure_or(const char *name, double value, bool excused, const char *details, ...)
    __attribute__((format(printf, 4, 5)));
/* The figure cannot be measured here. */
void bench_skip(const char *name, const char *reason);
/* The exit status: 1 if a figure that counts missed its limit. */
int bench_end(void);

/* ---- what parts have in common ---- */

#define BENCH_BYTES 64

/* Ends the program with the name of the call and errno's text. */
__attribute__((noreturn)) void bench_die(const char *what);
static inline void bench_need(bool fine, const char *what)
{
    if (!fine)
        bench_die(what);
}
void bench_stream_pair(int fd[2]);
/* Exactly one message of BENCH_BYTES; blocking. */
void bench_send(int fd);
bool bench_receive(int fd);
/* A process that echoes messages until the stream ends; it keeps no other descriptor than `fd`,
 * which the caller no longer has. */
void bench_echo_process(int fd);
/* Runs `serve` in a process that ends with this one at the latest.  Whatever is open stays open
 * there. */
pid_t bench_peer_start(void (*serve)(int fd), int fd);
void bench_peer_end(pid_t peer);
/* The same, and waits until it has written a byte to its fd. */
pid_t bench_server_start(void (*serve)(int ready));
/* A fresh directory, the same each time, that goes with all it holds when the program ends; TMPDIR
 * is set to it. */
const char *bench_directory(void);
/* Allows that many descriptors, as far as that is possible.  How many there may be. */
size_t bench_descriptors(size_t wanted);
/* Memory of this process alone that it has written to, in bytes; a page it shares is not in it. */
double bench_private_bytes(void);

#endif
