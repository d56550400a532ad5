package import Core
import Foundation
import GRDB

extension Transaction {
    /// Keeps digests from collection until `until`. A lease is never shortened.
    package func lease(_ digests: [Digest], user: Int64, hasBytes: Bool, until: Instant) throws {
        for digest in digests {
            try db.run(
                """
                INSERT INTO lease (digest, user, has_bytes, until) VALUES (?, ?, ?, ?)
                ON CONFLICT (digest, user) DO UPDATE SET
                  has_bytes = CASE WHEN excluded.has_bytes THEN excluded.has_bytes ELSE lease.has_bytes END,
                  until = CASE WHEN excluded.until > lease.until THEN excluded.until ELSE lease.until END
                """, [digest.column, user, hasBytes, until.column])
        }
    }

    package func dropLeases(endedBefore now: Instant) throws {
        try db.run("DELETE FROM lease WHERE until <= ?", [now.column])
    }

    /// Nobody repeats a request after so long; its key may be used again.
    package func dropAnswers(before moment: Instant) throws {
        try db.run("DELETE FROM idempotency WHERE created_at < ?", [moment.column])
        try db.run("DELETE FROM serving_answer WHERE created_at < ?", [moment.column])
    }

    /// Registers a lock; the same bytes again change nothing.
    package func addLock(_ digest: Digest, name: String, bytes: [UInt8], revisions: [Int64], by user: Int64) throws {
        if try rows.lock(digest) != nil { return }
        guard
            let id = try db.insert(
                "INSERT INTO lock (digest, name, bytes, created_at, created_by) VALUES (?, ?, ?, ?, ?) RETURNING id",
                [digest.column, name, Data(bytes), now.column, user])
        else { throw damaged("lock") }
        for revision in revisions {
            try db.run("INSERT INTO lock_revision (lock, revision) VALUES (?, ?) ON CONFLICT (lock, revision) DO NOTHING", [id, revision])
        }
        try record("lock.registered", ["lock": digest.hex, "name": name])
    }

    package func removeLock(_ lock: LockFacts) throws {
        try db.run("DELETE FROM lock WHERE digest = ?", [lock.digest.column])
        try record("lock.released", ["lock": lock.digest.hex, "name": lock.name])
    }
}

extension Snapshot {
    package func lock(_ digest: Digest) throws -> (id: Int64, user: Int64, facts: LockFacts)? {
        try db.one(lockQuery + " WHERE l.digest = ?", [digest.column]).map { try lockFacts($0) }
    }

    package func lockBytes(_ digest: Digest) throws -> [UInt8]? {
        try db.one("SELECT bytes FROM lock WHERE digest = ?", [digest.column]).map { [UInt8]($0[0] as Data) }
    }

    package func locks(after: Int64, limit: Int) throws -> [(id: Int64, user: Int64, facts: LockFacts)] {
        try db.all(lockQuery + " WHERE l.id > ? ORDER BY l.id LIMIT ?", [after, limit]).map(lockFacts)
    }

    private func lockFacts(_ row: Row) throws -> (id: Int64, user: Int64, facts: LockFacts) {
        let id: Int64 = row[0]
        let revisions = try db.all("SELECT revision FROM lock_revision WHERE lock = ? ORDER BY revision", [id]).map { try label($0[0]) }
        return (
            id, row[5],
            LockFacts(digest: Digest(column: row[1]), name: row[2], created: Instant(column: row[3]), by: row[4], revisions: revisions)
        )
    }
}

private let lockQuery = """
    SELECT l.id, l.digest, l.name, l.created_at, o.name, l.created_by
    FROM lock l JOIN user u ON u.id = l.created_by JOIN owner o ON o.id = u.owner
    """
