import Catalog
package import Core
import GitObjects
import NIOCore

/// Changes to the files of a branch that become one commit.
package struct ChangeSet: Sendable {
    package var repo: RepoName
    package var branch: RefName
    package var changes: [FileChange]
    package var message = ""
    /// 5 to 40 digits of the commit that the branch must be at; nil takes it as it is.
    package var parent: String?

    package init(repo: RepoName, branch: RefName = .main, changes: [FileChange]) {
        self.repo = repo
        self.branch = branch
        self.changes = changes
    }
}

extension Hub {
    /// Each time somebody else was first, so with fewer at once than this everybody gets through.
    private static let mostAttempts = 64

    /// Applies changes to the head of a branch. Files that no change names keep their storage, git
    /// ids and modes. Without a parent it is repeated on a head that moved meanwhile, until it
    /// lands; with one that is `.headMoved`. Where nothing changes, the head is the answer.
    package func commit(_ set: ChangeSet, by who: Principal) async throws -> PublishedRevision {
        let user = try who.requireUser()
        guard set.changes.count <= limits.filesPerRevision else {
            throw HubError(.tooLarge, "a commit has at most \(limits.filesPerRevision) changes, not \(set.changes.count); commit in parts")
        }
        var attempt = 1
        while true {
            let draft = try await draft(of: set, by: who)
            do {
                return try await publish(draft, as: user, by: who)
            } catch let error as HubError where error.code == .headMoved && attempt < Self.mostAttempts {
                attempt += 1
            }
        }
    }

    /// Throws unless `who` may commit to the branch: before a long body is read.
    package func requireMayCommit(to branch: RefName, of repo: RepoName, by who: Principal) throws {
        _ = try who.requireUser()
        _ = try catalog.read { try $0.headToChange(branch.asBranch, of: repo, parent: nil, by: who) }
    }

    /// Throws unless `who` may change the repo at all.
    package func requireMayWrite(to repo: RepoName, by who: Principal) throws {
        _ = try catalog.read { try $0.repo(repo, for: who, as: .writer) }
    }

    private func draft(of set: ChangeSet, by who: Principal) async throws -> PublishDraft {
        let unsized = set.changes.compactMap { change -> Digest? in
            if case .add(_, let digest, nil, _) = change { digest } else { nil }
        }
        var (head, files, name) = try catalog.read { rows in
            let (repo, head) = try rows.headToChange(set.branch.asBranch, of: set.repo, parent: set.parent, by: who)
            let entries = try head.map { try rows.files(tree: $0.treeRow) } ?? []
            let sizes = try rows.readable(unsized, user: who.userID, seesAll: who.seesAll, now: clock()).mapValues(\.size)
            var files = ChangingFiles(entries)
            try files.apply(set.changes, sizes: sizes) { path, spec in
                guard let revision = try spec.map({ try rows.revision($0, of: repo) }) ?? head,
                    let entry = try rows.file(path, tree: revision.treeRow)
                else { throw HubError(.unknownFile, "there is no file '\(path)' to copy\(spec.map { " at \($0)" } ?? "")") }
                return entry
            }
            return (head, files, repo.name)
        }
        try await addAttributes(to: &files, by: who)
        let result = files.result
        var draft = PublishDraft(repo: name, files: result.files)
        draft.kept = result.kept
        draft.mayBeEmpty = true
        draft.branch = set.branch.asBranch
        draft.message = set.message
        draft.expectedHead = head.map { .commit($0.commit) } ?? .absent
        draft.createRepo = false
        return draft
    }

    /// Git must know that a large file is one: what no line of `.gitattributes` speaks of gets a line.
    private func addAttributes(to files: inout ChangingFiles, by who: Principal) async throws {
        let large = files.touched.filter { path in
            switch files.item(at: path) {
            case .new(let file): file.size > 0 && file.storage == .lfs
            case .kept(let entry): entry.storage == .lfs
            case nil: false
            }
        }
        let path = try FilePath(parsing: ".gitattributes")
        guard !large.subtracting([path]).isEmpty else { return }
        var text: [UInt8] = []
        switch files.item(at: path) {
        case .kept(let entry): text = try await attributesText(entry.digest, size: entry.size)
        case .new(let file): text = try await attributesText(file.digest, size: file.size)
        case nil: break
        }
        guard let added = GitAttributes.addingLFS(large.subtracting([path]), to: text) else { return }
        let stored = try await store([ByteBuffer(bytes: added)], by: who)[0]
        files.place(.new(DraftFile(path: path, size: stored.size, digest: stored.digest, storage: .regular)), at: path)
    }
}

extension Snapshot {
    /// The repo and the head of a branch that `who` may commit to; no head where `main` has none yet.
    func headToChange(
        _ branch: RefName, of name: RepoName, parent: String?, by who: Principal
    ) throws -> (repo: RepoFacts, head: RevisionFacts?) {
        let repo = try repo(name, for: who, as: .writer)
        guard let ref = try ref(branch, in: repo.id) else {
            guard branch == .main else { throw HubError.unknownRevision(.name(branch), of: repo.name) }
            if let parent { throw HubError.notAtParent(parent, head: nil, branch, of: repo.name) }
            return (repo, nil)
        }
        guard ref.kind == .branch else {
            throw HubError(
                .invalidRequest,
                "\(repo.name)@\(branch) is \(ref.kind == .alias ? "an alias" : "a version"); only branches can be committed to, such as main")
        }
        if let parent, !ref.commit.hex.hasPrefix(parent.lowercased()) {
            throw HubError.notAtParent(parent, head: ref.commit, branch, of: repo.name)
        }
        return (repo, try revision(id: ref.revision))
    }
}

extension HubError {
    fileprivate static func notAtParent(_ parent: String, head: GitID?, _ branch: RefName, of repo: RepoName) -> HubError {
        HubError(
            .headMoved,
            "\(repo)@\(branch) is at \(head?.hex ?? "no revision") now, not at \(FilePath.printable(parent)); look at what was committed meanwhile, then commit again",
            details: ["head": head?.hex ?? ""])
    }
}
