import Catalog
package import Core
import GitObjects
package import NIOCore

extension Hub {
    package func createRepo(_ name: RepoName, isPrivate: Bool, description: String, by who: Principal) async throws -> RepoFacts {
        try Self.check(description: description)
        return try await change(by: who) { tx in
            try tx.createRepo(name, isPrivate: isPrivate, description: description, by: who)
        }
    }

    /// Makes a repo that has a first revision on `main`: both or neither.
    package func createRepo(
        _ name: RepoName, isPrivate: Bool, files: [(path: FilePath, content: ByteBuffer)], message: String, by who: Principal
    ) async throws -> RepoFacts {
        try catalog.read { rows in
            _ = try rows.ownerForNewRepo(name.owner, by: who)
            // Before bytes are stored for nothing; the transaction asks again.
            if let known = try rows.repo(name), known.name.folded == name.folded { throw HubError.repoExists(name) }
        }
        let stored = try await store(files.map(\.content), by: who)
        var draft = PublishDraft(
            repo: name,
            files: zip(files, stored).map { DraftFile(path: $0.path, size: $1.size, digest: $1.digest, storage: .regular) })
        draft.message = message
        draft.expectedHead = .absent
        draft.createRepo = false
        let tree = try await checkedTree(of: draft, by: who)
        let manifest = Self.manifestDigest(of: tree)
        let folders = tree.folders.map(FolderDraft.init)
        let first = draft
        return try await change(by: who) { tx in
            let made = try tx.createRepo(name, isPrivate: isPrivate, description: "", by: who)
            _ = try tx.commit(first, folders: folders, manifest: manifest, by: who)
            guard let repo = try tx.rows.repo(id: made.id) else { throw HubError.unknownRepo(name) }
            return repo
        }
    }

    package func repo(_ name: RepoName, for who: Principal) throws -> RepoFacts {
        try catalog.read { try $0.repo(name, for: who) }
    }

    package func repos(
        _ kind: RepoKind, owner: OwnerName?, search: String?, before: Instant?, beforeID: Int64, limit: Int, for who: Principal
    ) throws -> [RepoFacts] {
        let words = search.map(SearchWords.cut) ?? []
        if let search, !search.isEmpty, words.isEmpty { return [] }
        let filter = Snapshot.RepoFilter(kind: kind, owner: owner, words: words, user: who.userID, seesAll: who.seesAll)
        return try catalog.read { try $0.repos(filter, before: before, beforeID: beforeID, limit: limit) }
    }

    /// - Parameter expected: the generation last read; another one now is `.preconditionFailed`.
    package func changeRepo(
        _ name: RepoName, isPrivate: Bool?, description: String?, expected: GenerationCheck, by who: Principal
    ) async throws -> RepoFacts {
        if let description { try Self.check(description: description) }
        return try await change(by: who) { tx in
            let repo = try tx.rows.repo(name, for: who, as: .admin)
            try expected.check(repo.generation, of: repo.name.path)
            try tx.changeRepo(repo, isPrivate: isPrivate ?? repo.isPrivate, description: description ?? repo.description)
            return try tx.rows.repo(repo.name, for: who)
        }
    }

    package func moveRepo(_ name: RepoName, to new: RepoName, by who: Principal) async throws -> RepoFacts {
        try await change(by: who) { tx in
            let repo = try tx.rows.repo(name, for: who, as: .admin)
            let owner = try tx.ownerForNewRepo(new.owner, by: who)
            try tx.moveRepo(repo, to: new, owner: owner)
            return try tx.rows.repo(new, for: who)
        }
    }

    package func deleteRepo(_ name: RepoName, expected: GenerationCheck, by who: Principal) async throws {
        try await change(by: who) { tx in
            let repo = try tx.rows.repo(name, for: who, as: .admin)
            try expected.check(repo.generation, of: repo.name.path)
            try tx.removeRepo(repo, by: who)
        }
    }

    private static func check(description: String) throws(HubError) {
        guard description.utf8.count <= 4096 else { throw HubError(.tooLarge, "a description has at most 4096 bytes") }
    }
}

extension Transaction {
    func createRepo(_ name: RepoName, isPrivate: Bool, description: String, by who: Principal) throws -> RepoFacts {
        let owner = try ownerForNewRepo(name.owner, by: who)
        let id = try addRepo(name, owner: owner, isPrivate: isPrivate, description: description)
        guard let repo = try rows.repo(id: id) else { throw HubError.unknownRepo(name) }
        return repo
    }

    func ownerForNewRepo(_ name: OwnerName, by who: Principal) throws -> Int64 {
        if let owner = try rows.ownerForNewRepo(name, by: who) { return owner.id }
        let id = try addOwner(name, isUser: false)
        let me = try who.requireUser()
        try setRole(.admin, of: me.id, named: me.name, inOwner: OwnerFacts(id: id, name: name.text, isUser: false))
        return id
    }
}

extension HubError {
    static func repoExists(_ name: RepoName) -> HubError {
        HubError(.repoExists, "\(name) exists already, perhaps in other upper or lower case; choose another name")
    }
}

/// What `If-Match` asks of something that changes.
package enum GenerationCheck: Hashable, Sendable {
    case none
    /// Must exist, in whatever state.
    case exists
    case exactly(Int64)

    package func check(_ generation: Int64?, of what: String) throws(HubError) {
        switch self {
        case .none: return
        case .exists where generation != nil: return
        case .exactly(let expected) where generation == expected: return
        default:
            throw HubError(
                .preconditionFailed, "\(what) has changed since you read it; read it again and decide anew",
                details: ["etag": generation.map { "\"\($0)\"" } ?? ""])
        }
    }
}
