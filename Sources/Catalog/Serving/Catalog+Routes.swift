package import Core
import Foundation
import GRDB
package import Release

extension Transaction {
    /// Refused by the database unless the generation is later than all before.
    package func addRoute(_ route: TrafficRoute, of endpoint: Int64, release: Int64?, cause: String) throws {
        try db.run(
            "INSERT INTO route (endpoint, generation, at, release, cause, body) VALUES (?, ?, ?, ?, ?, ?)",
            [endpoint, route.generation, now.column, release, cause, StoredText.encode(route)])
    }
}

extension Snapshot {
    package func routeGeneration(of endpoint: Int64) throws -> Int64? {
        try db.one("SELECT max(generation) FROM route WHERE endpoint = ?", [endpoint])?[0]
    }

    /// Newest first, behind the generation `before`.
    package func routes(of endpoint: Int64, before: Int64, limit: Int) throws -> [RouteFacts] {
        try db.all(
            "SELECT body, at, release, cause FROM route WHERE endpoint = ? AND generation < ? ORDER BY generation DESC LIMIT ?",
            [endpoint, before, limit]
        ).map(routeFacts)
    }

    /// The one that was in effect at that moment.
    package func route(of endpoint: Int64, at moment: Instant) throws -> RouteFacts? {
        try db.one(
            "SELECT body, at, release, cause FROM route WHERE endpoint = ? AND at <= ? ORDER BY at DESC, generation DESC LIMIT 1",
            [endpoint, moment.column]
        ).map(routeFacts)
    }

    package func currentRoutes() throws -> [TrafficRoute] {
        try db.all(
            """
            SELECT r.body FROM endpoint e JOIN route r ON r.endpoint = e.id
            WHERE e.deleted_at IS NULL AND r.generation = (SELECT max(generation) FROM route m WHERE m.endpoint = e.id)
            ORDER BY e.id
            """
        ).map { try StoredText.decode($0[0]) }
    }

    private func routeFacts(_ row: Row) throws -> RouteFacts {
        RouteFacts(
            route: try StoredText.decode(row[0]), at: Instant(column: row[1]), release: try (row[2] as Int64?).map { try releaseID(row: $0) },
            cause: row[3])
    }
}
