import Core
import Hub
import Hummingbird
import Logging
import Native
import NIOCore
import NIOPosix
import ServiceLifecycle
import TestKit
import Wire

/// The hub behind its HTTP API, on a free port, as long as the closure runs.
struct NativeServer: Sendable {
    let test: TestHub
    let port: Int

    /// - Parameter lean: whether blob and file reads are answered on the event loop, as in service,
    ///   or by the framework's road alone.
    static func run<T: Sendable>(lean: Bool = true, limits: Limits = Limits(), _ body: @escaping @Sendable (NativeServer) async throws -> T)
        async throws -> T
    {
        let test = try await TestHub(limits: limits)
        let metrics = Metrics()
        let surface = metrics.surface("native")
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let router = Router(context: WireContext.self)
        router.add(middleware: Reception())
        router.add(middleware: ErrorHook { error, id in NativeProblem.response(error, requestID: id) })
        router.add(middleware: Door(hub: test.hub))
        NativeRoutes(hub: test.hub, facts: NativeFacts(version: "9.9.9")).mount(on: router)
        let rules = ConnectionRules(
            readers: lean ? [ReadFast(hub: test.hub, surface: surface)] : [], metrics: metrics, surface: { _ in surface }, pool: .singleton,
            logger: logger)
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let (ports, bound) = AsyncStream<Int>.makeStream()
        let server = makeHTTPServer(
            router.buildResponder(), listen: ListenAddress(host: "127.0.0.1", port: 0), rules: rules, loops: loops, onBound: { bound.yield($0) })
        let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
        let running = Task { try await group.run() }
        guard let port = await ports.first(where: { _ in true }) else { throw CancellationError() }
        let result: Result<T, any Error>
        do { result = .success(try await body(NativeServer(test: test, port: port))) } catch { result = .failure(error) }
        await group.triggerGracefulShutdown()
        try await running.value
        try await loops.shutdownGracefully()
        await test.close()
        return try result.get()
    }

    /// Who is asking, as the server's own door finds out.
    private struct Door: RouterMiddleware {
        typealias Context = WireContext
        let hub: Hub
        func handle(_ request: Request, context: WireContext, next: (Request, WireContext) async throws -> Response) async throws -> Response {
            if let secret = Credentials.token(from: request.headers) { context.principal = try hub.principal(secret: secret).principal }
            return try await next(request, context)
        }
    }

    func ask(_ method: String, _ target: String, as secret: String? = nil, headers: [(String, String)] = [], body: String = "") async throws
        -> HTTPProbe.Answer
    {
        try await HTTPProbe.ask(
            port: port, target, method: method, headers: headers + (secret.map { [("Authorization", "Bearer \($0)")] } ?? []), body: Array(body.utf8))
    }
}
