/* What the programs beside this file have in common: binary input and output, and guarded memory.
 *
 * Invariants: what fails ends the program with a message and status 1.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCRATCH_GUARD = 64 };

static inline void require(int condition, const char *message)
{
    if (!condition) {
        fprintf(stderr, "%s\n", message);
        exit(1);
    }
}

static inline void read_exactly(void *p, size_t size)
{
    require(fread(p, 1, size, stdin) == size, "input ends early");
}

static inline void write_exactly(const void *p, size_t size)
{
    require(fwrite(p, 1, size, stdout) == size, "cannot write");
}

/* All of stdin, and zeros for `padding` bytes behind it. */
static inline uint8_t *read_all(size_t *size, size_t padding)
{
    size_t room = 1 << 16;
    uint8_t *memory = malloc(room);
    *size = 0;
    for (;;) {
        require(memory != NULL, "no memory");
        *size += fread(memory + *size, 1, room - *size, stdin);
        if (*size + padding <= room && feof(stdin))
            break;
        memory = realloc(memory, room *= 2);
    }
    memset(memory + *size, 0, padding);
    return memory;
}

static inline float *aligned_floats(size_t n)
{
    float *memory = aligned_alloc(64, (n / 16 + 1) * 64);
    require(memory != NULL, "no memory");
    return memory;
}

static inline float *read_matrix(int rows, int stride)
{
    float *values = aligned_floats((size_t)rows * stride);
    read_exactly(values, (size_t)rows * stride * sizeof *values);
    return values;
}

/* Scratch memory of NaNs: a kernel reads no more of it than it has written. */
static inline float *new_scratch(size_t n)
{
    float *scratch = aligned_floats(n + SCRATCH_GUARD);
    memset(scratch, 0xff, (n + SCRATCH_GUARD) * sizeof *scratch);
    return scratch;
}

static inline void free_scratch(float *scratch, size_t n)
{
    const uint8_t *guard = (const uint8_t *)(scratch + n);
    for (size_t k = 0; k < SCRATCH_GUARD * sizeof *scratch; k++)
        require(guard[k] == 0xff, "scratch memory overrun");
    free(scratch);
}

#endif
