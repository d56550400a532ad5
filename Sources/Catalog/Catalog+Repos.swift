package import Core
import Foundation
import GRDB

let repoQuery = """
    SELECT r.id, r.kind, o.name, r.name, r.is_private, r.description, r.generation, r.created_at, r.updated_at, r.downloads,
           v.commit_id, t.files, t.size,
           (SELECT n.name FROM ref n WHERE n.repo = r.id AND n.kind = 'version' AND n.withdrawn IS NULL
            ORDER BY n.set_at DESC, n.id DESC LIMIT 1)
    FROM repo r JOIN owner o ON o.id = r.owner
    LEFT JOIN ref m ON m.repo = r.id AND m.name = 'main'
    LEFT JOIN revision v ON v.id = m.revision
    LEFT JOIN tree t ON t.id = v.tree
    """

func repoFacts(_ row: Row) throws -> RepoFacts {
    guard let kind = RepoKind(rawValue: row[1]) else { throw damaged("repo") }
    return RepoFacts(
        id: row[0], name: try RepoName(kind, owner: row[2] as String, name: row[3] as String), isPrivate: row[4], description: row[5],
        generation: row[6], created: Instant(column: row[7]), updated: Instant(column: row[8]), downloads: row[9],
        head: (row[10] as Data?).map(GitID.init(column:)),
        latestVersion: try (row[13] as String?).map { try RefName(parsing: $0) },
        files: row[11] ?? 0, size: row[12] ?? 0)
}

extension Snapshot {
    /// The row id of a repo, by its name now or, where nobody took it since, by a former one.
    package func repoID(_ name: RepoName) throws -> Int64? {
        let arguments: StatementArguments = [name.kind.rawValue, name.folded]
        return try db.one("SELECT id FROM repo WHERE kind = ? AND folded = ?", arguments)?[0]
            ?? db.one("SELECT repo FROM repo_former_name WHERE kind = ? AND folded = ?", arguments)?[0]
    }

    package func repo(_ name: RepoName) throws -> RepoFacts? { try repoID(name).flatMap { try repo(id: $0) } }

    package func repo(id: Int64) throws -> RepoFacts? { try db.one(repoQuery + " WHERE r.id = ?", [id]).map(repoFacts) }

    /// What the rules of permission need: one small read for every request.
    package func access(_ name: RepoName, user: Int64?) throws -> (id: Int64, access: RepoAccess)? {
        guard let id = try repoID(name),
            let row = try db.one(
                """
                SELECT o.name, r.name, r.is_private,
                  (SELECT role FROM repo_role WHERE repo = r.id AND user = ?2),
                  (SELECT role FROM owner_role WHERE owner = r.owner AND user = ?2),
                  (SELECT 'admin' FROM user WHERE id = ?2 AND owner = r.owner)
                FROM repo r JOIN owner o ON o.id = r.owner WHERE r.id = ?1
                """, [id, user])
        else { return nil }
        let roles = [row[3] as String?, row[4], row[5]].compactMap { $0.flatMap(Role.init(rawValue:)) }
        let current = try RepoName(name.kind, owner: row[0] as String, name: row[1] as String)
        return (id, RepoAccess(repo: current, isPrivate: row[2], granted: roles.max()))
    }

    package struct RepoFilter: Sendable {
        package var kind: RepoKind
        package var owner: OwnerName?
        package var words: [String]
        /// nil sees public repos only; site admins see all.
        package var user: Int64?
        package var seesAll: Bool
        package init(kind: RepoKind, owner: OwnerName? = nil, words: [String] = [], user: Int64?, seesAll: Bool) {
            self.kind = kind
            self.owner = owner
            self.words = words
            self.user = user
            self.seesAll = seesAll
        }
    }

    /// Visible repos, newest change first, behind the one that changed at `before` and has `beforeID`.
    package func repos(_ filter: RepoFilter, before: Instant?, beforeID: Int64, limit: Int) throws -> [RepoFacts] {
        var sql = repoQuery + " WHERE r.kind = ?"
        var arguments: StatementArguments = [filter.kind.rawValue]
        if !filter.seesAll {
            sql += " AND " + mayRead(user: "?")
            arguments += [filter.user, filter.user, filter.user]
        }
        if let owner = filter.owner {
            sql += " AND o.folded = ?"
            arguments += [owner.text.lowercased()]
        }
        if !filter.words.isEmpty {
            sql += " AND r.id IN (SELECT rowid FROM repo_search WHERE repo_search MATCH ?)"
            arguments += [filter.words.map { "\"\($0)\"*" }.joined(separator: " ")]
        }
        if let before {
            sql += " AND (r.updated_at < ? OR (r.updated_at = ? AND r.id < ?))"
            arguments += [before.column, before.column, beforeID]
        }
        sql += " ORDER BY r.updated_at DESC, r.id DESC LIMIT ?"
        return try db.all(sql, arguments + [limit]).map(repoFacts)
    }

    package func visibleRepoCount(owner: Int64, user: Int64?, seesAll: Bool) throws -> Int {
        try db.one(
            """
            SELECT count(*) FROM repo r WHERE r.owner = ?1 AND (?3 OR \(mayRead(user: "?2")))
            """, [owner, user, seesAll])?[0] ?? 0
    }
}

extension Transaction {
    package func addRepo(_ name: RepoName, owner: Int64, isPrivate: Bool, description: String) throws -> Int64 {
        let id = try refusing(.repoExists, "\(name) exists already, perhaps in other upper or lower case; choose another name") {
            try db.insert(
                """
                INSERT INTO repo (kind, owner, name, folded, is_private, description, generation, created_at, updated_at, downloads)
                VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, 0) RETURNING id
                """,
                [name.kind.rawValue, owner, name.name, name.folded, isPrivate, description, now.column, now.column])
        }
        guard let id else { throw damaged("repo") }
        try db.run("DELETE FROM repo_former_name WHERE kind = ? AND folded = ?", [name.kind.rawValue, name.folded])
        try index(id, name, description)
        try record("repo.created", repo: name, ["visibility": isPrivate ? "private" : "public"])
        return id
    }

    package func changeRepo(_ repo: RepoFacts, isPrivate: Bool, description: String) throws {
        try db.run(
            "UPDATE repo SET is_private = ?, description = ?, generation = generation + 1, updated_at = ? WHERE id = ?",
            [isPrivate, description, now.column, repo.id])
        try index(repo.id, repo.name, description)
        try record("repo.changed", repo: repo.name, ["visibility": isPrivate ? "private" : "public"])
    }

    package func moveRepo(_ repo: RepoFacts, to name: RepoName, owner: Int64) throws {
        try refusing(.repoExists, "\(name) exists already; choose another name") {
            try db.run(
                "UPDATE repo SET owner = ?, name = ?, folded = ?, generation = generation + 1, updated_at = ? WHERE id = ?",
                [owner, name.name, name.folded, now.column, repo.id])
        }
        try db.run("DELETE FROM repo_former_name WHERE kind = ? AND folded = ?", [name.kind.rawValue, name.folded])
        if repo.name.folded != name.folded {
            try db.run(
                "INSERT INTO repo_former_name (kind, folded, repo) VALUES (?, ?, ?) ON CONFLICT (kind, folded) DO UPDATE SET repo = excluded.repo",
                [name.kind.rawValue, repo.name.folded, repo.id])
        }
        try index(repo.id, name, repo.description)
        try record("repo.moved", repo: name, ["from": repo.name.path])
    }

    /// Refused while a lock or another repo's lineage needs one of its revisions.
    package func removeRepo(_ repo: RepoFacts, by who: Principal) throws {
        let holders = try rows.holders(ofRepo: repo.id, for: who)
        guard holders.isEmpty else {
            throw HubError(
                .protected,
                "\(repo.name) cannot be deleted: \(holders.prefix(5).joined(separator: "; "))\(holders.count > 5 ? "; and \(holders.count - 5) more" : ""). Delete those first, or keep it",
                details: ["holders": holders.joined(separator: "; ")])
        }
        // Edges between this repo's own revisions would hold each other.
        try db.run(
            "DELETE FROM lineage WHERE child IN (SELECT id FROM revision WHERE repo = ?)", [repo.id])
        try db.run("DELETE FROM repo_search WHERE rowid = ?", [repo.id])
        try db.run("DELETE FROM repo WHERE id = ?", [repo.id])
        try record("repo.deleted", repo: repo.name)
    }

    package func touchRepo(_ id: Int64) throws { try db.run("UPDATE repo SET updated_at = ? WHERE id = ?", [now.column, id]) }

    package func addDownloads(_ counts: [Int64: Int64]) throws {
        for (repo, count) in counts { try db.run("UPDATE repo SET downloads = downloads + ? WHERE id = ?", [count, repo]) }
    }

    private func index(_ id: Int64, _ name: RepoName, _ description: String) throws {
        try db.run("DELETE FROM repo_search WHERE rowid = ?", [id])
        let words = SearchWords.cut(name.owner.text + " " + name.name + " " + description)
        try db.run("INSERT INTO repo_search (rowid, words) VALUES (?, ?)", [id, words.joined(separator: " ")])
    }
}
