import Core
import Hub
import Hummingbird
import Wire

extension HuggingFaceRoutes {
    static let identityRoutes: [(method: String, pattern: String, value: Handler)] = [
        ("GET", "/api/whoami-v2", { try $0.whoAmI() }),
        ("GET", "/api/users/{owner}/overview", { try $0.overview(isUser: true) }),
        ("GET", "/api/organizations/{owner}/overview", { try $0.overview(isUser: false) }),
        ("GET", "/api/settings/repositories", { try $0.ownRepos() }),
        (
            "GET", inRepo("/auth-check"),
            { call in
                _ = try call.hub.repo(try call.repo, for: call.who)
                return .done
            }
        ),
        (
            "GET", inRepo("/auth-check/write"),
            { call in
                _ = try call.hub.repo(try call.repo, for: call.who)
                try call.hub.requireMayWrite(to: try call.repo, by: call.who)
                return .done
            }
        )
    ]
}

extension Call {
    fileprivate func whoAmI() throws -> Response {
        guard let user = who.user, let secret = Credentials.token(from: request.headers) else { throw HubError.signInNeeded }
        let organisations = try hub.memberships(of: who).map { membership in
            JSON.object([
                ("type", .text("org")), ("name", .text(membership.owner)), ("fullname", .text(membership.owner)),
                ("roleInOrg", .text(Self.roleInOrganisation(membership.role)))
            ])
        }
        let token = JSON.object([
            ("displayName", .text(try hub.principal(secret: secret).tokenName)), ("role", .text(user.ceiling == .reader ? "read" : "write"))
        ])
        return .json(
            .object([
                ("type", .text("user")), ("id", .text(String(user.id))), ("name", .text(user.name)), ("fullname", .text(user.name)),
                ("isPro", .bool(false)), ("orgs", .list(organisations)),
                ("auth", .object([("type", .text("access_token")), ("accessToken", token)]))
            ]))
    }

    private static func roleInOrganisation(_ role: Role) -> String {
        switch role {
        case .reader: "read"
        case .writer: "write"
        case .admin: "admin"
        }
    }

    fileprivate func overview(isUser: Bool) throws -> Response {
        let name = try OwnerName(parsing: try value("owner"))
        let owner = try hub.owner(name, for: who).owner
        guard owner.isUser == isUser else {
            throw HubError(.unknownOwner, "\(owner.name) is \(owner.isUser ? "a user, not an organisation" : "an organisation, not a user")")
        }
        let first: [(String, JSON?)] =
            isUser
            ? [("user", .text(owner.name)), ("fullname", .text(owner.name)), ("type", .text("user"))]
            : [("name", .text(owner.name)), ("fullname", .text(owner.name)), ("type", .text("org"))]
        return .json(.object(first + [("isPro", .bool(false))]))
    }

    /// Everything in the caller's own namespace.
    fileprivate func ownRepos() throws -> Response {
        guard let user = who.user else { throw HubError.signInNeeded }
        let owner = try OwnerName(parsing: query["namespace"] ?? user.name)
        let repos = try RepoKind.allCases.flatMap {
            try hub.repos($0, owner: owner, search: nil, before: nil, beforeID: .max, limit: 1000, for: who)
        }
        let sizes = try repos.map { try hub.storedBytes(of: $0) }
        let total = max(1, sizes.reduce(0, +))
        return .json(
            .list(
                zip(repos, sizes).map { repo, size in
                    .object([
                        ("id", .text(repo.name.path)), ("type", .text(repo.name.kind.rawValue)), ("updatedAt", .text(repo.updated.description)),
                        ("visibility", .text(repo.isPrivate ? "private" : "public")), ("storage", .int(size)),
                        ("storagePercent", .int(size * 100 / total))
                    ])
                }))
    }
}
