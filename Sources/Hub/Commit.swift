import Catalog
import Core
import GitObjects

extension Transaction {
    /// The rows of a publish: repo, folders, commit, branch, version, lineage and event.
    func commit(
        _ draft: PublishDraft, folders: [FolderDraft], manifest: Digest, by who: Principal
    ) throws -> (id: Int64, wasNew: Bool) {
        let user = try who.requireUser()
        let repo = try repoToPublish(to: draft, by: who)
        let branch = try rows.ref(draft.branch, in: repo.id)
        if let branch, branch.kind != .branch {
            throw HubError(.refExists, "\(repo.name)@\(draft.branch) is \(branch.kind == .alias ? "an alias" : "a version"), not a branch")
        }
        try check(draft.expectedHead, against: branch, draft, in: repo)

        let tree = try addTrees(folders)
        let head = try branch.flatMap { try rows.revision(id: $0.revision) }
        let isUnchanged = head?.treeRow == tree
        let id: Int64
        if let head, isUnchanged {
            id = head.id
        } else {
            id = try addRevision(commitDraft(of: draft, tree: folders[folders.count - 1].gitID, head: head, manifest, repo.id, who), tree: tree)
        }
        guard let revision = try rows.revision(id: id) else { throw HubError(.internalError, "the new revision cannot be read back") }

        if let branch {
            if branch.revision != id { try moveRef(branch, to: revision, in: repo) }
        } else {
            try addRef(draft.branch, .branch, to: revision, in: repo)
        }
        if let version = draft.version { try addRef(version, .version, to: revision, in: repo) }
        for claim in draft.bases {
            let base = try rows.repo(claim.parent.repo, for: who)
            try addLineage(child: id, parent: rows.revision(claim.parent.revision, of: base).id, kind: claim.kind)
        }
        if !isUnchanged {
            try record(
                "revision.published", repo: repo.name,
                [
                    "commit": revision.commit.hex, "branch": draft.branch.text, "version": draft.version?.text ?? "",
                    "manifest": manifest.hex, "files": "\(revision.files)", "size": "\(revision.size)"
                ])
        }
        if let key = draft.idempotencyKey { try storeAnswer(user: user.id, key: key, request: draft.fingerprint, revision: id) }
        return (id, !isUnchanged)
    }

    private func repoToPublish(to draft: PublishDraft, by who: Principal) throws -> RepoFacts {
        if try rows.visible(draft.repo, for: who) != nil { return try rows.repo(draft.repo, for: who, as: .writer) }
        guard draft.createRepo else { throw HubError.unknownRepo(draft.repo) }
        return try createRepo(draft.repo, isPrivate: draft.isPrivate, description: "", by: who)
    }

    private func check(_ expected: PublishDraft.ExpectedHead, against branch: RefFacts?, _ draft: PublishDraft, in repo: RepoFacts) throws {
        let isAsExpected =
            switch expected {
            case .any: true
            case .absent: branch == nil
            case .commit(let id): branch?.commit == id
            }
        guard isAsExpected else {
            throw HubError(
                .headMoved,
                "\(repo.name)@\(draft.branch) is at \(branch?.commit.hex ?? "no revision") now, not where you expected it; look at what was published meanwhile, then publish again",
                details: ["head": branch?.commit.hex ?? ""])
        }
    }

    /// The commit as git would make it. Its parent is the head as of this transaction.
    private func commitDraft(
        of draft: PublishDraft, tree: GitID, head: RevisionFacts?, _ manifest: Digest, _ repo: Int64, _ who: Principal
    ) -> RevisionDraft {
        let signature = GitSignature(
            name: draft.authorName ?? who.name, email: draft.authorEmail ?? "\(who.name)@users.noreply.localhost",
            seconds: draft.date ?? now.seconds)
        let message = draft.message.isEmpty ? "Publish \(draft.version?.text ?? "\(draft.files.count) files")" : draft.message
        let commit = GitCommit(tree: tree, parents: head.map { [$0.commit] } ?? [], author: signature, committer: signature, message: message)
        return RevisionDraft(
            repo: repo, commit: commit.id, raw: commit.bytes, manifest: manifest, parents: head.map { [$0.id] } ?? [],
            author: signature.name, message: commit.message)
    }
}
