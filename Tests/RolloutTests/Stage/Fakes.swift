import Core
import Release
import Rollout
import Synchronization

/// A gateway that keeps the newest route and counts what it was told, and whose requests a test makes up.
final class FakeTraffic: TrafficDriver {
    struct State: Sendable {
        var routes: [EndpointName: TrafficRoute] = [:]
        /// Every route that came into effect, oldest first.
        var history: [TrafficRoute] = []
        var replicas: [BackendID: [ReplicaAddress]] = [:]
        var reports: [TrafficReport] = []
        var usage: [Usage] = []
        var tenants: [Tenant] = []
        var inFlight: [BackendID: Int] = [:]
        var refuses: HubError?
        var applies = 0
        /// Called before and after each effect.
        var boundary: (@Sendable () -> Void)?
    }
    let state = Mutex(State())

    var capabilities: TrafficCapabilities { .embedded }

    func apply(_ route: TrafficRoute) async throws {
        let boundary = state.withLock { $0.boundary }
        boundary?()
        defer { boundary?() }
        try state.withLock { state in
            if let refusal = state.refuses { throw refusal }
            state.applies += 1
            // The contract: an older generation and the same again change nothing.
            guard state.routes[route.endpoint].map({ route.generation > $0.generation }) ?? true else { return }
            state.routes[route.endpoint] = route
            state.history.append(route)
        }
    }
    func remove(_ endpoint: EndpointName) async throws { state.withLock { $0.routes[endpoint] = nil } }
    func setReplicas(_ replicas: [ReplicaAddress], of backend: BackendID) async { state.withLock { $0.replicas[backend] = replicas } }

    func route(_ name: String) -> TrafficRoute? { state.withLock { $0.routes.first { $0.key.text == name }?.value } }
    func weight(_ name: String) -> Int { route(name)?.target(.candidate)?.weight ?? 0 }
    func takeReports() -> [TrafficReport] {
        state.withLock { state in
            defer { state.reports = [] }
            return state.reports
        }
    }
}

/// Model servers that are ready, warm and checked at once, or fail as a test says.
final class FakeReplicas: ReplicaDriver {
    enum Order: Equatable, Sendable { case start(BackendID, isPreparing: Bool), drain(BackendID), stop(BackendID) }
    struct State: Sendable {
        var orders: [Order] = []
        var running: Set<BackendID> = []
        /// Backends whose preparation ends so; others succeed.
        var failures: [BackendID: (ReplicaReport.PrepareFailure, String)] = [:]
        var isSilent = false
        var neverDrains = false
        var report: (@Sendable (ReplicaReport) -> Void)?
        /// Called before and after each effect.
        var boundary: (@Sendable () -> Void)?
    }
    let state = Mutex(State())

    private func say(_ report: ReplicaReport) { state.withLock { $0.report }?(report) }

    func start(_ order: BackendOrder) async {
        let boundary = state.withLock { $0.boundary }
        boundary?()
        defer { boundary?() }
        let (failure, isSilent) = state.withLock { state -> ((ReplicaReport.PrepareFailure, String)?, Bool) in
            state.orders.append(.start(order.backend, isPreparing: order.preparation != nil))
            state.running.insert(order.backend)
            return (state.failures[order.backend], state.isSilent)
        }
        if isSilent { return }
        if let failure, order.preparation != nil { return say(.failed(order.backend, failure.0, failure.1)) }
        serve(order.backend)
        if order.preparation != nil {
            say(.ready(order.backend))
            say(.warmed(order.backend))
            say(.checked(order.backend))
        }
    }
    func serve(_ backend: BackendID) { say(.serving(backend, [ReplicaAddress(slot: 0, host: "127.0.0.1", port: 1)])) }
    func tell(_ report: ReplicaReport) { say(report) }

    func drain(_ backend: BackendID, deadline: Milliseconds) async {
        let boundary = state.withLock { $0.boundary }
        boundary?()
        defer { boundary?() }
        let never = state.withLock { state in
            state.orders.append(.drain(backend))
            return state.neverDrains
        }
        if never { return }
        say(.serving(backend, []))
        say(.drained(backend, atDeadline: false))
    }
    func stop(_ backend: BackendID) async {
        let boundary = state.withLock { $0.boundary }
        boundary?()
        defer { boundary?() }
        state.withLock { state in
            state.orders.append(.stop(backend))
            state.running.remove(backend)
        }
        say(.serving(backend, []))
    }
    func wake(_ backend: BackendID) {}
    func replicas() async -> [ReplicaFacts] { [] }

    func adopt(_ wanted: [BackendOrder]) async {
        state.withLock { $0.running = Set(wanted.map(\.backend)) }
        for order in wanted { serve(order.backend) }
    }
    var orders: [Order] { state.withLock { $0.orders } }
    var running: Set<BackendID> { state.withLock { $0.running } }
}

/// Answers errands as a test says, and keeps them.
final class FakeCourier: Courier {
    struct State: Sendable {
        var errands: [Errand] = []
        var outcomes: [String: ErrandOutcome] = [:]
        var standard = ErrandOutcome.answered(200)
    }
    let state = Mutex(State())
    func run(_ errand: Errand) async -> ErrandOutcome {
        state.withLock { state in
            state.errands.append(errand)
            return state.outcomes[errand.url] ?? state.standard
        }
    }
    var errands: [Errand] { state.withLock { $0.errands } }
    func answer(_ url: String, _ outcome: ErrandOutcome) { state.withLock { $0.outcomes[url] = outcome } }
}
