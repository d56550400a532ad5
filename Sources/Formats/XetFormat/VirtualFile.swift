package import Core

/// A plain file seen as if it had been uploaded in chunks: runs of 511 chunks of 131,072 bytes, whose serialised form stays
/// under 64 MiB. Everything is arithmetic over the file's digest and size; nothing is stored, and no chunk has a genuine
/// hash, so such xorbs are for reading only and must never be offered for deduplication.
package struct VirtualFile: Hashable, Sendable {
    package let digest: Digest
    package let size: Int64
    package static let chunksInXorb = 511
    package static let rawXorb = Int64(chunksInXorb * XetLimits.longestChunk)

    package init(digest: Digest, size: Int64) {
        precondition(size >= 0, "a file has no negative size")
        self.digest = digest
        self.size = size
    }

    /// The id under which such a file is offered: its SHA-256, in the text form of a Xet hash.
    package var fileID: XetHash { XetHash(digest) }
    package var xorbCount: Int { Int((size + Self.rawXorb - 1) / Self.rawXorb) }

    /// The file's bytes that xorb `index` covers.
    package func bytes(ofXorb index: Int) -> ByteRange {
        precondition((0..<xorbCount).contains(index), "the file has \(xorbCount) virtual xorbs")
        let lower = Int64(index) * Self.rawXorb
        return ByteRange(lower, min(size, lower + Self.rawXorb))
    }

    package func layout(ofXorb index: Int) -> XorbLayout { XorbLayout(evenChunksOf: bytes(ofXorb: index).count) }

    /// The xorb's name: the same for the same bytes, and never that of a xorb that somebody uploads.
    package func id(ofXorb index: Int) -> XetHash {
        XetHash.derived(
            "Grayling 2026-11 virtual xorb: sha256 of the file, index as u64",
            from: digest.bytes + withUnsafeBytes(of: UInt64(index).littleEndian) { Array($0) })
    }

    /// What a client needs to read `range`, or all of the file. The work is that of the xorbs touched, not of the file.
    package func reconstruction(_ range: ByteRange? = nil) throws(HubError) -> Reconstruction {
        let range = try Reconstruction.clamp(range, size: size)
        guard range.count > 0 else { return Reconstruction() }
        let touched = Int(range.lower / Self.rawXorb)...Int((range.upper - 1) / Self.rawXorb)
        var layouts: [XetHash: XorbLayout] = [:]
        let terms = touched.map { index in
            let (id, layout) = (id(ofXorb: index), layout(ofXorb: index))
            layouts[id] = layout
            return ShardTerm(xorb: id, rawLength: UInt32(layout.rawLength), chunks: 0..<layout.chunkCount)
        }
        let before = Int64(touched.lowerBound) * Self.rawXorb
        return try Reconstruction(
            of: terms, range: ByteRange(range.lower - before, range.upper - before), layouts: layouts)
    }
}
