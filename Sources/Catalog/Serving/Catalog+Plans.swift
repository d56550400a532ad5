package import Core
import Foundation
import GRDB
package import Release

extension Snapshot {
    package func plan(_ hash: Digest) throws -> (plan: StoredPlan, lock: [UInt8], expires: Instant)? {
        try db.one("SELECT body, lock_bytes, expires_at FROM plan WHERE hash = ?", [hash.column]).map { row in
            var plan = try StoredText.decode(StoredPlan.self, row[0])
            plan.facts.expires = Instant(column: row[2])
            return (plan, [UInt8](row[1] as Data), plan.facts.expires)
        }
    }

    package func servingLock(_ digest: Digest) throws -> [UInt8]? {
        try db.one("SELECT bytes FROM serving_lock WHERE digest = ?", [digest.column]).map { [UInt8]($0[0] as Data) }
    }
}

extension Transaction {
    /// The same plan again lives as long as the newest.
    package func storePlan(_ plan: StoredPlan, lock: [UInt8], by user: Int64, until: Instant) throws {
        try db.run(
            """
            INSERT INTO plan (hash, endpoint, generation, lock, lock_bytes, body, made_at, made_by, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (hash) DO UPDATE SET body = excluded.body, made_at = excluded.made_at, made_by = excluded.made_by,
              expires_at = excluded.expires_at
            """,
            [
                plan.facts.hash.column, plan.facts.endpoint.text, plan.facts.endpointGeneration, plan.facts.lock.column, Data(lock),
                StoredText.encode(plan), now.column, user, until.column
            ])
        try db.run("DELETE FROM plan WHERE expires_at <= ?", [now.column])
    }

    package func keepServingLock(_ digest: Digest, bytes: [UInt8]) throws {
        try db.run("INSERT INTO serving_lock (digest, bytes) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING", [digest.column, Data(bytes)])
    }
}
