// Bodies of our HTTP API; see Types.swift for the units.

package struct NewRepo: Codable, Hashable, Sendable {
    package var owner: String
    package var name: String
    package var isPrivate: Bool?
    package var description: String?

    package init(owner: String, name: String, isPrivate: Bool? = nil, description: String? = nil) {
        self.owner = owner
        self.name = name
        self.isPrivate = isPrivate
        self.description = description
    }
}

package struct RepoInfo: Codable, Hashable, Sendable {
    /// Model or dataset.
    package var kind: String
    package var owner: String
    package var name: String
    package var isPrivate: Bool
    package var description: String
    package var created: String
    package var updated: String
    /// Commit id of main; absent while empty.
    package var head: String?
    /// The version named last.
    package var latestVersion: String?
    /// Files at the head.
    package var files: Int
    /// Bytes at the head.
    package var size: Int64
    package var downloads: Int64
    /// Send as If-Match.
    package var etag: String

    package init(
        kind: String, owner: String, name: String, isPrivate: Bool, description: String, created: String, updated: String, head: String? = nil,
        latestVersion: String? = nil, files: Int, size: Int64, downloads: Int64, etag: String
    ) {
        self.kind = kind
        self.owner = owner
        self.name = name
        self.isPrivate = isPrivate
        self.description = description
        self.created = created
        self.updated = updated
        self.head = head
        self.latestVersion = latestVersion
        self.files = files
        self.size = size
        self.downloads = downloads
        self.etag = etag
    }
}

package struct RepoChange: Codable, Hashable, Sendable {
    package var isPrivate: Bool?
    package var description: String?

    package init(isPrivate: Bool? = nil, description: String? = nil) {
        self.isPrivate = isPrivate
        self.description = description
    }
}

package struct MoveRepo: Codable, Hashable, Sendable {
    package var owner: String
    package var name: String

    package init(owner: String, name: String) {
        self.owner = owner
        self.name = name
    }
}

package struct RevisionInfo: Codable, Hashable, Sendable {
    package var repo: String
    package var kind: String
    package var commit: String
    /// Git id of the root tree.
    package var tree: String
    /// Digest of the canonical manifest.
    package var manifest: String
    /// Commit ids.
    package var parents: [String]
    package var author: String
    package var message: String
    package var created: String
    package var files: Int
    package var size: Int64
    package var branches: [String]
    package var versions: [String]
    package var aliases: [String]
    /// The reason, where its version was withdrawn.
    package var withdrawn: String?

    package init(
        repo: String, kind: String, commit: String, tree: String, manifest: String, parents: [String], author: String, message: String,
        created: String, files: Int, size: Int64, branches: [String], versions: [String], aliases: [String], withdrawn: String? = nil
    ) {
        self.repo = repo
        self.kind = kind
        self.commit = commit
        self.tree = tree
        self.manifest = manifest
        self.parents = parents
        self.author = author
        self.message = message
        self.created = created
        self.files = files
        self.size = size
        self.branches = branches
        self.versions = versions
        self.aliases = aliases
        self.withdrawn = withdrawn
    }
}

package struct FileInfo: Codable, Hashable, Sendable {
    package var path: String
    package var size: Int64
    package var digest: String
    package var gitID: String
    /// Regular or lfs.
    package var storage: String
    package var isExecutable: Bool

    package init(path: String, size: Int64, digest: String, gitID: String, storage: String, isExecutable: Bool) {
        self.path = path
        self.size = size
        self.digest = digest
        self.gitID = gitID
        self.storage = storage
        self.isExecutable = isExecutable
    }
}

package struct DiffInfo: Codable, Hashable, Sendable {
    /// Commit id.
    package var from: String
    /// Commit id.
    package var to: String
    package var added: [FileInfo]
    package var removed: [FileInfo]
    package var changed: [FileChange]

    package init(from: String, to: String, added: [FileInfo], removed: [FileInfo], changed: [FileChange]) {
        self.from = from
        self.to = to
        self.added = added
        self.removed = removed
        self.changed = changed
    }
}

package struct FileChange: Codable, Hashable, Sendable {
    package var path: String
    package var from: FileInfo
    package var to: FileInfo

    package init(path: String, from: FileInfo, to: FileInfo) {
        self.path = path
        self.from = from
        self.to = to
    }
}

package struct RefInfo: Codable, Hashable, Sendable {
    package var name: String
    /// Branch, version or alias.
    package var kind: String
    package var commit: String
    /// When it was last set.
    package var at: String
    package var by: String
    /// The reason, for a withdrawn version.
    package var withdrawn: String?
    /// Send as If-Match.
    package var etag: String

    package init(
        name: String, kind: String, commit: String, at: String, by: String, withdrawn: String? = nil, etag: String
    ) {
        self.name = name
        self.kind = kind
        self.commit = commit
        self.at = at
        self.by = by
        self.withdrawn = withdrawn
        self.etag = etag
    }
}

package struct RefsInfo: Codable, Hashable, Sendable {
    package var branches: [RefInfo]
    package var versions: [RefInfo]
    package var aliases: [RefInfo]

    package init(branches: [RefInfo], versions: [RefInfo], aliases: [RefInfo]) {
        self.branches = branches
        self.versions = versions
        self.aliases = aliases
    }
}

package struct SetRef: Codable, Hashable, Sendable {
    /// Branch, version, alias or commit id.
    package var revision: String

    package init(revision: String) {
        self.revision = revision
    }
}

package struct AliasMove: Codable, Hashable, Sendable {
    /// Commit id; absent when it was made.
    package var from: String?
    /// Commit id; absent when it was deleted.
    package var to: String?
    package var at: String
    package var by: String

    package init(from: String? = nil, to: String? = nil, at: String, by: String) {
        self.from = from
        self.to = to
        self.at = at
        self.by = by
    }
}

package struct LineageInfo: Codable, Hashable, Sendable {
    /// Commit id where the question began.
    package var revision: String
    /// Up or down.
    package var direction: String
    package var steps: [LineageEdge]

    package init(revision: String, direction: String, steps: [LineageEdge]) {
        self.revision = revision
        self.direction = direction
        self.steps = steps
    }
}

package struct LineageEdge: Codable, Hashable, Sendable {
    package var depth: Int
    /// Finetune, adapter, quantized, merge, distilled, dataset or converted.
    package var kind: String
    package var child: LineageNode
    package var parent: LineageNode

    package init(depth: Int, kind: String, child: LineageNode, parent: LineageNode) {
        self.depth = depth
        self.kind = kind
        self.child = child
        self.parent = parent
    }
}

package struct LineageNode: Codable, Hashable, Sendable {
    /// Model or dataset.
    package var kind: String
    /// Where it lives now.
    package var repo: String
    package var commit: String
    package var version: String?

    package init(kind: String, repo: String, commit: String, version: String? = nil) {
        self.kind = kind
        self.repo = repo
        self.commit = commit
        self.version = version
    }
}

package struct NewLineage: Codable, Hashable, Sendable {
    /// The child (default main).
    package var revision: String?
    /// Owner/name@version[:kind].
    package var base: String

    package init(revision: String? = nil, base: String) {
        self.revision = revision
        self.base = base
    }
}
