// BLAKE3 (the paper of 2020, revision 20211102): plain, keyed and derive-key modes with 32 bytes of output.
#ifndef CBLAKE3_H
#define CBLAKE3_H
#include <stddef.h>
#include <stdint.h>

/// How many chunks are compressed side by side. The best one that the processor has is used unless
/// `cblake3_use` says otherwise.
enum {
    CBLAKE3_PORTABLE = 0,
    CBLAKE3_FOUR = 1,   // SSE4.1, or the vectors that every aarch64 has
    CBLAKE3_EIGHT = 2,  // AVX2
    CBLAKE3_SIXTEEN = 3 // AVX-512
};

/// Chooses `level` or, where the processor lacks it, the best one below; returns what is used from now on in
/// every thread. The result of a hash never depends on it.
int cblake3_use(int level);
/// What is used now.
int cblake3_level(void);

/// The hash of some bytes, all at once. `key` has 32 bytes; NULL means plain mode.
void cblake3_hash(const uint8_t *key, const void *input, size_t length, uint8_t out[32]);
/// derive_key: 32 bytes from key material under a context string.
void cblake3_derive(const void *context, size_t context_length, const void *material, size_t length, uint8_t out[32]);

/// A hash in progress. Owns nothing; may be copied.
typedef struct {
    uint32_t key[8];
    uint32_t mode;
    uint32_t depth;         // subtrees in `stack`
    uint64_t chunks;        // whole chunks that `stack` covers
    size_t filled;          // bytes in `pending`
    uint8_t stack[54 * 32]; // 2^54 chunks of 1 KiB are the longest input there is
    uint8_t pending[1024];
} cblake3_hasher;

/// Starts in keyed mode with 32 bytes of key, or in plain mode where `key` is NULL.
void cblake3_init(cblake3_hasher *hasher, const uint8_t *key);
void cblake3_update(cblake3_hasher *hasher, const void *input, size_t length);
/// The hash of everything so far; the hasher may be fed on afterwards.
void cblake3_final(const cblake3_hasher *hasher, uint8_t out[32]);
#endif
