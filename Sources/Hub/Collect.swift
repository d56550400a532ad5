import Blobs
import Catalog
package import Core

package struct CollectOutcome: Sendable {
    package var blobs = 0
    package var condemned: [Digest] = []
    package var condemnedBytes: Int64 = 0
    package var restored = 0
    package var purged = 0
    package var purgedBytes: Int64 = 0
    package var expiredUploads = 0
    package var spared = 0
    /// Xorbs that nothing uses and clients may no longer refer to.
    package var xorbs = 0
    /// Whole files that turned out to be kept twice, as a recipe too.
    package var reformed = 0
}

extension Hub {
    /// Removes what nothing needs: rows, then trash, then gone, with a second look between.
    ///
    /// Safe beside publishing: a lease or a row spares a blob, anything written within the grace
    /// stays, and what was condemned lies in the trash for the grace and is given back when it
    /// turns out to be needed.
    /// - Parameters:
    ///   - graceSeconds: how young is too young, and how long trash is kept.
    ///   - forgetUploads: breaks the promise to Xet clients that what they sent can be referred to for
    ///     weeks, though no file uses it: they are made to start afresh.
    package func collect(
        isDryRun: Bool, graceSeconds: Int64, forgetUploads: Bool = false, by who: Principal
    ) async throws -> CollectOutcome {
        try who.requireSiteAdmin()
        guard graceSeconds >= 0 else { throw HubError(.invalidRequest, "the grace is a number of seconds from 0 on") }
        let turn = try takeCareTurn("a collection")
        defer { turn.end() }
        let start = clock()
        let horizon = start.adding(seconds: -graceSeconds)
        var outcome = CollectOutcome()

        let removed = try await removeRows(before: horizon, forgetUploads: forgetUploads, isDryRun: isDryRun, by: who)
        let gone = Set(removed.blobs)
        outcome.xorbs = removed.xorbs
        probe.reached(.collectRowsGone)
        // Before anybody asks what recipes read from.
        if !isDryRun { outcome.reformed = try await blobs.finishReforming() }
        let candidates = try await candidates(rowsGone: gone, horizon: horizon, now: start, into: &outcome)
        if isDryRun {
            outcome.condemned = candidates.map(\.digest)
            outcome.condemnedBytes = candidates.reduce(0) { $0 + $1.size }
            let (needed, old) = try await judgeTrash(horizon: horizon, now: start)
            outcome.restored = needed.count
            outcome.purged = old.count
            outcome.purgedBytes = old.reduce(0) { $0 + $1.size }
            return outcome
        }
        let moved = Set(try await blobs.moveToTrash(candidates.map(\.digest), at: start, untouchedSince: horizon))
        outcome.condemned = candidates.map(\.digest).filter(moved.contains)
        outcome.condemnedBytes = candidates.filter { moved.contains($0.digest) }.reduce(0) { $0 + $1.size }
        probe.reached(.collectTrashed)

        // The second look: somebody may have announced or published one of them meanwhile.
        let (needed, _) = try await judgeTrash(horizon: horizon, now: clock())
        for digest in needed where try await blobs.restoreFromTrash(digest) { outcome.restored += 1 }
        let purged = try await blobs.purgeTrash(olderThan: horizon)
        outcome.purged = purged.count
        outcome.purgedBytes = purged.reduce(0) { $0 + $1.size }
        probe.reached(.collectPurged)
        outcome.expiredUploads = try await blobs.expireUploads(now: clock())
        let summary = outcome
        try await change(by: who) { tx in
            try tx.dropLeases(endedBefore: tx.now)
            try tx.dropAnswers(before: tx.now.adding(seconds: -7 * 86_400))
            try tx.record(
                "store.collected",
                [
                    "condemned": "\(summary.condemned.count)", "restored": "\(summary.restored)", "purged": "\(summary.purged)",
                    "bytes": "\(summary.purgedBytes)"
                ])
        }
        return outcome
    }

    /// Rows that nothing reaches. A dry run does the same work and takes it back.
    private func removeRows(
        before horizon: Instant, forgetUploads: Bool, isDryRun: Bool, by who: Principal
    ) async throws -> UnreachableRows {
        let lifetime = Self.xorbPromiseSeconds + Self.xorbTouchSeconds
        let xorbsBefore = forgetUploads ? horizon : clock().adding(seconds: -lifetime)
        do {
            return try await change(by: who) { tx in
                let orphans = try tx.rows.revisionsWithoutParent()
                guard orphans.isEmpty else {
                    throw HubError(
                        .storageDamaged,
                        "nothing was collected: \(orphans.count) revisions name a parent that is not here, such as \(orphans[0]); run 'grayling verify --store' and restore the last backup"
                    )
                }
                let removed = try tx.removeUnreachable(before: horizon, xorbsBefore: xorbsBefore, promiseSeconds: lifetime)
                if isDryRun { throw TakenBack(rows: removed) }
                return removed
            }
        } catch let dryRun as TakenBack {
            return dryRun.rows
        }
    }

    /// Thrown to undo a dry run's transaction, with what it would have removed.
    private struct TakenBack: Error { let rows: UnreachableRows }

    /// Blobs on disk that no row, lease or recipe of a needed blob speaks for.
    private func candidates(
        rowsGone: Set<Digest>, horizon: Instant, now: Instant, into outcome: inout CollectOutcome
    ) async throws -> [(digest: Digest, size: Int64)] {
        var unneeded: [(digest: Digest, size: Int64)] = []
        var sources: Set<Digest> = []
        var counted = outcome
        try await blobs.forEachBlob { digest, size, modified in
            counted.blobs += 1
            let isNeeded = try catalog.read { try $0.needs(digest, now: now) } && !rowsGone.contains(digest)
            if isNeeded {
                sources.formUnion(try await blobs.recipeSources(of: digest))
            } else if modified >= horizon {
                counted.spared += 1
                sources.formUnion(try await blobs.recipeSources(of: digest))
            } else {
                unneeded.append((digest, size))
            }
        }
        let kept = sources
        outcome = counted
        outcome.spared += unneeded.count { kept.contains($0.digest) }
        return unneeded.filter { !kept.contains($0.digest) }
    }

    /// Gives back what a collection had condemned when it was cut off and that rows need. Run once
    /// before the first request.
    package func recoverTrash() async throws -> Int {
        var restored = 0
        let (needed, _) = try await judgeTrash(horizon: clock(), now: clock())
        for digest in needed where try await blobs.restoreFromTrash(digest) { restored += 1 }
        return restored
    }

    /// What is in the trash: needed after all, or old enough to go.
    private func judgeTrash(horizon: Instant, now: Instant) async throws -> (needed: [Digest], old: [CondemnedBlob]) {
        let trash = try await blobs.trash()
        // What is here all the same was sent again, or is kept as a recipe now.
        let absent = try await blobs.missing(from: trash.map(\.digest))
        let needed = try catalog.read { rows in try absent.filter { try rows.needs($0, now: now) } }
        let set = Set(needed)
        return (needed, trash.filter { !set.contains($0.digest) && $0.since < horizon })
    }
}
