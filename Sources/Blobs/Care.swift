package import Core
import Glibc
import NIOCore

/// Walking over what is stored, and proving it.
extension DiskBlobStore {
    private struct Found: Sendable {
        let digest: Digest
        let size: Int64
        let modified: Instant
    }

    package func forEachBlob(_ body: (Digest, Int64, Instant) async throws -> Void) async throws {
        for shard in UInt8.min...UInt8.max {
            // One shard in memory at a time: a 256th of the store.
            let found = try await onDisk { try self.blobs(in: shard) }
            for blob in found { try await body(blob.digest, blob.size, blob.modified) }
        }
    }

    private func blobs(in shard: UInt8) throws -> [Found] {
        var found: [Digest: Found] = [:]
        // Whole files last: where a blob has both forms, they are what is read.
        for form in [StorageLayout.Form.recipe, .whole] {
            for name in try Disk.names(in: layout.shard(form, shard)) {
                guard let digest = StorageLayout.digest(named: name), let facts = try Disk.status(layout.blob(digest, form)) else { continue }
                let size = form == .whole ? Int64(facts.st_size) : try recipeSize(digest)
                found[digest] = Found(digest: digest, size: size ?? 0, modified: facts.modified)
            }
        }
        return found.values.sorted { $0.digest < $1.digest }
    }

    /// A damaged recipe must not end the walk that would find it: it counts as 0 bytes.
    private func recipeSize(_ digest: Digest) throws -> Int64? {
        do {
            return try size(of: digest)
        } catch let error as HubError where error.code == .storageDamaged {
            return 0
        }
    }

    package func verify(_ digest: Digest, bytesPerSecond: Int?) async throws -> Condition {
        let blocks: BlobBytes
        do {
            blocks = try await onDisk { try self.stream(digest, range: nil) }
        } catch let error as HubError where error.code == .storageDamaged {
            return .damaged(found: nil)
        }
        let sums = RunningDigest()
        var pace = Pace(bytesPerSecond: bytesPerSecond)
        do {
            for try await block in blocks {
                try await onDisk { sums.update(block) }
                try await pace.passed(block.readableBytes)
            }
        } catch let error as HubError where error.code != .unavailable {
            return .damaged(found: nil)
        }
        let found = sums.finish().digest
        return found == digest ? .whole : .damaged(found: found)
    }

    package func quarantine(_ digest: Digest) async throws -> Bool {
        try await onDisk {
            var wasHere = false
            for form in StorageLayout.Form.allCases where try Disk.status(self.layout.blob(digest, form)) != nil {
                try Disk.rename(self.layout.blob(digest, form), self.layout.quarantined(digest, form))
                try Disk.syncFolder(self.layout.quarantine)
                try Disk.syncFolder(self.layout.shard(form, of: digest))
                wasHere = true
            }
            return wasHere
        }
    }
}

/// Holds a reader to so many bytes a second, so that proving the store leaves the disk to others.
private struct Pace {
    private let bytesPerSecond: Int?
    private var due = ContinuousClock.now

    init(bytesPerSecond: Int?) { self.bytesPerSecond = bytesPerSecond }

    mutating func passed(_ count: Int) async throws {
        guard let bytesPerSecond, bytesPerSecond > 0 else { return }
        due += .seconds(Double(count) / Double(bytesPerSecond))
        try await ContinuousClock().sleep(until: due)
    }
}
