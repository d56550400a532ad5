import API
package import Core
package import Hub
package import Hummingbird
package import Wire

/// Serves every endpoint of the table, below `/hub/v1`.
package struct NativeRoutes: Dialect {
    typealias Handler = @Sendable (Call) async throws -> Response

    package let name = "native"
    let hub: Hub
    let facts: NativeFacts
    let serving: NativeServing
    private let table = PathTable(
        Endpoint.all.map { ($0.method, $0.pattern.replacing("{kind}", with: "{kind:models|datasets}"), $0) })

    package init(hub: Hub, facts: NativeFacts, serving: NativeServing = NativeServing()) {
        self.hub = hub
        self.facts = facts
        self.serving = serving
    }

    package func claims(_ path: Substring) -> Bool { path == "/hub/v1" || path.hasPrefix("/hub/v1/") }

    package func refusal(_ error: HubError, _ request: Request, _ context: WireContext) -> Response {
        NativeProblem.response(error, requestID: context.requestID)
    }

    /// Endpoints of the table that nothing answers; a test holds it empty.
    package static var unserved: [String] { Endpoint.all.filter { handlers[$0] == nil }.map { "\($0.method) \($0.pattern)" } }

    package func answer(_ request: Request, _ context: WireContext) async throws -> Response {
        let method = request.method.rawValue
        let unserved = HubError(.unknownEndpoint, "nothing is served for \(method) \(request.uri.path); /hub/v1/openapi.json lists what is")
        let (endpoint, values) = try table.value(method: method, path: request.uri.path, unserved: unserved)
        guard let handler = Self.handlers[endpoint] else { throw unserved }
        if endpoint.access == .signedIn || endpoint.access == .siteAdmin, context.principal.user == nil { throw HubError.signInNeeded }
        return try await handler(
            Call(hub: hub, facts: facts, serving: serving, request: request, context: context, endpoint: endpoint, values: values))
    }

    private static let handlers: [Endpoint: Handler] =
        serverHandlers
        .merging(accessHandlers) { first, _ in first }
        .merging(repoHandlers) { first, _ in first }
        .merging(revisionHandlers) { first, _ in first }
        .merging(refHandlers) { first, _ in first }
        .merging(publishHandlers) { first, _ in first }
        .merging(lineageHandlers) { first, _ in first }
        .merging(careHandlers) { first, _ in first }
        .merging(endpointHandlers) { first, _ in first }
        .merging(planHandlers) { first, _ in first }
        .merging(releaseHandlers) { first, _ in first }
        .merging(runningHandlers) { first, _ in first }
        .merging(tenantHandlers) { first, _ in first }
}
