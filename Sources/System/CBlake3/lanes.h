// The compression of LANES nodes side by side: word i of every node in one vector. Included once for each width with
// LANES, TARGET (a function attribute, or nothing) and NAME set; the compiler turns the vectors of C into the machine's.
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define VECTOR PASTE(vector_, LANES)
#define EACH _Pragma("clang loop unroll(full)") for

typedef uint32_t VECTOR __attribute__((vector_size(4 * LANES)));

// Exchanges the corners of squares of side s: afterwards columns with bit s clear come from rows with it clear.
#define EXCHANGE(rows, s, low, high)                                                                                                       \
    EACH(int i = 0; i < LANES; i++) {                                                                                                      \
        if (i & (s)) continue;                                                                                                             \
        VECTOR a = (rows)[i], b = (rows)[i + (s)];                                                                                         \
        (rows)[i] = __builtin_shufflevector(a, b, low);                                                                                    \
        (rows)[i + (s)] = __builtin_shufflevector(a, b, high);                                                                             \
    }
#if LANES == 4
#define TRANSPOSE(rows)                                                                                                                    \
    EXCHANGE(rows, 1, LIST(0, 4, 2, 6), LIST(1, 5, 3, 7))                                                                                  \
    EXCHANGE(rows, 2, LIST(0, 1, 4, 5), LIST(2, 3, 6, 7))
#elif LANES == 8
#define TRANSPOSE(rows)                                                                                                                    \
    EXCHANGE(rows, 1, LIST(0, 8, 2, 10, 4, 12, 6, 14), LIST(1, 9, 3, 11, 5, 13, 7, 15))                                                    \
    EXCHANGE(rows, 2, LIST(0, 1, 8, 9, 4, 5, 12, 13), LIST(2, 3, 10, 11, 6, 7, 14, 15))                                                    \
    EXCHANGE(rows, 4, LIST(0, 1, 2, 3, 8, 9, 10, 11), LIST(4, 5, 6, 7, 12, 13, 14, 15))
#elif LANES == 16
#define TRANSPOSE(rows)                                                                                                                    \
    EXCHANGE(rows, 1, LIST(0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30),                                                     \
             LIST(1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31))                                                              \
    EXCHANGE(rows, 2, LIST(0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29),                                                      \
             LIST(2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31))                                                             \
    EXCHANGE(rows, 4, LIST(0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27),                                                      \
             LIST(4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31))                                                             \
    EXCHANGE(rows, 8, LIST(0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),                                                        \
             LIST(8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
#endif
#define LIST(...) __VA_ARGS__

/// Reads `blocks` blocks at each of LANES inputs and writes LANES chaining values of 32 bytes each to `out`.
TARGET static void NAME(const uint8_t *const *inputs, const struct batch *batch, uint8_t *out) {
    VECTOR value[8], low, high;
    EACH(int i = 0; i < 8; i++) value[i] = (VECTOR){0} + batch->key[i];
    EACH(int lane = 0; lane < LANES; lane++) {
        uint64_t counter = batch->counter + batch->step * (uint64_t)lane;
        low[lane] = (uint32_t)counter;
        high[lane] = (uint32_t)(counter >> 32);
    }
    uint32_t flags = batch->flags | batch->first;
    for (size_t block = 0; block < batch->blocks; block++) {
        if (block + 1 == batch->blocks) flags |= batch->last;
        VECTOR m[16];
        EACH(int part = 0; part < 16; part += LANES) {
            EACH(int lane = 0; lane < LANES; lane++)
            __builtin_memcpy(&m[part + lane], inputs[lane] + block * BLOCK + (size_t)part * 4, sizeof(VECTOR));
            TRANSPOSE((m + part))
        }
        VECTOR v[16];
        EACH(int i = 0; i < 8; i++) v[i] = value[i];
        EACH(int i = 0; i < 4; i++) v[8 + i] = (VECTOR){0} + initial[i];
        v[12] = low;
        v[13] = high;
        v[14] = (VECTOR){0} + BLOCK;
        v[15] = (VECTOR){0} + flags;
        EACH(int r = 0; r < 7; r++) ROUND(v, m, schedule[r]);
        EACH(int i = 0; i < 8; i++) value[i] = v[i] ^ v[i + 8];
        flags = batch->flags;
    }
    for (int lane = 0; lane < LANES; lane++)
        for (int i = 0; i < 8; i++) {
            uint32_t word = value[i][lane];
            __builtin_memcpy(out + lane * 32 + i * 4, &word, 4);
        }
}

#undef PASTE_
#undef PASTE
#undef VECTOR
#undef EACH
#undef EXCHANGE
#undef TRANSPOSE
#undef LIST
#undef LANES
#undef TARGET
#undef NAME
