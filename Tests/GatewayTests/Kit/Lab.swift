import Core
import Gateway
import Hashing
import Logging
import NIOCore
import NIOPosix
import Release
import Synchronization

/// A gateway on a free port, with upstreams of the test's own. The endpoint is `chat` unless
/// said otherwise; `serve` gives a side its replicas, `route` puts a route into effect.
final class Lab: Sendable {
    let gateway: Gateway
    let port: Int
    let clock: TestClock
    private let generation = Atomic<Int64>(0)
    let woken: Woken
    /// Upstreams live as long as the gateway.
    private let kept = Mutex<[Upstream]>([])

    private init(gateway: Gateway, port: Int, clock: TestClock, woken: Woken) {
        self.gateway = gateway
        self.port = port
        self.clock = clock
        self.woken = woken
    }

    /// Backends that a request waits for.
    final class Woken: Sendable {
        private let all = Mutex<[BackendID]>([])
        var backends: [BackendID] { all.withLock { $0 } }
        func note(_ backend: BackendID) { all.withLock { $0.append(backend) } }
    }

    /// The machine's clocks, put forward as far as the test says.
    final class TestClock: Sendable {
        private let ahead = Atomic<Int64>(0)
        func forward(_ milliseconds: Int64) { ahead.wrappingAdd(milliseconds, ordering: .sequentiallyConsistent) }
        var steady: Nanoseconds { SteadyClock.read() + ahead.load(ordering: .sequentiallyConsistent) * 1_000_000 }
        var wall: Instant { Instant(milliseconds: SteadyClock.wall().milliseconds + ahead.load(ordering: .sequentiallyConsistent)) }
    }

    static let endpoint = name("chat")
    static let stable = backend(1)
    static let candidate = backend(2)
    static let control = backend(3)

    static func name(_ text: String) -> EndpointName {
        do { return try EndpointName(parsing: text) } catch { preconditionFailure("\(error)") }
    }
    static func digest(_ number: Int) -> Digest { sha256("\(number)") }
    static func sha256(_ text: String) -> Digest { Digest(of: text) }
    static func backend(_ number: Int) -> BackendID { BackendID(digest(number)) }

    static func run(
        loops: Int = 2, seed: UInt64 = 7, adjust: (inout GatewaySettings) -> Void = { _ in }, _ body: @Sendable (Lab) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        var logger = Logger(label: "gateway")
        logger.logLevel = .critical
        var settings = GatewaySettings(loops: group, hashKey: (11, 22), seed: seed, logger: logger)
        let clock = TestClock()
        settings.steadyClock = { clock.steady }
        settings.wallClock = { clock.wall }
        adjust(&settings)
        let woken = Woken()
        let gateway = Gateway(settings: settings, wake: { woken.note($0) })
        let port = try await gateway.listen()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(Lab(gateway: gateway, port: port, clock: clock, woken: woken)))
        } catch { result = .failure(error) }
        await gateway.stop(deadline: 0)
        try await group.shutdownGracefully()
        try result.get()
    }

    func connect(receiveBuffer: Int32? = nil) async throws -> Client { try await Client.connect(port, receiveBuffer: receiveBuffer) }

    /// One request over a connection of its own.
    func get(_ path: String = "/v1/endpoints/chat/x", fields: String = "") async throws -> Answer {
        let client = try await connect()
        try await client.send("GET \(path) HTTP/1.1\r\nHost: h\r\n\(fields)\r\n")
        return try await client.answer()
    }

    func post(_ path: String, _ body: String, fields: String = "") async throws -> Answer {
        let client = try await connect()
        try await client.send(Lab.posting(path, body, fields: fields))
        return try await client.answer(to: "POST")
    }

    static func posting(_ path: String, _ body: String, fields: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    func serve(_ backend: BackendID, _ upstreams: Upstream..., draining: Set<Int> = []) async {
        kept.withLock { $0 += upstreams }
        await serve(backend, ports: upstreams.map(\.port), draining: draining)
    }
    func serve(_ backend: BackendID, ports: [Int], draining: Set<Int> = []) async {
        let replicas = ports.enumerated().map {
            ReplicaAddress(slot: $0.offset, host: "127.0.0.1", port: $0.element, isDraining: draining.contains($0.offset))
        }
        await gateway.setReplicas(replicas, of: backend)
    }

    /// Puts a route of the next generation into effect: all to stable, or the candidate's share.
    @discardableResult
    func route(
        _ endpoint: EndpointName = Lab.endpoint, candidate weight: Int? = nil, change: (inout TrafficRoute) -> Void = { _ in }
    ) async throws -> TrafficRoute {
        var route = TrafficRoute(
            endpoint: endpoint, generation: generation.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue,
            targets: [RouteTarget(variant: .stable, backend: Lab.stable, weight: 10_000 - (weight ?? 0), version: "1.0.0", model: Lab.digest(100))])
        if let weight {
            route.targets.append(RouteTarget(variant: .candidate, backend: Lab.candidate, weight: weight, version: "1.1.0", model: Lab.digest(101)))
            route.release = ReleaseID(endpoint: endpoint, number: 1)
            route.salt = "\(endpoint)-1"
            route.objectives = [Objective(name: "errors")]
        }
        change(&route)
        try await gateway.apply(route)
        return route
    }

    /// One stable upstream behind `chat`.
    func simple(_ upstream: Upstream, change: (inout TrafficRoute) -> Void = { _ in }) async throws {
        await serve(Lab.stable, upstream)
        try await route(change: change)
    }

    /// Stable and candidate, told apart by what they say.
    func pair(_ weight: Int, change: (inout TrafficRoute) -> Void = { _ in }) async throws -> (stable: Upstream, candidate: Upstream) {
        let stable = try Upstream.saying("stable")
        let candidate = try Upstream.saying("candidate")
        await serve(Lab.stable, stable)
        await serve(Lab.candidate, candidate)
        try await route(candidate: weight, change: change)
        return (stable, candidate)
    }

    /// Reports until there are `count` observations, all together.
    func observations(_ count: Int) async throws -> [Observation] {
        let found = Shared<[Observation]>([])
        try await eventually("\(count) observations") {
            let more = self.gateway.takeReports().flatMap(\.observations)
            return found.withLock {
                $0 += more
                return $0.count >= count
            }
        }
        return found.withLock { $0 }
    }
}
