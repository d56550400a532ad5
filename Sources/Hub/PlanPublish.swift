import Blobs
import Catalog
package import Core

package struct PublishPlanFacts: Sendable {
    /// What is to be sent, each digest once, in the order of the files.
    package let missing: [Digest]
    package let present: Int
}

extension Hub {
    /// Says what has to be sent before these files can be published, and keeps what is here from
    /// collection meanwhile. What somebody could not read counts as missing for them: the answer
    /// tells nothing about other people's private files.
    package func planPublish(_ files: [DraftFile], to name: RepoName, by who: Principal) async throws -> PublishPlanFacts {
        let user = try who.requireUser()
        try check(files)
        let digests = Self.unique(files)
        let readable = try await change(by: who) { tx in
            try tx.rows.requireMayPublish(to: name, by: who)
            try tx.lease(digests, user: user.id, hasBytes: false, until: tx.now.adding(seconds: Self.leaseSeconds))
            return Set(try tx.rows.readable(digests, user: user.id, seesAll: who.seesAll, now: tx.now).keys)
        }
        // What a row names and damage took away is asked for again: publishing heals the store.
        let absent = Set(try await blobs.missing(from: Array(readable)))
        let missing = digests.filter { !readable.contains($0) || absent.contains($0) }
        return PublishPlanFacts(missing: missing, present: digests.count - missing.count)
    }

    /// The digests of files, each once, in the order of the files.
    static func unique(_ files: [DraftFile]) -> [Digest] {
        var seen: Set<Digest> = []
        return files.map(\.digest).filter { seen.insert($0).inserted }
    }

    /// The rules that a list of files must keep, whichever door it came through.
    func check(_ files: [DraftFile]) throws(HubError) {
        guard !files.isEmpty else { throw HubError(.invalidRequest, "there is nothing to publish: the list of files is empty") }
        guard files.count <= limits.filesPerRevision else {
            throw HubError(.tooLarge, "a revision has at most \(limits.filesPerRevision) files, not \(files.count)")
        }
        for file in files where file.size < 0 || file.size > limits.fileSize {
            throw HubError(.tooLarge, "'\(file.path)' has \(file.size) bytes; a file has 0 to \(limits.fileSize)")
        }
        try FilePath.checkTogether(files.map(\.path))
    }
}

extension Snapshot {
    /// The repo's rules, where `who` can tell that it is there. A private repo of others is refused
    /// in the words for one that does not exist, also to whoever tries to publish to it.
    func visible(_ name: RepoName, for who: Principal) throws -> RepoAccess? {
        guard let found = try access(name, user: who.userID), found.access.isOpen(to: who) else { return nil }
        return found.access
    }

    /// Throws unless `who` may publish here: as a writer of the repo, or by being allowed to make it.
    func requireMayPublish(to name: RepoName, by who: Principal) throws {
        if let access = try visible(name, for: who) {
            try access.require(.writer, for: who)
        } else {
            _ = try ownerForNewRepo(name.owner, by: who)
        }
    }
}
