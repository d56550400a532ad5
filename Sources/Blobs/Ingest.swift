package import Core
import Glibc
package import NIOCore
import Synchronization

/// Receiving one blob, in the order that `Storage/README.md` promises.
extension DiskBlobStore {
    /// Up to here one job does everything: handing blocks between threads would cost more. Below
    /// half a block, because only the last block of a body is that short.
    static let smallBody = BlockSize.bytes / 2 - 1

    package func write<Body: AsyncSequence & Sendable>(_ body: Body, expected: Digest?, size: Int64?) async throws -> Written
    where Body.Element == ByteBuffer {
        var blocks = BlockReader(body)
        let first = try await blocks.next() ?? ByteBuffer()
        if first.readableBytes <= Self.smallBody {
            // Shorter than a block, so it is all there is.
            return try await onDisk { try self.writeSmall(first, expected: expected, size: size) }
        }
        let incoming = try await onDisk { try IncomingFile(in: self.layout, self.writeCall) }  // 1. write where nobody reads
        probe.reached(.ingestCreated)
        let sums = RunningDigest(gitSize: size)
        let pipeline = Pipeline(on: threads, [{ block, _ in sums.update(block) }, incoming.write])
        do {
            let received = try await Self.pump(first, &blocks, into: pipeline, size: size)
            return try await onDisk {
                let (digest, gitID) = sums.finish()
                try Self.compare(digest, received, with: expected, size)  // 2. compare before it has a name
                self.probe.reached(.ingestCompared)
                let wasNew = try self.keep(incoming, as: digest, size: received)
                return Written(digest: digest, size: received, gitID: gitID, wasNew: wasNew)
            }
        } catch {
            _ = await pipeline.settle()
            await onDiskAlways { incoming.discard() }
            throw error
        }
    }

    package func write(_ bytes: [UInt8]) async throws -> Written {
        let buffer = ByteBuffer(bytes: bytes)
        return try await onDisk { try self.writeSmall(buffer, expected: nil, size: nil) }
    }

    /// Pushes a body to its end and waits for the lanes. Returns its bytes.
    static func pump<Body: AsyncSequence>(
        _ first: ByteBuffer?, _ blocks: inout BlockReader<Body>, into pipeline: Pipeline, size: Int64?
    ) async throws -> Int64 where Body.Element == ByteBuffer {
        var received: Int64 = 0
        var next = first
        while let block = next {
            received += Int64(block.readableBytes)
            if let size, received > size { throw HubError.sizeMismatch(expected: size, received: received, more: true) }
            try await pipeline.push(block)
            next = try await blocks.next()
        }
        if let failure = await pipeline.settle() { throw failure }
        return received
    }

    static func compare(_ digest: Digest, _ received: Int64, with expected: Digest?, _ size: Int64?) throws(HubError) {
        if let size, size != received { throw .sizeMismatch(expected: size, received: received, more: received > size) }
        if let expected, expected != digest { throw .digestMismatch(expected: expected, received: digest) }
    }

    private func writeSmall(_ bytes: ByteBuffer, expected: Digest?, size: Int64?) throws -> Written {
        let count = Int64(bytes.readableBytes)
        let sums = RunningDigest(gitSize: count)
        sums.update(bytes)
        let (digest, gitID) = sums.finish()
        try Self.compare(digest, count, with: expected, size)
        if try renew(digest, size: count) {
            try syncName(of: digest)
            return Written(digest: digest, size: count, gitID: gitID, wasNew: false)
        }
        let incoming = try IncomingFile(in: layout, writeCall)
        probe.reached(.ingestCreated)
        try incoming.write(bytes, at: 0)
        probe.reached(.ingestCompared)
        let wasNew = try keep(incoming, as: digest, size: count)
        return Written(digest: digest, size: count, gitID: gitID, wasNew: wasNew)
    }

    /// Steps 3 to 5. False where the blob was there already.
    func keep(_ incoming: IncomingFile, as digest: Digest, size: Int64, _ form: StorageLayout.Form = .whole) throws -> Bool {
        if let clock { try incoming.file.stamp(clock()) }
        try incoming.file.sync()  // 3. the bytes are on disk
        probe.reached(.ingestSynced)
        let wasNew = try name(incoming, as: digest, size: size, form)  // 4. one step gives them their name
        probe.reached(.ingestRenamed)
        if wasNew {
            try Disk.syncFolder(layout.shard(form, of: digest))  // 5. the name is on disk
        } else {
            try syncName(of: digest)
        }
        probe.reached(.ingestDirectorySynced)
        return wasNew
    }

    /// Makes the name of a blob durable that was there already: whoever gave it that name may not
    /// have come so far, and may never.
    func syncName(of digest: Digest) throws {
        for form in StorageLayout.Form.allCases where try Disk.status(layout.blob(digest, form)) != nil {
            try Disk.syncFolder(layout.shard(form, of: digest))
        }
    }

    /// Gives a file its name, unless the blob is there already.
    func name(_ incoming: IncomingFile, as digest: Digest, size: Int64, _ form: StorageLayout.Form) throws -> Bool {
        try naming.withLock { _ in
            if try renewLocked(digest, size: size) {
                incoming.discard()
                return false
            }
            try incoming.rename(to: layout.blob(digest, form))
            return true
        }
    }

    /// Whether the blob is here, whole; then its age begins anew.
    func renew(_ digest: Digest, size: Int64) throws -> Bool {
        try naming.withLock { _ in try renewLocked(digest, size: size) }
    }

    /// For a caller that holds `naming`.
    func renewLocked(_ digest: Digest, size: Int64) throws -> Bool {
        // A file of another size was cut by a failing disk: it is replaced, not kept.
        if let file = try Disk.openIfPresent(layout.blob(digest)), try Int64(file.status().st_size) == size {
            try file.stamp(clock?())
            return true
        }
        guard let file = try Disk.openIfPresent(layout.blob(digest, .recipe)) else { return false }
        // A recipe whose sources have gone is no reason to refuse the bytes themselves.
        guard let recipe = try? recipe(of: digest), recipe.size == size, try hasSources(recipe, of: digest) else { return false }
        try file.stamp(clock?())
        return true
    }
}
