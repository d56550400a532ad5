package import Core
import Hub
import Hummingbird
import Logging
import NIOCore
import NIOPosix
package import Native
import ServiceLifecycle
package import Wire

/// A hub behind some dialects, put together as in service, on a free port, as long as the closure
/// runs.
package struct DialectServer: Sendable {
    package let test: TestHub
    package let port: Int

    /// - Parameters:
    ///   - dialects: in the order in which they are asked whose an address is.
    ///   - readers: what answers on the event loop; none leaves everything to the framework's road.
    package static func run<T: Sendable>(
        limits: Limits = Limits(), dialects make: (TestHub) -> [any Dialect],
        readers: (TestHub, Metrics.Surface) -> [any LeanReader] = { _, _ in [] },
        _ body: @escaping @Sendable (DialectServer) async throws -> T
    ) async throws -> T {
        let test = try await TestHub(limits: limits)
        let metrics = Metrics()
        let surface = metrics.surface("test")
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let router = Router(context: WireContext.self)
        let dialects = Dialects(make(test))
        dialects.receive(on: router, principal: { try test.hub.principal(secret: $0).principal }) { error, id in
            NativeProblem.response(error, requestID: id)
        }
        dialects.mount(on: router)
        let rules = ConnectionRules(
            readers: readers(test, surface), metrics: metrics, surface: { _ in surface }, pool: .singleton, logger: logger)
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let (ports, bound) = AsyncStream<Int>.makeStream()
        let server = makeHTTPServer(
            router.buildResponder(), listen: ListenAddress(host: "127.0.0.1", port: 0), rules: rules, loops: loops, onBound: { bound.yield($0) })
        let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
        let running = Task { try await group.run() }
        guard let port = await ports.first(where: { _ in true }) else { throw CancellationError() }
        let result: Result<T, any Error>
        do { result = .success(try await body(DialectServer(test: test, port: port))) } catch { result = .failure(error) }
        await group.triggerGracefulShutdown()
        try await running.value
        try await loops.shutdownGracefully()
        await test.close()
        return try result.get()
    }

    package func ask(
        _ method: String, _ target: String, as secret: String? = nil, headers: [(String, String)] = [], body: String = ""
    ) async throws -> HTTPProbe.Answer {
        try await ask(method, target, as: secret, headers: headers, bytes: Array(body.utf8))
    }

    package func ask(
        _ method: String, _ target: String, as secret: String? = nil, headers: [(String, String)] = [], bytes: [UInt8]
    ) async throws -> HTTPProbe.Answer {
        try await HTTPProbe.ask(
            port: port, target, method: method, headers: headers + (secret.map { [("Authorization", "Bearer \($0)")] } ?? []), body: bytes)
    }
}
