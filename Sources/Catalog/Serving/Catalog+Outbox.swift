package import Core
import Foundation
import GRDB
package import Release

/// What stands in an item's payload; backends by name, so that an item is as small as what it says.
package struct OutboxPayload: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable { case route, remove, prepare, clear, start, drain, stop }
    package var kind: Kind
    package var route: TrafficRoute?
    package var backend: BackendID?
    package var deadline: Milliseconds?
    package var keepsRunning: Bool?
    package init(
        _ kind: Kind, route: TrafficRoute? = nil, backend: BackendID? = nil, deadline: Milliseconds? = nil, keepsRunning: Bool? = nil
    ) {
        self.kind = kind
        self.route = route
        self.backend = backend
        self.deadline = deadline
        self.keepsRunning = keepsRunning
    }

    /// What cannot be asked twice in one generation.
    fileprivate var key: String {
        backend.map { "\(kind.rawValue) \($0.hex)" } ?? route.map { "\(kind.rawValue) \($0.generation)" } ?? kind.rawValue
    }
}

package struct OutboxRow: Sendable {
    package let id: Int64
    package let endpoint: Int64
    package let release: Int64?
    package let generation: Int64
    package let payload: OutboxPayload
    package let attempts: Int
}

extension Transaction {
    /// Asks for something; what was asked already in this generation, and is not done, is not asked again.
    package func post(_ payload: OutboxPayload, endpoint: Int64, release: Int64?, generation: Int64, due: Instant) throws {
        try db.run(
            """
            INSERT INTO outbox (endpoint, release, generation, kind, payload, due, attempts, created_at) VALUES (?, ?, ?, ?, ?, ?, 0, ?)
            ON CONFLICT DO NOTHING
            """, [endpoint, release, generation, payload.key, StoredText.encode(payload), due.column, now.column])
    }

    package func settleOutbox(_ ids: [Int64]) throws { for id in ids { try db.run("DELETE FROM outbox WHERE id = ?", [id]) } }

    package func postponeOutbox(_ id: Int64, error: String, until: Instant) throws {
        try db.run("UPDATE outbox SET attempts = attempts + 1, last_error = ?, due = ? WHERE id = ?", [error, until.column, id])
    }

    /// What would stop or drain a backend that is wanted again.
    package func withdrawStops(of backend: BackendID, endpoint: Int64) throws {
        for row in try rows.outboxRows(of: endpoint)
        where row.payload.backend == backend && (row.payload.kind == .stop || row.payload.kind == .drain) {
            try settleOutbox([row.id])
        }
    }
}

private let outboxQuery = "SELECT id, endpoint, release, generation, payload, attempts FROM outbox"

extension Snapshot {
    /// What is due, oldest first. Nothing of an endpoint overtakes something older of it that waits
    /// for another attempt, but for routes: weight 0 must not wait for a server that will not stop, and
    /// of two routes the driver keeps the newer.
    package func dueOutbox(now: Instant, limit: Int) throws -> [OutboxRow] {
        try db.all(
            """
            \(outboxQuery) o WHERE due <= ?1
              AND (o.kind LIKE 'route %' OR NOT EXISTS (
                SELECT 1 FROM outbox p WHERE p.endpoint = o.endpoint AND p.id < o.id AND p.due > ?1 AND p.kind NOT LIKE 'route %'))
            ORDER BY id LIMIT ?2
            """, [now.column, limit]
        ).map(outboxRow)
    }

    package func outboxRows(of endpoint: Int64) throws -> [OutboxRow] {
        try db.all(outboxQuery + " WHERE endpoint = ? ORDER BY id", [endpoint]).map(outboxRow)
    }

    private func outboxRow(_ row: Row) throws -> OutboxRow {
        OutboxRow(
            id: row[0], endpoint: row[1], release: row[2], generation: row[3], payload: try StoredText.decode(row[4]), attempts: row[5])
    }
}
