package import Core
import Foundation
import GRDB

extension Transaction {
    /// Stores the folders of a revision, root last, and gives the root's row. A folder that is
    /// already there costs one lookup.
    package func addTrees(_ folders: [FolderDraft]) throws -> Int64 {
        var rowOfFolder: [Int64] = []
        rowOfFolder.reserveCapacity(folders.count)
        for folder in folders {
            if let known = try db.one("SELECT id FROM tree WHERE digest = ?", [folder.digest.column]) {
                rowOfFolder.append(known[0])
                continue
            }
            guard
                let tree = try db.insert(
                    "INSERT INTO tree (digest, git_id, files, size) VALUES (?, ?, ?, ?) RETURNING id",
                    [folder.digest.column, folder.gitID.column, folder.files, folder.size])
            else { throw damaged("tree") }
            for child in folder.children {
                switch child.content {
                case .file(let digest, let size, let isExecutable, let storage, let gitID):
                    let blob = try addBlob(digest, size: size, gitID: storage == .regular ? gitID : nil)
                    try db.run(
                        "INSERT INTO tree_entry (tree, name, blob, is_executable, is_lfs, git_id) VALUES (?, ?, ?, ?, ?, ?)",
                        [tree, child.name, blob, isExecutable, storage == .lfs, gitID.column])
                case .folder(let index):
                    try db.run(
                        "INSERT INTO tree_entry (tree, name, child, is_executable, is_lfs, git_id) VALUES (?, ?, ?, 0, 0, ?)",
                        [tree, child.name, rowOfFolder[index], folders[index].gitID.column])
                }
            }
            rowOfFolder.append(tree)
        }
        guard let root = rowOfFolder.last else { throw HubError(.invalidRequest, "a revision needs at least one folder") }
        return root
    }

    /// The blob's row; its bytes must be on disk before this is called.
    @discardableResult
    package func addBlob(_ digest: Digest, size: Int64, gitID: GitID?) throws -> Int64 {
        if let row = try db.one("SELECT id, size FROM blob WHERE digest = ?", [digest.column]) {
            guard row[1] == size else {
                throw HubError(.sizeMismatch, "\(digest) has \(row[1] as Int64) bytes, not \(size); announce the true size")
            }
            if let gitID { try db.run("UPDATE blob SET git_id = ? WHERE id = ? AND git_id IS NULL", [gitID.column, row[0] as Int64]) }
            return row[0]
        }
        guard
            let id = try db.insert(
                "INSERT INTO blob (digest, size, git_id) VALUES (?, ?, ?) RETURNING id", [digest.column, size, gitID?.column])
        else { throw damaged("blob") }
        return id
    }

    /// Notes that a repo holds a tree and everything below it. What it held before costs
    /// nothing again.
    package func hold(tree: Int64, in repo: Int64) throws {
        if try db.one("SELECT 1 FROM repo_tree WHERE repo = ? AND tree = ?", [repo, tree]) != nil { return }
        try db.run("INSERT INTO repo_tree (repo, tree) VALUES (?, ?)", [repo, tree])
        try db.run(
            "INSERT INTO repo_blob (blob, repo) SELECT DISTINCT blob, ? FROM tree_entry WHERE tree = ? AND blob IS NOT NULL ON CONFLICT (blob, repo) DO NOTHING",
            [repo, tree])
        for row in try db.all("SELECT DISTINCT child FROM tree_entry WHERE tree = ? AND child IS NOT NULL", [tree]) {
            try hold(tree: row[0], in: repo)
        }
    }
}

extension Snapshot {
    /// Of these digests, the ones whose bytes a user may count on: in a repo they can read, or
    /// sent by themselves. With its size and, for small files, git's id.
    package func readable(_ digests: [Digest], user: Int64?, seesAll: Bool, now: Instant) throws -> [Digest: (size: Int64, gitID: GitID?)] {
        var found: [Digest: (size: Int64, gitID: GitID?)] = [:]
        for digest in digests {
            if let row = try db.one(
                """
                SELECT b.size, b.git_id FROM blob b WHERE b.digest = ?1 AND (EXISTS (
                  SELECT 1 FROM repo_blob h JOIN repo r ON r.id = h.repo WHERE h.blob = b.id AND (?3 OR \(mayRead(user: "?2"))))
                  OR EXISTS (SELECT 1 FROM lease WHERE digest = ?1 AND user = ?2 AND has_bytes AND until > ?4))
                """, [digest.column, user, seesAll, now.column])
            {
                found[digest] = (row[0], (row[1] as Data?).map(GitID.init(column:)))
            }
        }
        return found
    }

    /// The entry at a path below a root folder: what is needed to serve the file.
    package func file(_ path: FilePath, tree: Int64) throws -> FileEntry? {
        var tree = tree
        let parts = path.parts
        for (i, part) in parts.enumerated() {
            if i < parts.count - 1 {
                guard let row = try db.one("SELECT child FROM tree_entry WHERE tree = ? AND name = ?", [tree, String(part)]),
                    let child = row[0] as Int64?
                else { return nil }
                tree = child
                continue
            }
            return try db.one(
                """
                SELECT e.is_executable, e.is_lfs, e.git_id, b.digest, b.size FROM tree_entry e JOIN blob b ON b.id = e.blob
                WHERE e.tree = ? AND e.name = ?
                """, [tree, String(part)]
            ).map { row in
                FileEntry(
                    path: path, size: row[4], digest: Digest(column: row[3]), isExecutable: row[0],
                    storage: row[1] ? .lfs : .regular, gitID: GitID(column: row[2]))
            }
        }
        return nil
    }

    /// All files below a root folder in byte order of their paths; with `after`, those behind
    /// that path; with `prefix`, those that begin so. Whole folders outside are not read.
    package func files(tree: Int64, prefix: String = "", after: FilePath? = nil, limit: Int = .max) throws -> [FileEntry] {
        var found: [FileEntry] = []
        try walk(tree: tree, at: "", prefix: prefix, after: after, limit: limit, into: &found)
        return found
    }

    private func walk(tree: Int64, at base: String, prefix: String, after: FilePath?, limit: Int, into found: inout [FileEntry]) throws {
        struct Step {
            let key: String
            let name: String
            let child: Int64?
            let row: Row
        }
        let rows = try db.all(
            """
            SELECT e.name, e.child, e.is_executable, e.is_lfs, e.git_id, b.digest, b.size
            FROM tree_entry e LEFT JOIN blob b ON b.id = e.blob WHERE e.tree = ?
            """, [tree])
        // A folder stands where its paths stand: `a-b` comes before `a/x`, and `a` before both.
        let steps = rows.map { row in
            let name: String = row[0]
            let child: Int64? = row[1]
            return Step(key: child == nil ? name : name + "/", name: name, child: child, row: row)
        }.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for step in steps {
            guard found.count < limit else { return }
            let path = base + step.key
            guard path.utf8.starts(with: prefix.utf8) || prefix.utf8.starts(with: path.utf8) else { continue }
            if let child = step.child {
                // Everything in this folder lies before `after` unless `after` is inside it or before it.
                if let after, !after.text.utf8.starts(with: path.utf8), path.utf8.lexicographicallyPrecedes(after.text.utf8) { continue }
                try walk(tree: child, at: path, prefix: prefix, after: after, limit: limit, into: &found)
            } else {
                guard path.utf8.starts(with: prefix.utf8) else { continue }
                let entry = FileEntry(
                    path: try FilePath(parsing: path), size: step.row[6], digest: Digest(column: step.row[5]),
                    isExecutable: step.row[2], storage: step.row[3] ? .lfs : .regular, gitID: GitID(column: step.row[4]))
                if let after, !(after < entry.path) { continue }
                found.append(entry)
            }
        }
    }

    /// What differs between two root folders; folders that are the same row are not read.
    package func difference(from old: Int64?, to new: Int64?, at base: String = "") throws -> [(old: FileEntry?, new: FileEntry?)] {
        if old == new { return [] }
        let before = try entries(old, at: base)
        let after = try entries(new, at: base)
        var changes: [(old: FileEntry?, new: FileEntry?)] = []
        for name in Set(before.keys).union(after.keys).sorted(by: { $0.path < $1.path }) {
            let (a, b) = (before[name], after[name])
            if a?.child != nil || b?.child != nil {
                changes += try difference(from: a?.child, to: b?.child, at: name.path.text + "/")
            }
            if a?.file != b?.file, a?.file != nil || b?.file != nil { changes.append((a?.file, b?.file)) }
        }
        return changes
    }

    private struct EntryName: Hashable { let path: FilePath }
    private struct Entry {
        let file: FileEntry?
        let child: Int64?
    }

    private func entries(_ tree: Int64?, at base: String) throws -> [EntryName: Entry] {
        guard let tree else { return [:] }
        var result: [EntryName: Entry] = [:]
        for row in try db.all(
            """
            SELECT e.name, e.child, e.is_executable, e.is_lfs, e.git_id, b.digest, b.size
            FROM tree_entry e LEFT JOIN blob b ON b.id = e.blob WHERE e.tree = ?
            """, [tree])
        {
            let path = try FilePath(parsing: base + (row[0] as String))
            let child: Int64? = row[1]
            let file =
                child != nil
                ? nil
                : FileEntry(
                    path: path, size: row[6], digest: Digest(column: row[5]), isExecutable: row[2],
                    storage: row[3] ? .lfs : .regular, gitID: GitID(column: row[4]))
            result[EntryName(path: path)] = Entry(file: file, child: child)
        }
        return result
    }
}
