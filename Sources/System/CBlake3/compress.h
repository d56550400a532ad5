// The constants and the compression function of one block (BLAKE3 paper, section 2.2).
#ifndef CBLAKE3_COMPRESS_H
#define CBLAKE3_COMPRESS_H
#include <stddef.h>
#include <stdint.h>

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "words are read from memory as they are: this needs a little-endian machine"
#endif

enum { BLOCK = 64, CHUNK = 1024 };
enum { CHUNK_START = 1, CHUNK_END = 2, PARENT = 4, ROOT = 8, KEYED = 16, CONTEXT = 32, MATERIAL = 64 };

static const uint32_t initial[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};

// The message permutation, applied 0 … 6 times.
static const uint8_t schedule[7][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8},
    {3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1}, {10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6},
    {12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4}, {9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7},
    {11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13}};

// One round over `v` with message words `m` in the order `s`; `v` may hold numbers or vectors of numbers.
#define ROTATE(x, n) (((x) >> (n)) | ((x) << (32 - (n))))
#define MIX(v, a, b, c, d, x, y)                                                                                                           \
    do {                                                                                                                                   \
        v[a] = v[a] + v[b] + (x);                                                                                                          \
        v[d] = ROTATE(v[d] ^ v[a], 16);                                                                                                    \
        v[c] = v[c] + v[d];                                                                                                                \
        v[b] = ROTATE(v[b] ^ v[c], 12);                                                                                                    \
        v[a] = v[a] + v[b] + (y);                                                                                                          \
        v[d] = ROTATE(v[d] ^ v[a], 8);                                                                                                     \
        v[c] = v[c] + v[d];                                                                                                                \
        v[b] = ROTATE(v[b] ^ v[c], 7);                                                                                                     \
    } while (0)
#define ROUND(v, m, s)                                                                                                                     \
    do {                                                                                                                                   \
        MIX(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);                                                                                             \
        MIX(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);                                                                                             \
        MIX(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);                                                                                            \
        MIX(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);                                                                                            \
        MIX(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);                                                                                            \
        MIX(v, 1, 6, 11, 12, m[s[10]], m[s[11]]);                                                                                          \
        MIX(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);                                                                                           \
        MIX(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);                                                                                           \
    } while (0)

/// Folds one block of `length` bytes, the rest of it zero, into the chaining value.
static inline void compress(uint32_t value[8], const uint8_t block[BLOCK], uint32_t length, uint64_t counter, uint32_t flags) {
    uint32_t m[16], v[16];
    __builtin_memcpy(m, block, BLOCK);
    for (int i = 0; i < 8; i++) v[i] = value[i];
    for (int i = 0; i < 4; i++) v[8 + i] = initial[i];
    v[12] = (uint32_t)counter;
    v[13] = (uint32_t)(counter >> 32);
    v[14] = length;
    v[15] = flags;
#pragma clang loop unroll(full)
    for (int r = 0; r < 7; r++) ROUND(v, m, schedule[r]);
    for (int i = 0; i < 8; i++) value[i] = v[i] ^ v[i + 8];
}

/// What the nodes of one batch have in common: whole blocks of 64 bytes, flags for all blocks, for the first and for the
/// last. Node i counts as `counter + i * step`.
struct batch {
    const uint32_t *key;
    size_t blocks;
    uint64_t counter;
    uint64_t step;
    uint32_t flags, first, last;
};
#endif
