package import Core
package import Hub
package import Hummingbird
package import Wire

/// The chunk store as `hf_xet`, git-xet and huggingface.js speak to it, and the addresses of the hub where
/// they ask for its tokens. To be asked before the Hugging Face dialect, which claims all of `/api/models`.
package struct XetRoutes: Dialect {
    typealias Handler = @Sendable (XetCall) async throws -> Response

    package let name = "xet"
    let hub: Hub

    package init(hub: Hub) { self.hub = hub }

    package func claims(_ path: Substring) -> Bool {
        path.hasPrefix("/xet/") || path == "/xet" || path == Self.telemetryPath || Self.isTokenPath(path)
    }

    /// Behind `/xet` and for telemetry a bearer token is not one of the hub's.
    package func readsTokens(_ path: Substring) -> Bool { Self.isTokenPath(path) }

    package func answer(_ request: Request, _ context: WireContext) async throws -> Response {
        let method = request.method.rawValue
        let (handler, values) = try Self.table.value(
            method: method, path: request.uri.path,
            unserved: HubError(.unknownEndpoint, "nothing is served for \(method) \(FilePath.printable(request.uri.path)); check the address"))
        return try await handler(XetCall(hub: hub, request: request, context: context, values: values))
    }

    package func refusal(_ error: HubError, _ request: Request, _ context: WireContext) -> Response {
        let path = request.uri.path[...]
        if Self.isTokenPath(path) { return XetRefusal.ofHub(error, request, context) }
        return XetRefusal.ofStore(error, request, isForBytes: path.hasSuffix("/v1/bytes"))
    }

    /// Every address with its method; conversations in the tests show each.
    static let routes: [(method: String, pattern: String, value: Handler)] = tokenRoutes + uploadRoutes + downloadRoutes + queryRoutes
    private static let table = PathTable(routes)

    /// Addresses of the chunk store: the pattern behind the address that a token comes with.
    static func inStore(_ rest: String) -> String { "/xet/{store}\(rest)" }

    /// Clients send this to the root of the host, wherever the store is mounted.
    static let telemetryPath = "/v1/telemetry"

    private static func isTokenPath(_ path: Substring) -> Bool {
        guard path.hasPrefix("/api/") else { return false }
        let parts = path.split(separator: "/", maxSplits: 5)
        return parts.count == 6 && (parts[1] == "models" || parts[1] == "datasets") && (parts[4] == "xet-read-token" || parts[4] == "xet-write-token")
    }
}
