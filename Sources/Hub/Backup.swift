import Blobs
import Catalog
package import Core
import Hashing

package struct BackupOutcome: Sendable {
    package let folder: String
    package let blobs: Int
    package let copied: Int
    package let copiedBytes: Int64
}

extension Hub {
    /// Copies the data root into a folder while it serves. What is there already from an earlier
    /// backup is not copied again. First the catalog as of one moment, under leases, then the
    /// blobs that its rows name; the catalog gets its name last, so an interrupted backup leaves
    /// the one before intact.
    package func backup(
        to folder: String, by who: Principal, progress: @Sendable @escaping (Int64, Int64) async throws -> Void
    ) async throws -> BackupOutcome {
        try who.requireSiteAdmin()
        guard folder.utf8.first == 0x2F else {
            throw HubError(.invalidRequest, "the folder of a backup must be an absolute path on the server's machine, not '\(folder)'")
        }
        let turn = try takeCareTurn("a backup")
        defer { turn.end() }
        let outcome = try await copy(to: try DataRoot.open(folder), progress: progress)
        try await change(by: who) { tx in try tx.record("store.backed-up", ["blobs": "\(outcome.blobs)", "copied": "\(outcome.copied)"]) }
        return outcome
    }

    /// The way back: this hub stands over a backup, and becomes a new data root.
    package func restore(
        to folder: String, progress: @Sendable @escaping (Int64, Int64) async throws -> Void
    ) async throws -> BackupOutcome {
        let target = try DataRoot.open(folder)
        guard !target.hasCatalog else {
            throw HubError(.protected, "\(folder) holds a catalog already; restore into a new folder, then move it into place")
        }
        return try await copy(to: target, progress: progress)
    }

    private func copy(
        to target: DataRoot, progress: @Sendable @escaping (Int64, Int64) async throws -> Void
    ) async throws -> BackupOutcome {
        let fresh = try target.newCatalogPath()
        try await catalog.backup(to: fresh)
        let copy = try Catalog(path: fresh, readers: 1) { Digest(of: $0) }
        let outcome = try await copyBlobs(of: copy, to: target, progress: progress)
        // Xet clients may have sent the original what the copy does not have.
        try await copy.write(by: "grayling", at: clock()) { try $0.beginXetEpoch() }
        try await copy.checkpoint()
        await copy.close()
        try target.installNewCatalog()
        return outcome
    }

    private func copyBlobs(
        of copy: Catalog, to target: DataRoot, progress: @Sendable @escaping (Int64, Int64) async throws -> Void
    ) async throws -> BackupOutcome {
        let totals = try copy.read { try $0.blobTotals() }
        let store = DiskBlobStore(root: target, probe: probe)
        var after: Digest?
        var (copied, bytes, done): (Int, Int64, Int64) = (0, 0, 0)
        while true {
            let rows = try copy.read { try $0.blobs(after: after, limit: 256) }
            guard let last = rows.last else { break }
            let result = try await blobs.copyBlobs(to: store, digests: rows.map(\.digest)) { _, _ in }
            copied += result.copied
            bytes += result.bytes
            done += rows.reduce(0) { $0 + $1.size }
            try await progress(done, totals.bytes)
            after = last.digest
        }
        return BackupOutcome(folder: target.layout.root, blobs: totals.count, copied: copied, copiedBytes: bytes)
    }
}
