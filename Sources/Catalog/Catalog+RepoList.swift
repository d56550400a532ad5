package import Core
import Foundation
import GRDB

extension RepoQuery.Sort {
    fileprivate var column: String {
        switch self {
        case .updated: "r.updated_at"
        case .created: "r.created_at"
        case .downloads: "r.downloads"
        case .row: "r.id"
        }
    }
}

extension Snapshot {
    /// Visible repos, the greatest first; repos that are alike in what is sorted by, the newest first.
    package func repos(_ query: RepoQuery) throws -> [RepoFacts] {
        var sql = repoQuery + " WHERE r.kind = ?"
        var arguments: StatementArguments = [query.kind.rawValue]
        if !query.seesAll {
            sql += " AND " + mayRead(user: "?")
            arguments += [query.user, query.user, query.user]
        }
        if let owner = query.owner {
            sql += " AND o.folded = ?"
            arguments += [owner.text.lowercased()]
        }
        for part in query.parts {
            sql += #" AND r.folded LIKE ? ESCAPE '\'"#
            arguments += ["%\(Self.literal(part.lowercased()))%"]
        }
        for tag in query.tags {
            sql += " AND r.id IN (SELECT repo FROM repo_tag WHERE tag = ?)"
            arguments += [tag.lowercased()]
        }
        if let pipelineTag = query.pipelineTag {
            sql += " AND r.id IN (SELECT repo FROM repo_card WHERE pipeline_tag = ?)"
            arguments += [pipelineTag]
        }
        if let parameters = query.parameters {
            sql += " AND r.id IN (SELECT repo FROM repo_card WHERE parameters BETWEEN ? AND ?)"
            arguments += [parameters.lowerBound, parameters.upperBound]
        }
        let column = query.sort.column
        if let after = query.after {
            sql += " AND (\(column) < ? OR (\(column) = ? AND r.id < ?))"
            arguments += [after.key, after.key, after.id]
        }
        sql += " ORDER BY \(column) DESC, r.id DESC LIMIT ?"
        return try db.all(sql, arguments + [query.limit]).map(repoFacts)
    }

    private static func literal(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
    }
}
