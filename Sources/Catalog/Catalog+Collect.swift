package import Core
import Foundation
import GRDB

/// What a collection would take out of the catalog, counted.
package struct UnreachableRows: Hashable, Sendable {
    package var revisions = 0
    package var trees = 0
    package var blobs: [Digest] = []
    package var xorbs = 0
}

/// Revisions that something still stands on: a branch, version or alias, or one that was moved
/// or deleted since `?1`; a lock; a lineage edge from a child; youth, which is being made since
/// `?1`; and all their ancestors, so that no revision outlives its parents.
private let reachable = """
    WITH RECURSIVE reachable (id) AS (
      SELECT revision FROM ref UNION SELECT revision FROM lock_revision
      UNION SELECT parent FROM lineage
      UNION SELECT id FROM revision WHERE created_at >= ?1
      UNION SELECT id FROM revision WHERE lower(hex(commit_id)) IN (
        SELECT substr(detail, 6, 40) FROM event WHERE at >= ?1 AND detail LIKE 'from=%'
          AND action IN ('branch.moved', 'branch.deleted', 'alias.moved', 'alias.deleted'))
      UNION SELECT p.parent FROM reachable r JOIN revision_parent p ON p.revision = r.id
    )
    """

/// A blob row that is no file: no folder contains it, and nobody is about to use it.
private let unheldFile = """
    NOT EXISTS (SELECT 1 FROM tree_entry e WHERE e.blob = blob.id)
      AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.digest = blob.digest AND l.until > ?)
    """

/// A blob row that nothing holds: no file, and no xorb's bytes or list.
private let unheld = """
    \(unheldFile)
      AND NOT EXISTS (SELECT 1 FROM xorb x WHERE x.pack = blob.id)
      AND NOT EXISTS (SELECT 1 FROM xorb x WHERE x.list = blob.id)
    """

extension Transaction {
    /// Removes revisions that nothing has reached since `before`, then folders and blobs that
    /// nothing holds. What it removes may be thrown away with the transaction: a dry run is this,
    /// rolled back.
    /// - Parameters:
    ///   - xorbsBefore: xorbs that no file uses go if they were not touched since.
    ///   - promiseSeconds: how long clients may count on a xorb after a touch; where one goes sooner, a
    ///     new epoch begins.
    package func removeUnreachable(before: Instant, xorbsBefore: Instant, promiseSeconds: Int64) throws -> UnreachableRows {
        var removed = UnreachableRows()
        try db.execute(
            sql: reachable + " DELETE FROM revision WHERE id NOT IN (SELECT id FROM reachable)", arguments: [before.column])
        removed.revisions = db.changesCount
        let dead = try Int64.fetchAll(
            db,
            sql: """
                WITH RECURSIVE kept (id) AS (
                  SELECT tree FROM revision UNION SELECT e.child FROM kept k JOIN tree_entry e ON e.tree = k.id WHERE e.child IS NOT NULL
                )
                SELECT id FROM tree WHERE id NOT IN (SELECT id FROM kept)
                """)
        // Entries first: a dead folder may stand inside another dead one.
        for id in dead { try db.run("DELETE FROM tree_entry WHERE tree = ?", [id]) }
        for id in dead { try db.run("DELETE FROM tree WHERE id = ?", [id]) }
        removed.trees = dead.count
        try forgetHoldings()
        removed.xorbs = try forgetXorbs(before: xorbsBefore, promiseSeconds: promiseSeconds)
        removed.blobs = try Data.fetchAll(
            db, sql: "DELETE FROM blob WHERE \(unheld) RETURNING digest", arguments: [now.column]
        ).map(Digest.init(column:))
        return removed
    }

    /// Xorbs that no file uses any more and nobody was told of lately. What a xorb was made of is a
    /// blob like any other after this.
    private func forgetXorbs(before: Instant, promiseSeconds: Int64) throws -> Int {
        // A file can be the only chunk list of the xorb that holds its bytes: it must not hold itself.
        try db.execute(
            sql: "DELETE FROM xet_file WHERE blob IN (SELECT f.blob FROM xet_file f JOIN blob ON blob.id = f.blob WHERE \(unheldFile))",
            arguments: [now.column])
        let touched = try Int64.fetchAll(
            db,
            sql: "DELETE FROM xorb WHERE touched_at < ? AND NOT EXISTS (SELECT 1 FROM xorb_use u WHERE u.xorb = xorb.id) RETURNING touched_at",
            arguments: [before.column])
        let promised = now.adding(seconds: -promiseSeconds).column
        if touched.contains(where: { $0 >= promised }) { try beginXetEpoch() }
        return touched.count
    }

    /// A repo no longer holds what none of its revisions contains.
    private func forgetHoldings() throws {
        try db.execute(
            sql: """
                WITH RECURSIVE held (repo, tree) AS (
                  SELECT repo, tree FROM revision
                  UNION SELECT h.repo, e.child FROM held h JOIN tree_entry e ON e.tree = h.tree WHERE e.child IS NOT NULL
                )
                DELETE FROM repo_tree WHERE (repo, tree) NOT IN (SELECT repo, tree FROM held)
                """)
        try db.execute(
            sql: """
                DELETE FROM repo_blob WHERE NOT EXISTS (
                  SELECT 1 FROM repo_tree t JOIN tree_entry e ON e.tree = t.tree WHERE t.repo = repo_blob.repo AND e.blob = repo_blob.blob)
                """)
    }
}

extension Snapshot {
    /// Whether anything in the catalog needs these bytes now: a row or a running lease.
    package func needs(_ digest: Digest, now: Instant) throws -> Bool {
        try db.one("SELECT 1 FROM blob WHERE digest = ?", [digest.column]) != nil
            || db.one("SELECT 1 FROM lease WHERE digest = ? AND until > ? LIMIT 1", [digest.column, now.column]) != nil
    }

    /// Commits whose bytes name more parents than the catalog holds. Nothing may be collected
    /// while there are any: what they lost might be taken for garbage.
    package func revisionsWithoutParent() throws -> [String] {
        // One row at a time: a raw commit may carry a long message.
        let cursor = try Row.fetchCursor(
            db, sql: "SELECT v.commit_id, v.raw, (SELECT count(*) FROM revision_parent p WHERE p.revision = v.id) FROM revision v")
        var orphans: [String] = []
        while let row = try cursor.next() {
            let raw: Data = row[1]
            var named = 0
            for line in raw.split(separator: 0x0A, omittingEmptySubsequences: false) {
                if line.isEmpty { break }
                if line.starts(with: "parent ".utf8) { named += 1 }
            }
            if named > row[2] as Int { orphans.append(GitID(column: row[0]).hex) }
        }
        return orphans
    }

    /// Every blob that rows point at, in order of digest, behind `after`.
    package func blobs(after: Digest?, limit: Int) throws -> [(digest: Digest, size: Int64)] {
        try db.all(
            "SELECT digest, size FROM blob WHERE digest > ? ORDER BY digest LIMIT ?", [after?.column ?? Data(), limit]
        ).map { (Digest(column: $0[0]), $0[1]) }
    }

    package func blobTotals() throws -> (count: Int, bytes: Int64) {
        let row = try db.one("SELECT count(*), coalesce(sum(size), 0) FROM blob")
        return (row?[0] ?? 0, row?[1] ?? 0)
    }

    /// What SQLite itself finds wrong: broken pages, rows that point at nothing.
    package func integrityProblems() throws -> [String] {
        var problems = try String.fetchAll(db, sql: "PRAGMA quick_check").filter { $0 != "ok" }
        for row in try Row.fetchAll(db, sql: "PRAGMA foreign_key_check") {
            problems.append("a row of \(row[0] as String? ?? "?") points at a missing row of \(row[2] as String? ?? "?")")
        }
        return problems
    }
}
