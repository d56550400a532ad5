import Blobs
import Catalog
package import Core
package import NIOCore
import XetFormat

/// The files of a shard after every check that needs no file bytes.
package struct CheckedShard: Sendable {
    struct File: Sendable {
        let id: XetHash
        let digest: Digest
        let size: Int64
        let terms: [XetTerm]
        let extents: [Extent]
        let firstChunk: XetHash?
    }
    var files: [File] = []
    /// The xorbs that they refer to, by row.
    var xorbs: [Int64: XetHash] = [:]
}

extension Hub {
    /// Reads a shard and checks everything but the bytes of its files (Xet specification, shard upload):
    /// that each xorb is here and this user's to refer to, that the runs lie inside and have the lengths
    /// announced, that whoever made it knows the chunks, and that they add up to the file's id.
    package func checkShard<Body: AsyncSequence & Sendable>(_ body: Body, by who: Principal) async throws -> CheckedShard
    where Body.Element == ByteBuffer {
        _ = try mayUpload(who)
        let check = ShardCheck(hub: self, who: who)
        for try await part in body { try await blobs.onDisk { try check.add(part) } }
        return try await blobs.onDisk { try check.finish() }
    }
}

/// A shard that is being read.
// Unchecked: one task feeds it and waits for each job before the next.
private final class ShardCheck: @unchecked Sendable {
    private let hub: Hub
    private var reader = ShardReader()
    private var book: XorbBook
    private var shard = CheckedShard()

    init(hub: Hub, who: Principal) {
        self.hub = hub
        book = XorbBook(hub: hub, who: who)
    }

    func add(_ part: ByteBuffer) throws {
        for part in try part.withUnsafeReadableBytes({ try reader.consume($0) }) {
            if case .file(let file) = part { shard.files.append(try checked(file)) }
        }
    }

    func finish() throws -> CheckedShard {
        try reader.finish()
        return shard
    }

    private func checked(_ file: ShardFile) throws -> CheckedShard.File {
        guard let digest = file.digest, file.verification.count == file.terms.count else {
            throw HubError(.invalidRequest, "the file \(file.id) comes without its SHA-256 or its verification hashes")
        }
        let size = file.rawLength
        guard size <= hub.limits.fileSize else {
            throw HubError(.tooLarge, "the file \(file.id) has \(size) bytes; at most \(hub.limits.fileSize) are taken here")
        }
        var merkle = XetMerkle()
        var (terms, extents): ([XetTerm], [Extent]) = ([], [])
        var first: XetHash?
        for (index, term) in file.terms.enumerated() {
            let xorb = try book.xorb(term)
            let bytes = xorb.layout.rawBytes(of: term.chunks)
            guard bytes.count == Int64(term.rawLength) else {
                throw refusal(file, index, "has \(bytes.count) bytes in the xorb \(term.xorb), not the \(term.rawLength) announced")
            }
            let chunks = xorb.chunks[term.chunks]
            guard XetHash.verification(of: chunks.lazy.map(\.hash)) == file.verification[index] else {
                throw refusal(file, index, "comes with a verification hash that is not that of chunks \(term.chunks) of the xorb \(term.xorb)")
            }
            if first == nil { first = chunks.first?.hash }
            for chunk in chunks { merkle.append(chunk) }
            terms.append(XetTerm(xorb: xorb.facts.id, chunks: term.chunks, size: term.rawLength))
            extents.append(Extent(digest: xorb.facts.pack, offset: bytes.lower, count: bytes.count))
            shard.xorbs[xorb.facts.id] = term.xorb
        }
        guard file.terms.isEmpty || merkle.fileID == file.id else {
            throw HubError(.invalidRequest, "the chunks of the file \(file.id) add up to \(merkle.fileID); describe it again")
        }
        return CheckedShard.File(id: file.id, digest: digest, size: size, terms: terms, extents: extents, firstChunk: first)
    }

    private func refusal(_ file: ShardFile, _ index: Int, _ fault: String) -> HubError {
        HubError(.invalidRequest, "term \(index) of the file \(file.id) \(fault); nothing was stored")
    }
}
