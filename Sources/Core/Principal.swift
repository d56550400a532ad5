/// What somebody may do, in one repo, in one owner's namespace, or with one token.
package enum Role: String, Hashable, Sendable, Comparable, CaseIterable {
    case reader, writer, admin

    package init(parsing text: some StringProtocol) throws(HubError) {
        guard let role = Self(rawValue: String(text)) else {
            throw HubError(.invalidRequest, "'\(text)' is not a role: expected reader, writer or admin")
        }
        self = role
    }
    private var rank: Int { Self.allCases.firstIndex(of: self)! }
    package static func < (a: Role, b: Role) -> Bool { a.rank < b.rank }
}

/// Who is asking: nobody in particular, or a user through a token that may narrow what they
/// are allowed to do.
package struct Principal: Hashable, Sendable {
    package struct User: Hashable, Sendable {
        package let id: Int64
        package let name: String
        /// May do everything, everywhere.
        package let isSiteAdmin: Bool
        /// The most that the token in use allows.
        package let ceiling: Role
        package init(id: Int64, name: String, isSiteAdmin: Bool, ceiling: Role) {
            self.id = id
            self.name = name
            self.isSiteAdmin = isSiteAdmin
            self.ceiling = ceiling
        }
    }
    package let user: User?
    package init(user: User?) { self.user = user }
    package static let anonymous = Principal(user: nil)

    /// The name that events and commits carry.
    package var name: String { user?.name ?? "anonymous" }

    /// The role that is left of `granted` after the token's ceiling, or nil for a stranger.
    package func effective(_ granted: Role?) -> Role? {
        guard let user else { return nil }
        if user.isSiteAdmin { return min(.admin, user.ceiling) }
        return granted.map { min($0, user.ceiling) }
    }
}

/// What the rules of permission need to know of a repo.
package struct RepoAccess: Hashable, Sendable {
    package let repo: RepoName
    package let isPrivate: Bool
    /// The best role the user holds here, by repo or by owner; nil for a stranger.
    package let granted: Role?
    package init(repo: RepoName, isPrivate: Bool, granted: Role?) {
        self.repo = repo
        self.isPrivate = isPrivate
        self.granted = granted
    }

    /// Throws unless `who` may act here as `role`. To strangers a private repo does not exist.
    package func require(_ role: Role, for who: Principal) throws(HubError) {
        let has = who.effective(granted)
        if isPrivate, has == nil { throw HubError.unknownRepo(repo) }
        if role == .reader { return }
        guard let user = who.user else { throw HubError.signInNeeded }
        guard let has, has >= role else {
            throw HubError(
                .notPermitted,
                "\(user.name) may not do this in \(repo): it needs the role \(role.rawValue)"
                    + (user.ceiling < role ? ", and this token allows only \(user.ceiling.rawValue)" : "; ask an admin of \(repo.owner)"))
        }
    }
}

extension HubError {
    package static func unknownRepo(_ repo: RepoName) -> HubError {
        HubError(
            .unknownRepo, "there is no \(repo.kind.rawValue) \(repo) here that you can see; check the name, or sign in with a token that may read it")
    }
    package static let signInNeeded = HubError(
        .unauthenticated, "this needs a token: run 'grayling login', set GRAYLING_TOKEN, or send 'Authorization: Bearer …'")
}
