import Catalog
package import Core

extension Hub {
    /// How far back `lastChanges` looks.
    private static let deepestLook = 1000

    /// For each path the revision that changed it last, along first parents; a folder changes with
    /// what is below it. A path that did not change for a thousand revisions is left out.
    package func lastChanges(of paths: [FilePath], from revision: RevisionFacts) throws -> [FilePath: RevisionFacts] {
        try catalog.read { rows in
            var wanted = Set(paths)
            var found: [FilePath: RevisionFacts] = [:]
            var current: RevisionFacts? = revision
            for _ in 0..<Self.deepestLook {
                guard let here = current, !wanted.isEmpty else { break }
                let ids = try rows.history(from: here.id, limit: 2)
                let parent = ids.count > 1 ? try rows.revision(id: ids[1]) : nil
                for change in try rows.difference(from: parent?.treeRow, to: here.treeRow) {
                    guard let path = change.new?.path ?? change.old?.path else { continue }
                    for touched in [path] + path.folders where wanted.remove(touched) != nil { found[touched] = here }
                }
                current = parent
            }
            return found
        }
    }
}

extension FilePath {
    /// The folders it is in, from the outermost on.
    fileprivate var folders: [FilePath] {
        let parts = parts
        guard parts.count > 1 else { return [] }
        return (1..<parts.count).compactMap { try? FilePath(parsing: parts[..<$0].joined(separator: "/")) }
    }
}
