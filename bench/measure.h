/* Clock, latency histogram and what /proc says about a process. */
#ifndef STRATA_BENCH_MEASURE_H
#define STRATA_BENCH_MEASURE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static inline uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Values in powers of two, each cut into 64 equal parts: at most 1.6 % error over the whole range, as in HdrHistogram. */
enum { PARTS = 64, POWERS = 64 };

struct histogram {
    uint64_t count[POWERS * PARTS];
    uint64_t total;
};

static inline unsigned histogram_slot(uint64_t value)
{
    if (value < PARTS) {
        return (unsigned)value;
    }

    unsigned power = 63u - (unsigned)__builtin_clzll(value);
    return (power - 5) * PARTS + (unsigned)((value >> (power - 6)) & (PARTS - 1));
}

static inline void histogram_add(struct histogram *h, uint64_t value)
{
    h->count[histogram_slot(value)]++;
    h->total++;
}

/* The middle of the slot that holds the given share of all values. */
static inline double histogram_at(const struct histogram *h, double share)
{
    uint64_t wanted = (uint64_t)(share * (double)h->total);
    uint64_t seen = 0;
    for (unsigned slot = 0; slot < POWERS * PARTS; slot++) {
        seen += h->count[slot];
        if (seen > wanted) {
            if (slot < PARTS) {
                return (double)slot;
            }

            unsigned power = slot / PARTS + 5;
            return ((double)(PARTS + slot % PARTS) + 0.5) * (double)(1ull << (power - 6));
        }
    }

    return 0;
}

/* User and system time of all threads of a process, in microseconds; -1 when it is gone. */
static inline double process_cpu_us(int pid)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return -1;
    }

    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = 0;
    unsigned long user, system;
    char *after_name = strrchr(text, ')');
    if (after_name == NULL || sscanf(after_name + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2) {
        return -1;
    }

    return (double)(user + system) * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

/* Proportional set size in KiB; -1 when it is gone. */
static inline long process_pss_kib(int pid)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
    FILE *file = fopen(path, "r");
    long kib = -1;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "Pss: %ld", &kib) == 1) {
            break;
        }
    }

    if (file != NULL) {
        fclose(file);
    }

    return kib;
}

#endif
