/// Finds where a stream of bytes is cut into chunks (Xet specification, chunking): after a byte where the top 16 bits of
/// the rolling hash are zero, but not before 8,192 bytes and at the latest at 131,072. The cuts depend on the bytes alone,
/// not on the buffers they arrive in.
package struct XetChunker: Sendable {
    /// Bytes since the last cut: the length of the last chunk once the stream has ended.
    package private(set) var pending = 0
    private var hash: UInt64 = 0
    private static let mask: UInt64 = 0xFFFF_0000_0000_0000
    /// Every byte leaves the 64-bit hash after 64 more, so what lies further in front of the first possible cut
    /// cannot matter.
    private static let warmUp = XetLimits.smallestCut - 64

    package init() {}

    /// Reads on in `bytes` from `start`. The answer is the offset behind the next cut, or nil where the buffer holds
    /// none and has been read to its end.
    package mutating func nextCut(in bytes: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
        precondition(0 <= start && start <= bytes.count, "a scan begins inside its buffer")
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
        var at = start + min(max(0, Self.warmUp - pending), bytes.count - start)
        let size = pending + at - start
        // The first byte after which a cut is allowed, and the end of the longest chunk, as offsets in the buffer.
        let untested = min(bytes.count, at + max(0, XetLimits.smallestCut - 1 - size))
        let end = min(bytes.count, at + XetLimits.longestChunk - size)
        var found = false
        GearTable.words.withUnsafeBufferPointer { words in
            let table = words.baseAddress.unsafelyUnwrapped
            var h = hash
            while at < untested {
                h = (h &<< 1) &+ table[Int(base[at])]
                at &+= 1
            }
            while !found, end &- at >= 8 {
                // One branch for each byte, but the bookkeeping only once in eight.
                for _ in 0..<8 {
                    h = (h &<< 1) &+ table[Int(base[at])]
                    at &+= 1
                    if h & Self.mask == 0 {
                        found = true
                        break
                    }
                }
            }
            while !found, at < end {
                h = (h &<< 1) &+ table[Int(base[at])]
                at &+= 1
                found = h & Self.mask == 0
            }
            hash = h
        }
        if found || pending + at - start == XetLimits.longestChunk {
            pending = 0
            hash = 0
            return at
        }
        pending += at - start
        return nil
    }
}
