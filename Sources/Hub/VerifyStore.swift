import Blobs
import Catalog
package import Core
import Hashing
import Logging

package struct VerifyOutcome: Sendable {
    package var blobs = 0
    package var bytes: Int64 = 0
    package var damaged: [Digest] = []
    package var missing: [Digest] = []
    package var isChainIntact = true
    package var problems: [String] = []
    package var isWhole: Bool { damaged.isEmpty && missing.isEmpty && isChainIntact && problems.isEmpty }
}

extension Hub {
    /// Reads every blob again and checks that every row has its bytes. Damage is moved into
    /// quarantine and reported; nothing is deleted.
    /// - Parameters:
    ///   - bytesPerSecond: how fast at most, so that others can still read; nil without limit.
    ///   - progress: is told bytes done and bytes in all.
    package func verifyStore(
        bytesPerSecond: Int?, by who: Principal, progress: @Sendable (Int64, Int64) async throws -> Void
    ) async throws -> VerifyOutcome {
        try who.requireSiteAdmin()
        var outcome = VerifyOutcome()
        outcome.problems = try catalog.read { try $0.integrityProblems() }
        if let broken = try catalog.read({ try $0.firstBrokenEvent(sha256: { Digest(of: $0) }) }) {
            outcome.isChainIntact = false
            outcome.problems.append("the event log is broken at event \(broken): it, or one before it, was altered")
        }
        outcome.problems += try servingProblems()
        let total = try catalog.read { try $0.blobTotals().bytes }
        var found = outcome
        try await blobs.forEachBlob { digest, size, _ in
            switch try await blobs.verify(digest, bytesPerSecond: bytesPerSecond) {
            case .whole: break
            case .damaged(let now):
                logger.error("damaged blob", metadata: ["digest": "\(digest)", "found": "\(now?.description ?? "unreadable")"])
                // A blob removed meanwhile is not damage.
                if try await blobs.quarantine(digest) { found.damaged.append(digest) }
            }
            found.blobs += 1
            found.bytes += size
            try await progress(found.bytes, max(total, found.bytes))
        }
        outcome = found
        try await findMissing(into: &outcome)
        let summary = outcome
        try await change(by: who) { tx in
            // Xet clients would go on referring to what is not here; so they send it again.
            if try tx.rows.holdsXorbs(summary.damaged + summary.missing) { try tx.beginXetEpoch() }
            try tx.record(
                "store.verified",
                ["blobs": "\(summary.blobs)", "damaged": summary.damaged.map(\.hex).joined(separator: ","), "missing": "\(summary.missing.count)"])
        }
        return outcome
    }

    private func findMissing(into outcome: inout VerifyOutcome) async throws {
        var after: Digest?
        while true {
            let rows = try catalog.read { try $0.blobs(after: after, limit: 1000) }
            guard let last = rows.last else { return }
            for row in rows {
                let size = try blobs.size(of: row.digest)
                if size == nil {
                    outcome.missing.append(row.digest)
                } else if size != row.size {
                    outcome.problems.append("\(row.digest) has \(size ?? 0) bytes on disk, \(row.size) in the catalog")
                }
            }
            after = last.digest
        }
    }
}
