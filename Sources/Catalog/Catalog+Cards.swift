package import Core
import Foundation
import GRDB

extension Snapshot {
    /// Repos whose card has to be read again, behind `after`, in order of their rows.
    package func dueCards(after: Int64, limit: Int) throws -> [Int64] {
        try db.all("SELECT repo FROM card_due WHERE repo > ? ORDER BY repo LIMIT ?", [after, limit]).map { $0[0] }
    }

    package func isCardDue(_ repo: Int64) throws -> Bool { try db.one("SELECT 1 FROM card_due WHERE repo = ?", [repo]) != nil }

    /// What the card said when it was last read, and at which revision.
    package func card(of repo: Int64) throws -> (commit: GitID, facts: CardFacts)? {
        try db.one("SELECT commit_id, json, tags, pipeline_tag, library, parameters FROM repo_card WHERE repo = ?", [repo]).map { row in
            let tags = (row[2] as String).split(separator: "\n").map(String.init)
            return (GitID(column: row[0]), CardFacts(json: row[1], tags: tags, pipelineTag: row[3], library: row[4], parameters: row[5]))
        }
    }

    /// The tags of the repos that a user may read, as they are filtered by, most used first.
    package func tags(_ kind: RepoKind, user: Int64?, seesAll: Bool, limit: Int) throws -> [(tag: String, repos: Int)] {
        try db.all(
            """
            SELECT t.tag, count(*) AS uses FROM repo_tag t JOIN repo r ON r.id = t.repo
            WHERE r.kind = ?1 AND (?3 OR \(mayRead(user: "?2"))) GROUP BY t.tag ORDER BY uses DESC, t.tag LIMIT ?4
            """, [kind.rawValue, user, seesAll, limit]
        ).map { ($0[0], $0[1]) }
    }
}

extension Transaction {
    /// Keeps what a card says. It stays due where `main` has moved on since `commit`.
    package func setCard(_ facts: CardFacts, of repo: Int64, at commit: GitID) throws {
        let tags = facts.tags.filter { !$0.isEmpty && !$0.contains("\n") }
        try db.run(
            """
            INSERT INTO repo_card (repo, commit_id, json, tags, pipeline_tag, library, parameters) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (repo) DO UPDATE SET commit_id = excluded.commit_id, json = excluded.json, tags = excluded.tags,
              pipeline_tag = excluded.pipeline_tag, library = excluded.library, parameters = excluded.parameters
            """, [repo, commit.column, facts.json, tags.joined(separator: "\n"), facts.pipelineTag, facts.library, facts.parameters])
        try db.run("DELETE FROM repo_tag WHERE repo = ?", [repo])
        for tag in Set(tags.map { $0.lowercased() }) { try db.run("INSERT INTO repo_tag (tag, repo) VALUES (?, ?)", [tag, repo]) }
        if try rows.ref(.main, in: repo)?.commit == commit { try cardIsNotDue(repo) }
    }

    package func cardIsNotDue(_ repo: Int64) throws { try db.run("DELETE FROM card_due WHERE repo = ?", [repo]) }

    func noteCardIsDue(_ repo: Int64) throws { try db.run("INSERT INTO card_due (repo) VALUES (?) ON CONFLICT (repo) DO NOTHING", [repo]) }
}
