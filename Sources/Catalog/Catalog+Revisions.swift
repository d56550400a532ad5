package import Core
import Foundation
import GRDB

private let revisionQuery = """
    SELECT v.id, r.kind, o.name, r.name, v.commit_id, v.tree, t.git_id, v.manifest, v.author, v.message, v.created_at, t.files, t.size
    FROM revision v JOIN repo r ON r.id = v.repo JOIN owner o ON o.id = r.owner JOIN tree t ON t.id = v.tree
    """

extension Snapshot {
    /// The row id of the revision that a name or commit id means in a repo. `master` is another
    /// name for `main`.
    package func revisionID(_ spec: RevisionSpec, in repo: Int64) throws -> Int64? {
        switch spec {
        case .commit(let id): return try db.one("SELECT id FROM revision WHERE repo = ? AND commit_id = ?", [repo, id.column])?[0]
        case .name(let name):
            if let row = try db.one("SELECT revision FROM ref WHERE repo = ? AND name = ?", [repo, name.text]) { return row[0] }
            guard name.asBranch != name else { return try revisionID(abbreviated: name.text, in: repo) }
            return try revisionID(.name(name.asBranch), in: repo)
        }
    }

    /// The one commit of a repo whose id begins so: 7 to 39 digits, as git prints them.
    private func revisionID(abbreviated text: String, in repo: Int64) throws -> Int64? {
        guard (7...39).contains(text.utf8.count), text.utf8.allSatisfy(\.isLowercaseHexDigit) else { return nil }
        let missing = 40 - text.utf8.count
        guard let first = Hex.decode(text + String(repeating: "0", count: missing)),
            let last = Hex.decode(text + String(repeating: "f", count: missing))
        else { return nil }
        let found = try db.all(
            "SELECT id FROM revision WHERE repo = ? AND commit_id BETWEEN ? AND ? LIMIT 2", [repo, Data(first), Data(last)])
        return found.count == 1 ? found[0][0] : nil
    }

    package func revision(_ spec: RevisionSpec, in repo: Int64) throws -> RevisionFacts? {
        try revisionID(spec, in: repo).flatMap { try revision(id: $0) }
    }

    package func revision(id: Int64) throws -> RevisionFacts? {
        guard let row = try db.one(revisionQuery + " WHERE v.id = ?", [id]) else { return nil }
        guard let kind = RepoKind(rawValue: row[1]) else { throw damaged("repo") }
        let parents = try db.all(
            "SELECT v.commit_id FROM revision_parent p JOIN revision v ON v.id = p.parent WHERE p.revision = ? ORDER BY p.position", [id])
        return RevisionFacts(
            id: row[0], repo: try RepoName(kind, owner: row[2] as String, name: row[3] as String), commit: GitID(column: row[4]),
            treeRow: row[5], tree: GitID(column: row[6]), manifest: Digest(column: row[7]), parents: parents.map { GitID(column: $0[0]) },
            author: row[8], message: row[9], created: Instant(column: row[10]), files: row[11], size: row[12])
    }

    /// For one hot read: revision and root folder by name, in one step each.
    package func headOf(_ spec: RevisionSpec, in repo: Int64) throws -> (commit: GitID, tree: Int64)? {
        guard let id = try revisionID(spec, in: repo), let row = try db.one("SELECT commit_id, tree FROM revision WHERE id = ?", [id])
        else { return nil }
        return (GitID(column: row[0]), row[1])
    }

    /// A revision and its first parents, newest first: at most `limit`.
    package func history(from id: Int64, limit: Int) throws -> [Int64] {
        var ids = [id]
        while ids.count < limit, let last = ids.last,
            let row = try db.one("SELECT parent FROM revision_parent WHERE revision = ? AND position = 0", [last])
        {
            ids.append(row[0])
        }
        return ids
    }

    package func rawCommit(_ id: Int64) throws -> [UInt8]? {
        try db.one("SELECT raw FROM revision WHERE id = ?", [id]).map { [UInt8]($0[0] as Data) }
    }

    /// `wasNew`: the revision was made by that request, and not found.
    package func storedAnswer(user: Int64, key: String) throws -> (request: Digest, revision: Int64, wasNew: Bool)? {
        try db.one(
            """
            SELECT i.request, i.revision, i.created_at = v.created_at FROM idempotency i JOIN revision v ON v.id = i.revision
            WHERE i.user = ? AND i.key = ?
            """, [user, key]
        ).map { (Digest(column: $0[0]), $0[1], $0[2]) }
    }
}

/// A commit on its way into the catalog.
package struct RevisionDraft: Sendable {
    package let repo: Int64
    package let commit: GitID
    package let raw: [UInt8]
    package let manifest: Digest
    package let parents: [Int64]
    package let author: String
    package let message: String
    package init(repo: Int64, commit: GitID, raw: [UInt8], manifest: Digest, parents: [Int64], author: String, message: String) {
        self.repo = repo
        self.commit = commit
        self.raw = raw
        self.manifest = manifest
        self.parents = parents
        self.author = author
        self.message = message
    }
}

extension Transaction {
    /// Adds a revision over a stored root folder. The same commit again is the same row.
    package func addRevision(_ draft: RevisionDraft, tree: Int64) throws -> Int64 {
        if let known = try rows.revisionID(.commit(draft.commit), in: draft.repo) { return known }
        guard
            let id = try db.insert(
                """
                INSERT INTO revision (repo, commit_id, tree, manifest, raw, author, message, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
                """,
                [
                    draft.repo, draft.commit.column, tree, draft.manifest.column, Data(draft.raw), draft.author, draft.message,
                    now.column
                ])
        else { throw damaged("revision") }
        for (position, parent) in draft.parents.enumerated() {
            try db.run("INSERT INTO revision_parent (revision, position, parent) VALUES (?, ?, ?)", [id, position, parent])
        }
        try hold(tree: tree, in: draft.repo)
        return id
    }

    package func storeAnswer(user: Int64, key: String, request: Digest, revision: Int64) throws {
        try db.run(
            "INSERT INTO idempotency (user, key, request, revision, created_at) VALUES (?, ?, ?, ?, ?)",
            [user, key, request.column, revision, now.column])
    }
}
