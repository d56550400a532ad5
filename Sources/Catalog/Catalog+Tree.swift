package import Core
import Foundation
import GRDB

extension Snapshot {
    /// The row and git id of a folder below a root folder; the root itself where there is no path.
    package func folder(_ path: FilePath?, tree: Int64) throws -> (row: Int64, gitID: GitID)? {
        var found = try db.one("SELECT id, git_id FROM tree WHERE id = ?", [tree])
        for part in path?.parts ?? [] {
            guard let row = found?[0] as Int64? else { return nil }
            found = try db.one(
                "SELECT t.id, t.git_id FROM tree_entry e JOIN tree t ON t.id = e.child WHERE e.tree = ? AND e.name = ?", [row, String(part)])
        }
        return found.map { ($0[0], GitID(column: $0[1])) }
    }

    /// What is in a folder, and with `isRecursive` everything below it, in order of the items' keys;
    /// only what comes behind the key `after`. `base` is the folder's path, with a slash where it is
    /// not the root.
    package func items(tree: Int64, base: String, isRecursive: Bool, after: String?, limit: Int) throws -> [TreeItem] {
        var found: [TreeItem] = []
        try collect(tree: tree, base: base, isRecursive: isRecursive, after: after, limit: limit, into: &found)
        return found
    }

    private func collect(tree: Int64, base: String, isRecursive: Bool, after: String?, limit: Int, into found: inout [TreeItem]) throws {
        let rows = try db.all(
            """
            SELECT e.name, e.child, e.is_executable, e.is_lfs, e.git_id, b.digest, b.size
            FROM tree_entry e LEFT JOIN blob b ON b.id = e.blob WHERE e.tree = ?
            """, [tree])
        let steps = rows.map { row in (key: base + (row[0] as String) + ((row[1] as Int64?) == nil ? "" : "/"), row: row) }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (key, row) in steps {
            guard found.count < limit else { return }
            let isBehind = after.map { $0.utf8.lexicographicallyPrecedes(key.utf8) } ?? true
            guard let child = row[1] as Int64? else {
                guard isBehind else { continue }
                found.append(
                    .file(
                        FileEntry(
                            path: try FilePath(parsing: key), size: row[6], digest: Digest(column: row[5]), isExecutable: row[2],
                            storage: row[3] ? .lfs : .regular, gitID: GitID(column: row[4]))))
                continue
            }
            if isBehind { found.append(.folder(try FilePath(parsing: key.dropLast()), GitID(column: row[4]))) }
            // Behind the folder's own key, or somewhere inside it: else everything in it was shown.
            guard isRecursive, isBehind || after?.utf8.starts(with: key.utf8) == true else { continue }
            try collect(tree: child, base: key, isRecursive: true, after: after, limit: limit, into: &found)
        }
    }
}
