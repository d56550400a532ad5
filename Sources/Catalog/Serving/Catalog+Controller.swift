package import Core
import Foundation
import GRDB
package import Release

extension Transaction {
    /// Takes control from whoever has it. Returns the epoch that every write names from now on.
    package func takeControl(owner: String) throws -> Int64 {
        guard
            let epoch = try db.insert(
                """
                INSERT INTO controller (id, owner, epoch, taken_at) VALUES (1, ?, 1, ?)
                ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, epoch = controller.epoch + 1, taken_at = excluded.taken_at
                RETURNING epoch
                """, [owner, now.column])
        else { throw damaged("controller") }
        return epoch
    }

    package func requireControl(_ epoch: Int64) throws {
        let row = try db.one("SELECT epoch, owner FROM controller WHERE id = 1")
        guard row?[0] == epoch else {
            throw HubError(
                .notInControl, "\(row?[1] ?? "nobody") carries the releases of this data root forward now; this process only reads them")
        }
    }

    package func storeServingAnswer(user: Int64, key: String, request: Digest, endpoint: Int64, release: Int64?) throws {
        try db.run(
            "INSERT INTO serving_answer (user, key, request, endpoint, release, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            [user, key, request.column, endpoint, release, now.column])
    }
}

extension Snapshot {
    package func servingAnswer(user: Int64, key: String) throws -> (request: Digest, endpoint: Int64, release: Int64?)? {
        try db.one("SELECT request, endpoint, release FROM serving_answer WHERE user = ? AND key = ?", [user, key]).map {
            (Digest(column: $0[0]), $0[1], $0[2])
        }
    }
}
