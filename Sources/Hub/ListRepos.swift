import Catalog
package import Core

extension Hub {
    /// A page of the repos that somebody may see, with what their cards say. Who asks is filled in here.
    package func repos(_ query: RepoQuery, for who: Principal) throws -> [(repo: RepoFacts, card: CardFacts?)] {
        var query = query
        query.user = who.userID
        query.seesAll = who.seesAll
        return try catalog.read { rows in try rows.repos(query).map { ($0, try rows.card(of: $0.id)?.facts) } }
    }

    /// The organisations that somebody belongs to.
    package func memberships(of who: Principal) throws -> [(owner: String, role: Role)] {
        let user = try who.requireUser()
        return try catalog.read { try $0.memberships(ofUser: user.id) }
    }

    /// Bytes of all that a repo holds, in all its revisions.
    package func storedBytes(of repo: RepoFacts) throws -> Int64 { try catalog.read { try $0.storedBytes(ofRepo: repo.id) } }

    /// The tags of visible repos with how many have them, most used first.
    package func tags(_ kind: RepoKind, limit: Int, for who: Principal) throws -> [(tag: String, repos: Int)] {
        try catalog.read { try $0.tags(kind, user: who.userID, seesAll: who.seesAll, limit: limit) }
    }
}
