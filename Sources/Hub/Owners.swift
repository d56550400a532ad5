import Catalog
package import Core

extension Hub {
    /// Makes a namespace; whoever makes it becomes its admin.
    package func createOwner(_ name: OwnerName, by who: Principal) async throws -> OwnerFacts {
        let me = try who.requireUser()
        guard me.ceiling >= .writer else { throw HubError(.notPermitted, "a reader token cannot make a namespace") }
        return try await change(by: who) { tx in
            let id = try tx.addOwner(name, isUser: false)
            let owner = OwnerFacts(id: id, name: name.text, isUser: false)
            try tx.setRole(.admin, of: me.id, named: me.name, inOwner: owner)
            return owner
        }
    }

    package func owner(_ name: OwnerName, for who: Principal) throws -> (owner: OwnerFacts, repos: Int) {
        try catalog.read { rows in
            guard let owner = try rows.owner(name) else { throw HubError.unknownOwner(name) }
            return (owner, try rows.visibleRepoCount(owner: owner.id, user: who.userID, seesAll: who.seesAll))
        }
    }

    package func owners(after: String, limit: Int, for who: Principal) throws -> [(owner: OwnerFacts, repos: Int)] {
        try catalog.read { rows in
            try rows.owners(after: after, limit: limit).map {
                ($0, try rows.visibleRepoCount(owner: $0.id, user: who.userID, seesAll: who.seesAll))
            }
        }
    }

    package func members(of owner: OwnerName, by who: Principal) throws -> [MemberFacts] {
        try catalog.read { rows in try rows.members(ofOwner: rows.administered(owner, by: who).id) }
    }

    package func members(of repo: RepoName, by who: Principal) throws -> [MemberFacts] {
        try catalog.read { rows in try rows.members(ofRepo: rows.repo(repo, for: who, as: .admin).id) }
    }

    /// nil takes the role away.
    package func setRole(_ role: Role?, of user: OwnerName, in owner: OwnerName, by who: Principal) async throws {
        try await change(by: who) { tx in
            let owner = try tx.rows.administered(owner, by: who)
            try tx.setRole(role, of: try tx.rows.user(user), named: user.text, inOwner: owner)
        }
    }

    package func setRole(_ role: Role?, of user: OwnerName, in repo: RepoName, by who: Principal) async throws {
        try await change(by: who) { tx in
            let repo = try tx.rows.repo(repo, for: who, as: .admin)
            try tx.setRole(role, of: try tx.rows.user(user), named: user.text, in: repo)
        }
    }
}

extension Snapshot {
    fileprivate func administered(_ name: OwnerName, by who: Principal) throws -> OwnerFacts {
        let me = try who.requireUser()
        guard let owner = try owner(name) else { throw HubError.unknownOwner(name) }
        guard let role = who.effective(try role(of: me.id, inOwner: owner.id)), role == .admin else {
            throw HubError(.notPermitted, "\(me.name) is not an admin of \(name)")
        }
        return owner
    }

    fileprivate func user(_ name: OwnerName) throws -> Int64 {
        guard let id = try userID(named: name) else {
            throw HubError(.unknownOwner, "there is no user \(name); a site admin makes one with 'grayling token create --user \(name)'")
        }
        return id
    }

    /// The namespace, if `who` may make repos in it. A site admin's mention of a new one makes it.
    func ownerForNewRepo(_ name: OwnerName, by who: Principal) throws -> OwnerFacts? {
        let me = try who.requireUser()
        guard me.ceiling >= .writer else {
            throw HubError(.notPermitted, "this token only reads; making a repo needs a token of the role writer")
        }
        guard let owner = try owner(name) else {
            if me.isSiteAdmin { return nil }
            throw HubError(
                .unknownOwner, "there is no owner \(name); make it first (POST /hub/v1/owners), or publish under your own name, \(me.name)")
        }
        guard let role = who.effective(try role(of: me.id, inOwner: owner.id)), role >= .writer else {
            throw HubError(.notPermitted, "\(me.name) may not make repos under \(name); ask one of its admins for the role writer")
        }
        return owner
    }
}

extension HubError {
    static func unknownOwner(_ name: OwnerName) -> HubError { HubError(.unknownOwner, "there is no owner \(name) here") }
}
