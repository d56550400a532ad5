package import Core
import Foundation
import GRDB
package import Release

/// A row of `release`.
package struct ReleaseRow: Sendable {
    package let id: Int64
    package let endpoint: Int64
    package let from: Int64?
    package let to: Int64
    /// Where it stands.
    package let release: Release
    package let endpointSpec: EndpointSpec
    package let retryOf: Int64?
    package let reason: String
    package let created: Instant
    package let updated: Instant
    package let ended: Instant?

    init(_ row: Row) throws {
        id = row[0]
        endpoint = row[1]
        from = row[2]
        to = row[3]
        release = try StoredText.decode(row[4])
        endpointSpec = try StoredText.decode(row[5])
        retryOf = row[6]
        reason = row[7]
        created = Instant(column: row[8])
        updated = Instant(column: row[9])
        ended = (row[10] as Int64?).map(Instant.init(column:))
    }
}

private let releaseQuery = """
    SELECT r.id, r.endpoint, r.from_backend, r.to_backend, r.state, r.endpoint_spec, r.retry_of, r.reason, r.created_at, r.updated_at, r.ended_at
    FROM release r
    """
private let ended = "('succeeded', 'rolled-back', 'failed', 'canceled', 'superseded')"

extension Snapshot {
    package func releaseRow(_ id: ReleaseID) throws -> ReleaseRow? {
        try db.one(releaseQuery + " JOIN endpoint e ON e.id = r.endpoint WHERE e.name = ? AND r.number = ?", [id.endpoint.text, id.number])
            .map(ReleaseRow.init)
    }

    package func releaseRow(row: Int64) throws -> ReleaseRow {
        guard let found = try db.one(releaseQuery + " WHERE r.id = ?", [row]).map(ReleaseRow.init) else { throw damaged("release") }
        return found
    }

    package func releaseID(row: Int64) throws -> ReleaseID {
        guard let row = try db.one("SELECT e.name, r.number FROM release r JOIN endpoint e ON e.id = r.endpoint WHERE r.id = ?", [row])
        else { throw damaged("release") }
        return ReleaseID(endpoint: try EndpointName(parsing: row[0] as String), number: row[1])
    }

    /// All that have not ended, in order of submission; of one endpoint or of all.
    package func unfinishedReleases(of endpoint: Int64? = nil) throws -> [ReleaseRow] {
        if let endpoint {
            return try db.all(releaseQuery + " WHERE r.phase NOT IN \(ended) AND r.endpoint = ? ORDER BY r.id", [endpoint]).map(ReleaseRow.init)
        }
        return try db.all(releaseQuery + " WHERE r.phase NOT IN \(ended) ORDER BY r.id").map(ReleaseRow.init)
    }

    /// Newest first, behind the row `before`.
    package func releaseRows(of endpoint: Int64?, phase: Release.Phase?, before: Int64, limit: Int) throws -> [ReleaseRow] {
        try db.all(
            releaseQuery + " WHERE r.id < ?1 AND (?2 IS NULL OR r.endpoint = ?2) AND (?3 IS NULL OR r.phase = ?3) ORDER BY r.id DESC LIMIT ?4",
            [before, endpoint, phase?.rawValue, limit]
        ).map(ReleaseRow.init)
    }

    /// Succeeded ones with a smaller number, newest first.
    package func succeededReleases(of endpoint: Int64, before number: Int64, limit: Int) throws -> [ReleaseRow] {
        try db.all(
            releaseQuery + " WHERE r.endpoint = ? AND r.phase = 'succeeded' AND r.number < ? ORDER BY r.number DESC LIMIT ?",
            [endpoint, number, limit]
        ).map(ReleaseRow.init)
    }

    /// What a release was submitted with, after any rebasing before it began.
    package func releaseSpec(row: Int64) throws -> ReleaseSpec {
        guard let found = try db.one("SELECT spec FROM release WHERE id = ?", [row]) else { throw damaged("release") }
        return try StoredText.decode(found[0])
    }

    package func nextReleaseNumber(of endpoint: Int64) throws -> Int64 {
        try db.one("SELECT coalesce(max(number), 0) + 1 FROM release WHERE endpoint = ?", [endpoint])?[0] ?? 1
    }
}

/// A release on its way into the catalog.
package struct NewRelease: Sendable {
    package let endpoint: Int64
    package let spec: ReleaseSpec
    package let from: Int64?
    package let to: Int64
    package let endpointSpec: EndpointSpec
    package let retryOf: Int64?
    package let reason: String
    package init(
        endpoint: Int64, spec: ReleaseSpec, from: Int64?, to: Int64, endpointSpec: EndpointSpec, retryOf: Int64? = nil, reason: String = ""
    ) {
        self.endpoint = endpoint
        self.spec = spec
        self.from = from
        self.to = to
        self.endpointSpec = endpointSpec
        self.retryOf = retryOf
        self.reason = reason
    }
}

extension Transaction {
    package func addRelease(_ new: NewRelease) throws -> Int64 {
        let release = Release(new.spec)
        guard
            let id = try db.insert(
                """
                INSERT INTO release (endpoint, number, lock, from_backend, to_backend, phase, generation, spec, state, endpoint_spec, retry_of,
                  reason, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
                """,
                [
                    new.endpoint, new.spec.id.number, new.spec.lock.column, new.from, new.to, release.phase.rawValue, release.generation,
                    StoredText.encode(new.spec), StoredText.encode(release), StoredText.encode(new.endpointSpec), new.retryOf, new.reason,
                    now.column, now.column
                ])
        else { throw damaged("release") }
        return id
    }

    /// The database refuses a second release under way: `.releaseActive`.
    package func setState(_ release: Release, of row: ReleaseRow) throws {
        let state = try StoredText.encode(release)
        do {
            try db.run(
                "UPDATE release SET phase = ?, generation = ?, state = ?, updated_at = ?, ended_at = ? WHERE id = ?",
                [
                    release.phase.rawValue, release.generation, state, now.column,
                    row.ended?.column ?? (release.phase.isTerminal ? now.column : nil), row.id
                ])
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
            throw HubError(
                .releaseActive,
                "\(release.spec.id) cannot begin: another release of \(release.spec.id.endpoint) is under way; wait for it, or abort it")
        }
    }

    /// A release that has not begun starts from what serves now.
    package func rebase(_ row: ReleaseRow, on spec: ReleaseSpec, from backend: Int64?, state: Release) throws {
        try db.run(
            "UPDATE release SET spec = ?, from_backend = ?, state = ?, generation = ? WHERE id = ? AND phase = 'pending'",
            [StoredText.encode(spec), backend, StoredText.encode(state), state.generation, row.id])
    }
}

// MARK: looking back

extension Snapshot {
    /// The release that had put a backend into an endpoint's traffic by then: the last one to it that
    /// was submitted before.
    package func releaseThatBrought(_ backend: Int64, to endpoint: Int64, at moment: Instant) throws -> ReleaseRow? {
        try db.one(
            """
            \(releaseQuery) WHERE r.endpoint = ?1 AND r.to_backend = ?2
              AND EXISTS (SELECT 1 FROM route t WHERE t.release = r.id AND t.at <= ?3)
            ORDER BY r.number DESC LIMIT 1
            """, [endpoint, backend, moment.column]
        ).map(ReleaseRow.init)
    }

    /// The release whose events had begun, and had not ended, at that moment.
    package func releaseUnderWay(of endpoint: Int64, at moment: Instant) throws -> ReleaseRow? {
        try db.one(
            """
            \(releaseQuery) WHERE r.endpoint = ?1 AND r.created_at <= ?2 AND (r.ended_at IS NULL OR r.ended_at > ?2)
            ORDER BY CASE WHEN r.phase = 'pending' THEN 1 ELSE 0 END, r.number LIMIT 1
            """, [endpoint, moment.column]
        ).map(ReleaseRow.init)
    }

    package func isLock(_ digest: Digest, of endpoint: Int64) throws -> Bool {
        try db.one("SELECT 1 FROM release WHERE lock = ? AND endpoint = ?", [digest.column, endpoint]) != nil
    }
}
