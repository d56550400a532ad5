// Bodies of our HTTP API; see Types.swift for the units.

package struct WhoAmI: Codable, Hashable, Sendable {
    package var user: String
    package var isSiteAdmin: Bool
    /// The most this token allows: reader, writer or admin.
    package var role: String
    /// Name of the token in use.
    package var token: String

    package init(user: String, isSiteAdmin: Bool, role: String, token: String) {
        self.user = user
        self.isSiteAdmin = isSiteAdmin
        self.role = role
        self.token = token
    }
}

package struct NewToken: Codable, Hashable, Sendable {
    /// What it is for.
    package var name: String
    /// Reader, writer (default) or admin.
    package var role: String?
    /// Absent: never.
    package var expiresInSeconds: Int64?
    /// For whom; another than yourself needs a site admin, and a new name makes a new user.
    package var user: String?

    package init(name: String, role: String? = nil, expiresInSeconds: Int64? = nil, user: String? = nil) {
        self.name = name
        self.role = role
        self.expiresInSeconds = expiresInSeconds
        self.user = user
    }
}

package struct TokenInfo: Codable, Hashable, Sendable {
    package var id: String
    package var name: String
    package var user: String
    package var role: String
    package var created: String
    package var expires: String?
    /// To the hour.
    package var lastUsed: String?

    package init(
        id: String, name: String, user: String, role: String, created: String, expires: String? = nil, lastUsed: String? = nil
    ) {
        self.id = id
        self.name = name
        self.user = user
        self.role = role
        self.created = created
        self.expires = expires
        self.lastUsed = lastUsed
    }
}

package struct CreatedToken: Codable, Hashable, Sendable {
    /// Shown this once; only its hash is stored.
    package var secret: String
    package var token: TokenInfo

    package init(secret: String, token: TokenInfo) {
        self.secret = secret
        self.token = token
    }
}

package struct NewOwner: Codable, Hashable, Sendable {
    package var name: String

    package init(name: String) {
        self.name = name
    }
}

package struct OwnerInfo: Codable, Hashable, Sendable {
    package var name: String
    /// User or organisation.
    package var kind: String
    /// Repos you can see.
    package var repos: Int

    package init(name: String, kind: String, repos: Int) {
        self.name = name
        self.kind = kind
        self.repos = repos
    }
}

package struct MemberInfo: Codable, Hashable, Sendable {
    package var user: String
    /// Reader, writer or admin.
    package var role: String

    package init(user: String, role: String) {
        self.user = user
        self.role = role
    }
}

package struct SetRole: Codable, Hashable, Sendable {
    /// Reader, writer or admin.
    package var role: String

    package init(role: String) {
        self.role = role
    }
}

package struct EventInfo: Codable, Hashable, Sendable {
    package var sequence: Int64
    package var at: String
    package var actor: String
    package var action: String
    package var repo: String?
    package var detail: [String: String]
    package var previousHash: String
    /// SHA-256 of the row and of the hash before.
    package var hash: String

    package init(
        sequence: Int64, at: String, actor: String, action: String, repo: String? = nil, detail: [String: String], previousHash: String, hash: String
    ) {
        self.sequence = sequence
        self.at = at
        self.actor = actor
        self.action = action
        self.repo = repo
        self.detail = detail
        self.previousHash = previousHash
        self.hash = hash
    }
}
