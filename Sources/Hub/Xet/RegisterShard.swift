import Blobs
import Catalog
package import Core
import Logging
import Synchronization
import XetFormat

extension Hub {
    /// Files whose bytes are proved at the same time.
    private static let filesAtOnce = 2

    /// Makes the files of a shard blobs that its sender may publish: all of them or none. Every file's
    /// bytes are read once and must have the SHA-256 that the shard states, unless it is known already.
    /// - Parameter progress: is told the bytes proved so far, and those in all; from several tasks.
    /// - Returns: whether any file was new.
    package func register(
        _ shard: CheckedShard, by who: Principal, progress: @escaping @Sendable (Int64, Int64) -> Void = { _, _ in }
    ) async throws -> Bool {
        let user = try mayUpload(who)
        probe.reached(.shardChecked)
        let written = try await store(shard.files, progress)
        probe.reached(.shardFilesStored)
        let wasNew = try await change(by: who) { [self] tx in
            try requireStillHere(shard.xorbs, in: tx)
            var wasNew = false
            for (file, blob) in zip(shard.files, written) {
                let row = try tx.addBlob(blob.digest, size: blob.size, gitID: blob.gitID)
                guard !file.terms.isEmpty, try tx.addXetFile(file.id.bytes, blob: row, terms: file.terms) else { continue }
                wasNew = true
                if let first = file.firstChunk, let term = file.terms.first {
                    try tx.addQueryable(first.bytes, in: term.xorb, at: term.chunks.lowerBound)
                }
            }
            try tx.lease(written.map(\.digest), user: user.id, hasBytes: true, until: tx.now.adding(seconds: Self.leaseSeconds))
            probe.reached(.shardInTransaction)
            return wasNew
        }
        probe.reached(.shardCommitted)
        await keepOnce(shard)
        return wasNew
    }

    /// The bytes of all files, in their order.
    private func store(_ files: [CheckedShard.File], _ progress: @escaping @Sendable (Int64, Int64) -> Void) async throws -> [Written] {
        let total = files.reduce(0) { $0 + $1.size }
        let done = Atomic<Int64>(0)
        // Each file adds what it has read since it last told.
        let advance: @Sendable (Int64) -> Void = { progress(done.wrappingAdd($0, ordering: .relaxed).newValue, total) }
        return try await withThrowingTaskGroup(of: (Int, Written).self) { group in
            var results = [Written?](repeating: nil, count: files.count)
            for (index, file) in files.enumerated() {
                if index >= Self.filesAtOnce, let (place, written) = try await group.next() { results[place] = written }
                group.addTask { (index, try await self.store(file, advance)) }
            }
            for try await (place, written) in group { results[place] = written }
            return results.compactMap { $0 }
        }
    }

    private func store(_ file: CheckedShard.File, _ advance: @escaping @Sendable (Int64) -> Void) async throws -> Written {
        if let known = try catalog.read({ try $0.blob(ofXetFile: file.id.bytes) }), try await blobs.missing(from: [known.digest]).isEmpty {
            guard known.digest == file.digest else {
                throw HubError(
                    .digestMismatch, "the file \(file.id) is known with the bytes of \(known.digest), and the shard states \(file.digest)",
                    details: ["expected": "\(file.digest)", "received": "\(known.digest)"])
            }
            advance(file.size)
            return Written(digest: known.digest, size: known.size, gitID: nil, wasNew: false)
        }
        let told = Atomic<Int64>(0)
        let written = try await blobs.writeRecipe(file.extents, expected: file.digest) { read in
            advance(read - told.exchange(read, ordering: .relaxed))
        }
        advance(file.size - told.load(ordering: .relaxed))
        return written
    }

    /// A collection may have taken a xorb since it was looked at, and its row's number may be another's.
    private func requireStillHere(_ xorbs: [Int64: XetHash], in tx: Transaction) throws {
        for (row, hash) in xorbs {
            guard try tx.rows.xorb(id: row)?.hash == hash.bytes, try tx.touchXorb(row) else {
                throw HubError(.unavailable, "the xorb \(hash) was being removed just then; upload again")
            }
        }
    }
}
