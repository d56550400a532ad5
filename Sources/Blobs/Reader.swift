package import Core
import Glibc
package import NIOCore
import NIOPosix

/// The one door to bytes: a blob is a whole file or a recipe, and no reader can tell.
extension DiskBlobStore {
    package func size(of digest: Digest) throws -> Int64? {
        if let facts = try Disk.status(layout.blob(digest)) { return Int64(facts.st_size) }
        guard let file = try Disk.openIfPresent(layout.blob(digest, .recipe)) else { return nil }
        return try Recipe.size(in: file, of: digest)
    }

    package func missing(from digests: [Digest]) async throws -> [Digest] {
        try await onDisk { try digests.filter { try !self.isWhole($0) } }
    }

    package func open(_ digest: Digest) throws -> ByteSource {
        if let whole = try openWhole(digest) { return whole }
        guard let recipe = try recipe(of: digest) else { throw HubError.unknownBlob(digest) }
        var files: [Digest: LaterFile] = [:]
        let extents = try wholeRuns(of: recipe, digest).map { extent in
            let file = files[extent.digest] ?? LaterFile(extent.digest, in: layout)
            files[extent.digest] = file
            return ByteSource.Extent(file: file, offset: extent.offset, count: extent.count)
        }
        return ByteSource(size: recipe.size, extents: extents)
    }

    private func openWhole(_ digest: Digest) throws -> ByteSource? {
        guard let file = try Disk.openIfPresent(layout.blob(digest)) else { return nil }
        let size = try Int64(file.status().st_size)
        return ByteSource(
            size: size, extents: [ByteSource.Extent(file: file, offset: 0, count: size)])
    }

    package func stream(_ digest: Digest, range: ByteRange?) throws -> BlobBytes {
        let source = try open(digest)
        guard let range else { return BlobBytes(source: source, range: ByteRange(0, source.size), threads: threads) }
        guard range.upper <= source.size else {
            throw HubError(
                .rangeNotSatisfiable, "bytes \(range.lower) to \(range.upper) were asked of \(digest), which has only \(source.size)",
                details: ["size": "\(source.size)"])
        }
        return BlobBytes(source: source, range: range, threads: threads)
    }

    package func bytes(of digest: Digest, limit: Int) async throws -> [UInt8] {
        let source = try open(digest)
        guard source.size <= Int64(limit) else {
            throw HubError(.tooLarge, "\(digest) has \(source.size) bytes; at most \(limit) can be read at once here: download it instead")
        }
        return try await onDisk { try Array(source.read(ByteRange(0, source.size)).readableBytesView) }
    }

    package func gitBlobID(of digest: Digest) async throws -> GitID {
        let stream = try stream(digest, range: nil)
        let hasher = GitHasher(stream.source.size)
        for try await block in stream { hasher.update(block) }
        return hasher.finish()
    }
}

/// The bytes of a blob, read ahead of nobody: one block at a time, as they are asked for.
package struct BlobBytes: AsyncSequence, Sendable {
    package let source: ByteSource
    package let range: ByteRange
    let threads: NIOThreadPool

    package struct AsyncIterator: AsyncIteratorProtocol {
        let bytes: BlobBytes
        var position: Int64

        package mutating func next() async throws -> ByteBuffer? {
            guard position < bytes.range.upper else { return nil }
            let next = ByteRange(position, Swift.min(bytes.range.upper, position + 1 << 20))
            position = next.upper
            let source = bytes.source
            return try await bytes.threads.runIfActive { try source.read(next) }
        }
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(bytes: self, position: range.lower) }
}

extension ByteSource {
    /// Exactly the bytes of a range, in memory: the caller bounds it. Blocks on the disk.
    /// `.storageDamaged` where a file has become shorter than it was when it was opened.
    package func read(_ range: ByteRange) throws(HubError) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: Int(range.count))
        for extent in slice(range) {
            guard let file = extent.file.open() else {
                throw HubError(.storageDamaged, "a stored file is gone: run 'grayling verify --store' to find which")
            }
            var failure: HubError?
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Int(extent.count)) { out in
                do throws(HubError) {
                    return try Disk.read(
                        file.descriptor, into: UnsafeMutableRawBufferPointer(rebasing: out[..<Int(extent.count)]), at: extent.offset)
                } catch {
                    failure = error
                    return 0
                }
            }
            if let failure { throw failure }
        }
        guard Int64(buffer.readableBytes) == range.count else {
            throw HubError(.storageDamaged, "a stored file ended before its size: run 'grayling verify --store' to find which")
        }
        return buffer
    }
}
