package import Core
import Foundation
import GRDB

extension Snapshot {
    package func owner(_ name: OwnerName) throws -> OwnerFacts? {
        try db.one("SELECT id, name, kind = 'user' FROM owner WHERE folded = ?", [name.text.lowercased()])
            .map { OwnerFacts(id: $0[0], name: $0[1], isUser: $0[2]) }
    }

    /// Owners behind `after` (a folded name) in order of their folded names.
    package func owners(after: String, limit: Int) throws -> [OwnerFacts] {
        try db.all("SELECT id, name, kind = 'user' FROM owner WHERE folded > ? ORDER BY folded LIMIT ?", [after, limit])
            .map { OwnerFacts(id: $0[0], name: $0[1], isUser: $0[2]) }
    }

    package func userID(named name: OwnerName) throws -> Int64? {
        try db.one("SELECT u.id FROM user u JOIN owner o ON o.id = u.owner WHERE o.folded = ?", [name.text.lowercased()])?[0]
    }

    package func user(id: Int64, ceiling: Role) throws -> Principal.User? {
        try db.one("SELECT o.name, u.is_site_admin FROM user u JOIN owner o ON o.id = u.owner WHERE u.id = ?", [id])
            .map { Principal.User(id: id, name: $0[0], isSiteAdmin: $0[1], ceiling: ceiling) }
    }

    package func hasUsers() throws -> Bool { try db.one("SELECT 1 FROM user LIMIT 1") != nil }

    /// The role `who` holds in a namespace: admin in one's own.
    package func role(of user: Int64, inOwner owner: Int64) throws -> Role? {
        if try db.one("SELECT 1 FROM user WHERE id = ? AND owner = ?", [user, owner]) != nil { return .admin }
        return try db.one("SELECT role FROM owner_role WHERE owner = ? AND user = ?", [owner, user])
            .flatMap { Role(rawValue: $0[0]) }
    }

    package func members(ofOwner owner: Int64) throws -> [MemberFacts] {
        try members(
            "SELECT o.name, r.role FROM owner_role r JOIN user u ON u.id = r.user JOIN owner o ON o.id = u.owner WHERE r.owner = ? ORDER BY o.folded",
            owner)
    }

    package func members(ofRepo repo: Int64) throws -> [MemberFacts] {
        try members(
            "SELECT o.name, r.role FROM repo_role r JOIN user u ON u.id = r.user JOIN owner o ON o.id = u.owner WHERE r.repo = ? ORDER BY o.folded",
            repo)
    }

    private func members(_ sql: String, _ id: Int64) throws -> [MemberFacts] {
        try db.all(sql, [id]).map { row in
            guard let role = Role(rawValue: row[1]) else { throw damaged("role") }
            return MemberFacts(user: row[0], role: role)
        }
    }
}

extension Transaction {
    package func addOwner(_ name: OwnerName, isUser: Bool) throws -> Int64 {
        let id = try refusing(.ownerExists, "the name \(name) is taken, also in other upper or lower case; choose another") {
            try db.insert(
                "INSERT INTO owner (name, folded, kind, created_at) VALUES (?, ?, ?, ?) RETURNING id",
                [name.text, name.text.lowercased(), isUser ? "user" : "organisation", now.column])
        }
        guard let id else { throw damaged("owner") }
        try record("owner.created", ["owner": name.text, "kind": isUser ? "user" : "organisation"])
        return id
    }

    package func addUser(_ name: OwnerName, isSiteAdmin: Bool) throws -> Int64 {
        let owner = try addOwner(name, isUser: true)
        guard
            let id = try db.insert(
                "INSERT INTO user (owner, is_site_admin, created_at) VALUES (?, ?, ?) RETURNING id",
                [owner, isSiteAdmin, now.column])
        else { throw damaged("user") }
        return id
    }

    /// nil takes the role away.
    package func setRole(_ role: Role?, of user: Int64, named name: String, inOwner owner: OwnerFacts) throws {
        try set(role, table: "owner_role", column: "owner", id: owner.id, user: user)
        try record(role == nil ? "member.removed" : "member.set", ["owner": owner.name, "user": name, "role": role?.rawValue ?? ""])
    }

    package func setRole(_ role: Role?, of user: Int64, named name: String, in repo: RepoFacts) throws {
        try set(role, table: "repo_role", column: "repo", id: repo.id, user: user)
        try record(role == nil ? "member.removed" : "member.set", repo: repo.name, ["user": name, "role": role?.rawValue ?? ""])
    }

    private func set(_ role: Role?, table: String, column: String, id: Int64, user: Int64) throws {
        if let role {
            try db.run(
                "INSERT INTO \(table) (\(column), user, role) VALUES (?, ?, ?) ON CONFLICT (\(column), user) DO UPDATE SET role = excluded.role",
                [id, user, role.rawValue])
        } else {
            try db.run("DELETE FROM \(table) WHERE \(column) = ? AND user = ?", [id, user])
        }
    }
}
