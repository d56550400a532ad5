import Core
import Synchronization

/// What belongs to an endpoint and outlives its routes.
final class EndpointShared: Sendable {
    let name: EndpointName
    let shards: [Shard]
    let retries = Mutex(RetryBudget())
    let inFlight = Atomic<Int>(0)
    /// The last verdict of the load window: latencies may be compared now.
    let isLoadEqual = Atomic<Bool>(false)
    private let load = Mutex(LoadWindow())

    final class Shard: Sendable {
        let report = Mutex(ReportShard())
    }

    init(_ name: EndpointName, lanes: Int) {
        self.name = name
        shards = (0..<lanes).map { _ in Shard() }
    }

    func sample(_ route: EndpointRoute, at now: Nanoseconds) {
        guard route.route.release != nil, let candidate = route.side(.candidate), let partner = route.side(.control) ?? route.side(.stable) else {
            return isLoadEqual.store(false, ordering: .relaxed)
        }
        func ready(_ side: EndpointRoute.Side) -> Int { side.replicas.count { $0.isOpen(at: now) } }
        let sample = LoadWindow.Sample(
            candidateReplicas: ready(candidate), candidateWeight: candidate.target.weight,
            partnerReplicas: ready(partner), partnerWeight: partner.target.weight)
        let isEqual = load.withLock {
            $0.add(sample, at: now)
            return $0.isEqual
        }
        isLoadEqual.store(isEqual, ordering: .relaxed)
    }
}
