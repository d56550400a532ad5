import Catalog
package import Core

extension Hub {
    /// What is in a folder of a revision, and with `isRecursive` everything below it; only what comes
    /// behind the key `after`. No path means the top. `.unknownFile` where there is no such folder.
    package func items(
        of name: RepoName, at spec: RevisionSpec, in path: FilePath?, isRecursive: Bool, after: String?, limit: Int, for who: Principal
    ) throws -> (revision: RevisionFacts, items: [TreeItem]) {
        try catalog.read { rows in
            let revision = try rows.revision(spec, of: rows.repo(name, for: who))
            guard let folder = try rows.folder(path, tree: revision.treeRow) else {
                throw HubError(
                    .unknownFile, "\(name)@\(spec) has no folder '\(path?.text ?? "")'", details: ["commit": revision.commit.hex])
            }
            return (
                revision,
                try rows.items(tree: folder.row, base: path.map { $0.text + "/" } ?? "", isRecursive: isRecursive, after: after, limit: limit)
            )
        }
    }

    /// Of some paths, the files and folders that are there, in the order asked.
    package func items(
        of name: RepoName, at spec: RevisionSpec, named paths: [FilePath], for who: Principal
    ) throws -> (revision: RevisionFacts, items: [TreeItem]) {
        try catalog.read { rows in
            let revision = try rows.revision(spec, of: rows.repo(name, for: who))
            let items = try paths.compactMap { path -> TreeItem? in
                if let file = try rows.file(path, tree: revision.treeRow) { return .file(file) }
                return try rows.folder(path, tree: revision.treeRow).map { .folder(path, $0.gitID) }
            }
            return (revision, items)
        }
    }
}
