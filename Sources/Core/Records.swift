// What the catalog knows, as values. Ids of rows are `Int64` and stay inside the house.

package struct RepoFacts: Hashable, Sendable {
    package let id: Int64
    package let name: RepoName
    package let isPrivate: Bool
    package let description: String
    package let generation: Int64
    package let created: Instant
    package let updated: Instant
    package let downloads: Int64
    package let head: GitID?
    package let latestVersion: RefName?
    package let files: Int
    package let size: Int64

    package init(
        id: Int64, name: RepoName, isPrivate: Bool, description: String, generation: Int64, created: Instant,
        updated: Instant, downloads: Int64, head: GitID?, latestVersion: RefName?, files: Int, size: Int64
    ) {
        self.id = id
        self.name = name
        self.isPrivate = isPrivate
        self.description = description
        self.generation = generation
        self.created = created
        self.updated = updated
        self.downloads = downloads
        self.head = head
        self.latestVersion = latestVersion
        self.files = files
        self.size = size
    }
}

package struct RevisionFacts: Hashable, Sendable {
    package let id: Int64
    package let repo: RepoName
    package let commit: GitID
    /// Row of the root folder.
    package let treeRow: Int64
    package let tree: GitID
    package let manifest: Digest
    package let parents: [GitID]
    package let author: String
    package let message: String
    package let created: Instant
    package let files: Int
    package let size: Int64

    package init(
        id: Int64, repo: RepoName, commit: GitID, treeRow: Int64, tree: GitID, manifest: Digest, parents: [GitID],
        author: String, message: String, created: Instant, files: Int, size: Int64
    ) {
        self.id = id
        self.repo = repo
        self.commit = commit
        self.treeRow = treeRow
        self.tree = tree
        self.manifest = manifest
        self.parents = parents
        self.author = author
        self.message = message
        self.created = created
        self.files = files
        self.size = size
    }
}

package enum RefKind: String, Hashable, Sendable {
    case branch, version, alias
}

package struct RefFacts: Hashable, Sendable {
    package let name: RefName
    package let kind: RefKind
    package let revision: Int64
    package let commit: GitID
    package let generation: Int64
    package let at: Instant
    package let by: String
    /// The reason, for a version that was withdrawn.
    package let withdrawn: String?

    package init(
        name: RefName, kind: RefKind, revision: Int64, commit: GitID, generation: Int64, at: Instant, by: String,
        withdrawn: String?
    ) {
        self.name = name
        self.kind = kind
        self.revision = revision
        self.commit = commit
        self.generation = generation
        self.at = at
        self.by = by
        self.withdrawn = withdrawn
    }
}

package struct AliasMoveFacts: Hashable, Sendable {
    package let from: GitID?
    package let to: GitID?
    package let at: Instant
    package let by: String
    package init(from: GitID?, to: GitID?, at: Instant, by: String) {
        self.from = from
        self.to = to
        self.at = at
        self.by = by
    }
}

package struct TokenFacts: Hashable, Sendable {
    package let id: Int64
    package let name: String
    package let user: String
    package let role: Role
    package let created: Instant
    package let expires: Instant?
    package let lastUsed: Instant?
    package init(id: Int64, name: String, user: String, role: Role, created: Instant, expires: Instant?, lastUsed: Instant?) {
        self.id = id
        self.name = name
        self.user = user
        self.role = role
        self.created = created
        self.expires = expires
        self.lastUsed = lastUsed
    }
}

package struct OwnerFacts: Hashable, Sendable {
    package let id: Int64
    package let name: String
    package let isUser: Bool
    package init(id: Int64, name: String, isUser: Bool) {
        self.id = id
        self.name = name
        self.isUser = isUser
    }
}

package struct MemberFacts: Hashable, Sendable {
    package let user: String
    package let role: Role
    package init(user: String, role: Role) {
        self.user = user
        self.role = role
    }
}

/// One line of the append-only log.
package struct EventFacts: Hashable, Sendable {
    package let sequence: Int64
    package let at: Instant
    package let actor: String
    /// Such as `revision.published`, `alias.moved`.
    package let action: String
    package let repo: String?
    package let detail: [String: String]
    package let previous: Digest
    package let hash: Digest

    package init(
        sequence: Int64, at: Instant, actor: String, action: String, repo: String?, detail: [String: String],
        previous: Digest, hash: Digest
    ) {
        self.sequence = sequence
        self.at = at
        self.actor = actor
        self.action = action
        self.repo = repo
        self.detail = detail
        self.previous = previous
        self.hash = hash
    }

    /// The text whose SHA-256 is `hash`: every field with its length, so that no two events
    /// have the same text.
    package static func canonical(
        sequence: Int64, at: Instant, actor: String, action: String, repo: String?, detail: String, previous: Digest
    ) -> String {
        var text = "grayling event 1\n\(previous.hex)\n\(sequence)\n\(at.milliseconds)\n"
        for field in [actor, action, repo ?? "", detail] { text += "\(field.utf8.count):\(field)\n" }
        return text
    }
}

package struct LockFacts: Hashable, Sendable {
    package let digest: Digest
    package let name: String
    package let created: Instant
    package let by: String
    package let revisions: [RevisionLabel]
    package init(digest: Digest, name: String, created: Instant, by: String, revisions: [RevisionLabel]) {
        self.digest = digest
        self.name = name
        self.created = created
        self.by = by
        self.revisions = revisions
    }
}

/// One line of a folder: a file, or a folder in it.
package enum TreeItem: Hashable, Sendable {
    case file(FileEntry)
    case folder(FilePath, GitID)

    package var path: FilePath {
        switch self {
        case .file(let file): file.path
        case .folder(let path, _): path
        }
    }

    /// What lists of items are ordered by, byte by byte: a folder stands where its files stand.
    package var key: String {
        switch self {
        case .file(let file): file.path.text
        case .folder(let path, _): path.text + "/"
        }
    }
}

/// What the card of a repo's `main` says, for lists and filters.
package struct CardFacts: Hashable, Sendable {
    /// The card's metadata as a JSON object; nil where there is no card, or none that can be read.
    package let json: String?
    /// As people see them, in their order.
    package let tags: [String]
    package let pipelineTag: String?
    package let library: String?
    /// Parameters of the weights, where their files say so.
    package let parameters: Int64?

    package init(json: String? = nil, tags: [String] = [], pipelineTag: String? = nil, library: String? = nil, parameters: Int64? = nil) {
        self.json = json
        self.tags = tags
        self.pipelineTag = pipelineTag
        self.library = library
        self.parameters = parameters
    }
}
