import Catalog
package import Core
import GitObjects

extension Hub {
    /// Begins a branch anew: one commit without a parent, with the files of its head. Older
    /// revisions stay as long as a version, an alias, a lock or lineage names them.
    package func squash(_ branch: RefName, of name: RepoName, message: String, by who: Principal) async throws -> RevisionFacts {
        try check(message: message)
        let branch = branch.asBranch
        return try await change(by: who) { tx in
            let repo = try tx.rows.repo(name, for: who, as: .writer)
            guard let ref = try tx.rows.ref(branch, in: repo.id), ref.kind == .branch else {
                throw HubError.unknownName(branch, .branch, of: repo.name)
            }
            guard let head = try tx.rows.revision(id: ref.revision) else { throw HubError.unknownName(branch, .branch, of: repo.name) }
            let message = message.isEmpty ? "Super-squash branch '\(branch)'" : message
            let squashed = try tx.addRoot(of: head, to: repo, branch, message: message, by: who)
            if squashed.id != head.id { try tx.moveRef(ref, to: squashed, in: repo) }
            return squashed
        }
    }

    /// Makes a repo with the files that the head of another has, without copying bytes.
    package func duplicateRepo(_ source: RepoName, to name: RepoName, isPrivate: Bool?, by who: Principal) async throws -> RepoFacts {
        try await change(by: who) { tx in
            let source = try tx.rows.repo(source, for: who)
            let made = try tx.createRepo(name, isPrivate: isPrivate ?? source.isPrivate, description: source.description, by: who)
            if let head = try tx.rows.revision(.main, in: source.id) {
                let copy = try tx.addRoot(of: head, to: made, .main, message: "Duplicate \(source.name)", by: who)
                try tx.addRef(.main, .branch, to: copy, in: made)
            }
            guard let repo = try tx.rows.repo(id: made.id) else { throw HubError.unknownRepo(name) }
            return repo
        }
    }

    func check(message: String) throws(HubError) {
        guard message.utf8.count <= limits.message, !message.utf8.contains(0) else {
            throw HubError(.tooLarge, "a message has at most \(limits.message) bytes and no NUL")
        }
    }
}

extension Transaction {
    /// A revision without parents over the files of another.
    fileprivate func addRoot(of head: RevisionFacts, to repo: RepoFacts, _ branch: RefName, message: String, by who: Principal) throws
        -> RevisionFacts
    {
        let signature = GitSignature(name: who.name, email: "\(who.name)@users.noreply.localhost", seconds: now.seconds)
        let commit = GitCommit(tree: head.tree, parents: [], author: signature, committer: signature, message: message)
        let id = try addRevision(
            RevisionDraft(
                repo: repo.id, commit: commit.id, raw: commit.bytes, manifest: head.manifest, parents: [], author: signature.name,
                message: commit.message), tree: head.treeRow)
        guard let revision = try rows.revision(id: id) else { throw HubError(.internalError, "the new revision cannot be read back") }
        try record(
            "revision.published", repo: repo.name,
            [
                "commit": revision.commit.hex, "branch": branch.text, "version": "", "manifest": revision.manifest.hex,
                "files": "\(revision.files)", "size": "\(revision.size)"
            ])
        return revision
    }
}
