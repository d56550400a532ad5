import NIOCore

enum BlockSize {
    /// 256 KiB: four under way for each of many bodies must stay small, and larger ones gain nothing.
    static let bytes = 256 << 10
}

/// Gathers a body into blocks of about 256 KiB, so that memory held per body is known whatever
/// the sizes it arrives in.
struct BlockReader<Body: AsyncSequence> where Body.Element == ByteBuffer {
    private var iterator: Body.AsyncIterator
    private var rest = ByteBuffer()

    init(_ body: Body) { iterator = body.makeAsyncIterator() }

    /// The next block; shorter than half a block only at the end of the body, then nil. Throws
    /// what the body throws, and where the task was cancelled: a body that merely ends then is
    /// not taken for a whole one.
    mutating func next() async throws -> ByteBuffer? {
        var block = ByteBuffer()
        while block.readableBytes < BlockSize.bytes {
            if rest.readableBytes == 0 {
                guard let arrived = try await iterator.next() else {
                    try Task.checkCancellation()
                    return block.readableBytes == 0 ? nil : block
                }
                rest = arrived
            }
            let room = BlockSize.bytes - block.readableBytes
            if block.readableBytes == 0, rest.readableBytes >= BlockSize.bytes / 2, rest.readableBytes <= BlockSize.bytes {
                // Large enough as it came: spare the copy.
                defer { rest = ByteBuffer() }
                return rest
            }
            if block.readableBytes == 0, let slice = rest.readSlice(length: BlockSize.bytes) { return slice }
            guard var piece = rest.readSlice(length: min(room, rest.readableBytes)) else { continue }
            block.writeBuffer(&piece)
        }
        return block
    }
}
