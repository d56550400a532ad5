/// Cuts a file into named chunks as its bytes pass by, and knows the file's id at the end. Nothing is copied: a chunk that
/// lies in one buffer is hashed there, another one piece by piece.
package struct XetFileIndexer: Sendable {
    private var chunker = XetChunker()
    private var hasher = XetHasher(key: .chunkKey)
    private var merkle = XetMerkle()
    /// Bytes seen so far.
    package private(set) var length: Int64 = 0

    package init() {}

    /// Calls back for each chunk that ends in `bytes`, in order.
    package mutating func feed(_ bytes: UnsafeRawBufferPointer, _ onChunk: (XetChunk) throws -> Void) rethrows {
        var start = 0
        while start < bytes.count {
            let before = chunker.pending
            guard let cut = chunker.nextCut(in: bytes, from: start) else {
                if before == 0 { hasher.restart(key: .chunkKey) }
                hasher.update(UnsafeRawBufferPointer(rebasing: bytes[start...]))
                break
            }
            let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<cut])
            if before == 0 {
                try emit(XetChunk(of: piece), onChunk)
            } else {
                hasher.update(piece)
                try emit(XetChunk(hash: hasher.final(), length: before + piece.count), onChunk)
            }
            start = cut
        }
        length += Int64(bytes.count)
    }

    /// Ends the file: calls back for the last chunk, unless the file is empty or ended with a cut, and answers the id.
    package mutating func finish(_ onChunk: (XetChunk) throws -> Void) rethrows -> XetHash {
        if chunker.pending > 0 {
            try emit(XetChunk(hash: hasher.final(), length: chunker.pending), onChunk)
            chunker = XetChunker()
        }
        return merkle.fileID
    }

    private mutating func emit(_ chunk: XetChunk, _ onChunk: (XetChunk) throws -> Void) rethrows {
        merkle.append(chunk)
        try onChunk(chunk)
    }
}
