#ifndef CBLAKE3_BATCH_H
#define CBLAKE3_BATCH_H
#include "compress.h"

/// Compresses `count` nodes that lie `stride` bytes apart and writes their chaining values, 32 bytes each, back to back.
/// `out` may be `input` itself where a node is not shorter than its value: every batch is read before it is written.
void cblake3_batch(const uint8_t *input, size_t stride, size_t count, struct batch batch, uint8_t *out);
#endif
