/* SPDX-License-Identifier: MIT */
/* The machine of a serial port alone, without system calls: a marked stream of the kernel is taken
 * apart, filtered, counted and put into reads, with a damaged byte and doubled FFs in every chunk,
 * lines that end in the event character, and somebody who waits for events.
 *
 * Beside it what no program can do without: copying the same chunks. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "libcomm/dev/serial/com.h"
#include "libcomm/dev/serial/parmrk.h"

#define CHUNK 4096u /* what one read of a tty gives */
#define BLOCK (64u << 10)
#define CHUNKS 4000
#define LINE 80
#define EVENT_CHAR '\n'
#define EVENTS (EV_RXCHAR | EV_RXFLAG | EV_ERR | EV_BREAK)

static uint8_t chunk[CHUNK], block[BLOCK];

static void chunk_fill(void)
{
    size_t damaged = CHUNK / 2;

    for (size_t i = 0; i < CHUNK; i++)
        chunk[i] = i % LINE == LINE - 1 ? EVENT_CHAR : (uint8_t)('a' + i % 23);
    for (size_t i = 100; i < damaged; i += 256)
        chunk[i] = chunk[i + 1] = 0xFF; /* a byte FF */
    chunk[damaged] = 0xFF;
    chunk[damaged + 1] = 0;
    chunk[damaged + 2] = 'x';
}

static struct ci_com *com_make(void)
{
    struct ci_com *com = calloc(1, sizeof *com);
    struct ci_settings settings;

    ci_settings_default(&settings, CHUNK);
    settings.chars.event = EVENT_CHAR;
    bench_need(com != NULL && ci_com_init(com, &settings, CHUNK) == 0, "ci_com_init");
    ci_com_mask(com, EVENTS);
    return com;
}

/* As a port's round does it: the next read begins when one is over. */
static void hear(struct ci_com *com, const struct ci_run *run, uint64_t now_ns)
{
    for (size_t done = 0; done < run->len;) {
        struct ci_run rest = {run->bytes + done, run->len - done, run->bad};

        done += ci_com_receive(com, &rest, now_ns);
        if (com->read.over) {
            ci_com_read_stop(com);
            ci_com_read_start(com, block, BLOCK, now_ns);
        }
    }
}

static void one_chunk(struct ci_com *com, struct ci_parmrk *decoder, uint64_t now_ns)
{
    struct ci_parmrk_run piece;
    uint32_t events;

    ci_parmrk_feed(decoder, chunk, CHUNK);
    while (ci_parmrk_next(decoder, &piece)) {
        struct ci_run run = {piece.bytes, piece.len, piece.damaged ? CI_BAD_PARITY : 0};

        hear(com, &run, now_ns);
        ci_parmrk_took(decoder, &piece, piece.len);
    }
    ci_com_tell(com);
    com->told = com->waiting = false;
    (void)ci_com_wait(com, &events);
}

static struct bench_sample part_machine(unsigned count)
{
    struct bench_laps laps = bench_laps_new(1);
    struct ci_com *com = com_make();
    struct ci_parmrk decoder = {0};
    struct bench_sample sample;

    chunk_fill();
    ci_parmrk_reset(&decoder, true);
    ci_com_read_start(com, block, BLOCK, 0);
    bench_lap_begin(&laps);
    for (unsigned i = 0; i < count; i++)
        one_chunk(com, &decoder, i);
    bench_lap_end(&laps);
    sample = bench_laps_done(&laps, count);
    bench_need(com->stats.parity == count && com->stats.received > (CHUNK - 16ull) * count,
               "every byte was to be counted");
    return sample;
}

static struct bench_sample part_copy(unsigned count)
{
    struct bench_laps laps = bench_laps_new(1);

    chunk_fill();
    bench_lap_begin(&laps);
    for (unsigned i = 0; i < count; i++) {
        memcpy(block + i % (BLOCK / CHUNK) * CHUNK, chunk, CHUNK);
        __asm__ volatile("" ::"r"(block) : "memory"); /* somebody looks at it */
    }
    bench_lap_end(&laps);
    return bench_laps_done(&laps, count);
}

int main(int argc, char **argv)
{
    static bench_part *const part[] = {part_copy, part_machine};
    struct bench_table t;
    double ns;

    bench_begin(argc, argv);
    t = bench_rounds(part, 2, CHUNKS, BENCH_PINNED);
    ns = bench_median(&t, 1, BENCH_CPU) / CHUNK;
    bench_figure("serial.machine", ns, "a byte, %.0f MB/s; copied %.0f MB/s", 1e3 / ns,
                 1e3 * CHUNK / bench_median(&t, 0, BENCH_CPU));
    return bench_end();
}
