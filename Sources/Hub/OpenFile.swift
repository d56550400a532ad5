import Blobs
import Catalog
package import Core
import NIOCore
import Synchronization

/// A file that somebody may read: where it is and what it is.
package struct LocatedFile: Sendable {
    package let repo: Int64
    package let commit: GitID
    package let entry: FileEntry
}

extension Hub {
    /// The road of every download: may they read it, which revision, which file. No more than a
    /// handful of point reads, so that it can run on an event loop.
    package func locate(_ path: FilePath, at spec: RevisionSpec, of name: RepoName, for who: Principal) throws -> LocatedFile {
        try catalog.read { rows in
            guard let found = try rows.access(name, user: who.userID) else { throw HubError.unknownRepo(name) }
            try found.access.require(.reader, for: who)
            guard let head = try rows.headOf(spec, in: found.id) else { throw HubError.unknownRevision(spec, of: name) }
            guard let entry = try rows.file(path, tree: head.tree) else {
                throw HubError(
                    .unknownFile, "\(name)@\(spec) has no file '\(path)'; 'grayling files \(name)@\(spec)' lists them",
                    details: ["commit": head.commit.hex])
            }
            return LocatedFile(repo: found.id, commit: head.commit, entry: entry)
        }
    }

    /// Opens the bytes of a blob that `locate` or `canRead` allowed.
    package func open(_ digest: Digest) throws -> ByteSource { try blobs.open(digest) }

    /// The bytes of a part of a blob that `locate` allowed, in memory: the caller bounds it.
    package func bytes(of digest: Digest, _ range: ByteRange) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await block in try blobs.stream(digest, range: range) { bytes += Array(block.readableBytesView) }
        return bytes
    }

    /// The size of a blob that somebody may read; else it does not exist for them.
    package func sizeOfReadable(_ digest: Digest, for who: Principal) throws -> Int64 {
        let found = try catalog.read { try $0.readable([digest], user: who.userID, seesAll: who.seesAll, now: clock()) }
        guard let size = found[digest]?.size else {
            throw HubError(.unknownBlob, "there is no blob \(digest) here that you can read")
        }
        return size
    }

    /// Counts a download of a repo's file; written by `flushDownloads`.
    package func countDownload(of repo: Int64) { downloads.withLock { $0[repo, default: 0] += 1 } }

    package func flushDownloads() async throws {
        let counts = downloads.withLock { counts in
            defer { counts = [:] }
            return counts
        }
        guard !counts.isEmpty else { return }
        try await catalog.write(by: "grayling", at: clock()) { try $0.addDownloads(counts) }
    }
}
