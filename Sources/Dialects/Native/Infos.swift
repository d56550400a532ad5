import API
import Core
import Hub
import Hummingbird
import Wire

// The house's values as the API writes them.

extension Response {
    /// A page of a list whose full pages may have more behind them.
    static func page<Item: Codable & Sendable>(_ items: [Item], _ paging: Paging, cursor: (Item) -> String) throws -> Response {
        try .json(Page(items: items, next: items.count == paging.limit ? items.last.map(cursor) : nil))
    }
}

extension EventInfo {
    init(_ event: EventFacts) {
        self.init(
            sequence: event.sequence, at: event.at.description, actor: event.actor, action: event.action, repo: event.repo,
            detail: event.detail, previousHash: event.previous.description, hash: event.hash.description)
    }
}

extension TokenInfo {
    init(_ token: TokenFacts) {
        self.init(
            id: String(token.id), name: token.name, user: token.user, role: token.role.rawValue, created: token.created.description,
            expires: token.expires?.description, lastUsed: token.lastUsed?.description)
    }
}

extension OwnerInfo {
    init(_ owner: OwnerFacts, repos: Int) {
        self.init(name: owner.name, kind: owner.isUser ? "user" : "organisation", repos: repos)
    }
}

extension MemberInfo {
    init(_ member: MemberFacts) { self.init(user: member.user, role: member.role.rawValue) }
}

extension RepoInfo {
    init(_ repo: RepoFacts) {
        self.init(
            kind: repo.name.kind.rawValue, owner: repo.name.owner.text, name: repo.name.name, isPrivate: repo.isPrivate,
            description: repo.description, created: repo.created.description, updated: repo.updated.description, head: repo.head?.hex,
            latestVersion: repo.latestVersion?.text, files: repo.files, size: repo.size, downloads: repo.downloads,
            etag: "\"\(repo.generation)\"")
    }
}

extension RevisionInfo {
    init(_ named: NamedRevision) {
        let revision = named.revision
        func names(_ kind: RefKind) -> [String] { named.refs.filter { $0.kind == kind }.map(\.name.text) }
        self.init(
            repo: revision.repo.path, kind: revision.repo.kind.rawValue, commit: revision.commit.hex, tree: revision.tree.hex,
            manifest: revision.manifest.description, parents: revision.parents.map(\.hex), author: revision.author,
            message: revision.message, created: revision.created.description, files: revision.files, size: revision.size,
            branches: names(.branch), versions: names(.version), aliases: names(.alias),
            withdrawn: named.refs.lazy.compactMap(\.withdrawn).first)
    }
}

extension FileInfo {
    init(_ file: FileEntry) {
        self.init(
            path: file.path.text, size: file.size, digest: file.digest.description, gitID: file.gitID.hex, storage: file.storage.rawValue,
            isExecutable: file.isExecutable)
    }
}

extension DiffInfo {
    init(_ diff: (from: RevisionFacts, to: RevisionFacts, changes: [(old: FileEntry?, new: FileEntry?)])) {
        self.init(
            from: diff.from.commit.hex, to: diff.to.commit.hex,
            added: diff.changes.filter { $0.old == nil }.compactMap { $0.new.map(FileInfo.init) },
            removed: diff.changes.filter { $0.new == nil }.compactMap { $0.old.map(FileInfo.init) },
            changed: diff.changes.compactMap { change in
                guard let old = change.old, let new = change.new else { return nil }
                return FileChange(path: new.path.text, from: FileInfo(old), to: FileInfo(new))
            })
    }
}

extension RefInfo {
    init(_ ref: RefFacts) {
        self.init(
            name: ref.name.text, kind: ref.kind.rawValue, commit: ref.commit.hex, at: ref.at.description, by: ref.by,
            withdrawn: ref.withdrawn, etag: "\"\(ref.generation)\"")
    }
}

extension AliasMove {
    init(_ move: AliasMoveFacts) {
        self.init(from: move.from?.hex, to: move.to?.hex, at: move.at.description, by: move.by)
    }
}

extension BlobInfo {
    init(_ blob: ReceivedBlob) { self.init(digest: blob.digest.description, size: blob.size, wasNew: blob.wasNew) }
}

extension UploadInfo {
    init(_ upload: UploadFacts) {
        self.init(
            id: upload.id.text, digest: upload.digest.description, size: upload.size, partSize: upload.partSize, received: upload.received,
            expires: upload.expires.description)
    }
}

extension LineageEdge {
    init(_ step: LineageStep) {
        self.init(depth: step.depth, kind: step.kind.rawValue, child: LineageNode(step.child), parent: LineageNode(step.parent))
    }
}

extension LineageNode {
    init(_ label: RevisionLabel) {
        self.init(kind: label.repo.kind.rawValue, repo: label.repo.path, commit: label.commit.hex, version: label.version?.text)
    }
}

extension LockInfo {
    init(_ lock: LockFacts) {
        self.init(
            digest: lock.digest.description, name: lock.name, registered: lock.created.description, by: lock.by,
            models: lock.revisions.map { "\($0.repo)@\($0.commit)" })
    }
}

extension CollectReport {
    init(_ outcome: CollectOutcome, isDryRun: Bool) {
        self.init(
            dryRun: isDryRun, blobs: outcome.blobs, condemned: outcome.condemned.map(\.description), condemnedBytes: outcome.condemnedBytes,
            restored: outcome.restored, purged: outcome.purged, purgedBytes: outcome.purgedBytes, expiredUploads: outcome.expiredUploads,
            spared: outcome.spared, xorbs: outcome.xorbs, reformed: outcome.reformed)
    }
}

extension VerifyReport {
    init(_ outcome: VerifyOutcome) {
        self.init(
            blobs: outcome.blobs, bytes: outcome.bytes, damaged: outcome.damaged.map(\.description), missing: outcome.missing.map(\.description),
            chainIntact: outcome.isChainIntact, problems: outcome.problems)
    }
}
