/* Merging private copies of rows into the shared matrix.
 *
 * Purpose: T threads (or machines) train copies of one row from the same base; the shared row moves by
 * gain * (sum of their changes). With n expected updates between two merges, each of which brings the row
 * nearer to its optimum by 1/tau, the gain that lands where one thread would have landed is
 *     g = (1 - e^(-T n / tau)) / (T (1 - e^(-n / tau))).
 *
 * Invariants: T = 1 changes nothing (g = 1); n -> 0 adds the changes up (g = 1); n -> infinity averages
 * them (g = 1/T); the merged row never moves further than the farthest of T full steps, so no T diverges.
 *
 * Source: saturating exponential approach to the optimum; compare model averaging, Ji et al. 2016.
 */
#ifndef FW2V_MERGING_H
#define FW2V_MERGING_H

#include <math.h>
#include <sched.h>

enum { FW2V_LOOKS = 64 }; /* at a lock that is taken, before another thread gets the core */

static inline double fw2v_merge_gain(double threads, double updates, double tau)
{
    double x = updates / tau;
    if (threads <= 1 || x < 1e-9)
        return 1.0;
    return expm1(-threads * x) / (threads * expm1(-x));
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
