package import Core
import GRDB

extension Snapshot {
    /// The organisations that a user has a role in, by name.
    package func memberships(ofUser user: Int64) throws -> [(owner: String, role: Role)] {
        try db.all(
            "SELECT o.name, r.role FROM owner_role r JOIN owner o ON o.id = r.owner WHERE r.user = ? ORDER BY o.folded", [user]
        ).map { row in
            guard let role = Role(rawValue: row[1]) else { throw damaged("role") }
            return (row[0], role)
        }
    }

    /// Bytes of all blobs that a repo holds, each once.
    package func storedBytes(ofRepo repo: Int64) throws -> Int64 {
        try db.one("SELECT coalesce(sum(b.size), 0) FROM repo_blob h JOIN blob b ON b.id = h.blob WHERE h.repo = ?", [repo])?[0] ?? 0
    }
}
