import Core
import Hub
import LFS
import TestKit
import Wire

extension DialectServer {
    /// A hub behind git-lfs: acme's public `whale` and `reef`, a dataset, and private `secret`; and
    /// eve's `squid`. The closure gets ada's token, who owns acme.
    static func run<T: Sendable>(
        xetToken: LFSRoutes.XetToken? = nil, _ body: @escaping @Sendable (DialectServer, _ ada: String) async throws -> T
    ) async throws -> T {
        try await run(dialects: { [LFSRoutes(hub: $0.hub, xetToken: xetToken)] }) { (server) async throws in
            let (hub, admin) = (server.test.hub, server.test.admin)
            let ada = try await server.test.token("ada")
            for (name, kind, isPrivate) in [("whale", RepoKind.model, false), ("reef", .dataset, false), ("secret", .model, true)] {
                _ = try await hub.createRepo(try server.test.repo("acme/\(name)", kind), isPrivate: isPrivate, description: "", by: admin)
            }
            try await hub.setRole(.admin, of: try OwnerName(parsing: "ada"), in: try OwnerName(parsing: "acme"), by: admin)
            let eve = try await server.test.user("eve", role: .admin)
            _ = try await hub.createRepo(try server.test.repo("eve/squid"), isPrivate: false, description: "", by: eve)
            return try await body(server, ada)
        }
    }

    /// A batch of objects by their contents.
    func batch(
        _ operation: String, _ objects: [(oid: String, size: Int)], transfers: [String] = [], repo: String = "acme/whale", as secret: String
    ) async throws -> HTTPProbe.Answer {
        let list = objects.map { "{\"oid\":\"\($0.oid)\",\"size\":\($0.size)}" }.joined(separator: ",")
        let kinds = transfers.map { "\"\($0)\"" }.joined(separator: ",")
        return try await ask(
            "POST", "/\(repo).git/info/lfs/objects/batch", as: secret,
            body: "{\"operation\":\"\(operation)\",\"transfers\":[\(kinds)],\"objects\":[\(list)]}")
    }
}

extension HTTPProbe.Answer {
    func json() throws -> JSONValue { try JSONValue(text) }
}

extension JSONValue {
    subscript(_ key: String) -> JSONValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }
    subscript(_ index: Int) -> JSONValue? {
        if case .list(let items) = self, items.indices.contains(index) { items[index] } else { nil }
    }
    var text: String? {
        if case .text(let text) = self { text } else { nil }
    }
    var keys: Set<String> {
        if case .object(let members) = self { Set(members.keys) } else { [] }
    }
    /// The path and query of an address of the server under test.
    var target: String? { text.map { String($0.dropFirst("http://localhost".count)) } }
}
