package import Core
package import Hub
package import Hummingbird
package import Wire

/// The Hub API as `huggingface_hub` and `transformers` speak it, and the addresses of its files.
package struct HuggingFaceRoutes: Dialect {
    typealias Handler = @Sendable (Call) async throws -> Response
    /// The Xet file id of a blob, where it has one.
    package typealias XetHash = @Sendable (_ digest: Digest, _ size: Int64) throws -> String?

    package let name = "huggingface"
    let hub: Hub
    package let xetHash: XetHash
    let weights = WeightsMemory()

    package init(hub: Hub, xetHash: @escaping XetHash) {
        self.hub = hub
        self.xetHash = xetHash
    }

    package func claims(_ path: Substring) -> Bool { HuggingFaceAddress.claims(path) }

    package func refusal(_ error: HubError, _ request: Request, _ context: WireContext) -> Response {
        Refusal.response(error, request, context)
    }

    package func answer(_ request: Request, _ context: WireContext) async throws -> Response {
        let method = request.method.rawValue
        let (handler, values) = try Self.table.value(
            method: method, path: request.uri.path, unserved: HuggingFaceAddress.unserved(method, request.uri.path))
        return try await handler(Call(self, request, context, values))
    }

    /// Every address with its method; conversations in the tests show each.
    static let routes: [(method: String, pattern: String, value: Handler)] =
        identityRoutes + listRoutes + infoRoutes + treeRoutes + refRoutes + repoRoutes + uploadRoutes + fileRoutes + largeFileRoutes
        + smallRoutes + unsupportedRoutes
    private static let table = PathTable(routes)

    /// Addresses of one repo: the pattern behind `/api/{kind}/{owner}/{name}`.
    static func inRepo(_ rest: String) -> String { "/api/{kind:models|datasets|spaces}/{owner}/{name}\(rest)" }

    /// Reads the cards of repos whose `main` moved; how many. For a housekeeping task.
    package func refreshCards(limit: Int) async throws -> Int { try await hub.refreshCards(limit: limit, readCard) }
}
