package import Core
import Foundation
import GRDB

extension Transaction {
    /// Registers a lock for a release, unless a person did before, and holds it.
    package func hold(_ digest: Digest, name: String, bytes: [UInt8], revisions: [Int64], for release: Int64, by user: Int64) throws {
        let isNew = try rows.lock(digest) == nil
        try addLock(digest, name: name, bytes: bytes, revisions: revisions, by: user)
        guard let lock = try rows.lock(digest)?.id else { throw damaged("lock") }
        if isNew { try db.run("INSERT INTO lock_for_releases (lock) VALUES (?)", [lock]) }
        try db.run("INSERT INTO lock_hold (release, lock) VALUES (?, ?) ON CONFLICT (release) DO NOTHING", [release, lock])
    }

    /// Gives up every hold of an endpoint's releases but those of `kept`, and the locks that nobody
    /// else needs.
    package func settleHolds(of endpoint: Int64, keeping kept: Set<Int64>) throws {
        let holds = try db.all("SELECT h.release, h.lock FROM lock_hold h JOIN release r ON r.id = h.release WHERE r.endpoint = ?", [endpoint])
        for row in holds where !kept.contains(row[0]) {
            try db.run("DELETE FROM lock_hold WHERE release = ?", [row[0] as Int64])
            let lock: Int64 = row[1]
            guard try db.one("SELECT 1 FROM lock_for_releases WHERE lock = ?", [lock]) != nil,
                try db.one("SELECT 1 FROM lock_hold WHERE lock = ?", [lock]) == nil,
                let digest = try db.one("SELECT digest FROM lock WHERE id = ?", [lock]), let facts = try rows.lock(Digest(column: digest[0]))
            else { continue }
            try removeLock(facts.facts)
        }
    }

    /// A person registered it too: it stays when the releases are done with it.
    package func keepLockForPeople(_ lock: Int64) throws { try db.run("DELETE FROM lock_for_releases WHERE lock = ?", [lock]) }
}

extension Snapshot {
    package func isHeld(release: Int64) throws -> Bool { try db.one("SELECT 1 FROM lock_hold WHERE release = ?", [release]) != nil }

    /// The releases that hold a registered lock.
    package func holders(ofLock lock: Int64) throws -> [String] {
        try db.all(
            """
            SELECT e.name || '-' || r.number FROM lock_hold h JOIN release r ON r.id = h.release JOIN endpoint e ON e.id = r.endpoint
            WHERE h.lock = ? ORDER BY r.id
            """, [lock]
        ).map { $0[0] }
    }
}
