package import Core
import Foundation
import GRDB

private let refQuery = """
    SELECT n.name, n.kind, n.revision, v.commit_id, n.generation, n.set_at, n.set_by, n.withdrawn
    FROM ref n JOIN revision v ON v.id = n.revision
    """

private func refFacts(_ row: Row) throws -> RefFacts {
    guard let kind = RefKind(rawValue: row[1]) else { throw damaged("ref") }
    return RefFacts(
        name: try RefName(parsing: row[0] as String), kind: kind, revision: row[2], commit: GitID(column: row[3]), generation: row[4],
        at: Instant(column: row[5]), by: row[6], withdrawn: row[7])
}

extension Snapshot {
    package func ref(_ name: RefName, in repo: Int64) throws -> RefFacts? {
        try db.one(refQuery + " WHERE n.repo = ? AND n.name = ?", [repo, name.text]).map(refFacts)
    }

    /// All names of a repo, versions newest first, others by name.
    package func refs(in repo: Int64) throws -> [RefFacts] {
        try db.all(refQuery + " WHERE n.repo = ? ORDER BY n.kind, CASE WHEN n.kind = 'version' THEN -n.id ELSE 0 END, n.name", [repo])
            .map(refFacts)
    }

    package func refs(of revision: Int64) throws -> [RefFacts] {
        try db.all(refQuery + " WHERE n.revision = ? ORDER BY n.name", [revision]).map(refFacts)
    }

    package func aliasMoves(_ name: RefName, in repo: Int64, before: Int64, limit: Int) throws -> [(id: Int64, move: AliasMoveFacts)] {
        try db.all(
            "SELECT id, from_commit, to_commit, at, by FROM alias_move WHERE repo = ? AND name = ? AND id < ? ORDER BY id DESC LIMIT ?",
            [repo, name.text, before, limit]
        ).map { row in
            (
                row[0],
                AliasMoveFacts(
                    from: (row[1] as Data?).map(GitID.init(column:)), to: (row[2] as Data?).map(GitID.init(column:)),
                    at: Instant(column: row[3]), by: row[4])
            )
        }
    }
}

extension Transaction {
    /// Makes a name. A name in use, of whatever kind, is refused.
    package func addRef(_ name: RefName, _ kind: RefKind, to revision: RevisionFacts, in repo: RepoFacts) throws {
        try refusing(
            kind == .version ? .versionExists : .refExists,
            kind == .version
                ? "\(repo.name) already has a version \(name), or that name is a branch or alias; versions never change, publish a new one"
                : "\(repo.name) already uses the name \(name); choose another"
        ) {
            try db.run(
                "INSERT INTO ref (repo, name, kind, revision, generation, set_at, set_by) VALUES (?, ?, ?, ?, 1, ?, ?)",
                [repo.id, name.text, kind.rawValue, revision.id, now.column, actor])
        }
        try moved(name, kind, from: nil, to: revision.commit, in: repo)
    }

    /// Moves a branch or an alias.
    package func moveRef(_ ref: RefFacts, to revision: RevisionFacts, in repo: RepoFacts) throws {
        try db.run(
            "UPDATE ref SET revision = ?, generation = generation + 1, set_at = ?, set_by = ? WHERE repo = ? AND name = ?",
            [revision.id, now.column, actor, repo.id, ref.name.text])
        try moved(ref.name, ref.kind, from: ref.commit, to: revision.commit, in: repo)
    }

    package func removeRef(_ ref: RefFacts, in repo: RepoFacts) throws {
        try db.run("DELETE FROM ref WHERE repo = ? AND name = ?", [repo.id, ref.name.text])
        try moved(ref.name, ref.kind, from: ref.commit, to: nil, in: repo)
    }

    package func withdraw(_ ref: RefFacts, reason: String, in repo: RepoFacts) throws {
        try db.run("UPDATE ref SET withdrawn = ? WHERE repo = ? AND name = ?", [reason, repo.id, ref.name.text])
        try record("version.withdrawn", repo: repo.name, ["version": ref.name.text, "commit": ref.commit.hex, "reason": reason])
    }

    private func moved(_ name: RefName, _ kind: RefKind, from: GitID?, to: GitID?, in repo: RepoFacts) throws {
        if kind == .alias {
            try db.run(
                "INSERT INTO alias_move (repo, name, from_commit, to_commit, at, by) VALUES (?, ?, ?, ?, ?, ?)",
                [repo.id, name.text, from?.column, to?.column, now.column, actor])
        }
        if kind == .branch, name == .main { try noteCardIsDue(repo.id) }
        try touchRepo(repo.id)
        let verb = from == nil ? "created" : to == nil ? "deleted" : "moved"
        try record(
            "\(kind.rawValue).\(verb)", repo: repo.name, ["name": name.text, "from": from?.hex ?? "", "to": to?.hex ?? ""])
    }
}
