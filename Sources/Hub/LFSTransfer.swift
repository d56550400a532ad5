import Blobs
import Catalog
package import Core

/// What a git-lfs transfer needs to know before bytes move.
extension Hub {
    /// Of objects that are to be sent to a repo, the ones that are here for `who` already, with their
    /// sizes; like `planPublish`, it keeps them from collection for the commit that is to follow.
    /// Unlike it, the repo must exist.
    package func planTransfer(_ digests: [Digest], to name: RepoName, by who: Principal) async throws -> [Digest: Int64] {
        let readable = try await change(by: who) { tx in
            _ = try tx.rows.repo(name, for: who, as: .writer)
            let user = try who.requireUser()
            try tx.lease(digests, user: user.id, hasBytes: false, until: tx.now.adding(seconds: Self.leaseSeconds))
            return try tx.rows.readable(digests, user: user.id, seesAll: who.seesAll, now: tx.now).mapValues(\.size)
        }
        // What a row names and damage took away is asked for again.
        let absent = Set(try await blobs.missing(from: Array(readable.keys)))
        return readable.filter { !absent.contains($0.key) }
    }

    /// Throws unless `who` may send files to this repo, which must exist.
    package func requireMaySend(to name: RepoName, by who: Principal) throws {
        _ = try catalog.read { try $0.repo(name, for: who, as: .writer) }
    }

    /// The sizes of those objects that `who` may read, asked for through a repo that `who` may read;
    /// and the repo's row, to count downloads for.
    package func readableObjects(_ digests: [Digest], of name: RepoName, for who: Principal) throws -> (repo: Int64, sizes: [Digest: Int64]) {
        try catalog.read { rows in
            guard let found = try rows.access(name, user: who.userID) else { throw HubError.unknownRepo(name) }
            try found.access.require(.reader, for: who)
            let readable = try rows.readable(digests, user: who.userID, seesAll: who.seesAll, now: clock())
            return (found.id, readable.mapValues(\.size))
        }
    }

    /// Bytes of every part but the last of an upload that `beginUpload` would begin.
    package static func partSize(of size: Int64) -> Int64 { UploadMeta.defaultPartSize(size) }
}
