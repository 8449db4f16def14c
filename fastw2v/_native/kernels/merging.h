/* Merging private copies of rows into the shared matrix.
 *
 * Purpose: T threads (or machines) train copies of one row from the same base; the shared row moves by
 * gain * (sum of their changes). With n expected updates between two merges, each of which brings the row
 * nearer to its optimum by 1/tau, the gain that lands where one thread would have landed is
 *     g = (1 - e^(-T n / tau)) / (T (1 - e^(-n / tau))).
 *
 * Invariants: T = 1 changes nothing (g = 1); n -> 0 adds the changes up (g = 1); n -> infinity averages
 * them (g = 1/T); the merged row never moves further than the farthest of T full steps, so no T diverges.
 * Where all rows are copied, the sum of their changes is made in the order of the threads.
 *
 * Source: saturating exponential approach to the optimum; compare model averaging, Ji et al. 2016.
 */
#ifndef FW2V_MERGING_H
#define FW2V_MERGING_H

#include <math.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>

enum { FW2V_LOOKS = 64 }; /* at a lock that is taken, before another thread gets the core */

static inline double fw2v_merge_gain(double threads, double updates, double tau)
{
    double x = updates / tau;
    if (threads <= 1 || x < 1e-9)
        return 1.0;
    return expm1(-threads * x) / (threads * expm1(-x));
}

/* How far changes that are alike may move a row, in parts of their mean. */
#define FW2V_ALIKE 1.5

/* Numbers that are squared at a time, as many as are in a vector; rows that are called into the cache ahead. */
enum { FW2V_LANES = 16, FW2V_AHEAD = 4 };

static inline double fw2v_sum_of_lanes(const float *lanes)
{
    double sum = 0;
    for (int lane = 0; lane < FW2V_LANES; lane++)
        sum += lanes[lane];
    return sum;
}

static inline double fw2v_square(const float *row, int stride)
{
    float squares[FW2V_LANES] = {0};
    for (int column = 0; column < stride; column += FW2V_LANES)
        for (int lane = 0; lane < FW2V_LANES; lane++)
            squares[lane] += row[column + lane] * row[column + lane];
    return fw2v_sum_of_lanes(squares);
}

/* Merges one row of the copies of all threads, unless none has changed it: a row that is locked is to keep its bits.
 *
 * In some direction a row may be drawn to its optimum much faster than tau says: early in a run, or near the root of
 * a tree. The changes of the threads are alike then, and their sum overshoots. The square of the sum is that of the
 * changes where they have nothing in common, and T times as much where they are the same; a gain of the quotient
 * averages what they have in common. Half as much again overshoots by half at the most, and so converges.
 * `sums` has room for a row. */
static inline void fw2v_merge_copies(float *shared, float *const *copies, int threads, int64_t row, int stride,
                                     double updates, double tau, float *sums)
{
    float squares[FW2V_LANES] = {0};
    int n_moved = 0;
    shared += row * stride;
    for (int k = 0; k < threads; k++) {
        const float *own = copies[k] + row * stride;
        for (int column = 0; column < stride; column += FW2V_LANES)
            __builtin_prefetch(own + FW2V_AHEAD * stride + column);
        if (memcmp(own, shared, stride * sizeof(float)) == 0)
            continue;
        if (!n_moved++)
            memset(sums, 0, stride * sizeof(float));
        for (int column = 0; column < stride; column += FW2V_LANES)
            for (int lane = 0; lane < FW2V_LANES; lane++) {
                float change = own[column + lane] - shared[column + lane];
                sums[column + lane] += change;
                squares[lane] += change * change;
            }
    }
    if (!n_moved)
        return;
    double apart = fw2v_sum_of_lanes(squares), together = fw2v_square(sums, stride);
    double gain = fw2v_merge_gain(n_moved, updates, tau);
    if (FW2V_ALIKE * apart < gain * together)
        gain = FW2V_ALIKE * apart / together;
    for (int column = 0; column < stride; column++)
        shared[column] += (float)gain * sums[column];
    for (int k = 0; k < threads; k++)
        memcpy(copies[k] + row * stride, shared, stride * sizeof(float));
}

/* A lock keeps two threads from merging the same rows at once, which would lose a change. */
static inline int fw2v_try_lock(unsigned char *lock)
{
    return !__atomic_test_and_set(lock, __ATOMIC_ACQUIRE);
}

/* Waits by reading, which leaves the cache line where it is; the thread that is to unlock may need this core. */
static inline void fw2v_lock(unsigned char *lock)
{
    for (unsigned looks = 1; !fw2v_try_lock(lock);)
        while (__atomic_load_n(lock, __ATOMIC_RELAXED))
            if (looks++ % FW2V_LOOKS == 0)
                sched_yield();
}

static inline void fw2v_unlock(unsigned char *lock)
{
    __atomic_clear(lock, __ATOMIC_RELEASE);
}

#endif
