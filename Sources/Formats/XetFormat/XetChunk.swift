/// A content-defined piece of a file: the name of its bytes, and how many they are.
package struct XetChunk: Hashable, Sendable {
    package let hash: XetHash
    package let length: Int

    /// The length is 1 … 131,072 wherever chunks come from outside; readers check it.
    package init(hash: XetHash, length: Int) {
        self.hash = hash
        self.length = length
    }

    package init(of bytes: UnsafeRawBufferPointer) {
        self.init(hash: .ofChunk(bytes), length: bytes.count)
    }
}

/// Bounds of the protocol (Xet specification, chunking and xorb format).
package enum XetLimits {
    package static let smallestCut = 8192
    package static let longestChunk = 131_072
    package static let chunksInXorb = 8192
    /// What a chunk may take in a serialised xorb, without its header.
    package static let longestBody = 262_144
    /// The specification bounds a serialised xorb at 64 MiB, but clients that count raw bytes can pass it by
    /// the headers of up to 8,192 chunks, so those are allowed on top.
    package static let serialisedXorb = 64 << 20 + chunksInXorb * XorbFrame.headerLength
    /// A footer that clients may append; the reader counts it but does not need it.
    package static let xorbFooter = 1 << 20
}
