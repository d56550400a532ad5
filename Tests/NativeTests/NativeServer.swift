import Core
import Native
import TestKit
import Wire

typealias NativeServer = DialectServer

extension DialectServer {
    /// The hub behind its HTTP API alone.
    /// - Parameter lean: whether blob and file reads are answered on the event loop, as in service,
    ///   or by the framework's road alone.
    static func run<T: Sendable>(
        lean: Bool = true, limits: Limits = Limits(), _ body: @escaping @Sendable (NativeServer) async throws -> T
    ) async throws -> T {
        try await run(
            limits: limits, dialects: { [NativeRoutes(hub: $0.hub, facts: NativeFacts(version: "9.9.9"), serving: .pretended($0.hub))] },
            readers: { lean ? [FileReader(NativeFiles(hub: $0.hub), surface: $1)] : [] }, body)
    }
}
