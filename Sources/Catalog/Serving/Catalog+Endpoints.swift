package import Core
import Foundation
import GRDB
package import Release

/// A row of `endpoint`.
package struct EndpointRow: Sendable {
    package let id: Int64
    package let repo: Int64?
    package let spec: EndpointSpec
    package let generation: Int64
    /// Row of the backend that serves, and of the release that put it there.
    package let stable: Int64?
    package let stableRelease: Int64?
    package let asked: String
    package let askedCommit: GitID
    package let created: Instant
    package let updated: Instant
    package let deleted: Instant?

    init(_ row: Row) throws {
        id = row[0]
        repo = row[1]
        spec = try StoredText.decode(row[2])
        generation = row[3]
        stable = row[4]
        stableRelease = row[5]
        asked = row[6]
        askedCommit = GitID(column: row[7])
        created = Instant(column: row[8])
        updated = Instant(column: row[9])
        deleted = (row[10] as Int64?).map(Instant.init(column:))
    }
}

private let endpointQuery = """
    SELECT e.id, e.repo, e.spec, e.generation, e.stable, e.stable_release, e.asked, e.asked_commit, e.created_at, e.updated_at, e.deleted_at
    FROM endpoint e
    """

extension Snapshot {
    /// Deleted ones too: whoever asks looks at `deleted`.
    package func endpointRow(_ name: EndpointName) throws -> EndpointRow? {
        try db.one(endpointQuery + " WHERE e.name = ?", [name.text]).map(EndpointRow.init)
    }

    package func endpointRow(id: Int64) throws -> EndpointRow? { try db.one(endpointQuery + " WHERE e.id = ?", [id]).map(EndpointRow.init) }

    /// Endpoints that are not deleted and that a user may see, by name.
    package func endpointRows(after: String, limit: Int, user: Int64?, seesAll: Bool) throws -> [EndpointRow] {
        try db.all(
            """
            \(endpointQuery) LEFT JOIN repo r ON r.id = e.repo
            WHERE e.name > ?1 AND e.deleted_at IS NULL
              AND (?3 OR (r.id IS NOT NULL AND \(mayRead(user: "?2")))
                OR EXISTS (SELECT 1 FROM endpoint_grant g WHERE g.endpoint = e.id AND g.user = ?2))
            ORDER BY e.name LIMIT ?4
            """, [after, user, seesAll, limit]
        ).map(EndpointRow.init)
    }

    package func liveEndpointRows() throws -> [EndpointRow] {
        try db.all(endpointQuery + " WHERE e.deleted_at IS NULL ORDER BY e.id").map(EndpointRow.init)
    }

    /// Who answers to a name.
    package func endpointOfPublicName(_ name: String) throws -> Int64? {
        try db.one("SELECT endpoint FROM endpoint_public_name WHERE name = ?", [name])?[0]
    }

    package func permissions(of user: Int64, on endpoint: Int64) throws -> [EndpointPermission] {
        try db.all("SELECT permission FROM endpoint_grant WHERE endpoint = ? AND user = ?", [endpoint, user]).map {
            try EndpointPermission(parsing: $0[0] as String)
        }
    }

    package func grants(of endpoint: Int64) throws -> [EndpointGrant] {
        try db.all(
            """
            SELECT o.name, g.permission FROM endpoint_grant g JOIN user u ON u.id = g.user JOIN owner o ON o.id = u.owner
            WHERE g.endpoint = ? ORDER BY o.folded, g.permission
            """, [endpoint]
        ).map { EndpointGrant(user: $0[0], permission: try EndpointPermission(parsing: $0[1] as String)) }
    }
}

extension Transaction {
    package func addEndpoint(_ spec: EndpointSpec, repo: Int64, asked: String, commit: GitID) throws -> Int64 {
        guard
            let id = try db.insert(
                """
                INSERT INTO endpoint (name, repo, spec, generation, asked, asked_commit, created_at, updated_at)
                VALUES (?, ?, ?, 1, ?, ?, ?, ?) RETURNING id
                """,
                [spec.name.text, repo, StoredText.encode(spec), asked, commit.column, now.column, now.column])
        else { throw damaged("endpoint") }
        try reserveNames(of: spec, for: id)
        return id
    }

    /// A deleted endpoint comes back under its old row, so that its releases and routes are numbered on.
    package func reviveEndpoint(_ id: Int64, _ spec: EndpointSpec, repo: Int64) throws {
        try db.run(
            "UPDATE endpoint SET deleted_at = NULL, repo = ?, spec = ?, generation = generation + 1, updated_at = ? WHERE id = ?",
            [repo, StoredText.encode(spec), now.column, id])
        try reserveNames(of: spec, for: id)
    }

    package func setSpec(_ spec: EndpointSpec, of id: Int64) throws {
        try db.run(
            "UPDATE endpoint SET spec = ?, generation = generation + 1, updated_at = ? WHERE id = ?", [StoredText.encode(spec), now.column, id])
    }

    package func setAsked(_ asked: String, commit: GitID, repo: Int64, of id: Int64) throws {
        try db.run("UPDATE endpoint SET asked = ?, asked_commit = ?, repo = ? WHERE id = ?", [asked, commit.column, repo, id])
    }

    package func setStable(_ backend: Int64, since release: Int64, of id: Int64) throws {
        try db.run(
            "UPDATE endpoint SET stable = ?, stable_release = ?, generation = generation + 1, updated_at = ? WHERE id = ?",
            [backend, release, now.column, id])
    }

    package func markDeleted(endpoint id: Int64) throws {
        try db.run(
            """
            UPDATE endpoint SET deleted_at = ?, stable = NULL, stable_release = NULL, generation = generation + 1, updated_at = ? WHERE id = ?
            """, [now.column, now.column, id])
        try db.run("DELETE FROM endpoint_public_name WHERE endpoint = ?", [id])
        try db.run("DELETE FROM endpoint_grant WHERE endpoint = ?", [id])
    }

    /// Takes the names that requests will use; one that another endpoint has is refused.
    package func reserveNames(of spec: EndpointSpec, for id: Int64) throws {
        for name in Set([spec.name.text] + spec.publicNames) {
            if let row = try db.one("SELECT endpoint FROM endpoint_public_name WHERE name = ?", [name]) {
                guard row[0] == id else {
                    throw HubError(.endpointExists, "another endpoint answers to the name '\(name)'; choose another public name")
                }
                continue
            }
            try db.run("INSERT INTO endpoint_public_name (name, endpoint) VALUES (?, ?)", [name, id])
        }
    }

    /// Gives up the names that neither the endpoint nor a release that waits needs.
    package func settleNames(of endpoint: EndpointRow) throws {
        var needed = Set([endpoint.spec.name.text] + endpoint.spec.publicNames)
        let waiting = try db.all("SELECT endpoint_spec FROM release WHERE endpoint = ? AND phase = 'pending'", [endpoint.id])
        for row in waiting { needed.formUnion(try StoredText.decode(EndpointSpec.self, row[0]).publicNames) }
        for row in try db.all("SELECT name FROM endpoint_public_name WHERE endpoint = ?", [endpoint.id]) where !needed.contains(row[0]) {
            try db.run("DELETE FROM endpoint_public_name WHERE name = ?", [row[0] as String])
        }
    }

    package func addGrant(_ permission: EndpointPermission, to user: Int64, on endpoint: Int64) throws {
        try db.run(
            "INSERT INTO endpoint_grant (endpoint, user, permission) VALUES (?, ?, ?) ON CONFLICT (endpoint, user, permission) DO NOTHING",
            [endpoint, user, permission.description])
    }

    package func removeGrant(_ permission: EndpointPermission, from user: Int64, on endpoint: Int64) throws {
        try db.run(
            "DELETE FROM endpoint_grant WHERE endpoint = ? AND user = ? AND permission = ?", [endpoint, user, permission.description])
    }
}
