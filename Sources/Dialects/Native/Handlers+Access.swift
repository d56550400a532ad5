import API
import Core
import Foundation
import Hub
import Hummingbird
import NIOCore
import NIOFoundationCompat
import Wire

extension NativeRoutes {
    static let serverHandlers: [Endpoint: Handler] = [
        .showServer: { call in
            try .json(
                ServerInfo(
                    name: "grayling", version: call.facts.version, resumableFrom: NativeFacts.resumableFrom, partSize: NativeFacts.partSize,
                    lfsThreshold: FileStorage.lfsThreshold))
        },
        .openAPI: { call in .text(ByteBuffer(data: try OpenAPI.document(version: call.facts.version)), type: "application/json") },
        .whoami: { call in
            guard let user = call.who.user, let secret = Credentials.token(from: call.request.headers) else { throw HubError.signInNeeded }
            let token = try call.hub.principal(secret: secret).tokenName
            return try .json(WhoAmI(user: user.name, isSiteAdmin: user.isSiteAdmin, role: user.ceiling.rawValue, token: token))
        },
        .listEvents: { call in
            let paging = try call.paging
            let kind: RepoKind = call.query("kind") == "dataset" ? .dataset : .model
            let repo = try call.query("repo").map { try RepoName(kind, parsing: $0) }
            let after = Int64(paging.after ?? "0") ?? 0
            let events = try call.hub.events(after: after, repo: repo, limit: paging.limit, for: call.who)
            return try .page(events.map(EventInfo.init), paging) { Paging.cursor(after: "\($0.sequence)") }
        }
    ]

    static let accessHandlers: [Endpoint: Handler] = [
        .createToken: { call in
            let body: NewToken = try await call.json()
            let made = try await call.hub.createToken(
                name: body.name, role: try body.role.map { try Role(parsing: $0) } ?? .writer, expiresInSeconds: body.expiresInSeconds,
                user: try body.user.map { try OwnerName(parsing: $0) }, by: call.who)
            return try .json(CreatedToken(secret: made.secret, token: TokenInfo(made.token)), status: 201)
        },
        .listTokens: { call in try .json(Page(items: call.hub.tokens(of: call.who).map(TokenInfo.init))) },
        .revokeToken: { call in
            guard let id = Int64(try call.value("id")) else {
                throw HubError(.unknownToken, "a token id is a number; 'grayling token list' shows yours")
            }
            try await call.hub.revokeToken(id, by: call.who)
            return .noContent
        },
        .createOwner: { call in
            let body: NewOwner = try await call.json()
            let owner = try await call.hub.createOwner(try OwnerName(parsing: body.name), by: call.who)
            return try .json(OwnerInfo(owner, repos: 0), status: 201)
        },
        .listOwners: { call in
            let paging = try call.paging
            let owners = try call.hub.owners(after: paging.after ?? "", limit: paging.limit, for: call.who)
            return try .page(owners.map { OwnerInfo($0.owner, repos: $0.repos) }, paging) { Paging.cursor(after: $0.name.lowercased()) }
        },
        .showOwner: { call in
            let found = try call.hub.owner(try OwnerName(parsing: call.value("owner")), for: call.who)
            return try .json(OwnerInfo(found.owner, repos: found.repos))
        },
        .listOwnerMembers: { call in
            try .json(Page(items: call.hub.members(of: try OwnerName(parsing: call.value("owner")), by: call.who).map(MemberInfo.init)))
        },
        .setOwnerMember: { call in
            let role = try Role(parsing: (try await call.json(SetRole.self)).role)
            let user = try OwnerName(parsing: call.value("user"))
            try await call.hub.setRole(role, of: user, in: try OwnerName(parsing: call.value("owner")), by: call.who)
            return try .json(MemberInfo(user: user.text, role: role.rawValue))
        },
        .removeOwnerMember: { call in
            let (user, owner) = (try OwnerName(parsing: call.value("user")), try OwnerName(parsing: call.value("owner")))
            try await call.hub.setRole(nil, of: user, in: owner, by: call.who)
            return .noContent
        },
        .listMembers: { call in try .json(Page(items: call.hub.members(of: call.repo, by: call.who).map(MemberInfo.init))) },
        .setMember: { call in
            let role = try Role(parsing: (try await call.json(SetRole.self)).role)
            let user = try OwnerName(parsing: call.value("user"))
            try await call.hub.setRole(role, of: user, in: try call.repo, by: call.who)
            return try .json(MemberInfo(user: user.text, role: role.rawValue))
        },
        .removeMember: { call in
            let user = try OwnerName(parsing: call.value("user"))
            try await call.hub.setRole(nil, of: user, in: try call.repo, by: call.who)
            return .noContent
        }
    ]
}
