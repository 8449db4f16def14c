/* Where threads that work in step wait for each other.
 *
 * Purpose: a wait of a microsecond, where all threads have a core; they spin at first, then let others run, and
 * sleep where it takes long: other work may have the core of the one that is waited for.
 * Invariants: all `threads` come to every barrier, or the stop flag is set: then nobody waits any more. What a
 * thread has written before a barrier, all see behind it.
 *
 * Source: the central barrier of Mellor-Crummey and Scott 1991, "Algorithms for Scalable Synchronization on
 * Shared-Memory Multiprocessors", with a count of rounds for its sense.
 */
#ifndef FW2V_BARRIER_H
#define FW2V_BARRIER_H

#include <sched.h>
#include <stdint.h>
#include <time.h>

enum { FW2V_SPINS = 4000, FW2V_YIELDS = 100, FW2V_SLEEP_NS = 50000 };

typedef struct {
    int32_t waiting, round;
} fw2v_barrier;

/* Returns 1 when all threads have come, 0 when they are to stop. */
static inline int fw2v_wait(fw2v_barrier *barrier, int threads, const int32_t *stop)
{
    int32_t round = __atomic_load_n(&barrier->round, __ATOMIC_ACQUIRE);
    if (__atomic_add_fetch(&barrier->waiting, 1, __ATOMIC_ACQ_REL) == threads) {
        __atomic_store_n(&barrier->waiting, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&barrier->round, round + 1, __ATOMIC_RELEASE);
        return 1;
    }
    for (int spins = 0; __atomic_load_n(&barrier->round, __ATOMIC_ACQUIRE) == round; spins++) {
        if (__atomic_load_n(stop, __ATOMIC_RELAXED))
            return 0;
        if (spins >= FW2V_SPINS + FW2V_YIELDS)
            nanosleep(&(struct timespec){.tv_nsec = FW2V_SLEEP_NS}, NULL);
        else if (spins >= FW2V_SPINS)
            sched_yield();
#if defined(__x86_64__)
        else
            __builtin_ia32_pause();
#endif
    }
    return 1;
}

#endif
