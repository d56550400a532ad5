import CLinux
package import Core
import NIOCore

/// Copying into another data root: a backup, and its way back.
extension DiskBlobStore {
    private static let smallBlob: Int64 = 1 << 20
    private static let batchCount = 256
    private static let batchBytes: Int64 = 16 << 20

    /// Copies what `other` does not have yet, hashing every byte on the way, so that a damaged
    /// blob is never copied: it ends the copy with `.storageDamaged`, and so does `.unknownBlob`.
    /// A recipe brings its sources along. Where both roots share a filesystem that can, they
    /// share the bytes too.
    /// - Parameter progress: called with the blobs and bytes copied so far.
    package func copyBlobs(
        to other: DiskBlobStore, digests: some Sequence<Digest>, progress: (Int, Int64) -> Void = { _, _ in }
    ) async throws -> (copied: Int, bytes: Int64) {
        var total = (copied: 0, bytes: Int64(0))
        var small: [BatchItem] = []
        var smallBytes: Int64 = 0
        func flush() async throws {
            for written in try await other.writeBatch(small) where written.wasNew {
                total.copied += 1
                total.bytes += written.size
            }
            small = []
            smallBytes = 0
            progress(total.copied, total.bytes)
        }
        for digest in digests {
            guard let size = try await onDisk({ try self.size(of: digest) }) else { throw HubError.unknownBlob(digest) }
            if try await onDisk({ try other.renew(digest, size: size) }) { continue }
            if let recipe = try await onDisk({ try self.recipeAlone(digest) }) {
                let sources = try await copyBlobs(to: other, digests: Set(recipe.extents.map(\.digest)))
                let written = try await other.writeRecipe(recipe.extents, expected: digest)
                total.copied += sources.copied + (written.wasNew ? 1 : 0)
                total.bytes += sources.bytes
            } else if size <= Self.smallBlob {
                let bytes = try await onDisk { try self.open(digest).read(ByteRange(0, size)) }
                try Self.require(bytes, digest)
                small.append(BatchItem(expected: digest, bytes: bytes))
                smallBytes += size
                if small.count >= Self.batchCount || smallBytes >= Self.batchBytes { try await flush() }
                continue
            } else if try await copyLarge(digest, size, to: other) {
                total.copied += 1
                total.bytes += size
            }
            progress(total.copied, total.bytes)
        }
        try await flush()
        return total
    }

    private func recipeAlone(_ digest: Digest) throws -> Recipe? {
        try Disk.status(layout.blob(digest)) == nil ? recipe(of: digest) : nil
    }

    private func copyLarge(_ digest: Digest, _ size: Int64, to other: DiskBlobStore) async throws -> Bool {
        let source = try open(digest)
        if let clone = try await onDisk({ try other.clone(source) }) {
            let shared = ByteSource(size: size, extents: [ByteSource.Extent(file: clone.file, offset: 0, count: size)])
            let sums = RunningDigest()
            for try await block in BlobBytes(source: shared, range: ByteRange(0, size), threads: threads) {
                try await onDisk { sums.update(block) }
            }
            return try await onDisk {
                try Self.require(sums.finish().digest, digest)
                return try other.keep(clone, as: digest, size: size)
            }
        }
        do {
            let bytes = BlobBytes(source: source, range: ByteRange(0, size), threads: threads)
            return try await other.write(bytes, expected: digest, size: size).wasNew
        } catch let error as HubError where error.code == .digestMismatch {
            throw HubError.damaged(digest, error.message)
        }
    }

    /// nil where the two cannot share bytes: another filesystem, or one that does not do this.
    private func clone(_ source: ByteSource) throws -> IncomingFile? {
        guard source.extents.count == 1, let extent = source.extents.first, extent.offset == 0, let whole = extent.file as? SharedFile else {
            return nil
        }
        let incoming = try IncomingFile(in: layout, writeCall)
        return clinux_clone(incoming.file.descriptor, whole.descriptor) == 0 ? incoming : nil
    }

    private static func require(_ bytes: ByteBuffer, _ digest: Digest) throws(HubError) {
        let sums = RunningDigest()
        sums.update(bytes)
        try require(sums.finish().digest, digest)
    }

    private static func require(_ found: Digest, _ digest: Digest) throws(HubError) {
        guard found == digest else { throw .damaged(digest, "its bytes are those of \(found)") }
    }
}
