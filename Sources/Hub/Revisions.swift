import Catalog
package import Core

/// A revision with the names that lead to it.
package struct NamedRevision: Sendable {
    package let revision: RevisionFacts
    package let refs: [RefFacts]
}

extension Hub {
    package func revision(_ spec: RevisionSpec, of name: RepoName, for who: Principal) throws -> NamedRevision {
        try catalog.read { rows in
            let revision = try rows.revision(spec, of: rows.repo(name, for: who))
            return NamedRevision(revision: revision, refs: try rows.refs(of: revision.id))
        }
    }

    /// First parents from a revision on, newest first, and the commit to go on from, if any.
    package func history(
        from spec: RevisionSpec, of name: RepoName, limit: Int, for who: Principal
    ) throws -> (page: [NamedRevision], next: GitID?) {
        try catalog.read { rows in
            let start = try rows.revision(spec, of: rows.repo(name, for: who))
            let ids = try rows.history(from: start.id, limit: limit + 1)
            let page = try ids.prefix(limit).compactMap { id in
                try rows.revision(id: id).map { NamedRevision(revision: $0, refs: try rows.refs(of: id)) }
            }
            return (page, ids.count > limit ? try rows.revision(id: ids[limit])?.commit : nil)
        }
    }

    package func files(
        of name: RepoName, at spec: RevisionSpec, prefix: String = "", after: FilePath? = nil, limit: Int = .max, for who: Principal
    ) throws -> (revision: RevisionFacts, files: [FileEntry]) {
        try catalog.read { rows in
            let revision = try rows.revision(spec, of: rows.repo(name, for: who))
            return (revision, try rows.files(tree: revision.treeRow, prefix: prefix, after: after, limit: limit))
        }
    }

    package func diff(
        of name: RepoName, from old: RevisionSpec, to new: RevisionSpec, for who: Principal
    ) throws -> (from: RevisionFacts, to: RevisionFacts, changes: [(old: FileEntry?, new: FileEntry?)]) {
        try catalog.read { rows in
            let repo = try rows.repo(name, for: who)
            let (from, to) = (try rows.revision(old, of: repo), try rows.revision(new, of: repo))
            return (from, to, try rows.difference(from: from.treeRow, to: to.treeRow))
        }
    }
}
