package import Core
import Foundation
import GRDB

/// A token as the door needs it.
package struct TokenHolder: Sendable {
    package let token: Int64
    package let tokenName: String
    package let user: Principal.User
    package let expires: Instant?
    package let lastUsed: Instant?
}

extension Snapshot {
    package func holder(ofTokenHash hash: Digest) throws -> TokenHolder? {
        try db.one(
            """
            SELECT t.id, t.name, t.user, o.name, u.is_site_admin, t.role, t.expires_at, t.last_used_at
            FROM token t JOIN user u ON u.id = t.user JOIN owner o ON o.id = u.owner WHERE t.hash = ?
            """, [hash.column]
        ).map { row in
            guard let role = Role(rawValue: row[5]) else { throw damaged("token") }
            return TokenHolder(
                token: row[0], tokenName: row[1],
                user: Principal.User(id: row[2], name: row[3], isSiteAdmin: row[4], ceiling: role),
                expires: (row[6] as Int64?).map(Instant.init(column:)), lastUsed: (row[7] as Int64?).map(Instant.init(column:)))
        }
    }

    package func tokens(ofUser user: Int64) throws -> [TokenFacts] {
        try db.all(tokenQuery + " WHERE t.user = ? ORDER BY t.id", [user]).map(tokenFacts)
    }

    package func token(_ id: Int64) throws -> (facts: TokenFacts, user: Int64)? {
        try db.one(tokenQuery + " WHERE t.id = ?", [id]).map { (try tokenFacts($0), $0[7]) }
    }
}

private let tokenQuery = """
    SELECT t.id, t.name, o.name, t.role, t.created_at, t.expires_at, t.last_used_at, t.user
    FROM token t JOIN user u ON u.id = t.user JOIN owner o ON o.id = u.owner
    """

private func tokenFacts(_ row: Row) throws -> TokenFacts {
    guard let role = Role(rawValue: row[3]) else { throw damaged("token") }
    return TokenFacts(
        id: row[0], name: row[1], user: row[2], role: role, created: Instant(column: row[4]),
        expires: (row[5] as Int64?).map(Instant.init(column:)), lastUsed: (row[6] as Int64?).map(Instant.init(column:)))
}

extension Transaction {
    /// Only the hash of the secret comes here.
    package func addToken(name: String, hash: Digest, user: Int64, role: Role, expires: Instant?) throws -> TokenFacts {
        guard
            let id = try db.insert(
                "INSERT INTO token (user, name, hash, role, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
                [user, name, hash.column, role.rawValue, now.column, expires?.column]),
            let made = try rows.token(id)
        else { throw damaged("token") }
        try record("token.created", ["token": name, "user": made.facts.user, "role": role.rawValue])
        return made.facts
    }

    package func removeToken(_ token: TokenFacts) throws {
        try db.run("DELETE FROM token WHERE id = ?", [token.id])
        try record("token.revoked", ["token": token.name, "user": token.user])
    }

    package func touchToken(_ id: Int64) throws {
        try db.run("UPDATE token SET last_used_at = ? WHERE id = ?", [now.column, id])
    }
}
