// Tells the thread sanitizer of synchronization that it cannot see; `script/test --sanitize thread` preloads it.
//
// The sanitizer follows pthread locks and atomics of instrumented code. Three kinds are neither:
// - `Synchronization.Mutex` of Swift waits in a library that is not instrumented (`_lockSlow`, `_unlockSlow`).
// - A continuation that is resumed before its task waits goes on without a switch, which Swift's runtime does not report.
// - librdkafka uses C11 threads, which the sanitizer does not intercept: a callback on such a thread crashes it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <threads.h>

// Weak: `swift test` itself, which is not instrumented, loads this library as well.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

static void *next(const char *name) {
    void *symbol = dlsym(RTLD_NEXT, name);
    if (!symbol) {
        fprintf(stderr, "Tests/Sanitizers/thread.c: there is no %s; adapt it to this Swift\n", name);
        abort();
    }
    return symbol;
}

// Swift's `Synchronization._MutexHandle`: the lock is the object itself, passed as `self`.

#define SELF __attribute__((swift_context)) void *self

__attribute__((swiftcall)) void lock_slow(uint32_t thread, SELF) __asm__(
    "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
__attribute__((swiftcall)) void lock_slow(uint32_t thread, SELF) {
    static __attribute__((swiftcall)) void (*original)(uint32_t, SELF);
    if (!original) original = next("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
    original(thread, self);
    if (__tsan_acquire) __tsan_acquire(self);
}

__attribute__((swiftcall)) void unlock_slow(SELF) __asm__(
    "$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
__attribute__((swiftcall)) void unlock_slow(SELF) {
    static __attribute__((swiftcall)) void (*original)(SELF);
    if (!original) original = next("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
    if (__tsan_release) __tsan_release(self);
    original(self);
}

// Continuations of Swift's tasks: what was done before the resumption is visible after the wait.

extern void *swift_task_getCurrent(void) __attribute__((weak));

#define RESUMPTION(name)                                        \
    void name(void *task, void *error) {                        \
        static void (*original)(void *, void *);                \
        if (!original) original = next(#name);                  \
        if (__tsan_release) __tsan_release(task);               \
        original(task, error);                                  \
    }

RESUMPTION(swift_continuation_resume)
RESUMPTION(swift_continuation_throwingResume)
RESUMPTION(swift_continuation_throwingResumeWithError)

__attribute__((swiftasynccall)) void swift_continuation_await(void *context);
__attribute__((swiftasynccall)) void swift_continuation_await(void *context) {
    static __attribute__((swiftasynccall)) void (*original)(void *);
    if (!original) original = next("swift_continuation_await");
    if (__tsan_acquire) __tsan_acquire(swift_task_getCurrent());
    __attribute__((musttail)) return original(context);
}

// C11 threads and locks by pthreads, which glibc's are anyway: `mtx_t` has room for a `pthread_mutex_t`, `cnd_t` for a
// `pthread_cond_t`.

static int result(int number) { return number == 0 ? thrd_success : thrd_error; }

struct start {
    thrd_start_t function;
    void *argument;
};

static void *run(void *opaque) {
    struct start start = *(struct start *)opaque;
    free(opaque);
    return (void *)(intptr_t)start.function(start.argument);
}

int thrd_create(thrd_t *thread, thrd_start_t function, void *argument) {
    struct start *start = malloc(sizeof *start);
    if (!start) return thrd_nomem;
    *start = (struct start){function, argument};
    int number = pthread_create(thread, NULL, run, start);
    if (number != 0) free(start);
    return result(number);
}

int thrd_join(thrd_t thread, int *value) {
    void *returned;
    int number = pthread_join(thread, &returned);
    if (number == 0 && value) *value = (int)(intptr_t)returned;
    return result(number);
}

int thrd_detach(thrd_t thread) { return result(pthread_detach(thread)); }

int mtx_init(mtx_t *mutex, int kind) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    if (kind & mtx_recursive) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    int number = pthread_mutex_init((pthread_mutex_t *)mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return result(number);
}

void mtx_destroy(mtx_t *mutex) { pthread_mutex_destroy((pthread_mutex_t *)mutex); }
int mtx_lock(mtx_t *mutex) { return result(pthread_mutex_lock((pthread_mutex_t *)mutex)); }
int mtx_unlock(mtx_t *mutex) { return result(pthread_mutex_unlock((pthread_mutex_t *)mutex)); }

int mtx_trylock(mtx_t *mutex) {
    int number = pthread_mutex_trylock((pthread_mutex_t *)mutex);
    return number == EBUSY ? thrd_busy : result(number);
}

int cnd_init(cnd_t *condition) { return result(pthread_cond_init((pthread_cond_t *)condition, NULL)); }
void cnd_destroy(cnd_t *condition) { pthread_cond_destroy((pthread_cond_t *)condition); }
int cnd_signal(cnd_t *condition) { return result(pthread_cond_signal((pthread_cond_t *)condition)); }
int cnd_broadcast(cnd_t *condition) { return result(pthread_cond_broadcast((pthread_cond_t *)condition)); }

int cnd_wait(cnd_t *condition, mtx_t *mutex) {
    return result(pthread_cond_wait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex));
}

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict until) {
    int number = pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex, until);
    return number == ETIMEDOUT ? thrd_timedout : result(number);
}
