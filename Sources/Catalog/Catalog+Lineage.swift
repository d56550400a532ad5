package import Core
import Foundation
import GRDB

extension Snapshot {
    /// Edges from a revision towards its parents or its children, nearest first, each once with
    /// its smallest depth. An edge is shown only to whoever may read both of its ends.
    package func lineage(
        of revision: Int64, _ direction: LineageDirection, depth: Int, user: Int64?, seesAll: Bool
    ) throws -> [LineageStep] {
        let (near, far) = direction == .up ? ("child", "parent") : ("parent", "child")
        let rows = try db.all(
            """
            WITH RECURSIVE walk (depth, child, parent, kind, far) AS (
              SELECT 1, child, parent, kind, \(far) FROM lineage WHERE \(near) = ?1
              UNION
              SELECT w.depth + 1, l.child, l.parent, l.kind, l.\(far) FROM walk w JOIN lineage l ON l.\(near) = w.far WHERE w.depth < ?2
            )
            SELECT min(w.depth), w.kind, w.child, w.parent FROM walk w
            JOIN revision c ON c.id = w.child JOIN repo cr ON cr.id = c.repo
            JOIN revision p ON p.id = w.parent JOIN repo pr ON pr.id = p.repo
            WHERE ?4 OR (\(mayRead("cr", user: "?3")) AND \(mayRead("pr", user: "?3")))
            GROUP BY w.child, w.parent, w.kind ORDER BY 1, w.child, w.parent
            """, [revision, depth, user, seesAll])
        return try rows.map { row in
            guard let kind = LineageKind(rawValue: row[1]) else { throw damaged("lineage edge") }
            return LineageStep(depth: row[0], kind: kind, child: try label(row[2]), parent: try label(row[3]))
        }
    }

    /// A revision as people read it, with the version it carries, if any.
    package func label(_ revision: Int64) throws -> RevisionLabel {
        guard
            let row = try db.one(
                """
                SELECT r.kind, o.name, r.name, v.commit_id,
                  (SELECT n.name FROM ref n WHERE n.revision = v.id AND n.kind = 'version' ORDER BY n.id LIMIT 1)
                FROM revision v JOIN repo r ON r.id = v.repo JOIN owner o ON o.id = r.owner WHERE v.id = ?
                """, [revision]), let kind = RepoKind(rawValue: row[0])
        else { throw damaged("revision") }
        return RevisionLabel(
            repo: try RepoName(kind, owner: row[1] as String, name: row[2] as String), commit: GitID(column: row[3]),
            version: try (row[4] as String?).map { try RefName(parsing: $0) })
    }

    /// What stands against deleting a repo: locks on its revisions, and children elsewhere. Those
    /// that `who` may not see are only counted.
    func holders(ofRepo repo: Int64, for who: Principal) throws -> [String] {
        let locks = try db.all(
            """
            SELECT DISTINCT l.name, v.id FROM lock l JOIN lock_revision h ON h.lock = l.id JOIN revision v ON v.id = h.revision
            WHERE v.repo = ?
            """, [repo]
        ).map { "the lock '\($0[0] as String)' pins \(try label($0[1]).commit.hex.prefix(12))" }
        var hidden = 0
        let children = try db.all(
            """
            SELECT l.child, l.kind FROM lineage l JOIN revision p ON p.id = l.parent JOIN revision c ON c.id = l.child
            WHERE p.repo = ?1 AND c.repo <> ?1
            """, [repo]
        ).compactMap { row -> String? in
            let child = try label(row[0])
            guard let found = try access(child.repo, user: who.user?.id), found.access.isOpen(to: who) else {
                hidden += 1
                return nil
            }
            return "\(child.repo)@\(child.version?.text ?? String(child.commit.hex.prefix(12))) is made from it (\(row[1] as String))"
        }
        return locks + children + (hidden == 0 ? [] : ["\(hidden) revisions that you cannot see are made from it"])
    }
}

extension RepoAccess {
    /// Whether `who` can tell that the repo is there.
    package func isOpen(to who: Principal) -> Bool { !isPrivate || who.effective(granted) != nil }
}

extension Transaction {
    /// Joins two revisions. An edge that would make a revision its own ancestor is refused.
    package func addLineage(child: Int64, parent: Int64, kind: LineageKind) throws {
        let (childLabel, parentLabel) = (try rows.label(child), try rows.label(parent))
        let isAncestor =
            try child == parent
            || db.one(
                """
                WITH RECURSIVE up (id) AS (
                  SELECT parent FROM lineage WHERE child = ?1 UNION SELECT l.parent FROM up JOIN lineage l ON l.child = up.id
                ) SELECT 1 FROM up WHERE id = ?2
                """, [parent, child]) != nil
        guard !isAncestor else {
            throw HubError(
                .lineageCycle,
                "\(childLabel.repo)@\(childLabel.commit.hex.prefix(12)) cannot be made from \(parentLabel.repo)@\(parentLabel.commit.hex.prefix(12)): that revision is, or comes from, the first; check which is the base"
            )
        }
        try db.run(
            "INSERT INTO lineage (child, parent, kind, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (child, parent, kind) DO NOTHING",
            [child, parent, kind.rawValue, now.column])
        try record(
            "lineage.added", repo: childLabel.repo,
            ["child": childLabel.commit.hex, "parent": parentLabel.commit.hex, "parentRepo": parentLabel.repo.path, "kind": kind.rawValue])
    }
}
