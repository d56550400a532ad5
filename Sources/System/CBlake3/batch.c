#include "batch.h"
#include "cblake3.h"
#include "compress.h"
#include <stdatomic.h>

#if defined(__x86_64__)
#define LANES 4
#define TARGET __attribute__((target("sse4.1")))
#define NAME compress_4
#include "lanes.h"
#define LANES 8
#define TARGET __attribute__((target("avx2")))
#define NAME compress_8
#include "lanes.h"
#define LANES 16
#define TARGET __attribute__((target("avx512f,avx512vl,avx512bw")))
#define NAME compress_16
#include "lanes.h"

static int best(void) {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")) return CBLAKE3_SIXTEEN;
    if (__builtin_cpu_supports("avx2")) return CBLAKE3_EIGHT;
    return __builtin_cpu_supports("sse4.1") ? CBLAKE3_FOUR : CBLAKE3_PORTABLE;
}
#elif defined(__aarch64__)
#define LANES 4
#define TARGET
#define NAME compress_4
#include "lanes.h"
static int best(void) { return CBLAKE3_FOUR; }
#else
static int best(void) { return CBLAKE3_PORTABLE; }
#endif

static atomic_int chosen = -1;

int cblake3_use(int level) {
    int most = best();
    if (level > most) level = most;
    if (level < CBLAKE3_PORTABLE) level = CBLAKE3_PORTABLE;
    atomic_store_explicit(&chosen, level, memory_order_relaxed);
    return level;
}

int cblake3_level(void) {
    int level = atomic_load_explicit(&chosen, memory_order_relaxed);
    return level < 0 ? cblake3_use(CBLAKE3_SIXTEEN) : level;
}

static void compress_1(const uint8_t *input, const struct batch *batch, uint8_t *out) {
    uint32_t value[8];
    __builtin_memcpy(value, batch->key, 32);
    for (size_t block = 0; block < batch->blocks; block++) {
        uint32_t flags = batch->flags;
        if (block == 0) flags |= batch->first;
        if (block + 1 == batch->blocks) flags |= batch->last;
        compress(value, input + block * BLOCK, BLOCK, batch->counter, flags);
    }
    __builtin_memcpy(out, value, 32);
}

// Fills the lanes that have no node of their own with the last one: a half-empty vector is still faster than
// the next width twice.
#define RUN(LANES)                                                                                                                         \
    do {                                                                                                                                   \
        const uint8_t *lanes[LANES];                                                                                                       \
        uint8_t values[LANES * 32];                                                                                                        \
        size_t used = count < LANES ? count : LANES;                                                                                       \
        for (size_t i = 0; i < LANES; i++) lanes[i] = input + stride * (i < used ? i : used - 1);                                          \
        compress_##LANES(lanes, &batch, values);                                                                                           \
        __builtin_memcpy(out, values, used * 32);                                                                                          \
        done = used;                                                                                                                       \
    } while (0)

void cblake3_batch(const uint8_t *input, size_t stride, size_t count, struct batch batch, uint8_t *out) {
    int level = cblake3_level();
    while (count > 0) {
        size_t done = 1;
        (void)level;
#if defined(__x86_64__)
        if (level >= CBLAKE3_SIXTEEN && count > 8)
            RUN(16);
        else if (level >= CBLAKE3_EIGHT && count > 4)
            RUN(8);
        else
#endif
#if defined(__x86_64__) || defined(__aarch64__)
            if (level >= CBLAKE3_FOUR && count > 1)
            RUN(4);
        else
#endif
            compress_1(input, &batch, out);
        input += stride * done;
        out += 32 * done;
        batch.counter += batch.step * done;
        count -= done;
    }
}
