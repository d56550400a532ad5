// Chunks and parents of the hash tree (BLAKE3 paper, sections 2.1 and 2.4).
#include "batch.h"
#include "cblake3.h"
#include "compress.h"

// 128 chunks: one batch of this many takes 4 KiB of stack, and the longest piece that Xet cuts fits whole.
enum { MOST = 128 };

/// The node of up to 1,024 bytes.
static void chunk_node(const uint32_t key[8], uint32_t mode, uint64_t counter, const uint8_t *input, size_t length, uint32_t end,
                       uint8_t out[32]) {
    uint32_t value[8];
    uint32_t flags = mode | CHUNK_START;
    __builtin_memcpy(value, key, 32);
    for (; length > BLOCK; input += BLOCK, length -= BLOCK) {
        compress(value, input, BLOCK, counter, flags);
        flags = mode;
    }
    uint8_t last[BLOCK] = {0};
    if (length > 0) __builtin_memcpy(last, input, length);
    compress(value, last, (uint32_t)length, counter, flags | CHUNK_END | end);
    __builtin_memcpy(out, value, 32);
}

static void parent_node(const uint32_t key[8], uint32_t mode, const uint8_t children[64], uint32_t end, uint8_t out[32]) {
    uint32_t value[8];
    __builtin_memcpy(value, key, 32);
    compress(value, children, BLOCK, 0, mode | PARENT | end);
    __builtin_memcpy(out, value, 32);
}

/// Joins neighbours, level by level, until `goal` (1 or 2) values are left at the front. An odd one out moves up as it is,
/// which is the tree of section 2.1: left subtrees are whole powers of two.
static void reduce(const uint32_t key[8], uint32_t mode, uint8_t *values, size_t count, size_t goal) {
    struct batch batch = {.key = key, .blocks = 1, .flags = mode | PARENT};
    while (count > goal) {
        size_t pairs = count / 2;
        cblake3_batch(values, BLOCK, pairs, batch, values);
        if (count & 1) __builtin_memmove(values + pairs * 32, values + (count - 1) * 32, 32);
        count = pairs + (count & 1);
    }
}

static void leaves(const uint32_t key[8], uint32_t mode, uint64_t counter, const uint8_t *input, size_t count, uint8_t *values) {
    struct batch batch = {
        .key = key, .blocks = CHUNK / BLOCK, .counter = counter, .step = 1, .flags = mode, .first = CHUNK_START, .last = CHUNK_END};
    cblake3_batch(input, CHUNK, count, batch, values);
}

static void whole(const uint32_t key[8], uint32_t mode, const uint8_t *input, size_t length, uint8_t out[32]) {
    if (length <= CHUNK) {
        chunk_node(key, mode, 0, input, length, ROOT, out);
        return;
    }
    uint8_t values[MOST * 32];
    size_t full = length / CHUNK, rest = length % CHUNK, count = full;
    leaves(key, mode, 0, input, full, values);
    if (rest > 0) chunk_node(key, mode, full, input + full * CHUNK, rest, 0, values + 32 * count++);
    reduce(key, mode, values, count, 2);
    parent_node(key, mode, values, ROOT, out);
}

static void start(cblake3_hasher *hasher, const uint8_t *key, uint32_t mode) {
    __builtin_memcpy(hasher->key, key, 32);
    hasher->mode = mode;
    hasher->depth = 0;
    hasher->chunks = 0;
    hasher->filled = 0;
}

void cblake3_init(cblake3_hasher *hasher, const uint8_t *key) {
    start(hasher, key ? key : (const uint8_t *)initial, key ? KEYED : 0);
}

/// Adds a subtree of `count` chunks whose value lies on top of the stack, and joins what is complete. More input follows,
/// so nothing here can be the root.
static void added(cblake3_hasher *hasher, uint64_t count) {
    hasher->depth++;
    hasher->chunks += count;
    while (hasher->depth > (uint32_t)__builtin_popcountll(hasher->chunks)) {
        uint8_t *pair = hasher->stack + 32 * (hasher->depth - 2);
        parent_node(hasher->key, hasher->mode, pair, 0, pair);
        hasher->depth--;
    }
}

void cblake3_update(cblake3_hasher *hasher, const void *bytes, size_t length) {
    const uint8_t *input = bytes;
    if (length == 0) return;
    if (hasher->filled > 0 || length <= CHUNK) {
        size_t part = CHUNK - hasher->filled < length ? CHUNK - hasher->filled : length;
        __builtin_memcpy(hasher->pending + hasher->filled, input, part);
        hasher->filled += part;
        input += part;
        length -= part;
        if (length == 0) return;
        leaves(hasher->key, hasher->mode, hasher->chunks, hasher->pending, 1, hasher->stack + 32 * hasher->depth);
        added(hasher, 1);
        hasher->filled = 0;
    }
    while (length > CHUNK) {
        // The largest subtree that ends before the last byte and begins where such a subtree may begin.
        size_t count = MOST;
        while (count * CHUNK >= length || (hasher->chunks & (count - 1)) != 0) count /= 2;
        uint8_t values[MOST * 32];
        leaves(hasher->key, hasher->mode, hasher->chunks, input, count, values);
        reduce(hasher->key, hasher->mode, values, count, 1);
        __builtin_memcpy(hasher->stack + 32 * hasher->depth, values, 32);
        added(hasher, count);
        input += count * CHUNK;
        length -= count * CHUNK;
    }
    __builtin_memcpy(hasher->pending, input, length);
    hasher->filled = length;
}

void cblake3_final(const cblake3_hasher *hasher, uint8_t out[32]) {
    uint8_t pair[64];
    uint32_t depth = hasher->depth;
    chunk_node(hasher->key, hasher->mode, hasher->chunks, hasher->pending, hasher->filled, depth == 0 ? ROOT : 0, pair + 32);
    while (depth-- > 0) {
        __builtin_memcpy(pair, hasher->stack + 32 * depth, 32);
        parent_node(hasher->key, hasher->mode, pair, depth == 0 ? ROOT : 0, pair + 32);
    }
    __builtin_memcpy(out, pair + 32, 32);
}

static void any_length(const uint8_t *key, uint32_t mode, const void *input, size_t length, uint8_t out[32]) {
    if (length <= MOST * CHUNK) {
        uint32_t words[8];
        __builtin_memcpy(words, key, 32);
        whole(words, mode, input, length, out);
        return;
    }
    cblake3_hasher hasher;
    start(&hasher, key, mode);
    cblake3_update(&hasher, input, length);
    cblake3_final(&hasher, out);
}

void cblake3_hash(const uint8_t *key, const void *input, size_t length, uint8_t out[32]) {
    any_length(key ? key : (const uint8_t *)initial, key ? KEYED : 0, input, length, out);
}

void cblake3_derive(const void *context, size_t context_length, const void *material, size_t length, uint8_t out[32]) {
    uint8_t key[32];
    any_length((const uint8_t *)initial, CONTEXT, context, context_length, key);
    any_length(key, MATERIAL, material, length, out);
}
