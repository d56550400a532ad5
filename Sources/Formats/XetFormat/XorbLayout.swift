package import Core

/// Where the chunks of a xorb lie: in its raw bytes, back to back, and in its serialised form of scheme 0, each behind a
/// header of 8 bytes. Chunk numbers and offsets must be inside; whoever takes them from outside checks first.
package struct XorbLayout: Hashable, Sendable {
    private enum Kind: Hashable, Sendable {
        /// The raw offset behind each chunk.
        case listed([UInt32])
        /// All chunks of 131,072 bytes, but the last one shorter where the total says so.
        case even(rawLength: Int64)
    }
    private let kind: Kind

    /// At most 8,192 chunks of 1 … 131,072 bytes.
    package init(lengths: some Sequence<Int>) {
        var end: UInt32 = 0
        kind = .listed(
            lengths.map {
                end += UInt32($0)
                return end
            })
    }

    package init(_ chunks: [XetChunk]) { self.init(lengths: chunks.lazy.map(\.length)) }

    package init(evenChunksOf rawLength: Int64) { kind = .even(rawLength: rawLength) }

    package var chunkCount: Int {
        switch kind {
        case .listed(let ends): ends.count
        case .even(let length): Int((length + Self.even - 1) / Self.even)
        }
    }

    package var rawLength: Int64 { rawOffset(ofChunk: chunkCount) }
    package var serialisedLength: Int64 { serialisedOffset(ofChunk: chunkCount) }

    /// Raw bytes in front of a chunk; the number behind the last chunk gives the total.
    package func rawOffset(ofChunk chunk: Int) -> Int64 {
        switch kind {
        case .listed(let ends): chunk == 0 ? 0 : Int64(ends[chunk - 1])
        case .even(let length): min(Int64(chunk) * Self.even, length)
        }
    }

    package func serialisedOffset(ofChunk chunk: Int) -> Int64 {
        rawOffset(ofChunk: chunk) + Int64(chunk) * Int64(XorbFrame.headerLength)
    }

    package func rawBytes(of chunks: Range<Int>) -> ByteRange {
        ByteRange(rawOffset(ofChunk: chunks.lowerBound), rawOffset(ofChunk: chunks.upperBound))
    }

    package func serialisedBytes(of chunks: Range<Int>) -> ByteRange {
        ByteRange(serialisedOffset(ofChunk: chunks.lowerBound), serialisedOffset(ofChunk: chunks.upperBound))
    }

    package func rawLength(ofChunk chunk: Int) -> Int {
        Int(rawOffset(ofChunk: chunk + 1) - rawOffset(ofChunk: chunk))
    }

    /// The chunk that holds this raw byte.
    package func chunk(atRaw offset: Int64) -> Int { last { rawOffset(ofChunk: $0) <= offset } }

    /// The chunk whose header or bytes hold this byte of the serialised xorb.
    package func chunk(atSerialised offset: Int64) -> Int { last { serialisedOffset(ofChunk: $0) <= offset } }

    private static let even = Int64(XetLimits.longestChunk)

    /// The last chunk that begins at or before something; offsets grow, so halving finds it.
    private func last(_ begins: (Int) -> Bool) -> Int {
        var low = 0
        var high = chunkCount
        while high - low > 1 {
            let middle = (low + high) / 2
            if begins(middle) { low = middle } else { high = middle }
        }
        return low
    }
}
