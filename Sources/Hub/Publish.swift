import Blobs
import Catalog
package import Core
import GitObjects
import Hashing

/// A revision as its publisher wants it. Every door gathers one of these.
package struct PublishDraft: Sendable {
    package var repo: RepoName
    package var files: [DraftFile]
    package var branch = RefName.main
    package var version: RefName?
    package var message = ""
    package var expectedHead: ExpectedHead = .any
    package var bases: [LineageClaim] = []
    package var createRepo = true
    package var isPrivate = false
    package var authorName: String?
    package var authorEmail: String?
    /// Seconds since 1970 for the commit; nil takes the clock's.
    package var date: Int64?
    /// The same key and request again get the same answer.
    package var idempotencyKey: String?
    /// Those of `files` that a revision of the repo holds just so: they are not looked at again, and
    /// keep their storage and git ids.
    var kept: [FilePath: FileEntry] = [:]
    /// Whether a revision without files is meant.
    var mayBeEmpty = false

    package enum ExpectedHead: Hashable, Sendable {
        case any, absent
        case commit(GitID)
    }

    package init(repo: RepoName, files: [DraftFile]) {
        self.repo = repo
        self.files = files
    }
}

package struct PublishedRevision: Sendable {
    package let named: NamedRevision
    package let version: RefName?
    /// False where nothing had changed and the head stands.
    package let wasNew: Bool
}

extension Hub {
    /// Gives uploaded blobs a name that will never change: all of them or none.
    package func publish(_ draft: PublishDraft, by who: Principal) async throws -> PublishedRevision {
        let user = try who.requireUser()
        var draft = draft
        draft.branch = draft.branch.asBranch
        return try await publish(draft, as: user, by: who)
    }

    func publish(_ draft: PublishDraft, as user: Principal.User, by who: Principal) async throws -> PublishedRevision {
        try check(draft)
        // Asked before the stored answer is shown: whoever lost the right to publish lost that too.
        try catalog.read { try $0.requireMayPublish(to: draft.repo, by: who) }
        if let answer = try storedAnswer(to: draft, user: user.id) { return answer }
        let tree = try await checkedTree(of: draft, by: who)
        probe.reached(.publishChecked)
        let manifest = Self.manifestDigest(of: tree)
        let folders = tree.folders.map(FolderDraft.init)
        probe.reached(.publishNamed)

        let outcome = try await change(by: who) { [self] tx in
            // Asked again inside: the same request may have come twice at the same time.
            if let known = try tx.knownAnswer(to: draft, user: user.id) { return known }
            let outcome = try tx.commit(draft, folders: folders, manifest: manifest, by: who)
            probe.reached(.publishInTransaction)
            return outcome
        }
        probe.reached(.publishCommitted)
        return try answer(outcome.id, draft, wasNew: outcome.wasNew)
    }

    private func check(_ draft: PublishDraft) throws(HubError) {
        if !draft.files.isEmpty || !draft.mayBeEmpty { try check(draft.files) }
        guard draft.message.utf8.count <= limits.message, !draft.message.utf8.contains(0) else {
            throw HubError(.tooLarge, "a message has at most \(limits.message) bytes and no NUL")
        }
        guard draft.bases.count <= 64 else { throw HubError(.tooLarge, "a revision has at most 64 bases") }
        if let key = draft.idempotencyKey, !(1...128).contains(key.utf8.count) || !key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            throw HubError(.invalidRequest, "an Idempotency-Key has 1 to 128 visible ASCII characters")
        }
    }

    /// Every blob must be here, readable by the publisher, and of the announced size. Then the
    /// files become folders with their genuine git ids.
    func checkedTree(of draft: PublishDraft, by who: Principal) async throws -> BuiltTree {
        let new = draft.kept.isEmpty ? draft.files : draft.files.filter { draft.kept[$0.path] == nil }
        let known = try await checkedBlobs(of: new, by: who)
        let attributes = try await attributes(of: draft.files)
        var entries = draft.kept
        var gitIDs: [Digest: GitID] = [:]
        for file in new {
            let storage = StorageRule.storage(for: file, attributes: attributes, asked: file.storage)
            let id: GitID
            if storage == .lfs {
                id = LFSPointer(digest: file.digest, size: file.size).id
            } else if let known = gitIDs[file.digest] ?? known[file.digest]?.gitID {
                id = known
            } else {
                id = try await blobs.gitBlobID(of: file.digest)
            }
            if storage == .regular { gitIDs[file.digest] = id }
            entries[file.path] = FileEntry(
                path: file.path, size: file.size, digest: file.digest, isExecutable: file.isExecutable, storage: storage, gitID: id)
        }
        let decided = entries
        return try TreeBuilder().build(
            files: draft.files, storage: { decided[$0.path]?.storage ?? .regular },
            gitID: { file in decided[file.path]?.gitID ?? LFSPointer(digest: file.digest, size: file.size).id })
    }

    private func checkedBlobs(of files: [DraftFile], by who: Principal) async throws -> [Digest: (size: Int64, gitID: GitID?)] {
        let digests = Self.unique(files)
        let known = try catalog.read { rows in
            try rows.readable(digests, user: who.userID, seesAll: who.seesAll, now: clock())
        }
        let missing = Set(digests.filter { known[$0] == nil } + (try await blobs.missing(from: digests.filter { known[$0] != nil })))
        guard missing.isEmpty else {
            let names = files.filter { missing.contains($0.digest) }.prefix(3).map { "'\($0.path)'" }.joined(separator: ", ")
            throw HubError(
                .blobsMissing,
                "\(missing.count) of \(digests.count) blobs are not here yet, such as that of \(names); send them first (PUT /hub/v1/blobs/<digest>), then publish again",
                details: ["missing": missing.sorted().map(\.description).joined(separator: ",")])
        }
        for file in files {
            guard let size = known[file.digest]?.size, size == file.size else {
                throw HubError(
                    .sizeMismatch, "'\(file.path)' is announced with \(file.size) bytes, but \(file.digest) has \(known[file.digest]?.size ?? 0)")
            }
        }
        return known
    }

    private func attributes(of files: [DraftFile]) async throws -> GitAttributes? {
        guard let file = files.first(where: { $0.path.text == ".gitattributes" }) else { return nil }
        return GitAttributes(parsing: String(decoding: try await attributesText(file.digest, size: file.size), as: UTF8.self))
    }

    /// The bytes of a root `.gitattributes`.
    func attributesText(_ digest: Digest, size: Int64) async throws -> [UInt8] {
        guard size <= 1 << 20 else { throw HubError(.tooLarge, "'.gitattributes' has more than 1 MiB; git would not read it either") }
        return try await blobs.bytes(of: digest, limit: 1 << 20)
    }

    static func manifestDigest(of tree: BuiltTree) -> Digest {
        let files = tree.folders.flatMap { folder in
            folder.children.compactMap { child -> FileEntry? in
                if case .file(let entry) = child.content { entry } else { nil }
            }
        }
        let hasher = StreamHasher()
        Manifest(files: files).forEachLine { hasher.update($0) }
        return Digest(bytes: hasher.finish())
    }

    private func storedAnswer(to draft: PublishDraft, user: Int64) throws -> PublishedRevision? {
        guard let known = try catalog.read({ try $0.knownAnswer(to: draft, user: user) }) else { return nil }
        return try answer(known.id, draft, wasNew: known.wasNew)
    }

    private func answer(_ id: Int64, _ draft: PublishDraft, wasNew: Bool) throws -> PublishedRevision {
        try catalog.read { rows in
            guard let revision = try rows.revision(id: id) else { throw HubError(.unknownRevision, "the revision just published was deleted") }
            return PublishedRevision(
                named: NamedRevision(revision: revision, refs: try rows.refs(of: id)), version: draft.version, wasNew: wasNew)
        }
    }
}

extension PublishDraft {
    /// What two requests with one Idempotency-Key must agree in.
    var fingerprint: Digest {
        let hasher = StreamHasher()
        hasher.update("\(repo.kind) \(repo) \(branch) \(version?.text ?? "-") \(message.utf8.count):\(message) \(expectedHead)\n")
        for base in bases { hasher.update("\(base.parent):\(base.kind)\n") }
        for file in files {
            hasher.update("\(file.digest.hex) \(file.size) \(file.isExecutable)\(file.storage.map { " \($0)" } ?? "") \(file.path)\n")
        }
        return Digest(bytes: hasher.finish())
    }
}

extension Snapshot {
    /// The revision that answered the same request before, if it came with a key.
    func knownAnswer(to draft: PublishDraft, user: Int64) throws -> (id: Int64, wasNew: Bool)? {
        guard let key = draft.idempotencyKey, let stored = try storedAnswer(user: user, key: key) else { return nil }
        guard stored.request == draft.fingerprint else {
            throw HubError(.idempotencyConflict, "the Idempotency-Key was used for another request; use a new key for a new publish")
        }
        return (stored.revision, stored.wasNew)
    }
}

extension Transaction {
    func knownAnswer(to draft: PublishDraft, user: Int64) throws -> (id: Int64, wasNew: Bool)? { try rows.knownAnswer(to: draft, user: user) }
}

extension FolderDraft {
    init(_ folder: BuiltTree.Folder) {
        self.init(
            digest: folder.digest, gitID: folder.gitID, files: folder.fileCount, size: folder.size,
            children: folder.children.map { child in
                switch child.content {
                case .folder(let index): Child(name: String(child.name), content: .folder(index: index))
                case .file(let file):
                    Child(
                        name: String(child.name),
                        content: .file(
                            digest: file.digest, size: file.size, isExecutable: file.isExecutable, storage: file.storage, gitID: file.gitID))
                }
            })
    }
}
