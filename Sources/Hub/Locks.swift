import Catalog
package import Core
import Hashing

/// One revision that a lock names, with the manifest it must have.
package struct PinnedRevision: Hashable, Sendable {
    package let repo: RepoName
    package let commit: GitID
    package let manifest: Digest
    package init(repo: RepoName, commit: GitID, manifest: Digest) {
        self.repo = repo
        self.commit = commit
        self.manifest = manifest
    }
}

extension Hub {
    /// Registers a lock's bytes. From then on what it pins can be neither deleted nor collected.
    package func registerLock(_ bytes: [UInt8], name: String, pins: [PinnedRevision], by who: Principal) async throws -> LockFacts {
        let user = try who.requireUser()
        guard user.ceiling >= .writer else { throw HubError(.notPermitted, "this token only reads; registering a lock needs the role writer") }
        let digest = Digest(of: bytes)
        return try await change(by: who) { tx in
            let revisions = try pins.map { pin in
                let revision = try tx.rows.revision(.commit(pin.commit), of: tx.rows.repo(pin.repo, for: who))
                guard revision.manifest == pin.manifest else {
                    throw HubError(
                        .digestMismatch, "\(pin.repo)@\(pin.commit) has the manifest \(revision.manifest), the lock says \(pin.manifest); pin again")
                }
                return revision.id
            }
            try tx.addLock(digest, name: name, bytes: bytes, revisions: revisions, by: user.id)
            guard let lock = try tx.rows.lock(digest) else { throw HubError(.internalError, "the new lock cannot be read back") }
            // A release may have registered it before; from now on it stays without that release too.
            try tx.keepLockForPeople(lock.id)
            return lock.facts
        }
    }

    /// Locks whose every repo the asker may read: `limit` of them, or all that are left.
    package func locks(after: Int64, limit: Int, for who: Principal) throws -> [(id: Int64, facts: LockFacts)] {
        _ = try who.requireUser()
        return try catalog.read { rows in
            var found: [(id: Int64, facts: LockFacts)] = []
            var after = after
            while found.count < limit {
                let page = try rows.locks(after: after, limit: limit)
                for lock in page where found.count < limit {
                    after = lock.id
                    if try rows.maySee(lock.facts, who) { found.append((lock.id, lock.facts)) }
                }
                if page.count < limit { break }
            }
            return found
        }
    }

    package func lockBytes(_ digest: Digest, for who: Principal) throws -> [UInt8] {
        _ = try who.requireUser()
        return try catalog.read { rows in
            guard let lock = try rows.lock(digest), try rows.maySee(lock.facts, who), let bytes = try rows.lockBytes(digest) else {
                throw HubError.unknownLock(digest)
            }
            return bytes
        }
    }

    /// By whoever registered it, or a site admin.
    package func releaseLock(_ digest: Digest, by who: Principal) async throws {
        let user = try who.requireUser()
        try await change(by: who) { tx in
            guard let lock = try tx.rows.lock(digest), try tx.rows.maySee(lock.facts, who) else { throw HubError.unknownLock(digest) }
            guard lock.user == user.id || user.isSiteAdmin, user.ceiling >= .writer else {
                throw HubError(.notPermitted, "only \(lock.facts.by), who registered this lock, or a site admin can release it")
            }
            let holders = try tx.rows.holders(ofLock: lock.id)
            guard holders.isEmpty else {
                throw HubError(
                    .protected, "the lock '\(lock.facts.name)' cannot be released: \(holders.joined(separator: ", ")) may need it for a rollback",
                    details: ["holders": holders.joined(separator: ",")])
            }
            try tx.removeLock(lock.facts)
        }
    }
}

extension Snapshot {
    fileprivate func maySee(_ lock: LockFacts, _ who: Principal) throws -> Bool {
        try lock.revisions.allSatisfy { label in
            guard let found = try access(label.repo, user: who.userID) else { return false }
            return (try? found.access.require(.reader, for: who)) != nil
        }
    }
}

extension HubError {
    static func unknownLock(_ digest: Digest) -> HubError { HubError(.unknownLock, "no lock \(digest) is registered here that you can see") }
}
